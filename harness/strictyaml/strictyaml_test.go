package strictyaml

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

type colour string

func (colour) Words() []string { return []string{"red", "green", "blue"} }

type inner struct {
	Name string `yaml:"name" need:"yes"`
	N    int    `yaml:"n" min:"1"`
}

type outer struct {
	ID    string         `yaml:"id" need:"yes"`
	On    bool           `yaml:"on"`
	U     uint64         `yaml:"u"`
	Shade colour         `yaml:"shade"`
	List  []inner        `yaml:"list"`
	One   *inner         `yaml:"one"`
	Tags  []string       `yaml:"tags"`
	Any   map[string]any `yaml:"any"`
	Words map[string]int `yaml:"words"`
}

func TestDecode(t *testing.T) {
	const in = `id: "7"
on: true
u: 18446744073709551615
shade: green
list: [{name: a, n: -3}, {name: b}]
one: {name: c}
tags: [x, "1"]
any: {i: 5, s: hi, b: false, l: [1, two], m: {k: v}}
words: {a: 1, b: 2}
`
	var got outer
	d, err := Decode("f.yaml", []byte(in), &got)
	if err != nil {
		t.Fatal(err)
	}
	want := outer{ID: "7", On: true, U: 1<<64 - 1, Shade: "green",
		List: []inner{{"a", -3}, {"b", 0}}, One: &inner{Name: "c"}, Tags: []string{"x", "1"},
		Any: map[string]any{"i": int64(5), "s": "hi", "b": false, "l": []any{int64(1), "two"},
			"m": map[string]any{"k": "v"}},
		Words: map[string]int{"a": 1, "b": 2}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatal(diff)
	}
	if p := d.At("list[1].name"); p != (Position{5, 33}) {
		t.Errorf("list[1].name at %v", p)
	}
	if p := d.At("list[1].n.deep"); p != d.At("list[1]") {
		t.Errorf("a missing value is at %v", p)
	}
	if !d.Has("any.m.k") || d.Has("any.m.x") || d.Name() != "f.yaml" {
		t.Error("Has or Name is wrong")
	}
}

func TestFaults(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"empty", "", "f:1:1: the file is empty"},
		{"comment only", "# x\n", "f:1:1: the file is empty"},
		{"explicit empty document", "---\n", "f:2:1: the value is empty"},
		{"syntax", "id: [", "f:2:1: not YAML: while parsing a flow node: did not find expected node content; check indentation"},
		{"bad indent", "id: x\n on: true\n", "f:2:4: not YAML"},
		{"not UTF-8", "id: x\nü: \xff\n", "f:2:4: byte 0xff is not UTF-8; save"},
		{"control", "id: \x01", "f:1:5: control character U+0001"},
		{"BOM", "\uFEFFid: x", "f:1:1: control character U+FEFF"},
		{"two documents", "id: x\n---\nid: y\n", "f:2:1: a second document begins here"},
		{"broken second document", "id: x\n---\n]\n", "f:3:1: not YAML"},
		{"not a mapping", "- x\n", "f:1:1: expected keys with values, found a list"},
		{"unknown key", "id: x\nshde: red\n", `f:2:1: unknown key "shde"; did you mean "shade"?`},
		{"unknown, nothing near", "id: x\nquux: 1\n", `f:2:1: unknown key "quux"`},
		{"case counts", "ID: x\n", `f:1:1: unknown key "ID"; did you mean "id"?`},
		{"doubled", "id: x\nid: y\n", `f:2:1: key "id" is there twice; remove one`},
		{"missing", "on: true\n", `f:1:1: key "id" is missing; add it`},
		{"missing inside", "id: x\nlist:\n  - n: 1\n", `f:3:5: key "name" is missing`},
		{"number for text", "id: 7\n", `f:1:5: expected text, found the number 7; write it in quotes: "7"`},
		{"float for text", "id: 9.1\n", `f:1:5: expected text, found the number 9.1; write it in quotes: "9.1"`},
		{"date for text", "id: 2026-01-01\n", "f:1:5: expected text, found the date"},
		{"truth for text", "id: true\n", "f:1:5: expected text, found the truth value true"},
		{"text for truth", "id: x\non: yes\n", `f:2:5: expected true or false, found "yes"`},
		{"text for number", "id: x\none: {name: a, n: two}\n", `f:2:19: expected a whole number, found "two"`},
		{"hex", "id: x\nu: 0x10\n", "f:2:4: expected a whole number from 0"},
		{"negative", "id: x\nu: -1\n", "f:2:4: expected a whole number from 0"},
		{"out of range", "id: x\nu: 18446744073709551616\n", "f:2:4: expected a whole number from 0"},
		{"list for text", "id: [x]\n", "f:1:5: expected text, found a list"},
		{"text for list", "id: x\ntags: y\n", "f:2:7: expected a list, found text; put it in brackets: [y]"},
		{"text for keys", "id: x\none: y\n", "f:2:6: expected keys with values, found text"},
		{"word", "id: x\nshade: gren\n", `f:2:8: "gren" is not one of the words allowed here; did you mean "green"?`},
		{"word, nothing near", "id: x\nshade: ultraviolet\n", "one of red, green, blue"},
		{"empty value", "id:\n", "f:1:4: the value is empty; give a value or remove the key"},
		{"null", "id: null\n", "f:1:5: the value is empty"},
		{"anchor", "id: &a x\n", "f:1:5: anchors and aliases are not allowed; write the value out"},
		{"alias", "id: x\ntags: [&a y, *a]\n", "f:2:8: anchors and aliases"},
		{"anchored key", "&a id: x\n", "f:1:1: a key must be a plain word"},
		{"merge", "id: x\n<<: {on: true}\n", "f:2:1: merge keys are not allowed"},
		{"tag", "id: !!str 7\n", "f:1:5: tag !!str is not allowed; remove the tag"},
		{"bare tag", "id: ! x\n", "f:1:5: tag ! is not allowed"},
		{"list as key", "? [a]\n: b\n", "f:1:3: a key must be a plain word"},
		{"deep", "id: x\nany: {a: " + strings.Repeat("[", 40) + strings.Repeat("]", 40) + "}\n", "nested more than 24 deep"},
		{"empty in any", "id: x\nany: {a: }\n", "f:2:10: the value is empty"},
		{"big", "id: x #" + strings.Repeat("x", MaxSize), "f:1:1: the file has"},
		{"zero", "id: x\none: {name: a, n: 0}\n", `f:2:19: "n" must be at least 1; leave it out for the default`},
		{"first of several", "id: 1\nfoo: 2\nfoo: 3\n", "f:1:5: expected text"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var v outer
			_, err := Decode("f", []byte(c.in), &v)
			if err == nil || !strings.HasPrefix(err.Error(), c.want) && !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got  %v\nwant %s", err, c.want)
			}
			for range 5 {
				if _, again := Decode("f", []byte(c.in), new(outer)); again.Error() != err.Error() {
					t.Fatalf("not the same error twice: %v", again)
				}
			}
		})
	}
}

func TestAliasBomb(t *testing.T) {
	var b strings.Builder
	b.WriteString("id: x\nany:\n  a0: &a0 [x,x,x,x,x,x,x,x,x]\n")
	for i := 1; i < 30; i++ {
		p := string(rune('a'+(i-1)%26)) + "0"
		b.WriteString("  " + string(rune('a'+i%26)) + string(rune('0'+i/26)) + ": &q" + string(rune('a'+i%26)) + " [*" + p + ",*" + p + "]\n")
	}
	if _, err := Decode("f", []byte(b.String()), new(outer)); err == nil {
		t.Fatal("accepted")
	}
}

// Whatever the bytes are, decoding ends with a value or one fault.
func TestNeverPanics(t *testing.T) {
	words := rapid.SampledFrom([]string{"id", ": ", "x", "\n", "  ", "- ", "[", "]", "{", "}", "&a ", "*a", "!t ",
		"! ", "|\n", ">\n", "'", "\"", "#", "---\n", "? ", "~", "\t", "7", "list", "any", "<<", ",", "%YAML 1.1\n", "\x00", "ü"})
	rapid.Check(t, func(t *rapid.T) {
		in := strings.Join(rapid.SliceOfN(words, 0, 30).Draw(t, "in"), "")
		var v outer
		_, err := Decode("f", []byte(in), &v)
		if f, ok := err.(*Fault); err != nil && (!ok || f.Line < 1 || f.Column < 1) {
			t.Fatalf("fault without a place: %v", err)
		}
	})
}
