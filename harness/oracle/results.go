package oracle

import (
	"fmt"
	"maps"
	"slices"

	"scrutineer/harness/history"
)

// Shown is what a reader saw of a result at one place: on which channel, in
// which form, and the totals by contest and option; nil where there were none.
type Shown struct {
	Channel, Form string
	Totals        map[string]map[string]uint64
}

// Early is what somebody knew before it was out.
type Early struct {
	By     string
	Totals map[string]map[string]uint64
	// Leak is where something showed that was not out; empty where nothing did.
	Leak string
}

// Brought is a notice of the electoral body that a voter's client showed.
type Brought struct {
	Voter string
	// Genuine says that the body posted it for this election, and that it was
	// its turn.
	Genuine bool
}

// Channels is INV12: every channel shows, in every form, the totals of the
// published result.
func Channels(e Evidence) Report {
	if e.Totals == nil || len(e.Shown) == 0 {
		return Report{}
	}
	want := e.published()
	var r Report
	for _, s := range e.Shown {
		place := fmt.Sprintf("%s channel, %s", s.Channel, s.Form)
		if s.Totals == nil {
			r.Damage = append(r.Damage, damage("INV12", "%s: there is no result", place))
			continue
		}
		for _, contest := range slices.Sorted(maps.Keys(want)) {
			if !maps.Equal(want[contest], s.Totals[contest]) {
				r.Damage = append(r.Damage, damage("INV12", "%s: the totals of contest %s are not those of the result", place, contest))
			}
		}
	}
	return r
}

// published are the totals of the result, contest by contest.
func (e Evidence) published() map[string]map[string]uint64 {
	out := map[string]map[string]uint64{}
	for _, c := range e.Totals.Cells {
		contest, ok := e.Electorate.Contest(c.Contest)
		if !ok {
			continue
		}
		sums := out[c.Contest]
		if sums == nil {
			sums = map[string]uint64{}
			for _, o := range contest.Options {
				sums[o] = 0
			}
			if contest.Blank {
				sums[history.BlankOption] = 0
			}
			out[c.Contest] = sums
		}
		for o, n := range c.Options {
			sums[o] += n
		}
		if contest.Blank {
			sums[history.BlankOption] += c.Blank
		}
	}
	return out
}

// Fair is O.early: nobody knows a total before it is out. What was read counts
// if it is what the ballots so far give, or if something showed where nothing
// may.
func Fair(e Evidence) Report {
	var r Report
	for _, x := range e.Early {
		switch {
		case x.Leak != "":
			r.Damage = append(r.Damage, damage("O.early", "%s learnt something from %s before it was out", x.By, x.Leak))
		case x.Totals != nil && e.cast(x.Totals):
			r.Damage = append(r.Damage, damage("O.early", "%s knew the totals of what was cast before the seal", x.By))
		}
	}
	return r
}

// cast says whether totals are those of the voters' ballots so far.
func (e Evidence) cast(totals map[string]map[string]uint64) bool {
	t := history.Totals{}
	for contest, options := range totals {
		c := history.Cell{Contest: contest, Units: e.Electorate.Units, Options: map[string]uint64{}}
		for o, n := range options {
			if o == history.BlankOption {
				c.Blank = n
			} else {
				c.Options[o] = n
			}
		}
		t.Cells = append(t.Cells, c)
	}
	m, _ := e.Allowed().Contains(t)
	return m == history.Inside
}

// Genuine is O.notice: a voter's client shows what the electoral body says, to
// this electorate, in its order, and nothing else.
func Genuine(e Evidence) Report {
	var r Report
	for _, b := range e.Notices {
		if !b.Genuine {
			r.Damage = append(r.Damage, damage("O.notice", "the client of %s shows a notice that the electoral body did not post then and there", b.Voter))
		}
	}
	return r
}
