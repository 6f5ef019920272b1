// Package remote is a target that somebody else runs: a server at a URL, with
// or without the management ports of its roles. It is driven with
// targets/wire, as the embedded one is, so that an attack is the same bytes.
//
// The URL is either that of a host (protocols/manage.Host), who sets up an
// election whenever a scenario asks for one, or that of an authority with one
// standing election. Which of the two, and what it can do, is found out by
// asking and by trying; see [Target.Describe].
//
// Nothing here trusts the target: its answers are bounded by targets/wire, and
// addresses that it hands out are followed on its own machine only.
package remote

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/manage"
	"scrutineer/targets"
	"scrutineer/targets/front"
	"scrutineer/targets/wire"
)

// Config says where the target is and how it is dealt with.
type Config struct {
	// URL is the root of a host or of an authority.
	URL string
	// Ports are the management ports of a standing election's roles:
	// "authority", "registrar", "voter", "auditor", "trustee/2", "witness/w1".
	Ports map[string]string
	// TLS is for the https among the URLs; nil means the machine's roots.
	TLS *tls.Config
	// Limits bound every request.
	Limits wire.Limits
	// Dial opens connections; nil means TCP.
	Dial wire.DialFunc
}

// Target is one remote system.
type Target struct {
	cfg    Config
	name   string // the machine, as the URL names it
	host   *wire.Host
	public *wire.Public
	ports  wire.Ports
}

var _ targets.Target = (*Target)(nil)

// New looks at the URLs and connects to nobody yet.
func New(cfg Config) (*Target, error) {
	t := &Target{cfg: cfg}
	var err error
	if t.host, err = wire.NewHost(t.port(cfg.URL), cfg.Limits); err != nil {
		return nil, err
	}
	if t.public, err = wire.NewPublic(t.port(cfg.URL), cfg.Limits, nil); err != nil {
		return nil, err
	}
	u, err := url.Parse(cfg.URL)
	if err != nil {
		return nil, err
	}
	t.name = u.Hostname()
	t.ports, err = t.named(cfg.Ports)
	return t, err
}

// Close implements targets.Target.
func (t *Target) Close() error {
	t.host.Close()
	return t.public.Close()
}

func (t *Target) port(at string) wire.Port {
	return wire.Port{URL: at, Dial: t.cfg.Dial, TLS: t.cfg.TLS}
}

// named puts ports by the names of roles into the words of wire.
func (t *Target) named(ports map[string]string) (wire.Ports, error) {
	out := wire.Ports{Trustees: map[int]wire.Port{}, Witnesses: map[string]wire.Port{}}
	one := map[string]**wire.Port{"authority": &out.Authority, "registrar": &out.Registrar, "voter": &out.Voter, "auditor": &out.Auditor}
	for role, at := range ports {
		p := t.port(at)
		if _, err := wire.NewHost(p, t.cfg.Limits); err != nil {
			return out, fmt.Errorf("port of %q: %w", role, err)
		}
		kind, id, more := strings.Cut(role, "/")
		switch slot, known := one[role]; {
		case known:
			*slot = &p
		case more && kind == "witness" && id != "":
			out.Witnesses[id] = p
		case more && kind == "trustee":
			index, err := strconv.Atoi(id)
			if err != nil || index < 1 {
				return out, fmt.Errorf("port of %q: trustees are named by index, as trustee/2", role)
			}
			out.Trustees[index] = p
		default:
			return out, fmt.Errorf("port of %q: want authority, registrar, voter, auditor, trustee/INDEX or witness/ID", role)
		}
	}
	return out, nil
}

// Open implements targets.Target. It needs a host: an authority with one
// standing election has nothing to open.
func (t *Target) Open(ctx context.Context, d targets.Definition) (targets.Election, error) {
	if d.Announced != "" || d.Shown != nil {
		return nil, fmt.Errorf("%w: a host does not pass on what was announced", targets.ErrUnable)
	}
	draft, err := codec.Decode[manage.Draft](d.Draft, codec.Limits{Size: maxDraft})
	if err != nil {
		return nil, fmt.Errorf("%w: the draft: %w", targets.ErrSetup, err)
	}
	e := &election{target: t}
	if err := e.start(ctx, d, draft); err != nil {
		return nil, errors.Join(err, e.Close())
	}
	return e, nil
}

// maxDraft bounds a definition in bytes.
const maxDraft = 64 << 20

// endTime is how long an election may take to end.
const endTime = time.Minute

// loopback is where we stand before a host's clients: a host is near, or there
// is no front.
func loopback(string) (net.Listener, error) { return net.Listen("tcp", "127.0.0.1:0") }

// election is one that a host has set up.
type election struct {
	*wire.Managed
	target *Target
	front  *front.Front
	name   string
	ended  bool
}

// start has the host set up the election, and waits as long as the definition
// wants.
func (e *election) start(ctx context.Context, d targets.Definition, draft manage.Draft) (err error) {
	q := manage.Hosting{Draft: draft, Entries: []codec.HexBytes{}, Harness: list(d.Harness), Planted: list(d.Plant), Seed: d.Seed, Via: map[string]string{}}
	for _, raw := range d.Entries {
		q.Entries = append(q.Entries, raw)
	}
	if e.target.near() {
		if e.front, err = front.New(clients(draft, d.Harness), loopback); err != nil {
			return err
		}
		q.Via = e.front.URLs("http")
	}
	hosted, err := e.target.host.Start(ctx, q)
	if err != nil {
		return err
	}
	e.name = hosted.Election
	if err := e.connect(hosted, draft); err != nil {
		return err
	}
	if d.Await == "posted" {
		_, err = e.Await(ctx, 1)
		return err
	}
	return e.Opened(ctx)
}

// connect takes the addresses that a host gave.
func (e *election) connect(h manage.Hosted, draft manage.Draft) error {
	t := e.target
	named := map[string]string{}
	for _, p := range h.Ports {
		if err := t.own(p.URL); err != nil {
			return err
		}
		named[p.Role] = p.URL
	}
	if err := t.own(h.Public); err != nil {
		return err
	}
	ports, err := t.named(named)
	if err != nil {
		return fmt.Errorf("%w: %.200q", targets.ErrTarget, err.Error())
	}
	liars := &wire.Interposer{}
	public, err := wire.NewPublic(t.port(h.Public), t.cfg.Limits, liars)
	if err != nil {
		return fmt.Errorf("%w: %.200q", targets.ErrTarget, err.Error())
	}
	if e.front != nil {
		if err := e.front.Open(t.port(h.Public), liars); err != nil {
			return err
		}
	}
	var channels []string
	for _, c := range draft.Manifest.Channels {
		channels = append(channels, c.ID)
	}
	e.Managed, err = wire.NewManaged(public, ports, channels)
	return err
}

// own refuses an address on another machine than the target's: whoever hosts
// elections must not have us knock at doors of his choice.
func (t *Target) own(at string) error {
	u, err := url.Parse(at)
	if err != nil || u.Hostname() != t.name {
		return fmt.Errorf("%w: the host sends us to %.200q, and we talk to %s alone", targets.ErrTarget, at, t.name)
	}
	return nil
}

// near says whether the target runs on this machine, so that its clients reach
// what listens here.
func (t *Target) near() bool {
	ip := net.ParseIP(t.name)
	return t.name == "localhost" || ip != nil && ip.IsLoopback()
}

// Close implements targets.Election. It may be called again.
func (e *election) Close() error {
	if e.ended {
		return nil
	}
	e.ended = true
	var errs []error
	if e.name != "" {
		ctx, cancel := context.WithTimeout(context.Background(), endTime)
		defer cancel()
		errs = append(errs, e.target.host.End(ctx, e.name))
	}
	if e.Managed != nil {
		errs = append(errs, e.Managed.Close())
	}
	if e.front != nil {
		errs = append(errs, e.front.Close())
	}
	return errors.Join(errs...)
}

// list is the same list, and never nil: strict JSON has no null.
func list(l []string) []string { return append([]string{}, l...) }

// clients are the roles of the target that are clients of the authority.
func clients(draft manage.Draft, harness []string) []string {
	all := []string{"voter", "registrar"}
	for _, w := range draft.Manifest.Witnesses {
		all = append(all, "witness/"+w.ID)
	}
	for _, t := range draft.Manifest.Trustees {
		all = append(all, "trustee/"+strconv.FormatUint(t.Index, 10))
	}
	return slices.DeleteFunc(all, func(role string) bool { return slices.Contains(harness, role) })
}
