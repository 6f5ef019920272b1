// Package rolestest is a small election whose roles meet over pipes, for tests
// of packages that need one: the real authority on a real disk, witnesses,
// trustees, registrar and voting client, all keys from one seed.
package rolestest

import (
	"context"
	"crypto/cipher"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"sync/atomic"
	"time"

	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
	"scrutineer/protocols/record"
	"scrutineer/reference-evoting/identity"
	"scrutineer/reference-evoting/keys"
	"scrutineer/reference-evoting/registrar"
	"scrutineer/reference-evoting/service/api"
	"scrutineer/reference-evoting/service/client"
	"scrutineer/reference-evoting/service/keystore"
	"scrutineer/reference-evoting/service/roles"
	"scrutineer/reference-evoting/service/web"
	"scrutineer/reference-evoting/weakness"
)

// Seed is what all keys of these elections come from. It is a number, as the
// commands have it.
const Seed = keys.Seed("20260503")

// T is what a Stage needs of a test.
type T interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
	Cleanup(f func())
	TempDir() string
}

// Definition is a small election: two contests, two units, five voters.
func Definition(witnesses int) (message.Manifest, []registrar.Voter) {
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
	Seed.Fill(&m)
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

// Stage is an election whose roles meet over pipes.
type Stage struct {
	Ctx      context.Context // ends with the test, or after a minute
	Manifest message.Manifest
	Roll     *registrar.Roll
	Ports    map[string]*client.Client // management ports by role
	Limits   api.Limits                // of an authority that is launched later; at first open ones, since everybody comes by one pipe
	Logger   *slog.Logger
	Sockets  bool // the public interface listens on the loopback instead of a pipe
	// Wrap, if not nil, stands between every client and the public interface.
	Wrap func(http.RoundTripper) http.RoundTripper
	// Codes is what the voters log in with, where there is an identity service;
	// WrapIdentity stands between every client and its public interface.
	Codes        map[string]string
	WrapIdentity func(http.RoundTripper) http.RoundTripper

	persons  *identity.Persons
	identity atomic.Pointer[dialer] // of the identity service launched last
	starts   int                    // of the identity service

	t      T
	public atomic.Pointer[dialer] // of the authority launched last
	stop   context.CancelFunc
	dir    string
	ended  map[string]chan error
	ends   map[string]context.CancelFunc
}

// New is a stage without anybody on it yet. The changes are made to the
// manifest of Definition.
func New(t T, change ...func(*message.Manifest)) *Stage {
	t.Helper()
	m, voters := Definition(3)
	for _, f := range change {
		f(&m)
	}
	roll, err := registrar.Enrol(voters, Seed.Stream(message.RoleRegistrar, "", "roll"))
	if err != nil {
		t.Fatalf("%v", err)
	}
	s := &Stage{
		t: t, dir: t.TempDir(), Manifest: m, Roll: roll, Limits: api.Limits{}.Open(),
		Ports: map[string]*client.Client{}, ended: map[string]chan error{}, ends: map[string]context.CancelFunc{},
	}
	s.enrol(voters)
	s.Ctx, s.stop = context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(func() {
		s.stop()
		for name := range s.ended {
			s.wait(name)
		}
	})
	return s
}

// Wait waits for a role to end, which it must without an error.
func (s *Stage) Wait(name string) {
	s.t.Helper()
	s.wait(name)
	delete(s.ended, name)
}

func (s *Stage) wait(name string) {
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

// Launch runs a role with a management port.
func (s *Stage) Launch(name string, run func(ctx context.Context, port net.Listener) error) {
	port := web.NewPipe()
	ctx, cancel := context.WithCancel(s.Ctx)
	done := make(chan error, 1)
	s.Ports[name], s.ended[name], s.ends[name] = s.over(port.DialContext, nil), done, cancel
	go func() { done <- run(ctx, port) }()
}

// End stops a role and waits for it.
func (s *Stage) End(name string) {
	s.t.Helper()
	s.ends[name]()
	s.Wait(name)
}

// dialer connects, as net.Dialer.DialContext does.
type dialer func(ctx context.Context, network, address string) (net.Conn, error)

// Dial connects to the public interface.
func (s *Stage) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	if d := s.public.Load(); d != nil {
		return (*d)(ctx, network, address)
	}
	return nil, net.ErrClosed
}

// Connect makes everybody meet at an authority elsewhere, at a TCP address.
func (s *Stage) Connect(address string) {
	dial := dialer(func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", address)
	})
	s.public.Store(&dial)
}

// listen opens the public interface.
func (s *Stage) listen() net.Listener {
	if !s.Sockets {
		p := web.NewPipe()
		dial := dialer(p.DialContext)
		s.public.Store(&dial)
		return p
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		s.t.Fatalf("%v", err)
	}
	s.Connect(l.Addr().String())
	return l
}

// Client is a client of the public interface.
func (s *Stage) Client() *client.Client { return s.over(s.Dial, s.Wrap) }

func (s *Stage) over(dial dialer, wrap func(http.RoundTripper) http.RoundTripper) *client.Client {
	direct := &http.Transport{DialContext: dial, MaxIdleConnsPerHost: 64}
	s.t.Cleanup(direct.CloseIdleConnections)
	var transport http.RoundTripper = direct
	if wrap != nil {
		transport = wrap(direct)
	}
	c, err := client.New(client.Config{URL: "http://pipe", Transport: transport, Timeout: time.Minute})
	if err != nil {
		s.t.Fatalf("%v", err)
	}
	return c
}

// Authority launches the authority, with these weaknesses planted. It continues
// what it began in the same stage.
func (s *Stage) Authority(weak ...string) {
	s.t.Helper()
	set, err := weakness.Parse(weak)
	if err != nil {
		s.t.Fatalf("%v", err)
	}
	cfg := s.authority()
	cfg.Weak, cfg.Listener = set, s.listen()
	s.Launch("authority", func(ctx context.Context, port net.Listener) error {
		cfg.Manage = port
		return roles.RunAuthority(ctx, cfg)
	})
}

func (s *Stage) authority() roles.AuthorityConfig {
	return roles.AuthorityConfig{
		Manifest: s.Manifest, Ceremony: 1, Key: Seed.Signing(message.RoleAuthority, ""), BoardKey: Seed.Signing(message.RoleBoard, ""),
		Dir: filepath.Join(s.dir, "authority"), Insider: true, Limits: s.Limits, Clock: time.Now, Logger: s.Logger,
	}
}

// AuthorityError is why an authority does not start.
func (s *Stage) AuthorityError() error {
	cfg := s.authority()
	cfg.Listener = web.NewPipe()
	ctx, cancel := context.WithCancel(s.Ctx)
	cancel()
	return roles.RunAuthority(ctx, cfg)
}

// Trustee launches a trustee, 1..3.
func (s *Stage) Trustee(i int, onCommand bool) {
	id := fmt.Sprintf("t%d", i)
	s.Launch("trustee/"+id, func(ctx context.Context, port net.Listener) error {
		return roles.RunTrustee(ctx, roles.TrusteeConfig{
			ID: id, Manifest: s.Manifest, Client: s.Client(), Signing: Seed.Signing(message.RoleTrustee, id),
			Decryption: Seed.Decryption(id), Random: Seed.Stream(message.RoleTrustee, id, "test"),
			Keys:      keystore.Ceremonies{Store: keystore.New(filepath.Join(s.dir, id), "")},
			OnCommand: onCommand, Insider: true, Manage: port, Logger: s.Logger,
		})
	})
}

// Registrar launches the registrar.
func (s *Stage) Registrar() {
	s.Launch("registrar", func(ctx context.Context, port net.Listener) error {
		return roles.RunRegistrar(ctx, roles.RegistrarConfig{
			Manifest: s.Manifest, Client: s.Client(), Key: Seed.Signing(message.RoleRegistrar, ""), Roll: s.Roll,
			Insider: true, Manage: port, Logger: s.Logger,
		})
	})
}

// Witness launches a witness, 1..3.
func (s *Stage) Witness(i int) {
	id := fmt.Sprintf("w%d", i)
	s.Launch("witness/"+id, func(ctx context.Context, port net.Listener) error {
		return roles.RunWitness(ctx, roles.WitnessConfig{
			ID: id, Manifest: s.Manifest, Client: s.Client(), Key: Seed.Signing(message.RoleWitness, id),
			Store: roles.HeadFile(filepath.Join(s.dir, id)), Clock: time.Now, Insider: true, Manage: port, Logger: s.Logger,
		})
	})
}

// Voter launches the voting client for all voters.
func (s *Stage) Voter() {
	s.Launch("voter", func(ctx context.Context, port net.Listener) error {
		return roles.RunVoter(ctx, roles.VoterConfig{
			Manifest: s.Manifest, Client: s.Client(), Identity: s.IdentityClient(), Voters: s.Credentials(), Manage: port, Logger: s.Logger,
			Random: func(id string) cipher.Stream { return Seed.Stream(manage.RoleVoter, id, "test") },
		})
	})
}

// All launches everybody; trustees decrypt when they are told to.
func (s *Stage) All(weak ...string) {
	s.Authority(weak...)
	for i := 1; i <= 3; i++ {
		s.Witness(i)
		s.Trustee(i, true)
	}
	s.Registrar()
	if s.persons != nil {
		s.Identity()
	}
	s.Voter()
}

// Ask calls a management port.
func Ask[V any](s *Stage, role, method, path string, in any) V {
	s.t.Helper()
	out, err := client.Call[V](s.Ctx, s.Ports[role], method, path, in)
	if err != nil {
		s.t.Fatalf("%s %s: %v", role, path, err)
	}
	return out
}

// Tell commands at a management port.
func Tell(s *Stage, role, path string, in any) {
	s.t.Helper()
	if err := client.Send(s.Ctx, s.Ports[role], path, in); err != nil {
		s.t.Fatalf("%s %s: %v", role, path, err)
	}
}

// Phase waits until the authority is in a phase.
func (s *Stage) Phase(want message.Phase) message.Status {
	s.t.Helper()
	c := s.Client()
	for {
		st, err := c.Status(s.Ctx)
		if err != nil {
			s.t.Fatalf("waiting for phase %s: %v", want, err)
		}
		if st.Phase == want {
			return st
		}
		if _, err := c.Await(s.Ctx, st.Size+1); err != nil {
			s.t.Fatalf("waiting for phase %s in %s: %v", want, st.Phase, err)
		}
	}
}

// Export makes the record from the public interface.
func (s *Stage) Export() record.Memory {
	s.t.Helper()
	x, err := s.Client().Export(s.Ctx)
	if err != nil {
		s.t.Fatalf("%v", err)
	}
	m, _, err := x.Memory()
	if err != nil {
		s.t.Fatalf("%v", err)
	}
	return m
}
