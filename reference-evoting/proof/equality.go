package proof

import (
	"crypto/cipher"

	"go.dedis.ch/kyber/v3"

	"scrutineer/protocols/message"
	"scrutineer/protocols/ristretto"
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
func Knows(x kyber.Point, p message.Compact, hash Hash) (bool, error) {
	c, z, err := parts(p)
	if err != nil {
		return false, err
	}
	r := doubleMul(new(ristretto.Scalar).Neg(c), x, z)
	return c.Equal(Challenge(hash(Element(r)))), nil
}

// Equal proves that xG and xB have one x (Chaum, Pedersen 1992, S-05, S-35):
// a = vG, b = vB, c from hash(a, b), z = v + cx.
func Equal(x kyber.Scalar, b kyber.Point, hash Hash, random cipher.Stream) message.Compact {
	v := Random(random)
	c := Challenge(hash(base(v).Bytes(), Element(ristretto.NewPoint().Mul(v, b))))
	return compact(c, v, x)
}

// IsEqual checks that X = xG and D = xB: a = zG − cX, b = zB − cD.
func IsEqual(x, b, d kyber.Point, p message.Compact, hash Hash) (bool, error) {
	c, z, err := parts(p)
	if err != nil {
		return false, err
	}
	first := doubleMul(new(ristretto.Scalar).Neg(c), x, z)
	zb, cd := ristretto.NewPoint().Mul(z, b), ristretto.NewPoint().Mul(c, d)
	second := ristretto.NewPoint().Sub(zb, cd)
	return c.Equal(Challenge(hash(Element(first), Element(second)))), nil
}

// doubleMul is aA + bG for public values.
func doubleMul(a kyber.Scalar, A kyber.Point, b kyber.Scalar) kyber.Point {
	return publicSuite.DoubleMul(ristretto.NewPoint(), a, A, b)
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
