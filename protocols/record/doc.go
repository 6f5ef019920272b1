// Package record is the layout of an election record (SPEC.md §5): which
// files there are, what their paths mean, how large they may be, how they are
// read and how they are written.
//
// It knows bytes and paths only. What the entries say, whether the hashes in
// the tiles are right and whether a checkpoint is signed is for a verifier to
// find out, with hashing code of its own; the hashing here serves those who
// write records.
//
// Exporters build an [Export]; verifiers read a [Source] and hold what it
// lists against a [Layout].
package record

import (
	"errors"

	"scrutineer/protocols/message"
)

// Limits of what a record may hold, in bytes unless said otherwise.
const (
	// MaxCheckpoint bounds a checkpoint with its signatures.
	MaxCheckpoint = 64 << 10
	// MaxEntry bounds an entry (tlog-tiles gives it two bytes of length).
	MaxEntry = message.MaxEntry
	// MaxChunk bounds a chunk of a body.
	MaxChunk = message.ChunkSize
	// MaxBundle bounds an entry bundle.
	MaxBundle = TileWidth * (2 + MaxEntry)
	// MaxSize bounds the number of entries of a board.
	MaxSize = 1 << 40
	// MaxPath bounds a path.
	MaxPath = 128
	// MaxFiles bounds the number of files that a folder is listed for.
	MaxFiles = 1 << 22
)

// The geometry of tlog-tiles: 256 hashes or entries a tile.
const (
	TileHeight = 8
	TileWidth  = 1 << TileHeight
	HashSize   = 32
)

// Errors that callers tell apart.
var (
	// ErrPath is a path outside the grammar of SPEC.md §5.
	ErrPath = errors.New("no path of a record")
	// ErrNotFound is a file that is not there.
	ErrNotFound = errors.New("file not found")
	// ErrTooLarge is a file above its limit.
	ErrTooLarge = errors.New("file too large")
	// ErrIrregular is something else than a plain file: a link, a folder, a
	// device.
	ErrIrregular = errors.New("not a plain file")
	// ErrTooMany is a folder with more than MaxFiles files.
	ErrTooMany = errors.New("too many files")
	// ErrBundle is an entry bundle whose lengths do not add up.
	ErrBundle = errors.New("malformed entry bundle")
	// ErrExists is a place to write to that is taken.
	ErrExists = errors.New("already exists")
)
