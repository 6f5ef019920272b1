package ristretto

import (
	"crypto/subtle"

	"filippo.io/edwards25519/field"
	"go.dedis.ch/kyber/v3"
)

// FixedBase multiplies one public point by many secret scalars, in constant
// time, about three times faster than Point.Mul: encryption under an election
// key is its use. For the generator, Point.Mul with a nil point has such a
// table already.
//
// It takes 61 kB and the time of about five calls of Point.Mul to make. It is
// immutable and may be used by many goroutines.
type FixedBase struct {
	point *Point
	// rows[i][j] is (j+1)·16ⁱ·P.
	rows [64][8]affine
}

// NewFixedBase prepares p.
func NewFixedBase(p kyber.Point) *FixedBase {
	f := &FixedBase{point: toPoint(p).Clone().(*Point)}
	multiples := make([]extended, 0, 64*8)
	var first extended
	first.fromPoint(f.point)
	for range f.rows {
		multiples = appendMultiples(multiples, first, 8)
		first = multiples[len(multiples)-1] // 8·16ⁱ·P
		first.double()
	}
	table := toAffine(multiples)
	for i := range f.rows {
		copy(f.rows[i][:], table[8*i:])
	}
	return f
}

// NewFixedBase prepares a point of the group; see the function of the same name.
// It lets code that holds a kyber.Group find out whether there are such tables.
func (s *Suite) NewFixedBase(p kyber.Point) *FixedBase { return NewFixedBase(p) }

// Point returns a copy of the point that was prepared.
func (f *FixedBase) Point() kyber.Point { return f.point.Clone() }

// Mul sets dst = s·P in constant time and returns dst.
func (f *FixedBase) Mul(dst kyber.Point, s kyber.Scalar) kyber.Point {
	// s = Σ dᵢ·16ⁱ, hence s·P = Σ dᵢ·(16ⁱ·P): one addition a digit.
	digits := signedRadix16(&toScalar(s).s)
	var sum extended
	var partial completed
	var multiple affine
	sum.setIdentity()
	for i := range f.rows {
		lookup(&multiple, &f.rows[i], digits[i])
		partial.addAffine(&sum, &multiple)
		sum.fromCompleted(&partial)
	}
	sum.toEdwards(&toPoint(dst).e)
	return dst
}

// lookup sets dst to digit times the point of the row, -8 ≤ digit ≤ 8. It reads
// the whole row whatever the digit.
func lookup(dst *affine, row *[8]affine, digit int8) {
	sign := digit >> 7 // -1 or 0
	magnitude := uint8((digit + sign) ^ sign)
	dst.setIdentity()
	for j := range row {
		dst.selectFrom(&row[j], subtle.ConstantTimeByteEq(magnitude, uint8(j+1)))
	}
	dst.negateIf(int(sign & 1))
}

// appendMultiples appends 1·p, 2·p, …, n·p.
func appendMultiples(dst []extended, p extended, n int) []extended {
	var step cached
	var sum completed
	step.fromExtended(&p)
	for range n {
		dst = append(dst, p)
		sum.add(&p, &step)
		p.fromCompleted(&sum)
	}
	return dst
}

// toAffine prepares all points, with one field inversion.
func toAffine(points []extended) []affine {
	zInv := make([]field.Element, len(points))
	for i := range points {
		zInv[i] = points[i].Z
	}
	invertAll(zInv)
	table := make([]affine, len(points))
	for i := range points {
		table[i].fromExtended(&points[i], &zInv[i])
	}
	return table
}
