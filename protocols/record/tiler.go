package record

import (
	"crypto/sha256"

	"scrutineer/protocols/message"
)

// Put stores one file of a record.
type Put func(path string, data []byte) error

// LeafHash is SHA-256(00 || entry) (RFC 6962 §2.1).
func LeafHash(entry []byte) message.Digest {
	h := sha256.New()
	h.Write([]byte{0})
	h.Write(entry)
	return message.Digest(h.Sum(nil))
}

// NodeHash is SHA-256(01 || left || right).
func NodeHash(left, right message.Digest) message.Digest {
	var b [1 + 2*HashSize]byte
	b[0] = 1
	copy(b[1:], left[:])
	copy(b[1+HashSize:], right[:])
	return sha256.Sum256(b[:])
}

// Tiler turns a sequence of entries into bundles and hash tiles, and stores
// each file as soon as it is full. It holds one tile a level.
type Tiler struct {
	put    Put
	size   uint64
	bundle []byte
	levels [][]message.Digest
	tiles  []uint64 // tiles already stored at each level
}

// NewTiler starts an empty board.
func NewTiler(put Put) *Tiler { return &Tiler{put: put} }

// Size is the number of entries added.
func (t *Tiler) Size() uint64 { return t.size }

// Add appends an entry, which is copied.
func (t *Tiler) Add(entry []byte) error {
	bundle, err := AppendEntry(t.bundle, entry)
	if err != nil {
		return err
	}
	t.bundle = bundle
	t.size++
	if t.size%TileWidth == 0 {
		if err := t.put(BundlePath(t.size/TileWidth-1, TileWidth), t.bundle); err != nil {
			return err
		}
		t.bundle = nil // the last one may be kept by put
	}
	return t.push(0, LeafHash(entry))
}

func (t *Tiler) push(level int, h message.Digest) error {
	if level == len(t.levels) {
		t.levels = append(t.levels, nil)
		t.tiles = append(t.tiles, 0)
	}
	t.levels[level] = append(t.levels[level], h)
	if len(t.levels[level]) < TileWidth {
		return nil
	}
	full := t.levels[level]
	if err := t.put(TilePath(uint8(level), t.tiles[level], TileWidth), flat(full)); err != nil {
		return err
	}
	t.tiles[level]++
	t.levels[level] = full[:0]
	return t.push(level+1, treeHash(full))
}

// Finish stores the partial tiles and the partial bundle. Adding may not go
// on after it.
func (t *Tiler) Finish() error {
	if w := int(t.size % TileWidth); w > 0 {
		if err := t.put(BundlePath(t.size/TileWidth, w), t.bundle); err != nil {
			return err
		}
	}
	for level, hashes := range t.levels {
		if len(hashes) == 0 {
			continue
		}
		if err := t.put(TilePath(uint8(level), t.tiles[level], len(hashes)), flat(hashes)); err != nil {
			return err
		}
	}
	return nil
}

// Root is the Merkle tree hash over the entries added so far (RFC 6962 §2.1).
func (t *Tiler) Root() message.Digest {
	var root message.Digest
	have := false
	for _, hashes := range t.levels {
		if len(hashes) == 0 {
			continue
		}
		h := treeHash(hashes)
		if have {
			// Hashes of this level are full subtrees left of what is below.
			h = joinRight(hashes, root)
		}
		root, have = h, true
	}
	if !have {
		return sha256.Sum256(nil)
	}
	return root
}

// treeHash is the Merkle tree hash over nodes of one level.
func treeHash(nodes []message.Digest) message.Digest {
	if len(nodes) == 1 {
		return nodes[0]
	}
	k := split(len(nodes))
	return NodeHash(treeHash(nodes[:k]), treeHash(nodes[k:]))
}

// joinRight is treeHash over nodes with a smaller tree as the last one.
func joinRight(nodes []message.Digest, last message.Digest) message.Digest {
	if len(nodes) == 0 {
		return last
	}
	k := split(len(nodes) + 1)
	return NodeHash(treeHash(nodes[:k]), joinRight(nodes[k:], last))
}

// split is the largest power of two below n.
func split(n int) int {
	k := 1
	for 2*k < n {
		k *= 2
	}
	return k
}

func flat(hashes []message.Digest) []byte {
	out := make([]byte, 0, len(hashes)*HashSize)
	for _, h := range hashes {
		out = append(out, h[:]...)
	}
	return out
}
