package point

import "filippo.io/edwards25519/field"

// IsSigningKey reports whether b is what SPEC.md §1 calls a signing key: the
// canonical encoding (RFC 8032 §5.1.3, y reduced, no sign where x = 0) of a
// point of edwards25519 whose order does not divide 8. Libraries accept more:
// under a key of small order a signature holds for every message.
func IsSigningKey(b [Size]byte) bool {
	plain := b
	plain[Size-1] &= 0x7f
	var y, one, u, v, x field.Element
	if _, err := y.SetBytes(plain[:]); err != nil || [Size]byte(y.Bytes()) != plain {
		return false
	}
	one.One()
	u.Square(&y) // x² = (y² - 1) / (d·y² + 1)
	v.Multiply(&u, &k.d)
	u.Subtract(&u, &one)
	v.Add(&v, &one)
	_, square := x.SqrtRatio(&u, &v)
	if square != 1 || x.Equal(new(field.Element)) == 1 && b[Size-1]&0x80 != 0 {
		return false
	}
	p := Point{x: x, y: y, z: one} // the sign of x does not change the order
	p.t.Multiply(&x, &y)
	for range 3 {
		p.Add(&p, &p)
	}
	// Exactly the neutral element of the curve: IsIdentity is that of the
	// quotient, where small points are all the identity.
	return p.x.Equal(new(field.Element)) != 1 || p.y.Equal(&p.z) != 1
}
