package verify

import (
	"crypto/sha256"
	"hash/maphash"
	"slices"
	"testing"
)

// Whatever the key and however often the table grew, entries that hold a value
// are named in the order of the board: a report must not depend on the key.
func TestFingerprintsNameEntriesInOrder(t *testing.T) {
	same := sha256.Sum256([]byte("again"))
	rounds := 200
	if testing.Short() {
		rounds = 10
	}
	for range rounds {
		f := newFingerprints(maphash.MakeSeed(), 4000)
		var want []uint64
		for i := range uint64(4000) {
			value := sha256.Sum256([]byte{byte(i), byte(i >> 8)})
			if i%500 == 7 {
				value = same
			}
			got := f.insert(value, i)
			if value != same {
				continue
			}
			if !slices.Equal(got, want) {
				t.Fatalf("entry %d: candidates %v, want %v", i, got, want)
			}
			want = append(want, i)
		}
	}
}
