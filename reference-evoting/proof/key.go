// Package proof has the zero-knowledge proofs and signatures of SPEC.md as
// the reference system makes and checks them, through kyber's interfaces and
// one at a time: disjunctions (S-12, S-13), knowledge of a discrete logarithm
// (S-02), equality of two (S-05, S-35), and credential signatures (§1).
//
// It computes; what a failed check means is for its callers to say. Each
// check hands the recomputed commitments to its caller's challenge, so that
// the challenge formulas stay in protocols/transcript.
package proof

import (
	"crypto/cipher"
	"errors"
	"fmt"

	"go.dedis.ch/kyber/v3"

	"scrutineer/protocols/message"
	"scrutineer/protocols/ristretto"
	"scrutineer/reference-evoting/weakness"
)

// ErrForm is wrapped where an element, a scalar or a list of branches has not
// the form that the check needs.
var ErrForm = errors.New("malformed proof")

// Point decodes an element.
func Point(e message.Element) (*ristretto.Point, error) {
	p := ristretto.NewPoint()
	if err := p.UnmarshalBinary(e[:]); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrForm, err)
	}
	return p, nil
}

// PointOf decodes an element as a role with these weaknesses does: under
// weak.group.noMembershipCheck what is none may be a point of the curve below
// the group, with whatever component of small order it has.
func PointOf(weak weakness.View, e message.Element) (*ristretto.Point, error) {
	p, err := Point(e)
	decoded := weak.Widen(weakness.NoMembershipCheck, err == nil, func() (ok bool) {
		below, bad := ristretto.UnsafeFromEdwards(e)
		p = below
		return bad == nil
	})
	if !decoded {
		return nil, err
	}
	return p, nil
}

// ElementOf encodes a point as it is decoded again by PointOf: under
// weak.group.noMembershipCheck one that stands for no element gets its encoding
// on the curve.
func ElementOf(weak weakness.View, p *ristretto.Point) message.Element {
	e := message.Element(p.Bytes())
	if !weak.Has(weakness.NoMembershipCheck) {
		return e
	}
	if q, err := Point(e); err != nil || !q.Equal(p) {
		return ristretto.UnsafeEdwardsBytes(p)
	}
	return e
}

// Scalar decodes a scalar.
func Scalar(s message.Scalar) (kyber.Scalar, error) {
	x := new(ristretto.Scalar)
	if err := x.UnmarshalBinary(s[:]); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrForm, err)
	}
	return x, nil
}

// Element encodes a point of this suite.
func Element(p kyber.Point) message.Element { return p.(*ristretto.Point).Bytes() }

// EncodeScalar encodes a scalar of this suite.
func EncodeScalar(s kyber.Scalar) message.Scalar {
	var out message.Scalar
	b, err := s.MarshalBinary()
	if err != nil || len(b) != len(out) {
		panic("proof: a scalar of another suite")
	}
	copy(out[:], b)
	return out
}

// Challenge reduces a digest modulo l (SPEC.md §1).
func Challenge(digest [32]byte) kyber.Scalar { return ristretto.ReduceScalar(digest) }

// Random draws a uniform scalar.
func Random(stream cipher.Stream) kyber.Scalar { return new(ristretto.Scalar).Pick(stream) }

func uintScalar(n uint64) kyber.Scalar {
	var b [32]byte
	for i := range 8 {
		b[i] = byte(n >> (8 * i))
	}
	return ristretto.ReduceScalar(b)
}

// Uint is n as a scalar.
func Uint(n uint64) kyber.Scalar { return uintScalar(n) }

func base(s kyber.Scalar) *ristretto.Point {
	return ristretto.NewPoint().Mul(s, nil).(*ristretto.Point)
}
