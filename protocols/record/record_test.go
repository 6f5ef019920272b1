package record_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"scrutineer/protocols/message"
	"scrutineer/protocols/record"
)

func TestPathsRoundTrip(t *testing.T) {
	for _, c := range []struct {
		path string
		want record.Path
	}{
		{"checkpoint", record.Path{Kind: record.KindCheckpoint}},
		{"checkpoints/sealed", record.Path{Kind: record.KindCheckpoint, Moment: record.Sealed}},
		{"tile/0/000", record.Path{Kind: record.KindTile, Width: 256}},
		{"tile/1/x001/234.p/5", record.Path{Kind: record.KindTile, Level: 1, Index: 1234, Width: 5}},
		{"tile/entries/x001/x234/067", record.Path{Kind: record.KindEntries, Index: 1234067, Width: 256}},
		{"chunk/" + strings.Repeat("0a", 32), record.Path{Kind: record.KindChunk, Digest: [32]byte(bytes.Repeat([]byte{10}, 32))}},
	} {
		got, err := record.Parse(c.path)
		if err != nil || got != c.want || got.String() != c.path {
			t.Errorf("%s: got %+v %q, %v", c.path, got, got.String(), err)
		}
	}
}

func TestPathsRefused(t *testing.T) {
	for _, path := range []string{
		"", ".", "/checkpoint", "checkpoint/", "checkpoints", "checkpoints/", "checkpoints/final", "./checkpoint",
		"tile/0/0", "tile/0/0000", "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/01", "tile/00/000", "tile/64/000",
		"tile/0/x000/001", "tile/0/001/234", "tile/0/x001/x234", "tile/0/000.p/1.p/1", "tile/-1/000", "tile/0/../0/000",
		"tile/entries/", "tile/0/99999999999999999999999", "tile/0/x9x/000", "tile/0/+01",
		"chunk/00", "chunk/" + strings.Repeat("0A", 32), "chunk/" + strings.Repeat("a", 63), strings.Repeat("a", 1<<16),
	} {
		if p, err := record.Parse(path); !errors.Is(err, record.ErrPath) {
			t.Errorf("%.80q: got %+v, %v", path, p, err)
		}
	}
}

func TestPathProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := record.Path{
			Kind:  rapid.SampledFrom([]record.Kind{record.KindTile, record.KindEntries}).Draw(t, "kind"),
			Index: rapid.Uint64Range(0, 1<<40).Draw(t, "index"),
			Width: rapid.IntRange(1, 256).Draw(t, "width"),
		}
		if p.Kind == record.KindTile {
			p.Level = uint8(rapid.IntRange(0, 63).Draw(t, "level"))
		}
		got, err := record.Parse(p.String())
		if err != nil || got != p {
			t.Fatalf("%s: got %+v, %v", p, got, err)
		}
	})
}

// entries makes n distinct entries.
func entries(n int) [][]byte {
	out := make([][]byte, n)
	for i := range out {
		out[i] = fmt.Appendf(nil, "entry %d", i)
	}
	return out
}

// tlogTree is the root and the tiles of the same entries by another
// implementation.
func tlogTree(t *testing.T, all [][]byte) (tlog.Hash, map[string][]byte) {
	t.Helper()
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(indexes))
		for i, x := range indexes {
			out[i] = stored[x]
		}
		return out, nil
	})
	for i, e := range all {
		hashes, err := tlog.StoredHashes(int64(i), e, reader)
		if err != nil {
			t.Fatal(err)
		}
		stored = append(stored, hashes...)
	}
	root, err := tlog.TreeHash(int64(len(all)), reader)
	if err != nil {
		t.Fatal(err)
	}
	tiles := map[string][]byte{}
	for _, tile := range tlog.NewTiles(8, 0, int64(len(all))) {
		if tile.W < 256 && int64(tile.N)<<(8*tile.L+8) > int64(len(all)) {
			continue
		}
		data, err := tlog.ReadTileData(tile, reader)
		if err != nil {
			t.Fatal(err)
		}
		tiles[strings.Replace(tile.Path(), "tile/8/", "tile/", 1)] = data
	}
	return root, tiles
}

func TestExportAgreesWithTlog(t *testing.T) {
	for _, n := range []int{0, 1, 2, 3, 255, 256, 257, 511, 512, 1000, 65536, 65537, 66000} {
		all := entries(n)
		m, tree, err := record.Export{Entries: record.Slice(all), Checkpoints: map[record.Moment][]byte{record.Final: {1}}}.Memory()
		if err != nil {
			t.Fatal(err)
		}
		root, tiles := tlogTree(t, all)
		if tree.Size != uint64(n) || (n > 0 && tree.Root != message.Digest(root)) {
			t.Fatalf("%d entries: tree %+v, want root %x", n, tree, root)
		}
		for path, data := range tiles {
			if !bytes.Equal(m[path], data) {
				t.Fatalf("%d entries: %s differs", n, path)
			}
		}
		checkLayout(t, m, record.Layout{Size: uint64(n), Aborted: true})
		checkEntries(t, m, all)
	}
}

func checkLayout(t *testing.T, m record.Memory, l record.Layout) {
	t.Helper()
	count := uint64(0)
	for p := range l.All() {
		count++
		if _, ok := m[p.String()]; !ok {
			t.Errorf("size %d: %s is missing", l.Size, p)
		}
	}
	if count != l.Count() || count != uint64(len(m)) {
		t.Errorf("size %d: %d files listed, %d counted, %d there", l.Size, count, l.Count(), len(m))
	}
	for path, data := range m {
		p, err := record.Parse(path)
		if err != nil || !l.Contains(p) || len(data) > p.Limit() {
			t.Errorf("size %d: %s: %v", l.Size, path, err)
		}
		if p.Width < 256 && p.Width > 1 {
			p.Width--
			if l.Contains(p) {
				t.Errorf("size %d: narrower %s accepted", l.Size, p)
			}
		}
	}
}

func checkEntries(t *testing.T, m record.Memory, all [][]byte) {
	t.Helper()
	l := record.Layout{Size: uint64(len(all))}
	var got [][]byte
	for i := range l.Bundles() {
		w := l.BundleWidth(i)
		some, err := record.DecodeBundle(m[record.BundlePath(i, w)], w)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, some...)
	}
	if !slices.EqualFunc(got, all, bytes.Equal) {
		t.Errorf("%d entries do not come back", len(all))
	}
}

func TestHostileSizes(t *testing.T) {
	for _, size := range []uint64{record.MaxSize, record.MaxSize + 1, 1<<63 - 1, 1<<64 - 1} {
		l := record.Layout{Size: size}
		l.Count()
		for range l.All() {
			break
		}
		l.Contains(record.Path{Kind: record.KindTile, Level: 63, Index: 1<<63 - 1, Width: 256})
		l.Contains(record.Path{Kind: record.KindEntries, Index: 1<<63 - 1, Width: 1})
	}
}

func TestBundlesRefused(t *testing.T) {
	for name, c := range map[string]struct {
		data  []byte
		width int
	}{
		"empty":         {nil, 1},
		"half a length": {[]byte{0}, 1},
		"short entry":   {[]byte{0, 2, 1}, 1},
		"too few":       {[]byte{0, 1, 1}, 2},
		"trailing":      {[]byte{0, 1, 1, 0}, 1},
		"no entries":    {[]byte{0}, 0},
		"too wide":      {nil, 257},
		"negative":      {nil, -1},
	} {
		if got, err := record.DecodeBundle(c.data, c.width); !errors.Is(err, record.ErrBundle) {
			t.Errorf("%s: got %v, %v", name, got, err)
		}
	}
	if _, err := record.AppendEntry(nil, make([]byte, record.MaxEntry+1)); !errors.Is(err, record.ErrTooLarge) {
		t.Errorf("entry above the limit: %v", err)
	}
}

func export(all [][]byte) record.Export {
	chunk := []byte("chunk")
	return record.Export{
		Entries: record.Slice(all),
		Chunks:  record.Slice([][]byte{chunk, chunk}),
		Checkpoints: map[record.Moment][]byte{
			record.Final: []byte("f"), record.Opened: []byte("o"), record.Closed: []byte("c"), record.Sealed: []byte("s")},
	}
}

func TestFolderHoldsWhatMemoryHolds(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "record")
	if _, err := export(entries(300)).Folder(dir); err != nil {
		t.Fatal(err)
	}
	want, _, err := export(entries(300)).Memory()
	if err != nil {
		t.Fatal(err)
	}
	folder, err := record.OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer folder.Close()
	got := record.Memory{}
	err = folder.List(func(f record.File) bool {
		data, err := folder.Read(f.Path, int(f.Size))
		if err != nil || f.Irregular != "" {
			t.Errorf("%+v: %v", f, err)
		}
		got[f.Path] = data
		return true
	})
	if err != nil || len(got) != len(want) {
		t.Fatalf("%d files of %d, %v", len(got), len(want), err)
	}
	for path := range want {
		if !bytes.Equal(got[path], want[path]) {
			t.Errorf("%s differs", path)
		}
	}
	if _, err := export(nil).Folder(dir); !errors.Is(err, record.ErrExists) {
		t.Errorf("written over a record: %v", err)
	}
}

func TestFailedExportLeavesNothing(t *testing.T) {
	parent := t.TempDir()
	boom := errors.New("boom")
	e := export(nil)
	e.Entries = func(yield func([]byte, error) bool) { _ = yield([]byte("x"), nil) && yield(nil, boom) }
	if _, err := e.Folder(filepath.Join(parent, "record")); !errors.Is(err, boom) {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(parent); len(left) > 0 {
		t.Errorf("left over: %v", left)
	}
}

func TestFolderFollowsNothing(t *testing.T) {
	outside := t.TempDir()
	write(t, filepath.Join(outside, "secret"), "secret")
	dir := t.TempDir()
	write(t, filepath.Join(dir, "checkpoint"), "12345")
	for name, to := range map[string]string{
		"absolute": filepath.Join(outside, "secret"), "inside": "checkpoint", "folder": outside, "loop": "loop"} {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "empty"), 0o755); err != nil {
		t.Fatal(err)
	}
	folder, err := record.OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer folder.Close()
	for path, want := range map[string]error{
		"absolute": record.ErrIrregular, "inside": record.ErrIrregular, "folder/secret": record.ErrIrregular,
		"loop": record.ErrIrregular, "empty": record.ErrIrregular, "checkpoint/x": record.ErrIrregular,
		"../" + filepath.Base(outside) + "/secret": record.ErrPath, "/etc/passwd": record.ErrPath, "": record.ErrPath,
		"nothing": record.ErrNotFound, "checkpoint": record.ErrTooLarge,
	} {
		if data, err := folder.Read(path, 4); !errors.Is(err, want) || data != nil {
			t.Errorf("%q: got %q, %v, want %v", path, data, err, want)
		}
	}
	var listed []string
	if err := folder.List(func(f record.File) bool { listed = append(listed, f.Path+": "+f.Irregular); return true }); err != nil {
		t.Fatal(err)
	}
	want := []string{"absolute: symbolic link", "checkpoint: ", "empty: empty folder", "folder: symbolic link", "inside: symbolic link", "loop: symbolic link"}
	if !slices.Equal(listed, want) {
		t.Errorf("listed %q", listed)
	}
}

func write(t *testing.T, name, data string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(data), 0o600); err != nil {
		t.Fatal(err)
	}
}
