package pack_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"scrutineer/protocols/pack"
)

var names = []string{"pack.json", "ballots.jsonl"}

const limit = 1 << 20

func archive() []byte {
	return pack.Write([]pack.File{{names[0], []byte("{}")}, {names[1], []byte("a\nb\n")}})
}

// What is written is read back, here and by any other program.
func TestWrittenIsRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := [][]byte{rapid.SliceOf(rapid.Byte()).Draw(t, "first"), rapid.SliceOf(rapid.Byte()).Draw(t, "second")}
		raw := pack.Write([]pack.File{{names[0], want[0]}, {names[1], want[1]}})
		got, err := pack.Read(raw, limit, names...)
		if err != nil {
			t.Fatal(err)
		}
		other, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
		if err != nil || len(other.File) != len(names) {
			t.Fatal(err)
		}
		for i, f := range other.File {
			r, err := f.Open()
			if err != nil {
				t.Fatal(err)
			}
			read, err := io.ReadAll(r) // checks the sum
			if err != nil || f.Name != names[i] || !bytes.Equal(read, want[i]) || !bytes.Equal(got[i], want[i]) {
				t.Errorf("%s: %v", f.Name, err)
			}
		}
	})
}

// One byte that is changed, left out or put in is refused.
func TestEveryByteCounts(t *testing.T) {
	raw := archive()
	for i := range raw {
		changed := bytes.Clone(raw)
		changed[i]++
		refused(t, changed)
		refused(t, append(bytes.Clone(raw[:i]), raw[i+1:]...))
		refused(t, append(append(bytes.Clone(raw[:i]), 0), raw[i:]...))
	}
}

func TestForeignArchives(t *testing.T) {
	file := func(name string) pack.File { return pack.File{Name: name, Content: []byte("x")} }
	for name, raw := range map[string][]byte{
		"empty":            nil,
		"no file":          pack.Write(nil),
		"other order":      pack.Write([]pack.File{file(names[1]), file(names[0])}),
		"a file more":      pack.Write([]pack.File{file(names[0]), file(names[1]), file("x")}),
		"a name twice":     pack.Write([]pack.File{file(names[0]), file(names[0])}),
		"another case":     pack.Write([]pack.File{file("Pack.json"), file(names[1])}),
		"a path":           pack.Write([]pack.File{file("../pack.json"), file(names[1])}),
		"something before": append([]byte("#!"), archive()...),
		"something behind": append(archive(), 0),
		"twice":            append(archive(), archive()...),
		"compressed":       compressed(t),
		"too long":         append(archive(), make([]byte, limit)...),
	} {
		t.Run(name, func(t *testing.T) { refused(t, raw) })
	}
}

// compressed is the same files as another program writes them.
func compressed(t *testing.T) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, name := range names {
		f, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write(bytes.Repeat([]byte("{}"), 100)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func refused(t *testing.T, raw []byte) {
	t.Helper()
	got, err := pack.Read(raw, limit, names...)
	if !errors.Is(err, pack.ErrArchive) || cmp.Diff([][]byte(nil), got) != "" {
		t.Errorf("%v, %q", err, got)
	}
}
