// Package codec is the one JSON form of everything that goes over the wire
// and into the record: decoding that accepts exactly one spelling of each
// value, and encoding that produces it (RFC 8785, integers only).
//
// For every accepted input Encode(Decode(x)) is x, byte for byte, so a digest
// of the bytes is a digest of the message.
package codec

import (
	"bytes"
	"errors"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Limits bound what is decoded. A zero field means its default.
type Limits struct {
	Size  int // bytes of the input; default [DefaultSize]
	Depth int // nested objects and arrays; default [DefaultDepth]
	Items int // elements of an array or members of a map without a `limit` tag; default [DefaultItems]
}

// The defaults of [Limits].
const (
	DefaultSize  = 1 << 20
	DefaultDepth = 16
	DefaultItems = 4096
)

// Base says where a [Raw] value was found, so that errors inside it carry
// positions of the whole.
type Base struct {
	Whole   []byte // the input that held the value
	Pointer string // RFC 6901 pointer to the value in Whole
}

// Decode reads one canonical JSON value.
func Decode[T any](data []byte, limits Limits) (T, error) {
	var v, zero T
	if err := json.Unmarshal(data, &v, json.RejectUnknownMembers(true)); err != nil {
		return zero, asError(err)
	}
	again, err := Encode(v)
	if err != nil {
		return zero, err
	}
	if !bytes.Equal(again, data) {
		return zero, &Error{Code: CodeNotCanonical, Detail: "not the canonical form"}
	}
	return v, nil
}

// DecodeAt is [Decode] for a value kept as [Raw]; errors have positions in
// base.Whole.
func DecodeAt[T any](raw Raw, base Base, limits Limits) (T, error) {
	return Decode[T](raw, limits)
}

// Encode writes v in canonical form.
func Encode(v any) ([]byte, error) {
	out, err := json.Marshal(v, json.Deterministic(true))
	if err != nil {
		return nil, asError(err)
	}
	value := jsontext.Value(out)
	if err := value.Canonicalize(jsontext.CanonicalizeRawInts(false)); err != nil {
		return nil, asError(err)
	}
	return value, nil
}

func asError(err error) error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return &Error{Code: CodeSyntax, Detail: err.Error()}
}
