package container

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
	"scrutineer/targets"
	"scrutineer/targets/front"
	"scrutineer/targets/wire"
)

// maxDraft bounds a definition in bytes.
const maxDraft = 64 << 20

// election is one election on the machines.
type election struct {
	*wire.Managed
	target *Target
	top    *topology
	name   string
	asked  manage.Play // what every part is told
	parts  map[string]*machine
	ports  wire.Ports
	public wire.Port
	liars  *wire.Interposer
	crash  bool                     // the authority is on a machine of its own, to be crashed
	own    *machine                 // that machine
	played manage.Played            // by the authority
	all    map[string]manage.Played // by role

	mu    sync.Mutex
	front *front.Front
	close sync.Once
	ended error
}

var (
	_ targets.Inspectable = (*election)(nil)
	_ targets.Importer    = (*election)(nil)
)

// Open implements targets.Target.
func (t *Target) Open(ctx context.Context, d targets.Definition) (targets.Election, error) {
	top, err := t.topology(ctx)
	if err != nil {
		return nil, err
	}
	e := &election{target: t, top: top, name: t.number(), parts: map[string]*machine{}, all: map[string]manage.Played{}, liars: &wire.Interposer{}, crash: d.Crash}
	if err := e.read(d); err != nil {
		return nil, fmt.Errorf("%w: %w", targets.ErrSetup, err)
	}
	if err := e.begin(ctx, d); err != nil {
		return nil, errors.Join(err, e.Close())
	}
	return e, nil
}

// read puts a definition into the words of machines.
func (e *election) read(d targets.Definition) (err error) {
	e.asked = manage.Play{Election: e.name, Planted: append([]string{}, d.Plant...), Seed: d.Seed}
	if e.asked.Draft, err = codec.Decode[manage.Draft](d.Draft, codec.Limits{Size: maxDraft}); err != nil {
		return err
	}
	if d.Announced != "" {
		if e.asked.Announced, err = codec.ParseHex32(d.Announced); err != nil {
			return fmt.Errorf("announced: %w", err)
		}
	}
	if d.Shown != nil {
		shown, err := codec.Decode[manage.Draft](d.Shown, codec.Limits{Size: maxDraft})
		if err != nil {
			return fmt.Errorf("shown: %w", err)
		}
		e.asked.Shown = &shown
	}
	for _, raw := range d.Entries {
		e.asked.Entries = append(e.asked.Entries, raw)
	}
	return nil
}

// begin has every machine play its part, and waits as long as the definition
// wants.
func (e *election) begin(ctx context.Context, d targets.Definition) error {
	if err := e.play(ctx, d.Harness); err != nil {
		return err
	}
	public, err := wire.NewPublic(e.public, e.target.cfg.Client, e.liars)
	if err != nil {
		return err
	}
	var channels []string
	for _, c := range e.asked.Draft.Manifest.Channels {
		channels = append(channels, c.ID)
	}
	if e.Managed, err = wire.NewManaged(public, e.ports, channels); err != nil {
		return err
	}
	if d.Await == "posted" {
		_, err = e.Await(ctx, 1)
	} else {
		err = e.Opened(ctx)
	}
	if err != nil {
		err = errors.Join(err, e.faults(ctx))
	}
	return err
}

// play starts the authority, then the identity service, then all the others.
func (e *election) play(ctx context.Context, harness []string) error {
	e.ports = wire.Ports{Trustees: map[int]wire.Port{}, Witnesses: map[string]wire.Port{}}
	if e.crash {
		if err := e.alone(ctx); err != nil {
			return err
		}
	}
	authority, m, err := e.part(ctx, "authority", e.top.fixed)
	if err != nil {
		return err
	}
	e.played = authority
	at := m.managed(authority.Manage)
	e.ports.Authority, e.public = &at, m.public(authority.Public)
	told := manage.Play{Authority: m.url(authority.Public)}
	if e.asked.Draft.Identity {
		identity, m, err := e.part(ctx, "identity", told)
		if err != nil {
			return err
		}
		open, closed := m.public(identity.Public), m.managed(identity.Manage)
		e.ports.Identity, e.ports.IdentityManage = &open, &closed
		told.Identity = m.url(identity.Public)
	}
	var mu sync.Mutex
	return each(e.others(harness), func(role string) error {
		played, m, err := e.part(ctx, role, told)
		if err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		e.port(role, m.managed(played.Manage))
		return nil
	})
}

// others are the roles of the target but for its servers.
func (e *election) others(harness []string) []string {
	all := []string{"registrar", "voter", "auditor"}
	for _, w := range e.asked.Draft.Manifest.Witnesses {
		all = append(all, "witness/"+w.ID)
	}
	for _, t := range e.asked.Draft.Manifest.Trustees {
		all = append(all, "trustee/"+strconv.FormatUint(t.Index, 10))
	}
	return slices.DeleteFunc(all, func(role string) bool { return slices.Contains(harness, role) })
}

// part has a machine play a role. Told is what it is told besides.
func (e *election) part(ctx context.Context, role string, told manage.Play) (manage.Played, *machine, error) {
	m, err := e.top.machine(role)
	if err != nil {
		return manage.Played{}, nil, err
	}
	if e.own != nil && role == e.own.plays {
		m = e.own
	}
	q := e.asked
	q.Role, q.Authority, q.Identity, q.Manage, q.Public = role, told.Authority, told.Identity, told.Manage, told.Public
	if role != "authority" {
		q.Entries = nil
	}
	if role != "voter" {
		q.Shown = nil
	}
	e.mu.Lock()
	e.parts[role] = m
	e.mu.Unlock()
	played, err := m.node.Play(ctx, q)
	if err != nil {
		return played, m, fmt.Errorf("%s: %w", role, err)
	}
	e.mu.Lock()
	e.all[role] = played
	e.mu.Unlock()
	return played, m, nil
}

// port notes where a role is managed.
func (e *election) port(role string, p wire.Port) {
	kind, id, _ := strings.Cut(role, "/")
	switch kind {
	case "registrar":
		e.ports.Registrar = &p
	case "voter":
		e.ports.Voter = &p
	case "auditor":
		e.ports.Auditor = &p
	case "witness":
		e.ports.Witnesses[id] = p
	case "trustee":
		index, _ := strconv.Atoi(id) // we made it from one
		e.ports.Trustees[index] = p
	}
}

// machines are those that play in this election.
func (e *election) machines() []*machine {
	e.mu.Lock()
	defer e.mu.Unlock()
	var out []*machine
	for _, m := range e.parts {
		if !slices.Contains(out, m) {
			out = append(out, m)
		}
	}
	return out
}

// faults are why parts ended that should not have.
func (e *election) faults(ctx context.Context) error {
	return each(e.machines(), func(m *machine) error {
		about, err := m.node.About(ctx)
		if err != nil {
			return err
		}
		var errs []error
		for _, p := range about.Parts {
			if p.Election == e.name && p.Fault != "" {
				errs = append(errs, fmt.Errorf("%w: %s: %s", targets.ErrTarget, p.Role, p.Fault))
			}
		}
		return errors.Join(errs...)
	})
}

// Interpose implements targets.Corruptible. The target's own clients go
// through us as long as a liar stands there, and directly otherwise.
func (e *election) Interpose(ctx context.Context, f targets.Liar) error {
	if e.top.near != nil {
		return fmt.Errorf("%w: %w", targets.ErrUnable, e.top.near)
	}
	via := map[string]string{}
	if f != nil {
		if err := e.stand(); err != nil {
			return err
		}
		via = e.front.URLs("https")
		e.liars.Set(f)
	}
	err := each(e.clients(), func(role string) error {
		return e.parts[role].node.Via(ctx, manage.Via{Election: e.name, Role: role, URL: via[role]})
	})
	if f == nil {
		e.liars.Set(nil)
	}
	return err
}

// clients are the parts that talk to the authority.
func (e *election) clients() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	var out []string
	for role := range e.parts {
		if role != string(message.RoleAuthority) && role != "auditor" {
			out = append(out, role)
		}
	}
	return out
}

// stand opens the doors at which the clients are met by a liar.
func (e *election) stand() error {
	e.mu.Lock()
	have, parts := e.front, e.parts
	e.mu.Unlock()
	if have != nil {
		return nil
	}
	f, err := front.New(e.clients(), func(role string) (net.Listener, error) {
		return e.top.listen(parts[role].networks[0])
	})
	if err != nil {
		return err
	}
	e.mu.Lock()
	e.front = f
	e.mu.Unlock()
	return f.Open(e.public, e.liars)
}

// Inspect implements targets.Inspectable: the machine of the authority.
func (e *election) Inspect(ctx context.Context) (int, string, error) {
	pid, err := e.parts["authority"].pid(ctx)
	return pid, e.target.program, err
}

func (e *election) leave(ctx context.Context) func(*machine) error {
	return func(m *machine) error { return m.node.Leave(ctx, e.name) }
}

// Close implements targets.Election. It may be called again.
func (e *election) Close() error {
	e.close.Do(func() {
		if e.Managed != nil {
			e.ended = e.Managed.Close()
		}
		ctx, cancel := context.WithTimeout(context.Background(), closeTime)
		defer cancel()
		// Clients leave before the server does, so that it has nobody to wait for.
		server, clients := e.parts["authority"], e.machines()
		clients = slices.DeleteFunc(clients, func(m *machine) bool { return m == server })
		e.ended = errors.Join(e.ended, each(clients, e.leave(ctx)))
		switch {
		case e.own != nil:
			e.ended = errors.Join(e.ended, e.top.remove(ctx, e.own))
			<-e.top.crashing
		case server != nil:
			e.ended = errors.Join(e.ended, e.leave(ctx)(server))
		}
		if e.front != nil {
			e.ended = errors.Join(e.ended, e.front.Close())
		}
	})
	return e.ended
}
