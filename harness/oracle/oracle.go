// Package oracle establishes damage: it compares what a target did with what
// the harness knows to be true. An oracle reads the history, the board and the
// published totals of a finished run; it never talks to the target, knows no
// protocol, and cannot see what was planted. It is a pure function, so a saved
// run can be judged again.
//
// Oracles carry the ids of the catalogue. Those here do not depend on the
// election's protocol: whoever speaks one fills in [Evidence].
package oracle

import (
	"fmt"
	"slices"
	"strings"

	"scrutineer/harness/history"
	"scrutineer/reports/event"
)

// Evidence is all that oracles read.
type Evidence struct {
	Electorate *history.Electorate
	// History is that of the judged election.
	History history.History
	// Board is what the public board shows; nil where it could not be read.
	Board *history.Board
	// Totals is the published result; nil where there is none.
	Totals *history.Totals
	// Rejections is what the independent verifier found wrong with the record
	// as far as it goes, from the opening on; Setup is what it found wrong with
	// an election before it was opened all the same.
	Rejections, Setup []event.Finding
	// Readings is what the adversary says it read in ballots.
	Readings []Reading
	// Visits are those of honest voters who came on a schedule during a flood.
	Visits []Visit
	// Rounds are those of games in which voters' audits were to notice something.
	Rounds []Round
	// Shown is what readers saw of the result, Early what somebody knew of it
	// before, Notices what voters were told in the electoral body's name.
	Shown   []Shown
	Early   []Early
	Notices []Brought
}

// Reading is an adversary's guess of one voter's vote in one contest.
type Reading struct {
	// Game is the game of chance that the guess belongs to, in which a seed
	// drew one of two votes for the voter; empty outside of games.
	Game           string
	Voter, Contest string
	Guess          history.Selection
}

// Allowed returns the results that the evidence allows.
func (e Evidence) Allowed() *history.Allowed {
	return history.Allow(e.Electorate, e.History, e.Board)
}

// Report is what an oracle says.
type Report struct {
	// Damage is what is broken; none means that nothing is.
	Damage []event.Finding
	// Undecided says why the oracle cannot tell; then a run without damage is
	// inconclusive.
	Undecided string
}

// Oracle is a named oracle.
type Oracle struct {
	ID    string
	Judge func(Evidence) Report
}

// Standard returns the oracles of this package, in the order of their ids.
func Standard() []Oracle {
	return []Oracle{
		{"INV1", Marks},
		{"INV12", Channels},
		{"INV14", Promised},
		{"INV15", Kept},
		{"INV2", Ceiling},
		{"INV3", Turnout},
		{"O.accept", Accept},
		{"O.early", Fair},
		{"O.ind", Secrecy},
		{"O.live", Live},
		{"O.notice", Genuine},
		{"O.serve", Serve},
		{"O.setup", Setup},
		{"O.tally", Tally},
		{"O.tell", Told},
	}
}

// Judge asks the oracles of that name and puts their answers together. An
// unknown name is an error.
func Judge(oracles []Oracle, ids []string, e Evidence) (Report, error) {
	var out Report
	for _, id := range ids {
		i := slices.IndexFunc(oracles, func(o Oracle) bool { return o.ID == id })
		if i < 0 {
			return Report{}, fmt.Errorf("there is no oracle %q", id)
		}
		r := oracles[i].Judge(e)
		out.Damage = append(out.Damage, r.Damage...)
		if r.Undecided != "" && out.Undecided == "" {
			out.Undecided = id + ": " + r.Undecided
		}
	}
	return out, nil
}

// damage is a finding of an oracle.
func damage(id, format string, args ...any) event.Finding {
	return event.Finding{Kind: event.Damage, Check: id, Role: "oracle", Message: fmt.Sprintf(format, args...)}
}

// at adds the place on the board.
func at(f event.Finding, index int64) event.Finding {
	f.Evidence = &event.Evidence{Entry: &index}
	return f
}

// Accept is O.accept: the target accepted a ballot, a share, a result, or
// anything else after the opening that the independent verifier rejects.
func Accept(e Evidence) Report { return rejected(e.Rejections) }

// Setup is O.setup: the target opened an election whose manifest, ceremony or
// list of voters the independent verifier rejects.
func Setup(e Evidence) Report { return rejected(e.Setup) }

func rejected(findings []event.Finding) Report {
	var r Report
	for _, f := range findings {
		f.Kind = event.Damage
		if f.Role == "" {
			f.Role = "verifier"
		}
		r.Damage = append(r.Damage, f)
	}
	return r
}

// Tally is O.tally: the published totals are none that the ballots allow.
// Where nothing is published there is nothing to compare; see Live.
func Tally(e Evidence) Report {
	if e.Totals == nil {
		return Report{}
	}
	switch m, why := e.Allowed().Contains(*e.Totals); m {
	case history.Inside:
		return Report{}
	case history.Undecidable:
		return Report{Undecided: why}
	default:
		return Report{Damage: []event.Finding{damage("O.tally", "%s", why)}}
	}
}

// Live is O.live: publishing was tried and there is no result.
func Live(e Evidence) Report {
	if _, tried := e.History.Last(history.OpPublish); !tried || e.Totals != nil {
		return Report{}
	}
	return Report{Damage: []event.Finding{damage("O.live", "a result was due and there is none")}}
}

// Marks is INV1: in every cell options and blank votes together, a blank one
// counting as many marks as the contest allows, are what the ballots can hold.
// The weight of the ballots is known where all voters of the cell have one
// weight and the number of ballots is published; otherwise it is at most that
// of all voters of the cell, and the lower bound is left out.
func Marks(e Evidence) Report {
	var r Report
	for _, c := range e.cells() {
		marks := c.cell.Blank * uint64(c.contest.Max)
		for _, o := range c.contest.Options {
			marks += c.cell.Options[o]
		}
		if high := c.weight * uint64(c.contest.Max); marks > high {
			r.Damage = append(r.Damage, damage("INV1", "contest %s, %s: %d marks, the ballots hold at most %d", c.contest.ID, c.place, marks, high))
		}
		if low := c.weight * uint64(c.contest.Min); c.exact && marks < low {
			r.Damage = append(r.Damage, damage("INV1", "contest %s, %s: %d marks, the ballots hold at least %d", c.contest.ID, c.place, marks, low))
		}
	}
	return r
}

// Ceiling is INV2: no option, and not blank, has more than all ballots weigh.
func Ceiling(e Evidence) Report {
	var r Report
	for _, c := range e.cells() {
		for _, o := range append(slices.Clone(c.contest.Options), history.BlankOption) {
			n := c.cell.Options[o]
			if o == history.BlankOption {
				n = c.cell.Blank
			}
			if n > c.weight {
				r.Damage = append(r.Damage, damage("INV2", "contest %s, %s: %s has %d, all ballots weigh %d", c.contest.ID, c.place, o, n, c.weight))
			}
		}
	}
	return r
}

// measured is a published cell with the weight of its ballots.
type measured struct {
	cell    history.Cell
	contest history.Contest
	place   string
	weight  uint64
	// exact says that weight is that of the ballots, not just a bound.
	exact bool
}

// cells measures the published cells of known contests.
func (e Evidence) cells() []measured {
	if e.Totals == nil {
		return nil
	}
	var out []measured
	for _, cell := range e.Totals.Cells {
		contest, ok := e.Electorate.Contest(cell.Contest)
		if !ok || cell.Withheld {
			continue
		}
		m := measured{cell: cell, contest: contest, place: strings.Join(cell.Units, "+")}
		var weights []uint64
		for _, v := range e.Electorate.Voters {
			if slices.Contains(cell.Units, v.Unit) && slices.Contains(e.Electorate.Styles[v.Style], cell.Contest) {
				m.weight += v.Weight
				weights = append(weights, v.Weight)
			}
		}
		slices.Sort(weights)
		if cell.Ballots != nil && len(slices.Compact(weights)) == 1 {
			m.weight, m.exact = weights[0]*min(*cell.Ballots, uint64(len(e.Electorate.Voters))), true
		}
		out = append(out, m)
	}
	return out
}
