// Package point is the verifier's own arithmetic in ristretto255 (RFC 9496),
// over the field of filippo.io/edwards25519 alone: decoding, encoding,
// equality, addition, and multiplication by public scalars.
//
// Everything here runs in variable time. It must never see a secret: the
// verifier has none.
//
// Formulas are those of Hisil, Wong, Carter and Dawson 2008 for a = -1 in
// extended coordinates x = X/Z, y = Y/Z, xy = T/Z, and of RFC 9496 §4.3.
// Coordinates are of the Edwards curve; a ristretto255 element is a class of
// four or eight of its points, and only [Point.Equal] and the encodings see
// classes.
package point

import (
	"filippo.io/edwards25519/field"
)

// Size is the length of an encoded element or scalar.
const Size = 32

// constants of RFC 9496 §4.1, computed once for each user of them.
type constants struct {
	d             field.Element // -121665/121666
	d2            field.Element // 2d
	sqrtM1        field.Element // the non-negative root of -1
	invSqrtAMinus field.Element // 1/sqrt(a-d)
}

// The constants as numbers of RFC 9496 §4.1, little endian.
var (
	// d = 37095705934669439343138083508754565189542113879843219016388785533085940283555
	encodedD = [Size]byte{
		0xa3, 0x78, 0x59, 0x13, 0xca, 0x4d, 0xeb, 0x75, 0xab, 0xd8, 0x41, 0x41, 0x4d, 0x0a, 0x70, 0x00,
		0x98, 0xe8, 0x79, 0x77, 0x79, 0x40, 0xc7, 0x8c, 0x73, 0xfe, 0x6f, 0x2b, 0xee, 0x6c, 0x03, 0x52}
)

var k = newConstants()

func newConstants() *constants {
	var c constants
	mustSet(&c.d, encodedD)
	c.d2.Add(&c.d, &c.d)
	var one, minusOne, aMinusD field.Element
	one.One()
	minusOne.Negate(&one)
	root(&c.sqrtM1, &minusOne, &one)
	aMinusD.Subtract(&minusOne, &c.d)
	root(&c.invSqrtAMinus, &one, &aMinusD)
	return &c
}

// root sets r to the non-negative root of u/v, which must be a square.
func root(r, u, v *field.Element) {
	if _, square := r.SqrtRatio(u, v); square != 1 {
		panic("point: constant is no square")
	}
}

func mustSet(v *field.Element, b [Size]byte) {
	if _, err := v.SetBytes(b[:]); err != nil {
		panic("point: constant: " + err.Error())
	}
}
