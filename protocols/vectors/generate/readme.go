package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// The README is written by hand but for what stands between these lines.
const (
	begin = "<!-- %s: written by go run ./protocols/vectors/generate -->\n"
	end   = "<!-- end of %s -->\n"
)

func (b *book) readme() ([]byte, error) {
	text, err := os.ReadFile(filepath.Join(b.dir, "README.md"))
	if err != nil {
		return nil, err
	}
	for name, table := range map[string][]byte{"files": b.kindTable(), "flags": b.flagTable()} {
		if text, err = replace(text, name, table); err != nil {
			return nil, err
		}
	}
	return text, nil
}

func replace(text []byte, name string, table []byte) ([]byte, error) {
	first, last := fmt.Sprintf(begin, name), fmt.Sprintf(end, name)
	before, rest, ok := bytes.Cut(text, []byte(first))
	_, after, closed := bytes.Cut(rest, []byte(last))
	if !ok || !closed {
		return nil, fmt.Errorf("README.md has no place for the table of %s", name)
	}
	return slices.Concat(before, []byte(first), table, []byte(last), after), nil
}

func (b *book) kindTable() []byte {
	var out bytes.Buffer
	out.WriteString("| file | valid | invalid | a case asks |\n|---|---|---|---|\n")
	valid, invalid := 0, 0
	for _, r := range b.rows {
		fmt.Fprintf(&out, "| [`%s.json`](%s.json) | %d | %d | %s |\n", r.kind, r.kind, r.valid, r.invalid, r.asks)
		valid, invalid = valid+r.valid, invalid+r.invalid
	}
	fmt.Fprintf(&out, "| together | %d | %d | |\n", valid, invalid)
	return out.Bytes()
}

func (b *book) flagTable() []byte {
	var out bytes.Buffer
	out.WriteString("| flag | bug | the input | an attacker gains | in | seen |\n|---|---|---|---|---|---|\n")
	names := []string{}
	for name := range flags() {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		n := flags()[name]
		fmt.Fprintf(&out, "| `%s` | %s | %s | %s | %s | %s |\n", name, n.BugType, n.Description, n.Effect,
			strings.Join(b.used[name], ", "), strings.Join(n.Links, "; "))
	}
	return out.Bytes()
}
