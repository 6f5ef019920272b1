// Package linear checks whether a ballot box behaved as one box: whether there
// is an order of all decisions and the close, one after the other, that agrees
// with every answer and with what was over before something else began
// (linearizability; Herlihy and Wing, 1990). The search is porcupine's.
//
// The model is SPEC.md's box and nothing else: of a voter's decisions each must
// name the ballot that stands, a ballot is decided on once, the same decision
// gets the same answer, an entry has one place, and after the close nothing is
// taken. It reads a history and knows neither how requests travelled nor what is
// planted. It is no oracle: who cannot say where an order breaks has no finding,
// only a picture that helps to look.
package linear

import (
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/anishathalye/porcupine"

	"scrutineer/harness/history"
	"scrutineer/reports/event"
)

// OpChallenge is the operation that opens a ballot instead of casting it.
const OpChallenge = "challenge"

// Kind of an operation on the box.
type Kind string

// The kinds.
const (
	Cast      Kind = history.OpCast
	Challenge Kind = OpChallenge
	Close     Kind = history.OpSeal
)

// Call is one operation on the box with its answer.
type Call struct {
	Kind        Kind
	Voter       string // whose chain it is about; empty for Close
	Tracker     string
	Predecessor string // empty where the history does not know it
	Outcome     event.OpType
	Reason      string // of a refusal
	Index       *int64 // promised place, of what was acknowledged

	Began, Ended int // lines of the history; Ended 0 for never
}

// decision names what is answered for good: two calls with the same one are the
// same decision.
func (c *Call) decision() string { return string(c.Kind) + " " + c.Tracker + " " + c.Predecessor }

// Calls are the operations of a history that concern one election's box.
// Ballots that were never given a tracker reached no decision.
func Calls(h history.History, election string) []Call {
	var out []Call
	for _, o := range h.Ops {
		if o.Election != election {
			continue
		}
		c := Call{Kind: Kind(o.Op), Outcome: o.Type, Reason: o.Code, Began: o.Began, Ended: o.Ended}
		switch c.Kind {
		case Cast, Challenge:
			if o.Ballot == nil || o.Ballot.Tracker == "" {
				continue
			}
			c.Voter, c.Tracker, c.Predecessor, c.Index = o.Actor, o.Ballot.Tracker, o.Ballot.Predecessor, o.Ballot.Index
		case Close:
		default:
			continue
		}
		out = append(out, c)
	}
	return out
}

// Result is what a check came to.
type Result struct {
	Calls int
	// Linearizable is false where no order explains the history, Decided where
	// the search came to an end.
	Linearizable, Decided bool

	info  porcupine.LinearizationInfo
	model porcupine.Model
}

// Check looks for an order, for at most so long.
func Check(calls []Call, within time.Duration) Result {
	model, ops := prepare(calls)
	r := Result{Calls: len(calls), model: model}
	var verdict porcupine.CheckResult
	verdict, r.info = porcupine.CheckOperationsVerbose(model, ops, within)
	r.Linearizable, r.Decided = verdict == porcupine.Ok, verdict != porcupine.Unknown
	return r
}

// Broken reports that there is no order.
func (r Result) Broken() bool { return r.Decided && !r.Linearizable }

// Picture writes a page that shows how far orders go, and where none does.
func (r Result) Picture(w io.Writer) error {
	if err := porcupine.Visualize(r.model, r.info, w); err != nil {
		return fmt.Errorf("drawing the history: %w", err)
	}
	return nil
}

// prepare turns calls into porcupine's operations. Clients are numbered so that
// no two operations of one overlap.
func prepare(calls []Call) (porcupine.Model, []porcupine.Operation) {
	last := 0
	for _, c := range calls {
		last = max(last, c.Began, c.Ended)
	}
	var free []int // when each client ended its last operation
	ops := make([]porcupine.Operation, 0, len(calls))
	for i := range calls {
		c := calls[i]
		end := c.Ended
		if end == 0 || c.Outcome == event.OpUnknown {
			// It may take effect at any later time, or, which is the same, when
			// nobody looks any more.
			end = last + 1
		}
		client := slices.IndexFunc(free, func(until int) bool { return until < c.Began })
		if client < 0 {
			client, free = len(free), append(free, 0)
		}
		free[client] = end
		ops = append(ops, porcupine.Operation{ClientId: client, Input: &c, Output: c.Outcome, Call: int64(c.Began), Return: int64(end)})
	}
	return model(places(calls)), ops
}
