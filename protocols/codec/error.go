package codec

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Code names a kind of fault. The strings are stable: reports, problem
// answers and tests compare them.
type Code string

// The codes of [Error].
const (
	CodeSyntax        Code = "syntax"         // not JSON
	CodeInvalidUTF8   Code = "invalid-utf8"   // bytes or escapes that are no Unicode text
	CodeTrailingData  Code = "trailing-data"  // something after the value
	CodeDuplicateName Code = "duplicate-name" // a member twice
	CodeUnknownName   Code = "unknown-name"   // a member that the type lacks, or in another case
	CodeMissing       Code = "missing"        // a required member is absent
	CodeNull          Code = "null"           // null, which stands for nothing here
	CodeWrongType     Code = "wrong-type"     // another kind of value than the type wants
	CodeNotInteger    Code = "not-integer"    // fraction, exponent or minus zero
	CodeOutOfRange    Code = "out-of-range"   // integer outside of ±(2^53-1) or of its field
	CodeTooDeep       Code = "too-deep"       // nested deeper than Limits.Depth
	CodeTooLarge      Code = "too-large"      // more bytes than allowed
	CodeTooMany       Code = "too-many"       // more elements or members than allowed
	CodeBadHex        Code = "bad-hex"        // not lower-case hex of the right length
	CodeBadValue      Code = "bad-value"      // refused by the type's own unmarshaler
	CodeNotCanonical  Code = "not-canonical"  // valid, but not the one RFC 8785 form
	CodeBadType       Code = "bad-type"       // the Go type cannot be coded (floats, any, ...)
)

// Error is what every function of this package returns for bad input.
type Error struct {
	Code    Code
	Offset  int    // byte offset from the start of the input, from 0; 0 where there is no input
	Line    int    // line, from 1; 0 where there is no input, as when encoding
	Column  int    // column in characters, from 1; 0 where there is no input
	Pointer string // RFC 6901 pointer to the value at fault; "" is the whole
	Detail  string // what is wrong
	Hint    string // how to mend it; may be empty
}

// Error is one line in lower case: code, position, what is wrong, mend.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(string(e.Code))
	if e.Line > 0 {
		fmt.Fprintf(&b, " at line %d, column %d (byte %d)", e.Line, e.Column, e.Offset)
	}
	if e.Pointer != "" {
		b.WriteString(" in ")
		b.WriteString(printable(pointerRoom, e.Pointer))
	}
	b.WriteString(": ")
	b.WriteString(e.Detail)
	if e.Hint != "" {
		b.WriteString("; ")
		b.WriteString(e.Hint)
	}
	return b.String()
}

// printable keeps foreign text short and on one line of the terminal.
func printable(room int, s string) string {
	q := strconv.QuoteToGraphic(clipTo(room, []byte(s)))
	return q[1 : len(q)-1]
}

// refused turns an error of the library, met after the scanner has found no
// fault, into ours: it comes from a type with an unmarshaler of its own.
func refused(err error, data []byte) *Error {
	fault, pointer := reason(err)
	return fault.under(data, pointer)
}

// unwritable is refused for an error met while encoding, where there is no
// text to point into.
func unwritable(err error) *Error {
	fault, pointer := reason(err)
	moved := *fault
	moved.Pointer = pointer + fault.Pointer
	moved.Offset, moved.Line, moved.Column = 0, 0, 0
	return &moved
}

// reason finds what a type's own marshaler said and where it stood.
func reason(err error) (*Error, string) {
	var pointer string
	var detail error = err
	var semantic *json.SemanticError
	var syntactic *jsontext.SyntacticError
	switch {
	case errors.As(err, &semantic):
		pointer = string(semantic.JSONPointer)
		if semantic.Err != nil {
			detail = semantic.Err
		}
	case errors.As(err, &syntactic):
		pointer, detail = string(syntactic.JSONPointer), syntactic.Err
	}
	var own *Error
	if errors.As(err, &own) {
		return own, pointer
	}
	code := CodeBadValue
	if strings.Contains(detail.Error(), "invalid UTF-8") { // the library exports no value for it
		code = CodeInvalidUTF8
	}
	return &Error{Code: code, Detail: printable(detailRoom, detail.Error())}, pointer
}
