// Package challenge is the verifier's own hashing of structured data: the
// encoding T of SPEC.md §1 and every formula that SPEC.md builds on it. It is
// written from that page and shares nothing with the code that made the
// record.
//
// Elements and scalars come as their 32 bytes; whether these are canonical is
// for the caller to have found out.
package challenge

import (
	"crypto/sha256"
	"encoding/binary"

	"scrutineer/harness/verify/point"
)

// Digest is 32 bytes: a digest, or an encoded element or scalar.
type Digest = [32]byte

// Text is a transcript under construction: the bytes of T so far. It is a
// plain slice, so a common beginning can be kept and continued more than once
// after [Text.Branch].
type Text []byte

// The types of fields (SPEC.md §1).
const (
	kindBytes  = 1
	kindString = 2
	kindUint   = 3
	kindPoint  = 4
	kindScalar = 5
	kindDigest = 6
	kindList   = 7
)

// Start begins T(label; …).
func Start(label string) Text {
	t := make(Text, 0, 1024)
	t = append(t, "SCRUTINEER-1"...)
	return t.Str(label)
}

func (t Text) head(kind byte, length int) Text {
	return binary.BigEndian.AppendUint64(append(t, kind), uint64(length))
}

// Bytes adds a field of any bytes.
func (t Text) Bytes(b []byte) Text { return append(t.head(kindBytes, len(b)), b...) }

// Str adds a field of UTF-8 text.
func (t Text) Str(s string) Text { return append(t.head(kindString, len(s)), s...) }

// Uint adds an integer.
func (t Text) Uint(n uint64) Text {
	return binary.BigEndian.AppendUint64(t.head(kindUint, 8), n)
}

// Pt adds an encoded element.
func (t Text) Pt(p Digest) Text { return append(t.head(kindPoint, 32), p[:]...) }

// Sc adds an encoded scalar.
func (t Text) Sc(s Digest) Text { return append(t.head(kindScalar, 32), s[:]...) }

// Dig adds a digest.
func (t Text) Dig(d Digest) Text { return append(t.head(kindDigest, 32), d[:]...) }

// List adds a list's count; its items follow.
func (t Text) List(n int) Text {
	return binary.BigEndian.AppendUint64(t.head(kindList, 8), uint64(n))
}

// Branch is the text so far, such that what is added to the result leaves t
// and other branches as they are.
func (t Text) Branch() Text { return t[:len(t):len(t)] }

// Sum is D: SHA-256 of the text.
func (t Text) Sum() Digest { return sha256.Sum256(t) }

// Scalar is C: D read as a little-endian integer and reduced modulo l.
func (t Text) Scalar() point.Scalar { return point.ReduceDigest(t.Sum()) }

func (t Text) points(ps []Digest) Text {
	t = t.List(len(ps))
	for _, p := range ps {
		t = t.Pt(p)
	}
	return t
}

func (t Text) scalars(ss []Digest) Text {
	t = t.List(len(ss))
	for _, s := range ss {
		t = t.Sc(s)
	}
	return t
}
