package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"scrutineer/protocols/vectors"
)

// book collects what is generated: files, the numbers of cases, and where
// flags are used.
type book struct {
	dir   string
	files []file
	ids   ids
	used  map[string][]string // flag: kinds
	rows  []row
	docs  docs
}

// row is a line of the table of kinds in the README.
type row struct {
	kind           string
	valid, invalid int
	asks           string
}

func openBook(dir string) (*book, error) {
	b := &book{dir: dir, used: map[string][]string{}}
	var err error
	if b.ids, err = readIDs(filepath.Join(dir, idsPath)); err != nil {
		return nil, err
	}
	b.docs, err = readDocs(dir, filepath.Join(dir, "..", "message"))
	return b, err
}

// close adds what is made from all kinds together.
func (b *book) close() ([]file, error) {
	readme, err := b.readme()
	if err != nil {
		return nil, err
	}
	unused := []string{}
	for name := range flags() {
		if len(b.used[name]) == 0 {
			unused = append(unused, name)
		}
	}
	if len(unused) > 0 {
		slices.Sort(unused)
		return nil, fmt.Errorf("flags that no case has: %s", strings.Join(unused, ", "))
	}
	return append(b.files, file{"README.md", readme}, file{idsPath, b.ids.text()}), nil
}

const idsPath = "generate/ids.txt"

// ids are the numbers of all cases that ever were, by kind and comment.
type ids map[string]map[string]uint64

// readIDs reads lines of kind, number and comment.
func readIDs(path string) (ids, error) {
	out := ids{}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	for scan := bufio.NewScanner(bytes.NewReader(text)); scan.Scan(); {
		kind, rest, _ := strings.Cut(scan.Text(), " ")
		number, comment, _ := strings.Cut(rest, " ")
		n, err := strconv.ParseUint(number, 10, 32)
		if err != nil || comment == "" {
			return nil, fmt.Errorf("%s: line %q", path, scan.Text())
		}
		out.of(kind)[comment] = n
	}
	return out, nil
}

func (i ids) of(kind string) map[string]uint64 {
	if i[kind] == nil {
		i[kind] = map[string]uint64{}
	}
	return i[kind]
}

// number is the case's own, or the next one that was never used.
func (i ids) number(kind, comment string) uint64 {
	known := i.of(kind)
	if n, ok := known[comment]; ok {
		return n
	}
	var last uint64
	for _, n := range known {
		last = max(last, n)
	}
	known[comment] = last + 1
	return last + 1
}

func (i ids) text() []byte {
	var out bytes.Buffer
	kinds := []string{}
	for kind := range i {
		kinds = append(kinds, kind)
	}
	slices.Sort(kinds)
	for _, kind := range kinds {
		lines := make([]string, 0, len(i[kind]))
		for comment := range i[kind] {
			lines = append(lines, comment)
		}
		slices.SortFunc(lines, func(a, b string) int { return int(i[kind][a]) - int(i[kind][b]) })
		for _, comment := range lines {
			fmt.Fprintf(&out, "%s %d %s\n", kind, i[kind][comment], comment)
		}
	}
	return out.Bytes()
}

// suite is a file of vectors in the making.
type suite[C, I any] struct {
	book *book
	file vectors.File[C, I]
	seen map[string]bool
	asks string
}

// newSuite starts a file. Asks is one line for the README, header says it in
// full.
func newSuite[C, I any](b *book, kind, asks string, header ...string) *suite[C, I] {
	return &suite[C, I]{book: b, asks: asks, seen: map[string]bool{}, file: vectors.File[C, I]{
		Header: header, Kind: kind, Notes: map[string]vectors.Note{},
		Schema: "schema/" + kind + ".json", Specification: vectors.Specification,
	}}
}

// group starts a group of cases.
func (s *suite[C, I]) group(comment string, context C) {
	s.file.TestGroups = append(s.file.TestGroups, vectors.Group[C, I]{
		Comment: comment, Context: context, Tests: []vectors.Case[I]{},
	})
}

// context is that of the current group.
func (s *suite[C, I]) context() *C { return &s.file.TestGroups[len(s.file.TestGroups)-1].Context }

func (s *suite[C, I]) valid(comment string, input I, flags ...string) {
	s.add(vectors.Case[I]{Comment: comment, Flags: flags, Input: input, Result: vectors.Valid})
}

// invalid adds a case that fails a check, and may fail others named after it.
func (s *suite[C, I]) invalid(checks, comment string, input I, flags ...string) {
	list := strings.Fields(checks)
	s.add(vectors.Case[I]{
		Check: list[0], Also: list[1:], Comment: comment, Flags: flags, Input: input, Result: vectors.Invalid,
	})
}

func (s *suite[C, I]) add(c vectors.Case[I]) {
	if s.seen[c.Comment] {
		panic(s.file.Kind + ": two cases with the comment " + strconv.Quote(c.Comment))
	}
	s.seen[c.Comment] = true
	if c.Flags == nil {
		c.Flags = []string{}
	}
	for _, name := range c.Flags {
		note, ok := flags()[name]
		if !ok {
			panic(s.file.Kind + ": no flag " + name)
		}
		s.file.Notes[name] = note
	}
	c.TcID = s.book.ids.number(s.file.Kind, c.Comment)
	group := &s.file.TestGroups[len(s.file.TestGroups)-1]
	group.Tests = append(group.Tests, c)
	s.file.NumberOfTests++
}

// finish hands the file and its schema to the book.
func (s *suite[C, I]) finish() {
	kind := s.file.Kind
	line := row{kind: kind, asks: s.asks}
	for _, g := range s.file.TestGroups {
		for _, c := range g.Tests {
			if c.Result == vectors.Valid {
				line.valid++
			} else {
				line.invalid++
			}
		}
	}
	s.book.rows = append(s.book.rows, line)
	for name := range s.file.Notes {
		s.book.used[name] = append(s.book.used[name], kind)
	}
	s.book.files = append(s.book.files,
		file{kind + ".json", layoutFile(s.file)},
		file{s.file.Schema, schemaOf(s.file, s.book.docs)})
}
