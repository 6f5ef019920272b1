package ristretto

import (
	"crypto/cipher"
	"fmt"

	"filippo.io/edwards25519"
	"filippo.io/edwards25519/field"
	"go.dedis.ch/kyber/v3"
)

// Point is an element of ristretto255. Inside it is one of the four points of
// edwards25519 that stand for the element; which one is never visible through
// the methods.
//
// The zero value is not valid, except as a receiver that gets a value: make
// points with NewPoint or Suite.Point. Receivers and arguments may alias.
type Point struct {
	e edwards25519.Point
}

var _ kyber.Point = (*Point)(nil)

// NewPoint returns a new point set to the identity.
func NewPoint() *Point {
	p := new(Point)
	p.e.Set(edwards25519.NewIdentityPoint())
	return p
}

// Equal reports whether p and q are the same element, in constant time. RFC
// 9496, section 4.3.3: the internal points are equal up to 4-torsion.
func (p *Point) Equal(q kyber.Point) bool {
	x1, y1, _, _ := p.e.ExtendedCoordinates()
	x2, y2, _, _ := toPoint(q).e.ExtendedCoordinates()

	// x1·y2 = y1·x2, or y1·y2 = x1·x2
	var a, b, c, d field.Element
	a.Multiply(x1, y2)
	b.Multiply(y1, x2)
	c.Multiply(y1, y2)
	d.Multiply(x1, x2)
	return a.Equal(&b)|c.Equal(&d) == 1
}

// Null sets p to the identity and returns p.
func (p *Point) Null() kyber.Point {
	p.e.Set(edwards25519.NewIdentityPoint())
	return p
}

// Base sets p to the generator of RFC 9496, which edwards25519's represents,
// and returns p.
func (p *Point) Base() kyber.Point {
	p.e.Set(edwards25519.NewGeneratorPoint())
	return p
}

// Pick sets p to a uniformly random element, derived from 64 bytes of the
// stream, and returns p. Nobody knows its logarithm, except who can predict the
// stream and solve the discrete logarithm.
func (p *Point) Pick(random cipher.Stream) kyber.Point {
	var uniform [64]byte
	fill(uniform[:], random)
	p.e.Set(&PointFromUniform(uniform).e)
	return p
}

// Set sets p = q and returns p.
func (p *Point) Set(q kyber.Point) kyber.Point {
	p.e.Set(&toPoint(q).e)
	return p
}

// Clone returns a new point with the value of p.
func (p *Point) Clone() kyber.Point { return new(Point).Set(p) }

// Add sets p = a + b and returns p.
func (p *Point) Add(a, b kyber.Point) kyber.Point {
	p.e.Add(&toPoint(a).e, &toPoint(b).e)
	return p
}

// Sub sets p = a - b and returns p.
func (p *Point) Sub(a, b kyber.Point) kyber.Point {
	p.e.Subtract(&toPoint(a).e, &toPoint(b).e)
	return p
}

// Neg sets p = -a and returns p.
func (p *Point) Neg(a kyber.Point) kyber.Point {
	p.e.Negate(&toPoint(a).e)
	return p
}

// Mul sets p = s·q, or s times the generator where q is nil, in constant time,
// and returns p.
func (p *Point) Mul(s kyber.Scalar, q kyber.Point) kyber.Point {
	if q == nil {
		p.e.ScalarBaseMult(&toScalar(s).s)
	} else {
		p.e.ScalarMult(&toScalar(s).s, &toPoint(q).e)
	}
	return p
}

// Coordinates are the extended coordinates of the curve point inside p, 32 bytes
// each of X, Y, Z and T. Those who have the same bytes have the same point, torsion
// included; one point has many of them.
func (p *Point) Coordinates() (out [128]byte) {
	x, y, z, t := p.e.ExtendedCoordinates()
	for i, c := range []*field.Element{x, y, z, t} {
		copy(out[32*i:], c.Bytes())
	}
	return out
}

// toPoint unwraps a point of this group. Another group's point is a mistake in
// the program, and kyber's interface has no room for an error: it panics.
func toPoint(q kyber.Point) *Point {
	p, ok := q.(*Point)
	if !ok {
		panic(fmt.Sprintf("ristretto: point of another group: %T", q))
	}
	return p
}
