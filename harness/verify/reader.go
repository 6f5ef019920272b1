package verify

import (
	"bytes"
	"errors"
	"fmt"

	"scrutineer/harness/verify/merkle"
	"scrutineer/protocols/record"
)

// raw is one entry as the record holds it.
type raw struct {
	index  uint64
	data   []byte
	file   string // the bundle
	offset int    // where in the bundle the entry begins, its length included
	// before is the tree's root over all entries before this one; set for
	// those that look like a seal.
	before *[32]byte
}

// place adds to a finding where the entry lies.
func (r *raw) place(f *Finding) *Finding {
	if f.Evidence.Entry == nil {
		f.entry(r.index)
	}
	offset := r.offset
	f.file(r.file)
	f.Evidence.Offset = &offset
	return f
}

// reader goes through the bundles in order and holds the tree against the
// tiles (V-01, V-03). It is used by one goroutine at a time.
type reader struct {
	src     record.Source
	layout  record.Layout
	tally   tally
	tree    merkle.Range
	levels  []level
	roots   map[uint64][32]byte // sizes of which the root is wanted
	bundle  uint64              // the next one
	entries [][]byte            // what is left of the last one
	file    string
	offset  int
	stopped bool  // there is a hole; nothing after it can be read
	err     error // of ours
}

// level is the tile that grows at one level of the tree.
type level struct {
	index  uint64
	hashes []byte
}

func newReader(src record.Source, size uint64, keep int) *reader {
	r := &reader{src: src, layout: record.Layout{Size: size}, roots: map[uint64][32]byte{}, tally: tally{keep: keep}}
	r.tally.expect(Tree, int(r.layout.Count()-(record.Layout{}).Count()))
	r.tree.Visit = r.node
	return r
}

// want asks for the root at a size. Sizes beyond the record's get none.
func (r *reader) want(size uint64) { r.roots[size] = [32]byte{} }

// isFault tells a fault of the record from an error of ours.
func isFault(err error) bool {
	return errors.Is(err, record.ErrNotFound) || errors.Is(err, record.ErrTooLarge) ||
		errors.Is(err, record.ErrIrregular) || errors.Is(err, record.ErrPath)
}

// read gets a file of the layout; a fault in it is V-01's.
func (r *reader) read(p record.Path) ([]byte, bool) {
	data, err := r.src.Read(p.String(), p.Limit())
	switch {
	case err == nil:
		return data, true
	case isFault(err):
		r.tally.add(found(Files, "%s: %s", p, reason(err)).file(p.String()))
	default:
		r.err = err
	}
	return nil, false
}

// reason is an error of a source in words that depend on the record alone.
func reason(err error) string {
	for _, known := range []error{record.ErrNotFound, record.ErrTooLarge, record.ErrIrregular, record.ErrPath} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	return "cannot be read"
}

// next returns the next entry; false at the end, at a hole, or with r.err set.
func (r *reader) next() (raw, bool) {
	if len(r.entries) == 0 && !r.load() {
		return raw{}, false
	}
	e := raw{index: r.tree.Size(), data: r.entries[0], file: r.file, offset: r.offset}
	r.entries = r.entries[1:]
	r.offset += 2 + len(e.data)
	if bytes.HasSuffix(e.data, []byte(`"type":"seal","version":1}`)) {
		root := r.tree.Root()
		e.before = &root
	}
	r.tree.Append(merkle.Leaf(e.data))
	if size := r.tree.Size(); len(r.roots) > 0 {
		if _, ok := r.roots[size]; ok {
			r.roots[size] = r.tree.Root()
		}
	}
	return e, true
}

// load opens the next bundle.
func (r *reader) load() bool {
	width := r.layout.BundleWidth(r.bundle)
	if r.stopped || r.err != nil || width == 0 {
		return false
	}
	p := record.Path{Kind: record.KindEntries, Index: r.bundle, Width: width}
	data, ok := r.read(p)
	if !ok {
		r.stopped = true
		return false
	}
	r.tally.see(Tree, 1)
	entries, err := record.DecodeBundle(data, width)
	if err != nil {
		r.tally.add(found(Tree, "%s: %v", p, err).file(p.String()))
		r.stopped = true
		return false
	}
	r.entries, r.file, r.offset = entries, p.String(), 0
	r.bundle++
	return true
}

// node sees each complete subtree; those of whole tile heights are the hashes
// of tiles.
func (r *reader) node(height uint, _ uint64, h merkle.Digest) {
	if height%record.TileHeight != 0 {
		return
	}
	l := int(height / record.TileHeight)
	if l == len(r.levels) {
		r.levels = append(r.levels, level{})
	}
	r.levels[l].hashes = append(r.levels[l].hashes, h[:]...)
	if len(r.levels[l].hashes) == record.TileWidth*record.HashSize {
		r.compare(l)
		r.levels[l].index++
		r.levels[l].hashes = r.levels[l].hashes[:0]
	}
}

// compare holds a recomputed tile against the file.
func (r *reader) compare(l int) {
	have := &r.levels[l]
	p := record.Path{Kind: record.KindTile, Level: uint8(l), Index: have.index, Width: len(have.hashes) / record.HashSize}
	data, ok := r.read(p)
	if !ok {
		return
	}
	r.tally.see(Tree, 1)
	if bytes.Equal(data, have.hashes) {
		return
	}
	f := found(Tree, "%s is not the tile of these entries", p).file(p.String())
	for i := 0; i+record.HashSize <= min(len(data), len(have.hashes)); i += record.HashSize {
		seen, want := [32]byte(data[i:]), [32]byte(have.hashes[i:])
		if seen != want {
			f.sides("hash in tile = hash of entries", seen, want)
			f.Evidence.Offset = &i
			break
		}
	}
	r.tally.add(f)
}

// finish compares the partial tiles, once all entries were read.
func (r *reader) finish() {
	if r.stopped || r.err != nil {
		return
	}
	for l := range r.levels {
		if len(r.levels[l].hashes) > 0 {
			r.compare(l)
		}
	}
}

// rereader fetches single entries again.
type rereader struct {
	src     record.Source
	layout  record.Layout
	bundle  uint64
	entries [][]byte
}

// entry returns the bytes of an entry that was read before.
func (r *rereader) entry(index uint64) ([]byte, error) {
	bundle := index / record.TileWidth
	if r.entries == nil || r.bundle != bundle {
		width := r.layout.BundleWidth(bundle)
		p := record.Path{Kind: record.KindEntries, Index: bundle, Width: width}
		data, err := r.src.Read(p.String(), p.Limit())
		if err != nil {
			return nil, fmt.Errorf("read entry %d again: %w", index, err)
		}
		entries, err := record.DecodeBundle(data, width)
		if err != nil {
			return nil, fmt.Errorf("read entry %d again: %w", index, err)
		}
		r.bundle, r.entries = bundle, entries
	}
	at := int(index % record.TileWidth)
	if at >= len(r.entries) {
		return nil, fmt.Errorf("read entry %d again: %w", index, record.ErrNotFound)
	}
	return r.entries[at], nil
}
