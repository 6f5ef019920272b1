// Package strictyaml reads a YAML file into Go structs and accepts nothing
// that the structs do not say: unknown, doubled and missing keys, wrong types,
// words outside their list, anchors, aliases, tags, merge keys, second
// documents, empty values and files above a limit are faults, each with line,
// column and a way to mend it. JSON is YAML, so the same holds for JSON files.
//
// Of several faults the first in the file is reported, so one file always
// gives one and the same error. The package knows no scenario and no
// configuration; its callers bring the structs and make their own checks of
// meaning afterwards, with positions from [Document].
//
// Fields are named by the tag `yaml:"name"` and wanted by `need:"yes"`; a
// number with `min:"1"` may be left out but not be 0. A field or a list holds strings, int, int64, uint64, bool, structs, maps with
// string keys, or any; a string type with a method Words has its values
// listed.
package strictyaml

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// Limits of what Decode reads.
const (
	// MaxSize is the longest file in bytes.
	MaxSize = 256 << 10
	// MaxDepth is how deep lists and mappings may nest.
	MaxDepth = 24
)

// Decode reads data into the struct that into points to; name stands in
// errors. The error is a *Fault.
func Decode(name string, data []byte, into any) (*Document, error) {
	d := &Document{name: name, places: map[string]Position{}}
	root := d.parse(data)
	if root != nil {
		d.value("", root, reflect.ValueOf(into).Elem(), 0)
	}
	if err := d.First(); err != nil {
		return nil, err
	}
	return d, nil
}

// parse returns the root node of the only document in data, or nil after a
// fault.
func (d *Document) parse(data []byte) *yaml.Node {
	if len(data) > MaxSize {
		d.addAt(Position{1, 1}, fmt.Sprintf("the file has %d bytes, the limit is %d", len(data), MaxSize), "split it")
		return nil
	}
	if p, bad := badByte(data); bad != "" {
		d.addAt(p, bad, "save the file as plain UTF-8 text")
		return nil
	}
	loader, err := yaml.NewLoader(strings.NewReader(string(data)))
	if err != nil {
		d.addAt(Position{1, 1}, err.Error(), "")
		return nil
	}
	var first, second yaml.Node
	switch err := loader.Load(&first); {
	case errors.Is(err, io.EOF):
		d.addAt(Position{1, 1}, "the file is empty", "")
		return nil
	case err != nil:
		d.syntax(err)
		return nil
	}
	switch err := loader.Load(&second); {
	case err == nil:
		d.addAt(Position{second.Line, second.Column}, "a second document begins here", "keep one document in a file")
		return nil
	case !errors.Is(err, io.EOF):
		d.syntax(err)
		return nil
	}
	if first.Kind != yaml.DocumentNode || len(first.Content) != 1 {
		d.addAt(Position{1, 1}, "the file is empty", "")
		return nil
	}
	return first.Content[0]
}

// syntax notes an error of the YAML parser.
func (d *Document) syntax(err error) {
	var le *yaml.LoadError
	if !errors.As(err, &le) {
		d.addAt(Position{1, 1}, err.Error(), "")
		return
	}
	p := Position{max(le.Mark.Line, 1), max(le.Mark.Column, 1)}
	message := le.Message
	if le.ContextMsg != "" {
		message = le.ContextMsg + ": " + message
	}
	d.addAt(p, "not YAML: "+message, "check indentation, quotes and brackets")
}

// badByte finds the first byte that is not UTF-8 text; the parser would
// reject it too, but could not say where.
func badByte(data []byte) (Position, string) {
	line, column := 1, 1
	for len(data) > 0 {
		r, n := utf8.DecodeRune(data)
		switch {
		case r == utf8.RuneError && n == 1:
			return Position{line, column}, fmt.Sprintf("byte %#02x is not UTF-8", data[0])
		case r == '\uFEFF', unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t':
			return Position{line, column}, fmt.Sprintf("control character U+%04X", r)
		case r == '\n':
			line, column = line+1, 0
		}
		column++
		data = data[n:]
	}
	return Position{}, ""
}
