// Package reading is how the roles of the reference read a message: by the
// strict codec and, where a weakness is planted that says so, by a weaker rule
// as well. The weak decoders stand here, beside the check that they widen, and
// never in the codec, which harness and reference share.
package reading

import (
	"reflect"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/weakness"
)

// Decode reads a message. The error is the strict codec's.
func Decode[T any](weak weakness.View, raw []byte, limits codec.Limits) (T, error) {
	v, err := codec.Decode[T](raw, limits)
	if err == nil {
		return v, nil
	}
	if weak.Has(weakness.IgnoreTrailing) {
		if v, bad := codec.Decode[T](first(raw), limits); bad == nil {
			return v, nil
		}
	}
	if weak.Has(weakness.LenientJSON) {
		if v, ok := Lenient[T](raw, limits); ok {
			return v, nil
		}
	}
	return v, err
}

// Lenient reads a message by the lenient rule alone, for weaknesses that bring
// a lenient reader along.
func Lenient[T any](raw []byte, limits codec.Limits) (T, bool) {
	n, ok := parse(raw)
	if !ok {
		var none T
		return none, false
	}
	v, err := codec.Decode[T](n.fit(nil, reflect.TypeFor[T]()), limits)
	return v, err == nil
}

// Entry reads an entry. Where the lenient rule applies the body stays as it
// came, so that its digest is that of its bytes.
func Entry(weak weakness.View, raw []byte) (message.Entry, error) {
	e, err := message.DecodeEntry(raw)
	if err == nil {
		return e, nil
	}
	if weak.Has(weakness.IgnoreTrailing) {
		if e, bad := message.DecodeEntry(first(raw)); bad == nil {
			return e, nil
		}
	}
	if weak.Has(weakness.LenientJSON) {
		if n, ok := parse(raw); ok {
			body := n.member("body")
			n.drop("body")
			if e, bad := message.DecodeEntry(n.fit(nil, reflect.TypeFor[message.Entry]())); bad == nil {
				if body != nil {
					e.Body = codec.Raw(raw[body.start:body.end])
				}
				return e, nil
			}
		}
	}
	return e, err
}

// first is the text up to the end of the first object in it: the weak rule of
// whoever reads one document from a stream. Brackets in strings do not count.
func first(raw []byte) []byte {
	depth, quoted := 0, false
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{', c == '[':
			depth++
		case c == '}', c == ']':
			if depth--; depth <= 0 {
				return raw[:i+1]
			}
		}
	}
	return raw
}
