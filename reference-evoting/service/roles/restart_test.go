package roles_test

import (
	"context"
	"net"
	"net/http"
	"path/filepath"
	"testing"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/board"
	"scrutineer/reference-evoting/service/client"
	"scrutineer/reference-evoting/service/roles"
	"scrutineer/reference-evoting/service/rolestest"
	"scrutineer/reference-evoting/service/tiles"
	"scrutineer/reference-evoting/service/web"
	"scrutineer/reference-evoting/weakness"
)

// Every role ends in the middle of the election and is started again.
func TestRestartInTheMiddle(t *testing.T) {
	s := rolestest.New(t)
	s.All()
	s.Phase(message.PhaseVoting)
	handle := rolestest.Ask[manage.Encrypted](s, "voter", http.MethodPost, manage.PathEncrypt, manage.Encrypt{Voter: "voter-0", Choices: map[string][]string{"council": {"ana"}}}).Handle
	decide := manage.Decide{Voter: "voter-0", Handle: handle}
	first := rolestest.Ask[manage.Answer](s, "voter", http.MethodPost, manage.PathCast, decide)

	for _, role := range []string{"trustee/t1", "trustee/t2", "witness/w1", "witness/w2", "registrar", "authority"} {
		s.End(role)
	}
	s.Authority()
	s.Witness(1)
	s.Witness(2)
	s.Trustee(1, true)
	s.Trustee(2, true)
	s.Registrar()

	if again := rolestest.Ask[manage.Answer](s, "voter", http.MethodPost, manage.PathCast, decide); string(again.Body) != string(first.Body) || again.Outcome != manage.OutcomeOK {
		t.Errorf("the same decision gets %+v, had %+v", again, first)
	}
	if c := rolestest.Ask[manage.Checked](s, "voter", http.MethodPost, manage.PathCheck, manage.Check{Voter: "voter-0", Wait: 20}); len(c.Findings) > 0 || c.Pending > 0 {
		t.Errorf("%+v", c)
	}
	rolestest.Ask[message.Appended](s, "authority", http.MethodPost, manage.PathClose, message.CloseChannel{Channel: "online"})
	s.Phase(message.PhaseDecrypting)
	for _, role := range []string{"trustee/t1", "trustee/t2"} {
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
}

// A board that starts again has forgotten a cosignature that was one too few. The
// witness that gave it hands it in again.
func TestWitnessHandsInAgain(t *testing.T) {
	s := rolestest.New(t)
	s.Authority()
	// The first head on offer is that of the empty board, and no other while it
	// lacks cosignatures.
	if _, err := s.Client().AwaitPending(s.Ctx, 1); err != nil {
		t.Fatal(err)
	}
	s.Witness(1)
	for rolestest.Ask[manage.Status](s, "witness/w1", http.MethodGet, manage.PathStatus, nil).Size == 0 {
		if s.Ctx.Err() != nil {
			t.Fatal("the first witness cosigns nothing")
		}
	}
	s.End("authority")
	s.Authority()
	s.Witness(2)
	raw, err := s.Client().Await(s.Ctx, 1)
	if err != nil {
		t.Fatalf("the head is never published: %v", err)
	}
	if c, err := board.PeekCheckpoint(raw); err != nil || c.Size != 1 {
		t.Errorf("%+v, %v", c, err)
	}
}

// What a mirror serves is the board, byte for byte.
func TestMirror(t *testing.T) {
	s := rolestest.New(t)
	s.All()
	signer, err := board.NewSigner(s.Manifest.Board.Origin, rolestest.Seed.Signing(message.RoleBoard, ""))
	if err != nil {
		t.Fatal(err)
	}
	store, err := tiles.Open(s.Ctx, tiles.Config{Dir: filepath.Join(t.TempDir(), "copy"), Signer: signer, Copy: true})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close(context.Background())
	pipe := web.NewPipe()
	s.Launch("mirror", func(ctx context.Context, port net.Listener) error {
		return roles.RunMirror(ctx, roles.MirrorConfig{Manifest: s.Manifest, Client: s.Client(), Store: store, Listener: pipe, Manage: port})
	})
	size := s.Phase(message.PhaseVoting).Size
	if _, err := store.Await(s.Ctx, size); err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{DialContext: pipe.DialContext}
	defer transport.CloseIdleConnections()
	copied, err := client.New(client.Config{URL: "http://mirror", Transport: transport})
	if err != nil {
		t.Fatal(err)
	}
	read := func(c *client.Client) (out []string) {
		t.Helper()
		if _, err := c.Reader().Await(s.Ctx, size); err != nil {
			t.Fatal(err)
		}
		err := c.Reader().Entries(s.Ctx, 0, size, func(_ uint64, raw []byte) error {
			out = append(out, string(raw))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	a, b := read(s.Client()), read(copied)
	if len(a) != int(size) || len(a) != len(b) {
		t.Fatalf("%d and %d entries", len(a), len(b))
	}
	for i := range a {
		if a[i] != b[i] {
			t.Errorf("entry %d differs", i)
		}
	}
	if st := rolestest.Ask[manage.Status](s, "mirror", http.MethodGet, manage.PathStatus, nil); st.Size < size || st.Fault != "" {
		t.Errorf("%+v", st)
	}
	s.End("mirror")
}

func TestAuditorAnswers(t *testing.T) {
	s := rolestest.New(t)
	s.Launch("auditor", func(ctx context.Context, port net.Listener) error {
		return roles.RunAuditor(ctx, roles.AuditorConfig{Manage: port})
	})
	v := rolestest.Ask[manage.Verdict](s, "auditor", http.MethodPost, manage.PathVerify, manage.Verify{
		Files: []manage.File{{Path: "checkpoint", Content: codec.HexBytes("nonsense")}},
	})
	if v.Accepted || len(v.Findings) == 0 || v.Findings[0].Check != "V-02" {
		t.Errorf("%+v", v)
	}
}
