package codec

import (
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// MaxInteger is the largest integer, and its negation the smallest, that
// every JSON reader keeps exactly (RFC 7493, section 2.2). Others are refused.
const MaxInteger = 1<<53 - 1

// scanner goes over a text once, without building anything. It stops at the
// first fault; a spelling that is valid but not canonical is no fault yet but
// remembered, so that the graver kinds are reported first.
type scanner struct {
	data   []byte
	pos    int
	limits Limits
	path   []step // the open objects and arrays, outermost first
	names  []span // names met in the open objects without a struct type
	rough  *Error // the first place that is not canonical
	brief  bool   // stop at the first such place

	pathRoom  [DefaultDepth]step
	namesRoom [16]span
}

// step is where the scanner stands inside one open object or array.
type step struct {
	name  span // of the current member, without quotes
	index int  // of the current element; -1 in an object
}

// outside is the step before, between and after members and elements.
var outside = step{index: -1}

// span is a part of the text.
type span struct{ start, end int }

func newScanner(data []byte, limits Limits) *scanner {
	s := &scanner{data: data, limits: limits}
	s.path = s.pathRoom[:0]
	s.names = s.namesRoom[:0]
	return s
}

// fail makes the error for a place in the text, in the current member.
func (s *scanner) fail(code Code, offset int, hint, format string, args ...any) *Error {
	return &Error{Code: code, Offset: offset, Pointer: s.pointer(), Hint: hint,
		Detail: fmt.Sprintf(format, args...)}
}

// note remembers the first place that is not canonical.
func (s *scanner) note(offset int, hint, detail string) *Error {
	if s.rough == nil {
		s.rough = s.fail(CodeNotCanonical, offset, hint, "%s", detail)
	}
	if s.brief {
		return s.rough
	}
	return nil
}

// pointer is the RFC 6901 pointer to the current value.
func (s *scanner) pointer() string {
	var b strings.Builder
	for _, at := range s.path {
		switch {
		case at.index >= 0:
			fmt.Fprintf(&b, "/%d", at.index)
		case at.name.end > 0:
			b.WriteByte('/')
			b.WriteString(pointerEscape(string(s.unquoted(at.name))))
		}
	}
	return b.String()
}

// pointerEscape spells a name as a token of an RFC 6901 pointer.
func pointerEscape(name string) string {
	return strings.ReplaceAll(strings.ReplaceAll(name, "~", "~0"), "/", "~1")
}

// unquoted is the text between two quotes with its escapes resolved.
func (s *scanner) unquoted(at span) []byte {
	raw := s.data[at.start:at.end]
	for _, c := range raw {
		if c == '\\' {
			out, _ := jsontext.AppendUnquote(nil, s.data[at.start-1:at.end+1])
			return out
		}
	}
	return raw
}

// next skips white space and returns the byte that follows, 0 at the end.
func (s *scanner) next() (byte, *Error) {
	start := s.pos
	for s.pos < len(s.data) {
		switch c := s.data[s.pos]; c {
		case ' ', '\t', '\n', '\r':
			s.pos++
		default:
			return c, s.spaced(start)
		}
	}
	return 0, s.spaced(start)
}

func (s *scanner) spaced(start int) *Error {
	if s.pos == start {
		return nil
	}
	return s.note(start, "write no white space between tokens", "white space")
}

// unexpected is the syntax error at the current byte.
func (s *scanner) unexpected(want string) *Error {
	if s.pos >= len(s.data) {
		return s.fail(CodeSyntax, len(s.data), "", "the text ends where %s belongs", want)
	}
	r, _ := utf8.DecodeRune(s.data[s.pos:])
	return s.fail(CodeSyntax, s.pos, "", "%q where %s belongs", r, want)
}

// literal consumes one of true, false and null.
func (s *scanner) literal(word string) *Error {
	for i := range len(word) {
		if s.pos+i >= len(s.data) || s.data[s.pos+i] != word[i] {
			s.pos += i
			return s.unexpected(word)
		}
	}
	s.pos += len(word)
	return nil
}

// text consumes a string, the current byte being its quote, and returns what
// lies between the quotes. Valid UTF-8 is the caller's business.
func (s *scanner) text() (span, *Error) {
	start := s.pos + 1
	for i := start; i < len(s.data); {
		switch c := s.data[i]; {
		case c > '\\':
			i++
		case c == '"':
			s.pos = i + 1
			return span{start, i}, nil
		case c == '\\':
			n, err := s.escape(i)
			if err != nil {
				return span{}, err
			}
			i += n
		case c < ' ':
			return span{}, s.fail(CodeSyntax, i, "escape control characters", "control character %#02x in a string", c)
		default:
			i++
		}
	}
	return span{}, s.fail(CodeSyntax, len(s.data), "", "the text ends inside a string")
}

// escape checks the escape sequence at i and returns its length. RFC 8785,
// section 3.2.2.2: only what must be escaped is, in its shortest form.
func (s *scanner) escape(i int) (int, *Error) {
	const shortest = "escape only quotes, backslashes and control characters, in the shortest form"
	if i+1 >= len(s.data) {
		return 0, s.fail(CodeSyntax, len(s.data), "", "the text ends inside a string")
	}
	switch c := s.data[i+1]; c {
	case '"', '\\', 'b', 'f', 'n', 'r', 't':
		return 2, nil
	case '/':
		return 2, s.note(i, shortest, `needless escape \/`)
	case 'u':
	default:
		return 0, s.fail(CodeSyntax, i, "", "unknown escape sequence")
	}
	r, ok := s.unit(i)
	if !ok {
		return 0, s.fail(CodeSyntax, i, "write \\u with four hex digits", "broken escape sequence")
	}
	if utf16.IsSurrogate(r) {
		low, ok := s.unit(i + 6)
		if !ok || utf16.DecodeRune(r, low) == utf8.RuneError {
			return 0, s.fail(CodeInvalidUTF8, i, "", "half of a surrogate pair")
		}
		return 12, s.note(i, shortest, "needless escape")
	}
	if shortUnit(s.data[i+2:i+6], r) {
		return 6, nil
	}
	return 6, s.note(i, shortest, "needless escape")
}

// unit reads \uXXXX at i.
func (s *scanner) unit(i int) (rune, bool) {
	if i+6 > len(s.data) || s.data[i] != '\\' || s.data[i+1] != 'u' {
		return 0, false
	}
	var r rune
	for _, c := range s.data[i+2 : i+6] {
		if 'A' <= c && c <= 'F' {
			c += 'a' - 'A'
		}
		d := nibble(c)
		if d == 255 {
			return 0, false
		}
		r = r<<4 | rune(d)
	}
	return r, true
}

// shortUnit reports whether \uXXXX is the canonical spelling of r: a control
// character without a letter of its own, digits in lower case.
func shortUnit(digits []byte, r rune) bool {
	return r < ' ' && !strings.ContainsRune("\b\t\n\f\r", r) && badDigit(digits) < 0
}

// integer consumes a number, the current byte being a digit or minus.
func (s *scanner) integer(low, high int64) *Error {
	start := s.pos
	if s.data[s.pos] == '-' {
		s.pos++
	}
	digits := s.pos
	var n int64
	for s.pos < len(s.data) && isDigit(s.data[s.pos]) {
		if n <= MaxInteger {
			n = n*10 + int64(s.data[s.pos]-'0')
		}
		s.pos++
	}
	switch {
	case s.pos == digits:
		return s.unexpected("a digit")
	case s.data[digits] == '0' && s.pos > digits+1:
		return s.fail(CodeSyntax, digits, "write integers without leading zeros", "leading zero")
	case s.pos < len(s.data) && isNumberTail(s.data[s.pos]):
		return s.fraction(start)
	}
	if s.data[start] == '-' {
		if n == 0 {
			return s.fail(CodeNotInteger, start, "write 0", "minus zero")
		}
		n = -n
	}
	if n < low || n > high {
		return s.fail(CodeOutOfRange, start, fmt.Sprintf("use an integer from %d to %d", low, high),
			"%s is out of range", clip(s.data[start:s.pos]))
	}
	return nil
}

// fraction refuses a number with fraction or exponent, once it is sure that
// it is one.
func (s *scanner) fraction(start int) *Error {
	if s.data[s.pos] == '.' {
		s.pos++
		if err := s.digits(); err != nil {
			return err
		}
	}
	if s.pos < len(s.data) && s.data[s.pos]|' ' == 'e' {
		s.pos++
		if s.pos < len(s.data) && (s.data[s.pos] == '+' || s.data[s.pos] == '-') {
			s.pos++
		}
		if err := s.digits(); err != nil {
			return err
		}
	}
	return s.fail(CodeNotInteger, start, "use an integer in a smaller unit",
		"%s has a fraction or an exponent", clip(s.data[start:s.pos]))
}

func (s *scanner) digits() *Error {
	start := s.pos
	for s.pos < len(s.data) && isDigit(s.data[s.pos]) {
		s.pos++
	}
	if s.pos == start {
		return s.unexpected("a digit")
	}
	return nil
}

func isDigit(c byte) bool      { return '0' <= c && c <= '9' }
func isNumberTail(c byte) bool { return c == '.' || c|' ' == 'e' }

// The bytes of foreign text that fit into a message.
const (
	nameRoom    = 48
	pointerRoom = 96
	detailRoom  = 192
)

// clip keeps what a hostile text says short enough for a message.
func clip(text []byte) string { return clipTo(nameRoom, text) }

func clipTo(room int, text []byte) string {
	if len(text) <= room {
		return string(text)
	}
	cut := room
	for cut > 0 && !utf8.RuneStart(text[cut]) {
		cut--
	}
	return string(text[:cut]) + "…"
}
