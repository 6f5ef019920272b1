package tiles

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync/atomic"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"scrutineer/reference-evoting/board"
)

// Source returns files of a log by their path in the layout: checkpoint,
// checkpoint.pending, tile/…, chunk/…. A file that is not there gives an error
// that wraps fs.ErrNotExist.
type Source interface {
	File(ctx context.Context, path string) ([]byte, error)
}

// Awaiter is a Source that can wait for a cosigned checkpoint of a size, as
// board.Reader's Await. Without it a Reader asks again and again.
type Awaiter interface {
	Await(ctx context.Context, size uint64) ([]byte, error)
}

// Reader reads a board from its files. It checks form only: what it returns is
// as untrusted as the source.
type Reader struct {
	source Source
	poll   time.Duration
	// size is that of the newest checkpoint seen, cosigned or pending. It
	// tells which partial tiles are there: the source has kept those of every
	// checkpoint, or the full tile in their place.
	size atomic.Uint64
}

var (
	_ board.Reader = (*Reader)(nil)
	_ board.Prover = (*Reader)(nil)
)

// NewReader reads from source; where it cannot wait, the checkpoint is asked for
// every poll.
func NewReader(source Source, poll time.Duration) *Reader {
	return &Reader{source: source, poll: poll}
}

// Checkpoint implements board.Reader.
func (r *Reader) Checkpoint(ctx context.Context) ([]byte, error) {
	return r.checkpoint(ctx, CheckpointPath)
}

// Pending is the checkpoint that witnesses are to cosign.
func (r *Reader) Pending(ctx context.Context) ([]byte, error) {
	return r.checkpoint(ctx, PendingPath)
}

func (r *Reader) checkpoint(ctx context.Context, path string) ([]byte, error) {
	raw, err := r.source.File(ctx, path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, board.ErrNoCheckpoint
	}
	if err != nil {
		return nil, err
	}
	_, err = r.see(raw)
	return raw, err
}

// see notes the size of a checkpoint and returns it.
func (r *Reader) see(raw []byte) (uint64, error) {
	c, err := board.PeekCheckpoint(raw)
	if err != nil {
		return 0, err
	}
	for old := r.size.Load(); c.Size > old; old = r.size.Load() {
		if r.size.CompareAndSwap(old, c.Size) {
			break
		}
	}
	return c.Size, nil
}

// Await implements board.Reader.
func (r *Reader) Await(ctx context.Context, size uint64) ([]byte, error) {
	if a, ok := r.source.(Awaiter); ok {
		raw, err := a.Await(ctx, size)
		if err != nil {
			return nil, err
		}
		_, err = r.see(raw)
		return raw, err
	}
	tick := time.NewTicker(max(r.poll, time.Millisecond))
	defer tick.Stop()
	for {
		raw, err := r.Checkpoint(ctx)
		if err != nil && !errors.Is(err, board.ErrNoCheckpoint) {
			return nil, err
		}
		if err == nil {
			if have, err := r.see(raw); err != nil || have >= size {
				return raw, err
			}
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-tick.C:
		}
	}
}

// Chunk implements board.Reader.
func (r *Reader) Chunk(ctx context.Context, digest board.Hash) ([]byte, error) {
	body, err := r.source.File(ctx, ChunkPath(digest))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("chunk %x: %w", digest[:], board.ErrNoChunk)
	}
	if err != nil {
		return nil, err
	}
	if len(body) > board.MaxChunk || board.ChunkDigest(body) != digest {
		return nil, fmt.Errorf("chunk %x: other bytes lie under its name", digest[:])
	}
	return body, nil
}

// Entries implements board.EntryReader, up to the newest checkpoint.
func (r *Reader) Entries(ctx context.Context, from, to uint64, f func(uint64, []byte) error) error {
	size := r.size.Load()
	if to > size {
		if _, err := r.Checkpoint(ctx); err != nil && !errors.Is(err, board.ErrNoCheckpoint) {
			return err
		}
		size = r.size.Load()
	}
	if err := board.CheckRange(from, to, size); err != nil {
		return err
	}
	return Entries(ctx, r.source, size, from, to, f)
}

// Entries calls f for the entries from from up to but not including to, out of
// the bundles of a log of size entries. The range is within the log.
func Entries(ctx context.Context, source Source, size, from, to uint64, f func(uint64, []byte) error) error {
	for from < to {
		index := from / Width
		width := widthAt(EntriesLevel, index, size)
		bundle, got, err := load(ctx, source, Tile{EntriesLevel, index, width})
		if err != nil {
			return err
		}
		entries, err := DecodeBundle(bundle, got)
		if err != nil {
			return fmt.Errorf("bundle %d: %w", index, err)
		}
		for _, e := range entries[from%Width : min(Width, to-index*Width)] {
			if err := f(from, e); err != nil {
				return err
			}
			from++
		}
	}
	return nil
}

// load reads a tile, or the full one if a partial one is gone: logs may drop
// partial tiles once the full one is there. It returns the width of what it read.
func load(ctx context.Context, source Source, t Tile) ([]byte, int, error) {
	b, err := source.File(ctx, t.Path())
	if t.Width < Width && errors.Is(err, fs.ErrNotExist) {
		t.Width = Width
		b, err = source.File(ctx, t.Path())
	}
	if err != nil {
		return nil, 0, fmt.Errorf("reading %s: %w", t.Path(), err)
	}
	return b, t.Width, nil
}

// Read returns the bytes of a tile of exactly its width, cut from the full tile
// where the partial one is gone.
func Read(ctx context.Context, source Source, t Tile) ([]byte, error) {
	b, got, err := load(ctx, source, t)
	if err != nil || got == t.Width {
		return b, err
	}
	if t.Level != EntriesLevel {
		if len(b) != got*tlog.HashSize {
			return nil, fmt.Errorf("%w: %s has %d bytes", ErrTile, t.Path(), len(b))
		}
		return b[:t.Width*tlog.HashSize], nil
	}
	entries, err := DecodeBundle(b, got)
	if err != nil {
		return nil, err
	}
	return EncodeBundle(entries[:t.Width])
}

// Inclusion implements board.Prover. The size must be that of a checkpoint.
func (r *Reader) Inclusion(ctx context.Context, index, size uint64) ([]board.Hash, error) {
	return Inclusion(Hashes(ctx, r.source, size), index, size)
}

// Consistency implements board.Prover. Size to must be that of a checkpoint.
func (r *Reader) Consistency(ctx context.Context, from, to uint64) ([]board.Hash, error) {
	return Consistency(Hashes(ctx, r.source, to), from, to)
}

// Hashes reads stored hashes from the hash tiles of a tree of size entries. They
// are not checked against any root.
func Hashes(ctx context.Context, source Source, size uint64) tlog.HashReader {
	return tlog.HashReaderFunc(func(indexes []int64) ([]board.Hash, error) {
		out := make([]board.Hash, len(indexes))
		loaded := map[Tile][]byte{}
		for i, x := range indexes {
			at := tlog.TileForIndex(height, x)
			t := Tile{Level: at.L, Index: uint64(at.N)}
			if t.Width = widthAt(t.Level, t.Index, size); t.Width < at.W {
				return nil, fmt.Errorf("hash %d of a tree of %d: %w", x, size, board.ErrOutOfRange)
			}
			data := loaded[t]
			if data == nil {
				var width int
				var err error
				if data, width, err = load(ctx, source, t); err != nil {
					return nil, err
				}
				if len(data) != width*tlog.HashSize {
					return nil, fmt.Errorf("%w: %s has %d bytes", ErrTile, t.Path(), len(data))
				}
				loaded[t] = data
			}
			var err error
			if out[i], err = tlog.HashFromTile(t.tlogTile(), data, x); err != nil {
				return nil, fmt.Errorf("%w: %w", ErrTile, err)
			}
		}
		return out, nil
	})
}
