package verify

import (
	"maps"
	"slices"

	"scrutineer/harness/verify/point"
)

// decrypt makes V-38 and finds the totals of all cells that the shares
// decrypt (S-36). claimed gives what the result says, where it says it.
func (f *fold) decryptCells(claimed map[*cell][]uint64) {
	for _, c := range f.decrypt {
		name := f.name(c)
		f.l.see(Quorum, 1)
		t := int(f.x.m.Threshold)
		if len(c.shares) < t {
			f.l.add(found(Quorum, "%d valid shares for cell %s of contest %s, %d are needed", len(c.shares), name.unit, name.contest, t).
				contest(name.contest).unit(name.unit).counts(t, len(c.shares)).blame(authority))
			continue
		}
		betas := make([]point.Point, len(c.published))
		whole := len(betas) == len(c.beta)
		for k := range betas {
			var ok bool
			betas[k], ok = point.Decode(c.published[k].Beta)
			whole = whole && ok
		}
		if whole { // otherwise V-35 or V-17 says so
			f.totalsOf(c, name, c.open(betas, t), claimed[c])
		}
	}
}

// open is T·G of each selection: β - Σ λ_j·d_j over the t lowest indices, for
// the ciphertexts of the aggregate on the board.
func (c *cell) open(betas []point.Point, t int) []point.Point {
	quorum := slices.Sorted(maps.Keys(c.shares))[:t]
	lambdas := lagrange(quorum)
	out := make([]point.Point, len(betas))
	for k := range betas {
		factors := make([]point.Point, t)
		for i, j := range quorum {
			factors[i] = c.shares[j][k]
		}
		sum := point.Combine(lambdas, factors)
		out[k].Sub(&betas[k], &sum)
	}
	return out
}

// lagrange is λ_j = Π m/(m-j) over the others of the quorum, for trustees
// counted from 0.
func lagrange(quorum []int) []point.Scalar {
	out := make([]point.Scalar, len(quorum))
	for i, j := range quorum {
		top, bottom := point.ScalarOf(1), point.ScalarOf(1)
		for _, m := range quorum {
			if m == j {
				continue
			}
			x, y := point.ScalarOf(uint64(m+1)), point.ScalarOf(uint64(j+1))
			d := x.Sub(&y)
			top, bottom = top.Mul(&x), bottom.Mul(&d)
		}
		bottom = bottom.Invert()
		out[i] = top.Mul(&bottom)
	}
	return out
}

// totalsOf makes V-39 for one cell and keeps the totals that it really has.
func (f *fold) totalsOf(c *cell, name cellName, messages []point.Point, claimed []uint64) {
	selections := f.x.shapes[c.contest].selections
	g := point.Generator()
	totals := make([]uint64, len(messages))
	solved := true
	for k := range messages {
		if len(claimed) == len(messages) {
			f.l.see(Totals, 1)
			if p := point.MulUint(claimed[k], &g); p.Equal(&messages[k]) {
				totals[k] = claimed[k]
				continue
			}
		}
		t, ok := smallLog(&messages[k], c.weight)
		totals[k] = t
		solved = solved && ok
		if len(claimed) != len(messages) {
			continue // V-41 says so
		}
		p := point.MulUint(claimed[k], &g)
		fd := found(Totals, "total of %s in cell %s of contest %s is not what the shares decrypt to", selections[k], name.unit, name.contest).
			entry(f.result.raw.index).contest(name.contest).unit(name.unit).option(selections[k]).
			sides("T·G = β - Σ λ_j·d_j", p.Encode(), messages[k].Encode()).blame(authority)
		if ok {
			fd.counts(t, claimed[k])
		} else {
			fd.counts("no total up to the weight of the cell", claimed[k])
		}
		f.l.add(fd)
	}
	if solved {
		c.totals = totals
	}
}

// smallLog finds n ≤ most with n·G = p: baby steps and giant steps.
func smallLog(p *point.Point, most uint64) (uint64, bool) {
	most = min(most, maxWeight)
	step := uint64(1)
	for step*step < most+1 {
		step++
	}
	g := point.Generator()
	baby := make(map[[32]byte]uint64, step)
	q := point.Identity()
	for i := range step {
		baby[q.Encode()] = i
		q.Add(&q, &g)
	}
	giant := q // step·G
	rest := *p
	for i := uint64(0); i <= most/step; i++ {
		if j, ok := baby[rest.Encode()]; ok && i*step+j <= most {
			return i*step + j, true
		}
		rest.Sub(&rest, &giant)
	}
	return 0, false
}
