package history

import (
	"slices"

	"scrutineer/reports/event"
)

// None is the predecessor of a voter's first ballot.
const None = "none"

// Board is what the board shows of the ballots that were cast, up to the seal
// where there is one.
type Board struct {
	// Entries are the casts in the board's order.
	Entries []Entry
	// Size is the number of entries of any kind up to which the board was read.
	Size int64
	// Sealed says that the ballot box was closed for good.
	Sealed bool
}

// Entry is a cast on the board.
type Entry struct {
	Index int64
	// Voter is whose credential cast it; empty where nobody knows.
	Voter string
	// Tracker and Predecessor are those of the decision.
	Tracker, Predecessor string
}

// ballot is one decision of a voter with everything known of its outcome.
type ballot struct {
	tracker, predecessor string
	vote                 Vote
	// free is set where the content is not a lawful vote.
	free           bool
	acked, refused bool
	order          int
	children       []*ballot
}

// open says that the outcome is neither acknowledged nor refused.
func (b *ballot) open() bool { return !b.acked && !b.refused }

// must says that the ballot was acknowledged, or one that follows it was and
// so proves that it stood.
func (b *ballot) must() bool {
	return b.acked || slices.ContainsFunc(b.children, (*ballot).must)
}

// trackers lists the trackers of the ballots below b.
func (b *ballot) trackers() []string {
	var out []string
	for _, c := range b.children {
		if c.tracker != "" {
			out = append(out, c.tracker)
		}
		out = append(out, c.trackers()...)
	}
	return out
}

// chainOf puts a voter's casts together to a tree under a root without a
// vote. Every ballot below the root has one parent, so the tree has no circle;
// ballots that only name each other are not in it. Operations on one decision are one ballot: one acknowledgement is
// enough, and a refusal is final unless there is one.
func chainOf(e *Electorate, v Voter, casts []Op) *ballot {
	root := &ballot{tracker: None, acked: true, order: -1}
	var all []*ballot
	for _, o := range casts {
		b := ballotOf(e, v, o, all)
		same := slices.IndexFunc(all, func(x *ballot) bool {
			return b.tracker != "" && x.tracker == b.tracker && x.predecessor == b.predecessor
		})
		if same < 0 {
			all = append(all, b)
			continue
		}
		x := all[same]
		x.acked = x.acked || b.acked
		x.refused = (x.refused || b.refused) && !x.acked
	}
	for _, b := range all {
		parent := root
		for _, p := range all {
			if p != b && p.tracker != "" && p.tracker == b.predecessor {
				parent = p
			}
		}
		parent.children = append(parent.children, b)
	}
	return root
}

// ballotOf reads a cast operation. Where no predecessor was recorded it is the
// voter's last acknowledged ballot before.
func ballotOf(e *Electorate, v Voter, o Op, earlier []*ballot) *ballot {
	b := &ballot{predecessor: None, order: o.Order, acked: o.Type == event.OpOK, refused: o.Type == event.OpRefused, free: true}
	if o.Ballot == nil {
		return b
	}
	b.tracker = o.Ballot.Tracker
	if o.Ballot.Predecessor != "" {
		b.predecessor = o.Ballot.Predecessor
	} else {
		for _, x := range earlier {
			if x.acked && x.tracker != "" {
				b.predecessor = x.tracker
			}
		}
	}
	if len(o.Ballot.Choices) > 0 {
		b.vote = VoteOf(o.Ballot.Choices)
		b.free = e.Lawful(v.Style, b.vote) != nil
	}
	return b
}

// VoteOf turns the choices of an operation into a vote.
func VoteOf(choices []event.Choice) Vote {
	v := Vote{}
	for _, c := range choices {
		v[c.Contest] = Selection{Options: c.Options, Blank: c.Blank}
	}
	return v
}

// Choices turns a vote into the choices of an operation, in the order of the
// contests of its style.
func (e *Electorate) Choices(style string, v Vote) []event.Choice {
	var out []event.Choice
	for _, id := range e.Styles[style] {
		out = append(out, event.Choice{Contest: id, Options: v[id].Options, Blank: v[id].Blank})
	}
	return out
}

// presence is whether a ballot of unknown outcome is on the board.
type presence int

const (
	maybe presence = iota
	present
	absent
)

// find returns the place of a voter's ballot among the board's casts. A ballot
// without a tracker is taken to be any entry of the voter that no other of his
// ballots explains.
func (b *Board) find(voter string, x *ballot, known []string) (presence, int) {
	if b == nil {
		return maybe, 0
	}
	anonymous := false
	for i, e := range b.Entries {
		switch {
		case x.tracker != "" && e.Tracker == x.tracker && (e.Voter == "" || e.Voter == voter):
			return present, i
		case x.tracker == "" && e.Voter == voter && !slices.Contains(known, e.Tracker):
			return present, i
		case x.tracker == "" && e.Voter == "" && !slices.Contains(known, e.Tracker):
			anonymous = true
		}
	}
	if anonymous {
		return maybe, 0
	}
	return absent, 0
}

// standing returns the children of which one stands after their parent, and
// whether it is also possible that none does.
func standing(voter string, children []*ballot, board *Board, known []string) (options []*ballot, none bool) {
	var acked, there, open []*ballot
	place := map[*ballot]int{}
	for _, c := range children {
		where, i := board.find(voter, c, known)
		switch {
		case c.must():
			acked = append(acked, c)
		case c.open() && where == present:
			there = append(there, c)
		case c.open() && where == maybe:
			open = append(open, c)
		}
		if where == present {
			place[c] = i
		}
	}
	switch {
	case len(acked) > 0:
		return first(acked, place), false
	case len(there) > 0:
		return append(first(there, place), open...), false
	}
	return open, true
}

// first returns the one of several that comes first on the board; where none
// of them is there, all remain possible.
func first(bs []*ballot, place map[*ballot]int) []*ballot {
	var best *ballot
	for _, b := range bs {
		i, ok := place[b]
		if ok && (best == nil || i < place[best]) {
			best = b
		}
	}
	if best == nil {
		return bs
	}
	return []*ballot{best}
}

// finals returns the ballots of which one counts for the voter in the end;
// the root among them means that perhaps none does.
func finals(e *Electorate, voter string, root *ballot, board *Board) []*ballot {
	known := root.trackers()
	var out []*ballot
	var walk func(*ballot)
	walk = func(b *ballot) {
		options, none := standing(voter, b.children, board, known)
		if none {
			out = append(out, b)
		}
		for _, o := range options {
			if e.Revote {
				walk(o)
			} else {
				out = append(out, o)
			}
		}
	}
	walk(root)
	return out
}
