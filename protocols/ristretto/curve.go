package ristretto

import (
	"fmt"

	"filippo.io/edwards25519"
	"filippo.io/edwards25519/field"
)

// The curve -x² + y² = 1 + dx²y² in the coordinates of Hisil, Wong, Carter and
// Dawson, "Twisted Edwards Curves Revisited" (ePrint 2008/522), for the tables
// and shared multiplications that filippo.io/edwards25519 does not export. The
// addition formulas are complete: they hold for all points. Everything in this
// file takes constant time.

// extended is the point x = X/Z, y = Y/Z with xy = T/Z.
type extended struct{ X, Y, Z, T field.Element }

// completed is the point x = X/Z, y = Y/T: what sums come out as.
type completed struct{ X, Y, Z, T field.Element }

// cached is a point prepared to be added many times: Y+X, Y-X, 2Z, 2dT.
type cached struct{ yPlusX, yMinusX, z2, t2d field.Element }

// affine is a point with Z = 1, prepared likewise: y+x, y-x, 2dxy.
type affine struct{ yPlusX, yMinusX, t2d field.Element }

// curveD2 is 2d.
var curveD2 = new(field.Element).Add(curveD, curveD)

func (p *extended) fromPoint(q *Point) {
	x, y, z, t := q.e.ExtendedCoordinates()
	p.X, p.Y, p.Z, p.T = *x, *y, *z, *t
}

// toEdwards sets dst = p.
func (p *extended) toEdwards(dst *edwards25519.Point) {
	if _, err := dst.SetExtendedCoordinates(&p.X, &p.Y, &p.Z, &p.T); err != nil {
		// The formulas never leave the curve.
		panic(fmt.Sprintf("ristretto: %v", err))
	}
}

func (p *extended) setIdentity() {
	*p = extended{}
	p.Y.One()
	p.Z.One()
}

func (p *extended) fromCompleted(c *completed) {
	p.fromCompletedWithoutT(c)
	p.T.Multiply(&c.X, &c.Y)
}

// fromCompletedWithoutT leaves T as it was, which is then wrong: good enough
// for a point that is doubled next.
func (p *extended) fromCompletedWithoutT(c *completed) {
	p.X.Multiply(&c.X, &c.T)
	p.Y.Multiply(&c.Y, &c.Z)
	p.Z.Multiply(&c.Z, &c.T)
}

func (p *extended) negate() {
	p.X.Negate(&p.X)
	p.T.Negate(&p.T)
}

// add sets p = p + q.
func (p *extended) add(q *extended) {
	var prepared cached
	var sum completed
	prepared.fromExtended(q)
	sum.add(p, &prepared)
	p.fromCompleted(&sum)
}

// double sets p = 2p.
func (p *extended) double() {
	var twice completed
	twice.double(p)
	p.fromCompleted(&twice)
}

func (q *cached) fromExtended(p *extended) {
	q.yPlusX.Add(&p.Y, &p.X)
	q.yMinusX.Subtract(&p.Y, &p.X)
	q.z2.Add(&p.Z, &p.Z)
	q.t2d.Multiply(&p.T, curveD2)
}

// fromExtended sets q = p, given the inverse of p's Z.
func (q *affine) fromExtended(p *extended, zInv *field.Element) {
	var x, y field.Element
	x.Multiply(&p.X, zInv)
	y.Multiply(&p.Y, zInv)
	q.yPlusX.Add(&y, &x)
	q.yMinusX.Subtract(&y, &x)
	q.t2d.Multiply(&x, &y)
	q.t2d.Multiply(&q.t2d, curveD2)
}

func (q *affine) setIdentity() {
	q.yPlusX.One()
	q.yMinusX.One()
	q.t2d.Zero()
}

// selectFrom sets q = a where cond is 1 and leaves it where cond is 0.
func (q *affine) selectFrom(a *affine, cond int) {
	q.yPlusX.Select(&a.yPlusX, &q.yPlusX, cond)
	q.yMinusX.Select(&a.yMinusX, &q.yMinusX, cond)
	q.t2d.Select(&a.t2d, &q.t2d, cond)
}

// negateIf sets q = -q where cond is 1 and leaves it where cond is 0.
func (q *affine) negateIf(cond int) {
	var minus field.Element
	q.yPlusX.Swap(&q.yMinusX, cond)
	q.t2d.Select(minus.Negate(&q.t2d), &q.t2d, cond)
}

// double sets c = 2p (section 3.3 of the paper, a = -1). It does not read T.
func (c *completed) double(p *extended) {
	var xx, yy, zz, sum field.Element
	xx.Square(&p.X)
	yy.Square(&p.Y)
	zz.Square(&p.Z)
	sum.Square(sum.Add(&p.X, &p.Y))

	c.Y.Add(&yy, &xx)
	c.Z.Subtract(&yy, &xx)
	c.X.Subtract(&sum, &c.Y)
	zz.Add(&zz, &zz)
	c.T.Subtract(&zz, &c.Z)
}

// add sets c = p + q (section 3.1 of the paper, a = -1).
func (c *completed) add(p *extended, q *cached) {
	var plus, minus, tt, zz field.Element
	plus.Multiply(plus.Add(&p.Y, &p.X), &q.yPlusX)
	minus.Multiply(minus.Subtract(&p.Y, &p.X), &q.yMinusX)
	tt.Multiply(&p.T, &q.t2d)
	zz.Multiply(&p.Z, &q.z2)
	c.finish(&plus, &minus, &zz, &tt)
}

// sub sets c = p - q.
func (c *completed) sub(p *extended, q *cached) {
	var plus, minus, tt, zz field.Element
	plus.Multiply(plus.Add(&p.Y, &p.X), &q.yMinusX)
	minus.Multiply(minus.Subtract(&p.Y, &p.X), &q.yPlusX)
	tt.Multiply(&p.T, &q.t2d)
	zz.Multiply(&p.Z, &q.z2)
	c.finish(&plus, &minus, &zz, &tt)
	c.Z, c.T = c.T, c.Z
}

// addAffine sets c = p + q.
func (c *completed) addAffine(p *extended, q *affine) {
	var plus, minus, tt, zz field.Element
	plus.Multiply(plus.Add(&p.Y, &p.X), &q.yPlusX)
	minus.Multiply(minus.Subtract(&p.Y, &p.X), &q.yMinusX)
	tt.Multiply(&p.T, &q.t2d)
	zz.Add(&p.Z, &p.Z)
	c.finish(&plus, &minus, &zz, &tt)
}

// subAffine sets c = p - q.
func (c *completed) subAffine(p *extended, q *affine) {
	var plus, minus, tt, zz field.Element
	plus.Multiply(plus.Add(&p.Y, &p.X), &q.yMinusX)
	minus.Multiply(minus.Subtract(&p.Y, &p.X), &q.yPlusX)
	tt.Multiply(&p.T, &q.t2d)
	zz.Add(&p.Z, &p.Z)
	c.finish(&plus, &minus, &zz, &tt)
	c.Z, c.T = c.T, c.Z
}

// finish is the end that all additions share.
func (c *completed) finish(plus, minus, zz, tt *field.Element) {
	c.X.Subtract(plus, minus)
	c.Y.Add(plus, minus)
	c.Z.Add(zz, tt)
	c.T.Subtract(zz, tt)
}

// invertAll inverts every element of a, all of which must be non-zero, with one
// field inversion (Montgomery's trick).
func invertAll(a []field.Element) {
	if len(a) == 0 {
		return
	}
	prefix := make([]field.Element, len(a))
	var product field.Element
	product.One()
	for i := range a {
		prefix[i] = product
		product.Multiply(&product, &a[i])
	}
	product.Invert(&product)
	for i := len(a) - 1; i >= 0; i-- {
		var inverse field.Element
		inverse.Multiply(&product, &prefix[i])
		product.Multiply(&product, &a[i])
		a[i] = inverse
	}
}
