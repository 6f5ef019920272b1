package point

import (
	"filippo.io/edwards25519/field"
)

// Point represents an element. The zero value is not valid; start with
// [Identity], [Generator] or [Decode].
type Point struct {
	x, y, z, t field.Element
}

// Identity returns the identity.
func Identity() Point {
	var p Point
	p.y.One()
	p.z.One()
	return p
}

// generator is the encoding of G (RFC 9496 §A.1, the first multiple).
var generator = [Size]byte{
	0xe2, 0xf2, 0xae, 0x0a, 0x6a, 0xbc, 0x4e, 0x71, 0xa8, 0x84, 0xa9, 0x61, 0xc5, 0x00, 0x51, 0x5f,
	0x58, 0xe3, 0x0b, 0x6a, 0xa5, 0x82, 0xdd, 0x8d, 0xb6, 0xa6, 0x59, 0x45, 0xe0, 0x8d, 0x2d, 0x76}

// Generator returns G.
func Generator() Point {
	p, ok := Decode(generator)
	if !ok {
		panic("point: generator does not decode")
	}
	return p
}

// Decode reads the canonical encoding of an element (RFC 9496 §4.3.1). It is
// the only way from bytes to a Point.
func Decode(b [Size]byte) (Point, bool) {
	var s field.Element
	if _, err := s.SetBytes(b[:]); err != nil {
		return Point{}, false
	}
	// SetBytes ignores the top bit and reduces; only the reduced, even value
	// is an encoding.
	if [Size]byte(s.Bytes()) != b || s.IsNegative() == 1 {
		return Point{}, false
	}
	var one, ss, u1, u2, u2Sqr, v, w, invSqrt, denX, denY field.Element
	one.One()
	ss.Square(&s)
	u1.Subtract(&one, &ss) // 1 - s²
	u2.Add(&one, &ss)      // 1 + s²
	u2Sqr.Square(&u2)
	v.Square(&u1) // v = -(d·u1²) - u2²
	v.Multiply(&v, &k.d)
	v.Negate(&v)
	v.Subtract(&v, &u2Sqr)
	w.Multiply(&v, &u2Sqr)
	_, square := invSqrt.SqrtRatio(&one, &w)
	denX.Multiply(&invSqrt, &u2)
	denY.Multiply(&invSqrt, &denX)
	denY.Multiply(&denY, &v)

	var p Point
	p.x.Multiply(&s, &denX)
	p.x.Add(&p.x, &p.x)
	p.x.Absolute(&p.x)
	p.y.Multiply(&u1, &denY)
	p.z.One()
	p.t.Multiply(&p.x, &p.y)
	if square != 1 || p.t.IsNegative() == 1 || p.y.Equal(new(field.Element)) == 1 {
		return Point{}, false
	}
	return p, true
}

// Encode returns the canonical encoding (RFC 9496 §4.3.2).
func (p *Point) Encode() [Size]byte {
	var u1, u2, w, invSqrt, den1, den2, zInv, ix, iy, enchanted, x, y, denInv, s, m field.Element
	var one field.Element
	one.One()
	u1.Add(&p.z, &p.y)
	w.Subtract(&p.z, &p.y)
	u1.Multiply(&u1, &w)    // (z+y)(z-y)
	u2.Multiply(&p.x, &p.y) // xy
	w.Square(&u2)
	w.Multiply(&w, &u1)
	invSqrt.SqrtRatio(&one, &w)
	den1.Multiply(&invSqrt, &u1)
	den2.Multiply(&invSqrt, &u2)
	zInv.Multiply(&den1, &den2)
	zInv.Multiply(&zInv, &p.t)
	ix.Multiply(&p.x, &k.sqrtM1)
	iy.Multiply(&p.y, &k.sqrtM1)
	enchanted.Multiply(&den1, &k.invSqrtAMinus)
	m.Multiply(&p.t, &zInv)
	if m.IsNegative() == 1 {
		x, y, denInv = iy, ix, enchanted
	} else {
		x, y, denInv = p.x, p.y, den2
	}
	m.Multiply(&x, &zInv)
	if m.IsNegative() == 1 {
		y.Negate(&y)
	}
	s.Subtract(&p.z, &y)
	s.Multiply(&s, &denInv)
	s.Absolute(&s)
	return [Size]byte(s.Bytes())
}

// Equal reports whether p and q represent the same element (RFC 9496 §4.5).
func (p *Point) Equal(q *Point) bool {
	var a, b field.Element
	a.Multiply(&p.x, &q.y)
	b.Multiply(&p.y, &q.x)
	if a.Equal(&b) == 1 {
		return true
	}
	a.Multiply(&p.y, &q.y)
	b.Multiply(&p.x, &q.x)
	return a.Equal(&b) == 1
}

// IsIdentity reports whether p represents the identity.
func (p *Point) IsIdentity() bool {
	var zero field.Element
	return p.x.Equal(&zero) == 1 || p.y.Equal(&zero) == 1
}

// Add sets p = a + b and returns p. All may be the same.
func (p *Point) Add(a, b *Point) *Point {
	var c cached
	c.set(b)
	p.addCached(a, &c)
	return p
}

// Sub sets p = a - b and returns p. All may be the same.
func (p *Point) Sub(a, b *Point) *Point {
	var c cached
	c.set(b)
	p.subCached(a, &c)
	return p
}

// Negate sets p = -a and returns p.
func (p *Point) Negate(a *Point) *Point {
	p.x.Negate(&a.x)
	p.y = a.y
	p.z = a.z
	p.t.Negate(&a.t)
	return p
}

// Double sets p = 2a and returns p.
func (p *Point) Double(a *Point) *Point {
	p.doubleT(a)
	return p
}

// cached is a point made ready to be added: y+x, y-x, 2z, 2d·t.
type cached struct {
	yPlusX, yMinusX, z2, t2d field.Element
}

func (c *cached) set(p *Point) {
	c.yPlusX.Add(&p.y, &p.x)
	c.yMinusX.Subtract(&p.y, &p.x)
	c.z2.Add(&p.z, &p.z)
	c.t2d.Multiply(&p.t, &k.d2)
}

// addCached sets p = a + c (add-2008-hwcd-3).
func (p *Point) addCached(a *Point, c *cached) {
	var A, B, C, D field.Element
	A.Subtract(&a.y, &a.x)
	A.Multiply(&A, &c.yMinusX)
	B.Add(&a.y, &a.x)
	B.Multiply(&B, &c.yPlusX)
	C.Multiply(&a.t, &c.t2d)
	D.Multiply(&a.z, &c.z2)
	p.finish(&A, &B, &C, &D)
}

// subCached sets p = a - c: the negative of c has y+x and y-x exchanged and
// the other sign of t.
func (p *Point) subCached(a *Point, c *cached) {
	var A, B, C, D field.Element
	A.Subtract(&a.y, &a.x)
	A.Multiply(&A, &c.yPlusX)
	B.Add(&a.y, &a.x)
	B.Multiply(&B, &c.yMinusX)
	C.Multiply(&a.t, &c.t2d)
	C.Negate(&C)
	D.Multiply(&a.z, &c.z2)
	p.finish(&A, &B, &C, &D)
}

// finish ends an addition: E = B-A, F = D-C, G = D+C, H = B+A.
func (p *Point) finish(A, B, C, D *field.Element) {
	var E, F, G, H field.Element
	E.Subtract(B, A)
	F.Subtract(D, C)
	G.Add(D, C)
	H.Add(B, A)
	p.x.Multiply(&E, &F)
	p.y.Multiply(&G, &H)
	p.z.Multiply(&F, &G)
	p.t.Multiply(&E, &H)
}

// double sets p = 2a without its t, which only an addition needs; p is not to
// be added before a doubleT or an addition has made it whole.
func (p *Point) double(a *Point) {
	var E, H field.Element
	p.doubleParts(a, &E, &H)
}

// doubleT is double with t.
func (p *Point) doubleT(a *Point) {
	var E, H field.Element
	p.doubleParts(a, &E, &H)
	p.t.Multiply(&E, &H)
}

func (p *Point) doubleParts(a *Point, E, H *field.Element) {
	var A, B, F, G field.Element
	A.Square(&a.x)
	B.Square(&a.y)
	E.Add(&a.x, &a.y)
	E.Square(E)
	F.Square(&a.z)
	F.Add(&F, &F) // 2z²
	H.Add(&A, &B)
	E.Subtract(H, E)
	G.Subtract(&A, &B)
	F.Add(&F, &G)
	p.x.Multiply(E, &F)
	p.y.Multiply(&G, H)
	p.z.Multiply(&F, &G)
}
