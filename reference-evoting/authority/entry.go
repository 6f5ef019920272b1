package authority

import (
	"context"
	"fmt"

	"scrutineer/reference-evoting/board"
	"scrutineer/reference-evoting/entry"
)

// store puts the chunks of an entry where they will be read, and returns the
// entry.
func (a *Authority) store(ctx context.Context, p entry.Packed, err error) ([]byte, error) {
	if err != nil {
		return nil, err
	}
	for _, c := range p.Chunks {
		if _, err := a.cfg.Log.PutChunk(ctx, c); err != nil {
			return nil, fmt.Errorf("%s: %w", p.Type, err)
		}
	}
	return p.Raw, nil
}

// overlay reads entries that are planned but not yet on the log as well.
type overlay struct {
	log   Log
	first uint64
	tail  [][]byte
}

// Entries implements board.EntryReader.
func (o *overlay) Entries(ctx context.Context, from, to uint64, f func(uint64, []byte) error) error {
	if len(o.tail) == 0 {
		return o.log.Entries(ctx, from, to, f)
	}
	if from < o.first {
		if err := o.log.Entries(ctx, from, min(to, o.first), f); err != nil {
			return err
		}
	}
	for i := max(from, o.first); i < to; i++ {
		if i >= o.first+uint64(len(o.tail)) {
			return board.ErrOutOfRange
		}
		if err := f(i, o.tail[i-o.first]); err != nil {
			return err
		}
	}
	return nil
}

// Chunk implements entry.Chunks.
func (o *overlay) Chunk(ctx context.Context, digest board.Hash) ([]byte, error) {
	return o.log.Chunk(ctx, digest)
}
