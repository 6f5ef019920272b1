package point

import (
	"testing"

	"go.dedis.ch/kyber/v3"
	"go.dedis.ch/kyber/v3/group/edwards25519"
	"go.dedis.ch/kyber/v3/util/random"
)

// BenchmarkSelectionKyber is BenchmarkSelection's work in kyber's
// edwards25519, to compare with in the same run: decode the ciphertext,
// recompute and encode the four commitments of a 0/1 proof.
func BenchmarkSelectionKyber(b *testing.B) {
	suite := edwards25519.NewBlakeSHA256Ed25519()
	draw := func() kyber.Scalar { return suite.Scalar().Pick(random.New()) }
	encoded := func(p kyber.Point) []byte {
		out, err := p.MarshalBinary()
		if err != nil {
			b.Fatal(err)
		}
		return out
	}
	g := suite.Point().Base()
	y := suite.Point().Mul(draw(), nil)
	ea, eb := encoded(suite.Point().Mul(draw(), nil)), encoded(suite.Point().Mul(draw(), nil))
	c0, c1, z0, z1 := draw(), draw(), draw(), draw()
	for b.Loop() {
		alpha, beta := suite.Point(), suite.Point()
		if alpha.UnmarshalBinary(ea) != nil || beta.UnmarshalBinary(eb) != nil {
			b.Fatal("does not decode")
		}
		shifted := suite.Point().Sub(beta, g)
		for _, x := range []struct {
			z, c kyber.Scalar
			base kyber.Point
			p    kyber.Point
		}{{z0, c0, nil, alpha}, {z0, c0, y, beta}, {z1, c1, nil, alpha}, {z1, c1, y, shifted}} {
			left := suite.Point().Mul(x.z, x.base)
			encoded(left.Sub(left, suite.Point().Mul(x.c, x.p)))
		}
	}
}
