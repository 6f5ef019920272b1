// Package embedded is the reference system as a target within our own process:
// the real authority with its HTTP server, its limits, its log and database on
// disk, and all the other roles as they run in the field, each a client of it.
// Only the network is not real: they meet over net.Pipe.
//
// Each election is a system of its own, in a temporary folder, and ends
// without a trace. The harness drives it as it would one in a container, with
// targets/wire.
package embedded

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
	"scrutineer/protocols/record"
	"scrutineer/reference-evoting/identity"
	"scrutineer/reference-evoting/keys"
	"scrutineer/reference-evoting/manifest"
	"scrutineer/reference-evoting/recall"
	"scrutineer/reference-evoting/registrar"
	"scrutineer/reference-evoting/service/api"
	"scrutineer/reference-evoting/service/roles"
	"scrutineer/reference-evoting/verify"
	"scrutineer/reference-evoting/weakness"
	"scrutineer/targets"
	"scrutineer/targets/wire"
)

// Config is what elections are opened with. The zero value is a good one.
type Config struct {
	Dir    string           // where the folders of elections are made; default that of the system
	Clock  func() time.Time // of authority and witnesses; default time.Now
	Client wire.Limits      // of our side
	// Server has the limits of authorities; default api.Limits{}.Open(): all
	// voters come by one pipe, as fast as they can. Management says so.
	Server  *api.Limits
	Network bool         // elections may be asked for that listen on the loopback, with the limits of the field
	Logger  *slog.Logger // of the roles; default none
	Version string
}

// Target opens elections, any number at a time.
type Target struct{ cfg Config }

var _ targets.Target = (*Target)(nil)

// New is a target that has nothing running.
func New(cfg Config) *Target {
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	if cfg.Server == nil {
		open := api.Limits{}.Open()
		cfg.Server = &open
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.Version == "" {
		cfg.Version = "1"
	}
	return &Target{cfg: cfg}
}

// Describe implements targets.Target.
func (t *Target) Describe(context.Context) (targets.Description, error) {
	out := targets.Description{
		Name: "embedded", Version: t.cfg.Version, Dialect: "scrutineer", Test: true,
		Abilities: []targets.Ability{
			targets.Ceremony, targets.Open, targets.Submit, targets.Board, targets.Close, targets.Tally,
			targets.Publish, targets.Client, targets.Trustee, targets.Witness, targets.Verify,
			targets.Fault, targets.Identity, targets.Insider, targets.Headers, targets.Outage, targets.Front, targets.Announce, targets.Results, targets.Notices, targets.Dialect,
		},
	}
	if t.cfg.Network {
		out.Abilities = append(out.Abilities, targets.Network)
	}
	return out, nil
}

// Close implements targets.Target. Elections are closed one by one.
func (t *Target) Close() error { return nil }

// maxDraft bounds a definition in bytes.
const maxDraft = 64 << 20

// plan is a definition that was looked at.
type plan struct {
	definition targets.Definition
	ceremony   uint64
	manifest   message.Manifest
	shown      message.Manifest // to voters
	announced  message.Digest
	roll       *registrar.Roll
	seed       keys.Seed
	weak       weakness.Set
	persons    *identity.Persons // nil where there is no identity service
	sent       []identity.Sent
}

// read refuses definitions that no role could work with.
func read(d targets.Definition) (*plan, error) {
	draft, err := codec.Decode[manage.Draft](d.Draft, codec.Limits{Size: maxDraft})
	if err != nil {
		return nil, err
	}
	p := &plan{definition: d, ceremony: draft.Ceremony, manifest: draft.Manifest, seed: keys.Seed(d.Seed)}
	if p.weak, err = weakness.Parse(d.Plant); err != nil {
		return nil, err
	}
	if !p.manifest.Test && (!p.weak.Empty() || d.Entries != nil) {
		return nil, errors.New("weaknesses and given entries are for test elections")
	}
	p.seed.Fill(&p.manifest)
	if draft.Identity {
		p.seed.FillIdentity(&p.manifest)
	}
	if err := p.announce(); err != nil {
		return nil, err
	}
	if _, err := manifest.Compile(p.manifest, p.ceremony); err != nil {
		return nil, err
	}
	if _, err := verify.Quorum(&p.manifest); err != nil {
		return nil, err
	}
	var voters []registrar.Voter
	for _, v := range draft.Roll {
		voters = append(voters, registrar.Voter{ID: v.ID, Style: v.Style, Unit: v.Unit, Weight: v.Weight})
	}
	if draft.Identity {
		var ids []string
		for _, v := range voters {
			ids = append(ids, v.ID)
		}
		codes := p.seed.Stream(message.RoleIdentity, "codes", p.manifest.Board.Origin)
		if p.persons, p.sent, err = identity.Enrol(ids, codes, cheap()); err != nil {
			return nil, err
		}
	}
	p.roll, err = registrar.Enrol(voters, p.seed.Stream(message.RoleRegistrar, "", "roll"))
	return p, err
}

// announce takes what the definition says of the election's announcement.
func (p *plan) announce() (err error) {
	p.shown = p.manifest
	if p.definition.Announced != "" {
		if p.announced, err = codec.ParseHex32(p.definition.Announced); err != nil {
			return fmt.Errorf("announced: %w", err)
		}
	}
	if p.definition.Shown == nil {
		return nil
	}
	draft, err := codec.Decode[manage.Draft](p.definition.Shown, codec.Limits{Size: maxDraft})
	if err != nil {
		return fmt.Errorf("shown: %w", err)
	}
	p.shown = draft.Manifest
	p.seed.Fill(&p.shown)
	if _, err := manifest.Compile(p.shown, p.ceremony); err != nil {
		return fmt.Errorf("shown: %w", err)
	}
	return nil
}

// Open implements targets.Target.
func (t *Target) Open(ctx context.Context, d targets.Definition) (targets.Election, error) {
	p, err := read(d)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", targets.ErrSetup, err)
	}
	dir, err := os.MkdirTemp(t.cfg.Dir, "scrutineer-election-*")
	if err != nil {
		return nil, fmt.Errorf("open election: %w", err)
	}
	if d.Field != nil && !t.cfg.Network {
		return nil, fmt.Errorf("%w: %s", targets.ErrUnable, targets.Network)
	}
	e := &election{plan: p, dir: dir, crew: newCrew(ctx), memory: recall.New()}
	if err := e.start(t.cfg); err != nil {
		return nil, errors.Join(err, e.Close())
	}
	if err := e.begin(ctx); err != nil {
		return nil, errors.Join(err, e.Close())
	}
	return e, nil
}

// election is one election with the roles that the target plays.
type election struct {
	*wire.Managed
	plan *plan
	dir  string
	crew *crew
	*machine
	// memory is that of all roles here: they are pure results of one election,
	// and each role decides by itself what follows from them.
	memory  *recall.Memory
	failing *failing // the way to the identity service; nil where there is none
	let     []func() // what remains to be let go when everybody has left
	close   sync.Once
	ended   error
}

var (
	_ targets.Dependent = (*election)(nil)
	_ targets.Faulty    = (*election)(nil)
	_ targets.Verifier  = (*election)(nil)
)

// begin waits as long as the definition wants.
func (e *election) begin(ctx context.Context) error {
	ctx, cancel := e.crew.within(ctx)
	defer cancel()
	var err error
	if e.plan.definition.Await == "posted" {
		_, err = e.Await(ctx, 1)
	} else {
		err = e.Opened(ctx)
	}
	if failed := e.crew.failure(); failed != nil {
		return failed
	}
	return err
}

// VerifyRecord implements targets.Verifier: the system's own verifier, called
// and not asked, since a record may be larger than what a port takes. It is
// given the fingerprint that the trustees signed when the election was opened.
func (e *election) VerifyRecord(ctx context.Context, files map[string][]byte) ([]targets.Finding, error) {
	pin, err := e.Pin(ctx)
	if err != nil {
		return nil, err
	}
	verdict, err := roles.AuditWith(ctx, record.Memory(files), verify.Options{
		Fingerprint: pin, Definition: e.plan.announced, Weak: e.plan.weak.For(weakness.Verifier), Recall: e.memory,
	})
	if err != nil {
		return nil, err
	}
	return wire.Findings(verdict.Findings), nil
}

// Close implements targets.Election. It may be called again.
func (e *election) Close() error {
	e.close.Do(func() {
		if e.Managed != nil {
			e.ended = e.Managed.Close()
		}
		e.ended = errors.Join(e.ended, e.crew.leave())
		for _, f := range e.let {
			f()
		}
		e.ended = errors.Join(e.ended, remove(e.dir))
	})
	return e.ended
}

// remove removes a folder. The log's own goroutines end a little later than
// the log and cannot be waited for: one may write a last file meanwhile.
func remove(dir string) error {
	for pause := time.Millisecond; ; pause *= 2 {
		err := os.RemoveAll(dir)
		if err == nil || pause > time.Second {
			return err
		}
		<-time.After(pause)
	}
}
