package board_test

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"scrutineer/reference-evoting/board"
)

const origin = "example.org/board"

func key(seed byte) ed25519.PrivateKey {
	s := sha256.Sum256([]byte{seed})
	return ed25519.NewKeyFromSeed(s[:])
}

func newMemory(t testing.TB) (*board.Memory, note.Verifier) {
	t.Helper()
	signer, err := board.NewSigner(origin, key(1))
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := board.NewVerifier(origin, key(1).Public().(ed25519.PublicKey))
	if err != nil {
		t.Fatal(err)
	}
	return board.NewMemory(signer), verifier
}

func TestKeysAreThoseOfSignedNotes(t *testing.T) {
	encoded, err := note.NewEd25519VerifierKey(origin, key(1).Public().(ed25519.PublicKey))
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := note.NewVerifier(encoded)
	if err != nil {
		t.Fatal(err)
	}
	log, ours := newMemory(t)
	if theirs.Name() != ours.Name() || theirs.KeyHash() != ours.KeyHash() {
		t.Fatalf("key %s+%08x, want %s+%08x", ours.Name(), ours.KeyHash(), theirs.Name(), theirs.KeyHash())
	}
	raw, err := log.Pending(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := note.Open(raw, note.VerifierList(theirs)); err != nil {
		t.Fatal(err)
	}
}

func TestCheckpointTextHasOneForm(t *testing.T) {
	root := "RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o="
	empty := "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
	for _, c := range []struct {
		name, text string
		ok         bool
	}{
		{"plain", "o\n3\n" + root + "\n", true},
		{"empty tree", "o\n0\n" + empty + "\n", true},
		{"empty tree with another root", "o\n0\n" + root + "\n", false},
		{"leading zero", "o\n03\n" + root + "\n", false},
		{"plus sign", "o\n+3\n" + root + "\n", false},
		{"negative", "o\n-3\n" + root + "\n", false},
		{"too many entries", "o\n1099511627777\n" + root + "\n", false},
		{"overflow", "o\n18446744073709551616\n" + root + "\n", false},
		{"extension line", "o\n3\n" + root + "\nmore\n", false},
		{"no root", "o\n3\n", false},
		{"short root", "o\n3\nAAAA\n", false},
		{"stray bits in base64", "o\n3\n" + strings.Replace(root, "4o=", "4p=", 1) + "\n", false},
		{"base64 without padding", "o\n3\n" + root[:43] + "\n", false},
		{"no last line end", "o\n3\n" + root, false},
		{"carriage return", "o\r\n3\n" + root + "\n", false},
		{"no origin", "\n3\n" + root + "\n", false},
		{"origin with a space", "o o\n3\n" + root + "\n", false},
		{"origin with a plus sign", "o+o\n3\n" + root + "\n", false},
		{"nothing", "", false},
	} {
		cp, err := board.ParseText(c.text)
		if (err == nil) != c.ok {
			t.Errorf("%s: error %v", c.name, err)
		}
		if err != nil && !errors.Is(err, board.ErrCheckpoint) {
			t.Errorf("%s: %v is not ErrCheckpoint", c.name, err)
		}
		if err == nil && cp.Text() != c.text {
			t.Errorf("%s: re-encodes to %q", c.name, cp.Text())
		}
	}
}

func TestPendingIsRefusedWithAnyByteChanged(t *testing.T) {
	log, verifier := newMemory(t)
	if _, err := log.Append(t.Context(), []byte("a")); err != nil {
		t.Fatal(err)
	}
	raw, err := log.Pending(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := board.OpenPending(raw, verifier); err != nil {
		t.Fatal(err)
	}
	for i := range raw {
		for _, d := range []byte{1, 0x20, 0x80} {
			bad := append([]byte(nil), raw...)
			bad[i] ^= d
			if _, err := board.OpenPending(bad, verifier); err == nil {
				t.Fatalf("byte %d changed by %#x is accepted", i, d)
			}
		}
	}
	twice := append(append([]byte(nil), raw...), raw[strings.Index(string(raw), "— "):]...)
	if _, err := board.OpenPending(twice, verifier); err == nil {
		t.Fatal("a repeated signature is accepted")
	}
}

func TestMemoryProvesWhatItHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		signer, err := board.NewSigner(origin, key(1))
		if err != nil {
			t.Fatal(err)
		}
		log, ctx := board.NewMemory(signer), context.Background()
		entries := rapid.SliceOfN(rapid.SliceOfN(rapid.Byte(), 0, 8), 1, 80).Draw(t, "entries")
		if _, err := log.Append(ctx, entries...); err != nil {
			t.Fatal(err)
		}
		size := rapid.IntRange(1, len(entries)).Draw(t, "size")
		index := rapid.IntRange(0, size-1).Draw(t, "index")
		from := rapid.IntRange(1, size).Draw(t, "from")
		root := func(n int) board.Hash {
			h, err := tlog.TreeHash(int64(n), log)
			if err != nil {
				t.Fatal(err)
			}
			return h
		}
		inclusion, err := log.Inclusion(ctx, uint64(index), uint64(size))
		if err != nil {
			t.Fatal(err)
		}
		leaf := board.LeafHash(entries[index])
		if err := tlog.CheckRecord(inclusion, int64(size), root(size), int64(index), leaf); err != nil {
			t.Fatal(err)
		}
		consistency, err := log.Consistency(ctx, uint64(from), uint64(size))
		if err != nil {
			t.Fatal(err)
		}
		if err := tlog.CheckTree(consistency, int64(size), root(size), int64(from), root(from)); err != nil && from != size {
			t.Fatal(err)
		}
	})
}

func TestMemoryKeepsItsLimits(t *testing.T) {
	log, _ := newMemory(t)
	ctx := t.Context()
	if _, err := log.Append(ctx, []byte("a"), make([]byte, board.MaxEntry+1)); !errors.Is(err, board.ErrTooLarge) {
		t.Errorf("entry above the limit: %v", err)
	}
	if log.Size() != 0 {
		t.Errorf("%d entries stored with one refused", log.Size())
	}
	if _, err := log.Append(ctx, make([]byte, board.MaxEntry)); err != nil {
		t.Errorf("entry at the limit: %v", err)
	}
	if _, err := log.PutChunk(ctx, make([]byte, board.MaxChunk+1)); !errors.Is(err, board.ErrTooLarge) {
		t.Errorf("chunk above the limit: %v", err)
	}
	digest, err := log.PutChunk(ctx, []byte("chunk"))
	if err != nil || digest != sha256.Sum256([]byte("chunk")) {
		t.Errorf("chunk %x, %v", digest, err)
	}
	if b, err := log.Chunk(ctx, digest); err != nil || string(b) != "chunk" {
		t.Errorf("chunk %q, %v", b, err)
	}
	if _, err := log.Chunk(ctx, board.Hash{}); !errors.Is(err, board.ErrNoChunk) {
		t.Errorf("unknown chunk: %v", err)
	}
	if _, err := board.Entry(ctx, log, 1); !errors.Is(err, board.ErrOutOfRange) {
		t.Errorf("entry beyond the end: %v", err)
	}
	if _, err := log.Checkpoint(ctx); !errors.Is(err, board.ErrNoCheckpoint) {
		t.Errorf("checkpoint before the first: %v", err)
	}
}

func TestMemoryKeepsACopy(t *testing.T) {
	log, _ := newMemory(t)
	b := []byte("before")
	if _, err := log.Append(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	copy(b, "after!")
	if got, _ := board.Entry(t.Context(), log, 0); string(got) != "before" {
		t.Fatalf("entry is %q", got)
	}
}

func TestMemoryPublishesItsOwnHeadsOnly(t *testing.T) {
	log, _ := newMemory(t)
	other, _ := newMemory(t)
	ctx := t.Context()
	head := func(l *board.Memory, entries ...string) []byte {
		for _, e := range entries {
			if _, err := l.Append(ctx, []byte(e)); err != nil {
				t.Fatal(err)
			}
		}
		raw, err := l.Pending(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	one, two := head(log, "a"), head(log, "b")
	if err := log.Publish(ctx, two); err != nil {
		t.Fatal(err)
	}
	for name, raw := range map[string][]byte{
		"smaller": one, "of another log": head(other, "a", "c"), "from the future": head(other, "d"), "not a note": []byte("x"),
	} {
		if err := log.Publish(ctx, raw); !errors.Is(err, board.ErrCheckpoint) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if raw, err := log.Checkpoint(ctx); err != nil || string(raw) != string(two) {
		t.Errorf("published %q, %v", raw, err)
	}
}

func TestMemoryWakesWaiters(t *testing.T) {
	log, verifier := newMemory(t)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	type answer struct {
		raw []byte
		err error
	}
	pending, published := make(chan answer, 1), make(chan answer, 1)
	go func() { raw, err := log.AwaitPending(ctx, 3); pending <- answer{raw, err} }()
	go func() { raw, err := log.Await(ctx, 3); published <- answer{raw, err} }()
	for range 3 {
		if _, err := log.Append(ctx, []byte("e")); err != nil {
			t.Fatal(err)
		}
	}
	p := <-pending
	if cp, err := board.OpenPending(p.raw, verifier); p.err != nil || err != nil || cp.Size != 3 {
		t.Fatalf("size %d, %v, %v", cp.Size, p.err, err)
	}
	if err := log.Publish(ctx, p.raw); err != nil {
		t.Fatal(err)
	}
	if a := <-published; a.err != nil || string(a.raw) != string(p.raw) {
		t.Fatalf("%q, %v", a.raw, a.err)
	}
	gone, stop := context.WithCancel(ctx)
	stop()
	if _, err := log.Await(gone, 4); !errors.Is(err, context.Canceled) {
		t.Fatalf("waiting without patience: %v", err)
	}
}

func TestMemoryTakesManyWriters(t *testing.T) {
	log, _ := newMemory(t)
	ctx := t.Context()
	var wg sync.WaitGroup
	for w := range 64 {
		wg.Go(func() {
			for i := range 20 {
				pair := []string{fmt.Sprintf("%d-%d-a", w, i), fmt.Sprintf("%d-%d-b", w, i)}
				first, err := log.Append(ctx, []byte(pair[0]), []byte(pair[1]))
				if err != nil {
					t.Error(err)
					return
				}
				_ = log.Entries(ctx, first, first+2, func(j uint64, b []byte) error {
					if string(b) != pair[j-first] {
						t.Errorf("entry %d is %q, want %q", j, b, pair[j-first])
					}
					return nil
				})
			}
		})
	}
	wg.Wait()
	if log.Size() != 64*40 {
		t.Fatalf("%d entries", log.Size())
	}
}
