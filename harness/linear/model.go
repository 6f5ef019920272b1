package linear

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/anishathalye/porcupine"

	"scrutineer/protocols/message"
	"scrutineer/reports/event"
)

// The box falls into parts that can be searched alone: each voter's chain with
// the close, and the order of the board. A history has an order only if each
// part has one; the promised places tie the parts together.

// places are the indices that were promised, in order, each with the one
// decision that has it; shared are those that two decisions have.
type promised struct {
	rank   map[int64]int
	shared map[int64]bool
}

func places(calls []Call) promised {
	owner := map[int64]string{}
	p := promised{rank: map[int64]int{}, shared: map[int64]bool{}}
	for _, c := range calls {
		if c.Outcome != event.OpOK || c.Index == nil {
			continue
		}
		if had, ok := owner[*c.Index]; ok && had != c.decision() {
			p.shared[*c.Index] = true
		}
		owner[*c.Index] = c.decision()
	}
	for i, index := range slices.Sorted(maps.Keys(owner)) {
		p.rank[index] = i
	}
	return p
}

// ordered is a call as the board's order sees it.
type ordered struct{ *Call }

// chain is the box as one voter meets it. It is never changed once made.
type chain struct {
	head    string
	last    int64 // place of the newest decision
	closed  bool
	decided map[string]decided // by decision
	used    map[string]Kind    // trackers that were decided on
	sum     uint64             // of decided, whatever the order
}

// decided is an answer that stands.
type decided struct {
	accepted bool
	index    int64 // −1 where none was told
}

// order is how many of the promised places are filled.
type order int

// model is the box whose promised places are known.
func model(p promised) porcupine.Model {
	return porcupine.Model{
		Partition: partition,
		Init:      func() any { return nil },
		Step: func(state, input, output any) (bool, any) {
			if c, ok := input.(ordered); ok {
				at, _ := state.(order)
				return at.step(p, c.Call)
			}
			now, ok := state.(chain)
			if !ok {
				now = chain{head: message.None, last: -1}
			}
			return now.step(input.(*Call))
		},
		Equal:             equal,
		DescribeOperation: func(input, _ any) string { return describe(input) },
		DescribeState:     describeState,
	}
}

// partition puts each voter's calls with the close, and all that have a place
// into the order of the board.
func partition(all []porcupine.Operation) [][]porcupine.Operation {
	var board, closes []porcupine.Operation
	byVoter := map[string][]porcupine.Operation{}
	for _, o := range all {
		c := o.Input.(*Call)
		if c.Kind == Close {
			closes = append(closes, o)
			continue
		}
		byVoter[c.Voter] = append(byVoter[c.Voter], o)
		if c.Outcome == event.OpOK && c.Index != nil {
			o.Input = ordered{c}
			board = append(board, o)
		}
	}
	out := [][]porcupine.Operation{board}
	for _, voter := range slices.Sorted(maps.Keys(byVoter)) {
		part := append(byVoter[voter], closes...)
		slices.SortStableFunc(part, func(a, b porcupine.Operation) int { return cmp.Compare(a.Call, b.Call) })
		out = append(out, part)
	}
	return out
}

// step fills the next place, or repeats the answer for one that is filled.
func (at order) step(p promised, c *Call) (bool, any) {
	rank := p.rank[*c.Index]
	switch {
	case p.shared[*c.Index] || rank > int(at):
		return false, at
	case rank == int(at):
		return true, at + 1
	}
	return true, at
}

// step is the box's rule for one call (SPEC.md S-17 to S-20, S-30).
func (s chain) step(c *Call) (bool, any) {
	switch c.Outcome {
	case event.OpOK:
		return s.accept(c)
	case event.OpRefused:
		return s.refuse(c)
	}
	// Unknown: it happens if it can, and nobody is told.
	if _, answered := s.decided[c.decision()]; !answered {
		if ok, next := s.accept(c); ok {
			return true, next
		}
	}
	return true, s
}

func (s chain) accept(c *Call) (bool, any) {
	if c.Kind == Close {
		if s.closed {
			return false, s
		}
		s.closed = true
		return true, s
	}
	index := int64(-1)
	if c.Index != nil {
		index = *c.Index
	}
	if had, ok := s.decided[c.decision()]; ok {
		same := had.index == index || had.index < 0 || index < 0
		return had.accepted && same, s
	}
	_, used := s.used[c.Tracker]
	stale := c.Kind == Cast && c.Predecessor != "" && c.Predecessor != s.head
	backwards := index >= 0 && index <= s.last
	if s.closed || used || stale || backwards {
		return false, s
	}
	next := s.with(c, decided{true, index})
	next.used = maps.Clone(s.used)
	if next.used == nil {
		next.used = map[string]Kind{}
	}
	next.used[c.Tracker] = c.Kind
	if c.Kind == Cast {
		next.head = c.Tracker
	}
	next.last = max(next.last, index)
	return true, next
}

// refuse allows a refusal whose reason holds. Refusals of which the model knows
// no reason change nothing and are always allowed.
func (s chain) refuse(c *Call) (bool, any) {
	if c.Kind == Close {
		return s.closed, s
	}
	if had, ok := s.decided[c.decision()]; ok {
		return !had.accepted, s
	}
	_, used := s.used[c.Tracker]
	holds := true
	switch message.Reason(c.Reason) {
	case message.ReasonClosed:
		holds = s.closed
	case message.ReasonNotHead:
		holds = c.Predecessor == "" || c.Predecessor != s.head
	case message.ReasonNoRevote:
		holds = s.head != message.None
	case message.ReasonChallenged:
		holds = used && s.used[c.Tracker] == Challenge
	case message.ReasonDuplicate, message.ReasonUnknownTracker, message.ReasonUnknownCredential:
	default:
		return true, s // not signed: nothing was decided
	}
	return holds, s.with(c, decided{false, -1})
}

// with is the chain after an answer that stands from now on.
func (s chain) with(c *Call, d decided) chain {
	next := s
	next.decided = maps.Clone(s.decided)
	if next.decided == nil {
		next.decided = map[string]decided{}
	}
	key := c.decision()
	next.decided[key] = d
	next.sum += hash(key, d.accepted)
	return next
}

// hash is FNV-1a.
func hash(s string, accepted bool) uint64 {
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	if accepted {
		h = (h ^ 1) * 1099511628211
	}
	return h
}

func equal(a, b any) bool {
	x, ok := a.(chain)
	if !ok {
		return a == b
	}
	y, ok := b.(chain)
	return ok && x.head == y.head && x.last == y.last && x.closed == y.closed && x.sum == y.sum && maps.Equal(x.decided, y.decided)
}

// describe is the call as the picture shows it.
func describe(input any) string {
	c, ok := input.(*Call)
	if !ok {
		c = input.(ordered).Call
	}
	if c.Kind == Close {
		return "close: " + string(c.Outcome)
	}
	text := fmt.Sprintf("%s: %s %.8s after %.8s: %s", c.Voter, c.Kind, c.Tracker, cmp.Or(c.Predecessor, "?"), c.Outcome)
	if c.Index != nil {
		text += fmt.Sprintf(" at %d", *c.Index)
	}
	if c.Reason != "" {
		text += " " + c.Reason
	}
	return text
}

func describeState(state any) string {
	switch s := state.(type) {
	case chain:
		text := fmt.Sprintf("standing %.8s, %d decisions", s.head, len(s.decided))
		if s.closed {
			text += ", closed"
		}
		return text
	case order:
		return fmt.Sprintf("%d places filled", int(s))
	}
	return "empty"
}
