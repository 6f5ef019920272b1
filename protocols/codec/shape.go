package codec

import (
	"encoding"
	"fmt"
	"math/bits"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/go-json-experiment/json"
)

// form is what a Go type looks like on the wire.
type form uint8

const (
	formInvalid  form = iota
	formBool          // true, false
	formInteger       // integer within low..high
	formText          // string; also types that read themselves from text
	formHex           // string of exactly count bytes in hex
	formHexBytes      // string of hex digits
	formList          // array of elem, exactly count of them where count >= 0
	formMap           // object with values of elem
	formStruct        // object with members fields
	formAny           // any value: Raw, and types that read themselves
)

// shape is what the scanner must know of a Go type. It is complete before it
// is shared and never changes afterwards.
type shape struct {
	form      form
	low, high int64
	count     int
	elem      *shape
	fields    []field // in canonical order
	required  fieldSet
	sized     bool // a limit may be given for it
	opaque    bool // written by a marshaler of its own
}

// field is one member of a struct.
type field struct {
	name   string
	shape  *shape
	limits []int // one for each level of nesting, from the `limit` tag
}

// maxFields is how many members a struct may have.
const maxFields = 256

// fieldSet is a set of indices into shape.fields.
type fieldSet [maxFields / 64]uint64

func (f *fieldSet) has(i int) bool { return f[i/64]&(1<<(i%64)) != 0 }
func (f *fieldSet) add(i int)      { f[i/64] |= 1 << (i % 64) }

// firstWithout is the smallest member of f that is not in g, or -1.
func (f *fieldSet) firstWithout(g *fieldSet) int {
	for i := range f {
		if rest := f[i] &^ g[i]; rest != 0 {
			return i*64 + bits.TrailingZeros64(rest)
		}
	}
	return -1
}

// find returns the index of a member, or -1; guess is tried first, because
// canonical texts have the members in the order of the fields.
func (sh *shape) find(name []byte, guess int) int {
	if guess < len(sh.fields) && string(name) == sh.fields[guess].name {
		return guess
	}
	i, found := slices.BinarySearchFunc(sh.fields, name, func(f field, name []byte) int {
		return strings.Compare(f.name, string(name))
	})
	if !found {
		return -1
	}
	return i
}

// names lists the members.
func (sh *shape) names() []string {
	names := make([]string, len(sh.fields))
	for i, f := range sh.fields {
		names[i] = f.name
	}
	return names
}

// shapes remembers the shape of each type (reflect.Type to *shape). A shape
// is a pure function of its type, so this is a memo and no state.
var shapes sync.Map

// shapeOf returns the shape of t or an error with [CodeBadType].
func shapeOf(t reflect.Type) (*shape, error) {
	if sh, ok := shapes.Load(t); ok {
		return sh.(*shape), nil
	}
	b := shaper{done: map[reflect.Type]*shape{}}
	sh, err := b.shape(t, "")
	if err != nil {
		return nil, err
	}
	shapes.Store(t, sh)
	return sh, nil
}

// CheckType reports whether values of type t can be coded, before any value
// is: no floats, interfaces, plain bytes or functions, no tag that leaves two
// spellings of one value, limits only where something can be counted.
func CheckType(t reflect.Type) error {
	if t == nil {
		return badType("", nil, "no type", "")
	}
	_, err := shapeOf(t)
	return err
}

// shaper builds the shapes of one type and all below it.
type shaper struct {
	done map[reflect.Type]*shape // also those being built: types may recur
}

func badType(path string, t reflect.Type, detail, hint string) *Error {
	if t != nil {
		detail = t.String() + ": " + detail
	}
	return &Error{Code: CodeBadType, Pointer: path, Detail: detail, Hint: hint}
}

func (b *shaper) shape(t reflect.Type, path string) (*shape, error) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if sh, ok := b.done[t]; ok {
		return sh, nil
	}
	sh := &shape{count: -1}
	b.done[t] = sh
	if own(t, sh) {
		return sh, nil
	}
	return sh, b.fill(sh, t, path)
}

// own gives the shape of types that marshal themselves.
func own(t reflect.Type, sh *shape) bool {
	switch t {
	case reflect.TypeFor[Hex16](), reflect.TypeFor[Hex32](), reflect.TypeFor[Hex64]():
		sh.form, sh.count = formHex, t.Len()
	case reflect.TypeFor[HexBytes]():
		sh.form, sh.sized = formHexBytes, true
	case reflect.TypeFor[Raw]():
		sh.form, sh.sized = formAny, true
	default:
		if !reads(t) {
			return false
		}
		sh.form, sh.sized, sh.opaque = formAny, true, true
		if !readsJSON(t) {
			sh.form = formText
		}
	}
	return true
}

// readsJSON reports whether t has a JSON unmarshaler, reads whether it has
// any unmarshaler.
func readsJSON(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return p.Implements(reflect.TypeFor[json.UnmarshalerFrom]()) ||
		p.Implements(reflect.TypeFor[json.Unmarshaler]())
}

func reads(t reflect.Type) bool {
	return readsJSON(t) || reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}

// fill gives the shape of plain Go types.
func (b *shaper) fill(sh *shape, t reflect.Type, path string) (err error) {
	switch t.Kind() {
	case reflect.Bool:
		sh.form = formBool
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		sh.form = formInteger
		sh.high = min(MaxInteger, int64(1)<<(t.Bits()-1)-1)
		sh.low = max(-MaxInteger, int64(-1)<<(t.Bits()-1))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		sh.form = formInteger
		sh.high = int64(min(MaxInteger, uint64(1)<<t.Bits()-1))
	case reflect.String:
		sh.form, sh.sized = formText, true
	case reflect.Slice, reflect.Array:
		if t.Elem().Kind() == reflect.Uint8 {
			return badType(path, t, "plain bytes have no canonical form", "use Hex16, Hex32, Hex64 or HexBytes")
		}
		sh.form, sh.sized = formList, t.Kind() == reflect.Slice
		if t.Kind() == reflect.Array {
			sh.count = t.Len()
		}
		sh.elem, err = b.shape(t.Elem(), path+"/0")
	case reflect.Map:
		if t.Key().Kind() != reflect.String || reads(t.Key()) {
			return badType(path, t, "map keys must be plain strings", "use strings or a sorted list")
		}
		sh.form, sh.sized = formMap, true
		sh.elem, err = b.shape(t.Elem(), path+"/*")
	case reflect.Struct:
		sh.form = formStruct
		err = b.members(sh, t, path)
	case reflect.Float32, reflect.Float64:
		return badType(path, t, "floats have no place in messages", "use an integer in a smaller unit")
	default:
		return badType(path, t, "cannot be coded", "use a concrete type, or Raw for a body decoded later")
	}
	return err
}

// members collects the fields of a struct, sorts them and checks their names.
func (b *shaper) members(sh *shape, t reflect.Type, path string) error {
	var optional []string
	if err := b.collect(sh, t, path, &optional); err != nil {
		return err
	}
	if len(sh.fields) > maxFields {
		return badType(path, t, fmt.Sprintf("more than %d fields", maxFields), "")
	}
	slices.SortFunc(sh.fields, func(x, y field) int { return strings.Compare(x.name, y.name) })
	for i, f := range sh.fields {
		if i > 0 && sh.fields[i-1].name == f.name {
			return badType(path, t, "two fields named "+strconv.Quote(f.name), "")
		}
		if !slices.Contains(optional, f.name) {
			sh.required.add(i)
		}
	}
	return nil
}

// collect appends the fields of t, those of embedded structs included.
func (b *shaper) collect(sh *shape, t reflect.Type, path string, optional *[]string) error {
	for i := range t.NumField() {
		sf := t.Field(i)
		tag, err := parseTag(sf)
		switch {
		case err != nil:
			return badType(path, t, err.Error(), "")
		case tag.skip:
			continue
		case sf.Anonymous && !tag.named:
			if sf.Type.Kind() != reflect.Struct || reads(sf.Type) {
				return badType(path, t, "field "+sf.Name+": only plain structs can be embedded", "give it a name")
			}
			if err := b.collect(sh, sf.Type, path, optional); err != nil {
				return err
			}
			continue
		}
		inner, err := b.shape(sf.Type, path+"/"+tag.name)
		if err != nil {
			return err
		}
		if problem := tag.suits(sf.Type, inner); problem != "" {
			return badType(path+"/"+tag.name, sf.Type, problem, "")
		}
		if tag.omitZero || tag.omitEmpty {
			*optional = append(*optional, tag.name)
		}
		sh.fields = append(sh.fields, field{name: tag.name, shape: inner, limits: tag.limits})
	}
	return nil
}
