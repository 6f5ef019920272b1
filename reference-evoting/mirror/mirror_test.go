package mirror_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"

	"scrutineer/reference-evoting/board"
	"scrutineer/reference-evoting/board/boardtest"
	"scrutineer/reference-evoting/board/follow"
	"scrutineer/reference-evoting/mirror"
)

func newScene(t testing.TB) *boardtest.Scene {
	t.Helper()
	s, err := boardtest.New(3)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// An entry that starts with "chunk:" names the chunk of the bytes after it.
func chunksOf(entry []byte) ([]board.Hash, error) {
	if body, ok := bytes.CutPrefix(entry, []byte("chunk:")); ok {
		return []board.Hash{board.ChunkDigest(body)}, nil
	}
	return nil, nil
}

func numbered(from, to int) (out [][]byte) {
	for i := from; i < to; i++ {
		out = append(out, fmt.Appendf(nil, "entry %d", i))
	}
	return out
}

func TestMirrorServesWhatTheBoardServes(t *testing.T) {
	s := newScene(t)
	ctx := t.Context()
	copied := board.NewCopy(boardtest.Origin)
	m := mirror.New(s.Log, copied, s.Quorum, chunksOf)
	for _, n := range []int{0, 1, 700, 701} {
		if _, err := s.Append(ctx, numbered(int(s.Log.Size()), n)...); err != nil {
			t.Fatal(err)
		}
		head, err := m.Sync(ctx, uint64(n))
		if err != nil || head.Size != uint64(n) {
			t.Fatal(n, head, err)
		}
	}
	if _, err := s.Log.PutChunk(ctx, []byte("body")); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Append(ctx, []byte("chunk:body")); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Sync(ctx, 702); err != nil {
		t.Fatal(err)
	}
	if body, err := m.Reader().Chunk(ctx, board.ChunkDigest([]byte("body"))); err != nil || string(body) != "body" {
		t.Fatal(body, err)
	}
	// Whoever follows the mirror sees the same board.
	var entries int
	head, err := follow.New(m.Reader(), s.Quorum).Next(ctx, 702, func(i uint64, b []byte) error {
		entries++
		if i < 701 && string(b) != fmt.Sprintf("entry %d", i) {
			return fmt.Errorf("entry %d is %q", i, b)
		}
		return nil
	})
	if err != nil || head.Size != 702 || entries != 702 {
		t.Fatal(head, entries, err)
	}
	if _, err := copied.Pending(ctx); !errors.Is(err, board.ErrNoCheckpoint) {
		t.Fatalf("a copy signs: %v", err)
	}
}

func TestMirrorStartsAgain(t *testing.T) {
	s := newScene(t)
	ctx := t.Context()
	store := board.NewCopy(boardtest.Origin)
	for _, n := range []int{300, 600} {
		if _, err := s.Append(ctx, numbered(int(s.Log.Size()), n)...); err != nil {
			t.Fatal(err)
		}
		if _, err := mirror.New(s.Log, store, s.Quorum, chunksOf).Sync(ctx, uint64(n)); err != nil {
			t.Fatal(err)
		}
	}
	if store.Size() != 600 {
		t.Fatalf("%d entries", store.Size())
	}
	other := newScene(t)
	if _, err := other.Append(ctx, numbered(1, 602)...); err != nil {
		t.Fatal(err)
	}
	if _, err := mirror.New(other.Log, store, s.Quorum, chunksOf).Sync(ctx, 601); !errors.Is(err, mirror.ErrCopy) {
		t.Fatalf("another history: %v", err)
	}
}

func TestMirrorKeepsTheHeadThatHeld(t *testing.T) {
	s, other := newScene(t), newScene(t)
	ctx := t.Context()
	held, err := s.Append(ctx, numbered(0, 3)...)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Append(ctx, numbered(1, 6)...); err != nil {
		t.Fatal(err)
	}
	source := &switchable{Reader: s.Log}
	m := mirror.New(source, board.NewCopy(boardtest.Origin), s.Quorum, chunksOf)
	if _, err := m.Sync(ctx, 3); err != nil {
		t.Fatal(err)
	}
	source.Reader = other.Log
	var fork *follow.Fork
	if _, err := m.Sync(ctx, 4); !errors.As(err, &fork) {
		t.Fatal(err)
	}
	if raw, err := m.Reader().Checkpoint(ctx); err != nil || string(raw) != string(held.Raw) {
		t.Fatalf("serves %q, %v", raw, err)
	}
}

type switchable struct{ board.Reader }

func TestMirrorRefusesMissingAndFalseChunks(t *testing.T) {
	s := newScene(t)
	ctx := t.Context()
	if _, err := s.Append(ctx, []byte("a"), []byte("chunk:body")); err != nil {
		t.Fatal(err)
	}
	source := &falseChunks{Reader: s.Log}
	m := mirror.New(source, board.NewCopy(boardtest.Origin), s.Quorum, chunksOf)
	for _, name := range []string{"missing", "false"} {
		if _, err := m.Sync(ctx, 2); !errors.Is(err, board.ErrNoChunk) {
			t.Errorf("%s: %v", name, err)
		}
		source.body = []byte("other")
	}
	source.body = []byte("body")
	if _, err := m.Sync(ctx, 2); err != nil {
		t.Errorf("then mended: %v", err)
	}
}

type falseChunks struct {
	board.Reader
	body []byte
}

func (f *falseChunks) Chunk(ctx context.Context, digest board.Hash) ([]byte, error) {
	if f.body == nil {
		return f.Reader.Chunk(ctx, digest)
	}
	return f.body, nil
}

// halting fails after every second append, having appended or not.
type halting struct {
	*board.Memory
	calls int
}

var errHalt = errors.New("disk is slow")

func (h *halting) Append(ctx context.Context, entries ...[]byte) (uint64, error) {
	h.calls++
	if h.calls%3 == 1 {
		return 0, errHalt
	}
	first, err := h.Memory.Append(ctx, entries...)
	if h.calls%3 == 2 {
		return 0, errHalt
	}
	return first, err
}

func TestMirrorSurvivesUnknownOutcomes(t *testing.T) {
	s := newScene(t)
	ctx := t.Context()
	if _, err := s.Append(ctx, numbered(0, 1000)...); err != nil {
		t.Fatal(err)
	}
	store := &halting{Memory: board.NewCopy(boardtest.Origin)}
	m := mirror.New(s.Log, store, s.Quorum, chunksOf)
	for range 20 {
		_, err := m.Sync(ctx, 1000)
		if err == nil {
			return
		}
		if !errors.Is(err, errHalt) {
			t.Fatal(err)
		}
	}
	t.Fatal("never done")
}
