package scrutineer

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"strings"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
)

// H01 and H07: bytes that two readers read differently.
//
// Bishop Fox (2021) went through 49 parsers of JSON: which of two members of
// one name counts, whether their case matters, what becomes of comments, of
// NaN and of bytes that are not UTF-8, is answered in every way. Others stop
// at the end of the first document and never look at the rest. Whoever signs,
// stores, counts and verifies with different parsers agrees on bytes and not on
// what they say.
//
// What the planted weaknesses accept:
//
//   - weak.json.lenient: a message whose members, the last of each name in
//     whatever case and escapes, make the message; unknown members, comments, a
//     byte order mark, NaN, Infinity and broken UTF-8 are passed over, however
//     deep what is in them. The digest of an entry's body is that of its bytes
//     as they came; the box puts a decision on the board in the bytes in which
//     it came.
//   - weak.decode.ignoreTrailing: a message that ends where its first object
//     ends. All bytes are in the leaf.

// Mangle is a way to write a message that says the same to a weak reader.
type Mangle string

// The ways of H01, then those of H07.
const (
	MangleTwice     Mangle = "twice"
	MangleCase      Mangle = "case"
	MangleEscape    Mangle = "escape"
	MangleNested    Mangle = "nested"
	MangleNaN       Mangle = "nan"
	MangleInfinity  Mangle = "infinity"
	MangleComment   Mangle = "comment"
	MangleBOM       Mangle = "bom"
	MangleUTF8      Mangle = "utf8"
	MangleDeep      Mangle = "deep"
	MangleDocument  Mangle = "document"
	MangleNUL       Mangle = "nul"
	MangleNewline   Mangle = "newline"
	MangleCRLF      Mangle = "crlf"
	MangleBlank     Mangle = "blank-lines"
	MangleTruncated Mangle = "truncated"
	MangleAgain     Mangle = "again"
)

// deep is how far the member of MangleDeep is nested.
const deep = 100_000

// tails are what follows a message.
func tail(how Mangle, canonical []byte) (string, bool) {
	t, ok := map[Mangle]string{
		MangleDocument: `{"weight":9}`, MangleNUL: "\x00", MangleNewline: "\n", MangleCRLF: "\r\n",
		MangleBlank: "\n\n \n{}\n", MangleTruncated: "\n" + string(canonical[:len(canonical)/2]), MangleAgain: string(canonical),
	}[how]
	return t, ok
}

// Mangled writes a canonical object in another way.
func Mangled(how Mangle, canonical []byte) ([]byte, error) {
	if t, ok := tail(how, canonical); ok {
		return append(bytes.Clone(canonical), t...), nil
	}
	colon := bytes.IndexByte(canonical, ':')
	if colon < 4 || canonical[0] != '{' {
		return nil, fmt.Errorf("no object with members: %.20q", canonical)
	}
	name, rest := string(canonical[2:colon-1]), string(canonical[1:]) // {"name":…
	said := map[Mangle]string{
		MangleTwice:    `{"` + name + `":"something else",` + rest,
		MangleCase:     `{"` + strings.ToUpper(name) + string(canonical[colon-1:]),
		MangleEscape:   fmt.Sprintf(`{"\u%04x`, name[0]) + string(canonical[3:]),
		MangleNaN:      `{"odds":NaN,` + rest,
		MangleInfinity: `{"odds":-Infinity,` + rest,
		MangleComment:  `{/* the voter's choice */` + rest,
		MangleBOM:      "{\ufeff" + rest,
		MangleUTF8:     "{\"odds\":\"\xff\xfe\"," + rest,
		MangleDeep:     `{"odds":` + strings.Repeat("[", deep) + strings.Repeat("]", deep) + "," + rest,
	}
	if how == MangleNested {
		inner := strings.IndexByte(rest, '{')
		if inner < 0 {
			return nil, fmt.Errorf("nothing is nested in %.20q", canonical)
		}
		within, err := Mangled(MangleTwice, []byte(rest[inner:]))
		return []byte("{" + rest[:inner] + string(within)), err
	}
	out, ok := said[how]
	if !ok {
		return nil, fmt.Errorf("no way to mangle called %q", how)
	}
	return []byte(out), nil
}

// MangledEntry is a signed entry written in another way. What is done to JSON
// is done to the body, whose bytes are signed as they are; a tail follows the
// entry.
func (s Signer) MangledEntry(how Mangle, t message.Type, context message.Digest, body any) (Parcel, error) {
	canonical, err := codec.Encode(body)
	if err != nil {
		return Parcel{}, err
	}
	written := canonical
	if _, isTail := tail(how, canonical); !isTail {
		if written, err = Mangled(how, canonical); err != nil {
			return Parcel{}, err
		}
	}
	e := message.Entry{Body: canonical, Context: context, ID: s.ID, Role: s.Role, Type: t, Version: message.Version}
	digest := transcript.EntrySignature(e, transcript.BodyDigest(written))
	e.Signature = message.Signature(ed25519.Sign(s.Key, digest[:]))
	raw, err := codec.Encode(e)
	if err != nil {
		return Parcel{}, err
	}
	raw = bytes.Replace(raw, canonical, written, 1)
	if t, ok := tail(how, raw); ok {
		raw = append(raw, t...)
	}
	return Parcel{Entry: raw}, nil
}
