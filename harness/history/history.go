// Package history keeps what happened in one simulated election and derives
// from it what the result may be.
//
// It is Jepsen's idea: every operation is invoked and then ok, refused or
// unknown; one that never completes is unknown. The harness plays the voters,
// so it knows what each of them wanted. Acknowledged ballots must count,
// refused ones must not, unknown ones count if and only if they are on the
// board before the seal. Ground truth is therefore a set of allowed results
// ([Allow]), one element wide where nothing is unknown.
//
// The runner records with [Recorder]; oracles read a [History] and never talk
// to the target. The package knows no protocol and no planted weakness.
package history

import (
	"errors"
	"fmt"
	"io"

	"scrutineer/reports/event"
)

// Names of operations that ground truth and oracles rest on; others are free.
const (
	// OpTold is an adversary who says which of the voter ids in the parameter
	// asked are somebody's: those in the parameter told.
	OpTold = "told"
	// OpCast sends a ballot and the decision to cast it. Its Ballot holds the
	// voter's Choices from the invocation on; a ballot whose content is no
	// lawful vote has none.
	OpCast = event.OpCast
	// OpSeal closes the ballot box for good.
	OpSeal = "seal"
	// OpPublish publishes the result.
	OpPublish = "publish"
)

// RoleVoter is the role of operations that are the voter's own.
const RoleVoter = event.RoleVoter

// Op is one operation.
type Op struct {
	// Operation is the invocation, with what the completion added to it. Its
	// Type is the outcome: event.OpOK, event.OpRefused or event.OpUnknown.
	event.Operation
	// Order counts invocations from 0.
	Order int
	// Began and Ended number the lines of invocation and completion within the
	// history: of two operations one was over before the other began exactly if
	// its Ended is below the other's Began. Ended is 0 where it never ended.
	Began, Ended int
	// Completed is false where no outcome was ever recorded.
	Completed bool
}

// History is what happened in one election.
type History struct {
	// Ops are in the order of their invocation.
	Ops []Op
	// Findings are what checks saw as it went.
	Findings []event.Finding
}

// Casts returns the voters' own cast operations.
func (h History) Casts() []Op {
	var out []Op
	for _, o := range h.Ops {
		if o.Op == OpCast && o.Role == RoleVoter {
			out = append(out, o)
		}
	}
	return out
}

// Last returns the last operation of that name.
func (h History) Last(op string) (Op, bool) {
	for i := len(h.Ops) - 1; i >= 0; i-- {
		if h.Ops[i].Op == op {
			return h.Ops[i], true
		}
	}
	return Op{}, false
}

// In returns the part of the history that belongs to one election; operations
// and findings that name none belong to all.
func (h History) In(election string) History {
	out := History{Findings: h.Findings}
	for _, o := range h.Ops {
		if o.Election == "" || o.Election == election {
			out.Ops = append(out.Ops, o)
		}
	}
	return out
}

// Errors of Read.
var (
	// ErrInvocation means that an operation is invoked twice, or completed
	// without having been invoked.
	ErrInvocation = errors.New("operation without its one invocation")
	// ErrCompletion means that an operation is completed twice.
	ErrCompletion = errors.New("operation completed twice")
)

// Read reads a history.jsonl, so that a saved run can be judged again; name
// stands in errors.
func Read(r io.Reader, name string) (History, error) {
	var b builder
	for e, err := range event.NewReader(r, name, event.History).All() {
		if err != nil {
			return History{}, err
		}
		if err := b.add(e); err != nil {
			return History{}, fmt.Errorf("%s:%d: %w", name, e.Seq, err)
		}
	}
	return b.history(), nil
}

// builder puts invocations and completions together.
type builder struct {
	ops      []Op
	byID     map[string]int
	lines    int // of operations
	findings []event.Finding
}

func (b *builder) add(e event.Event) error {
	if e.Finding != nil {
		b.findings = append(b.findings, *e.Finding)
	}
	if e.Operation == nil {
		return nil
	}
	b.lines++
	o := *e.Operation
	i, known := b.byID[o.ID]
	switch {
	case o.Type == event.Invoke && known, o.Type != event.Invoke && !known:
		return fmt.Errorf("%w: %s", ErrInvocation, o.ID)
	case o.Type == event.Invoke:
		if b.byID == nil {
			b.byID = map[string]int{}
		}
		b.byID[o.ID] = len(b.ops)
		o.Type = event.OpUnknown
		b.ops = append(b.ops, Op{Operation: o, Order: len(b.ops), Began: b.lines})
	case b.ops[i].Completed:
		return fmt.Errorf("%w: %s", ErrCompletion, o.ID)
	default:
		if o.Params == nil {
			o.Params = b.ops[i].Params
		}
		if o.Ballot == nil {
			o.Ballot = b.ops[i].Ballot
		}
		b.ops[i].Operation, b.ops[i].Completed, b.ops[i].Ended = o, true, b.lines
	}
	return nil
}

func (b *builder) history() History {
	return History{Ops: append([]Op(nil), b.ops...), Findings: append([]event.Finding(nil), b.findings...)}
}
