package follow

import (
	"golang.org/x/mod/sumdb/tlog"

	"scrutineer/reference-evoting/board"
)

// frontier is a tree reduced to the roots of its complete subtrees, the greatest
// first: enough to add leaves and to compute the root, in memory logarithmic in
// the number of entries (RFC 6962 §2.1).
type frontier struct {
	size  uint64
	nodes []board.Hash
}

func (f *frontier) add(leaf board.Hash) {
	h := leaf
	// Each trailing one of the size is a complete subtree as large as the one
	// that h has become: the two join.
	for n := f.size; n&1 == 1; n >>= 1 {
		last := len(f.nodes) - 1
		h = tlog.NodeHash(f.nodes[last], h)
		f.nodes = f.nodes[:last]
	}
	f.nodes = append(f.nodes, h)
	f.size++
}

func (f *frontier) root() board.Hash {
	if f.size == 0 {
		return board.EmptyRoot()
	}
	last := len(f.nodes) - 1
	h := f.nodes[last]
	for i := last - 1; i >= 0; i-- {
		h = tlog.NodeHash(f.nodes[i], h)
	}
	return h
}
