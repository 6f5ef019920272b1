package run

import (
	"cmp"
	"slices"
	"time"

	"scrutineer/reports/event"
)

// Flow is how casting went over time, with the faults that were injected
// meanwhile: the figure that Jepsen draws of a test.
type Flow struct {
	// Width is the width of a bucket, from 100 ms on.
	Width time.Duration
	// Buckets count the casts that ended, from the first moment on.
	Buckets []Bucket
	// Faults are in the order of their beginning.
	Faults []Fault
}

// Bucket counts the casts that ended in one span of time, by outcome.
type Bucket struct{ OK, Refused, Unknown int }

// Fault is a fault that was injected into a node.
type Fault struct {
	// Node is who suffered it, Name what it was, Where the election.
	Node, Name, Where string
	// From and To are counted from the first moment; To is meaningless while
	// the fault is in force.
	From, To time.Duration
	Ended    bool
	// Seen is whether it was seen to take effect.
	Seen   bool
	Detail string
}

// Bounds of a flow: a hostile history makes it coarser, not longer.
const (
	firstWidth = 100 * time.Millisecond
	maxBuckets = 300
	maxFaults  = 400
	maxAt      = 1000 * time.Hour
)

// A FlowGatherer makes a Flow of operations. The zero value is ready.
type FlowGatherer struct {
	flow Flow
	open map[[2]string]int // election and operation to fault
}

// Add takes a line of a history: at is the time since the first moment, where
// the election that it belongs to.
func (g *FlowGatherer) Add(at time.Duration, where string, o *event.Operation) {
	at = min(max(at, 0), maxAt)
	switch {
	case o.Role == event.RoleFault:
		g.fault(at, where, o)
	case o.Op == event.OpCast && o.Role == event.RoleVoter && o.Type != event.Invoke:
		g.cast(at, o.Type)
	}
}

func (g *FlowGatherer) cast(at time.Duration, t event.OpType) {
	f := &g.flow
	if f.Width == 0 {
		f.Width = firstWidth
	}
	for at/f.Width >= maxBuckets {
		f.coarser()
	}
	for n := int(at / f.Width); len(f.Buckets) <= n; {
		f.Buckets = append(f.Buckets, Bucket{})
	}
	b := &f.Buckets[at/f.Width]
	switch t {
	case event.OpOK:
		b.OK++
	case event.OpRefused:
		b.Refused++
	default:
		b.Unknown++
	}
}

// coarser joins buckets two by two.
func (f *Flow) coarser() {
	f.Width *= 2
	for i := range f.Buckets {
		b := f.Buckets[i]
		f.Buckets[i] = Bucket{}
		to := &f.Buckets[i/2]
		to.OK, to.Refused, to.Unknown = to.OK+b.OK, to.Refused+b.Refused, to.Unknown+b.Unknown
	}
	f.Buckets = f.Buckets[:(len(f.Buckets)+1)/2]
}

func (g *FlowGatherer) fault(at time.Duration, where string, o *event.Operation) {
	if g.open == nil {
		g.open = map[[2]string]int{}
	}
	key := [2]string{where, o.ID}
	i, going := g.open[key]
	switch {
	case o.Type == event.Invoke && !going && len(g.flow.Faults) < maxFaults:
		g.open[key] = len(g.flow.Faults)
		g.flow.Faults = append(g.flow.Faults, Fault{Node: o.Actor, Name: o.Op, Where: where, From: at})
	case o.Type != event.Invoke && going:
		delete(g.open, key)
		f := &g.flow.Faults[i]
		f.To, f.Ended, f.Seen, f.Detail = at, true, o.Type == event.OpOK, cmp.Or(o.Message, o.Code)
	}
}

// Flow returns what was gathered so far; the caller may keep it.
func (g *FlowGatherer) Flow() Flow {
	f := g.flow
	f.Buckets, f.Faults = slices.Clone(f.Buckets), slices.Clone(f.Faults)
	return f
}

// End is the end of the last bucket or fault.
func (f Flow) End() time.Duration {
	end := f.Width * time.Duration(len(f.Buckets))
	for _, x := range f.Faults {
		end = max(end, x.From, x.To)
	}
	return end
}

// Acknowledged is how many casts ended well.
func (f Flow) Acknowledged() int {
	n := 0
	for _, b := range f.Buckets {
		n += b.OK
	}
	return n
}

// Nodes are the names of those who suffered a fault, in the order of the first.
func (f Flow) Nodes() []string {
	var out []string
	for _, x := range f.Faults {
		if !slices.Contains(out, x.Node) {
			out = append(out, x.Node)
		}
	}
	return out
}
