package codec

import "fmt"

// anything is the shape of a value inside Raw and of types that read
// themselves: the general rules hold, the type adds its own.
var anything = &shape{form: formAny, count: -1, sized: true}

// document checks a whole text against a shape.
func (s *scanner) document(sh *shape) *Error {
	if len(s.data) > s.limits.Size {
		return s.fail(CodeTooLarge, s.limits.Size, "", "%d bytes where at most %d are allowed", len(s.data), s.limits.Size)
	}
	if i := invalidUTF8(s.data); i >= 0 {
		return s.fail(CodeInvalidUTF8, i, "write the text in UTF-8", "byte %#02x is not UTF-8", s.data[i])
	}
	if err := s.value(sh, nil); err != nil {
		return err
	}
	if _, err := s.next(); err != nil {
		return err
	}
	if s.pos < len(s.data) {
		return s.fail(CodeTrailingData, s.pos, "send one value only", "%d bytes after the value", len(s.data)-s.pos)
	}
	return nil
}

// value checks the next value. The limits are those of its field, from the
// outermost level inwards; where there are none the defaults hold.
func (s *scanner) value(sh *shape, limits []int) *Error {
	c, err := s.next()
	if err != nil {
		return err
	}
	start := s.pos
	switch {
	case c == 'n':
		if err := s.literal("null"); err != nil {
			return err
		}
		return s.fail(CodeNull, start, "leave the member out if it is optional, else give "+sh.wants(), "null stands for nothing here")
	case c == '"' && sh.takesText():
		return s.textValue(sh, limits)
	case c == '[' && (sh.form == formList || sh.form == formAny):
		err = s.list(sh, limits)
	case c == '{' && sh.form == formStruct:
		return s.object(sh)
	case c == '{' && (sh.form == formMap || sh.form == formAny):
		err = s.loose(sh, limits)
	case (c == '-' || isDigit(c)) && sh.form == formInteger:
		return s.integer(sh.low, sh.high)
	case (c == '-' || isDigit(c)) && sh.form == formAny:
		return s.integer(-MaxInteger, MaxInteger)
	case (c == 't' || c == 'f') && (sh.form == formBool || sh.form == formAny):
		return s.boolean(c)
	default:
		return s.misfit(sh, c)
	}
	if err == nil && sh.form == formAny {
		err = s.within(start, s.pos, limits)
	}
	return err
}

// boolean consumes true or false.
func (s *scanner) boolean(c byte) *Error {
	if c == 't' {
		return s.literal("true")
	}
	return s.literal("false")
}

// misfit is the error for a value of another kind than the shape's.
func (s *scanner) misfit(sh *shape, c byte) *Error {
	kind := ""
	switch {
	case c == '"':
		kind = "a string"
	case c == '[':
		kind = "an array"
	case c == '{':
		kind = "an object"
	case c == '-' || isDigit(c):
		kind = "a number"
	case c == 't' || c == 'f':
		start := s.pos
		if err := s.boolean(c); err != nil {
			return err
		}
		s.pos, kind = start, "true or false"
	default:
		return s.unexpected(sh.wants())
	}
	return s.fail(CodeWrongType, s.pos, "", "%s where %s belongs", kind, sh.wants())
}

// wants names the kind of value that a shape takes.
func (sh *shape) wants() string {
	switch sh.form {
	case formBool:
		return "true or false"
	case formInteger:
		return "an integer"
	case formText:
		return "a string"
	case formHex:
		return fmt.Sprintf("a string of %d hex digits", 2*sh.count)
	case formHexBytes:
		return "a string of hex digits"
	case formList:
		return "an array"
	case formMap, formStruct:
		return "an object"
	}
	return "a value"
}

func (sh *shape) takesText() bool {
	switch sh.form {
	case formText, formHex, formHexBytes, formAny:
		return true
	}
	return false
}

// textValue checks a string against its shape.
func (s *scanner) textValue(sh *shape, limits []int) *Error {
	if sh.form == formHex { // most of a message: one look at each byte
		end := s.pos + 1 + 2*sh.count
		if end < len(s.data) && s.data[end] == '"' && badDigit(s.data[s.pos+1:end]) < 0 {
			s.pos = end + 1
			return nil
		}
	}
	at, err := s.text()
	if err != nil {
		return err
	}
	switch sh.form {
	case formHex:
		return s.hex(at, sh.count)
	case formHexBytes:
		if len(limits) > 0 && at.end-at.start > 2*limits[0] {
			return s.fail(CodeTooLarge, at.start-1, "", "%d hex digits where at most %d are allowed", at.end-at.start, 2*limits[0])
		}
		return s.hex(at, (at.end-at.start)/2)
	case formAny:
		return s.within(at.start-1, at.end+1, limits)
	}
	return s.within(at.start, at.end, limits)
}

// within checks the length of a string or of a raw value, in bytes of its
// text as it stands on the wire.
func (s *scanner) within(start, end int, limits []int) *Error {
	if len(limits) > 0 && end-start > limits[0] {
		return s.fail(CodeTooLarge, start, "", "%d bytes where at most %d are allowed", end-start, limits[0])
	}
	return nil
}

// hex checks that a string is n bytes in lower-case hex.
func (s *scanner) hex(at span, n int) *Error {
	text := s.data[at.start:at.end]
	if i := badDigit(text); i >= 0 {
		e := badHexDigit(text, i)
		return s.fail(e.Code, at.start+i, e.Hint, "%s", e.Detail)
	}
	if len(text) == 2*n {
		return nil
	}
	if len(text) == 2*n+1 {
		return s.fail(CodeBadHex, at.start-1, "write two digits for each byte", "odd number of hex digits (%d)", len(text))
	}
	return s.fail(CodeBadHex, at.start-1, "", "%d hex digits where %d belong", len(text), 2*n)
}
