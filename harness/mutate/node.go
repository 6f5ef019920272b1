package mutate

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// node is a piece of JSON text that can be taken apart and put together
// again: an object, a list, or a scalar as its text.
type node struct {
	object  bool
	list    bool
	members []member // in the order of the text; a name may occur twice
	items   []*node
	text    string
}

type member struct {
	name  string
	value *node
}

var errText = errors.New("not one piece of JSON")

// parse reads JSON text.
func parse(text []byte) (*node, error) {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	n, err := parseValue(d)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errText, err)
	}
	if d.More() {
		return nil, errText
	}
	return n, nil
}

func parseValue(d *json.Decoder) (*node, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('{'):
		n := &node{object: true}
		for d.More() {
			name, err := d.Token()
			if err != nil {
				return nil, err
			}
			value, err := parseValue(d)
			if err != nil {
				return nil, err
			}
			n.members = append(n.members, member{name.(string), value})
		}
		_, err = d.Token()
		return n, err
	case json.Delim('['):
		n := &node{list: true}
		for d.More() {
			item, err := parseValue(d)
			if err != nil {
				return nil, err
			}
			n.items = append(n.items, item)
		}
		_, err = d.Token()
		return n, err
	}
	text, err := scalar(token)
	return &node{text: text}, err
}

// scalar is a scalar as canonical text (RFC 8785 as far as records go: no
// escapes for <, > and &).
func scalar(token any) (string, error) {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(token)
	return strings.TrimSuffix(b.String(), "\n"), err
}

func quoted(s string) string {
	text, err := scalar(s)
	if err != nil {
		return `""`
	}
	return text
}

// bytes is the text.
func (n *node) bytes() []byte { return n.write(nil) }

func (n *node) write(out []byte) []byte {
	switch {
	case n.object:
		out = append(out, '{')
		for i, m := range n.members {
			if i > 0 {
				out = append(out, ',')
			}
			out = append(append(out, quoted(m.name)...), ':')
			out = m.value.write(out)
		}
		return append(out, '}')
	case n.list:
		out = append(out, '[')
		for i, item := range n.items {
			if i > 0 {
				out = append(out, ',')
			}
			out = item.write(out)
		}
		return append(out, ']')
	}
	return append(out, n.text...)
}

func (n *node) clone() *node {
	c := &node{object: n.object, list: n.list, text: n.text}
	for _, m := range n.members {
		c.members = append(c.members, member{m.name, m.value.clone()})
	}
	for _, item := range n.items {
		c.items = append(c.items, item.clone())
	}
	return c
}

// get is a member's value, or nil.
func (n *node) get(name string) *node {
	if n == nil {
		return nil
	}
	if i := n.at(name); i >= 0 {
		return n.members[i].value
	}
	return nil
}

func (n *node) at(name string) int {
	return slices.IndexFunc(n.members, func(m member) bool { return m.name == name })
}

// set puts a member in its place in the order of names.
func (n *node) set(name string, value *node) {
	if i := n.at(name); i >= 0 {
		n.members[i].value = value
		return
	}
	n.insert(name, value)
}

// insert adds a member, after one of the same name.
func (n *node) insert(name string, value *node) {
	at := slices.IndexFunc(n.members, func(m member) bool { return m.name > name })
	if at < 0 {
		at = len(n.members)
	}
	n.members = slices.Insert(n.members, at, member{name, value})
}

// str is the string in a scalar; empty where it is none.
func (n *node) str() string {
	var s string
	if n == nil || json.Unmarshal([]byte(n.text), &s) != nil {
		return ""
	}
	return s
}

func text(s string) *node { return &node{text: s} }
