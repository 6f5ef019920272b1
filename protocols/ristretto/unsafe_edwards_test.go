package ristretto

import (
	"errors"
	"testing"

	"pgregory.net/rapid"
)

func TestUnsafeFromEdwards(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := points().Draw(t, "p")
		q, err := UnsafeFromEdwards(UnsafeEdwardsBytes(p))
		if err != nil || !UnsafeEdwardsEqual(p, q) {
			t.Fatalf("%v comes back as %v, %v", p, q, err)
		}
		// Torsion survives, which is the point of the function: on the curve the
		// sum is another point, and it decodes.
		q.e.Add(&p.e, order8())
		r, err := UnsafeFromEdwards(UnsafeEdwardsBytes(q))
		if err != nil || !UnsafeEdwardsEqual(q, r) || UnsafeEdwardsEqual(p, r) {
			t.Fatalf("the torsion component was lost: %v", err)
		}
	})
}

func TestUnsafeFromEdwardsRefuses(t *testing.T) {
	// y = 2 has no x on the curve.
	p, err := UnsafeFromEdwards([32]byte{2})
	if !errors.Is(err, ErrPoint) || p != nil {
		t.Errorf("got %v, %v", p, err)
	}
}

// What decodes laxly does not get in by the front door: of the curve's encodings
// of small order all are refused, but for 32 zero bytes (y = 0, of order 4 on
// the curve), which are the identity here.
func TestSmallOrderEncodingsRefused(t *testing.T) {
	torsion := order8()
	sum := NewPoint()
	for i := range 8 {
		b := UnsafeEdwardsBytes(sum)
		p := NewPoint()
		if err := p.UnmarshalBinary(b[:]); err == nil && !p.Equal(NewPoint()) {
			t.Errorf("%d·T, %x, decodes as an element", i, b)
		}
		sum.e.Add(&sum.e, torsion)
	}
}
