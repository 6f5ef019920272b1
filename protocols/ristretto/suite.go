package ristretto

import (
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha512"
	"crypto/subtle"
	"fmt"
	"hash"
	"io"
	"sync"

	"go.dedis.ch/kyber/v3"
	"go.dedis.ch/kyber/v3/xof/blake2xb"
)

// Suite is ristretto255 as a kyber.Group, with a hash (SHA-512), an extendable
// output function (BLAKE2Xb) and a source of randomness. It holds no other
// state and may be used by many goroutines.
type Suite struct {
	random cipher.Stream
}

var (
	_ kyber.Group       = (*Suite)(nil)
	_ kyber.HashFactory = (*Suite)(nil)
	_ kyber.XOFFactory  = (*Suite)(nil)
	_ kyber.Random      = (*Suite)(nil)
)

// NewSuite returns the group with RandomStream drawing from random. With nil it
// draws from crypto/rand.
func NewSuite(random io.Reader) *Suite {
	return &Suite{random: Stream(random)}
}

// NewSuiteFromStream is NewSuite for a key stream, which must tolerate use by
// many goroutines if the suite is used so.
func NewSuiteFromStream(random cipher.Stream) *Suite {
	return &Suite{random: random}
}

// String returns "ristretto255".
func (s *Suite) String() string { return "ristretto255" }

// ScalarLen returns 32, the length of an encoded scalar in bytes.
func (s *Suite) ScalarLen() int { return scalarLen }

// Scalar returns a new scalar, a *Scalar, with value zero.
func (s *Suite) Scalar() kyber.Scalar { return new(Scalar) }

// PointLen returns 32, the length of an encoded point in bytes.
func (s *Suite) PointLen() int { return pointLen }

// Point returns a new point, a *Point, set to the identity.
func (s *Suite) Point() kyber.Point { return NewPoint() }

// Hash returns a new SHA-512.
func (s *Suite) Hash() hash.Hash { return sha512.New() }

// XOF returns BLAKE2Xb, keyed with at most the first 64 bytes of seed and fed
// with the rest.
func (s *Suite) XOF(seed []byte) kyber.XOF { return blake2xb.New(seed) }

// RandomStream returns the source of randomness that the suite was made with.
func (s *Suite) RandomStream() cipher.Stream { return s.random }

// Stream lends an io.Reader to the functions of kyber that want randomness as a
// cipher.Stream: each call XORs exactly as many bytes as it is given with bytes
// read from r, in order, under a lock. With nil it reads from crypto/rand.
//
// cipher.Stream knows no errors: where r fails or ends, XORKeyStream panics
// rather than continue with predictable bytes.
func Stream(r io.Reader) cipher.Stream {
	if r == nil {
		r = rand.Reader
	}
	return &readerStream{r: r}
}

type readerStream struct {
	mu sync.Mutex
	r  io.Reader
}

// XORKeyStream implements cipher.Stream.
func (s *readerStream) XORKeyStream(dst, src []byte) {
	if len(dst) < len(src) {
		panic("ristretto: XORKeyStream: output shorter than input")
	}
	pad := make([]byte, len(src))
	s.mu.Lock()
	_, err := io.ReadFull(s.r, pad)
	s.mu.Unlock()
	if err != nil {
		panic(fmt.Sprintf("ristretto: randomness failed: %v", err))
	}
	subtle.XORBytes(dst, src, pad)
}

// fill overwrites b with bytes of the key stream.
func fill(b []byte, random cipher.Stream) {
	clear(b)
	random.XORKeyStream(b, b)
}
