package recall_test

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"scrutineer/reference-evoting/recall"
)

// asked calls a function of its inputs and reports whether it was computed.
func asked(m *recall.Memory, function string, inputs ...[]byte) (result string, computed bool) {
	result = recall.Of(m, function, func() string {
		computed = true
		return fmt.Sprintf("%s%q", function, inputs)
	}, inputs...)
	return result, computed
}

func TestTheSameIsComputedOnce(t *testing.T) {
	m := recall.New()
	in := [][]byte{[]byte("ab"), []byte("c"), nil}
	first, computed := asked(m, "f", in...)
	if !computed {
		t.Error("an empty memory knew it")
	}
	again, computed := asked(m, "f", slices.Clone(in[0]), in[1], []byte{})
	if computed || again != first {
		t.Errorf("computed again: %t, %s and %s", computed, first, again)
	}
	if _, computed := asked(nil, "f", in...); !computed {
		t.Error("no memory knew it")
	}
	if _, computed := asked(recall.New(), "f", in...); !computed {
		t.Error("another memory knew it")
	}
}

// A call that differs in anything is another call.
func TestOtherInputsAreNotRecalled(t *testing.T) {
	m := recall.New()
	in := [][]byte{[]byte("ab"), []byte("c"), nil}
	asked(m, "f", in...)
	others := [][][]byte{
		{[]byte("a"), []byte("bc"), nil},
		{[]byte("abc"), nil, nil},
		{[]byte("ab"), []byte("c")},
		{[]byte("ab"), []byte("c"), nil, nil},
		{[]byte("ab"), nil, []byte("c")},
		{[]byte("c"), []byte("ab"), nil},
		{},
	}
	for i := range in {
		for bit := range 8 * len(in[i]) {
			changed := slices.Clone(in)
			changed[i] = bytes.Clone(in[i])
			changed[i][bit/8] ^= 1 << (bit % 8)
			others = append(others, changed)
		}
	}
	for _, other := range others {
		if _, computed := asked(m, "f", other...); !computed {
			t.Errorf("%q was answered from the memory of another call", other)
		}
	}
	if _, computed := asked(m, "g", in...); !computed {
		t.Error("another function was answered from memory")
	}
	if _, computed := asked(m, "fa", append([][]byte{[]byte("b")}, in[1:]...)...); !computed {
		t.Error("a longer name was taken for name and input")
	}
}

func TestMemoryIsBounded(t *testing.T) {
	m := recall.New()
	var first int
	for i := range 1 << 15 {
		asked(m, "f", fmt.Append(nil, i))
		if _, computed := asked(m, "f", []byte("0")); computed {
			first++
		}
	}
	if first == 0 {
		t.Error("nothing was ever forgotten")
	}
	if first > 4 {
		t.Errorf("it forgot %d times", first)
	}
}

func TestManyAtOnce(t *testing.T) {
	m := recall.New()
	var computed atomic.Int64
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for i := range 100 {
				got := recall.Of(m, "f", func() int { computed.Add(1); return i }, fmt.Append(nil, i))
				if got != i {
					t.Errorf("%d for %d", got, i)
				}
			}
		})
	}
	wg.Wait()
	if n := computed.Load(); n != 100 {
		t.Errorf("100 results were computed %d times", n)
	}
}

// A mistake of the programmer stays one for everybody who asks.
func TestPanicsAreNotResults(t *testing.T) {
	m := recall.New()
	for range 2 {
		func() {
			defer func() {
				if recover() == nil {
					t.Error("it returned")
				}
			}()
			recall.Of(m, "f", func() bool { panic("no") })
		}()
	}
}

// Whatever bit of key, message or signature is another, memory answers as
// crypto/ed25519 does.
func TestSignatures(t *testing.T) {
	m := recall.New()
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	text := []byte("what is signed")
	in := [][]byte{key.Public().(ed25519.PublicKey), text, ed25519.Sign(key, text)}
	if !recall.Ed25519(m, in[0], in[1], in[2]) {
		t.Fatal("it does not hold")
	}
	for i := range in {
		for bit := range 8 * len(in[i]) {
			changed := slices.Clone(in)
			changed[i] = bytes.Clone(in[i])
			changed[i][bit/8] ^= 1 << (bit % 8)
			want := ed25519.Verify(changed[0], changed[1], changed[2])
			if got := recall.Ed25519(m, changed[0], changed[1], changed[2]); got != want || got {
				t.Errorf("input %d, bit %d: %t, want %t", i, bit, got, want)
			}
		}
	}
	if !recall.Ed25519(m, in[0], in[1], in[2]) {
		t.Error("it does not hold any more")
	}
}
