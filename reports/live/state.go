package live

import (
	"cmp"
	"maps"
	"slices"
	"sync"
	"time"

	"scrutineer/reports/event"
	"scrutineer/reports/html"
	"scrutineer/reports/run"
)

// maxParties bounds how many roles and nodes are told apart; the rest are one.
const maxParties = 64

// state gathers what happens. It is safe for concurrent use.
type state struct {
	clock func() time.Time

	mu      sync.Mutex
	began   time.Time
	changes int
	run     *run.Gatherer
	flow    run.FlowGatherer
	parties map[string]*party
	open    map[[2]string]string // operation in flight to party
	over    bool
}

type party struct {
	html.Party
	faults map[[2]string]string
}

func newState(name string, clock func() time.Time) *state {
	return &state{clock: clock, began: clock(), run: run.NewGatherer(name), parties: map[string]*party{}, open: map[[2]string]string{}}
}

// event takes a line of the summary stream.
func (s *state) event(e event.Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changes++
	s.run.Add(e)
	s.over = s.over || e.RunFinished != nil
}

// operation takes a line of the history of the election where.
func (s *state) operation(where string, o *event.Operation) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changes++
	s.flow.Add(s.clock().Sub(s.began), where, o)
	key := [2]string{where, o.ID}
	name := cmp.Or(s.open[key], s.name(o))
	p := s.parties[name]
	if p == nil {
		p = &party{Party: html.Party{Name: name}, faults: map[[2]string]string{}}
		s.parties[name] = p
	}
	switch {
	case o.Type == event.Invoke:
		s.open[key] = name
		p.InFlight++
		if o.Role == event.RoleFault {
			p.faults[key] = o.Op
		}
		return
	case s.open[key] == "":
		return // it was never invoked
	case o.Type == event.OpOK:
		p.OK++
	case o.Type == event.OpRefused:
		p.Refused++
	default:
		p.Unknown++
	}
	p.InFlight--
	delete(s.open, key)
	delete(p.faults, key)
}

// name is the party of an operation: a node where a fault is injected, and
// otherwise the role, because voters are many.
func (s *state) name(o *event.Operation) string {
	name := cmp.Or(o.Role, o.Actor)
	if o.Role == event.RoleFault {
		name = o.Actor
	}
	if s.parties[name] == nil && len(s.parties) >= maxParties {
		name = "others"
	}
	return name
}

// now returns the run at this moment, and a number that grows with each change.
func (s *state) now() (html.Now, int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := html.Now{Run: s.run.Run(), Elapsed: s.clock().Sub(s.began), Flow: s.flow.Flow()}
	for _, name := range slices.Sorted(maps.Keys(s.parties)) {
		p := s.parties[name]
		shown := p.Party
		shown.Faults = slices.Sorted(maps.Values(p.faults))
		n.Parties = append(n.Parties, shown)
	}
	return n, s.changes
}
