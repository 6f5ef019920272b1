package ui

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxArgument bounds how much of one hostile string reaches a terminal, in
// bytes.
const maxArgument = 8 << 10

// Safe returns s as visible text on one line. What could move the cursor,
// colour the text, ring, turn the direction of writing or hide appears as a
// Go escape (\x1b, \u202e); invalid UTF-8 as its bytes. Very long text is cut,
// and says so.
func Safe(s string) string {
	cut := ""
	if len(s) > maxArgument {
		end := maxArgument
		for end > 0 && !utf8.RuneStart(s[end]) {
			end--
		}
		cut = fmt.Sprintf("… (%d more bytes)", len(s)-end)
		s = s[:end]
	}
	if isSafe(s) {
		return s + cut
	}
	var b strings.Builder
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[0])
		case safeRune(r):
			b.WriteRune(r)
		default:
			quoted := strconv.QuoteRuneToASCII(r)
			b.WriteString(quoted[1 : len(quoted)-1])
		}
		s = s[size:]
	}
	return b.String() + cut
}

func isSafe(s string) bool {
	if !utf8.ValidString(s) {
		return false
	}
	for _, r := range s {
		if !safeRune(r) {
			return false
		}
	}
	return true
}

// safeRune keeps letters, marks, numbers, punctuation, symbols and spaces of
// one line. Formatting characters (zero-width, bidirectional) and private-use
// ones are in none of these classes.
func safeRune(r rune) bool { return unicode.IsGraphic(r) && !invisible(r) }

// invisible lists the graphic characters that are drawn as nothing.
func invisible(r rune) bool {
	switch r {
	case '\u115f', '\u1160', '\u3164', '\uffa0', '\u034f', '\u17b4', '\u17b5':
		return true
	}
	return unicode.Is(unicode.Variation_Selector, r) && r != '\ufe0e' && r != '\ufe0f'
}

func sprintf(format string, args []any) string {
	clean := make([]any, len(args))
	for i, arg := range args {
		clean[i] = safeArg(arg)
	}
	return fmt.Sprintf(format, clean...)
}

// safeArg leaves numbers and truth values as they are, so that a format can
// say how to print them, and makes text of everything else.
func safeArg(arg any) any {
	switch v := arg.(type) {
	case nil, bool, int, int8, int16, int32, int64, uint, uint8, uint16, uint32, uint64, uintptr, float32, float64:
		return arg
	case string:
		return Safe(v)
	case []byte:
		return Safe(string(v))
	case error:
		return Safe(v.Error())
	case fmt.Stringer:
		return Safe(v.String())
	}
	return Safe(fmt.Sprint(arg))
}
