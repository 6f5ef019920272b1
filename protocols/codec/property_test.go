package codec_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sort"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"pgregory.net/rapid"

	"scrutineer/protocols/codec"
)

// anyType draws a Go type that can be coded.
func anyType(t *rapid.T, depth int) reflect.Type {
	leaves := []reflect.Type{
		reflect.TypeFor[bool](), reflect.TypeFor[int64](), reflect.TypeFor[uint8](), reflect.TypeFor[int16](),
		reflect.TypeFor[uint64](), reflect.TypeFor[string](), reflect.TypeFor[codec.Hex16](),
		reflect.TypeFor[codec.HexBytes](), reflect.TypeFor[codec.Raw](), reflect.TypeFor[level](),
	}
	n := rapid.IntRange(0, len(leaves)+4).Draw(t, "kind")
	if n < len(leaves) || depth == 0 {
		return leaves[n%len(leaves)]
	}
	switch n - len(leaves) {
	case 0:
		return reflect.MapOf(reflect.TypeFor[string](), anyType(t, depth-1))
	case 1, 2:
		elem := anyType(t, depth-1)
		if elem.Kind() == reflect.Uint8 {
			elem = reflect.TypeFor[uint16]()
		}
		if n%2 == 0 {
			return reflect.ArrayOf(rapid.IntRange(0, 3).Draw(t, "length"), elem)
		}
		return reflect.SliceOf(elem)
	}
	return anyStruct(t, depth-1)
}

func anyStruct(t *rapid.T, depth int) reflect.Type {
	names := rapid.SliceOfNDistinct(rapid.StringMatching(`[A-Za-z_~/.-]{1,6}`).Filter(func(s string) bool { return s != "-" }),
		0, 6, rapid.ID[string]).Draw(t, "names")
	var fields []reflect.StructField
	for i, name := range names {
		typ := anyType(t, depth)
		if rapid.IntRange(0, 5).Draw(t, "pointer") == 0 {
			typ = reflect.PointerTo(typ)
		}
		tag := name
		if rapid.Bool().Draw(t, "optional") {
			option := ""
			typ, option = omission(typ)
			tag += "," + option
		}
		fields = append(fields, reflect.StructField{
			Name: fmt.Sprintf("F%d", i), Type: typ, Tag: reflect.StructTag(fmt.Sprintf(`json:%q`, tag)),
		})
	}
	return reflect.StructOf(fields)
}

// omission is the option that leaves out exactly the empty values.
func omission(t reflect.Type) (reflect.Type, string) {
	switch t.Kind() {
	case reflect.Slice, reflect.Map:
		if t != reflect.TypeFor[codec.Raw]() {
			return t, "omitempty"
		}
	case reflect.Struct, reflect.Array:
		return reflect.PointerTo(t), "omitzero"
	}
	return t, "omitzero"
}

// fill draws a value.
func fill(t *rapid.T, v reflect.Value) {
	switch v.Type() {
	case reflect.TypeFor[codec.Raw]():
		var b []byte
		raw(t, &b, 2)
		v.SetBytes(b)
		return
	case reflect.TypeFor[level]():
		v.SetInt(rapid.Int64Range(0, 1).Draw(t, "level"))
		return
	}
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(rapid.Bool().Draw(t, "bool"))
	case reflect.Int16, reflect.Int64:
		high := min(codec.MaxInteger, int64(1)<<(v.Type().Bits()-1)-1)
		v.SetInt(rapid.Int64Range(-high, high).Draw(t, "int"))
	case reflect.Uint8, reflect.Uint16, reflect.Uint64:
		v.SetUint(rapid.Uint64Range(0, min(codec.MaxInteger, uint64(1)<<v.Type().Bits()-1)).Draw(t, "uint"))
	case reflect.String:
		v.SetString(rapid.String().Draw(t, "string"))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(t, v.Elem())
	case reflect.Slice:
		n := rapid.IntRange(0, 3).Draw(t, "n")
		v.Set(reflect.MakeSlice(v.Type(), n, n))
		fallthrough
	case reflect.Array:
		for i := range v.Len() {
			fill(t, v.Index(i))
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range rapid.IntRange(0, 3).Draw(t, "n") {
			elem := reflect.New(v.Type().Elem()).Elem()
			fill(t, elem)
			v.SetMapIndex(reflect.ValueOf(rapid.String().Draw(t, "key")), elem)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).Type.Kind() == reflect.Pointer && strings.Contains(string(v.Type().Field(i).Tag), ",omit") &&
				rapid.Bool().Draw(t, "nil") {
				continue
			}
			fill(t, v.Field(i))
		}
	}
}

// raw writes a canonical value.
func raw(t *rapid.T, b *[]byte, depth int) {
	kind := rapid.IntRange(0, 4).Draw(t, "raw")
	if depth == 0 {
		kind %= 3
	}
	switch kind {
	case 0:
		*b = fmt.Append(*b, rapid.Bool().Draw(t, "bool"))
	case 1:
		*b = fmt.Append(*b, rapid.Int64Range(-codec.MaxInteger, codec.MaxInteger).Draw(t, "int"))
	case 2:
		*b, _ = jsontext.AppendQuote(*b, rapid.String().Draw(t, "string"))
	case 3:
		*b = append(*b, '[')
		for i := range rapid.IntRange(0, 3).Draw(t, "n") {
			if i > 0 {
				*b = append(*b, ',')
			}
			raw(t, b, depth-1)
		}
		*b = append(*b, ']')
	case 4:
		names := rapid.SliceOfNDistinct(rapid.String(), 0, 3, rapid.ID[string]).Draw(t, "names")
		sort.Slice(names, func(i, j int) bool {
			return slices.Compare(utf16.Encode([]rune(names[i])), utf16.Encode([]rune(names[j]))) < 0
		})
		*b = append(*b, '{')
		for i, name := range names {
			if i > 0 {
				*b = append(*b, ',')
			}
			*b, _ = jsontext.AppendQuote(*b, name)
			*b = append(*b, ':')
			raw(t, b, depth-1)
		}
		*b = append(*b, '}')
	}
}

// TestAnyStructRoundTrips: what is encoded is canonical by the library's
// judgement too, decodes, and encodes to the same bytes.
func TestAnyStructRoundTrips(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		typ := anyStruct(t, 3)
		v := reflect.New(typ)
		fill(t, v.Elem())
		data, err := codec.Encode(v.Interface())
		if err != nil {
			t.Fatalf("%v: %v", typ, err)
		}
		canonical := jsontext.Value(bytes.Clone(data))
		if err := canonical.Canonicalize(jsontext.CanonicalizeRawInts(false)); err != nil || !bytes.Equal(canonical, data) {
			t.Fatalf("%s\n%s\n%v", data, canonical, err)
		}
		back := reflect.New(typ)
		if err := codec.DecodeInto(data, back.Interface(), codec.Limits{}); err != nil {
			t.Fatalf("%v: %v\n%s", typ, err, data)
		}
		again, err := codec.Encode(back.Interface())
		if err != nil || !bytes.Equal(again, data) {
			t.Fatalf("%s\n%s\n%v", data, again, err)
		}
	})
}

// TestMutantsOfAnyStruct: a mutant of a good text is either refused with a
// position or means what it says.
func TestMutantsOfAnyStruct(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		typ := anyStruct(t, 2)
		v := reflect.New(typ)
		fill(t, v.Elem())
		data, err := codec.Encode(v.Interface())
		if err != nil {
			t.Fatal(err)
		}
		for range 4 {
			data = mutate(t, data)
			back := reflect.New(typ)
			if problem := consistent(data, back.Interface()); problem != "" {
				t.Fatal(problem)
			}
			if problem := agrees(data); problem != "" {
				t.Fatal(problem)
			}
		}
	})
}

// mutate changes one thing in a text.
func mutate(t *rapid.T, data []byte) []byte {
	at := rapid.IntRange(0, len(data)).Draw(t, "at")
	to := min(len(data), at+rapid.IntRange(0, 8).Draw(t, "length"))
	piece := rapid.SampledFrom([]string{"", " ", ",", ":", "{", "}", "[", "]", `"`, `\`, "null", "0", "-", "1", "e1", ".0", "-0",
		`""`, `\u0061`, `\ud83d\ude00`, "true", "9007199254740992", "\xff", "é", "\x00", "{}", "[]", `,"a":1`}).Draw(t, "piece")
	if rapid.Bool().Draw(t, "copy") && at < to { // double a piece, or put it elsewhere
		piece = string(data[at:to])
		at = rapid.IntRange(0, len(data)).Draw(t, "elsewhere")
		to = at
	}
	return slices.Concat(data[:at], []byte(piece), data[to:])
}

// consistent decodes data into v and says what is wrong with the outcome.
func consistent(data []byte, v any) string {
	err := codec.DecodeInto(data, v, codec.Limits{})
	if err == nil {
		again, err := codec.Encode(v)
		if err != nil || !bytes.Equal(again, data) {
			return fmt.Sprintf("accepted %q, which encodes to %q, %v", data, again, err)
		}
		return ""
	}
	var e *codec.Error
	if !errors.As(err, &e) {
		return fmt.Sprintf("error of another type %T for %q", err, data)
	}
	if e.Code == "" || e.Detail == "" || e.Offset < 0 || e.Offset > len(data) || strings.ContainsAny(e.Error(), "\n\x00") {
		return fmt.Sprintf("incomplete error %+v for %q", *e, data)
	}
	before := data[:e.Offset]
	line := 1 + bytes.Count(before, []byte("\n"))
	column := 1 + utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:])
	if e.Line != line || e.Column != column {
		return fmt.Sprintf("position %d:%d should be %d:%d: %v for %q", e.Line, e.Column, line, column, e, data)
	}
	return ""
}

// agrees compares the scanner with a second judge made of the library's parts.
func agrees(data []byte) string {
	_, err := codec.Decode[codec.Raw](data, codec.Limits{})
	want := judge(data)
	if (err == nil) != (want == nil) {
		return fmt.Sprintf("we say %v, the library %v for %q", err, want, data)
	}
	return ""
}

// judge says why data is not canonical JSON by our rules, or nil.
func judge(data []byte) error {
	canonical := jsontext.Value(bytes.Clone(data))
	if err := canonical.Canonicalize(jsontext.CanonicalizeRawInts(false)); err != nil {
		return err
	}
	if !bytes.Equal(canonical, data) {
		return errors.New("not canonical")
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	depth := 0
	for {
		token, err := dec.Token()
		switch token := token.(type) {
		case json.Delim:
			if depth += map[json.Delim]int{'[': 1, '{': 1, ']': -1, '}': -1}[token]; depth > codec.DefaultDepth {
				return errors.New("depth")
			}
		case json.Number:
			n, err := token.Int64()
			if err != nil || n < -codec.MaxInteger || n > codec.MaxInteger || token == "-0" {
				return errors.New("number")
			}
		case nil:
			if err != nil {
				return nil // end of the text
			}
			return errors.New("null")
		}
	}
}

// TestNamesSortByUTF16 compares with the definition.
func TestNamesSortByUTF16(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		some := rapid.StringOf(rapid.SampledFrom([]rune("ab\u007f\u0080éߺ\u0800\ud7ff\ue000\uffff\U00010000😀😁\U0010ffff")))
		a, b := some.Draw(t, "a"), some.Draw(t, "b")
		want := slices.Compare(utf16.Encode([]rune(a)), utf16.Encode([]rune(b)))
		if got := codec.CompareNames(a, b); got != want {
			t.Fatalf("%q, %q: got %d, want %d", a, b, got, want)
		}
	})
}

func TestNearest(t *testing.T) {
	known := []string{"contest", "credential", "id", "options"}
	for name, want := range map[string]string{
		"contests": "contest", "contset": "contest", "CONTEST": "contest", "credentail": "credential",
		"ID": "id", "ids": "id", "option": "options", "zzz": "", "": "", "x": "", strings.Repeat("contest", 100): "",
	} {
		if got := codec.Nearest(name, known); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}
