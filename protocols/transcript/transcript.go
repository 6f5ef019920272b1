// Package transcript is the one way structured data is hashed in an
// election: the typed, length-prefixed encoding T of SPEC.md §1 under
// SHA-256, and the formulas that SPEC.md builds on it.
//
// The encoding is prefix-free for a fixed label: each field carries its type
// and its length, a list carries its count, and the label fixes which fields
// follow. Two different statements therefore never hash the same bytes, which
// is what weak Fiat–Shamir and joined strings get wrong.
//
// The package knows no group: elements and scalars come as their 32-byte
// canonical encodings, and the reduction of a challenge modulo l is the
// caller's. The independent verifier does not use this package; it has an
// implementation of its own.
package transcript

import (
	"crypto/sha256"
	"encoding"
	"encoding/binary"
	"hash"
)

// Domain starts every transcript.
const Domain = "SCRUTINEER-1"

// Field types of SPEC.md §1.
const (
	typeBytes  = 0x01
	typeString = 0x02
	typeUint   = 0x03
	typePoint  = 0x04
	typeScalar = 0x05
	typeDigest = 0x06
	typeList   = 0x07
)

// Transcript hashes fields as they are added. The zero value is not usable;
// call New.
type Transcript struct {
	h   hash.Hash
	buf [9 + 32]byte
}

// New starts T(label; …).
func New(label string) *Transcript {
	t := &Transcript{h: sha256.New()}
	t.h.Write([]byte(Domain))
	return t.String(label)
}

func (t *Transcript) header(kind byte, length int) {
	t.buf[0] = kind
	binary.BigEndian.PutUint64(t.buf[1:9], uint64(length))
}

func (t *Transcript) variable(kind byte, payload []byte) *Transcript {
	t.header(kind, len(payload))
	t.h.Write(t.buf[:9])
	t.h.Write(payload)
	return t
}

func (t *Transcript) fixed(kind byte, payload *[32]byte) *Transcript {
	t.header(kind, 32)
	copy(t.buf[9:], payload[:])
	t.h.Write(t.buf[:41])
	return t
}

func (t *Transcript) number(kind byte, n uint64) *Transcript {
	t.header(kind, 8)
	binary.BigEndian.PutUint64(t.buf[9:17], n)
	t.h.Write(t.buf[:17])
	return t
}

// Bytes adds a field of type bytes.
func (t *Transcript) Bytes(b []byte) *Transcript { return t.variable(typeBytes, b) }

// String adds a field of type string.
func (t *Transcript) String(s string) *Transcript { return t.variable(typeString, []byte(s)) }

// Uint adds an unsigned integer.
func (t *Transcript) Uint(n uint64) *Transcript { return t.number(typeUint, n) }

// Point adds an element by its canonical encoding.
func (t *Transcript) Point(encoding [32]byte) *Transcript { return t.fixed(typePoint, &encoding) }

// Scalar adds a scalar by its canonical encoding.
func (t *Transcript) Scalar(encoding [32]byte) *Transcript { return t.fixed(typeScalar, &encoding) }

// Digest adds a 32-byte digest.
func (t *Transcript) Digest(d [32]byte) *Transcript { return t.fixed(typeDigest, &d) }

// List announces that n items follow; the caller adds the fields of each.
func (t *Transcript) List(n int) *Transcript { return t.number(typeList, uint64(n)) }

// Sum is D(label; …) of what was added so far. The transcript can be
// continued after it.
func (t *Transcript) Sum() [32]byte {
	var out [32]byte
	t.h.Sum(out[:0])
	return out
}

// Clone returns an independent copy, so that a common prefix is hashed once.
func (t *Transcript) Clone() *Transcript {
	if c, ok := t.h.(hash.Cloner); ok {
		if h, err := c.Clone(); err == nil {
			return &Transcript{h: h}
		}
	}
	// SHA-256 of the standard library can always be marshalled; this is the
	// path for a build that replaces it.
	state, err := t.h.(encoding.BinaryMarshaler).MarshalBinary()
	if err != nil {
		panic("transcript: hash state cannot be copied: " + err.Error())
	}
	h := sha256.New()
	if err := h.(encoding.BinaryUnmarshaler).UnmarshalBinary(state); err != nil {
		panic("transcript: hash state cannot be restored: " + err.Error())
	}
	return &Transcript{h: h}
}
