package main

import (
	"strings"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/vectors"
	"scrutineer/protocols/vectors/internal/election"
)

func codecVectors(b *book) {
	s := newSuite[vectors.CodecContext, vectors.CodecInput](b, "codec",
		"Is this text the canonical form of such a message?",
		"A reader accepts exactly the canonical JSON form (SPEC.md §1) of the message that the group names.",
		"The text is in member text, or in hex where it is not UTF-8.")
	spellings(s)
	members(s)
	numbers(s)
	hexadecimal(s)
	optional(s)
	s.finish()
}

func codecText(text string) vectors.CodecInput { return vectors.CodecInput{Text: text} }

// spellings are texts of a message with one member, in other words.
func spellings(s *suite[vectors.CodecContext, vectors.CodecInput]) {
	s.group("one short string", vectors.CodecContext{Type: "close-channel"})
	s.valid("canonical", codecText(`{"channel":"web"}`))
	s.valid("empty string", codecText(`{"channel":""}`))
	s.valid("escapes where there must be some", codecText(`{"channel":"a\"b\\c\nd\u001f"}`))
	s.valid("no escape of what needs none", codecText("{\"channel\":\"<é/😀\u007f>\"}"))
	reject := func(flag, comment, text string) { s.invalid("V-05", comment, codecText(text), flag) }
	reject("WhiteSpace", "space before", ` {"channel":"web"}`)
	reject("WhiteSpace", "space after", `{"channel":"web"} `)
	reject("WhiteSpace", "space after the colon", `{"channel": "web"}`)
	reject("WhiteSpace", "newline at the end", "{\"channel\":\"web\"}\n")
	reject("WhiteSpace", "byte order mark", "\ufeff{\"channel\":\"web\"}")
	reject("TrailingData", "a second document", `{"channel":"web"}{"channel":"web"}`)
	reject("TrailingData", "a second document after a newline", "{\"channel\":\"web\"}\n{\"channel\":\"box\"}")
	reject("TrailingData", "zero byte at the end", "{\"channel\":\"web\"}\x00")
	reject("TrailingData", "closing bracket too many", `{"channel":"web"}}`)
	reject("OtherEscape", "letter as escape", `{"channel":"\u0077eb"}`)
	reject("OtherEscape", "escaped letter in the name", `{"ch\u0061nnel":"web"}`)
	reject("OtherEscape", "escaped slash", `{"channel":"a\/b"}`)
	reject("OtherEscape", "newline as a long escape", `{"channel":"a\u000ab"}`)
	reject("OtherEscape", "escape in upper case", `{"channel":"a\u001Fb"}`)
	reject("OtherEscape", "character beyond the first plane as two escapes", `{"channel":"\ud83d\ude00"}`)
	reject("BrokenText", "half of a surrogate pair", `{"channel":"\ud800"}`)
	reject("BrokenText", "surrogates in the wrong order", `{"channel":"\ude00\ud83d"}`)
	reject("NotJSON", "control character as it is", "{\"channel\":\"a\tb\"}")
	reject("NotJSON", "nothing", "")
	reject("NotJSON", "object that does not end", `{"channel":"web"`)
	reject("NotJSON", "comma before the end", `{"channel":"web",}`)
	reject("NotJSON", "single quotes", `{'channel':'web'}`)
	reject("NotJSON", "comment", `{"channel":"web"/**/}`)
	reject("NotJSON", "name without quotes", `{channel:"web"}`)
	raw := func(comment, text string) {
		s.invalid("V-05", comment, vectors.CodecInput{Hex: codec.HexBytes(text)}, "BrokenText")
	}
	raw("broken byte", "{\"channel\":\"a\xffb\"}")
	raw("overlong slash", "{\"channel\":\"a\xc0\xafb\"}")
	raw("surrogate as three bytes", "{\"channel\":\"\xed\xa0\x80\"}")
	raw("character cut off", "{\"channel\":\"\xe2\x82\"}")
}

// members are wrong in name, number or type.
func members(s *suite[vectors.CodecContext, vectors.CodecInput]) {
	root := strings.Repeat("ab", 32)
	s.group("a number and a digest", vectors.CodecContext{Type: "seal"})
	s.valid("canonical seal", codecText(`{"count":7,"root":"`+root+`"}`))
	reject := func(flag, comment, text string) {
		s.invalid("V-05", comment, codecText(strings.ReplaceAll(text, "ROOT", `"`+root+`"`)), flag)
	}
	reject("DuplicateName", "member twice, first value right", `{"count":7,"count":8,"root":ROOT}`)
	reject("DuplicateName", "member twice, same value", `{"count":7,"count":7,"root":ROOT}`)
	reject("DuplicateName", "member twice, apart", `{"count":7,"root":ROOT,"count":8}`)
	reject("DuplicateName", "member twice, once with an escape", `{"count":7,"coun\u0074":8,"root":ROOT}`)
	reject("UnknownName", "member that nobody knows", `{"count":7,"extra":1,"root":ROOT}`)
	reject("UnknownName", "member in upper case beside the right one", `{"COUNT":8,"count":7,"root":ROOT}`)
	reject("UnknownName", "member in another case", `{"Count":7,"root":ROOT}`)
	reject("UnknownName", "member with the sign for kelvin", "{\"count\":7,\"root\":ROOT,\"\u212aey\":1}")
	reject("UnknownName", "member with an empty name", `{"":1,"count":7,"root":ROOT}`)
	reject("MissingMember", "member missing", `{"count":7}`)
	reject("MissingMember", "no member", `{}`)
	reject("Disorder", "members in the other order", `{"root":ROOT,"count":7}`)
	reject("WrongType", "null for a number", `{"count":null,"root":ROOT}`)
	reject("WrongType", "null for a digest", `{"count":7,"root":null}`)
	reject("WrongType", "null for all", `null`)
	reject("WrongType", "number as a string", `{"count":"7","root":ROOT}`)
	reject("WrongType", "true for a number", `{"count":true,"root":ROOT}`)
	reject("WrongType", "list around all", `[{"count":7,"root":ROOT}]`)
	reject("WrongType", "list of numbers for a digest", `{"count":7,"root":[171,171]}`)
	reject("WrongType", "object for a number", `{"count":{},"root":ROOT}`)
	reject("WrongType", "brackets a thousand deep", `{"count":`+strings.Repeat("[", 1000)+strings.Repeat("]", 1000)+`,"root":ROOT}`)
}

// numbers are written in ways that readers take differently.
func numbers(s *suite[vectors.CodecContext, vectors.CodecInput]) {
	s.group("numbers", vectors.CodecContext{Type: "seal"})
	seal := func(count string) vectors.CodecInput {
		return codecText(`{"count":` + count + `,"root":"` + strings.Repeat("cd", 32) + `"}`)
	}
	s.valid("zero", seal("0"))
	s.valid("largest integer, 2^53 − 1", seal("9007199254740991"))
	for _, c := range []struct{ flag, comment, number string }{
		{"NumberRange", "2^53", "9007199254740992"},
		{"NumberRange", "2^53 + 1, which a double cannot hold", "9007199254740993"},
		{"NumberRange", "2^64 + 7, which wraps to 7", "18446744073709551623"},
		{"NumberRange", "below zero", "-1"},
		{"NumberRange", "a number of thirty digits", "100000000000000000000000000007"},
		{"NumberForm", "fraction that is zero", "7.0"},
		{"NumberForm", "fraction", "7.5"},
		{"NumberForm", "exponent", "7e0"},
		{"NumberForm", "exponent that makes an integer", "70e-1"},
		{"NumberForm", "minus zero", "-0"},
		{"NumberForm", "plus sign", "+7"},
		{"NumberForm", "leading zero", "07"},
		{"NumberForm", "hexadecimal", "0x7"},
		{"NumberForm", "underscore", "1_000"},
		{"NumberForm", "not a number", "NaN"},
		{"NumberForm", "infinity", "1e999"},
	} {
		s.invalid("V-05", c.comment, seal(c.number), c.flag)
	}
}

// hexadecimal are byte strings in other spellings.
func hexadecimal(s *suite[vectors.CodecContext, vectors.CodecInput]) {
	s.group("byte strings", vectors.CodecContext{Type: "seal"})
	root := strings.Repeat("e0", 32)
	seal := func(root string) vectors.CodecInput { return codecText(`{"count":7,"root":"` + root + `"}`) }
	s.valid("digest of zero bytes", seal(strings.Repeat("00", 32)))
	s.valid("digest in lower case", seal(root))
	for _, c := range []struct{ comment, root string }{
		{"digest in upper case", strings.ToUpper(root)},
		{"one digit in upper case", "E" + root[1:]},
		{"one digit short", root[1:]},
		{"one byte short", root[2:]},
		{"one byte long", root + "00"},
		{"empty digest", ""},
		{"prefix 0x", "0x" + root[2:]},
		{"space within", root[:2] + " " + root[3:]},
		{"letter that is no digit", "g" + root[1:]},
		{"base64", "4ODg4ODg4ODg4ODg4ODg4ODg4ODg4ODg4ODg4ODg4OA="},
		{"digit of another script", "٠" + root[1:]},
	} {
		s.invalid("V-05", c.comment, seal(c.root), "HexForm")
	}
}

// optional are members that are absent when they are empty, and lists, which
// never are.
func optional(s *suite[vectors.CodecContext, vectors.CodecInput]) {
	r := message.Receipt{Index: 3, Decision: election.Seed.Bytes("decision"), Tracker: election.Seed.Bytes("tracker")}
	short := string(election.Encode(r))
	r.Credential = election.Seed.Bytes("credential")
	s.group("an optional member", vectors.CodecContext{Type: "receipt"})
	s.valid("without it", codecText(short))
	s.valid("with it", codecText(string(election.Encode(r))))
	s.invalid("V-05", "there although it is zero",
		codecText(`{"credential":"`+strings.Repeat("00", 32)+`",`+short[1:]), "OtherOmission")
	s.invalid("V-05", "null instead of absent", codecText(`{"credential":null,`+short[1:]), "WrongType")
	s.group("a list of strings", vectors.CodecContext{Type: "participation"})
	s.valid("empty list", codecText(`{"voters":[]}`))
	s.valid("list of two", codecText(`{"voters":["a","b"]}`))
	s.invalid("V-05", "list absent", codecText(`{}`), "MissingMember")
	s.invalid("V-05", "null for a list", codecText(`{"voters":null}`), "WrongType")
	s.invalid("V-05", "string for a list", codecText(`{"voters":"a"}`), "WrongType")
	s.invalid("V-05", "number in a list of strings", codecText(`{"voters":["a",1]}`), "WrongType")
	s.invalid("V-05", "comma at the end of a list", codecText(`{"voters":["a",]}`), "NotJSON")
}
