// Package merkle hashes the board's tree for the verifier: RFC 6962 §2.1 by
// compact ranges, one hash for each perfect subtree.
package merkle

import (
	"crypto/sha256"
	"math/bits"
)

// Digest is a hash of the tree.
type Digest = [32]byte

// Leaf is SHA-256(00 || data).
func Leaf(data []byte) Digest {
	h := sha256.New()
	h.Write([]byte{0})
	h.Write(data)
	return Digest(h.Sum(nil))
}

// Parent is SHA-256(01 || left || right).
func Parent(left, right Digest) Digest {
	var text [65]byte
	text[0] = 1
	copy(text[1:], left[:])
	copy(text[33:], right[:])
	return sha256.Sum256(text[:])
}

// Range is the tree over the leaves appended so far. The zero value is the
// empty tree. It holds at most 64 hashes.
type Range struct {
	size    uint64
	perfect []Digest // roots of perfect subtrees, largest first: one for each bit of size
	// Visit, where set, sees each node that becomes complete: its height
	// above the leaves and its position among the nodes of this height.
	Visit func(height uint, position uint64, h Digest)
}

// Size is the number of leaves.
func (r *Range) Size() uint64 { return r.size }

// Append adds a leaf by its hash.
func (r *Range) Append(leaf Digest) {
	h := leaf
	r.visit(0, r.size, h)
	for height := range uint(bits.TrailingZeros64(^r.size)) {
		last := len(r.perfect) - 1
		h = Parent(r.perfect[last], h)
		r.perfect = r.perfect[:last]
		r.visit(height+1, r.size>>(height+1), h)
	}
	r.perfect = append(r.perfect, h)
	r.size++
}

func (r *Range) visit(height uint, position uint64, h Digest) {
	if r.Visit != nil {
		r.Visit(height, position, h)
	}
}

// Root is the tree's root; that of the empty tree is SHA-256 of nothing.
func (r *Range) Root() Digest {
	if r.size == 0 {
		return sha256.Sum256(nil)
	}
	h := r.perfect[len(r.perfect)-1]
	for i := len(r.perfect) - 2; i >= 0; i-- {
		h = Parent(r.perfect[i], h)
	}
	return h
}
