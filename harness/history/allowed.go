package history

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"scrutineer/reports/event"
)

// Totals is a published result, cell by cell.
type Totals struct{ Cells []Cell }

// Cell is a total of one contest over some units.
type Cell struct {
	Contest string
	Units   []string
	// Options has a total for every option of the contest, Blank that of the
	// blank votes; both are sums of weights.
	Options map[string]uint64
	Blank   uint64
	// Ballots is the number of ballots, of any weight; nil where it is not
	// published.
	Ballots *uint64
	// Withheld says that the cell is too small to have totals.
	Withheld bool
}

// Allowed is the set of results that the history allows. It is kept as one
// choice for each voter, never enumerated: with u undecided voters it may have
// 2^u elements and more.
type Allowed struct {
	e *Electorate
	// sure are ballots that count in every allowed result.
	sure []counted
	// undecided are voters of whom one of several ballots counts, or none.
	undecided []undecided
	// free are voters whose ballot, if it counts, may be any lawful one.
	free []Voter
	// Conflicts describe acknowledgements that cannot all be honoured: several
	// children of one predecessor.
	Conflicts []string
}

type counted struct {
	voter Voter
	vote  Vote
}

type undecided struct {
	voter Voter
	// votes are the alternatives; nil among them is no ballot.
	votes []Vote
}

// Allow derives the allowed results from what the voters did. The board may be
// nil: then it is open whether ballots of unknown outcome are on it. Only the
// voters' own operations count; what others did in their name does not.
func Allow(e *Electorate, h History, board *Board) *Allowed {
	a := &Allowed{e: e}
	byVoter := map[string][]Op{}
	for _, o := range h.Casts() {
		byVoter[o.Actor] = append(byVoter[o.Actor], o)
	}
	for _, v := range e.Voters {
		root := chainOf(e, v, byVoter[v.Name])
		a.conflicts(v.Name, root)
		a.add(v, finals(e, v.Name, root, board), root)
	}
	return a
}

func (a *Allowed) add(v Voter, options []*ballot, root *ballot) {
	var votes []Vote
	for _, b := range options {
		if b.free && b != root {
			a.free = append(a.free, v)
			return
		}
		known := slices.ContainsFunc(votes, func(x Vote) bool { return (x == nil) == (b == root) && sameVote(x, b.vote) })
		if !known {
			votes = append(votes, b.vote)
		}
	}
	switch {
	case len(votes) > 1:
		a.undecided = append(a.undecided, undecided{v, votes})
	case votes[0] != nil:
		a.sure = append(a.sure, counted{v, votes[0]})
	}
}

// conflicts notes where several children of one ballot were acknowledged.
func (a *Allowed) conflicts(voter string, b *ballot) {
	n := 0
	for _, c := range b.children {
		if c.must() {
			n++
		}
		a.conflicts(voter, c)
	}
	if n > 1 {
		a.Conflicts = append(a.Conflicts, fmt.Sprintf("%s was acknowledged %d ballots after the same predecessor", voter, n))
	}
}

func sameVote(a, b Vote) bool {
	if len(a) != len(b) {
		return false
	}
	for id, s := range a {
		t, ok := b[id]
		if !ok || s.Blank != t.Blank || !slices.Equal(slices.Sorted(slices.Values(s.Options)), slices.Sorted(slices.Values(t.Options))) {
			return false
		}
	}
	return true
}

// Exact says that one result alone is allowed.
func (a *Allowed) Exact() bool { return len(a.undecided) == 0 && len(a.free) == 0 }

// Undecided is the number of voters whose contribution is open.
func (a *Allowed) Undecided() int { return len(a.undecided) + len(a.free) }

// BlankOption names blank votes where options are named.
const BlankOption = "blank"

// Range returns the smallest and largest weight that the option may have in
// the contest over the units; BlankOption is the blank vote. Every allowed
// result lies within all ranges, but not every result within them is allowed:
// see Contains.
func (a *Allowed) Range(contest, option string, units []string) (low, high uint64) {
	here := func(v Voter) bool {
		return slices.Contains(units, v.Unit) && slices.Contains(a.e.Styles[v.Style], contest)
	}
	for _, c := range a.sure {
		if here(c.voter) && has(c.vote, contest, option) {
			low, high = low+c.voter.Weight, high+c.voter.Weight
		}
	}
	for _, u := range a.undecided {
		if !here(u.voter) {
			continue
		}
		n := 0
		for _, v := range u.votes {
			if has(v, contest, option) {
				n++
			}
		}
		if n > 0 {
			high += u.voter.Weight
		}
		if n == len(u.votes) {
			low += u.voter.Weight
		}
	}
	c, _ := a.e.Contest(contest)
	for _, v := range a.free {
		if here(v) && (option != BlankOption || c.Blank) {
			high += v.Weight
		}
	}
	return low, high
}

func has(v Vote, contest, option string) bool {
	s := v[contest]
	if option == BlankOption {
		return s.Blank
	}
	return slices.Contains(s.Options, option)
}

// Tallies compares published totals with the truth, for reports. Where t is
// nil nothing was published, and the truth is given for each contest over all
// units.
func (a *Allowed) Tallies(t *Totals) []event.Tally {
	var out []event.Tally
	for _, c := range a.e.Contests {
		options := slices.Clone(c.Options)
		if c.Blank {
			options = append(options, BlankOption)
		}
		if t == nil {
			for _, o := range options {
				low, high := a.Range(c.ID, o, a.e.Units)
				out = append(out, event.Tally{Contest: c.ID, Option: o, Truth: span(low, high)})
			}
			continue
		}
		for _, cell := range t.Cells {
			if cell.Contest != c.ID || cell.Withheld {
				continue
			}
			for _, o := range options {
				low, high := a.Range(c.ID, o, cell.Units)
				n := cell.of(o)
				out = append(out, event.Tally{Contest: c.ID, Unit: a.unitName(cell), Option: o, Truth: span(low, high),
					Published: strconv.FormatUint(n, 10), OK: low <= n && n <= high})
			}
		}
	}
	return out
}

func (c Cell) of(option string) uint64 {
	if option == BlankOption {
		return c.Blank
	}
	return c.Options[option]
}

// unitName names a cell's units; the cell of all units has no name.
func (a *Allowed) unitName(c Cell) string {
	if len(c.Units) == len(a.e.Units) {
		return ""
	}
	return strings.Join(c.Units, "+")
}

func span(low, high uint64) string {
	if low == high {
		return strconv.FormatUint(low, 10)
	}
	return fmt.Sprintf("%d..%d", low, high)
}
