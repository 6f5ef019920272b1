package verify

import (
	"slices"

	"scrutineer/harness/verify/point"
	"scrutineer/protocols/message"
)

// cell is a union of units of one contest (S-33).
type cell struct {
	contest  int
	units    []int
	ballots  uint64
	weight   uint64
	byWeight []uint64 // ballots of each weight that occurs; dropped once the cells stand
	withheld bool

	alpha, beta []point.Point // Σ weight·α, Σ weight·β by selection

	published []message.Ciphertext  // of the aggregate on the board; nil before there is one
	posted    map[int]bool          // trustees that posted a share
	shares    map[int][]point.Point // their d_j, of the valid ones
	totals    []uint64              // decrypted; nil where that was not possible
}

// decrypted reports whether the cell is to be decrypted.
func (c *cell) decrypted() bool { return c.ballots > 0 && !c.withheld }

// turnout counts the ballots of one contest in one unit by weight; empty
// where there are none.
type turnout struct{ byWeight []uint64 }

func (t *turnout) ballots() (n uint64) {
	for _, b := range t.byWeight {
		n += b
	}
	return n
}

// suffices reports whether each weight that is present has k ballots, and
// there is one at all.
func suffices(byWeight []uint64, k uint64) bool {
	some := false
	for _, n := range byWeight {
		if n > 0 && n < k {
			return false
		}
		some = some || n > 0
	}
	return some
}

// cellsOf partitions the units of one contest (S-33): a unit with ballots
// enough is a cell, and so is one without any; others wait for the units
// after them.
func cellsOf(contest int, units []turnout, k uint64) []*cell {
	var cells []*cell
	var waiting *cell
	for u := range units {
		one := &cell{contest: contest, units: []int{u}, byWeight: slices.Clone(units[u].byWeight)}
		switch {
		case waiting != nil:
			waiting.join(one)
			if suffices(waiting.byWeight, k) {
				cells, waiting = append(cells, waiting), nil
			}
		case units[u].ballots() == 0 || suffices(one.byWeight, k):
			cells = append(cells, one)
		default:
			waiting = one
		}
	}
	if waiting != nil {
		cells = settle(cells, waiting, k)
	}
	return cells
}

// settle ends the partition with units that still wait: they join the last
// cell that has ballots where the union suffices, else they are withheld.
func settle(cells []*cell, waiting *cell, k uint64) []*cell {
	for i := len(cells) - 1; i >= 0; i-- {
		if !slices.ContainsFunc(cells[i].byWeight, func(n uint64) bool { return n > 0 }) {
			continue
		}
		union := &cell{contest: waiting.contest, units: slices.Clone(cells[i].units), byWeight: slices.Clone(cells[i].byWeight)}
		union.join(waiting)
		if suffices(union.byWeight, k) {
			cells[i] = union
			return cells
		}
		break
	}
	waiting.withheld = true
	return append(cells, waiting)
}

func (c *cell) join(other *cell) {
	c.units = append(c.units, other.units...)
	if len(c.byWeight) < len(other.byWeight) {
		c.byWeight = append(c.byWeight, make([]uint64, len(other.byWeight)-len(c.byWeight))...)
	}
	for w, n := range other.byWeight {
		c.byWeight[w] += n
	}
}
