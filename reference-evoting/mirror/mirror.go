// Package mirror keeps a copy of a board: entries, chunks and cosigned heads.
//
// It believes nothing that it has not checked: heads by the quorum, entries by
// the root, chunks by their digest. What it serves, through the same interface
// as the board, is a head that it has verified and the entries below it. A board
// that lost its disk is refilled from it, and its heads are one side of the
// evidence against a board that shows two histories.
package mirror

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"scrutineer/reference-evoting/board"
	"scrutineer/reference-evoting/board/follow"
	"scrutineer/reference-evoting/cosign"
)

// ErrCopy: an entry of the store is not the board's. If it lies below the head
// that the store has published, the board shows two histories; above it, the
// store holds what an earlier run could not verify, and must be made again.
var ErrCopy = errors.New("entry differs from the copy")

// batch is how many entries are appended to the store at a time.
const batch = 256

// Store is where the copy lies. It is empty at first, or holds what an earlier
// Mirror of the same board put there, and nobody else writes to it.
// board.NewCopy makes one.
type Store interface {
	board.Appender
	board.Reader
	board.ChunkWriter
	Publish(ctx context.Context, cosigned []byte) error
}

// ChunksOf lists the chunks that an entry names. A board does not know the form
// of its entries; whoever runs a mirror does.
type ChunksOf func(entry []byte) ([]board.Hash, error)

// Mirror copies one board into a store. Sync is for one caller at a time; the
// store serves readers meanwhile.
type Mirror struct {
	source   board.Reader
	store    Store
	chunksOf ChunksOf
	follower *follow.Follower

	known   uint64   // entries that the store held when the mirror started
	waiting [][]byte // entries that are next for the store
	first   uint64   // index of waiting[0]
}

// New mirrors source into store.
func New(source board.Reader, store Store, quorum *cosign.Quorum, chunksOf ChunksOf) *Mirror {
	known := store.Size()
	return &Mirror{
		source: source, store: store, chunksOf: chunksOf,
		follower: follow.New(source, quorum), known: known, first: known,
	}
}

// Reader serves the copy.
func (m *Mirror) Reader() board.Reader { return m.store }

// Sync waits for a cosigned head of at least size entries, copies what is new up
// to it, and publishes it in the store. What the store held before is compared
// with the board. After an error Sync may be called again and continues; after a
// follow.Fork it returns the same error for ever, and the store goes on showing
// the last head that held.
func (m *Mirror) Sync(ctx context.Context, size uint64) (*cosign.Head, error) {
	head, err := m.follower.Next(ctx, size, func(i uint64, b []byte) error {
		return m.take(ctx, i, b)
	})
	if err != nil {
		return nil, err
	}
	if err := m.flush(ctx); err != nil {
		return nil, err
	}
	if err := m.store.Publish(ctx, head.Raw); err != nil {
		return nil, fmt.Errorf("publishing the copied head: %w", err)
	}
	return head, nil
}

// take deals with one entry. On error it has not been taken.
func (m *Mirror) take(ctx context.Context, i uint64, b []byte) error {
	if err := m.copyChunks(ctx, b); err != nil {
		return fmt.Errorf("entry %d: %w", i, err)
	}
	if i < m.known {
		had, err := board.Entry(ctx, m.store, i)
		if err != nil {
			return err
		}
		if !bytes.Equal(had, b) {
			return fmt.Errorf("entry %d: %w", i, ErrCopy)
		}
		return nil
	}
	if len(m.waiting) >= batch {
		if err := m.flush(ctx); err != nil {
			return err
		}
	}
	m.waiting = append(m.waiting, b)
	return nil
}

// flush appends what is waiting. An append that failed before may have reached
// the store all the same: its size tells.
func (m *Mirror) flush(ctx context.Context) error {
	size := m.store.Size()
	done := size - m.first
	if size < m.first || done > uint64(len(m.waiting)) {
		return fmt.Errorf("the store has %d entries, want %d to %d: %w",
			size, m.first, m.first+uint64(len(m.waiting)), ErrCopy)
	}
	if rest := m.waiting[done:]; len(rest) > 0 {
		if _, err := m.store.Append(ctx, rest...); err != nil {
			return fmt.Errorf("copying entries from %d: %w", size, err)
		}
	}
	m.first += uint64(len(m.waiting))
	m.waiting = m.waiting[:0]
	return nil
}

// copyChunks copies the chunks that an entry names before the entry itself: what
// the store shows is whole.
func (m *Mirror) copyChunks(ctx context.Context, entry []byte) error {
	digests, err := m.chunksOf(entry)
	if err != nil {
		return err
	}
	for _, digest := range digests {
		if _, err := m.store.Chunk(ctx, digest); err == nil {
			continue
		} else if !errors.Is(err, board.ErrNoChunk) {
			return err
		}
		body, err := board.ReadChunk(ctx, m.source, digest)
		if err != nil {
			return err
		}
		if _, err := m.store.PutChunk(ctx, body); err != nil {
			return err
		}
	}
	return nil
}
