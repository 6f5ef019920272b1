package election

import (
	"slices"

	"scrutineer/protocols/message"
)

// Cell is a union of units (S-33).
type Cell struct {
	Units    []string
	Withheld bool
	ballots  []*Prepared
}

// Decrypted says whether trustees decrypt the cell.
func (c Cell) Decrypted() bool { return len(c.ballots) > 0 && !c.Withheld }

// suffices says whether every weight present has k ballots.
func (c Cell) suffices(k uint64) bool {
	byWeight := map[uint64]uint64{}
	for _, p := range c.ballots {
		byWeight[p.Voter.Credential.Weight]++
	}
	for _, n := range byWeight {
		if n < k {
			return false
		}
	}
	return len(c.ballots) > 0
}

func (c Cell) and(d Cell) Cell {
	return Cell{Units: slices.Concat(c.Units, d.Units), ballots: slices.Concat(c.ballots, d.ballots)}
}

// partition is S-33 for one contest.
func (e *Election) partition(c message.Contest) []Cell {
	var cells []Cell
	var waiting *Cell
	for _, u := range e.Manifest.Units {
		cell := Cell{Units: []string{u.ID}, ballots: e.ballotsOf(c.ID, u.ID)}
		if waiting != nil {
			cell = waiting.and(cell)
			waiting = nil
		}
		if len(cell.ballots) == 0 || cell.suffices(e.MinimumCell) {
			cells = append(cells, cell)
		} else {
			waiting = &cell
		}
	}
	if waiting == nil {
		return cells
	}
	for i := len(cells) - 1; i >= 0; i-- {
		if len(cells[i].ballots) == 0 {
			continue
		}
		if union := cells[i].and(*waiting); union.suffices(e.MinimumCell) {
			cells[i] = union
			return cells
		}
		break
	}
	waiting.Withheld = true
	return append(cells, *waiting)
}

// ballotsOf lists the counted ballots of a unit that hold the contest.
func (e *Election) ballotsOf(contest, unit string) []*Prepared {
	var out []*Prepared
	for _, v := range e.Voters {
		p, ok := e.counted[v.ID]
		if ok && v.Credential.Unit == unit && p.Pairs[contest] != nil {
			out = append(out, p)
		}
	}
	return out
}

// publish is the cell in the result, with the totals of what was voted.
func (c Cell) publish(contest message.Contest) message.Cell {
	out := message.Cell{
		Ballots: uint64(len(c.ballots)), Totals: []uint64{}, Unit: c.Units[0], Units: c.Units, Withheld: c.Withheld,
	}
	totals := make([]uint64, len(Selections(contest)))
	for _, p := range c.ballots {
		w := p.Voter.Credential.Weight
		out.Weight += w
		for i, m := range p.Plain[contest.ID] {
			totals[i] += w * m
		}
	}
	if !c.Withheld {
		out.Totals = totals
	}
	return out
}
