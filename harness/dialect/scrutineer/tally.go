package scrutineer

import (
	"slices"

	"go.dedis.ch/kyber/v3"

	"scrutineer/protocols/message"
	"scrutineer/protocols/ristretto"
)

// CountedSet is S-32: the ballots at the heads of their chains, in the order of
// the board.
func (v *View) CountedSet() []message.Ballot {
	places := make([]int, 0, len(v.heads))
	for _, i := range v.heads {
		places = append(places, i)
	}
	slices.Sort(places)
	out := make([]message.Ballot, len(places))
	for k, i := range places {
		out[k] = v.Ballots[i].Body.Ballot
	}
	return out
}

// Cell is a union of units whose ballots of one contest are counted together
// (S-33).
type Cell struct {
	Contest  string
	Units    []string // the first one names it
	Ballots  uint64
	Weight   uint64
	Withheld bool

	byWeight map[uint64]uint64 // ballots of each weight
	sums     []ciphertext      // by selection
}

// ciphertext is a pair of points.
type ciphertext struct{ alpha, beta kyber.Point }

// Decrypted reports that the cell has an aggregate.
func (c *Cell) Decrypted() bool { return c.Ballots > 0 && !c.Withheld }

// suffices reports that no weight is present in fewer than k ballots.
func (c *Cell) suffices(k uint64) bool {
	for _, n := range c.byWeight {
		if n < k {
			return false
		}
	}
	return true
}

// Cells is S-33 and S-34: for each contest, in the manifest's order, its cells
// in the order of units, with their weighted sums.
func Cells(m *message.Manifest, ballots []message.Ballot) []Cell {
	var all []Cell
	for i := range m.Contests {
		all = append(all, contestCells(m, &m.Contests[i], ballots)...)
	}
	return all
}

func contestCells(m *message.Manifest, c *message.Contest, ballots []message.Ballot) []Cell {
	var cells []Cell
	var waiting *Cell
	for _, u := range m.Units {
		cell := unitCell(c, u.ID, ballots)
		if waiting != nil {
			waiting.join(&cell)
			cell = *waiting
		}
		if cell.suffices(m.MinimumCell) {
			cells, waiting = append(cells, cell), nil
		} else {
			waiting = &cell
		}
	}
	if waiting == nil {
		return cells
	}
	for i := len(cells) - 1; i >= 0; i-- {
		if cells[i].Ballots == 0 {
			continue
		}
		if joined := cells[i].with(waiting); joined.suffices(m.MinimumCell) {
			cells[i] = joined
			return cells
		}
		break
	}
	waiting.Withheld = true
	return append(cells, *waiting)
}

// unitCell counts the ballots of one unit that hold the contest.
func unitCell(c *message.Contest, unit string, ballots []message.Ballot) Cell {
	cell := Cell{Contest: c.ID, Units: []string{unit}, byWeight: make(map[uint64]uint64)}
	for range Selections(c) {
		cell.sums = append(cell.sums, ciphertext{ristretto.NewPoint(), ristretto.NewPoint()})
	}
	for i := range ballots {
		b := &ballots[i]
		if b.Unit != unit {
			continue
		}
		for k := range b.Contests {
			if b.Contests[k].Contest == c.ID {
				cell.add(b.Weight, &b.Contests[k])
			}
		}
	}
	return cell
}

// add takes one answer. Its ciphertexts were decoded when it was checked; one
// that does not decode is left out, and the fault is noted there.
func (c *Cell) add(weight uint64, a *message.BallotContest) {
	c.Ballots++
	c.Weight += weight
	c.byWeight[weight]++
	w := integer(weight)
	for k, s := range a.Selections {
		alpha, beta, err := decodeCiphertext(s.Alpha, s.Beta)
		if err != nil || k >= len(c.sums) {
			continue
		}
		if weight != 1 {
			alpha, beta = times(w, alpha), times(w, beta)
		}
		c.sums[k] = ciphertext{plus(c.sums[k].alpha, alpha), plus(c.sums[k].beta, beta)}
	}
}

// join adds the units and ballots of another cell.
func (c *Cell) join(o *Cell) { *c = c.with(o) }

func (c *Cell) with(o *Cell) Cell {
	out := *c
	out.Units = slices.Concat(c.Units, o.Units)
	out.Ballots += o.Ballots
	out.Weight += o.Weight
	out.byWeight = make(map[uint64]uint64)
	for w, n := range c.byWeight {
		out.byWeight[w] += n
	}
	for w, n := range o.byWeight {
		out.byWeight[w] += n
	}
	out.sums = make([]ciphertext, len(c.sums))
	for k := range out.sums {
		out.sums[k] = ciphertext{plus(c.sums[k].alpha, o.sums[k].alpha), plus(c.sums[k].beta, o.sums[k].beta)}
	}
	return out
}

// aggregate is the message of a cell (S-34).
func (c *Cell) aggregate(m *message.Manifest) message.Aggregate {
	a := message.Aggregate{Ballots: c.Ballots, Contest: c.Contest, Unit: c.Units[0], Units: c.Units, Weight: c.Weight}
	for k, id := range Selections(Contest(m, c.Contest)) {
		a.Ciphertexts = append(a.Ciphertexts, message.Ciphertext{Option: id,
			Alpha: element(c.sums[k].alpha), Beta: element(c.sums[k].beta)})
	}
	return a
}

// SealedCells are the cells of the sealed board; nil before the seal.
func (v *View) SealedCells() []Cell { return v.cells }
