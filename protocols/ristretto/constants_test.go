package ristretto

import (
	"testing"

	"filippo.io/edwards25519/field"
)

// Each constant against its definition in RFC 9496, section 4.1.
func TestConstants(t *testing.T) {
	small := func(n uint32) *field.Element { return new(field.Element).Mult32(fieldOne, n) }
	square := func(a *field.Element) *field.Element { return new(field.Element).Square(a) }
	times := func(a, b *field.Element) *field.Element { return new(field.Element).Multiply(a, b) }
	minus := func(a, b *field.Element) *field.Element { return new(field.Element).Subtract(a, b) }
	minusOne := new(field.Element).Negate(fieldOne)
	aMinusD := minus(minusOne, curveD)

	for _, c := range []struct {
		name        string
		left, right *field.Element
	}{
		{"121666·d = -121665", times(small(121666), curveD), new(field.Element).Negate(small(121665))},
		{"(√-1)² = -1", square(sqrtMinusOne), minusOne},
		{"(√(ad-1))² = ad-1", square(sqrtADMinusOne), minus(new(field.Element).Negate(curveD), fieldOne)},
		{"(1/√(a-d))²·(a-d) = 1", times(square(invSqrtAMinusD), aMinusD), fieldOne},
		{"1-d²", oneMinusDSquared, minus(fieldOne, square(curveD))},
		{"(d-1)²", dMinusOneSquared, square(minus(curveD, fieldOne))},
		{"2d", curveD2, times(small(2), curveD)},
	} {
		if c.left.Equal(c.right) != 1 {
			t.Errorf("%s does not hold", c.name)
		}
	}
	// Of the two roots, the RFC means the non-negative one here; the sign of
	// sqrtADMinusOne is held by the derivation vectors.
	for name, e := range map[string]*field.Element{"√-1": sqrtMinusOne, "1/√(a-d)": invSqrtAMinusD} {
		if e.IsNegative() == 1 {
			t.Errorf("%s is negative", name)
		}
	}
}

func TestOrder(t *testing.T) {
	l := Order()
	if !l.ProbablyPrime(20) || l.BitLen() != 253 {
		t.Errorf("the order %v is not a prime of 253 bits", l)
	}
	if got := new(Scalar).SetBytes(littleEndian(l)); !got.Equal(new(Scalar)) {
		t.Errorf("ℓ mod ℓ = %v", got)
	}
	l.SetInt64(0)
	if Order().Sign() == 0 {
		t.Error("the caller's change reached the constant")
	}
}
