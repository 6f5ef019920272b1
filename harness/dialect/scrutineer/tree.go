package scrutineer

import (
	"crypto/sha256"
	"math/bits"
)

// leafHash and nodeHash are those of RFC 6962, section 2.1.
func leafHash(entry []byte) [32]byte {
	h := sha256.New()
	h.Write([]byte{0})
	h.Write(entry)
	return [32]byte(h.Sum(nil))
}

func nodeHash(left, right [32]byte) [32]byte {
	h := sha256.New()
	h.Write([]byte{1})
	h.Write(left[:])
	h.Write(right[:])
	return [32]byte(h.Sum(nil))
}

// TreeRoot is the Merkle tree hash of RFC 6962, section 2.1, over leaves that
// are hashed here.
func TreeRoot(leaves [][]byte) [32]byte {
	hashes := make([][32]byte, len(leaves))
	for i, l := range leaves {
		hashes[i] = leafHash(l)
	}
	return hashRoot(hashes)
}

// hashRoot is TreeRoot for leaf hashes.
func hashRoot(hashes [][32]byte) [32]byte {
	switch len(hashes) {
	case 0:
		return sha256.Sum256(nil)
	case 1:
		return hashes[0]
	}
	// The largest power of two below the number of leaves.
	k := 1 << (bits.Len(uint(len(hashes)-1)) - 1)
	return nodeHash(hashRoot(hashes[:k]), hashRoot(hashes[k:]))
}
