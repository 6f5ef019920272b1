package embedded

import (
	"context"
	"crypto/cipher"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/identity"
	"scrutineer/reference-evoting/service/api"
	"scrutineer/reference-evoting/service/client"
	"scrutineer/reference-evoting/service/roles"
	"scrutineer/reference-evoting/service/web"
	"scrutineer/reference-evoting/trustee"
	"scrutineer/reference-evoting/witness"
	"scrutineer/targets/wire"
)

// stage is an election while its roles are being started.
type stage struct {
	*election
	cfg    Config
	logger *slog.Logger
	way    func(role string) http.RoundTripper // of the target's own clients to the authority
	ports  wire.Ports
	errs   []error

	identified *client.Client // the clients' way to the identity service; nil where there is none
}

// start starts the roles that the target plays.
func (e *election) start(cfg Config) error {
	e.machine = newMachine(filepath.Join(e.dir, "authority"))
	at := wire.Port{URL: "http://authority", Dial: e.machine.public.DialContext}
	direct, err := at.Transport()
	if err != nil {
		return err
	}
	e.let = append(e.let, direct.CloseIdleConnections)
	liars := &wire.Interposer{}
	s := &stage{election: e, cfg: cfg, logger: cfg.Logger.With("election", e.plan.definition.ID),
		way: func(role string) http.RoundTripper { return liars.Way(role, direct) }}
	s.ports.Trustees, s.ports.Witnesses = map[int]wire.Port{}, map[string]wire.Port{}

	s.authority()
	for _, line := range e.plan.manifest.Witnesses {
		s.witness(line)
	}
	for _, line := range e.plan.manifest.Trustees {
		s.trustee(line)
	}
	s.registrar()
	s.identity()
	s.publishers()
	s.voter()

	outside, err := wire.NewPublic(at, cfg.Client, liars)
	if err := errors.Join(append(s.errs, err)...); err != nil {
		return err
	}
	var channels []string
	for _, c := range e.plan.manifest.Channels {
		channels = append(channels, c.ID)
	}
	e.Managed, err = wire.NewManaged(outside, s.ports, channels)
	return err
}

// plays reports that a role is the harness's.
func (s *stage) plays(role string) bool { return slices.Contains(s.plan.definition.Harness, role) }

// port is a management port: where a role listens and how we get there.
func (s *stage) port() (net.Listener, wire.Port) {
	p := web.NewPipe()
	return p, wire.Port{URL: "http://manage", Dial: p.DialContext}
}

// client is a role's way to the authority.
func (s *stage) client(role string) *client.Client {
	c, err := client.New(client.Config{URL: "http://authority", Transport: s.way(role), Timeout: time.Minute})
	s.errs = append(s.errs, err)
	return c
}

func (s *stage) authority() {
	if s.plan.definition.Field != nil {
		network, err := newNetwork()
		if err != nil {
			s.errs = append(s.errs, err)
			return
		}
		s.machine.network = network
		s.let = append(s.let, network.close)
	}
	s.ports.Authority = &wire.Port{URL: "http://manage", Dial: s.machine.manage.DialContext}
	cfg := roles.AuthorityConfig{
		Manifest: s.plan.manifest, Ceremony: s.plan.ceremony,
		Key: s.plan.seed.Signing(message.RoleAuthority, ""), BoardKey: s.plan.seed.Signing(message.RoleBoard, ""),
		Entries: s.plan.definition.Entries, Weak: s.plan.weak, Insider: s.plan.manifest.Test,
		Limits: s.limits(), Clock: s.cfg.Clock, Logger: s.logger, Recall: s.memory, Drain: time.Minute,
	}
	s.crew.server.start("authority", func(ctx context.Context) error { return s.machine.run(ctx, cfg) })
}

func (s *stage) witness(line message.WitnessLine) {
	if s.plays("witness/" + line.ID) {
		return
	}
	listener, port := s.port()
	s.ports.Witnesses[line.ID] = port
	cfg := roles.WitnessConfig{
		ID: line.ID, Manifest: s.plan.manifest, Client: s.client("witness/" + line.ID), Key: s.plan.seed.Signing(message.RoleWitness, line.ID),
		Store: &witness.Memory{}, Clock: s.cfg.Clock, Insider: s.plan.manifest.Test, Manage: listener, Logger: s.logger, Recall: s.memory,
	}
	s.crew.clients.start("witness/"+line.ID, func(ctx context.Context) error { return roles.RunWitness(ctx, cfg) })
}

func (s *stage) trustee(line message.TrusteeLine) {
	role := "trustee/" + strconv.FormatUint(line.Index, 10)
	if s.plays(role) {
		return
	}
	listener, port := s.port()
	s.ports.Trustees[int(line.Index)] = port
	cfg := roles.TrusteeConfig{
		ID: line.ID, Manifest: s.plan.manifest, Client: s.client(role),
		Signing: s.plan.seed.Signing(message.RoleTrustee, line.ID), Decryption: s.plan.seed.Decryption(line.ID),
		Keys: trustee.NewMemoryKeys(), Random: s.plan.seed.Stream(message.RoleTrustee, line.ID, s.plan.manifest.Board.Origin),
		Weak: s.plan.weak, Definition: s.plan.announced, OnCommand: true, Insider: s.plan.manifest.Test, Manage: listener, Logger: s.logger, Recall: s.memory,
	}
	s.crew.clients.start(role, func(ctx context.Context) error { return roles.RunTrustee(ctx, cfg) })
}

func (s *stage) registrar() {
	if s.plays("registrar") {
		return
	}
	listener, port := s.port()
	s.ports.Registrar = &port
	cfg := roles.RegistrarConfig{
		Manifest: s.plan.manifest, Client: s.client("registrar"), Key: s.plan.seed.Signing(message.RoleRegistrar, ""),
		Roll: s.plan.roll, Weak: s.plan.weak, Definition: s.plan.announced, Insider: s.plan.manifest.Test, Manage: listener, Logger: s.logger, Recall: s.memory,
	}
	s.crew.clients.start("registrar", func(ctx context.Context) error { return roles.RunRegistrar(ctx, cfg) })
}

// voter is the voting client of everybody on the roll.
func (s *stage) voter() {
	listener, port := s.port()
	s.ports.Voter = &port
	origin := s.plan.manifest.Board.Origin
	cfg := roles.VoterConfig{
		Manifest: s.plan.shown, Definition: s.plan.announced, Client: s.client("voter"), Identity: s.identified, Clock: s.cfg.Clock, Voters: s.credentials(),
		Random: func(id string) cipher.Stream { return s.plan.seed.Stream(message.RoleAuthority, "voter/"+id, origin) },
		Weak:   s.plan.weak, Manage: listener, Logger: s.logger, Recall: s.memory,
	}
	s.crew.clients.start("voter", func(ctx context.Context) error { return roles.RunVoter(ctx, cfg) })
}

// cheap is what a look at a code costs here: a test election is not guessed at
// for long, and 19 MiB a voter would be most of its time.
func cheap() identity.Cost { return identity.Cost{KiB: 64, Passes: 1} }

// identity is the identity service of elections that have one.
func (s *stage) identity() {
	if s.plan.persons == nil {
		return
	}
	public := web.NewPipe()
	s.failing = newFailing(public.DialContext)
	at := wire.Port{URL: "http://identity", Dial: s.failing.DialContext}
	way, err := at.Transport()
	if err != nil {
		s.errs = append(s.errs, err)
		return
	}
	s.let = append(s.let, way.CloseIdleConnections)
	if s.identified, err = client.New(client.Config{URL: at.URL, Transport: way, Timeout: time.Minute}); err != nil {
		s.errs = append(s.errs, err)
		return
	}
	listener, port := s.port()
	s.ports.Identity, s.ports.IdentityManage = &at, &port
	cfg := roles.IdentityConfig{
		Manifest: s.plan.manifest, Client: s.client("identity"), Key: s.plan.seed.Signing(message.RoleIdentity, ""),
		Authorisation: s.plan.seed.Authorisation(), Persons: s.plan.persons, Sent: s.plan.sent, Dir: s.dir,
		Random: s.plan.seed.Stream(message.RoleIdentity, "", s.plan.manifest.Board.Origin), Weak: s.plan.weak,
		Clock: s.cfg.Clock, Listener: public, Manage: listener, Logger: s.logger, Recall: s.memory,
		// All voters come by one pipe: a rate of its own would be that of all.
		Limited: api.IdentityLimits{Server: s.cfg.Server.Server}.Times(0),
	}
	s.crew.clients.start("identity", func(ctx context.Context) error { return roles.RunIdentity(ctx, cfg) })
}

// credentials are what the voters were handed: by the registrar, and by the
// identity service where there is one.
func (s *stage) credentials() manage.Credentials {
	out := roles.Credentials(s.plan.roll)
	codes := map[string]string{}
	for _, c := range s.plan.sent {
		codes[c.Voter] = c.Code
	}
	for i := range out.Voters {
		out.Voters[i].Code = codes[out.Voters[i].Voter]
	}
	return out
}
