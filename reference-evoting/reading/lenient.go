package reading

import (
	"bytes"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"scrutineer/protocols/codec"
)

// The lenient rule is that of most parsers of JSON (Bishop Fox, An Exploration
// of JSON Interoperability Vulnerabilities, 2021): of members that are there
// twice the last one counts, names are the same in another case or written
// with escapes, members that nobody knows are passed over, and so are
// comments, a byte order mark, NaN, Infinity and what is not UTF-8.

// maxNested is how deep values are read; what is deeper is passed over, as
// long as nobody needs it, at the cost of looking at each byte once.
const maxNested = 64

// node is a value as it was read.
type node struct {
	start, end int
	object     bool
	list       bool
	plain      []byte // the canonical text of anything else; nil if there is none
	names      []string
	values     []*node // members or elements
}

// member is the one that counts under a name; nil where there is none.
func (n *node) member(name string) *node {
	for i, known := range slices.Backward(n.names) {
		if strings.EqualFold(known, name) {
			return n.values[i]
		}
	}
	return nil
}

// drop takes every member of a name away.
func (n *node) drop(name string) {
	for i := len(n.names) - 1; i >= 0; i-- {
		if strings.EqualFold(n.names[i], name) {
			n.names, n.values = slices.Delete(n.names, i, i+1), slices.Delete(n.values, i, i+1)
		}
	}
}

// fit writes the value as the strict codec reads a value of type t.
func (n *node) fit(out []byte, t reflect.Type) []byte {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case n.object && t.Kind() == reflect.Struct:
		return n.members(out, t)
	case n.list && t.Kind() == reflect.Slice:
		out = append(out, '[')
		for i, v := range n.values {
			if i > 0 {
				out = append(out, ',')
			}
			out = v.fit(out, t.Elem())
		}
		return append(out, ']')
	}
	return append(out, n.plain...)
}

// members writes those that the struct has, in the order of its fields, which
// is the canonical one.
func (n *node) members(out []byte, t reflect.Type) []byte {
	out = append(out, '{')
	some := false
	for i := range t.NumField() {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		v := n.member(name)
		if v == nil {
			continue
		}
		if some {
			out = append(out, ',')
		}
		some = true
		out = append(strconv.AppendQuote(out, name), ':')
		out = v.fit(out, t.Field(i).Type)
	}
	return append(out, '}')
}

// parser reads one value, whatever comes after it.
type parser struct {
	raw []byte
	at  int
	bad bool
}

// parse reads a whole text.
func parse(raw []byte) (*node, bool) {
	p := &parser{raw: raw}
	n := p.value(0)
	p.space()
	return n, !p.bad && n.object && p.at == len(raw)
}

// space passes over what is no value.
func (p *parser) space() {
	for p.at < len(p.raw) {
		rest := p.raw[p.at:]
		switch {
		case bytes.IndexByte([]byte(" \t\r\n"), rest[0]) >= 0:
			p.at++
		case bytes.HasPrefix(rest, []byte("\ufeff")):
			p.at += len("\ufeff")
		case bytes.HasPrefix(rest, []byte("/*")):
			p.until("*/")
		case bytes.HasPrefix(rest, []byte("//")):
			p.until("\n")
		default:
			return
		}
	}
}

func (p *parser) until(end string) {
	if i := bytes.Index(p.raw[p.at:], []byte(end)); i >= 0 {
		p.at += i + len(end)
		return
	}
	p.at = len(p.raw)
}

// take consumes a byte if it is next.
func (p *parser) take(c byte) bool {
	p.space()
	if p.at < len(p.raw) && p.raw[p.at] == c {
		p.at++
		return true
	}
	return false
}

func (p *parser) value(depth int) *node {
	p.space()
	n := &node{start: p.at}
	switch {
	case p.bad || p.at == len(p.raw):
		p.bad = true
	case depth > maxNested && (p.raw[p.at] == '{' || p.raw[p.at] == '['):
		p.at += len(first(p.raw[p.at:]))
	case p.take('{'):
		n.object = true
		p.items(n, '}', depth)
	case p.take('['):
		n.list = true
		p.items(n, ']', depth)
	case p.raw[p.at] == '"':
		n.plain = quoted(p.text())
	default:
		n.plain = p.word()
	}
	n.end = p.at
	return n
}

// items reads members or elements up to the closing bracket.
func (p *parser) items(n *node, closing byte, depth int) {
	for !p.bad && !p.take(closing) {
		if len(n.values) > 0 && !p.take(',') {
			p.bad = true
			return
		}
		if n.object {
			p.space()
			n.names = append(n.names, p.text())
			if !p.take(':') {
				p.bad = true
				return
			}
		}
		n.values = append(n.values, p.value(depth+1))
	}
}

// text reads a string. What is not UTF-8 becomes U+FFFD.
func (p *parser) text() string {
	if p.at >= len(p.raw) || p.raw[p.at] != '"' {
		p.bad = true
		return ""
	}
	from := p.at + 1
	for i := from; i < len(p.raw); i++ {
		switch p.raw[i] {
		case '\\':
			i++
		case '"':
			p.at = i + 1
			return p.unescape(p.raw[from:i])
		}
	}
	p.bad = true
	return ""
}

func (p *parser) unescape(raw []byte) string {
	s := strings.ToValidUTF8(string(raw), string(utf8.RuneError))
	if !strings.Contains(s, `\`) {
		return s
	}
	out, err := strconv.Unquote(`"` + strings.ReplaceAll(s, `\/`, `/`) + `"`)
	p.bad = p.bad || err != nil
	return out
}

// word reads a number or a literal; NaN and Infinity have no canonical text.
func (p *parser) word() []byte {
	end := p.at
	for end < len(p.raw) && bytes.IndexByte([]byte(",]} \t\r\n/"), p.raw[end]) < 0 {
		end++
	}
	w := p.raw[p.at:end]
	p.bad = p.bad || end == p.at
	p.at = end
	switch string(w) {
	case "NaN", "Infinity", "-Infinity":
		return nil
	}
	return w
}

// quoted is the canonical text of a string.
func quoted(s string) []byte {
	out, err := codec.Encode(s)
	if err != nil {
		return nil
	}
	return out
}
