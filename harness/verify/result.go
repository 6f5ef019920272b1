package verify

import (
	"slices"

	"scrutineer/protocols/message"
)

// conclude makes V-35's end and V-38..V-43, once all entries are there.
func (f *fold) conclude() {
	if f.setup == nil || f.cells == nil {
		return
	}
	for _, c := range f.decrypt {
		if c.published == nil {
			name := f.name(c)
			f.l.add(found(Aggregates, "cell %s of contest %s was not aggregated", name.unit, name.contest).
				contest(name.contest).unit(name.unit).blame(authority))
		}
	}
	f.l.expect(ResultComplete, int(f.counts.Cells))
	f.l.expect(Outcome, len(f.x.shapes))
	f.l.expect(ResultBound, 1)
	for _, cells := range f.cells {
		for _, c := range cells {
			if !c.withheld {
				f.l.expect(Bounds, len(f.x.shapes[c.contest].selections))
			}
		}
	}
	if f.result == nil {
		f.decryptCells(nil)
		f.report()
		return
	}
	r, ok := f.result.body.(*message.Result)
	if !ok {
		return
	}
	claimed := f.completeness(r)
	f.decryptCells(claimed)
	f.report()
	f.outcomes(r)
	f.uncounted(r)
	f.l.see(ResultBound, 1)
	if r.Root != f.identity.SealedRoot {
		f.fail(found(ResultBound, "result is for another sealed root").sides("root = sealed root", r.Root, f.identity.SealedRoot))
	}
	if r.Version != message.Version {
		f.fail(found(ResultBound, "result has version %d", r.Version).counts(message.Version, r.Version))
	}
}

// fail records a fault of the result.
func (f *fold) fail(fd *Finding) { f.l.add(f.result.place(fd).blame(authority)) }

// completeness makes V-41 and V-40 and returns the totals that the result
// claims for each cell.
func (f *fold) completeness(r *message.Result) map[*cell][]uint64 {
	claimed := map[*cell][]uint64{}
	if len(r.Contests) != len(f.cells) {
		f.fail(found(ResultComplete, "%d contests, the manifest has %d", len(r.Contests), len(f.cells)).
			counts(len(f.cells), len(r.Contests)))
	}
	for i := range min(len(r.Contests), len(f.cells)) {
		got, contest := &r.Contests[i], f.x.shapes[i].contest
		if got.Contest != contest.ID {
			f.fail(found(ResultComplete, "contest %q where %s belongs", got.Contest, contest.ID).contest(contest.ID).
				counts(contest.ID, got.Contest))
			continue
		}
		f.cellsOfResult(i, got, claimed)
	}
	return claimed
}

// cellsOfResult checks the cells of one contest and their sums.
func (f *fold) cellsOfResult(contest int, got *message.ContestResult, claimed map[*cell][]uint64) {
	s := &f.x.shapes[contest]
	id := s.contest.ID
	want := f.cells[contest]
	if len(got.Cells) != len(want) {
		f.fail(found(ResultComplete, "%d cells in contest %s, there are %d", len(got.Cells), id, len(want)).contest(id).
			counts(len(want), len(got.Cells)))
	}
	sums := make([]uint64, len(s.selections))
	for i := range min(len(got.Cells), len(want)) {
		f.l.see(ResultComplete, 1)
		if !f.cellOfResult(&got.Cells[i], want[i], id) {
			continue
		}
		claimed[want[i]] = got.Cells[i].Totals
		if want[i].withheld {
			continue
		}
		for k, t := range got.Cells[i].Totals {
			sums[k] += t
		}
		f.bounds(&got.Cells[i], want[i], s)
	}
	if !slices.Equal(got.Totals, sums) {
		f.fail(found(ResultComplete, "totals of contest %s are not the sums over its cells", id).contest(id).
			counts(sums, got.Totals))
	}
}

// cellOfResult compares one cell with the one recomputed; false where its
// totals are of no use.
func (f *fold) cellOfResult(got *message.Cell, want *cell, contest string) bool {
	name := f.name(want)
	fail := func(fd *Finding) { f.fail(fd.contest(contest).unit(name.unit)) }
	selections := len(f.x.shapes[want.contest].selections)
	if want.withheld {
		selections = 0
	}
	switch {
	case got.Unit != name.unit || !slices.Equal(got.Units, f.unitIDs(want)):
		fail(found(ResultComplete, "cell %q where %s belongs, or with other units", got.Unit, name.unit).
			counts(f.unitIDs(want), got.Units))
		return false
	case got.Withheld != want.withheld:
		fail(found(ResultComplete, "withheld is %t in cell %s", got.Withheld, name.unit).counts(want.withheld, got.Withheld))
		return false
	case len(got.Totals) != selections:
		fail(found(ResultComplete, "%d totals in cell %s", len(got.Totals), name.unit).counts(selections, len(got.Totals)))
		return false
	case got.Ballots != want.ballots || got.Weight != want.weight:
		fail(found(ResultComplete, "cell %s has %d ballots of weight %d, counted are %d of %d",
			name.unit, got.Ballots, got.Weight, want.ballots, want.weight).counts(want.ballots, got.Ballots))
	}
	return true
}

// bounds makes V-40 for one cell. Totals are below 2^53, weights at most
// 10^8 and max at most 256, so nothing overflows.
func (f *fold) bounds(got *message.Cell, want *cell, s *shape) {
	fail := func(fd *Finding) { f.fail(fd.contest(s.contest.ID).unit(got.Unit)) }
	votes := uint64(0)
	for k, t := range got.Totals {
		f.l.see(Bounds, 1)
		if t > want.weight {
			fail(found(Bounds, "total %d of %s is above the cell's weight %d", t, s.selections[k], want.weight).
				option(s.selections[k]).counts("at most "+utoa(want.weight), t))
			return
		}
		if k == len(s.contest.Options) {
			t *= s.contest.Max
		}
		votes += t
	}
	if least, most := s.contest.Min*want.weight, s.contest.Max*want.weight; votes < least || votes > most {
		fail(found(Bounds, "%d votes in cell %s, %d to %d are possible", votes, got.Unit, least, most).
			counts(utoa(least)+".."+utoa(most), votes))
	}
}

// report keeps the totals that were decrypted.
func (f *fold) report() {
	for i, cells := range f.cells {
		s := &f.x.shapes[i]
		out := ContestTotals{Contest: s.contest.ID, Options: s.selections, Totals: make([]uint64, len(s.selections)), Cells: []CellTotals{}}
		whole := true
		for _, c := range cells {
			line := CellTotals{Units: f.unitIDs(c), Ballots: c.ballots, Weight: c.weight, Withheld: c.withheld, Totals: []uint64{}}
			switch {
			case c.withheld:
			case c.ballots == 0:
				line.Totals = make([]uint64, len(s.selections))
			case c.totals != nil:
				line.Totals = c.totals
			default:
				whole = false
			}
			for k, t := range line.Totals {
				out.Totals[k] += t
			}
			out.Cells = append(out.Cells, line)
		}
		if !whole {
			out.Totals = []uint64{}
		}
		out.Winners, out.Tied = plurality(s.contest, out.Totals)
		f.totals = append(f.totals, out)
	}
}

// outcomes makes V-42 from the totals that the result publishes.
func (f *fold) outcomes(r *message.Result) {
	for i := range min(len(r.Contests), len(f.cells)) {
		got, contest := &r.Contests[i], f.x.shapes[i].contest
		if got.Contest != contest.ID || len(got.Totals) != len(f.x.shapes[i].selections) {
			continue // V-41 says so
		}
		f.l.see(Outcome, 1)
		winners, tied := plurality(contest, got.Totals)
		if got.Outcome.Kind != contest.Method.Kind || !slices.Equal(got.Outcome.Winners, winners) || !slices.Equal(got.Outcome.Tied, tied) {
			f.fail(found(Outcome, "outcome of contest %s is another", contest.ID).contest(contest.ID).
				counts([][]string{winners, tied}, [][]string{got.Outcome.Winners, got.Outcome.Tied}))
		}
	}
}

// plurality is the outcome of S-37: options by descending total, equal ones
// in manifest order; those tied across the last seat win nothing.
func plurality(c *message.Contest, totals []uint64) (winners, tied []string) {
	winners, tied = []string{}, []string{}
	n := len(c.Options)
	if len(totals) < n {
		return winners, tied
	}
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case totals[a] > totals[b]:
			return -1
		case totals[a] < totals[b]:
			return 1
		}
		return 0
	})
	seats := int(min(c.Method.Seats, uint64(n)))
	atBoundary := func(uint64) bool { return false }
	if 0 < seats && seats < n && totals[order[seats-1]] == totals[order[seats]] {
		atBoundary = func(t uint64) bool { return t == totals[order[seats]] }
	}
	for _, i := range order[:seats] {
		if !atBoundary(totals[i]) {
			winners = append(winners, c.Options[i].ID)
		}
	}
	for i, o := range c.Options {
		if atBoundary(totals[i]) {
			tied = append(tied, o.ID)
		}
	}
	return winners, tied
}
