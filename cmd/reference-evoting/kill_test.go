package main

import (
	"bufio"
	"crypto/rand"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/board"
	"scrutineer/reference-evoting/service/client"
	"scrutineer/reference-evoting/service/folder"
	"scrutineer/reference-evoting/service/roles"
	"scrutineer/reference-evoting/service/rolestest"
	"scrutineer/reference-evoting/weakness"
)

// serve starts `reference-evoting serve` as a process and returns where it
// listens.
func serve(t *testing.T, args ...string) (cmd *exec.Cmd, public, port string) {
	t.Helper()
	self, err := exec.LookPath("reference-evoting") // testscript.Main put it there
	if err != nil {
		t.Fatal(err)
	}
	cmd = exec.Command(self, append([]string{"serve", "--manage", "127.0.0.1:0", "--rate-factor", "0"}, args...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill() })
	lines := bufio.NewScanner(out)
	for public == "" && lines.Scan() {
		word, place, _ := strings.Cut(lines.Text(), " ")
		switch word {
		case "manage":
			port = place
		case "public":
			public = strings.TrimPrefix(place, "http://")
		}
	}
	if public == "" || port == "" {
		t.Fatal("the authority does not say where it listens")
	}
	return cmd, public, port
}

// caster casts for one voter again and again, until he is told to stop or the
// authority is gone.
type caster struct {
	voter  string
	last   manage.Decide       // the decision whose outcome is unknown, or the last one
	choice map[string][]string // of the last ballot that was, or may be, acknowledged
}

func (c *caster) run(t *testing.T, s *rolestest.Stage, acknowledged func(), stop <-chan struct{}) {
	for i := 0; ; i++ {
		select {
		case <-stop:
			return
		default:
		}
		choice := map[string][]string{"council": {[]string{"ana", "bo", "cleo"}[i%3]}}
		e, err := client.Call[manage.Encrypted](s.Ctx, s.Ports["voter"], http.MethodPost, manage.PathEncrypt, manage.Encrypt{Voter: c.voter, Choices: choice})
		if err != nil {
			return // the ballot may wait in the box: nothing was decided
		}
		c.last, c.choice = manage.Decide{Voter: c.voter, Handle: e.Handle}, choice
		a, err := client.Call[manage.Answer](s.Ctx, s.Ports["voter"], http.MethodPost, manage.PathCast, c.last)
		if err != nil {
			t.Error(err)
			return
		}
		switch a.Outcome {
		case manage.OutcomeOK:
			acknowledged()
		case manage.OutcomeUnknown:
			return
		default:
			t.Errorf("%s: %+v", c.voter, a)
			return
		}
	}
}

// The authority is killed while five voters cast as fast as they can. What it
// had acknowledged stands, at its promised place, once; what was unknown is
// settled by asking again.
func TestKilledAuthorityLosesNothing(t *testing.T) {
	s := rolestest.New(t)
	dir := t.TempDir()
	election := filepath.Join(dir, "election")
	draft := manage.Draft{Ceremony: 1, Manifest: s.Manifest}
	_, voters := rolestest.Definition(3)
	for _, v := range voters {
		draft.Roll = append(draft.Roll, manage.RollLine{ID: v.ID, Style: v.Style, Unit: v.Unit, Weight: v.Weight})
	}
	if err := folder.Create(election, draft, folder.Secrets{Seed: rolestest.Seed}, rand.Reader); err != nil {
		t.Fatal(err)
	}
	args := []string{"--election", election, "--state", filepath.Join(dir, "authority"), "--seed", string(rolestest.Seed)}
	cmd, address, _ := serve(t, append(args, "--listen", "127.0.0.1:0")...)
	s.Connect(address)
	for i := 1; i <= 3; i++ {
		s.Witness(i)
		s.Trustee(i, true)
	}
	s.Registrar()
	s.Voter()
	s.Phase(message.PhaseVoting)

	var count atomic.Int64
	enough, stop := make(chan struct{}), make(chan struct{})
	acknowledged := func() {
		if count.Add(1) == 25 {
			close(enough)
		}
	}
	casters := make([]*caster, len(voters))
	var wg sync.WaitGroup
	for i, v := range voters {
		casters[i] = &caster{voter: v.ID}
		wg.Go(func() { casters[i].run(t, s, acknowledged, stop) })
	}
	select {
	case <-enough:
	case <-s.Ctx.Done():
		t.Fatal("too few casts")
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	close(stop)
	wg.Wait()
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) {
		t.Fatalf("the authority was not killed: %v", err)
	}

	_, _, port := serve(t, append(args, "--listen", address)...)
	want := map[string]uint64{}
	for i, c := range casters {
		if c.last.Handle == "" {
			continue
		}
		a := rolestest.Ask[manage.Answer](s, "voter", http.MethodPost, manage.PathCast, c.last)
		if a.Outcome != manage.OutcomeOK {
			t.Errorf("%s asks again: %+v", c.voter, a)
		}
		found := rolestest.Ask[manage.Checked](s, "voter", http.MethodPost, manage.PathCheck, manage.Check{Voter: c.voter, Wait: 20})
		if len(found.Findings) > 0 || found.Pending > 0 {
			t.Errorf("%s: %+v", c.voter, found)
		}
		want[c.choice["council"][0]] += voters[i].Weight
	}
	management, err := client.New(client.Config{URL: port, Transport: &http.Transport{}})
	if err != nil {
		t.Fatal(err)
	}
	defer management.Close()
	s.Ports["authority"] = management
	conclude(t, s, want)
}

// conclude closes the election and holds its result and its record to what is
// known.
func conclude(t *testing.T, s *rolestest.Stage, want map[string]uint64) {
	t.Helper()
	rolestest.Ask[message.Appended](s, "authority", http.MethodPost, manage.PathClose, message.CloseChannel{Channel: "online"})
	s.Phase(message.PhaseDecrypting)
	for _, role := range []string{"trustee/t1", "trustee/t3"} {
		if d := rolestest.Ask[manage.Decrypted](s, role, http.MethodPost, manage.PathDecrypt, nil); d.Answer.Outcome != manage.OutcomeOK {
			t.Fatalf("%s: %+v", role, d)
		}
	}
	st := s.Phase(message.PhasePublished)
	if _, err := s.Client().Await(s.Ctx, st.Size); err != nil {
		t.Fatal(err)
	}
	if v, err := roles.Audit(s.Ctx, s.Export(), st.Fingerprint, weakness.Set{}); err != nil || !v.Accepted {
		t.Errorf("%+v, %v", v, err)
	}
	raw, err := board.Entry(s.Ctx, s.Client().Reader(), st.Size-1)
	if err != nil {
		t.Fatal(err)
	}
	e, err := message.DecodeEntry(raw)
	if err != nil {
		t.Fatal(err)
	}
	r, err := codec.Decode[message.Result](e.Body, codec.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Contests[0].Totals; !slices.Equal(got, []uint64{want["ana"], want["bo"], want["cleo"], 0}) {
		t.Errorf("totals %v, want %v", got, want)
	}
}
