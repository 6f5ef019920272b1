package wire

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
	"scrutineer/targets"
)

// Ports are the management ports of an election's processes. What needs one
// that is missing gives targets.ErrUnable.
type Ports struct {
	Authority *Port
	Registrar *Port
	Voter     *Port // the voting client of all voters
	Auditor   *Port
	Trustees  map[int]Port    // by index
	Witnesses map[string]Port // by id

	Identity       *Port // the public interface of the identity service; nil where there is none
	IdentityManage *Port

	Channels       map[string]Port // of results, public, by name
	ChannelsManage map[string]Port
}

// Managed is an election with management ports.
type Managed struct {
	*Public
	channels       []string
	authority      *client
	registrar      *client
	voter          *client
	auditor        *client
	identity       *client // its public interface
	identityManage *client
	channelPorts   map[string]*channel
	trustees       map[int]*client
	witnesses      map[string]*client

	// The roll does not change; it is asked for once.
	credentials struct {
		sync.Mutex
		of map[string]manage.Credential
	}
}

var (
	_ targets.Closer      = (*Managed)(nil)
	_ targets.Corruptible = (*Managed)(nil)
	_ targets.Credentials = (*Managed)(nil)
	_ targets.Forwarder   = (*Managed)(nil)
	_ targets.Importer    = (*Managed)(nil)
	_ targets.Trustees    = (*Managed)(nil)
	_ targets.Verifier    = (*Managed)(nil)
	_ targets.Voters      = (*Managed)(nil)
	_ targets.Witnesses   = (*Managed)(nil)
)

// NewManaged connects to nobody yet. The channels are those of the manifest.
func NewManaged(public *Public, ports Ports, channels []string) (*Managed, error) {
	m := &Managed{
		Public: public, channels: slices.Clone(channels),
		trustees: map[int]*client{}, witnesses: map[string]*client{},
	}
	var errs []error
	one := func(p *Port) *client {
		if p == nil {
			return nil
		}
		c, err := newClient(*p, public.limits, nil)
		errs = append(errs, err)
		return c
	}
	m.authority, m.registrar = one(ports.Authority), one(ports.Registrar)
	m.voter, m.auditor = one(ports.Voter), one(ports.Auditor)
	m.identity, m.identityManage = one(ports.Identity), one(ports.IdentityManage)
	for index, p := range ports.Trustees {
		m.trustees[index] = one(&p)
	}
	m.channelPorts = map[string]*channel{}
	for name, p := range ports.Channels {
		c := &channel{liars: &Interposer{}}
		var err error
		c.public, err = newClient(p, public.limits, c.liars.Between)
		errs = append(errs, err)
		if manage, ok := ports.ChannelsManage[name]; ok {
			c.manage = one(&manage)
		}
		m.channelPorts[name] = c
	}
	for id, p := range ports.Witnesses {
		m.witnesses[id] = one(&p)
	}
	return m, errors.Join(errs...)
}

// Close implements targets.Election, as Public's does.
func (m *Managed) Close() error {
	all := []*client{m.authority, m.registrar, m.voter, m.auditor, m.identity, m.identityManage}
	for _, c := range m.trustees {
		all = append(all, c)
	}
	for _, c := range m.witnesses {
		all = append(all, c)
	}
	for _, c := range m.channelPorts {
		all = append(all, c.public, c.manage)
	}
	for _, c := range all {
		if c != nil {
			c.close()
		}
	}
	return m.Public.Close()
}

// without says which port is missing.
func without(role string) error {
	return fmt.Errorf("%w: there is no management port of %s", targets.ErrUnable, printable(role))
}

// stalled is how long the ceremony may stand still before the trustees are
// asked why.
const stalled = 250 * time.Millisecond

// Opened waits until the election takes ballots and all of the ceremony is
// under a published head. Where a trustee of the target will not go on, it
// returns a *targets.Refusal.
func (m *Managed) Opened(ctx context.Context) error {
	var stuck message.Status
	since := time.Now()
	for {
		st, err := m.status(ctx)
		switch {
		case err != nil:
			return err
		case st.Phase == message.PhaseAborted:
			return m.refused(ctx, "it was aborted")
		case reached(st.Phase, message.PhaseVoting):
			if _, err := m.Await(ctx, st.Size); err != nil {
				return err
			}
			return m.identityReady(ctx)
		case st != stuck:
			stuck, since = st, time.Now()
		case time.Since(since) > m.limits.Stall:
			return m.refused(ctx, "it stays in phase "+printable(string(st.Phase)))
		}
		moved, err := m.moves(ctx, st.Size)
		if err == nil && !moved {
			err = m.refused(ctx, "")
		}
		if err != nil {
			return err
		}
	}
}

// moves waits a little for a head beyond size.
func (m *Managed) moves(ctx context.Context, size uint64) (bool, error) {
	little, cancel := context.WithTimeout(ctx, stalled)
	defer cancel()
	_, _, err := m.await(little, size+1)
	switch {
	case err == nil:
		return true, nil
	case ctx.Err() != nil:
		return false, ctx.Err()
	case little.Err() != nil:
		return false, nil
	}
	return false, err
}

// refused returns the refusal of the first trustee who has found something.
// Without one it returns an ErrSetup with the detail, or nil where that is
// empty.
func (m *Managed) refused(ctx context.Context, detail string) error {
	for _, index := range m.indices() {
		st, err := ask[manage.Status](ctx, m.trustees[index], request{path: manage.PathStatus}, nil)
		if err != nil {
			return err
		}
		if st.Fault == "" {
			continue
		}
		found, err := m.Follow(ctx, index)
		if err != nil {
			return err
		}
		r := &targets.Refusal{Role: fmt.Sprintf("trustee/%d", index), Detail: printable(st.Fault), Findings: found}
		if len(found) > 0 {
			r.Check, r.Detail = found[0].Check, found[0].Detail
		}
		return r
	}
	if detail == "" {
		return nil
	}
	return fmt.Errorf("%w: %s", targets.ErrSetup, detail)
}

func (m *Managed) indices() []int {
	var out []int
	for index := range m.trustees {
		out = append(out, index)
	}
	slices.Sort(out)
	return out
}

// CloseVoting implements targets.Closer. Where the registrar is not the
// target's, the participation is somebody else's to publish, and the outcome
// is Unknown once the closes are published.
func (m *Managed) CloseVoting(ctx context.Context) (targets.Answer, error) {
	if m.authority == nil {
		return targets.Answer{}, without("the authority")
	}
	for _, id := range m.channels {
		body, err := codec.Encode(message.CloseChannel{Channel: id})
		if err != nil {
			return targets.Answer{}, err
		}
		a, err := m.authority.do(ctx, request{path: manage.PathClose, body: body})
		if err != nil {
			return unknown(err), nil
		}
		if a.status != http.StatusOK {
			return kind{}.outcome(a), nil
		}
	}
	return m.sealed(ctx)
}

// sealed waits for the seal in a published head.
func (m *Managed) sealed(ctx context.Context) (targets.Answer, error) {
	for {
		st, err := m.status(ctx)
		if err != nil {
			return unknown(err), nil
		}
		sealed := reached(st.Phase, message.PhaseSealed)
		want := st.Size
		if !sealed && m.registrar != nil {
			want++
		}
		if _, err := m.Await(ctx, want); err != nil {
			a := unknown(err)
			a.Detail = fmt.Sprintf("the election stays in phase %s: %s", printable(string(st.Phase)), a.Detail)
			return a, nil
		}
		switch {
		case sealed:
			return targets.Answer{Outcome: targets.OK}, nil
		case m.registrar == nil:
			return targets.Answer{Outcome: targets.Unknown, Detail: "the participation is not the target's to publish"}, nil
		}
	}
}
