package merkle_test

import (
	"bytes"
	"encoding/binary"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"scrutineer/harness/verify/merkle"
)

// TestAgreesWithTlog compares roots and all complete nodes with another
// implementation.
func TestAgreesWithTlog(t *testing.T) {
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(indexes))
		for i, x := range indexes {
			out[i] = stored[x]
		}
		return out, nil
	})
	nodes := 0
	r := merkle.Range{Visit: func(height uint, position uint64, h merkle.Digest) {
		nodes++
		if want := stored[tlog.StoredHashIndex(int(height), int64(position))]; h != merkle.Digest(want) {
			t.Errorf("node %d at height %d differs", position, height)
		}
	}}
	if empty := r.Root(); !bytes.HasPrefix(empty[:], []byte{0xe3, 0xb0, 0xc4, 0x42}) {
		t.Error("root of the empty tree")
	}
	for i := range 1100 {
		data := binary.BigEndian.AppendUint32(nil, uint32(i))
		hashes, err := tlog.StoredHashes(int64(i), data, reader)
		if err != nil {
			t.Fatal(err)
		}
		stored = append(stored, hashes...)
		r.Append(merkle.Leaf(data))
		want, err := tlog.TreeHash(int64(i+1), reader)
		if err != nil || r.Root() != merkle.Digest(want) || r.Size() != uint64(i+1) {
			t.Fatalf("root at size %d differs: %v", i+1, err)
		}
	}
	if nodes != len(stored) {
		t.Errorf("%d nodes visited of %d", nodes, len(stored))
	}
}
