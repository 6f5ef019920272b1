package ristretto

import (
	"math/bits"

	"filippo.io/edwards25519"
)

// buckets collects, for one scalar, the sums of those 2ⁱ·P that its
// non-adjacent form has the same digit for: bucket k belongs to digit 2k+1.
type buckets struct {
	naf  [256]int8
	sums [1 << (nafWidth - 2)]extended
	used uint // bit k: bucket k is not empty
}

// mulShared returns scalars[i]·p for all i. It goes through the digits from the
// lowest (Yao's method): the doublings of p depend on no scalar and are shared,
// and each scalar costs its additions only.
func mulShared(p *Point, scalars []*edwards25519.Scalar) []extended {
	all := make([]buckets, len(scalars))
	for i, s := range scalars {
		all[i].naf = nonAdjacentForm(s)
	}
	top := highest(all)

	var power extended // 2ⁱ·p, with T only where it is used
	var twice completed
	var prepared cached
	power.fromPoint(p)
	for i := 0; i <= top; i++ {
		needed := false
		for j := range all {
			needed = needed || all[j].naf[i] != 0
		}
		if i > 0 {
			if needed {
				power.fromCompleted(&twice)
			} else {
				power.fromCompletedWithoutT(&twice)
			}
		}
		if needed {
			prepared.fromExtended(&power)
			for j := range all {
				all[j].add(i, &power, &prepared)
			}
		}
		twice.double(&power)
	}

	products := make([]extended, len(scalars))
	for j := range all {
		products[j] = all[j].total()
	}
	return products
}

// highest returns the highest position at which any digit is not zero, or -1.
func highest(all []buckets) int {
	for i := 255; i >= 0; i-- {
		for j := range all {
			if all[j].naf[i] != 0 {
				return i
			}
		}
	}
	return -1
}

// add notes power = 2ⁱ·P, also given prepared, under the digit of position i.
func (b *buckets) add(i int, power *extended, prepared *cached) {
	digit := b.naf[i]
	if digit == 0 {
		return
	}
	negative := digit < 0
	if negative {
		digit = -digit
	}
	k := digit / 2
	if b.used&(1<<k) == 0 {
		b.used |= 1 << k
		b.sums[k] = *power
		if negative {
			b.sums[k].negate()
		}
		return
	}
	var sum completed
	if negative {
		sum.sub(&b.sums[k], prepared)
	} else {
		sum.add(&b.sums[k], prepared)
	}
	b.sums[k].fromCompleted(&sum)
}

// total returns Σ (2k+1)·sums[k] = 2·Σ k·sums[k] + Σ sums[k], with the weighted
// sum computed as the sum of the running sums from the top.
func (b *buckets) total() extended {
	if b.used == 0 {
		var identity extended
		identity.setIdentity()
		return identity
	}
	top := bits.Len(b.used) - 1
	running := b.sums[top]
	if top == 0 {
		return running
	}
	weighted := running
	for k := top - 1; k > 0; k-- {
		if b.used&(1<<k) != 0 {
			running.add(&b.sums[k])
		}
		weighted.add(&running)
	}
	if b.used&1 != 0 {
		running.add(&b.sums[0])
	}
	weighted.double()
	weighted.add(&running)
	return weighted
}
