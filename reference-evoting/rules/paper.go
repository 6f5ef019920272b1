package rules

import (
	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/manifest"
	"scrutineer/reference-evoting/tally"
)

// Paper holds a unit's paper count to what the board counts there (S-75): the
// contests that ballots of the unit may hold, in order; totals and cards not
// above those of the cell, weight by weight; and the bounds of V-40. Sealed, and
// decrypted by t trustees, the board must be.
func (s *State) Paper(u message.UnitResult, result message.Result) *Fault {
	unit, ok := s.election.Unit(u.Unit)
	if !ok || u.Fingerprint != s.print {
		return broken("S-75", "unit %q of the election %s", u.Unit, u.Fingerprint)
	}
	last := -1
	for _, c := range u.Contests {
		contest, place, ok := s.election.Contest(c.Contest)
		if !ok || place <= last {
			return broken("S-75", "contest %q is unknown, out of order, or there twice", c.Contest)
		}
		last = place
		if len(c.Totals) != len(manifest.Selections(contest)) {
			return broken("S-75", "%d totals of contest %s", len(c.Totals), c.Contest)
		}
		at, cell := s.cellOf(place, unit)
		if at < 0 || cell.Withheld {
			return broken("S-75", "contest %s is not published for unit %s", c.Contest, u.Unit)
		}
		if fault := within(contest, c, cell, result.Contests[place].Cells[at]); fault != nil {
			return fault
		}
	}
	return nil
}

// cellOf is the cell of a contest that a unit belongs to.
func (s *State) cellOf(contest, unit int) (int, tally.Cell) {
	for i, c := range s.sums.Cells(contest) {
		for _, u := range c.Units {
			if u == unit {
				return i, c
			}
		}
	}
	return -1, tally.Cell{}
}

// within holds paper ≤ cell.
func within(contest message.Contest, c message.UnitTotals, cell tally.Cell, published message.Cell) *Fault {
	own := message.Cell{Unit: published.Unit, Totals: c.Totals}
	last := uint64(0)
	for _, n := range c.Cards {
		if n.Weight <= last || n.Cards == 0 || n.Cards > cell.Counts[n.Weight] {
			return broken("S-75", "%d cards of weight %d in contest %s, the cell has %d ballots of it", n.Cards, n.Weight, c.Contest, cell.Counts[n.Weight])
		}
		last = n.Weight
		own.Ballots += n.Cards
		own.Weight += n.Weight * n.Cards
	}
	for i, t := range c.Totals {
		if i >= len(published.Totals) || t > published.Totals[i] {
			return broken("S-75", "the paper total %d of selection %d in contest %s is above that of the cell", t, i, c.Contest)
		}
	}
	return totalsFit(contest, own)
}

// Showable reports that a unit result may be shown beside those that are shown
// already: of every cell, paper part and rest are each 0 or at least k, for
// every weight (S-75).
func (s *State) Showable(u message.UnitResult, shown []message.UnitResult) bool {
	unit, ok := s.election.Unit(u.Unit)
	if !ok {
		return false
	}
	enough := func(n uint64) bool { return n == 0 || n >= s.election.Manifest.MinimumCell }
	for _, c := range u.Contests {
		_, place, ok := s.election.Contest(c.Contest)
		if !ok {
			return false
		}
		_, cell := s.cellOf(place, unit)
		own := cards(u, c.Contest)
		for weight, rest := range cell.Counts {
			if !enough(own[weight]) {
				return false
			}
			taken := own[weight]
			for _, other := range shown {
				if at, known := s.election.Unit(other.Unit); known && holds(cell, at) {
					taken += cards(other, c.Contest)[weight]
				}
			}
			if taken > rest || !enough(rest-taken) {
				return false
			}
		}
	}
	return true
}

func holds(c tally.Cell, unit int) bool {
	for _, u := range c.Units {
		if u == unit {
			return true
		}
	}
	return false
}

// cards are a unit result's cards of a contest by weight.
func cards(u message.UnitResult, contest string) map[uint64]uint64 {
	out := map[uint64]uint64{}
	for _, c := range u.Contests {
		if c.Contest == contest {
			for _, n := range c.Cards {
				out[n.Weight] += n.Cards
			}
		}
	}
	return out
}
