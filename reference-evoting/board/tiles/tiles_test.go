package tiles_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"github.com/transparency-dev/tessera/api/layout"
	"pgregory.net/rapid"

	"scrutineer/reference-evoting/board"
	"scrutineer/reference-evoting/board/boardtest"
	"scrutineer/reference-evoting/board/tiles"
)

func TestPathsAreThoseOfOthers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		index := rapid.Uint64Range(0, 1<<32).Draw(t, "index")
		level := rapid.IntRange(-1, 5).Draw(t, "level")
		width := rapid.IntRange(1, 256).Draw(t, "width")
		want := layout.EntriesPath(index, uint8(width))
		if level >= 0 {
			want = layout.TilePath(uint64(level), index, uint8(width))
		}
		tile := tiles.Tile{Level: level, Index: index, Width: width}
		if tile.Path() != want {
			t.Fatalf("path %s, want %s", tile.Path(), want)
		}
		if back, err := tiles.ParseTile(want); err != nil || back != tile {
			t.Fatalf("%s parses to %+v, %v", want, back, err)
		}
	})
}

func TestPathsHaveOneForm(t *testing.T) {
	for _, path := range []string{
		"tile/0/000", "tile/5/x001/000", "tile/0/000.p/1", "tile/0/000.p/255", "tile/entries/999",
		"tile/entries/x001/x234/067.p/9", "checkpoint", "checkpoint.pending",
		"chunk/" + strings.Repeat("0a", 32),
	} {
		if !tiles.ValidPath(path) {
			t.Errorf("%s is refused", path)
		}
	}
	for _, path := range []string{
		"", "/", "tile", "tile/", "tile/0", "tile/0/", "tile/0/0", "tile/0/00", "tile/0/0000", "tile/6/000", "tile/-1/000",
		"tile/00/000", "tile/+1/000", "tile/0/x000/000", "tile/0/001/000", "tile/0/x001", "tile/0/x001/x000",
		"tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/01", "tile/0/000.p/", "tile/0/000.p/+1", "tile/0/000.p/1/",
		"tile/0/../000", "../tile/0/000", "/tile/0/000", "tile//0/000", "tile/0/000/", "tile/0/xx01/000", "tile/0/-01",
		"tile/data/000", "tile/entries/", "tile/0/000\x00", "tile/0/٠٠٠", "Tile/0/000", "tile/0/000.P/1", "TILE/entries/000",
		"tile/0/x018/x446/x744/x073/x709/x551/x615/999", "tile/0/" + strings.Repeat("x001/", 1000) + "001",
		"checkpoint/", "Checkpoint", ".state/treeState", "chunk/", "chunk/" + strings.Repeat("0A", 32),
		"chunk/" + strings.Repeat("0a", 31), "chunk/" + strings.Repeat("0a", 33), "chunk/../" + strings.Repeat("0a", 31),
	} {
		if tiles.ValidPath(path) {
			t.Errorf("%q is accepted", path)
		}
	}
}

func FuzzParseTile(f *testing.F) {
	f.Add("tile/0/x001/234.p/5")
	f.Add("tile/entries/000")
	f.Fuzz(func(t *testing.T, path string) {
		tile, err := tiles.ParseTile(path)
		if err == nil && tile.Path() != path {
			t.Fatalf("%q is not the path of %+v", path, tile)
		}
	})
}

func TestAllListsTheWidestTiles(t *testing.T) {
	paths := func(size uint64) (out []string) {
		for tile := range tiles.All(size) {
			out = append(out, tile.Path())
		}
		return out
	}
	for size, want := range map[uint64][]string{
		0:   nil,
		1:   {"tile/entries/000.p/1", "tile/0/000.p/1"},
		256: {"tile/entries/000", "tile/0/000", "tile/1/000.p/1"},
		257: {"tile/entries/000", "tile/entries/001.p/1", "tile/0/000", "tile/0/001.p/1", "tile/1/000.p/1"},
	} {
		if got := paths(size); !slices.Equal(got, want) {
			t.Errorf("size %d: %v, want %v", size, got, want)
		}
	}
	if got := len(paths(70000)); got != 274+274+2+1 {
		t.Errorf("%d tiles for 70,000 entries", got)
	}
}

func TestBundlesComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		entries := rapid.SliceOfN(rapid.SliceOfN(rapid.Byte(), 0, 300), 1, 256).Draw(t, "entries")
		b, err := tiles.EncodeBundle(entries)
		if err != nil {
			t.Fatal(err)
		}
		back, err := tiles.DecodeBundle(b, len(entries))
		if err != nil || !slices.EqualFunc(entries, back, bytes.Equal) {
			t.Fatalf("%v, %v", back, err)
		}
		if _, err := tiles.DecodeBundle(append(b, 0), len(entries)); !errors.Is(err, tiles.ErrTile) {
			t.Fatalf("a byte more: %v", err)
		}
		if _, err := tiles.DecodeBundle(b[:len(b)-1], len(entries)); !errors.Is(err, tiles.ErrTile) {
			t.Fatalf("a byte less: %v", err)
		}
	})
	if _, err := tiles.EncodeBundle([][]byte{make([]byte, board.MaxEntry+1)}); !errors.Is(err, board.ErrTooLarge) {
		t.Errorf("entry above the limit: %v", err)
	}
	if _, err := tiles.EncodeBundle(make([][]byte, 257)); !errors.Is(err, tiles.ErrTile) {
		t.Errorf("257 entries: %v", err)
	}
}

func numbered(n int) [][]byte {
	entries := make([][]byte, n)
	for i := range entries {
		entries[i] = binary.BigEndian.AppendUint32(nil, uint32(i))
	}
	return entries
}

// folder is what a keeper who stores files has at the sizes given, in order.
func folder(t testing.TB, s *boardtest.Scene, sizes ...int) fstest.MapFS {
	t.Helper()
	out := fstest.MapFS{}
	for _, size := range sizes {
		if _, err := s.Append(t.Context(), numbered(size)[s.Log.Size():]...); err != nil {
			t.Fatal(err)
		}
		files := tiles.Files{Log: s.Log}
		names := []string{tiles.CheckpointPath, tiles.PendingPath}
		for tile := range tiles.All(uint64(size)) {
			names = append(names, tile.Path())
		}
		for _, name := range names {
			b, err := files.File(t.Context(), name)
			if err != nil {
				t.Fatal(name, err)
			}
			out[name] = &fstest.MapFile{Data: b}
		}
	}
	return out
}

func newScene(t testing.TB) *boardtest.Scene {
	t.Helper()
	s, err := boardtest.New(3)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestReaderReadsFiles(t *testing.T) {
	s := newScene(t)
	ctx := t.Context()
	fsys := folder(t, s, 100, 300, 700)
	// The keeper drops partial tiles that a full one has replaced.
	for name := range fsys {
		if strings.HasPrefix(name, "tile/entries/000.p/") || strings.HasPrefix(name, "tile/0/000.p/") {
			delete(fsys, name)
		}
	}
	r := tiles.NewReader(tiles.Dir{FS: fsys}, time.Millisecond)
	for _, span := range [][2]uint64{{0, 700}, {0, 0}, {255, 257}, {699, 700}, {512, 513}} {
		next := span[0]
		err := r.Entries(ctx, span[0], span[1], func(i uint64, b []byte) error {
			if i != next || uint64(binary.BigEndian.Uint32(b)) != i {
				return fmt.Errorf("entry %d is %x, want %d", i, b, next)
			}
			next++
			return nil
		})
		if err != nil || next != span[1] {
			t.Errorf("%v: ends at %d, %v", span, next, err)
		}
	}
	if _, err := board.Entry(ctx, r, 700); !errors.Is(err, board.ErrOutOfRange) {
		t.Errorf("entry beyond the end: %v", err)
	}
	raw, err := r.Await(ctx, 700)
	if err != nil {
		t.Fatal(err)
	}
	if h, err := s.Quorum.Open(raw); err != nil || h.Size != 700 {
		t.Fatalf("%+v, %v", h, err)
	}
	if _, err := r.Chunk(ctx, board.Hash{}); !errors.Is(err, board.ErrNoChunk) {
		t.Errorf("unknown chunk: %v", err)
	}
}

func TestReaderUsesFullTilesForOldHeads(t *testing.T) {
	s := newScene(t)
	ctx := t.Context()
	fsys := folder(t, s, 300)
	r := tiles.NewReader(tiles.Dir{FS: fsys}, time.Millisecond)
	if _, err := r.Checkpoint(ctx); err != nil {
		t.Fatal(err)
	}
	for name, f := range folder(t, s, 600) {
		fsys[name] = f
	}
	delete(fsys, "tile/entries/001.p/44")
	delete(fsys, "tile/0/001.p/44")
	b, err := board.Entry(ctx, r, 299)
	if err != nil || binary.BigEndian.Uint32(b) != 299 {
		t.Fatalf("%x, %v", b, err)
	}
	if _, err := r.Inclusion(ctx, 299, 300); err != nil {
		t.Fatal(err)
	}
	whole := tiles.Files{Log: s.Log}
	for tile := range tiles.All(300) {
		want, err := whole.File(ctx, tile.Path())
		if err != nil {
			t.Fatal(err)
		}
		if got, err := tiles.Read(ctx, tiles.Dir{FS: fsys}, tile); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %d bytes, want %d, %v", tile.Path(), len(got), len(want), err)
		}
	}
}

func TestReaderRefusesMalformedFiles(t *testing.T) {
	s := newScene(t)
	ctx := t.Context()
	fsys := folder(t, s, 300)
	for name, damage := range map[string]func([]byte) []byte{
		"tile/entries/001.p/44": func(b []byte) []byte { return append(b, 0) },
		"tile/entries/000":      func(b []byte) []byte { return b[:len(b)-1] },
		"tile/0/001.p/44":       func(b []byte) []byte { return append(b, 0) },
	} {
		bad := fstest.MapFS{}
		for n, f := range fsys {
			bad[n] = f
		}
		bad[name] = &fstest.MapFile{Data: damage(bytes.Clone(fsys[name].Data))}
		r := tiles.NewReader(tiles.Dir{FS: bad}, time.Millisecond)
		err := r.Entries(ctx, 0, 300, func(uint64, []byte) error { return nil })
		if err == nil {
			_, err = r.Inclusion(ctx, 299, 300)
		}
		if !errors.Is(err, tiles.ErrTile) {
			t.Errorf("%s: %v", name, err)
		}
	}
	bad := fstest.MapFS{"checkpoint": {Data: []byte("no note")}}
	if _, err := tiles.NewReader(tiles.Dir{FS: bad}, time.Millisecond).Checkpoint(ctx); !errors.Is(err, board.ErrCheckpoint) {
		t.Errorf("checkpoint: %v", err)
	}
	digest := board.ChunkDigest([]byte("body"))
	bad[tiles.ChunkPath(digest)] = &fstest.MapFile{Data: []byte("other")}
	if _, err := tiles.NewReader(tiles.Dir{FS: bad}, time.Millisecond).Chunk(ctx, digest); err == nil {
		t.Error("a chunk with other bytes is accepted")
	}
}

func TestDirOpensNothingElse(t *testing.T) {
	fsys := fstest.MapFS{"secret": {Data: []byte("x")}, ".state/treeState": {Data: []byte("x")}}
	for _, path := range []string{"secret", ".state/treeState", "../secret", "tile/../secret"} {
		if b, err := (tiles.Dir{FS: fsys}).File(t.Context(), path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %q, %v", path, b, err)
		}
	}
}

func TestReaderPollsForCheckpoints(t *testing.T) {
	s := newScene(t)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	// Hides Await of Files, so that the reader polls.
	r := tiles.NewReader(struct{ tiles.Source }{tiles.Files{Log: s.Log}}, time.Millisecond)
	got := make(chan error, 1)
	go func() {
		raw, err := r.Await(ctx, 2)
		if err == nil {
			_, err = s.Quorum.Open(raw)
		}
		got <- err
	}()
	for i := range 2 {
		if _, err := s.Append(ctx, []byte{byte(i)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := <-got; err != nil {
		t.Fatal(err)
	}
}

// Proofs are held against another implementation of RFC 6962.
func TestProofsAgreeWithOthers(t *testing.T) {
	s := newScene(t)
	if _, err := s.Append(t.Context(), numbered(1500)...); err != nil {
		t.Fatal(err)
	}
	files := tiles.Files{Log: s.Log}
	rapid.Check(t, func(t *rapid.T) {
		ctx := context.Background()
		size := rapid.Uint64Range(1, 1500).Draw(t, "size")
		index := rapid.Uint64Range(0, size-1).Draw(t, "index")
		from := rapid.Uint64Range(0, size).Draw(t, "from")
		hashes := tiles.Hashes(ctx, files, size)
		root, err := tiles.Root(hashes, size)
		if err != nil {
			t.Fatal(err)
		}
		old, err := tiles.Root(hashes, from)
		if err != nil {
			t.Fatal(err)
		}
		leaf := board.LeafHash(binary.BigEndian.AppendUint32(nil, uint32(index)))

		inclusion, err := tiles.Inclusion(hashes, index, size)
		if err != nil {
			t.Fatal(err)
		}
		if err := tiles.CheckInclusion(inclusion, index, size, leaf, root); err != nil {
			t.Fatal(err)
		}
		if err := proof.VerifyInclusion(rfc6962.DefaultHasher, index, size, leaf[:], raw(inclusion), root[:]); err != nil {
			t.Fatal(err)
		}
		consistency, err := tiles.Consistency(hashes, from, size)
		if err != nil {
			t.Fatal(err)
		}
		if err := tiles.CheckConsistency(consistency, from, size, old, root); err != nil {
			t.Fatal(err)
		}
		if err := proof.VerifyConsistency(rfc6962.DefaultHasher, from, size, raw(consistency), old[:], root[:]); err != nil {
			t.Fatal(err)
		}
		spoil(t, index, size, from, leaf, old, root, inclusion, consistency)
	})
}

// spoil changes one thing of each proof and expects its refusal.
func spoil(t *rapid.T, index, size, from uint64, leaf, old, root board.Hash, inclusion, consistency []board.Hash) {
	bit := rapid.IntRange(0, 255).Draw(t, "bit")
	flip := func(h board.Hash) board.Hash { h[bit/8] ^= 1 << (bit % 8); return h }
	if tiles.CheckInclusion(inclusion, index, size, flip(leaf), root) == nil ||
		tiles.CheckInclusion(inclusion, index, size, leaf, flip(root)) == nil ||
		tiles.CheckInclusion(append(slices.Clone(inclusion), root), index, size, leaf, root) == nil {
		t.Fatal("a spoilt inclusion proof is accepted")
	}
	if tiles.CheckConsistency(append(slices.Clone(consistency), root), from, size, old, root) == nil ||
		tiles.CheckConsistency(consistency, from, size, flip(old), root) == nil ||
		from > 0 && tiles.CheckConsistency(consistency, from, size, old, flip(root)) == nil {
		t.Fatal("a spoilt consistency proof is accepted")
	}
	for i, proof := range [][]board.Hash{inclusion, consistency} {
		if len(proof) == 0 {
			continue
		}
		bad := slices.Clone(proof)
		at := rapid.IntRange(0, len(bad)-1).Draw(t, "at")
		bad[at] = flip(bad[at])
		for _, p := range [][]board.Hash{bad, proof[1:], proof[:len(proof)-1]} {
			if i == 0 && tiles.CheckInclusion(p, index, size, leaf, root) == nil ||
				i == 1 && tiles.CheckConsistency(p, from, size, old, root) == nil {
				t.Fatal("a spoilt proof is accepted")
			}
		}
	}
}

func raw(hashes []board.Hash) [][]byte {
	out := make([][]byte, len(hashes))
	for i := range hashes {
		out[i] = hashes[i][:]
	}
	return out
}

func TestProofsKeepToTheLog(t *testing.T) {
	s := newScene(t)
	if _, err := s.Append(t.Context(), numbered(10)...); err != nil {
		t.Fatal(err)
	}
	hashes := tiles.Hashes(t.Context(), tiles.Files{Log: s.Log}, 10)
	for name, f := range map[string]func() error{
		"entry beyond":     func() error { _, err := tiles.Inclusion(hashes, 10, 10); return err },
		"tree beyond":      func() error { _, err := tiles.Inclusion(hashes, 1, 11); return err },
		"from beyond to":   func() error { _, err := tiles.Consistency(hashes, 5, 4); return err },
		"to beyond":        func() error { _, err := tiles.Consistency(hashes, 5, 11); return err },
		"enormous":         func() error { _, err := tiles.Consistency(hashes, 5, 1<<63); return err },
		"enormous root":    func() error { _, err := tiles.Root(hashes, 1<<63); return err },
		"check, enormous":  func() error { return tiles.CheckInclusion(nil, 1<<62, 1<<63, board.Hash{}, board.Hash{}) },
		"check, backwards": func() error { return tiles.CheckConsistency(nil, 5, 4, board.Hash{}, board.Hash{}) },
	} {
		if err := f(); !errors.Is(err, board.ErrOutOfRange) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
