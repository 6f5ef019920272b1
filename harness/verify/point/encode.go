package point

import (
	"filippo.io/edwards25519/field"
)

// doubled is what the encoding of 2P is made of. With e = 2xy, f = z² + dt²,
// g = y² + x², h = z² - dt², the double of P is (eh : gf : fh : eg) in the
// manner of X, Y, Z, T = eh', …; its inverse square root falls out of 1/(efgh)
// because the square root that RFC 9496 §4.3.2 takes is then known: (Hamburg
// 2015, appendix; the method of batched "double and encode").
type doubled struct {
	e, f, g, h, eg, fh field.Element
}

func (s *doubled) set(p *Point) {
	var xx, yy, zz, dtt field.Element
	xx.Square(&p.x)
	yy.Square(&p.y)
	zz.Square(&p.z)
	dtt.Square(&p.t)
	dtt.Multiply(&dtt, &k.d)
	s.e.Add(&p.y, &p.y)
	s.e.Multiply(&s.e, &p.x)
	s.f.Add(&zz, &dtt)
	s.g.Add(&yy, &xx)
	s.h.Subtract(&zz, &dtt)
	s.eg.Multiply(&s.e, &s.g)
	s.fh.Multiply(&s.f, &s.h)
}

// encodeDoubles appends the encodings of 2P for each P, with one inversion.
func encodeDoubles(out [][Size]byte, points []Point) [][Size]byte {
	states := make([]doubled, len(points))
	products := make([]field.Element, len(points))
	var all, one, zero field.Element
	all.One()
	one.One()
	efgh := make([]field.Element, len(points))
	for i := range points {
		states[i].set(&points[i])
		efgh[i].Multiply(&states[i].eg, &states[i].fh)
		if efgh[i].Equal(&zero) == 1 {
			efgh[i].One() // the double is the identity; encode sees e or g = 0
		}
		products[i] = all
		all.Multiply(&all, &efgh[i])
	}
	all.Invert(&all)
	start := len(out)
	out = append(out, make([][Size]byte, len(points))...)
	for i := len(points) - 1; i >= 0; i-- {
		var inverse field.Element
		inverse.Multiply(&all, &products[i])
		all.Multiply(&all, &efgh[i])
		out[start+i] = states[i].encode(&inverse)
	}
	return out
}

// encode follows RFC 9496 §4.3.2 for the doubled point, with inverse =
// 1/(efgh).
func (s *doubled) encode(inverse *field.Element) [Size]byte {
	var zInv, tInv, check, minusE, r field.Element
	if check.Equal(&s.eg) == 1 { // e or g is zero
		return [Size]byte{}
	}
	zInv.Multiply(&s.eg, inverse)
	tInv.Multiply(&s.fh, inverse)
	e, g, h, magic := s.e, s.g, s.h, k.invSqrtAMinus
	check.Multiply(&s.eg, &zInv)
	if check.IsNegative() == 1 {
		minusE.Negate(&s.e)
		e, g, magic = s.g, minusE, k.sqrtM1
		h.Multiply(&s.f, &k.sqrtM1)
	}
	check.Multiply(&h, &e)
	check.Multiply(&check, &zInv)
	if check.IsNegative() == 1 {
		g.Negate(&g)
	}
	r.Multiply(&g, &tInv)
	r.Multiply(&r, &magic)
	h.Subtract(&h, &g)
	r.Multiply(&r, &h)
	r.Absolute(&r)
	return [Size]byte(r.Bytes())
}
