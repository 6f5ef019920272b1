package proof

import (
	"crypto/cipher"

	"go.dedis.ch/kyber/v3"

	"scrutineer/protocols/message"
	"scrutineer/protocols/ristretto"
	"scrutineer/reference-evoting/recall"
)

// Hash turns recomputed or fresh commitments into the digest of a challenge.
type Hash func(commitments ...[32]byte) [32]byte

// Know proves knowledge of x with X = xG: R = vG, c from hash(R), z = v + cx
// (Schnorr 1991, S-02).
func Know(x kyber.Scalar, hash Hash, random cipher.Stream) message.Compact {
	v := Random(random)
	c := Challenge(hash(base(v).Bytes()))
	return compact(c, v, x)
}

// Knows checks it: R = zG − cX.
func Knows(m *recall.Memory, x kyber.Point, p message.Compact, hash Hash) (bool, error) {
	c, z, err := parts(p)
	if err != nil {
		return false, err
	}
	return c.Equal(Challenge(hash(difference(m, z, nil, c, x)))), nil
}

// Equal proves that xG and xB have one x (Chaum, Pedersen 1992, S-05, S-35):
// a = vG, b = vB, c from hash(a, b), z = v + cx.
func Equal(x kyber.Scalar, b kyber.Point, hash Hash, random cipher.Stream) message.Compact {
	v := Random(random)
	c := Challenge(hash(base(v).Bytes(), Element(ristretto.NewPoint().Mul(v, b))))
	return compact(c, v, x)
}

// IsEqual checks that X = xG and D = xB: a = zG − cX, b = zB − cD.
func IsEqual(m *recall.Memory, x, b, d kyber.Point, p message.Compact, hash Hash) (bool, error) {
	c, z, err := parts(p)
	if err != nil {
		return false, err
	}
	first, second := difference(m, z, nil, c, x), difference(m, z, b, c, d)
	return c.Equal(Challenge(hash(first, second))), nil
}

// difference is zB − cD for public values, where B nil stands for the generator.
func difference(m *recall.Memory, z kyber.Scalar, b kyber.Point, c kyber.Scalar, d kyber.Point) [32]byte {
	inputs := [][]byte{scalarBytes(z), scalarBytes(c), coordinates(d)}
	if b == nil {
		return recall.Of(m, "proof: zG-cD", func() [32]byte {
			return Element(publicSuite.DoubleMul(ristretto.NewPoint(), new(ristretto.Scalar).Neg(c), d, z))
		}, inputs...)
	}
	return recall.Of(m, "proof: zB-cD", func() [32]byte {
		zb, cd := ristretto.NewPoint().Mul(z, b), ristretto.NewPoint().Mul(c, d)
		return Element(ristretto.NewPoint().Sub(zb, cd))
	}, append(inputs, coordinates(b))...)
}

// coordinates stand for a point of this suite in a memory: what it encodes to
// would not tell a point from one that lies outside of the group.
func coordinates(p kyber.Point) []byte {
	c := p.(*ristretto.Point).Coordinates()
	return c[:]
}

func scalarBytes(s kyber.Scalar) []byte {
	b := EncodeScalar(s)
	return b[:]
}

func compact(c, v, x kyber.Scalar) message.Compact {
	z := new(ristretto.Scalar).Mul(c, x)
	z.Add(z, v)
	return message.Compact{Challenge: EncodeScalar(c), Response: EncodeScalar(z)}
}

func parts(p message.Compact) (c, z kyber.Scalar, err error) {
	if c, err = Scalar(p.Challenge); err != nil {
		return nil, nil, err
	}
	z, err = Scalar(p.Response)
	return c, z, err
}
