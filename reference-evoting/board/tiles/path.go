// Package tiles is the C2SP tlog-tiles layout of a log: paths, entry bundles,
// hash tiles, a board.Reader over files by path, proofs computed from hash
// tiles, and the same files made from a log that is not stored as tiles.
//
// The service, the mirror and the record's export use it. The independent
// verifier does not: it has code of its own.
package tiles

import (
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"scrutineer/reference-evoting/board"
)

const (
	// Width is the number of hashes or entries of a full tile.
	Width = 256
	// height is log2 of Width.
	height = 8
	// maxLevel is the highest level that tlog-tiles knows.
	maxLevel = 5
	// maxIndex bounds the index of a tile: bundles of a log of board.MaxSize.
	maxIndex = board.MaxSize / Width
	// maxPath is longer than any path of the grammar.
	maxPath = 64

	// EntriesLevel is the level of entry bundles in Tile.
	EntriesLevel = -1
	// CheckpointPath is where the cosigned checkpoint lies.
	CheckpointPath = "checkpoint"
	// PendingPath is where witnesses find the checkpoint to cosign.
	PendingPath = "checkpoint.pending"
	// chunkPrefix precedes the hex digest of a chunk.
	chunkPrefix = "chunk/"
)

// ErrPath: a path is not of the layout.
var ErrPath = errors.New("not a path of the log")

// Tile names a hash tile or an entry bundle.
type Tile struct {
	Level int    // 0..5, or EntriesLevel for a bundle
	Index uint64 // position within its level
	Width int    // hashes or entries in it, 1..256; less than 256 is a partial tile
}

// Path is tile/<L>/<N>[.p/<W>] or tile/entries/<N>[.p/<W>], with N in groups of
// three digits, all but the last preceded by an x.
func (t Tile) Path() string {
	level := "entries"
	if t.Level != EntriesLevel {
		level = strconv.Itoa(t.Level)
	}
	n := fmt.Sprintf("%03d", t.Index%1000)
	for rest := t.Index / 1000; rest > 0; rest /= 1000 {
		n = fmt.Sprintf("x%03d/%s", rest%1000, n)
	}
	path := "tile/" + level + "/" + n
	if t.Width < Width {
		path += ".p/" + strconv.Itoa(t.Width)
	}
	return path
}

// ParseTile is the inverse of Path; it accepts exactly what Path writes.
func ParseTile(path string) (Tile, error) {
	bad := fmt.Errorf("%w: %.80q", ErrPath, path)
	if len(path) > maxPath {
		return Tile{}, bad
	}
	rest, ok := strings.CutPrefix(path, "tile/")
	if !ok {
		return Tile{}, bad
	}
	level, rest, ok := strings.Cut(rest, "/")
	if !ok {
		return Tile{}, bad
	}
	t := Tile{Level: EntriesLevel, Width: Width}
	var err error
	if level != "entries" {
		if t.Level, err = strconv.Atoi(level); err != nil || t.Level < 0 || t.Level > maxLevel {
			return Tile{}, bad
		}
	}
	n, width, partial := strings.Cut(rest, ".p/")
	if partial {
		if t.Width, err = strconv.Atoi(width); err != nil || t.Width < 1 || t.Width >= Width {
			return Tile{}, bad
		}
	}
	for _, group := range strings.Split(n, "/") {
		v, err := strconv.ParseUint(strings.TrimPrefix(group, "x"), 10, 10)
		if err != nil || v > 999 {
			return Tile{}, bad
		}
		if t.Index = t.Index*1000 + v; t.Index > maxIndex {
			return Tile{}, bad
		}
	}
	// One form only: no missing x, no leading groups of zeros, no sign.
	if t.Path() != path {
		return Tile{}, bad
	}
	return t, nil
}

// widthAt is the width of tile index of a level in a tree of size entries, 0 if
// the tree has no such tile.
func widthAt(level int, index, size uint64) int {
	count := size
	if level > 0 {
		count >>= uint(level) * height
	}
	if count <= index*Width {
		return 0
	}
	return int(min(Width, count-index*Width))
}

// All lists the bundles and hash tiles of a tree of size entries, of each
// position the widest: first the bundles, then the hash tiles from level 0 up.
func All(size uint64) iter.Seq[Tile] {
	return func(yield func(Tile) bool) {
		for level := EntriesLevel; level <= maxLevel; level++ {
			for index := uint64(0); ; index++ {
				width := widthAt(level, index, size)
				if width == 0 {
					break
				}
				if !yield(Tile{Level: level, Index: index, Width: width}) {
					return
				}
			}
		}
	}
}

// ChunkPath is where the chunk of this digest lies: chunk/<64 hex digits>.
func ChunkPath(digest board.Hash) string { return fmt.Sprintf("%s%x", chunkPrefix, digest[:]) }

// ParseChunkPath is the inverse of ChunkPath.
func ParseChunkPath(path string) (board.Hash, error) {
	var digest board.Hash
	name, ok := strings.CutPrefix(path, chunkPrefix)
	b, err := hex.DecodeString(name)
	if !ok || err != nil || len(b) != len(digest) {
		return digest, fmt.Errorf("%w: %.80q", ErrPath, path)
	}
	copy(digest[:], b)
	if ChunkPath(digest) != path { // capital letters
		return board.Hash{}, fmt.Errorf("%w: %.80q", ErrPath, path)
	}
	return digest, nil
}

// tlogTile is t as sumdb/tlog names it.
func (t Tile) tlogTile() tlog.Tile {
	return tlog.Tile{H: height, L: t.Level, N: int64(t.Index), W: t.Width}
}
