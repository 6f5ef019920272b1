package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"
)

// Each file holds a stream of `go test -json` and what a reader is to see.
func TestSummaryOfStream(t *testing.T) {
	files, err := filepath.Glob("testdata/stream/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no streams: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			stream, want := string(archive.Files[0].Data), string(archive.Files[1].Data)
			var out strings.Builder
			s := newSummary(&out)
			if err := s.read(strings.NewReader(stream)); err != nil {
				t.Fatal(err)
			}
			s.print(true)
			if diff := cmp.Diff(want, out.String()); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// A module of three lines, through the real go test: the exit status is what
// a gate acts on.
func TestExitStatus(t *testing.T) {
	tests := map[string]struct {
		body       string
		requireAll bool
		want       int
	}{
		"passes":                    {``, true, 0},
		"fails":                     {`t.Fatal("bad")`, false, 1},
		"skips":                     {`t.Skip("why")`, false, 0},
		"skips what is required":    {`t.Skip("why")`, true, 1},
		"does not compile":          {`undefined()`, false, 1},
		"skips a required sub-test": {`t.Run("sub", func(t *testing.T) { t.Skip("why") })`, true, 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for file, text := range map[string]string{
				"go.mod":    "module m\n\ngo 1.26\n",
				"m_test.go": "package m\n\nimport \"testing\"\n\nfunc TestIt(t *testing.T) {\n" + test.body + "\n}\n",
			} {
				if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			t.Chdir(dir)
			var stdout, stderr bytes.Buffer
			if got := run([]string{"-vet=off", "./..."}, test.requireAll, &stdout, &stderr); got != test.want {
				t.Errorf("status %d, want %d\n%s%s", got, test.want, &stdout, &stderr)
			}
		})
	}
}
