package ristretto

import (
	"crypto/cipher"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"filippo.io/edwards25519"
	"go.dedis.ch/kyber/v3"
)

const scalarLen = 32

// ErrScalar is wrapped by every error about bytes that are not the canonical
// encoding of a scalar.
var ErrScalar = errors.New("ristretto: not a canonical scalar")

// Scalar is an integer modulo ℓ, the order of the group. Its encoding is 32
// bytes, little-endian, strictly below ℓ (RFC 9496, section 4.4).
//
// The zero value is the scalar 0. Receivers and arguments may alias. All
// methods take time independent of the values, but not of lengths.
type Scalar struct {
	s edwards25519.Scalar
}

var _ kyber.Scalar = (*Scalar)(nil)

// ScalarFromUniform returns uniform, taken as a little-endian integer, modulo
// ℓ. For 64 uniformly random bytes, the output of a hash for example, the bias
// is below 2⁻²⁵⁰ (RFC 9496, section 4.4).
func ScalarFromUniform(uniform [64]byte) *Scalar {
	s := new(Scalar)
	// The only possible error is about the length, which the type fixes.
	_, _ = s.s.SetUniformBytes(uniform[:])
	return s
}

// ReduceScalar returns b, taken as a little-endian integer, modulo ℓ. As ℓ lies
// barely above 2²⁵², 32 uniformly random bytes give a scalar whose distribution
// is within 2⁻¹²⁷ of uniform: good enough for challenges; secret nonces take
// ScalarFromUniform or Pick.
func ReduceScalar(b [32]byte) *Scalar {
	var wide [64]byte
	copy(wide[:], b[:])
	return ScalarFromUniform(wide)
}

// MarshalBinary returns the 32-byte canonical encoding. The error is nil.
func (s *Scalar) MarshalBinary() ([]byte, error) { return s.s.Bytes(), nil }

// UnmarshalBinary sets s from its canonical encoding. Anything but 32 bytes of
// a value strictly below ℓ is refused with an error that wraps ErrScalar, and s
// is unchanged.
func (s *Scalar) UnmarshalBinary(b []byte) error {
	if len(b) != scalarLen {
		return fmt.Errorf("%w: %d bytes instead of %d", ErrScalar, len(b), scalarLen)
	}
	if _, err := s.s.SetCanonicalBytes(b); err != nil {
		return fmt.Errorf("%w: not below the group order", ErrScalar)
	}
	return nil
}

// String returns the canonical encoding in hexadecimal. Scalars are often
// secret: do not log them.
func (s *Scalar) String() string { return hex.EncodeToString(s.s.Bytes()) }

// MarshalSize returns 32.
func (s *Scalar) MarshalSize() int { return scalarLen }

// MarshalTo writes the canonical encoding to w.
func (s *Scalar) MarshalTo(w io.Writer) (int, error) { return w.Write(s.s.Bytes()) }

// UnmarshalFrom reads 32 bytes from r and sets s as UnmarshalBinary does. As
// kyber.Marshaling demands, an r that is also a cipher.Stream is a source of
// randomness: s is then picked, and the count is -1.
func (s *Scalar) UnmarshalFrom(r io.Reader) (int, error) {
	if random, ok := r.(cipher.Stream); ok {
		s.Pick(random)
		return -1, nil
	}
	var buf [scalarLen]byte
	n, err := io.ReadFull(r, buf[:])
	if err != nil {
		return n, fmt.Errorf("ristretto: reading a scalar: %w", err)
	}
	return n, s.UnmarshalBinary(buf[:])
}

// Equal reports whether s and t are the same, in constant time.
func (s *Scalar) Equal(t kyber.Scalar) bool { return s.s.Equal(&toScalar(t).s) == 1 }

// Set sets s = a and returns s.
func (s *Scalar) Set(a kyber.Scalar) kyber.Scalar {
	s.s.Set(&toScalar(a).s)
	return s
}

// Clone returns a new scalar with the value of s.
func (s *Scalar) Clone() kyber.Scalar { return new(Scalar).Set(s) }

// SetInt64 sets s = v mod ℓ, also for negative v, and returns s.
func (s *Scalar) SetInt64(v int64) kyber.Scalar {
	magnitude := uint64(v)
	if v < 0 {
		magnitude = -magnitude
	}
	var buf [scalarLen]byte
	binary.LittleEndian.PutUint64(buf[:], magnitude)
	// A value of 64 bits is always below ℓ.
	_, _ = s.s.SetCanonicalBytes(buf[:])
	if v < 0 {
		s.s.Negate(&s.s)
	}
	return s
}

// SetBytes sets s = b mod ℓ, with b a little-endian integer of any length, and
// returns s. No bytes at all are zero. To decode untrusted bytes use
// UnmarshalBinary, which refuses instead of reducing.
func (s *Scalar) SetBytes(b []byte) kyber.Scalar {
	// Horner's rule over digits of 32 bytes, the most significant first:
	// s = (…)·2²⁵⁶ + digit. Each digit is reduced on its way in.
	var sum, digit edwards25519.Scalar
	for end := len(b); end > 0; {
		start := (end - 1) / scalarLen * scalarLen
		var wide [64]byte
		copy(wide[:], b[start:end])
		_, _ = digit.SetUniformBytes(wide[:])
		sum.MultiplyAdd(&sum, twoTo256(), &digit)
		end = start
	}
	s.s.Set(&sum)
	return s
}

// twoTo256 returns 2²⁵⁶ mod ℓ.
func twoTo256() *edwards25519.Scalar {
	wide := [64]byte{32: 1}
	r, _ := new(edwards25519.Scalar).SetUniformBytes(wide[:])
	return r
}

// Zero sets s = 0 and returns s.
func (s *Scalar) Zero() kyber.Scalar {
	*s = Scalar{}
	return s
}

// One sets s = 1 and returns s.
func (s *Scalar) One() kyber.Scalar { return s.SetInt64(1) }

// Add sets s = a + b and returns s.
func (s *Scalar) Add(a, b kyber.Scalar) kyber.Scalar {
	s.s.Add(&toScalar(a).s, &toScalar(b).s)
	return s
}

// Sub sets s = a - b and returns s.
func (s *Scalar) Sub(a, b kyber.Scalar) kyber.Scalar {
	s.s.Subtract(&toScalar(a).s, &toScalar(b).s)
	return s
}

// Neg sets s = -a and returns s.
func (s *Scalar) Neg(a kyber.Scalar) kyber.Scalar {
	s.s.Negate(&toScalar(a).s)
	return s
}

// Mul sets s = a·b and returns s.
func (s *Scalar) Mul(a, b kyber.Scalar) kyber.Scalar {
	s.s.Multiply(&toScalar(a).s, &toScalar(b).s)
	return s
}

// Div sets s = a/b and returns s. As 0 has no inverse, a/0 is 0.
func (s *Scalar) Div(a, b kyber.Scalar) kyber.Scalar {
	var inverse edwards25519.Scalar
	inverse.Invert(&toScalar(b).s)
	s.s.Multiply(&toScalar(a).s, &inverse)
	return s
}

// Inv sets s = 1/a and returns s. As 0 has no inverse, 1/0 is 0.
func (s *Scalar) Inv(a kyber.Scalar) kyber.Scalar {
	var inverse edwards25519.Scalar
	inverse.Invert(&toScalar(a).s)
	s.s.Set(&inverse)
	return s
}

// Pick sets s to a uniformly random scalar, made from 64 bytes of the stream,
// and returns s.
func (s *Scalar) Pick(random cipher.Stream) kyber.Scalar {
	var uniform [64]byte
	fill(uniform[:], random)
	_, _ = s.s.SetUniformBytes(uniform[:])
	return s
}

// toScalar unwraps a scalar of this group. Another group's scalar is a mistake
// in the program, and kyber's interface has no room for an error: it panics.
func toScalar(a kyber.Scalar) *Scalar {
	s, ok := a.(*Scalar)
	if !ok {
		panic(fmt.Sprintf("ristretto: scalar of another group: %T", a))
	}
	return s
}
