package follow_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"scrutineer/reference-evoting/board"
	"scrutineer/reference-evoting/board/boardtest"
	"scrutineer/reference-evoting/board/follow"
	"scrutineer/reference-evoting/board/tiles"
	"scrutineer/reference-evoting/cosign"
)

func newScene(t testing.TB) *boardtest.Scene {
	t.Helper()
	s, err := boardtest.New(3)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestFollowerComputesTheRoot(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, err := boardtest.New(3)
		if err != nil {
			t.Fatal(err)
		}
		ctx := context.Background()
		f := follow.New(s.Log, s.Quorum)
		var size uint64
		for step, n := range rapid.SliceOfN(rapid.IntRange(0, 40), 1, 6).Draw(t, "growth") {
			entries := make([][]byte, n)
			for i := range entries {
				entries[i] = []byte(fmt.Sprint(step, i))
			}
			if _, err := s.Append(ctx, entries...); err != nil {
				t.Fatal(err)
			}
			next := size
			head, err := f.Next(ctx, size+uint64(n), func(i uint64, b []byte) error {
				if i != next || string(b) != string(entries[i-size]) {
					t.Fatalf("entry %d is %q", i, b)
				}
				next++
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			size += uint64(n)
			want, err := tiles.Root(s.Log, size)
			if err != nil || head.Root != want || head.Size != size || next != size {
				t.Fatalf("head %+v, %v", head, err)
			}
		}
	})
}

func none(uint64, []byte) error { return nil }

// liar shows a log with one thing changed.
type liar struct {
	board.Reader
	await   func(raw []byte) []byte
	entry   func(i uint64, b []byte) (uint64, []byte)
	entries func(to uint64) uint64
}

func (l *liar) Await(ctx context.Context, size uint64) ([]byte, error) {
	raw, err := l.Reader.Await(ctx, size)
	if err == nil && l.await != nil {
		raw = l.await(raw)
	}
	return raw, err
}

func (l *liar) Entries(ctx context.Context, from, to uint64, f func(uint64, []byte) error) error {
	if l.entries != nil {
		to = l.entries(to)
	}
	return l.Reader.Entries(ctx, from, to, func(i uint64, b []byte) error {
		if l.entry != nil {
			i, b = l.entry(i, b)
		}
		return f(i, b)
	})
}

func TestFollowerCatchesLies(t *testing.T) {
	s := newScene(t)
	ctx := t.Context()
	small, err := s.Append(ctx, []byte("a"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Append(ctx, []byte("b"), []byte("c")); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		liar liar
		want error
	}{
		"entry changed": {liar{entry: func(i uint64, b []byte) (uint64, []byte) { return i, append([]byte("x"), b...) }}, follow.ErrRoot},
		"entry moved":   {liar{entry: func(i uint64, b []byte) (uint64, []byte) { return i + 1, b }}, board.ErrOutOfRange},
		"entry huge":    {liar{entry: func(i uint64, b []byte) (uint64, []byte) { return i, make([]byte, 1<<17) }}, board.ErrTooLarge},
		"entries end":   {liar{entries: func(to uint64) uint64 { return to - 1 }}, board.ErrOutOfRange},
		"smaller head":  {liar{await: func([]byte) []byte { return small.Raw }}, board.ErrOutOfRange},
		"not cosigned": {liar{await: func([]byte) []byte {
			raw, err := s.Log.Pending(ctx)
			if err != nil {
				t.Fatal(err)
			}
			return raw
		}}, cosign.ErrQuorum},
	} {
		c.liar.Reader = s.Log
		f := follow.New(&c.liar, s.Quorum)
		if _, err := f.Next(ctx, 3, none); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestFollowerCatchesAFork(t *testing.T) {
	s, other := newScene(t), newScene(t)
	ctx := t.Context()
	first, err := s.Append(ctx, []byte("a"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := other.Append(ctx, []byte("x"), []byte("b")); err != nil {
		t.Fatal(err)
	}
	switching := &liar{Reader: s.Log}
	f := follow.New(switching, s.Quorum)
	if _, err := f.Next(ctx, 1, none); err != nil {
		t.Fatal(err)
	}
	switching.Reader = other.Log
	_, err = f.Next(ctx, 2, none)
	var fork *follow.Fork
	if !errors.As(err, &fork) || !errors.Is(err, follow.ErrRoot) || string(fork.Had) != string(first.Raw) {
		t.Fatalf("%v", err)
	}
	if _, err := s.Quorum.Open(fork.Have); err != nil {
		t.Fatalf("the evidence is not a cosigned head: %v", err)
	}
	switching.Reader = s.Log
	if _, again := f.Next(ctx, 1, none); again != err {
		t.Fatalf("mended itself: %v", again)
	}
}

func TestFollowerCatchesARollback(t *testing.T) {
	s := newScene(t)
	ctx := t.Context()
	small, err := s.Append(ctx, []byte("a"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Append(ctx, []byte("b")); err != nil {
		t.Fatal(err)
	}
	back := &liar{Reader: s.Log}
	f := follow.New(back, s.Quorum)
	if _, err := f.Next(ctx, 2, none); err != nil {
		t.Fatal(err)
	}
	back.await = func([]byte) []byte { return small.Raw }
	if _, err := f.Next(ctx, 0, none); !errors.Is(err, follow.ErrRollback) {
		t.Fatal(err)
	}
}

func TestFollowerContinuesAfterAnError(t *testing.T) {
	s := newScene(t)
	ctx := t.Context()
	if _, err := s.Append(ctx, []byte("a"), []byte("b"), []byte("c")); err != nil {
		t.Fatal(err)
	}
	f := follow.New(s.Log, s.Quorum)
	busy, fail := errors.New("busy"), true
	var seen []uint64
	each := func(i uint64, _ []byte) error {
		if i == 1 && fail {
			fail = false
			return busy
		}
		seen = append(seen, i)
		return nil
	}
	if _, err := f.Next(ctx, 1, each); err != busy {
		t.Fatal(err)
	}
	head, err := f.Next(ctx, 1, each)
	if err != nil || head.Size != 3 || fmt.Sprint(seen) != "[0 1 2]" {
		t.Fatal(head, err, seen)
	}
}

func TestEntryIsProved(t *testing.T) {
	s := newScene(t)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	for i := range 5 {
		if _, err := s.Append(ctx, []byte{byte(i)}); err != nil {
			t.Fatal(err)
		}
	}
	b, head, err := follow.Entry(ctx, s.Log, s.Quorum, 3)
	if err != nil || string(b) != "\x03" || head.Size != 5 {
		t.Fatal(b, head, err)
	}
	lying := proved{&liar{Reader: s.Log, entry: func(i uint64, b []byte) (uint64, []byte) { return i, []byte("x") }}, s.Log}
	if _, _, err := follow.Entry(ctx, lying, s.Quorum, 3); !errors.Is(err, follow.ErrRoot) {
		t.Fatal(err)
	}
	lying = proved{&liar{Reader: s.Log}, falseProver{s.Log}}
	if _, _, err := follow.Entry(ctx, lying, s.Quorum, 3); !errors.Is(err, follow.ErrRoot) {
		t.Fatal(err)
	}
}

type proved struct {
	board.Reader
	prover
}

type prover interface {
	Inclusion(ctx context.Context, index, size uint64) ([]tlog.Hash, error)
}

type falseProver struct{ prover }

func (p falseProver) Inclusion(ctx context.Context, index, size uint64) ([]tlog.Hash, error) {
	return p.prover.Inclusion(ctx, index-1, size)
}
