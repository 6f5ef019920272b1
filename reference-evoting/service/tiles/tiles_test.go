package tiles_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"scrutineer/reference-evoting/board"
	"scrutineer/reference-evoting/board/boardtest"
	"scrutineer/reference-evoting/board/follow"
	layout "scrutineer/reference-evoting/board/tiles"
	"scrutineer/reference-evoting/cosign"
	"scrutineer/reference-evoting/mirror"
	"scrutineer/reference-evoting/service/tiles"
	"scrutineer/reference-evoting/witness"
)

func open(t testing.TB, dir string) *tiles.Log {
	t.Helper()
	signer, err := boardtest.Signer()
	if err != nil {
		t.Fatal(err)
	}
	l, err := tiles.Open(t.Context(), tiles.Config{Dir: dir, Signer: signer})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func closeLog(t testing.TB, l *tiles.Log) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := l.Close(ctx); err != nil && !errors.Is(err, board.ErrClosed) {
		t.Error(err)
	}
}

func newLog(t testing.TB) *tiles.Log {
	t.Helper()
	l := open(t, t.TempDir())
	t.Cleanup(func() { closeLog(t, l) })
	return l
}

func patient(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// publish waits for a signed head of at least size entries, cosigns and publishes
// it.
func publish(t testing.TB, l *tiles.Log, size uint64) *cosign.Head {
	t.Helper()
	s, err := boardtest.New(3)
	if err != nil {
		t.Fatal(err)
	}
	ctx := patient(t)
	raw, err := l.AwaitPending(ctx, size)
	if err != nil {
		t.Fatal(err)
	}
	if raw, err = s.Cosign(raw); err != nil {
		t.Fatal(err)
	}
	if err := l.Publish(ctx, raw); err != nil {
		t.Fatal(err)
	}
	head, err := s.Quorum.Open(raw)
	if err != nil {
		t.Fatal(err)
	}
	return head
}

func quorum(t testing.TB) *cosign.Quorum {
	t.Helper()
	s, err := boardtest.New(3)
	if err != nil {
		t.Fatal(err)
	}
	return s.Quorum
}

// follows checks the whole log against its cosigned head, entry by entry.
func follows(t testing.TB, r board.Reader, size uint64) (entries []string) {
	t.Helper()
	head, err := follow.New(r, quorum(t)).Next(patient(t), size, func(_ uint64, b []byte) error {
		entries = append(entries, string(b))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if uint64(len(entries)) != head.Size {
		t.Fatalf("%d entries under a head of %d", len(entries), head.Size)
	}
	return entries
}

func TestManyWriters(t *testing.T) {
	l := newLog(t)
	ctx := patient(t)
	var mu sync.Mutex
	at := map[uint64]string{}
	var wg sync.WaitGroup
	for w := range 64 {
		wg.Go(func() {
			for i := range 10 {
				entries := [][]byte{fmt.Appendf(nil, "%d %d a", w, i), fmt.Appendf(nil, "%d %d b", w, i)}[:1+i%2]
				first, err := l.Append(ctx, entries...)
				if err != nil {
					t.Error(err)
					return
				}
				if l.Size() < first+uint64(len(entries)) {
					t.Errorf("size %d after an entry at %d", l.Size(), first)
				}
				mu.Lock()
				for j, e := range entries {
					at[first+uint64(j)] = string(e)
				}
				mu.Unlock()
				// It can be read at once.
				if b, err := board.Entry(ctx, l, first); err != nil || string(b) != string(entries[0]) {
					t.Errorf("entry %d is %q, %v", first, b, err)
				}
			}
		})
	}
	wg.Wait()
	publish(t, l, 960)
	entries := follows(t, l, 960)
	if len(entries) != 960 || len(at) != 960 {
		t.Fatalf("%d entries, %d indices", len(entries), len(at))
	}
	for i, e := range entries {
		if at[uint64(i)] != e {
			t.Fatalf("entry %d is %q, was promised to %q", i, e, at[uint64(i)])
		}
	}
}

func TestProofsAndFiles(t *testing.T) {
	l := newLog(t)
	ctx := patient(t)
	var heads []*cosign.Head
	for len(heads) < 3 {
		for range 150 * len(heads) {
			go l.Append(ctx, []byte("filler")) //nolint:errcheck // counted below
		}
		if _, err := l.Append(ctx, fmt.Appendf(nil, "step %d", len(heads))); err != nil {
			t.Fatal(err)
		}
		heads = append(heads, publish(t, l, uint64(len(heads)+1)))
	}
	last := heads[len(heads)-1]
	for _, r := range []interface {
		board.Reader
		board.Prover
	}{l, layout.NewReader(l, time.Millisecond)} {
		if _, err := r.Checkpoint(ctx); err != nil {
			t.Fatal(err)
		}
		for _, h := range heads {
			proof, err := r.Consistency(ctx, h.Size, last.Size)
			if err != nil {
				t.Fatal(err)
			}
			if err := layout.CheckConsistency(proof, h.Size, last.Size, h.Root, last.Root); err != nil {
				t.Fatal(err)
			}
			if _, _, err := follow.Entry(ctx, r, quorum(t), h.Size-1); err != nil {
				t.Fatal(err)
			}
		}
		follows(t, r, last.Size)
	}
	// Proofs exist for sizes at which no head was ever signed.
	for size := uint64(1); size <= last.Size; size += 7 {
		if _, err := l.Inclusion(ctx, size-1, size); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := l.Inclusion(ctx, 0, l.Size()+1000); !errors.Is(err, board.ErrOutOfRange) {
		t.Errorf("tree beyond the log: %v", err)
	}
	for tile := range layout.All(last.Size) {
		if _, err := layout.Read(ctx, l, tile); err != nil {
			t.Error(err)
		}
	}
}

func TestFileServesNothingElse(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	defer closeLog(t, l)
	ctx := patient(t)
	if _, err := l.Append(ctx, []byte("a")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "log", "secret"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(dir, "lock"), filepath.Join(dir, "log", "tile", "0", "999")); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{
		"checkpoint", "tile/0/001", "tile/0/999", "secret", ".state/treeState", "../lock", "tile/../.state/treeState",
		"/etc/passwd", "", "tile/0", "chunk/" + strings.Repeat("00", 32), "tile/0/000.p/1\x00",
	} {
		if b, err := l.File(ctx, path); !errors.Is(err, fs.ErrNotExist) && path != "tile/0/999" || err == nil {
			t.Errorf("%q: %q, %v", path, b, err)
		}
	}
	for _, path := range []string{"checkpoint.pending", "tile/0/000.p/1", "tile/entries/000.p/1"} {
		if _, err := l.File(ctx, path); err != nil {
			t.Errorf("%q: %v", path, err)
		}
	}
}

func TestReopen(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	ctx := patient(t)
	signer, err := boardtest.Signer()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tiles.Open(ctx, tiles.Config{Dir: dir, Signer: signer}); !errors.Is(err, tiles.ErrLocked) {
		t.Fatalf("opened twice: %v", err)
	}
	if _, err := l.Append(ctx, []byte("a"), []byte("b")); err != nil {
		t.Fatal(err)
	}
	head := publish(t, l, 2)
	digest, err := l.PutChunk(ctx, []byte("body"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Append(ctx, []byte("c")); err != nil {
		t.Fatal(err)
	}
	waiter := make(chan error, 1)
	go func() { _, err := l.Await(ctx, 100); waiter <- err }()
	closeLog(t, l)
	if err := <-waiter; !errors.Is(err, board.ErrClosed) {
		t.Errorf("a waiter got %v", err)
	}
	if _, err := l.Append(ctx, []byte("d")); !errors.Is(err, board.ErrClosed) {
		t.Errorf("append after close: %v", err)
	}
	if err := l.Close(ctx); !errors.Is(err, board.ErrClosed) {
		t.Errorf("closed twice: %v", err)
	}

	l = open(t, dir)
	defer closeLog(t, l)
	if raw, err := l.Checkpoint(ctx); err != nil || string(raw) != string(head.Raw) {
		t.Errorf("cosigned head %q, %v", raw, err)
	}
	// The signed head covers everything from the first moment on.
	raw, err := l.Pending(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if c, err := board.OpenPending(raw, quorum(t).Board()); err != nil || c.Size != 3 {
		t.Errorf("pending head %+v, %v", c, err)
	}
	if body, err := l.Chunk(ctx, digest); err != nil || string(body) != "body" {
		t.Errorf("chunk %q, %v", body, err)
	}
	if first, err := l.Append(ctx, []byte("d")); err != nil || first != 3 {
		t.Errorf("next entry at %d, %v", first, err)
	}
	publish(t, l, 4)
	if got := follows(t, l, 4); !slices.Equal(got, []string{"a", "b", "c", "d"}) {
		t.Errorf("entries %q", got)
	}
}

func TestPublishTakesItsOwnHeadsOnly(t *testing.T) {
	l := newLog(t)
	ctx := patient(t)
	s, err := boardtest.New(3)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Append(ctx, []byte("a")); err != nil {
		t.Fatal(err)
	}
	one := publish(t, l, 1)
	if _, err := l.Append(ctx, []byte("b")); err != nil {
		t.Fatal(err)
	}
	two := publish(t, l, 2)
	other, err := s.Append(ctx, []byte("x"), []byte("y"))
	if err != nil {
		t.Fatal(err)
	}
	larger, err := s.Append(ctx, []byte("z"))
	if err != nil {
		t.Fatal(err)
	}
	for name, raw := range map[string][]byte{"smaller": one.Raw, "other root": other.Raw, "larger": larger.Raw, "junk": []byte("junk")} {
		if err := l.Publish(ctx, raw); !errors.Is(err, board.ErrCheckpoint) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if raw, err := l.Checkpoint(ctx); err != nil || string(raw) != string(two.Raw) {
		t.Errorf("%q, %v", raw, err)
	}
}

func TestLimits(t *testing.T) {
	l := newLog(t)
	ctx := patient(t)
	if _, err := l.Append(ctx, make([]byte, board.MaxEntry+1)); !errors.Is(err, board.ErrTooLarge) {
		t.Errorf("entry above the limit: %v", err)
	}
	if _, err := l.Append(ctx, make([][]byte, 5000)...); !errors.Is(err, board.ErrTooLarge) {
		t.Errorf("too many entries: %v", err)
	}
	if _, err := l.PutChunk(ctx, make([]byte, board.MaxChunk+1)); !errors.Is(err, board.ErrTooLarge) {
		t.Errorf("chunk above the limit: %v", err)
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := l.Append(gone, []byte("a")); !errors.Is(err, context.Canceled) {
		t.Errorf("append without patience: %v", err)
	}
	if l.Size() != 0 {
		t.Errorf("%d entries", l.Size())
	}
	if _, err := l.Append(ctx, make([]byte, board.MaxEntry)); err != nil {
		t.Errorf("entry at the limit: %v", err)
	}
	if _, err := l.Chunk(ctx, board.Hash{}); !errors.Is(err, board.ErrNoChunk) {
		t.Errorf("unknown chunk: %v", err)
	}
}

func TestChunksFromManyWriters(t *testing.T) {
	l := newLog(t)
	ctx := patient(t)
	var wg sync.WaitGroup
	for w := range 32 {
		wg.Go(func() {
			body := fmt.Appendf(nil, "body %d", w%8)
			digest, err := l.PutChunk(ctx, body)
			if err != nil {
				t.Error(err)
				return
			}
			if got, err := l.Chunk(ctx, digest); err != nil || string(got) != string(body) {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
	wg.Wait()
}

func TestMirrorOnDisk(t *testing.T) {
	source := newLog(t)
	ctx := patient(t)
	if _, err := source.Append(ctx, []byte("a"), []byte("b")); err != nil {
		t.Fatal(err)
	}
	head := publish(t, source, 2)
	signer, err := boardtest.Signer()
	if err != nil {
		t.Fatal(err)
	}
	copied, err := tiles.Open(ctx, tiles.Config{Dir: t.TempDir(), Signer: signer, Copy: true})
	if err != nil {
		t.Fatal(err)
	}
	defer closeLog(t, copied)
	m := mirror.New(source, copied, quorum(t), func([]byte) ([]board.Hash, error) { return nil, nil })
	if _, err := m.Sync(ctx, 2); err != nil {
		t.Fatal(err)
	}
	if raw, err := copied.Checkpoint(ctx); err != nil || string(raw) != string(head.Raw) {
		t.Errorf("%q, %v", raw, err)
	}
	if _, err := copied.Pending(ctx); !errors.Is(err, board.ErrNoCheckpoint) {
		t.Errorf("a copy shows a head of its own: %v", err)
	}
	follows(t, copied, 2)
}

// boardOf is the log as witnesses meet it.
type boardOf struct {
	*tiles.Log
	collector *cosign.Collector
}

func (b boardOf) Pending(ctx context.Context) ([]byte, error) { return b.collector.Pending(ctx) }
func (b boardOf) Cosign(ctx context.Context, raw []byte) error {
	_, err := b.collector.Add(ctx, raw)
	return err
}

// TestWitnessesKeepUp runs a busy log with witnesses beside it, each at a pace of
// its own, and a follower who checks all of it.
func TestWitnessesKeepUp(t *testing.T) {
	l := newLog(t)
	ctx, cancel := context.WithCancel(patient(t))
	defer cancel()
	s, err := boardtest.New(3)
	if err != nil {
		t.Fatal(err)
	}
	b := boardOf{l, cosign.NewCollector(l, s.Quorum)}
	var wg sync.WaitGroup
	for i, signer := range s.Witnesses {
		w := witness.New(witness.Config{Signer: signer, Board: s.Quorum.Board(), Store: &witness.Memory{}, Clock: time.Now})
		wg.Go(func() {
			tick := time.NewTicker(time.Duration(10+7*i) * time.Millisecond)
			defer tick.Stop()
			for {
				if _, err := w.Round(ctx, b); err != nil && ctx.Err() == nil {
					t.Error(err)
				}
				select {
				case <-ctx.Done():
					return
				case <-tick.C:
				}
			}
		})
	}
	const writers, each = 8, 25
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				if _, err := l.Append(ctx, fmt.Appendf(nil, "%d %d", w, i)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	f, entries := follow.New(l, s.Quorum), 0
	for entries < writers*each {
		_, err := f.Next(ctx, uint64(entries+1), func(uint64, []byte) error { entries++; return nil })
		if err != nil {
			t.Fatal(err)
		}
	}
	cancel()
	wg.Wait()
}

func TestCloseLeavesNothingRunning(t *testing.T) {
	before := goleak.IgnoreCurrent()
	l := open(t, t.TempDir())
	if _, err := l.Append(patient(t), []byte("a")); err != nil {
		t.Fatal(err)
	}
	closeLog(t, l)
	goleak.VerifyNone(t, before)
}

// A folder that cannot be written ends the log's taking of anything, even when it
// can be again; what it has is still read, and opened again it takes more.
func TestFailedDiskIsForGood(t *testing.T) {
	dir, ctx := t.TempDir(), patient(t)
	l := open(t, dir)
	if _, err := l.Append(ctx, []byte("a")); err != nil {
		t.Fatal(err)
	}
	chunks := filepath.Join(dir, "chunk")
	if err := os.Remove(chunks); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(chunks, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := l.PutChunk(ctx, []byte("chunk")); !errors.Is(err, tiles.ErrFailed) {
		t.Errorf("a chunk where no folder can be: %v", err)
	}
	if err := os.Remove(chunks); err != nil {
		t.Fatal(err)
	}
	if _, err := l.PutChunk(ctx, []byte("chunk")); !errors.Is(err, tiles.ErrFailed) {
		t.Errorf("a chunk after it: %v", err)
	}
	if _, err := l.Append(ctx, []byte("b")); !errors.Is(err, tiles.ErrFailed) || l.Failed() == nil {
		t.Errorf("an entry after it: %v, %v", err, l.Failed())
	}
	if err := l.Entries(ctx, 0, 1, func(uint64, []byte) error { return nil }); err != nil {
		t.Errorf("reading: %v", err)
	}
	closeLog(t, l)
	l = open(t, dir)
	defer closeLog(t, l)
	if index, err := l.Append(ctx, []byte("b")); err != nil || index != 1 {
		t.Errorf("opened again: %d, %v", index, err)
	}
}
