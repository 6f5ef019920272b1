package tiles

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/mod/sumdb/tlog"

	"scrutineer/reference-evoting/board"
	layout "scrutineer/reference-evoting/board/tiles"
)

// Size implements board.Appender.
func (l *Log) Size() uint64 { return l.size.Load() }

// Entries implements board.EntryReader.
func (l *Log) Entries(ctx context.Context, from, to uint64, f func(uint64, []byte) error) error {
	// Partial tiles are there for the sizes at which a batch ended: that is
	// the size that tessera has on disk, which may be ahead of ours.
	size, err := l.reader.IntegratedSize(ctx)
	if err != nil {
		return err
	}
	if err := board.CheckRange(from, to, size); err != nil {
		return err
	}
	return layout.Entries(ctx, l.source, size, from, to, f)
}

// Checkpoint implements board.Reader.
func (l *Log) Checkpoint(context.Context) ([]byte, error) { return l.published.Get() }

// Await implements board.Reader.
func (l *Log) Await(ctx context.Context, size uint64) ([]byte, error) {
	ctx, done := l.waiting(ctx)
	defer done()
	return l.published.Await(ctx, size)
}

// Pending implements board.Heads.
func (l *Log) Pending(context.Context) ([]byte, error) {
	if l.cfg.Copy {
		return nil, board.ErrNoCheckpoint
	}
	return l.pending.Get()
}

// AwaitPending implements board.Heads.
func (l *Log) AwaitPending(ctx context.Context, size uint64) ([]byte, error) {
	if l.cfg.Copy {
		return nil, board.ErrNoCheckpoint
	}
	ctx, done := l.waiting(ctx)
	defer done()
	return l.pending.Await(ctx, size)
}

// Inclusion implements board.Prover.
func (l *Log) Inclusion(ctx context.Context, index, size uint64) ([]board.Hash, error) {
	hashes, err := l.hashes(ctx, size)
	if err != nil {
		return nil, err
	}
	return layout.Inclusion(hashes, index, size)
}

// Consistency implements board.Prover.
func (l *Log) Consistency(ctx context.Context, from, to uint64) ([]board.Hash, error) {
	hashes, err := l.hashes(ctx, to)
	if err != nil {
		return nil, err
	}
	return layout.Consistency(hashes, from, to)
}

// hashes reads the hashes of the whole tree, among them those of any smaller one.
func (l *Log) hashes(ctx context.Context, size uint64) (tlog.HashReader, error) {
	whole, err := l.reader.IntegratedSize(ctx)
	if err != nil {
		return nil, err
	}
	if size > whole {
		return nil, fmt.Errorf("tree of %d entries: %w", size, board.ErrOutOfRange)
	}
	return layout.Hashes(ctx, l.source, whole), nil
}

// File returns a file of the log by its path in the tlog-tiles layout: tiles,
// bundles, checkpoint, checkpoint.pending and chunks. Any other path, and
// whatever is not there, gives an error that wraps fs.ErrNotExist.
func (l *Log) File(ctx context.Context, path string) ([]byte, error) {
	switch path {
	case layout.CheckpointPath:
		return orMissing(l.Checkpoint(ctx))
	case layout.PendingPath:
		return orMissing(l.Pending(ctx))
	}
	if digest, err := layout.ParseChunkPath(path); err == nil {
		return orMissing(l.Chunk(ctx, digest))
	}
	return l.source.File(ctx, path)
}

// Publish implements board.Heads: the checkpoint replaces the one on disk at once
// and for good.
func (l *Log) Publish(ctx context.Context, cosigned []byte) error {
	c, err := l.ownHead(ctx, cosigned)
	if err != nil {
		return err
	}
	l.publishing.Lock()
	defer l.publishing.Unlock()
	if err := l.Failed(); err != nil {
		return err
	}
	if raw, err := l.published.Get(); err == nil {
		if last, err := board.PeekCheckpoint(raw); err != nil || c.Size < last.Size {
			return fmt.Errorf("%w: smaller than the one published", board.ErrCheckpoint)
		}
	}
	raw := append([]byte(nil), cosigned...)
	if err := writeFile(l.cosignedPath(), raw); err != nil {
		return l.fail(fmt.Errorf("publishing the checkpoint of size %d: %w", c.Size, err))
	}
	l.published.Set(raw, c.Size)
	return nil
}

// ownHead parses a checkpoint and compares it with the tree.
func (l *Log) ownHead(ctx context.Context, raw []byte) (board.Checkpoint, error) {
	c, err := board.PeekCheckpoint(raw)
	if err != nil {
		return c, err
	}
	if c.Origin != l.cfg.Signer.Name() || c.Size > l.Size() {
		return c, fmt.Errorf("%w: not a head of this log", board.ErrCheckpoint)
	}
	hashes, err := l.hashes(ctx, c.Size)
	if err != nil {
		return c, err
	}
	root, err := layout.Root(hashes, c.Size)
	if err != nil {
		return c, err
	}
	if c.Root != root {
		return c, fmt.Errorf("%w: not a head of this log", board.ErrCheckpoint)
	}
	return c, nil
}

// PutChunk implements board.ChunkWriter.
func (l *Log) PutChunk(_ context.Context, body []byte) (board.Hash, error) {
	if err := board.CheckChunk(body); err != nil {
		return board.Hash{}, err
	}
	if err := l.Failed(); err != nil {
		return board.Hash{}, err
	}
	digest := board.ChunkDigest(body)
	path := l.chunkPath(digest)
	if err := l.storeChunk(path, body); err != nil {
		return board.Hash{}, l.fail(fmt.Errorf("storing a chunk: %w", err))
	}
	return digest, nil
}

func (l *Log) storeChunk(path string, body []byte) error {
	if err := makeDir(filepath.Dir(path)); err != nil {
		return err
	}
	if _, err := os.Stat(path); err == nil {
		// Somebody else may have renamed it into place and not synced yet.
		return syncDir(filepath.Dir(path))
	}
	return writeFile(path, body)
}

// Chunk implements board.Reader.
func (l *Log) Chunk(_ context.Context, digest board.Hash) ([]byte, error) {
	body, err := os.ReadFile(l.chunkPath(digest))
	if os.IsNotExist(err) {
		return nil, fmt.Errorf("chunk %x: %w", digest[:], board.ErrNoChunk)
	}
	return body, err
}

func (l *Log) chunkPath(digest board.Hash) string {
	name := fmt.Sprintf("%x", digest[:])
	return filepath.Join(l.cfg.Dir, "chunk", name[:2], name)
}

func (l *Log) cosignedPath() string { return filepath.Join(l.cfg.Dir, "cosigned") }

// orMissing gives what the board does not have as a missing file.
func orMissing(b []byte, err error) ([]byte, error) {
	if err != nil {
		return nil, fmt.Errorf("%w: %w", err, fs.ErrNotExist)
	}
	return b, nil
}
