package ristretto

import (
	"fmt"

	"filippo.io/edwards25519"
)

// UnsafeFromEdwards decodes a point of the curve below the group, the way a
// system without a prime-order group would: RFC 8032 form, non-canonical
// encodings and every torsion component included. The result may stand for no
// element of ristretto255, in which case its encoding, equality and sums mean
// nothing.
//
// UNSAFE. It exists for planted weaknesses and for forging attacks on systems
// that decode laxly; nothing sound ever calls it.
func UnsafeFromEdwards(raw [32]byte) (*Point, error) {
	e, err := new(edwards25519.Point).SetBytes(raw[:])
	if err != nil {
		return nil, fmt.Errorf("%w: not on the curve", ErrPoint)
	}
	p := new(Point)
	p.e.Set(e)
	return p, nil
}

// UnsafeEdwardsBytes returns the RFC 8032 encoding of the curve point inside p.
// Equal elements may give different bytes.
//
// UNSAFE, for the same purposes as UnsafeFromEdwards.
func UnsafeEdwardsBytes(p *Point) [32]byte { return [32]byte(p.e.Bytes()) }

// UnsafeEdwardsEqual reports whether p and q are the same curve point, torsion
// included, which is finer than equality in the group.
//
// UNSAFE, for the same purposes as UnsafeFromEdwards.
func UnsafeEdwardsEqual(p, q *Point) bool { return p.e.Equal(&q.e) == 1 }
