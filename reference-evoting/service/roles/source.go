package roles

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"scrutineer/reference-evoting/board"
	"scrutineer/reference-evoting/rules"
)

// memory remembers the leaf of every entry that a role was shown, so that it
// can read an entry again from a server that it does not trust. It takes 32
// bytes an entry.
type memory struct {
	board board.Reader

	mu     sync.RWMutex
	leaves []board.Hash
}

var _ rules.Source = (*memory)(nil)

// errChanged: an entry is not what it was under a head that held.
var errChanged = errors.New("the board gives other bytes than before")

// see remembers entry i, the next one; one that was seen before is left.
func (m *memory) see(i uint64, raw []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if i == uint64(len(m.leaves)) {
		m.leaves = append(m.leaves, board.LeafHash(raw))
	}
}

func (m *memory) seen() []board.Hash {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.leaves
}

// Entries implements board.EntryReader for what has been seen.
func (m *memory) Entries(ctx context.Context, from, to uint64, f func(uint64, []byte) error) error {
	return m.upTo(uint64(len(m.seen()))).Entries(ctx, from, to, f)
}

// Chunk implements rules.Source. The digest is checked by who asks.
func (m *memory) Chunk(ctx context.Context, digest board.Hash) ([]byte, error) {
	return m.board.Chunk(ctx, digest)
}

// upTo is the board as far as size, which has been seen.
func (m *memory) upTo(size uint64) view { return view{m, m.seen()[:size]} }

// view is a voter.View.
type view struct {
	*memory
	leaves []board.Hash
}

// Size implements voter.View.
func (v view) Size() uint64 { return uint64(len(v.leaves)) }

// Entries implements board.EntryReader.
func (v view) Entries(ctx context.Context, from, to uint64, f func(uint64, []byte) error) error {
	if err := board.CheckRange(from, to, v.Size()); err != nil {
		return err
	}
	return v.board.Entries(ctx, from, to, func(i uint64, raw []byte) error {
		if i >= to || board.LeafHash(raw) != v.leaves[i] {
			return fmt.Errorf("entry %d: %w", i, errChanged)
		}
		return f(i, raw)
	})
}

// window gives a follower the head that was waited for already.
type window struct {
	board.Reader
	raw []byte
}

// Await implements board.Reader.
func (w *window) Await(ctx context.Context, size uint64) ([]byte, error) {
	if c, err := board.PeekCheckpoint(w.raw); err == nil && c.Size >= size {
		return w.raw, nil
	}
	return w.Reader.Await(ctx, size)
}
