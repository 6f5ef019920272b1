package ristretto

import (
	"crypto/cipher"
	"fmt"

	"go.dedis.ch/kyber/v3"
)

// embedLen is the number of data bytes that one element can carry: 32 less one
// for the length and two that are tried at random until the whole decodes.
const embedLen = 29

// embedTries bounds the search of Embed. With sound randomness one try in four
// succeeds; so many failures mean a stream that repeats itself.
const embedTries = 4096

// EmbedLen returns 29, the number of bytes that fit into one element.
func (p *Point) EmbedLen() int { return embedLen }

// Embed sets p to a random element that carries the first 29 bytes of data, and
// returns p; with nil data it is Pick. Of the canonical encoding, byte 0 is
// twice the number of data bytes, the data follow, the rest is random. One in
// four strings decodes, so the search is short; it takes variable time and
// suits no secrets.
//
// The protocol does not use it (votes are exponents); kyber's interface asks
// for it.
func (p *Point) Embed(data []byte, random cipher.Stream) kyber.Point {
	if data == nil {
		return p.Pick(random)
	}
	n := min(len(data), embedLen)
	for range embedTries {
		var b [pointLen]byte
		fill(b[:], random)
		b[0] = byte(n) << 1 // even: not negative
		copy(b[1:], data[:n])
		b[pointLen-1] &= 0x7f
		if decode(&p.e, b[:]) == nil {
			return p
		}
	}
	panic("ristretto: randomness repeats")
}

// Data returns the bytes that Embed put into p, or an error that wraps ErrPoint
// where p cannot come from Embed. Nearly one in four random elements looks as
// if it carried something.
func (p *Point) Data() ([]byte, error) {
	b := p.Bytes()
	n := int(b[0] >> 1)
	if n > embedLen {
		return nil, fmt.Errorf("%w: carries no data", ErrPoint)
	}
	return append([]byte{}, b[1:1+n]...), nil
}
