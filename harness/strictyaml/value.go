package strictyaml

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"scrutineer/harness/nearest"
)

// Worded is implemented by string types whose values are a closed list.
type Worded interface{ Words() []string }

// value decodes node n into v, noting faults and places below path.
func (d *Document) value(path string, n *yaml.Node, v reflect.Value, depth int) {
	p := Position{n.Line, n.Column}
	d.places[path] = p
	switch {
	case depth > MaxDepth:
		d.addAt(p, fmt.Sprintf("nested more than %d deep", MaxDepth), "")
		return
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		d.addAt(p, "anchors and aliases are not allowed", "write the value out")
		return
	case n.Style&yaml.TaggedStyle != 0 || n.Tag == "!":
		d.addAt(p, fmt.Sprintf("tag %s is not allowed", n.Tag), "remove the tag")
		return
	case n.Tag == "!!null":
		d.addAt(p, "the value is empty", "give a value or remove the key")
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		d.value(path, n, v.Elem(), depth)
	case reflect.Struct:
		d.structure(path, n, v, depth)
	case reflect.Map:
		d.mapping(path, n, v, depth)
	case reflect.Slice:
		d.list(path, n, v, depth)
	case reflect.Interface:
		d.anything(path, n, v, depth)
	default:
		d.scalar(n, v)
	}
}

// pairs iterates over the keys of a mapping; it notes faults of the keys and
// leaves them out. It reports whether there were none.
func (d *Document) pairs(n *yaml.Node, yield func(key string, k, v *yaml.Node)) bool {
	if n.Kind != yaml.MappingNode {
		d.addAt(Position{n.Line, n.Column}, "expected keys with values, found "+kindName(n), "")
		return false
	}
	ok := true
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k := n.Content[i]
		if message, mend := badKey(k, seen); message != "" {
			d.addAt(Position{k.Line, k.Column}, message, mend)
			ok = false
			continue
		}
		seen[k.Value] = true
		yield(k.Value, k, n.Content[i+1])
	}
	return ok
}

func badKey(k *yaml.Node, seen map[string]bool) (message, mend string) {
	switch {
	case k.Tag == "!!merge":
		return "merge keys are not allowed", "write the values out"
	case k.Kind != yaml.ScalarNode || k.Anchor != "" || k.Tag == "!!null":
		return "a key must be a plain word", ""
	case seen[k.Value]:
		return fmt.Sprintf("key %q is there twice", k.Value), "remove one"
	}
	return "", ""
}

// structure decodes a mapping into a struct: no other keys than its fields.
func (d *Document) structure(path string, n *yaml.Node, v reflect.Value, depth int) {
	fields := fieldsOf(v.Type())
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.name
	}
	unknown := false
	present := map[string]bool{}
	ok := d.pairs(n, func(key string, k, val *yaml.Node) {
		i := slices.Index(names, key)
		if i < 0 {
			unknown = true
			d.addAt(Position{k.Line, k.Column}, fmt.Sprintf("unknown key %q", key), suggest(key, names))
			return
		}
		present[key] = true
		at := v.Field(fields[i].index)
		d.value(join(path, key), val, at, depth+1)
		if fields[i].positive && val.Kind == yaml.ScalarNode && at.IsZero() {
			d.addAt(Position{val.Line, val.Column}, fmt.Sprintf("%q must be at least 1", key), "leave it out for the default")
		}
	})
	if !ok || unknown {
		return // a misspelt key would be reported as missing, too
	}
	for _, f := range fields {
		if f.needed && !present[f.name] {
			d.addAt(Position{n.Line, n.Column}, fmt.Sprintf("key %q is missing", f.name), "add it")
		}
	}
}

// field is a field of a struct as its tags describe it.
type field struct {
	name             string
	index            int
	needed, positive bool
}

func fieldsOf(t reflect.Type) []field {
	var out []field
	for i := range t.NumField() {
		f := t.Field(i)
		if name := f.Tag.Get("yaml"); name != "" && name != "-" {
			out = append(out, field{name, i, f.Tag.Get("need") == "yes", f.Tag.Get("min") == "1"})
		}
	}
	return out
}

// mapping decodes a mapping with free keys.
func (d *Document) mapping(path string, n *yaml.Node, v reflect.Value, depth int) {
	v.Set(reflect.MakeMap(v.Type()))
	d.pairs(n, func(key string, _, val *yaml.Node) {
		elem := reflect.New(v.Type().Elem()).Elem()
		d.value(join(path, key), val, elem, depth+1)
		v.SetMapIndex(reflect.ValueOf(key).Convert(v.Type().Key()), elem)
	})
}

func (d *Document) list(path string, n *yaml.Node, v reflect.Value, depth int) {
	if n.Kind != yaml.SequenceNode {
		mend := ""
		if n.Kind == yaml.ScalarNode {
			mend = "put it in brackets: [" + n.Value + "]"
		}
		d.addAt(Position{n.Line, n.Column}, "expected a list, found "+kindName(n), mend)
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content)))
	for i, c := range n.Content {
		d.value(path+"["+strconv.Itoa(i)+"]", c, v.Index(i), depth+1)
	}
}

// anything decodes into any: string, int64, bool, []any or map[string]any.
func (d *Document) anything(path string, n *yaml.Node, v reflect.Value, depth int) {
	var to reflect.Value
	switch {
	case n.Kind == yaml.SequenceNode:
		to = reflect.New(reflect.TypeFor[[]any]()).Elem()
	case n.Kind == yaml.MappingNode:
		to = reflect.New(reflect.TypeFor[map[string]any]()).Elem()
	case n.Tag == "!!int":
		to = reflect.New(reflect.TypeFor[int64]()).Elem()
	case n.Tag == "!!bool":
		to = reflect.New(reflect.TypeFor[bool]()).Elem()
	default:
		to = reflect.New(reflect.TypeFor[string]()).Elem()
	}
	d.value(path, n, to, depth)
	v.Set(to)
}

// scalar decodes strings, integers and booleans.
func (d *Document) scalar(n *yaml.Node, v reflect.Value) {
	p := Position{n.Line, n.Column}
	if n.Kind != yaml.ScalarNode {
		d.addAt(p, fmt.Sprintf("expected %s, found %s", wanted(v), kindName(n)), "")
		return
	}
	switch v.Kind() {
	case reflect.String:
		if n.Tag != "!!str" {
			d.addAt(p, fmt.Sprintf("expected text, found %s", kindName(n)), fmt.Sprintf("write it in quotes: %q", n.Value))
			return
		}
		v.SetString(n.Value)
		d.word(p, n.Value, v)
	case reflect.Bool:
		if n.Tag != "!!bool" {
			d.addAt(p, fmt.Sprintf("expected true or false, found %q", n.Value), "")
			return
		}
		v.SetBool(strings.EqualFold(n.Value, "true"))
	case reflect.Int, reflect.Int64:
		i, err := strconv.ParseInt(n.Value, 10, 64)
		if n.Tag != "!!int" || err != nil {
			d.addAt(p, fmt.Sprintf("expected a whole number, found %q", n.Value), "write decimal digits only")
			return
		}
		v.SetInt(i)
	case reflect.Uint64:
		i, err := strconv.ParseUint(n.Value, 10, 64)
		if n.Tag != "!!int" || err != nil {
			d.addAt(p, fmt.Sprintf("expected a whole number from 0, found %q", n.Value), "write decimal digits only")
			return
		}
		v.SetUint(i)
	}
}

// word checks a value of a type whose words are listed.
func (d *Document) word(p Position, value string, v reflect.Value) {
	w, ok := v.Interface().(Worded)
	if !ok || slices.Contains(w.Words(), value) {
		return
	}
	mend := suggest(value, w.Words())
	if mend == "" {
		mend = "one of " + strings.Join(w.Words(), ", ")
	}
	d.addAt(p, fmt.Sprintf("%q is not one of the words allowed here", value), mend)
}

func wanted(v reflect.Value) string {
	switch v.Kind() {
	case reflect.String:
		return "text"
	case reflect.Bool:
		return "true or false"
	}
	return "a whole number"
}

func kindName(n *yaml.Node) string {
	switch {
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case n.Kind == yaml.MappingNode:
		return "keys with values"
	case n.Tag == "!!int" || n.Tag == "!!float":
		return "the number " + n.Value
	case n.Tag == "!!bool":
		return "the truth value " + n.Value
	case n.Tag == "!!timestamp":
		return "the date " + n.Value
	}
	return "text"
}

func suggest(name string, known []string) string {
	if s := nearest.Name(name, known); s != "" {
		return fmt.Sprintf("did you mean %q?", s)
	}
	return ""
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}
