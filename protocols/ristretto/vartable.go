package ristretto

import (
	"sync"

	"filippo.io/edwards25519"
	"go.dedis.ch/kyber/v3"
)

// The table of a VarTable has a row for each of tableRows windows of
// tableWidth bits, and in it the multiples up to half of 2^tableWidth; digits
// are signed. 37·7 = 259 bits cover every scalar and the last carry.
const (
	tableWidth = 7
	tableRows  = (253 + tableWidth - 1) / tableWidth
	tableHalf  = 1 << (tableWidth - 1)
)

// VarTable multiplies one public point by many public scalars. VARIABLE TIME:
// neither may be secret; for secret scalars there is FixedBase.
//
// It takes about 280 kB and a millisecond to make, and pays off from a few dozen
// multiplications on. It is immutable and may be used by many goroutines.
type VarTable struct {
	point *Point
	// table[i·tableHalf + j] is (j+1)·2^(i·tableWidth)·P.
	table []affine
}

// NewVarTable prepares p. For the generator, GeneratorTable is there already.
func NewVarTable(p kyber.Point) *VarTable {
	t := &VarTable{point: toPoint(p).Clone().(*Point)}
	multiples := make([]extended, 0, tableRows*tableHalf)
	var first extended
	first.fromPoint(t.point)
	for range tableRows {
		multiples = appendMultiples(multiples, first, tableHalf)
		first = multiples[len(multiples)-1] // half of the next row's unit
		first.double()
	}
	t.table = toAffine(multiples)
	return t
}

// GeneratorTable returns the table of the generator. It is made on first use
// and shared by all callers, a constant that takes a while to compute.
func GeneratorTable() *VarTable { return generatorTable() }

var generatorTable = sync.OnceValue(func() *VarTable {
	return NewVarTable(NewPoint().Base())
})

// Point returns a copy of the point that was prepared.
func (t *VarTable) Point() kyber.Point { return t.point.Clone() }

// MulVar sets dst = s·P and returns dst. Variable time.
func (t *VarTable) MulVar(dst kyber.Point, s kyber.Scalar) kyber.Point {
	var sum extended
	sum.setIdentity()
	t.addProduct(&sum, &toScalar(s).s)
	sum.toEdwards(&toPoint(dst).e)
	return dst
}

// addProduct sets sum = sum + s·P.
func (t *VarTable) addProduct(sum *extended, s *edwards25519.Scalar) {
	var partial completed
	b := s.Bytes()
	buf, bits, next := uint(0), 0, 0 // a bit queue, fed with the bytes of b
	carry := 0
	for row := range tableRows {
		for bits < tableWidth && next < len(b) {
			buf |= uint(b[next]) << bits
			bits += 8
			next++
		}
		digit := int(buf&(1<<tableWidth-1)) + carry
		buf >>= tableWidth
		bits -= tableWidth

		// Digits above half become negative and borrow from the next window.
		carry = 0
		if digit > tableHalf {
			digit -= 1 << tableWidth
			carry = 1
		}
		switch {
		case digit > 0:
			partial.addAffine(sum, &t.table[row*tableHalf+digit-1])
			sum.fromCompleted(&partial)
		case digit < 0:
			partial.subAffine(sum, &t.table[row*tableHalf-digit-1])
			sum.fromCompleted(&partial)
		}
	}
}
