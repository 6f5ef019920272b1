package roles_test

import (
	"bytes"
	"context"
	"crypto/cipher"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
	"scrutineer/protocols/record"
	"scrutineer/reference-evoting/board"
	"scrutineer/reference-evoting/keys"
	"scrutineer/reference-evoting/registrar"
	"scrutineer/reference-evoting/service/api"
	"scrutineer/reference-evoting/service/client"
	"scrutineer/reference-evoting/service/keystore"
	"scrutineer/reference-evoting/service/roles"
	"scrutineer/reference-evoting/service/web"
	"scrutineer/reference-evoting/weakness"
)

const seed = keys.Seed("roles-test")

// definition is a small election: two contests, two units, five voters.
func definition(witnesses int) (message.Manifest, []registrar.Voter) {
	m := message.Manifest{
		Protocol: message.Protocol, Suite: message.Suite, Title: "Test", Test: true,
		Board:    message.Board{Origin: "scrutineer.test/roles"},
		Channels: []message.Channel{{ID: "online", Kind: message.ChannelOnline, Opens: 1_700_000_000, Closes: 4_000_000_000}},
		Contests: []message.Contest{
			{ID: "council", Kind: message.KindHomomorphic, Min: 0, Max: 2, Blank: true, Title: "Council",
				Method:  message.Method{Kind: message.MethodPlurality, Seats: 2},
				Options: []message.Option{{ID: "ana", Title: "Ana"}, {ID: "bo", Title: "Bo"}, {ID: "cleo", Title: "Cleo"}}},
			{ID: "bridge", Kind: message.KindHomomorphic, Min: 0, Max: 1, Title: "Bridge",
				Method:  message.Method{Kind: message.MethodPlurality, Seats: 1},
				Options: []message.Option{{ID: "yes", Title: "Yes"}, {ID: "no", Title: "No"}}},
		},
		Styles:      []message.Style{{ID: "all", Contests: []string{"council", "bridge"}}, {ID: "some", Contests: []string{"council"}}},
		Units:       []message.Unit{{ID: "north", Title: "North"}, {ID: "south", Title: "South"}},
		Weights:     []uint64{1, 3},
		MinimumCell: 1, PollInterval: 60, Revote: message.RevoteLastCounts,
		Stages:    []string{"aggregate", "decrypt", "count"},
		Threshold: 2, Quorum: uint64(witnesses/2 + 1),
		Devices: []message.Device{}, Officers: []message.Officer{},
	}
	for i := 1; i <= 3; i++ {
		m.Trustees = append(m.Trustees, message.TrusteeLine{ID: fmt.Sprintf("t%d", i), Index: uint64(i)})
	}
	for i := 1; i <= witnesses; i++ {
		m.Witnesses = append(m.Witnesses, message.WitnessLine{ID: fmt.Sprintf("w%d", i)})
	}
	seed.Fill(&m)
	var voters []registrar.Voter
	for i := range 5 {
		v := registrar.Voter{ID: fmt.Sprintf("voter-%d", i), Style: "all", Unit: "north", Weight: 1}
		if i >= 3 {
			v.Style, v.Unit, v.Weight = "some", "south", 3
		}
		voters = append(voters, v)
	}
	return m, voters
}

// stage is an election whose roles meet over pipes.
type stage struct {
	t        testing.TB
	ctx      context.Context
	stop     context.CancelFunc
	dir      string
	manifest message.Manifest
	roll     *registrar.Roll
	public   *web.Pipe
	ports    map[string]*client.Client // management ports by role
	ended    map[string]chan error
	ends     map[string]context.CancelFunc
	limits   api.Limits
}

func newStage(t testing.TB) *stage {
	t.Helper()
	m, voters := definition(3)
	roll, err := registrar.Enrol(voters, seed.Stream(message.RoleRegistrar, "", "roll"))
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{
		t: t, dir: t.TempDir(), manifest: m, roll: roll, public: web.NewPipe(),
		ports: map[string]*client.Client{}, ended: map[string]chan error{}, ends: map[string]context.CancelFunc{},
	}
	s.ctx, s.stop = context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(func() {
		s.stop()
		for name := range s.ended {
			s.wait(name)
		}
	})
	return s
}

func (s *stage) wait(name string) {
	s.t.Helper()
	select {
	case err := <-s.ended[name]:
		if err != nil {
			s.t.Errorf("%s: %v", name, err)
		}
		close(s.ended[name])
	case <-time.After(20 * time.Second):
		s.t.Errorf("%s does not end", name)
	}
}

// launch runs a role with a management port.
func (s *stage) launch(name string, run func(ctx context.Context, port net.Listener) error) {
	port := web.NewPipe()
	ctx, cancel := context.WithCancel(s.ctx)
	done := make(chan error, 1)
	s.ports[name], s.ended[name], s.ends[name] = s.over(port), done, cancel
	go func() { done <- run(ctx, port) }()
}

// end stops a role and waits for it.
func (s *stage) end(name string) {
	s.t.Helper()
	s.ends[name]()
	s.wait(name)
	delete(s.ended, name)
}

// over is a client over a pipe.
func (s *stage) over(p *web.Pipe) *client.Client {
	transport := &http.Transport{DialContext: p.DialContext, MaxIdleConnsPerHost: 16}
	c, err := client.New(client.Config{URL: "http://pipe", Transport: transport, Timeout: time.Minute})
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(c.Close)
	return c
}

func (s *stage) logger() *slog.Logger {
	if !testing.Verbose() {
		return nil
	}
	return slog.New(slog.NewTextHandler(s.t.Output(), &slog.HandlerOptions{Level: slog.LevelInfo}))
}

func (s *stage) authority(weak ...string) {
	s.t.Helper()
	set, err := weakness.Parse(weak)
	if err != nil {
		s.t.Fatal(err)
	}
	listener := s.public
	s.launch("authority", func(ctx context.Context, port net.Listener) error {
		return roles.RunAuthority(ctx, roles.AuthorityConfig{
			Manifest: s.manifest, Ceremony: 1, Key: seed.Signing(message.RoleAuthority, ""), BoardKey: seed.Signing(message.RoleBoard, ""),
			Dir: filepath.Join(s.dir, "authority"), Weak: set, Insider: true, Listener: listener, Manage: port,
			Limits: s.limits, Clock: time.Now, Logger: s.logger(),
		})
	})
}

func (s *stage) trustee(i int, onCommand bool) {
	id := fmt.Sprintf("t%d", i)
	s.launch("trustee/"+id, func(ctx context.Context, port net.Listener) error {
		return roles.RunTrustee(ctx, roles.TrusteeConfig{
			ID: id, Manifest: s.manifest, Client: s.over(s.public), Signing: seed.Signing(message.RoleTrustee, id),
			Decryption: seed.Decryption(id), Random: seed.Stream(message.RoleTrustee, id, "test"),
			Keys:      keystore.Ceremonies{Store: keystore.New(filepath.Join(s.dir, id), "")},
			OnCommand: onCommand, Insider: true, Manage: port, Logger: s.logger(),
		})
	})
}

func (s *stage) registrar() {
	s.launch("registrar", func(ctx context.Context, port net.Listener) error {
		return roles.RunRegistrar(ctx, roles.RegistrarConfig{
			Manifest: s.manifest, Client: s.over(s.public), Key: seed.Signing(message.RoleRegistrar, ""), Roll: s.roll,
			Insider: true, Manage: port, Logger: s.logger(),
		})
	})
}

func (s *stage) witness(i int) {
	id := fmt.Sprintf("w%d", i)
	s.launch("witness/"+id, func(ctx context.Context, port net.Listener) error {
		return roles.RunWitness(ctx, roles.WitnessConfig{
			ID: id, Manifest: s.manifest, Client: s.over(s.public), Key: seed.Signing(message.RoleWitness, id),
			Store: roles.HeadFile(filepath.Join(s.dir, id)), Clock: time.Now, Insider: true, Manage: port, Logger: s.logger(),
		})
	})
}

func (s *stage) voter() {
	s.launch("voter", func(ctx context.Context, port net.Listener) error {
		return roles.RunVoter(ctx, roles.VoterConfig{
			Manifest: s.manifest, Client: s.over(s.public), Voters: roles.Credentials(s.roll), Manage: port, Logger: s.logger(),
			Random: func(id string) cipher.Stream { return seed.Stream(manage.RoleVoter, id, "test") },
		})
	})
}

// all launches everybody; trustees decrypt when they are told to.
func (s *stage) all(weak ...string) {
	s.authority(weak...)
	for i := 1; i <= 3; i++ {
		s.witness(i)
		s.trustee(i, true)
	}
	s.registrar()
	s.voter()
}

// ask calls a management port.
func ask[T any](s *stage, role, method, path string, in any) T {
	s.t.Helper()
	out, err := client.Call[T](s.ctx, s.ports[role], method, path, in)
	if err != nil {
		s.t.Fatalf("%s %s: %v", role, path, err)
	}
	return out
}

func tell(s *stage, role, path string, in any) {
	s.t.Helper()
	if err := client.Send(s.ctx, s.ports[role], path, in); err != nil {
		s.t.Fatalf("%s %s: %v", role, path, err)
	}
}

// phase waits until the authority is in a phase.
func (s *stage) phase(want message.Phase) message.Status {
	s.t.Helper()
	c := s.over(s.public)
	for {
		st, err := c.Status(s.ctx)
		if err != nil {
			s.t.Fatalf("waiting for phase %s: %v", want, err)
		}
		if st.Phase == want {
			return st
		}
		if _, err := c.Await(s.ctx, st.Size+1); err != nil {
			s.t.Fatalf("waiting for phase %s in %s: %v", want, st.Phase, err)
		}
	}
}

// export makes the record from the public interface.
func (s *stage) export() record.Memory {
	s.t.Helper()
	c := s.over(s.public)
	r := c.Reader()
	final, err := r.Checkpoint(s.ctx)
	if err != nil {
		s.t.Fatal(err)
	}
	head, err := board.PeekCheckpoint(final)
	if err != nil {
		s.t.Fatal(err)
	}
	x := record.Export{Checkpoints: map[record.Moment][]byte{record.Final: final}}
	for _, m := range []record.Moment{record.Opened, record.Closed, record.Sealed} {
		if x.Checkpoints[m], err = c.Moment(s.ctx, m); err != nil {
			s.t.Fatalf("%s: %v", m, err)
		}
	}
	var entries, chunks [][]byte
	err = r.Entries(s.ctx, 0, head.Size, func(_ uint64, raw []byte) error {
		entries = append(entries, bytes.Clone(raw))
		e, err := codec.Decode[message.Entry](raw, codec.Limits{Size: message.MaxEntry})
		for _, d := range e.Chunks {
			chunk, err := r.Chunk(s.ctx, board.Hash(d))
			if err != nil {
				return err
			}
			chunks = append(chunks, chunk)
		}
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	x.Entries, x.Chunks = record.Slice(entries), record.Slice(chunks)
	m, _, err := x.Memory()
	if err != nil {
		s.t.Fatal(err)
	}
	return m
}
