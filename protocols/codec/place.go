package codec

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// Base says where a [Raw] value was found, so that errors inside it carry
// positions of the whole.
type Base struct {
	Whole   []byte // the text that held the value
	Pointer string // RFC 6901 pointer to the value in Whole
}

// ErrorAt makes an error about the value that pointer names in data, a text
// that was decoded before: for rules between members, which a decoder cannot
// know. A pointer to nothing gives the position of the whole.
func ErrorAt(data []byte, pointer string, code Code, detail, hint string) *Error {
	e := &Error{Code: code, Pointer: pointer, Detail: detail, Hint: hint}
	e.Offset, _ = offsetOf(data, pointer)
	return e.placed(data)
}

// offsetOf finds the value that pointer names in a valid text.
func offsetOf(data []byte, pointer string) (int, bool) {
	s := newScanner(data, lax())
	var tokens []string
	if pointer != "" {
		tokens = strings.Split(pointer, "/")[1:]
	}
	if !s.locate(tokens) {
		return 0, false
	}
	return s.pos, true
}

// placed fills line and column from the offset and the text.
func (e *Error) placed(data []byte) *Error {
	before := data[:min(max(e.Offset, 0), len(data))]
	e.Line = 1 + bytes.Count(before, []byte{'\n'})
	e.Column = 1 + utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:])
	return e
}

// under moves an error found in the value at pointer of whole to whole.
func (e *Error) under(whole []byte, pointer string) *Error {
	moved := *e
	start, _ := offsetOf(whole, pointer)
	moved.Offset += start
	moved.Pointer = pointer + e.Pointer
	return moved.placed(whole)
}

// invalidUTF8 is the index of the first byte that is not UTF-8, or -1.
func invalidUTF8(data []byte) int {
	if utf8.Valid(data) {
		return -1
	}
	for i := 0; i < len(data); {
		r, n := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return -1
}

// locate moves the scanner to the value that a pointer names in a valid text.
func (s *scanner) locate(tokens []string) bool {
	c, err := s.next()
	if len(tokens) == 0 || err != nil {
		return err == nil
	}
	closing := map[byte]byte{'{': '}', '[': ']'}[c]
	if closing == 0 || s.enter() != nil {
		return false
	}
	for n := 0; ; n++ {
		if more, err := s.more(n == 0, closing); err != nil || !more {
			return false
		}
		token := fmt.Sprint(n)
		if closing == '}' {
			at, err := s.member()
			if err != nil {
				return false
			}
			token = pointerEscape(string(s.unquoted(at)))
		}
		if token == tokens[0] {
			return s.locate(tokens[1:])
		}
		if s.value(anything, nil) != nil {
			return false
		}
	}
}

// pointerAt is the pointer to the value or member at an offset of a valid
// text, or to the next one after it.
func pointerAt(data []byte, offset int) string {
	d := jsontext.NewDecoder(bytes.NewReader(data))
	for d.InputOffset() <= int64(offset) {
		if _, err := d.ReadToken(); err != nil {
			break
		}
	}
	return string(d.StackPointer())
}
