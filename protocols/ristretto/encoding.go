package ristretto

import (
	"crypto/cipher"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"filippo.io/edwards25519"
	"filippo.io/edwards25519/field"
)

const pointLen = 32

// ErrPoint is wrapped by every error about bytes that are not the canonical
// encoding of a point.
var ErrPoint = errors.New("ristretto: not a canonical point")

// MarshalBinary returns the 32-byte canonical encoding. The error is nil.
func (p *Point) MarshalBinary() ([]byte, error) {
	b := p.Bytes()
	return b[:], nil
}

// UnmarshalBinary sets p from its canonical encoding. Everything else (another
// length, a field element not below 2²⁵⁵ - 19 or negative, one that stands for
// no element) is refused with an error that wraps ErrPoint, and p is unchanged.
// The identity, 32 zero bytes, is an element and accepted; protocols that
// exclude it must say so themselves.
func (p *Point) UnmarshalBinary(b []byte) error {
	if len(b) != pointLen {
		return fmt.Errorf("%w: %d bytes instead of %d", ErrPoint, len(b), pointLen)
	}
	return decode(&p.e, b)
}

// decode sets p to the element encoded in the 32 bytes of b. RFC 9496, section
// 4.3.1; the variables bear its names.
func decode(p *edwards25519.Point, b []byte) error {
	s, err := new(field.Element).SetBytes(b)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrPoint, err)
	}
	// SetBytes reduces and drops the highest bit, so that a canonical string is
	// one that comes back.
	if subtle.ConstantTimeCompare(s.Bytes(), b) != 1 {
		return fmt.Errorf("%w: field element out of range", ErrPoint)
	}
	if s.IsNegative() == 1 {
		return fmt.Errorf("%w: negative field element", ErrPoint)
	}

	var ss, u1, u2, u2Sqr, v, t field.Element
	ss.Square(s)
	u1.Subtract(fieldOne, &ss)
	u2.Add(fieldOne, &ss)
	u2Sqr.Square(&u2)

	// v = -(D·u1²) - u2²
	v.Square(&u1)
	v.Multiply(&v, curveD)
	v.Negate(&v)
	v.Subtract(&v, &u2Sqr)

	// invsqrt = 1/√(v·u2²)
	var invsqrt field.Element
	_, wasSquare := invsqrt.SqrtRatio(fieldOne, t.Multiply(&v, &u2Sqr))

	var denX, denY, x, y field.Element
	denX.Multiply(&invsqrt, &u2)
	denY.Multiply(&invsqrt, &denX)
	denY.Multiply(&denY, &v)

	x.Add(s, s)
	x.Multiply(&x, &denX)
	x.Absolute(&x)
	y.Multiply(&u1, &denY)
	t.Multiply(&x, &y)

	if wasSquare == 0 || t.IsNegative() == 1 || y.Equal(new(field.Element)) == 1 {
		return fmt.Errorf("%w: stands for no element", ErrPoint)
	}
	if _, err := p.SetExtendedCoordinates(&x, &y, fieldOne, &t); err != nil {
		return fmt.Errorf("%w: %w", ErrPoint, err)
	}
	return nil
}

// Bytes returns the canonical encoding: equal elements, and no others, have
// equal bytes. RFC 9496, section 4.3.2; the variables bear its names.
func (p *Point) Bytes() [pointLen]byte {
	x0, y0, z0, t0 := p.e.ExtendedCoordinates()
	return encode(x0, y0, z0, t0)
}

func encode(x0, y0, z0, t0 *field.Element) [pointLen]byte {
	var u1, u2, tmp field.Element
	u1.Add(z0, y0)
	u1.Multiply(&u1, tmp.Subtract(z0, y0))
	u2.Multiply(x0, y0)

	// invsqrt = 1/√(u1·u2²), or 0; the argument is always a square.
	var invsqrt field.Element
	tmp.Square(&u2)
	invsqrt.SqrtRatio(fieldOne, tmp.Multiply(&tmp, &u1))

	var den1, den2, zInv field.Element
	den1.Multiply(&invsqrt, &u1)
	den2.Multiply(&invsqrt, &u2)
	zInv.Multiply(&den1, &den2)
	zInv.Multiply(&zInv, t0)

	var ix0, iy0, enchanted field.Element
	ix0.Multiply(x0, sqrtMinusOne)
	iy0.Multiply(y0, sqrtMinusOne)
	enchanted.Multiply(&den1, invSqrtAMinusD)

	rotate := tmp.Multiply(t0, &zInv).IsNegative()
	var x, y, denInv field.Element
	x.Select(&iy0, x0, rotate)
	y.Select(&ix0, y0, rotate)
	denInv.Select(&enchanted, &den2, rotate)

	negative := tmp.Multiply(&x, &zInv).IsNegative()
	y.Select(tmp.Negate(&y), &y, negative)

	var s field.Element
	s.Subtract(z0, &y)
	s.Multiply(&s, &denInv)
	s.Absolute(&s)
	return [pointLen]byte(s.Bytes())
}

// String returns the canonical encoding in hexadecimal.
func (p *Point) String() string {
	b := p.Bytes()
	return hex.EncodeToString(b[:])
}

// MarshalSize returns 32.
func (p *Point) MarshalSize() int { return pointLen }

// MarshalTo writes the canonical encoding to w.
func (p *Point) MarshalTo(w io.Writer) (int, error) {
	b := p.Bytes()
	return w.Write(b[:])
}

// UnmarshalFrom reads 32 bytes from r and sets p as UnmarshalBinary does. As
// kyber.Marshaling demands, an r that is also a cipher.Stream is a source of
// randomness: p is then picked, and the count is -1.
func (p *Point) UnmarshalFrom(r io.Reader) (int, error) {
	if random, ok := r.(cipher.Stream); ok {
		p.Pick(random)
		return -1, nil
	}
	var buf [pointLen]byte
	n, err := io.ReadFull(r, buf[:])
	if err != nil {
		return n, fmt.Errorf("ristretto: reading a point: %w", err)
	}
	return n, p.UnmarshalBinary(buf[:])
}
