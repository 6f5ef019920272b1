package point

import "math/bits"

// Mul returns s·P for any P.
func Mul(s *Scalar, p *Point) Point {
	return Combine([]Scalar{*s}, []Point{*p})
}

// MulUint returns n·P.
func MulUint(n uint64, p *Point) Point {
	sum := Identity()
	var c cached
	c.set(p)
	for i := bits.Len64(n) - 1; i >= 0; i-- {
		sum.doubleT(&sum)
		if n>>i&1 == 1 {
			sum.addCached(&sum, &c)
		}
	}
	return sum
}

// combineWidth is the NAF width of [Combine]: tables of 1, 3 … 15 times P.
const combineWidth = 5

// Combine returns Σ s_i·P_i (Straus, interleaved non-adjacent forms). Both
// slices have the same length.
func Combine(scalars []Scalar, points []Point) Point {
	digits := make([][256]int8, len(scalars))
	tables := make([][1 << (combineWidth - 2)]cached, len(points))
	top := 0
	for i := range scalars {
		w := scalars[i].words()
		naf(&digits[i], &w, combineWidth)
		oddMultiples(tables[i][:], &points[i], nil)
		for j := 255; j > top; j-- {
			if digits[i][j] != 0 {
				top = j
			}
		}
	}
	sum := Identity()
	for j := top; j >= 0; j-- {
		sum.doubleT(&sum)
		for i := range digits {
			sum.addDigit(digits[i][j], tables[i][:])
		}
	}
	return sum
}

// oddMultiples fills table with p, 3p, 5p … ; twice is 2p where it is known.
func oddMultiples(table []cached, p, twice *Point) {
	table[0].set(p)
	var step cached
	if twice == nil {
		twice = new(Point).Double(p)
	}
	step.set(twice)
	last := *p
	for i := 1; i < len(table); i++ {
		last.addCached(&last, &step)
		table[i].set(&last)
	}
}

// addDigit adds d times the point of the table, d odd or zero.
func (p *Point) addDigit(d int8, table []cached) {
	switch {
	case d > 0:
		p.addCached(p, &table[d/2])
	case d < 0:
		p.subCached(p, &table[-d/2])
	}
}
