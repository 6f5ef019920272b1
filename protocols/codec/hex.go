package codec

import (
	"bytes"
	"encoding/hex"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"
)

// Hex16 is 16 bytes, on the wire 32 lower-case hex digits.
type Hex16 [16]byte

// Hex32 is 32 bytes (a group element, scalar or digest), on the wire 64
// lower-case hex digits.
type Hex32 [32]byte

// Hex64 is 64 bytes (a signature), on the wire 128 lower-case hex digits.
type Hex64 [64]byte

// HexBytes is a byte string of any length, on the wire an even number of
// lower-case hex digits. A field of this type bounds its bytes with a tag
// such as `limit:"1024"`.
type HexBytes []byte

const hexDigits = "0123456789abcdef"

// appendHex appends the lower-case hex digits of src without quotes.
func appendHex(dst, src []byte) []byte {
	for _, c := range src {
		dst = append(dst, hexDigits[c>>4], hexDigits[c&15])
	}
	return dst
}

// digitPlusOne maps a lower-case hex digit to its value plus one, all other
// bytes to zero. It is never written to.
var digitPlusOne = [256]byte{
	'0': 1, '1': 2, '2': 3, '3': 4, '4': 5, '5': 6, '6': 7, '7': 8, '8': 9, '9': 10,
	'a': 11, 'b': 12, 'c': 13, 'd': 14, 'e': 15, 'f': 16,
}

// nibble is the value of a lower-case hex digit, or 255.
func nibble(c byte) byte { return digitPlusOne[c] - 1 }

// parseHex fills dst from exactly 2·len(dst) lower-case digits; dst is
// unchanged on error. The error's Offset counts from the start of text.
func parseHex(dst, text []byte) error {
	if len(text) != 2*len(dst) {
		return &Error{Code: CodeBadHex,
			Detail: fmt.Sprintf("%d characters where %d hex digits belong", len(text), 2*len(dst)),
			Hint:   fmt.Sprintf("write the %d bytes as lower-case hex", len(dst))}
	}
	if i := badDigit(text); i >= 0 {
		return badHexDigit(text, i)
	}
	for i := range dst {
		pair := text[2*i : 2*i+2 : 2*i+2]
		dst[i] = nibble(pair[0])<<4 | nibble(pair[1])
	}
	return nil
}

// badDigit is the index of the first byte that is no lower-case digit, or -1.
func badDigit(text []byte) int {
	for i, c := range text {
		if nibble(c) == 255 {
			return i
		}
	}
	return -1
}

func badHexDigit(text []byte, i int) *Error {
	return &Error{Code: CodeBadHex, Offset: i,
		Detail: fmt.Sprintf("%q is no lower-case hex digit", text[i]),
		Hint:   "use 0-9 and a-f only"}
}

// parseHexBytes is parseHex for any even length.
func parseHexBytes(text []byte) ([]byte, error) {
	if len(text)%2 != 0 {
		return nil, &Error{Code: CodeBadHex,
			Detail: fmt.Sprintf("odd number of hex digits (%d)", len(text)),
			Hint:   "write two digits for each byte"}
	}
	dst := make([]byte, len(text)/2)
	if err := parseHex(dst, text); err != nil {
		return nil, err
	}
	return dst, nil
}

// writeHex writes src as a JSON string without an allocation of its own.
func writeHex(enc *jsontext.Encoder, src []byte) error {
	b := append(enc.AvailableBuffer(), '"')
	b = append(appendHex(b, src), '"')
	return enc.WriteValue(b)
}

// quotedHex is src as a JSON string.
func quotedHex(src []byte) []byte {
	b := append(make([]byte, 0, 2*len(src)+2), '"')
	return append(appendHex(b, src), '"')
}

// unquoteHex returns the inside of a JSON string that holds no escapes; a
// string with escapes fails later, because a backslash is no digit.
func unquoteHex(value []byte) ([]byte, error) {
	value = bytes.TrimSpace(value)
	if len(value) < 2 || value[0] != '"' || value[len(value)-1] != '"' {
		return nil, &Error{Code: CodeWrongType, Detail: "a hex string belongs here",
			Hint: "write the bytes as a string of lower-case hex digits"}
	}
	return value[1 : len(value)-1], nil
}

// readHex reads the next value into dst, which is unchanged on error.
func readHex(dec *jsontext.Decoder, dst []byte) error {
	value, err := dec.ReadValue()
	if err != nil {
		return err
	}
	return unmarshalHex(value, dst)
}

func unmarshalHex(value, dst []byte) error {
	text, err := unquoteHex(value)
	if err != nil {
		return err
	}
	return parseHex(dst, text)
}

// ParseHex16 reads 32 lower-case hex digits.
func ParseHex16(s string) (h Hex16, err error) { err = parseHex(h[:], []byte(s)); return h, err }

// ParseHex32 reads 64 lower-case hex digits.
func ParseHex32(s string) (h Hex32, err error) { err = parseHex(h[:], []byte(s)); return h, err }

// ParseHex64 reads 128 lower-case hex digits.
func ParseHex64(s string) (h Hex64, err error) { err = parseHex(h[:], []byte(s)); return h, err }

// ParseHexBytes reads an even number of lower-case hex digits.
func ParseHexBytes(s string) (HexBytes, error) {
	b, err := parseHexBytes([]byte(s))
	return b, err
}

func (h Hex16) String() string    { return hex.EncodeToString(h[:]) }
func (h Hex32) String() string    { return hex.EncodeToString(h[:]) }
func (h Hex64) String() string    { return hex.EncodeToString(h[:]) }
func (h HexBytes) String() string { return hex.EncodeToString(h) }

// The marshalers of json v2: what this package itself uses.

func (h Hex16) MarshalJSONTo(enc *jsontext.Encoder) error    { return writeHex(enc, h[:]) }
func (h Hex32) MarshalJSONTo(enc *jsontext.Encoder) error    { return writeHex(enc, h[:]) }
func (h Hex64) MarshalJSONTo(enc *jsontext.Encoder) error    { return writeHex(enc, h[:]) }
func (h HexBytes) MarshalJSONTo(enc *jsontext.Encoder) error { return writeHex(enc, h) }

func (h *Hex16) UnmarshalJSONFrom(dec *jsontext.Decoder) error { return readHex(dec, h[:]) }
func (h *Hex32) UnmarshalJSONFrom(dec *jsontext.Decoder) error { return readHex(dec, h[:]) }
func (h *Hex64) UnmarshalJSONFrom(dec *jsontext.Decoder) error { return readHex(dec, h[:]) }

func (h *HexBytes) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	value, err := dec.ReadValue()
	if err != nil {
		return err
	}
	return h.UnmarshalJSON(value)
}

// The marshalers of encoding/json and of text formats, for other tools.

func (h Hex16) MarshalJSON() ([]byte, error)    { return quotedHex(h[:]), nil }
func (h Hex32) MarshalJSON() ([]byte, error)    { return quotedHex(h[:]), nil }
func (h Hex64) MarshalJSON() ([]byte, error)    { return quotedHex(h[:]), nil }
func (h HexBytes) MarshalJSON() ([]byte, error) { return quotedHex(h), nil }

func (h *Hex16) UnmarshalJSON(value []byte) error { return unmarshalHex(value, h[:]) }
func (h *Hex32) UnmarshalJSON(value []byte) error { return unmarshalHex(value, h[:]) }
func (h *Hex64) UnmarshalJSON(value []byte) error { return unmarshalHex(value, h[:]) }

func (h *HexBytes) UnmarshalJSON(value []byte) error {
	text, err := unquoteHex(value)
	if err != nil {
		return err
	}
	b, err := parseHexBytes(text)
	if err != nil {
		return err
	}
	*h = b
	return nil
}

func (h Hex16) MarshalText() ([]byte, error)    { return appendHex(nil, h[:]), nil }
func (h Hex32) MarshalText() ([]byte, error)    { return appendHex(nil, h[:]), nil }
func (h Hex64) MarshalText() ([]byte, error)    { return appendHex(nil, h[:]), nil }
func (h HexBytes) MarshalText() ([]byte, error) { return appendHex(nil, h), nil }

func (h *Hex16) UnmarshalText(text []byte) error { return parseHex(h[:], text) }
func (h *Hex32) UnmarshalText(text []byte) error { return parseHex(h[:], text) }
func (h *Hex64) UnmarshalText(text []byte) error { return parseHex(h[:], text) }

func (h *HexBytes) UnmarshalText(text []byte) error {
	b, err := parseHexBytes(text)
	if err != nil {
		return err
	}
	*h = b
	return nil
}
