package settings

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"

	"scrutineer/harness/nearest"
)

// maxFile bounds a configuration file, in bytes; real ones have a few lines.
const maxFile = 256 << 10

// entry is one key of the file. A scalar is one value.
type entry struct {
	where  string
	values []string
}

// file reads the configuration: one mapping from flag names to values.
func (s Sources) file(name string) (map[string]entry, error) {
	data, err := s.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("reading the configuration: %w", err)
	}
	if len(data) > maxFile {
		return nil, &Fault{Where: name, Problem: fmt.Sprintf("a configuration has at most %d bytes, this one has %d", maxFile, len(data))}
	}
	root, err := parse(name, data)
	if err != nil || root == nil {
		return nil, err
	}
	if root.Kind != yaml.MappingNode {
		return nil, &Fault{Where: place(name, root), Problem: "a configuration is a mapping from names to values"}
	}
	entries := map[string]entry{}
	var faults []error
	for i := 0; i+1 < len(root.Content); i += 2 {
		key, value := root.Content[i], root.Content[i+1]
		e, err := s.entry(name, key, value)
		if err == nil {
			if first, twice := entries[key.Value]; twice {
				err = &Fault{Where: place(name, key), Problem: fmt.Sprintf("%s is set twice, first at %s", key.Value, first.where)}
			} else {
				entries[key.Value] = e
			}
		}
		faults = append(faults, err)
	}
	return entries, errors.Join(faults...)
}

func (s Sources) entry(name string, key, value *yaml.Node) (entry, error) {
	if key.Kind != yaml.ScalarNode {
		return entry{}, &Fault{Where: place(name, key), Problem: "a name is expected here"}
	}
	if known := contains(s.Known, key.Value); !known {
		return entry{}, &Fault{
			Where: place(name, key), Problem: fmt.Sprintf("no setting has the name %s", key.Value),
			Nearest: nearest.Name(key.Value, s.Known),
		}
	}
	e := entry{where: place(name, value)}
	switch {
	case value.Kind == yaml.ScalarNode && value.Tag != "!!null":
		e.values = []string{value.Value}
	case value.Kind == yaml.SequenceNode:
		for _, item := range value.Content {
			if item.Kind != yaml.ScalarNode || item.Tag == "!!null" {
				return entry{}, &Fault{Where: place(name, item), Problem: key.Value + ": an item of a list is one value"}
			}
			e.values = append(e.values, item.Value)
		}
	default:
		return entry{}, &Fault{Where: e.where, Problem: key.Value + ": a value or a list of values is expected here"}
	}
	return e, nil
}

func contains(list []string, s string) bool {
	for _, item := range list {
		if item == s {
			return true
		}
	}
	return false
}

// parse returns the root of the only document, nil for an empty one.
func parse(name string, data []byte) (*yaml.Node, error) {
	if at, bad := unreadable(data); bad {
		line := 1 + bytes.Count(data[:at], []byte("\n"))
		column := 1 + utf8.RuneCount(data[bytes.LastIndexByte(data[:at], '\n')+1:at])
		return nil, &Fault{Where: fmt.Sprintf("%s:%d:%d", name, line, column), Problem: "this is not text in UTF-8"}
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var document, second yaml.Node
	if err := decoder.Decode(&document); errors.Is(err, io.EOF) {
		return nil, nil
	} else if err != nil {
		return nil, syntaxFault(name, err)
	}
	if err := decoder.Decode(&second); err == nil {
		return nil, &Fault{Where: place(name, &second), Problem: "a configuration is one document, a second begins here"}
	} else if !errors.Is(err, io.EOF) {
		return nil, syntaxFault(name, err)
	}
	if len(document.Content) != 1 || document.Content[0].Tag == "!!null" {
		return nil, nil
	}
	return document.Content[0], nil
}

// unreadable returns the offset of the first byte that is no text.
func unreadable(data []byte) (int, bool) {
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size == 1 || r < ' ' && r != '\n' && r != '\r' && r != '\t' {
			return i, true
		}
		i += size
	}
	return 0, false
}

func syntaxFault(name string, err error) error {
	var load *yaml.LoadError
	if errors.As(err, &load) && load.Mark.Line > 0 {
		return &Fault{Where: fmt.Sprintf("%s:%d:%d", name, load.Mark.Line, load.Mark.Column), Problem: load.Message}
	}
	return &Fault{Where: name, Problem: strings.TrimPrefix(err.Error(), "yaml: ")}
}

func place(name string, n *yaml.Node) string {
	return fmt.Sprintf("%s:%d:%d", name, n.Line, n.Column)
}
