package record

import (
	"fmt"
	"strconv"
	"strings"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
)

// Kind says what a file of a record is. The zero Kind is none.
type Kind uint8

// The kinds of files.
const (
	KindCheckpoint Kind = iota + 1 // one of the four checkpoints
	KindTile                       // a tile of hashes
	KindEntries                    // an entry bundle
	KindChunk                      // a chunk of a body
)

// Moment names a checkpoint by what it is the first to cover.
type Moment string

// The checkpoints of a record.
const (
	Final  Moment = ""       // file checkpoint: covers the result or the abort
	Opened Moment = "opened" // the open entry
	Closed Moment = "closed" // the last close-channel
	Sealed Moment = "sealed" // the seal
)

// Moments are the checkpoints of a record that was not aborted, in order.
var moments = [...]Moment{Opened, Closed, Sealed, Final}

// Path is a path of a record, taken apart. Which fields count depends on its
// Kind.
type Path struct {
	Kind   Kind
	Moment Moment         // checkpoint
	Level  uint8          // tile
	Index  uint64         // tile, entries
	Width  int            // tile, entries: 1..256, 256 for a full one
	Digest message.Digest // chunk
}

// CheckpointPath is where the checkpoint of a moment lies.
func CheckpointPath(m Moment) string { return Path{Kind: KindCheckpoint, Moment: m}.String() }

// TilePath is where the hash tile lies that has width hashes.
func TilePath(level uint8, index uint64, width int) string {
	return Path{Kind: KindTile, Level: level, Index: index, Width: width}.String()
}

// BundlePath is where the entry bundle lies that has width entries.
func BundlePath(index uint64, width int) string {
	return Path{Kind: KindEntries, Index: index, Width: width}.String()
}

// ChunkPath is where the chunk of this digest lies.
func ChunkPath(d message.Digest) string { return Path{Kind: KindChunk, Digest: d}.String() }

// String is the path below the record's folder, with slashes.
func (p Path) String() string {
	switch p.Kind {
	case KindCheckpoint:
		if p.Moment == Final {
			return "checkpoint"
		}
		return "checkpoints/" + string(p.Moment)
	case KindTile:
		return "tile/" + strconv.Itoa(int(p.Level)) + "/" + tileNumber(p.Index, p.Width)
	case KindEntries:
		return "tile/entries/" + tileNumber(p.Index, p.Width)
	case KindChunk:
		return "chunk/" + p.Digest.String()
	}
	return ""
}

// Limit is how many bytes a file at this path may have.
func (p Path) Limit() int {
	switch p.Kind {
	case KindCheckpoint:
		return MaxCheckpoint
	case KindTile:
		return p.Width * HashSize
	case KindEntries:
		return p.Width * (2 + MaxEntry)
	case KindChunk:
		return MaxChunk
	}
	return 0
}

// tileNumber writes <N>[.p/<W>]: groups of three digits, all but the last
// with an x before them (C2SP tlog-tiles).
func tileNumber(n uint64, width int) string {
	s := fmt.Sprintf("%03d", n%1000)
	for n >= 1000 {
		n /= 1000
		s = fmt.Sprintf("x%03d/%s", n%1000, s)
	}
	if width < TileWidth {
		s += ".p/" + strconv.Itoa(width)
	}
	return s
}

// Parse takes a path apart. It accepts exactly what [Path.String] writes.
func Parse(path string) (Path, error) {
	p, ok := parse(path)
	if !ok || p.String() != path {
		return Path{}, fmt.Errorf("%w: %.*q", ErrPath, MaxPath, path)
	}
	return p, nil
}

func parse(path string) (Path, bool) {
	if len(path) > MaxPath {
		return Path{}, false
	}
	for _, m := range moments {
		if path == CheckpointPath(m) {
			return Path{Kind: KindCheckpoint, Moment: m}, true
		}
	}
	if rest, ok := strings.CutPrefix(path, "chunk/"); ok {
		d, err := codec.ParseHex32(rest)
		return Path{Kind: KindChunk, Digest: d}, err == nil
	}
	rest, ok := strings.CutPrefix(path, "tile/")
	if !ok {
		return Path{}, false
	}
	level, rest, ok := strings.Cut(rest, "/")
	if !ok {
		return Path{}, false
	}
	p := Path{Kind: KindEntries}
	if level != "entries" {
		n, err := strconv.ParseUint(level, 10, 8)
		if err != nil || n > 63 {
			return Path{}, false
		}
		p.Kind, p.Level = KindTile, uint8(n)
	}
	p.Index, p.Width, ok = parseTileNumber(rest)
	return p, ok
}

// parseTileNumber is lenient about leading groups and digits; Parse compares
// with the one right spelling.
func parseTileNumber(s string) (index uint64, width int, ok bool) {
	width = TileWidth
	if number, w, partial := strings.Cut(s, ".p/"); partial {
		n, err := strconv.ParseUint(w, 10, 8)
		if err != nil || n == 0 {
			return 0, 0, false
		}
		s, width = number, int(n)
	}
	digits := strings.ReplaceAll(strings.ReplaceAll(s, "x", ""), "/", "")
	index, err := strconv.ParseUint(digits, 10, 63)
	return index, width, err == nil
}
