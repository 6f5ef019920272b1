package tiles

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"golang.org/x/mod/sumdb/tlog"

	"scrutineer/reference-evoting/board"
)

// Log is what Files makes files from; board.Memory is one.
type Log interface {
	board.Reader
	Pending(ctx context.Context) ([]byte, error)
	Size() uint64
	tlog.HashReader
}

// Files is a Source made from a log that is not stored as tiles. It has every
// tile that the log's entries fill, of any width.
type Files struct{ Log Log }

var (
	_ Source  = Files{}
	_ Awaiter = Files{}
)

// File implements Source.
func (f Files) File(ctx context.Context, path string) ([]byte, error) {
	switch path {
	case CheckpointPath:
		return missing(f.Log.Checkpoint(ctx))
	case PendingPath:
		return missing(f.Log.Pending(ctx))
	}
	if digest, err := ParseChunkPath(path); err == nil {
		return missing(f.Log.Chunk(ctx, digest))
	}
	t, err := ParseTile(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", err, fs.ErrNotExist)
	}
	if widthAt(t.Level, t.Index, f.Log.Size()) < t.Width {
		return nil, fmt.Errorf("%s of a log of %d: %w", path, f.Log.Size(), fs.ErrNotExist)
	}
	if t.Level != EntriesLevel {
		return tlog.ReadTileData(t.tlogTile(), f.Log)
	}
	var bundle []byte
	from := t.Index * Width
	err = f.Log.Entries(ctx, from, from+uint64(t.Width), func(_ uint64, b []byte) (err error) {
		bundle, err = AppendEntry(bundle, b)
		return err
	})
	return bundle, err
}

// Await implements Awaiter.
func (f Files) Await(ctx context.Context, size uint64) ([]byte, error) { return f.Log.Await(ctx, size) }

// Dir is a Source over a folder in the layout, such as a record or a mirror's.
// It opens no path but those of the layout.
type Dir struct{ FS fs.FS }

var _ Source = Dir{}

// File implements Source.
func (d Dir) File(_ context.Context, path string) ([]byte, error) {
	if !ValidPath(path) {
		return nil, fmt.Errorf("%w: %.80q: %w", ErrPath, path, fs.ErrNotExist)
	}
	return fs.ReadFile(d.FS, path)
}

// ValidPath reports whether path is one of the layout. A valid path has no
// element that leaves the folder.
func ValidPath(path string) bool {
	if path == CheckpointPath || path == PendingPath {
		return true
	}
	if _, err := ParseChunkPath(path); err == nil {
		return true
	}
	_, err := ParseTile(path)
	return err == nil
}

// missing turns the board's words for what is not there into the Source's.
func missing(b []byte, err error) ([]byte, error) {
	if errors.Is(err, board.ErrNoCheckpoint) || errors.Is(err, board.ErrNoChunk) {
		return nil, fmt.Errorf("%w: %w", err, fs.ErrNotExist)
	}
	return b, err
}
