// Package board is the bulletin board as the rest of the reference system sees
// it: an append-only log of entries, the chunks that lie beside it, and the
// signed heads (checkpoints) that commit to it.
//
// The package holds the interfaces, the checkpoint's text and an implementation
// in memory. It knows no election: an entry is bytes. The implementation on disk
// is service/tiles; cosignatures are in cosign; tile paths, bundles and proofs
// are in board/tiles; whoever follows a board and trusts nobody uses
// board/follow.
//
// The tree is that of RFC 6962: the leaf of an entry is SHA-256(0x00 || entry),
// a node is SHA-256(0x01 || left || right), and the tree without entries has the
// root SHA-256("").
package board

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

const (
	// MaxEntry is the greatest length of an entry in bytes: tlog-tiles gives
	// it a length of two bytes.
	MaxEntry = 65535
	// MaxChunk is the greatest length of a chunk in bytes.
	MaxChunk = 32 * 1024
	// MaxSize bounds the number of entries of a log that this package accepts
	// in a checkpoint. It is far above any election and far below what would
	// overflow the arithmetic of tree positions.
	MaxSize = 1 << 40
)

// Errors that callers tell apart.
var (
	// ErrTooLarge: an entry or a chunk exceeds its limit. Nothing was stored.
	ErrTooLarge = errors.New("too large for the board")
	// ErrClosed: the log was closed before the entry was taken. Nothing was stored.
	ErrClosed = errors.New("board is closed")
	// ErrOutOfRange: the log does not hold that many entries.
	ErrOutOfRange = errors.New("no such entry on the board")
	// ErrNoCheckpoint: there is no checkpoint of this kind yet.
	ErrNoCheckpoint = errors.New("no checkpoint yet")
	// ErrNoChunk: no chunk of this digest is stored.
	ErrNoChunk = errors.New("no such chunk on the board")
	// ErrCheckpoint: the bytes are not a checkpoint of this log.
	ErrCheckpoint = errors.New("bad checkpoint")
)

// Hash is a SHA-256 digest: a leaf, a node, a root or the name of a chunk.
type Hash = tlog.Hash

// Appender takes entries.
type Appender interface {
	// Append adds entries at consecutive indices and returns the first of
	// them. When it returns without error the entries are sequenced, part of
	// the tree and stored durably. It is safe for concurrent use.
	//
	// ctx is heeded until the entries are taken; from then on Append waits for
	// the outcome. After ErrTooLarge, ErrClosed and the errors of ctx nothing
	// was or will be appended; after any other error the outcome is unknown
	// and only the log tells.
	Append(ctx context.Context, entries ...[]byte) (first uint64, err error)
	// Size is the number of entries that are sequenced and durable.
	Size() uint64
}

// EntryReader reads entries in order.
type EntryReader interface {
	// Entries calls f for each entry from index from up to but not including
	// to. It fails with ErrOutOfRange if the log is shorter than to. f may
	// keep b but must not change it; an error of f ends the call and is
	// returned as it is.
	Entries(ctx context.Context, from, to uint64, f func(i uint64, b []byte) error) error
}

// Reader is the board to everybody who follows it. Nothing that it returns is
// to be believed before it has been checked: checkpoints with cosign, entries
// against the root of a checkpoint, chunks against their digest.
type Reader interface {
	EntryReader
	// Checkpoint is the newest cosigned checkpoint, or ErrNoCheckpoint.
	Checkpoint(ctx context.Context) ([]byte, error)
	// Await returns the newest cosigned checkpoint as soon as it covers at
	// least size entries. To wait for the entry at index i, pass i+1.
	Await(ctx context.Context, size uint64) ([]byte, error)
	// Chunk returns the chunk of this digest, or ErrNoChunk.
	Chunk(ctx context.Context, digest Hash) ([]byte, error)
}

// ChunkWriter stores chunks under the SHA-256 of their content.
type ChunkWriter interface {
	// PutChunk stores body, durable when it returns. Storing the same body
	// again is no error.
	PutChunk(ctx context.Context, body []byte) (Hash, error)
}

// Heads is the way from a signed head to a cosigned one.
type Heads interface {
	// Pending is the newest checkpoint signed by the board alone, which
	// witnesses poll (checkpoint.pending).
	Pending(ctx context.Context) ([]byte, error)
	// AwaitPending returns the newest pending checkpoint as soon as it covers
	// at least size entries.
	AwaitPending(ctx context.Context, size uint64) ([]byte, error)
	// Publish makes cosigned what Checkpoint returns. It must be a checkpoint
	// of this log, not smaller than the one published before; that its
	// cosignatures suffice is for the caller to know (cosign.Collector).
	Publish(ctx context.Context, cosigned []byte) error
}

// Prover proves over the hashes of a log.
type Prover interface {
	// Inclusion proves that entry index is in the tree of size entries.
	Inclusion(ctx context.Context, index, size uint64) ([]Hash, error)
	// Consistency proves that the tree of from entries is a prefix of that of
	// to entries; it is empty where from is 0 or equals to.
	Consistency(ctx context.Context, from, to uint64) ([]Hash, error)
}

// Log is the whole board, as its keeper holds it.
type Log interface {
	Appender
	Reader
	ChunkWriter
	Heads
	Prover
}

// LeafHash is the RFC 6962 leaf SHA-256(0x00 || entry).
func LeafHash(entry []byte) Hash { return tlog.RecordHash(entry) }

// EmptyRoot is the root of the tree without entries, SHA-256("").
func EmptyRoot() Hash { return sha256.Sum256(nil) }

// ChunkDigest names a chunk: SHA-256 of its bytes.
func ChunkDigest(body []byte) Hash { return sha256.Sum256(body) }

// Entry reads the one entry at index i.
func Entry(ctx context.Context, r EntryReader, i uint64) ([]byte, error) {
	var entry []byte
	err := r.Entries(ctx, i, i+1, func(_ uint64, b []byte) error {
		entry = b
		return nil
	})
	return entry, err
}

// CheckEntries returns ErrTooLarge if an entry exceeds MaxEntry.
func CheckEntries(entries ...[]byte) error {
	for i, e := range entries {
		if len(e) > MaxEntry {
			return fmt.Errorf("entry %d of %d has %d bytes, the limit is %d: %w",
				i+1, len(entries), len(e), MaxEntry, ErrTooLarge)
		}
	}
	return nil
}

// CheckChunk returns ErrTooLarge if body exceeds MaxChunk.
func CheckChunk(body []byte) error {
	if len(body) > MaxChunk {
		return fmt.Errorf("chunk has %d bytes, the limit is %d: %w", len(body), MaxChunk, ErrTooLarge)
	}
	return nil
}

// CheckRange returns ErrOutOfRange unless from <= to <= size.
func CheckRange(from, to, size uint64) error {
	if from > to || to > size {
		return fmt.Errorf("entries %d to %d of %d: %w", from, to, size, ErrOutOfRange)
	}
	return nil
}

// ReadChunk reads a chunk and checks it against its digest.
func ReadChunk(ctx context.Context, r interface {
	Chunk(ctx context.Context, digest Hash) ([]byte, error)
}, digest Hash) ([]byte, error) {
	body, err := r.Chunk(ctx, digest)
	if err != nil {
		return nil, err
	}
	if ChunkDigest(body) != digest {
		return nil, fmt.Errorf("chunk %x: other bytes lie under its name: %w", digest[:], ErrNoChunk)
	}
	return body, CheckChunk(body)
}
