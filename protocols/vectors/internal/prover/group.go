package prover

import (
	"encoding/binary"

	"go.dedis.ch/kyber/v3"

	"scrutineer/protocols/message"
	"scrutineer/protocols/ristretto"
)

// Integer is n as a scalar.
func Integer(n uint64) kyber.Scalar {
	var b [32]byte
	binary.LittleEndian.PutUint64(b[:], n)
	return ristretto.ReduceScalar(b)
}

// Plus is a + b.
func Plus(a, b kyber.Scalar) kyber.Scalar { return new(ristretto.Scalar).Add(a, b) }

// Minus is a − b.
func Minus(a, b kyber.Scalar) kyber.Scalar { return new(ristretto.Scalar).Sub(a, b) }

// Times is a·b.
func Times(a, b kyber.Scalar) kyber.Scalar { return new(ristretto.Scalar).Mul(a, b) }

// Over is a/b.
func Over(a, b kyber.Scalar) kyber.Scalar { return new(ristretto.Scalar).Div(a, b) }

// Base is xG.
func Base(x kyber.Scalar) kyber.Point { return ristretto.NewPoint().Mul(x, nil) }

// Mul is xP.
func Mul(x kyber.Scalar, p kyber.Point) kyber.Point { return ristretto.NewPoint().Mul(x, p) }

// Add is P + Q.
func Add(p, q kyber.Point) kyber.Point { return ristretto.NewPoint().Add(p, q) }

// Sub is P − Q.
func Sub(p, q kyber.Point) kyber.Point { return ristretto.NewPoint().Sub(p, q) }

// Zero is the identity.
func Zero() kyber.Point { return ristretto.NewPoint() }

// Element encodes a point.
func Element(p kyber.Point) message.Element { return p.(*ristretto.Point).Bytes() }

// Scalar encodes a scalar.
func Scalar(x kyber.Scalar) message.Scalar {
	b, err := x.MarshalBinary()
	if err != nil {
		panic("prover: scalar of another group: " + err.Error())
	}
	return message.Scalar(b)
}

// Challenge is a digest read as a little-endian integer, reduced modulo l.
func Challenge(digest [32]byte) kyber.Scalar { return ristretto.ReduceScalar(digest) }

// AddOrder adds l to a scalar's encoding: the same number modulo l, written in
// a way that nobody may accept.
func AddOrder(s message.Scalar) message.Scalar {
	order := [32]byte{
		0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
		31: 0x10,
	}
	carry := uint(0)
	for i := range s {
		carry += uint(s[i]) + uint(order[i])
		s[i] = byte(carry)
		carry >>= 8
	}
	return s
}

// Negative is p − s for the field element that an encoding is made of: RFC
// 9496 lets only the even one of the two stand for an element.
func Negative(e message.Element) message.Element {
	prime := [32]byte{0: 0xed, 31: 0x7f}
	for i := 1; i < 31; i++ {
		prime[i] = 0xff
	}
	borrow := 0
	for i := range e {
		d := int(prime[i]) - int(e[i]) - borrow
		borrow = 0
		if d < 0 {
			d, borrow = d+256, 1
		}
		e[i] = byte(d)
	}
	return e
}
