package proof_test

import (
	"testing"

	"scrutineer/protocols/message"
	"scrutineer/protocols/ristretto"
	"scrutineer/reference-evoting/proof"
	"scrutineer/reference-evoting/weakness"
)

// Where weak.group.noMembershipCheck is planted, elements are decoded and
// encoded as ever, and points of the curve below the group come back as they
// were; elsewhere they are refused.
func TestPointsBelowTheGroup(t *testing.T) {
	set, err := weakness.Parse([]string{"weak.group.noMembershipCheck@box"})
	if err != nil {
		t.Fatal(err)
	}
	weak, sound := set.For(weakness.Box), set.For(weakness.Trustee)
	g := ristretto.NewPoint().Base().(*ristretto.Point)
	for _, view := range []weakness.View{weak, sound} {
		p, err := proof.PointOf(view, g.Bytes())
		if err != nil || !p.Equal(g) || proof.ElementOf(view, p) != message.Element(g.Bytes()) {
			t.Errorf("an element: %v, %v", p, err)
		}
	}
	// (0, 1) with y = p + 1, and G beside a point of order 8.
	torsion, err := ristretto.UnsafeFromEdwards([32]byte{
		0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0,
		0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
	})
	if err != nil {
		t.Fatal(err)
	}
	beside := ristretto.NewPoint().Add(g, torsion).(*ristretto.Point)
	raw := message.Element(ristretto.UnsafeEdwardsBytes(beside))
	p, err := proof.PointOf(weak, raw)
	if err != nil || !ristretto.UnsafeEdwardsEqual(p, beside) || proof.ElementOf(weak, p) != raw {
		t.Errorf("a point beside the group: %v, %v", p, err)
	}
	if p, err := proof.PointOf(sound, raw); err == nil || p != nil {
		t.Errorf("the sound role takes it: %v", p)
	}
	if p, err := proof.PointOf(weak, message.Element{2}); err == nil || p != nil {
		t.Errorf("bytes that are no point at all: %v", p)
	}
}
