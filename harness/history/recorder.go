package history

import (
	"errors"
	"strconv"
	"sync"

	"scrutineer/reports/event"
)

// Sink takes the lines of a history; *event.Writer is one.
type Sink interface {
	Write(event.Event) error
}

var _ Sink = (*event.Writer)(nil)

// Recorder records a history while it happens. It is safe for concurrent use.
type Recorder struct {
	mu    sync.Mutex
	sink  Sink
	built builder
	err   error
	next  int
}

// NewRecorder returns a Recorder that hands every line to sink, in the order
// in which things happened; a nil sink is allowed. A line that the sink does
// not take does not stop the election: the first error is kept for Err.
func NewRecorder(sink Sink) *Recorder { return &Recorder{sink: sink} }

// Invoke records that o begins and returns what ends it. ID and Type of o are
// set here.
func (r *Recorder) Invoke(o event.Operation) *Pending {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.next++
	o.ID, o.Type = "op-"+strconv.Itoa(r.next), event.Invoke
	r.write(event.Event{Operation: &o})
	return &Pending{r: r, op: o}
}

// Find records a finding.
func (r *Recorder) Find(f event.Finding) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.write(event.Event{Finding: &f})
}

// write hands a line to the builder and the sink; the caller holds mu.
func (r *Recorder) write(e event.Event) {
	if err := r.built.add(e); err != nil {
		r.err = errors.Join(r.err, err)
		return
	}
	if r.sink == nil {
		return
	}
	if err := r.sink.Write(e); err != nil && r.err == nil {
		r.err = err
	}
}

// History returns what has been recorded so far; what has not ended is
// unknown.
func (r *Recorder) History() History {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.built.history()
}

// Err returns the first error of the sink, or an error of this package.
func (r *Recorder) Err() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}

// Pending is an operation that has begun. One of its methods must be called
// when it has ended; later calls change nothing, so that a deferred
// Unknown(nil) covers every way out of a function.
type Pending struct {
	r     *Recorder
	op    event.Operation
	ended bool
}

// OK records that the operation was acknowledged. Change may add what the
// answer told: ballot, code, response; it may be nil.
func (p *Pending) OK(change func(*event.Operation)) { p.end(event.OpOK, change) }

// Refused records that the operation was refused for good.
func (p *Pending) Refused(change func(*event.Operation)) { p.end(event.OpRefused, change) }

// Unknown records that nobody can tell whether the operation happened.
func (p *Pending) Unknown(change func(*event.Operation)) { p.end(event.OpUnknown, change) }

func (p *Pending) end(outcome event.OpType, change func(*event.Operation)) {
	p.r.mu.Lock()
	defer p.r.mu.Unlock()
	if p.ended {
		return
	}
	p.ended = true
	o := p.op
	if o.Ballot != nil {
		b := *o.Ballot
		o.Ballot = &b
	}
	if change != nil {
		change(&o)
	}
	o.ID, o.Type, o.Params = p.op.ID, outcome, nil
	p.r.write(event.Event{Operation: &o})
}
