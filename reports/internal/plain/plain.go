// Package plain makes strings that came from strangers fit to be shown: a
// target chooses its error messages, and a report that a laboratory relies on
// must not let them move the cursor, reverse the reading order or hide behind
// characters that nobody sees.
//
// It does not escape for a format; html/template and the JSON encoder do that.
package plain

import (
	"fmt"
	"reflect"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"scrutineer/reports/event"
)

// MaxShown is the longest text that a report for people shows, in bytes. The
// whole text stands in events.jsonl.
const MaxShown = 4 << 10

// maxMarks is how many combining marks may sit on one character. Scripts use
// two or three; towers of them cover the lines above.
const maxMarks = 4

// Text returns s on one line, as valid UTF-8, cut to MaxShown. Control and
// format characters (escape sequences, direction overrides, zero-width marks)
// appear as ⟨U+202E⟩, line breaks as ⏎, superfluous combining marks as a count.
func Text(s string) string {
	if harmless(s) {
		return s
	}
	var b strings.Builder
	marks := 0
	flush := func() {
		if marks > maxMarks {
			fmt.Fprintf(&b, "⟨%d marks⟩", marks-maxMarks)
		}
		marks = 0
	}
	for _, r := range event.Clip(strings.ReplaceAll(s, "\r\n", "\n"), MaxShown) {
		if unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Me, r) {
			if marks++; marks <= maxMarks {
				b.WriteRune(r)
			}
			continue
		}
		flush()
		switch {
		case r == '\n':
			b.WriteString(" ⏎ ")
		case r == '\t':
			b.WriteByte(' ')
		case hidden(r):
			fmt.Fprintf(&b, "⟨U+%04X⟩", r)
		default:
			b.WriteRune(r)
		}
	}
	flush()
	return b.String()
}

// harmless is the quick way out for what nearly all text is.
func harmless(s string) bool {
	if len(s) > MaxShown {
		return false
	}
	for i := range len(s) {
		if s[i] < 0x20 || s[i] > 0x7e {
			return false
		}
	}
	return true
}

// hidden reports whether a rune is invisible, moves what is around it or has
// no agreed look. The joiners (U+200C, U+200D) belong to the spelling of
// several languages and stay.
func hidden(r rune) bool {
	if r == '\u200c' || r == '\u200d' {
		return false
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs, unicode.Zl, unicode.Zp, unicode.Noncharacter_Code_Point)
}

// Deep returns a copy of v in which every string went through Text, so that
// no template or column can forget to. Values are copied as deep as pointers,
// slices and structs with exported fields go; other types (time.Time
// too) are taken as they are.
func Deep[T any](v T) T {
	out := reflect.New(reflect.TypeOf(&v).Elem()).Elem()
	deep(out, reflect.ValueOf(&v).Elem())
	return out.Interface().(T)
}

func deep(dst, src reflect.Value) {
	switch src.Kind() {
	case reflect.String:
		dst.SetString(Text(src.String()))
	case reflect.Pointer:
		if !src.IsNil() {
			dst.Set(reflect.New(src.Type().Elem()))
			deep(dst.Elem(), src.Elem())
		}
	case reflect.Slice:
		if !src.IsNil() {
			dst.Set(reflect.MakeSlice(src.Type(), src.Len(), src.Len()))
			for i := range src.Len() {
				deep(dst.Index(i), src.Index(i))
			}
		}
	case reflect.Struct:
		dst.Set(src)
		for i := range src.NumField() {
			if src.Type().Field(i).IsExported() {
				deep(dst.Field(i), src.Field(i))
			}
		}
	default:
		dst.Set(src)
	}
}

// JSON returns a JSON text with the characters that Text would show as a
// number written as \u escapes. Nothing is lost: outside of strings, JSON has
// no such characters.
func JSON(b []byte) []byte {
	out := make([]byte, 0, len(b))
	for _, r := range string(b) {
		switch {
		case r < 0x20 || !hidden(r):
			out = utf8.AppendRune(out, r)
		case r > 0xffff:
			hi, lo := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, hi, lo)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
	}
	return out
}
