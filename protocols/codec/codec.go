// Package codec is the one JSON form of everything that goes over the wire
// and into the record. Decoding accepts exactly one spelling of each value,
// encoding produces it: RFC 8785 restricted to integers of at most 53 bits,
// without null, every member present unless its field may be left out.
//
// For every accepted text Encode(Decode(x)) is x, byte for byte, so a digest
// of the bytes is a digest of the message. What is refused is refused with
// its position, a stable code and a way to mend it ([Error]).
//
// A message type is a plain struct. Its tags are
//
//	json:"name"            required member; names are case-sensitive
//	json:"name,omitzero"   left out exactly if zero (numbers, bools, strings, pointers, Hex32, Raw)
//	json:"name,omitempty"  left out exactly if empty (slices, maps, strings, HexBytes)
//	limit:"256"            at most 256 elements, members, bytes of text, or bytes of HexBytes
//	limit:"256,64"         the same for the elements: 64 each
//
// Fields declared in the order of their names encode fastest. Bytes are
// [Hex16], [Hex32], [Hex64] or [HexBytes]; a body whose type is known later
// is [Raw] and goes through [DecodeAt]. A type that needs a form of its own
// implements the marshalers of json v2 or of text; inside it the general
// rules still hold, and a second spelling is found by encoding again.
//
// The package knows no message. It is neither a general JSON library nor for
// configuration files.
package codec

import (
	"bytes"
	"errors"
	"reflect"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Limits bound what is decoded, before anything is allocated for it. A zero
// field means its default.
type Limits struct {
	Size  int // bytes of the text; default [DefaultSize]
	Depth int // nested objects and arrays; default [DefaultDepth], at most [MaxDepth]
	Items int // elements or members where no `limit` tag says otherwise; default [DefaultItems]
}

// The defaults of [Limits], and the deepest nesting that anybody may allow.
const (
	DefaultSize  = 1 << 20
	DefaultDepth = 16
	DefaultItems = 4096
	MaxDepth     = 256
)

// filled replaces zero fields by their defaults.
func (l Limits) filled() Limits {
	if l.Size <= 0 {
		l.Size = DefaultSize
	}
	if l.Depth <= 0 {
		l.Depth = DefaultDepth
	}
	if l.Items <= 0 {
		l.Items = DefaultItems
	}
	l.Depth = min(l.Depth, MaxDepth)
	return l
}

// lax bounds what we write ourselves: nothing but tags and nesting.
func lax() Limits {
	const most = int(^uint(0) >> 1)
	return Limits{Size: most, Depth: MaxDepth, Items: most}
}

// Decode reads the one value in data. Every error is an [*Error]; the value
// is then zero.
//
// A text has passed all general checks before a marshaler of one of T's types
// sees any of it.
func Decode[T any](data []byte, limits Limits) (T, error) {
	var v, zero T
	if err := decode(data, &v, reflect.TypeFor[T](), limits.filled()); err != nil {
		return zero, err
	}
	return v, nil
}

// DecodeAt is [Decode] for a value that was kept as [Raw]; its errors have
// positions in base.Whole.
func DecodeAt[T any](raw Raw, base Base, limits Limits) (T, error) {
	v, err := Decode[T](raw, limits)
	var e *Error
	if errors.As(err, &e) && e.Code != CodeBadType {
		return v, e.under(base.Whole, base.Pointer)
	}
	return v, err
}

func decode(data []byte, v any, t reflect.Type, limits Limits) error {
	sh, err := shapeOf(t)
	if err != nil {
		return err
	}
	s := newScanner(data, limits)
	fault := s.document(sh)
	if fault == nil {
		fault = s.rough
	}
	if fault != nil {
		return fault.placed(data)
	}
	// The scanner has found repeated names already, which are all that it is
	// spared to look for.
	if err := json.Unmarshal(data, v, json.RejectUnknownMembers(true), jsontext.AllowDuplicateNames(true)); err != nil {
		return refused(err, data)
	}
	return same(data, v)
}

// same checks that v is written as it was read. The scanner has seen to the
// spelling; what remains are members that should have been left out and
// types with a form of their own.
func same(data []byte, v any) error {
	// A text without repeated names is not made of a value that repeats some.
	if again, err := json.Marshal(v, json.Deterministic(true), jsontext.AllowDuplicateNames(true)); err == nil && bytes.Equal(again, data) {
		return nil
	}
	again, err := marshal(v)
	if err == nil && !bytes.Equal(again, data) {
		err = sortMembers(&again)
	}
	if err != nil {
		return refused(err, data)
	}
	i := 0
	for i < len(data) && i < len(again) && data[i] == again[i] {
		i++
	}
	if i == len(data) && i == len(again) {
		return nil
	}
	e := &Error{Code: CodeNotCanonical, Offset: i, Pointer: pointerAt(data, i),
		Detail: "the value is not written as it is encoded from here on",
		Hint:   "leave out optional members that are zero or empty; canonical: " + clip(again[i:])}
	return e.placed(data)
}

// Encode returns the canonical form of v. It fails with an [*Error] for what
// Decode would refuse: null, integers beyond 53 bits, text that is not UTF-8,
// more elements than a tag allows, types with floats.
func Encode(v any) ([]byte, error) {
	t := reflect.TypeOf(v)
	if t == nil {
		return nil, &Error{Code: CodeNull, Detail: "nothing to encode"}
	}
	sh, err := shapeOf(t)
	if err != nil {
		return nil, err
	}
	out, err := marshal(v)
	if err != nil {
		return nil, unwritable(err)
	}
	fault := written(out, sh)
	if fault != nil && fault.Code == CodeNotCanonical {
		if err := sortMembers(&out); err != nil {
			return nil, unwritable(err)
		}
		fault = written(out, sh)
	}
	if fault != nil {
		fault.Offset = 0 // of a text that nobody gets to see
		return nil, fault
	}
	return out, nil
}

// written checks what the library wrote.
func written(out []byte, sh *shape) *Error {
	s := newScanner(out, lax())
	s.brief = true
	return s.document(sh)
}

func marshal(v any) ([]byte, error) { return json.Marshal(v, json.Deterministic(true)) }

// sortMembers puts the members of all objects in canonical order.
func sortMembers(text *[]byte) error {
	value := jsontext.Value(*text)
	err := value.Canonicalize(jsontext.CanonicalizeRawInts(false))
	*text = value
	return err
}

// Canonical returns the canonical form of any JSON text that obeys the rules
// but for white space, escapes and order of members.
func Canonical(data []byte, limits Limits) ([]byte, error) {
	s := newScanner(data, limits.filled())
	if fault := s.document(anything); fault != nil {
		return nil, fault.placed(data)
	}
	out := bytes.Clone(data)
	if err := sortMembers(&out); err != nil {
		return nil, refused(err, data)
	}
	return out, nil
}
