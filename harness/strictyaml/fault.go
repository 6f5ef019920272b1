package strictyaml

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Position is a place in a file; lines and columns count from 1. The zero
// Position means that the place is not known.
type Position struct{ Line, Column int }

// Fault is one thing that is wrong with a file: where, what, and how to mend
// it. It is the error of this package.
type Fault struct {
	File string
	Position
	// Message says what is wrong, Mend what to do about it; Mend may be empty.
	Message, Mend string
}

// Error returns "file:line:column: message; mend".
func (f *Fault) Error() string {
	var b strings.Builder
	b.WriteString(f.File)
	if f.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", f.Line, f.Column)
	}
	b.WriteString(": " + f.Message)
	if f.Mend != "" {
		b.WriteString("; " + f.Mend)
	}
	return b.String()
}

// Document remembers where each value of a decoded file stood, so that checks
// made after decoding can still name the place.
type Document struct {
	name   string
	places map[string]Position
	faults []Fault
}

// Name is the file name that was given to Decode.
func (d *Document) Name() string { return d.name }

// Has reports whether the file holds a value at path, such as
// "cases[2].with".
func (d *Document) Has(path string) bool {
	_, ok := d.places[path]
	return ok
}

// At returns the position of the value at path, or of the nearest value
// around it where the file holds none there.
func (d *Document) At(path string) Position {
	for {
		if p, ok := d.places[path]; ok || path == "" {
			return p
		}
		path = path[:max(strings.LastIndexAny(path, ".["), 0)]
	}
}

// Add notes a fault at path. The file is not rejected before First is called.
func (d *Document) Add(path, message, mend string) {
	d.addAt(d.At(path), message, mend)
}

func (d *Document) addAt(p Position, message, mend string) {
	d.faults = append(d.faults, Fault{File: d.name, Position: p, Message: message, Mend: mend})
}

// First returns the fault that stands first in the file, or nil. Faults at
// one place are ordered as they were noted.
func (d *Document) First() error {
	if len(d.faults) == 0 {
		return nil
	}
	first := slices.MinFunc(d.faults, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return &first
}
