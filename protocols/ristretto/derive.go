package ristretto

import (
	"filippo.io/edwards25519"
	"filippo.io/edwards25519/field"
)

// PointFromUniform returns the element that RFC 9496, section 4.3.4, derives
// from 64 bytes: the sum of the images of both halves. Of the output of a hash
// it makes an element that behaves like a random one, whose logarithm nobody
// knows.
func PointFromUniform(uniform [64]byte) *Point {
	p := new(Point)
	p.e.Add(mapToPoint(uniform[:32]), mapToPoint(uniform[32:]))
	return p
}

// mapToPoint is the function MAP of RFC 9496, section 4.3.4, on 32 bytes; the
// variables bear its names.
func mapToPoint(b []byte) *edwards25519.Point {
	// SetBytes masks the highest bit and reduces, as the RFC prescribes; it
	// fails only for another length.
	t, err := new(field.Element).SetBytes(b)
	if err != nil {
		panic("ristretto: mapToPoint: " + err.Error())
	}
	minusOne := new(field.Element).Negate(fieldOne)

	var r, u, v, tmp field.Element
	r.Square(t)
	r.Multiply(sqrtMinusOne, &r)
	u.Add(&r, fieldOne)
	u.Multiply(&u, oneMinusDSquared)
	// v = (-1 - r·D)·(r + D)
	v.Multiply(&r, curveD)
	v.Subtract(minusOne, &v)
	v.Multiply(&v, tmp.Add(&r, curveD))

	var s, sPrime field.Element
	_, wasSquare := s.SqrtRatio(&u, &v)
	sPrime.Multiply(&s, t)
	sPrime.Absolute(&sPrime)
	sPrime.Negate(&sPrime)
	s.Select(&s, &sPrime, wasSquare)

	// N = c·(r - 1)·(D - 1)² - v
	var c, n field.Element
	c.Select(minusOne, &r, wasSquare)
	n.Multiply(&c, tmp.Subtract(&r, fieldOne))
	n.Multiply(&n, dMinusOneSquared)
	n.Subtract(&n, &v)

	var w0, w1, w2, w3 field.Element
	w0.Multiply(&s, &v)
	w0.Add(&w0, &w0)
	w1.Multiply(&n, sqrtADMinusOne)
	tmp.Square(&s)
	w2.Subtract(fieldOne, &tmp)
	w3.Add(fieldOne, &tmp)

	var X, Y, Z, T field.Element
	X.Multiply(&w0, &w3)
	Y.Multiply(&w2, &w1)
	Z.Multiply(&w1, &w3)
	T.Multiply(&w0, &w2)
	p, err := new(edwards25519.Point).SetExtendedCoordinates(&X, &Y, &Z, &T)
	if err != nil {
		// The map lands on the curve for every input.
		panic("ristretto: mapToPoint: " + err.Error())
	}
	return p
}
