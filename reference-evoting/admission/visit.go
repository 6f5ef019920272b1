package admission

import (
	"context"
	"net/netip"
	"sync"
	"time"

	"scrutineer/reference-evoting/weakness"
)

// Control is the admission of one election.
type Control struct {
	limits  Limits
	weak    weakness.View
	clock   func() time.Time
	sources *sources
	quota   *quota
	workers *workers

	mu      sync.Mutex
	refused func(Rule)
}

// New makes the admission of an election whose box has these weaknesses.
func New(l Limits, weak weakness.View, clock func() time.Time) *Control {
	l = l.Filled()
	return &Control{limits: l, weak: weak, clock: clock, refused: func(Rule) {},
		sources: newSources(l), quota: newQuota(l), workers: newWorkers(l, weak.Has(weakness.NoAdmission))}
}

// Watch has each refusal told, from now on.
func (c *Control) Watch(refused func(Rule)) {
	if c == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refused = refused
}

// Limits are those in force.
func (c *Control) Limits() Limits { return c.limits }

// Waiting is how many requests of known credentials and of strangers wait.
func (c *Control) Waiting() (ofKnown, ofStrangers int) {
	if c == nil {
		return 0, 0
	}
	return c.workers.waiting(known), c.workers.waiting(strangers)
}

func (c *Control) refuse(r *Refusal) error {
	c.mu.Lock()
	tell := c.refused
	c.mu.Unlock()
	tell(r.Rule)
	return r
}

// paidFor is how many bytes of a body a token pays for, beyond the first.
const paidFor = 16 << 10

// Visit lets a request in from a source, or says in a *Refusal why not. Where
// it is anonymous by nature it pays at once. End is called when it is over.
func (c *Control) Visit(source netip.Prefix, anonymous bool) (*Visit, error) {
	v := &Visit{control: c, source: source, peer: c.limits.peer(source)}
	if v.peer {
		return v, nil
	}
	now := c.clock()
	ok, after := c.sources.may(source, now)
	// The sound rule; the weak one lets every source ask.
	if !c.weak.Widen(weakness.NoAdmission, ok, func() bool { return true }) {
		return nil, c.refuse(&Refusal{Rule: RuleSource, After: after})
	}
	if anonymous {
		c.sources.take(source, 1, now)
		v.paid = true
	}
	return v, nil
}

// Visit is one request. The methods of a nil Visit let everything be: an
// election in one process has no door. It is for one goroutine.
type Visit struct {
	control *Control
	source  netip.Prefix
	peer    bool // comes from one of the election's own roles
	paid    bool // is not to be paid for at the end
	size    int
	leave   func() // gives the worker back; nil where there is none
	ballot  *Credential
}

type contextKey struct{}

// With hands a visit on.
func With(ctx context.Context, v *Visit) context.Context {
	return context.WithValue(ctx, contextKey{}, v)
}

// Of is the visit that a context has, or nil.
func Of(ctx context.Context) *Visit {
	v, _ := ctx.Value(contextKey{}).(*Visit)
	return v
}

// Begin waits for a worker to look at a request of so many bytes that nobody has
// vouched for yet. The error is a *Refusal or that of ctx.
func (v *Visit) Begin(ctx context.Context, size int) error {
	if v == nil {
		return nil
	}
	v.size = size
	c := strangers
	if v.peer {
		c = known
	}
	return v.work(ctx, c, v.source)
}

// Vouched tells that a signature holds: the source has nothing to pay.
func (v *Visit) Vouched() {
	if v != nil {
		v.paid = true
	}
}

// Ballot tells that a credential's signature holds for a ballot that the request
// brings. The credential's quota must have room for it, and it waits among the
// known for a worker to look at its proofs.
func (v *Visit) Ballot(ctx context.Context, c Credential) error {
	if v == nil {
		return nil
	}
	v.paid = true
	r := v.control.quota.begin(c, v.control.clock())
	// The sound rule; the weak one has no quota.
	if !v.control.weak.Widen(weakness.NoAdmission, r == nil, func() bool { return true }) {
		return v.control.refuse(r)
	}
	if r == nil {
		v.ballot = &c
	}
	if v.control.workers.plain {
		return nil // one line, in which it has waited
	}
	v.Rest()
	return v.work(ctx, known, c)
}

func (v *Visit) work(ctx context.Context, c class, key any) error {
	leave, err := v.control.workers.enter(ctx, c, key)
	if r, ok := err.(*Refusal); ok { //nolint:errorlint // it comes from next door
		return v.control.refuse(r)
	}
	v.leave = leave
	return err
}

// Rest gives the worker back: what follows waits for others and does not
// compute.
func (v *Visit) Rest() {
	if v != nil && v.leave != nil {
		v.leave()
		v.leave = nil
	}
}

// End gives everything back. A source pays for what nobody vouched for: a token,
// and one more for each 16 KiB that had to be looked at.
func (v *Visit) End() {
	if v == nil {
		return
	}
	v.Rest()
	if v.ballot != nil {
		v.control.quota.end(*v.ballot)
	}
	if !v.paid && !v.peer {
		v.control.sources.take(v.source, float64(1+v.size/paidFor), v.control.clock())
		v.paid = true
	}
}
