// Package canonical checks that bytes are JSON in the one form that SPEC.md
// §1 allows: RFC 8785, integers only, no null. It is a second reader beside
// protocols/codec, so that a fault in either shows: it builds no values and
// knows no types.
//
// It also writes the few strings that the verifier has to put into canonical
// form itself.
package canonical

import (
	"fmt"
	"unicode/utf8"
)

// Error says where and why bytes are not canonical.
type Error struct {
	Offset int // from the start, in bytes
	Detail string
}

func (e *Error) Error() string {
	return fmt.Sprintf("not canonical at byte %d: %s", e.Offset, e.Detail)
}

// MaxDepth bounds how deep objects and arrays may be nested.
const MaxDepth = 16

// maxInteger is 2^53 - 1 in digits.
const maxInteger = "9007199254740991"

// Check reports the first place where data is not exactly one canonical JSON
// value, or nil. It takes time linear in the data and fixed memory.
func Check(data []byte) error {
	r := reader{data: data}
	if err := r.value(0); err != nil {
		return err
	}
	if r.at != len(data) {
		return r.fail("bytes after the value")
	}
	return nil
}

type reader struct {
	data []byte
	at   int
}

func (r *reader) fail(format string, args ...any) error {
	return &Error{Offset: r.at, Detail: fmt.Sprintf(format, args...)}
}

func (r *reader) peek() byte {
	if r.at < len(r.data) {
		return r.data[r.at]
	}
	return 0
}

func (r *reader) literal(word string) error {
	if len(r.data)-r.at < len(word) || string(r.data[r.at:r.at+len(word)]) != word {
		return r.fail("no value, or one that is not allowed")
	}
	r.at += len(word)
	return nil
}

func (r *reader) value(depth int) error {
	if depth > MaxDepth {
		return r.fail("nested deeper than %d", MaxDepth)
	}
	switch c := r.peek(); {
	case c == '{':
		return r.object(depth)
	case c == '[':
		return r.array(depth)
	case c == '"':
		_, err := r.text()
		return err
	case c == '-' || '0' <= c && c <= '9':
		return r.integer()
	case c == 't':
		return r.literal("true")
	default:
		return r.literal("false")
	}
}

// object is {} or members with strictly ascending names.
func (r *reader) object(depth int) error {
	r.at++
	if r.peek() == '}' {
		r.at++
		return nil
	}
	var before []byte
	for first := true; ; first = false {
		start := r.at
		name, err := r.text()
		if err != nil {
			return err
		}
		if !first && !less(before, name) {
			r.at = start
			return r.fail("member name out of order or repeated")
		}
		before = name
		if r.peek() != ':' {
			return r.fail("no colon after a member's name")
		}
		r.at++
		if err := r.value(depth + 1); err != nil {
			return err
		}
		if more, err := r.more('}'); !more {
			return err
		}
	}
}

func (r *reader) array(depth int) error {
	r.at++
	if r.peek() == ']' {
		r.at++
		return nil
	}
	for {
		if err := r.value(depth + 1); err != nil {
			return err
		}
		if more, err := r.more(']'); !more {
			return err
		}
	}
}

// more reads a comma, after which another item follows, or the closing byte.
func (r *reader) more(closing byte) (bool, error) {
	switch r.peek() {
	case ',':
		r.at++
		return true, nil
	case closing:
		r.at++
		return false, nil
	}
	return false, r.fail("neither a comma nor %q", closing)
}

// integer is -?(0|[1-9][0-9]*), not -0, within ±(2^53-1).
func (r *reader) integer() error {
	start := r.at
	if r.peek() == '-' {
		r.at++
	}
	digits := r.at
	for '0' <= r.peek() && r.peek() <= '9' {
		r.at++
	}
	text := string(r.data[digits:r.at])
	switch {
	case text == "":
		return r.fail("no digit")
	case text[0] == '0' && (len(text) > 1 || digits > start):
		r.at = start
		return r.fail("leading zero or minus zero")
	case len(text) > len(maxInteger) || len(text) == len(maxInteger) && text > maxInteger:
		r.at = start
		return r.fail("integer beyond 2^53-1")
	}
	return nil
}

// text reads a string and returns its inside as it stands.
func (r *reader) text() ([]byte, error) {
	if r.peek() != '"' {
		return nil, r.fail("no string")
	}
	r.at++
	start := r.at
	for r.at < len(r.data) {
		switch c := r.data[r.at]; {
		case c == '"':
			r.at++
			return r.data[start : r.at-1], nil
		case c == '\\':
			n := escape(r.data[r.at:])
			if n == 0 {
				return nil, r.fail("escape that is not the canonical one")
			}
			r.at += n
		case c < 0x20:
			return nil, r.fail("control character")
		case c < utf8.RuneSelf:
			r.at++
		default:
			_, n := utf8.DecodeRune(r.data[r.at:])
			if n == 1 {
				return nil, r.fail("not UTF-8")
			}
			r.at += n
		}
	}
	return nil, r.fail("string without an end")
}

// escape is the length of the canonical escape at the start of b, or 0. Only
// quotes, backslashes and control characters have one (RFC 8785 §3.2.2.2).
func escape(b []byte) int {
	if len(b) < 2 {
		return 0
	}
	switch b[1] {
	case '"', '\\', 'b', 't', 'n', 'f', 'r':
		return 2
	}
	if len(b) < 6 || string(b[1:4]) != "u00" {
		return 0
	}
	high, low := b[4], b[5]
	if high != '0' && high != '1' || !('0' <= low && low <= '9' || 'a' <= low && low <= 'f') {
		return 0
	}
	if high == '0' {
		switch low {
		case '8', '9', 'a', 'c', 'd': // these have the short form
			return 0
		}
	}
	return 6
}

// less compares names, as they stand between their quotes, by UTF-16 code
// units (RFC 8785 §3.2.3).
func less(a, b []byte) bool {
	for len(a) > 0 && len(b) > 0 {
		x, n := unit(a)
		y, m := unit(b)
		if x != y {
			// Above the basic plane the first unit is a surrogate, D800..DBFF.
			// Two of those are in the order of their code points.
			if x > 0xffff && y > 0xffff {
				return x < y
			}
			return firstUnit(x) < firstUnit(y)
		}
		a, b = a[n:], b[m:]
	}
	return len(a) == 0 && len(b) > 0
}

func firstUnit(r rune) rune {
	if r > 0xffff {
		return 0xd800 + (r-0x10000)>>10
	}
	return r
}

// unit is the character at the start of checked text, and its length.
func unit(b []byte) (rune, int) {
	if b[0] != '\\' {
		return utf8.DecodeRune(b)
	}
	switch b[1] {
	case 'b':
		return '\b', 2
	case 't':
		return '\t', 2
	case 'n':
		return '\n', 2
	case 'f':
		return '\f', 2
	case 'r':
		return '\r', 2
	case 'u':
		return hexDigit(b[4])<<4 | hexDigit(b[5]), 6
	}
	return rune(b[1]), 2
}

func hexDigit(c byte) rune {
	if c <= '9' {
		return rune(c - '0')
	}
	return rune(c-'a') + 10
}

// AppendString appends s as a canonical JSON string. Bytes that are not UTF-8
// become U+FFFD, which no reader of canonical JSON lets through unseen.
func AppendString(dst []byte, s string) []byte {
	const digits = "0123456789abcdef"
	dst = append(dst, '"')
	for _, c := range s {
		switch {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', byte(c))
		case c == '\b':
			dst = append(dst, '\\', 'b')
		case c == '\t':
			dst = append(dst, '\\', 't')
		case c == '\n':
			dst = append(dst, '\\', 'n')
		case c == '\f':
			dst = append(dst, '\\', 'f')
		case c == '\r':
			dst = append(dst, '\\', 'r')
		case c < 0x20:
			dst = append(dst, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
		default:
			dst = utf8.AppendRune(dst, c)
		}
	}
	return append(dst, '"')
}
