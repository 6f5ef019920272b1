package verify

import (
	"hash/maphash"
	"math/bits"
	"slices"
)

// fingerprints remembers, for each 32-byte value, a keyed tag and the index
// of the entry that held it, in 64 bits together and about 9.5 bytes of
// memory: open addressing in shards that grow one at a time. It never says
// that two values are equal, only that they may be; the caller reads the
// entry again and compares. The key is fresh for each verification, so nobody
// can prepare values that collide.
type fingerprints struct {
	seed      maphash.Seed
	indexBits uint // the low bits of a slot hold the index plus one; the rest is tag
	shards    [shards]shard
}

// The geometry: the first bits of a tag choose the shard.
const (
	shardBits = 6
	shards    = 1 << shardBits
)

type shard struct {
	slots []uint64 // 0 is empty
	used  int
}

// newFingerprints makes room for indices below size.
func newFingerprints(seed maphash.Seed, size uint64) *fingerprints {
	return &fingerprints{seed: seed, indexBits: uint(bits.Len64(size + 1))}
}

// insert adds a value of an entry and returns the entries of all values
// before it that have the same tag, in the order of the board: where they lie
// in the table depends on the key, and what is reported must not.
func (f *fingerprints) insert(value [32]byte, index uint64) (candidates []uint64) {
	h := maphash.Bytes(f.seed, value[:])
	s := &f.shards[h>>(64-shardBits)]
	h <<= shardBits
	if 10*(s.used+1) > 9*len(s.slots) {
		s.grow(f.indexBits)
	}
	tag := h >> f.indexBits << f.indexBits
	at := s.home(tag)
	for s.slots[at] != 0 {
		if mask := uint64(1)<<f.indexBits - 1; s.slots[at]&^mask == tag {
			candidates = append(candidates, s.slots[at]&mask-1)
		}
		if at++; at == len(s.slots) {
			at = 0
		}
	}
	s.slots[at] = tag | (index + 1)
	s.used++
	slices.Sort(candidates)
	return candidates
}

// home is where the search for a tag begins: its high bits scaled to the
// number of slots, so that slots stay in the order of their tags.
func (s *shard) home(tag uint64) int {
	high, _ := bits.Mul64(tag, uint64(len(s.slots)))
	return int(high)
}

// grow makes a sixth more room and puts the slots in anew.
func (s *shard) grow(indexBits uint) {
	old := s.slots
	s.slots = make([]uint64, max(16, len(old)+len(old)/6))
	for _, slot := range old {
		if slot == 0 {
			continue
		}
		at := s.home(slot >> indexBits << indexBits)
		for s.slots[at] != 0 {
			if at++; at == len(s.slots) {
				at = 0
			}
		}
		s.slots[at] = slot
	}
}
