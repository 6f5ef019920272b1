package ristretto

import "filippo.io/edwards25519/field"

// doubled is what the encoding of 2Q needs to know, for Q = (X:Y:Z). With
//
//	e = 2XY   f = Y² - X²   g = Y² + X²   h = 2Z² - f
//
// 2Q is (eh : fg : fh : eg). The curve equation gives h² - g² = (a-d)·e², so
// that the square root in section 4.3.2 of RFC 9496 is known beforehand:
//
//	1/√(u1·u2²) = ±1/√(a-d) · 1/(e²f²gh)
//
// and all that remains is to divide by e, f, g and h. (Hamburg's idea for
// Decaf, ePrint 2015/673; the formulas are worked out for this curve.)
type doubled struct{ e, f, g, h, eg, fh field.Element }

// EncodeDoubles returns the canonical encodings of 2·points[i]: for a batch,
// several times faster than one by one. A search for a small logarithm, which
// compares many encodings, may as well compare those of the doubles. Variable
// time, for public points alone.
func EncodeDoubles(points []*Point) [][32]byte {
	halves := make([]extended, len(points))
	for i, p := range points {
		halves[i].fromPoint(p)
	}
	return encodeDoubles(halves)
}

// encodeDoubles returns the canonical encodings of 2·points[i], without reading
// T, with one field inversion for all of them. Variable time.
func encodeDoubles(points []extended) [][32]byte {
	encodings := make([][32]byte, len(points))
	twice := make([]doubled, len(points))
	inverses := make([]field.Element, 0, len(points))
	for i := range points {
		product := twice[i].set(&points[i])
		// A factor of zero means that Q has order at most 8: 2Q stands for the
		// identity, and its encoding is zero already.
		if product.Equal(new(field.Element)) == 0 {
			inverses = append(inverses, product)
		}
	}
	invertAll(inverses)
	next := 0
	for i := range twice {
		if twice[i].isIdentity() {
			continue
		}
		encodings[i] = twice[i].encode(&inverses[next])
		next++
	}
	return encodings
}

// set computes d for 2Q, and returns the product e·f·g·h.
func (d *doubled) set(q *extended) field.Element {
	var xx, yy, zz, product field.Element
	xx.Square(&q.X)
	yy.Square(&q.Y)
	zz.Square(&q.Z)
	d.e.Multiply(&q.X, &q.Y)
	d.e.Add(&d.e, &d.e)
	d.f.Subtract(&yy, &xx)
	d.g.Add(&yy, &xx)
	zz.Add(&zz, &zz)
	d.h.Subtract(&zz, &d.f)
	d.eg.Multiply(&d.e, &d.g)
	d.fh.Multiply(&d.f, &d.h)
	product.Multiply(&d.eg, &d.fh)
	return product
}

func (d *doubled) isIdentity() bool {
	return d.eg.Equal(new(field.Element)) == 1
}

// encode finishes the encoding, given 1/(e·f·g·h).
func (d *doubled) encode(inverse *field.Element) [32]byte {
	var fhInv, egInv, quotient, s field.Element
	fhInv.Multiply(inverse, &d.eg) // 1/(fh)
	egInv.Multiply(inverse, &d.fh) // 1/(eg)

	// rotate = IS_NEGATIVE(t·z_inv), with t = eg and z_inv = 1/(fh).
	if quotient.Multiply(&d.eg, &fhInv).IsNegative() == 0 {
		// x·z_inv = e/f decides the sign of y; s = (h ∓ g)/(e·√(a-d)).
		quotient.Multiply(&fhInv, &d.h)
		quotient.Multiply(&quotient, &d.e)
		if quotient.IsNegative() == 1 {
			s.Add(&d.h, &d.g)
		} else {
			s.Subtract(&d.h, &d.g)
		}
		s.Multiply(&s, &egInv)
		s.Multiply(&s, &d.g)
		s.Multiply(&s, invSqrtAMinusD)
	} else {
		// Rotated, x·z_inv = √-1·g/h, and s = (f ∓ √-1·e)/g.
		quotient.Multiply(&fhInv, &d.f)
		quotient.Multiply(&quotient, &d.g)
		quotient.Multiply(&quotient, sqrtMinusOne)
		var ie field.Element
		ie.Multiply(&d.e, sqrtMinusOne)
		if quotient.IsNegative() == 1 {
			s.Add(&d.f, &ie)
		} else {
			s.Subtract(&d.f, &ie)
		}
		s.Multiply(&s, &egInv)
		s.Multiply(&s, &d.e)
	}
	s.Absolute(&s)
	return [32]byte(s.Bytes())
}
