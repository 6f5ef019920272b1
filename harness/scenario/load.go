package scenario

import (
	"cmp"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"scrutineer/harness/strictyaml"
)

// Schema is the published JSON schema (2020-12) of a scenario file.
//
//go:embed schema.json
var Schema []byte

// ErrTwice means that two files claim one scenario id.
var ErrTwice = errors.New("scenario id is there twice")

// Parse reads one scenario; name stands in errors. An error about the file is
// a *strictyaml.Fault.
func Parse(name string, data []byte, words Vocabulary) (*Scenario, error) {
	s := new(Scenario)
	doc, err := strictyaml.Decode(name, data, s)
	if err != nil {
		return nil, err
	}
	c := checker{doc: doc, s: s, words: words}
	c.check()
	if err := doc.First(); err != nil {
		return nil, err
	}
	return s, nil
}

// LoadFile reads the scenario file at path.
func LoadFile(path string, words Vocabulary) (*Scenario, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := readLimited(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return Parse(path, data, words)
}

// Load reads every *.yaml, *.yml and *.json file at the root of fsys and
// returns the scenarios sorted by id. Other files and folders are left alone.
// The first faulty file, by name, is the error.
func Load(fsys fs.FS, words Vocabulary) ([]*Scenario, error) { return load(fsys, "", words) }

// LoadFolder is Load of a folder of the file system; names in errors begin
// with its path.
func LoadFolder(folder string, words Vocabulary) ([]*Scenario, error) {
	return load(os.DirFS(folder), folder, words)
}

func load(fsys fs.FS, prefix string, words Vocabulary) ([]*Scenario, error) {
	files, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, err
	}
	var out []*Scenario
	for _, f := range files {
		if f.IsDir() || !slices.Contains([]string{".yaml", ".yml", ".json"}, strings.ToLower(path.Ext(f.Name()))) {
			continue
		}
		s, err := open(fsys, f.Name(), filepath.Join(prefix, f.Name()), words)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return Join(out)
}

func open(fsys fs.FS, name, shown string, words Vocabulary) (*Scenario, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := readLimited(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", shown, err)
	}
	return Parse(shown, data, words)
}

// readLimited reads one byte more than a scenario may have, so that a file
// that is too long is seen to be.
func readLimited(r io.Reader) ([]byte, error) {
	return io.ReadAll(io.LimitReader(r, strictyaml.MaxSize+1))
}

// Join puts sets of scenarios together, sorted by id.
func Join(sets ...[]*Scenario) ([]*Scenario, error) {
	out := slices.Concat(sets...)
	slices.SortStableFunc(out, func(a, b *Scenario) int { return cmp.Compare(a.ID, b.ID) })
	for i := 1; i < len(out); i++ {
		if out[i].ID == out[i-1].ID {
			return nil, fmt.Errorf("%w: %s (%q and %q)", ErrTwice, out[i].ID, out[i-1].Title, out[i].Title)
		}
	}
	return out, nil
}
