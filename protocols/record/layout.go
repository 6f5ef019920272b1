package record

import (
	"iter"

	"scrutineer/protocols/message"
)

// Layout is the closed list of files of one record: it follows from the
// board's size, the chunks that the entries name, and whether the ceremony
// was aborted.
//
// It is never written out as a whole where that can be avoided, because a
// hostile checkpoint may claim any size: ask [Layout.Contains] of each file
// seen and compare their number with [Layout.Count].
type Layout struct {
	Size    uint64                      // entries, at most MaxSize
	Chunks  map[message.Digest]struct{} // chunks named by entries
	Aborted bool                        // only the final checkpoint is there
}

// width is how many hashes or entries the tile at this level and index holds
// at this size; 0 where there is no such tile.
func (l Layout) width(level uint8, index uint64) int {
	if level > 7 || l.Size > MaxSize {
		return 0
	}
	hashes := l.Size >> (TileHeight * uint(level))
	if index > hashes>>TileHeight {
		return 0
	}
	return int(min(hashes-index<<TileHeight, TileWidth))
}

// Contains reports whether the record has a file at this path.
func (l Layout) Contains(p Path) bool {
	switch p.Kind {
	case KindCheckpoint:
		return p.Moment == Final || !l.Aborted
	case KindTile:
		return p.Width > 0 && l.width(p.Level, p.Index) == p.Width
	case KindEntries:
		return p.Width > 0 && l.width(0, p.Index) == p.Width
	case KindChunk:
		_, ok := l.Chunks[p.Digest]
		return ok
	}
	return false
}

// Count is the number of files of the record.
func (l Layout) Count() uint64 {
	n := uint64(len(moments))
	if l.Aborted {
		n = 1
	}
	if l.Size > MaxSize {
		return n
	}
	n += uint64(len(l.Chunks)) + tiles(l.Size)
	for hashes := l.Size; hashes > 0; hashes >>= TileHeight {
		n += tiles(hashes)
	}
	return n
}

// Bundles is the number of entry bundles.
func (l Layout) Bundles() uint64 { return tiles(l.Size) }

// BundleWidth is how many entries the bundle at index holds; 0 where there is
// none.
func (l Layout) BundleWidth(index uint64) int { return l.width(0, index) }

func tiles(hashes uint64) uint64 { return (hashes + TileWidth - 1) >> TileHeight }

// All yields the files of the record: checkpoints, bundles, tiles from level
// 0 up, chunks in no particular order.
func (l Layout) All() iter.Seq[Path] {
	return func(yield func(Path) bool) {
		for _, m := range moments {
			p := Path{Kind: KindCheckpoint, Moment: m}
			if l.Contains(p) && !yield(p) {
				return
			}
		}
		if !l.tiles(KindEntries, 0, yield) {
			return
		}
		for level := uint8(0); l.width(level, 0) > 0; level++ {
			if !l.tiles(KindTile, level, yield) {
				return
			}
		}
		for d := range l.Chunks {
			if !yield(Path{Kind: KindChunk, Digest: d}) {
				return
			}
		}
	}
}

func (l Layout) tiles(kind Kind, level uint8, yield func(Path) bool) bool {
	for i := uint64(0); ; i++ {
		w := l.width(level, i)
		if w == 0 {
			return true
		}
		if !yield(Path{Kind: kind, Level: level, Index: i, Width: w}) {
			return false
		}
	}
}
