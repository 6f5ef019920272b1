package codec_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"scrutineer/protocols/codec"
)

// level is a type with a form of its own: one of two words.
type level int

func (l level) MarshalText() ([]byte, error) { return []byte([]string{"low", "high"}[l]), nil }

func (l *level) UnmarshalText(text []byte) error {
	switch string(text) {
	case "low":
		*l = 0
	case "high", "top": // two spellings of one value
		*l = 1
	default:
		return fmt.Errorf("no level %q", text)
	}
	return nil
}

// union decodes itself by its kind, through DecodeAt.
type union struct{ v any }

type unionBody struct {
	Body codec.Raw `json:"body"`
	Kind string    `json:"kind"`
}

func (u union) MarshalJSONTo(enc *jsontext.Encoder) error {
	body, err := codec.Encode(u.v)
	if err != nil {
		return err
	}
	data, err := codec.Encode(unionBody{body, reflect.TypeOf(u.v).Name()})
	if err != nil {
		return err
	}
	return enc.WriteValue(data)
}

func (u *union) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	value, err := dec.ReadValue()
	if err != nil {
		return err
	}
	whole, err := codec.Decode[unionBody](value, codec.Limits{})
	if err != nil {
		return err
	}
	base := codec.Base{Whole: value, Pointer: "/body"}
	switch whole.Kind {
	case "inner":
		u.v, err = codec.DecodeAt[inner](whole.Body, base, codec.Limits{})
	case "item":
		u.v, err = codec.DecodeAt[item](whole.Body, base, codec.Limits{})
	default:
		err = codec.ErrorAt(value, "/kind", codec.CodeBadValue, "unknown kind", "")
	}
	return err
}

// odd holds types with a form of their own.
type odd struct {
	Level level `json:"level"`
	Union union `json:"union"`
}

// text makes a message from members, the others being those of a good one;
// a value of "-" leaves a member out.
func text(members ...string) string {
	good := map[string]string{
		"body": "1", "count": "2", "key": `"` + key().String() + `"`, "list": "[]", "map": "{}", "open": "true",
	}
	for i := 0; i < len(members); i += 2 {
		good[members[i]] = members[i+1]
	}
	var out []string
	for _, name := range []string{"body", "count", "key", "list", "map", "note", "open", "proof", "small", "table", "turnout"} {
		if v, ok := good[name]; ok && v != "-" {
			out = append(out, fmt.Sprintf("%q:%s", name, v))
		}
	}
	return "{" + strings.Join(out, ",") + "}"
}

func TestTextIsGood(t *testing.T) {
	if _, err := codec.Decode[message]([]byte(text()), codec.Limits{}); err != nil {
		t.Fatal(err)
	}
}

// bad is one text and what is wrong with it. The offset is where mark stands
// in the text (its first occurrence), or the given number if there is none.
type bad struct {
	name    string
	text    string
	code    codec.Code
	mark    string
	shift   int
	pointer string
	hint    string
}

// rejects runs a table of bad texts for one type.
func rejects[T any](t *testing.T, limits codec.Limits, table []bad) {
	t.Helper()
	for _, c := range table {
		t.Run(c.name, func(t *testing.T) {
			v, err := codec.Decode[T]([]byte(c.text), limits)
			var e *codec.Error
			if !errors.As(err, &e) {
				t.Fatalf("got %+v, %v for %s", v, err, c.text)
			}
			offset := c.shift
			if c.mark != "" {
				offset += strings.Index(c.text, c.mark)
			}
			if e.Code != c.code || e.Offset != offset || e.Pointer != c.pointer {
				t.Errorf("got %s at %d in %q, want %s at %d in %q\n%v\n%s",
					e.Code, e.Offset, e.Pointer, c.code, offset, c.pointer, e, c.text)
			}
			if e.Line != 1+strings.Count(c.text[:offset], "\n") || e.Column < 1 || e.Detail == "" {
				t.Errorf("incomplete: %+v", *e)
			}
			if !strings.Contains(e.Hint, c.hint) {
				t.Errorf("hint %q lacks %q", e.Hint, c.hint)
			}
			if !reflect.ValueOf(v).IsZero() {
				t.Errorf("value is not zero: %+v", v)
			}
		})
	}
}

func TestRejectsSyntax(t *testing.T) {
	rejects[codec.Raw](t, codec.Limits{}, []bad{
		{"empty", ``, codec.CodeSyntax, "", 0, "", ""},
		{"space only", ` `, codec.CodeSyntax, "", 1, "", ""},
		{"byte order mark", "\ufeff1", codec.CodeSyntax, "", 0, "", ""},
		{"cut off in an object", `{"a"`, codec.CodeSyntax, "", 4, "/a", ""},
		{"cut off in a list", `[1,`, codec.CodeSyntax, "", 3, "/1", ""},
		{"cut off in a string", `["ab`, codec.CodeSyntax, "", 4, "/0", ""},
		{"cut off in an escape", `"\`, codec.CodeSyntax, "", 2, "", ""},
		{"cut off in a literal", `[tru`, codec.CodeSyntax, "", 4, "/0", ""},
		{"cut off after minus", `-`, codec.CodeSyntax, "", 1, "", ""},
		{"comma at the end of a list", `[1,]`, codec.CodeSyntax, "]", 0, "", ""},
		{"comma at the end of an object", `{"a":1,}`, codec.CodeSyntax, "}", 0, "", ""},
		{"comma at the start", `[,1]`, codec.CodeSyntax, ",", 0, "/0", ""},
		{"no comma", `[1 2]`, codec.CodeSyntax, "2", 0, "", ""},
		{"no colon", `{"a" 1}`, codec.CodeSyntax, "1", 0, "/a", ""},
		{"no value", `{"a":}`, codec.CodeSyntax, "}", 0, "/a", ""},
		{"wrong bracket", `[1}`, codec.CodeSyntax, "}", 0, "", ""},
		{"name without quotes", `{a:1}`, codec.CodeSyntax, "a", 0, "", ""},
		{"single quotes", `'a'`, codec.CodeSyntax, "", 0, "", ""},
		{"comment", `/**/1`, codec.CodeSyntax, "", 0, "", ""},
		{"plus sign", `[+1]`, codec.CodeSyntax, "+", 0, "/0", ""},
		{"leading zero", `[01]`, codec.CodeSyntax, "0", 0, "/0", "leading zeros"},
		{"leading zero, negative", `[-01]`, codec.CodeSyntax, "0", 0, "/0", "leading zeros"},
		{"dot without digits", `[1.]`, codec.CodeSyntax, "]", 0, "/0", ""},
		{"exponent without digits", `[1e]`, codec.CodeSyntax, "]", 0, "/0", ""},
		{"hexadecimal", `[0x1]`, codec.CodeSyntax, "x", 0, "", ""},
		{"NaN", `[NaN]`, codec.CodeSyntax, "N", 0, "/0", ""},
		{"control character", "\"a\tb\"", codec.CodeSyntax, "\t", 0, "", "escape"},
		{"zero byte", "\"a\x00b\"", codec.CodeSyntax, "\x00", 0, "", "escape"},
		{"zero byte outside", "\x00", codec.CodeSyntax, "", 0, "", ""},
		{"unknown escape", `"a\x"`, codec.CodeSyntax, `\`, 0, "", ""},
		{"short escape", `"\u12"`, codec.CodeSyntax, `\`, 0, "", ""},
		{"escape without digits", `"\u12g4"`, codec.CodeSyntax, `\`, 0, "", ""},
		{"True", `[True]`, codec.CodeSyntax, "T", 0, "/0", ""},
		{"trailing value", `1 2`, codec.CodeTrailingData, "2", 0, "", ""},
		{"trailing value, no space", `[]{}`, codec.CodeTrailingData, "{", 0, "", ""},
		{"trailing bracket", `{}}`, codec.CodeTrailingData, "", 2, "", ""},
		{"trailing garbage on the next line", "{}\nx", codec.CodeTrailingData, "x", 0, "", ""},
		{"trailing zero byte", "{}\x00", codec.CodeTrailingData, "\x00", 0, "", ""},
	})
}

func TestRejectsText(t *testing.T) {
	rejects[codec.Raw](t, codec.Limits{}, []bad{
		{"broken byte", "[\"a\xffb\"]", codec.CodeInvalidUTF8, "\xff", 0, "", "UTF-8"},
		{"overlong", "\"\xc0\xaf\"", codec.CodeInvalidUTF8, "\xc0", 0, "", ""},
		{"surrogate in bytes", "\"\xed\xa0\x80\"", codec.CodeInvalidUTF8, "\xed", 0, "", ""},
		{"beyond Unicode", "\"\xf4\x90\x80\x80\"", codec.CodeInvalidUTF8, "\xf4", 0, "", ""},
		{"cut off", "\"\xe2\x82\"", codec.CodeInvalidUTF8, "\xe2", 0, "", ""},
		{"high surrogate alone", `["\ud800"]`, codec.CodeInvalidUTF8, `\`, 0, "/0", ""},
		{"low surrogate alone", `["\udc00"]`, codec.CodeInvalidUTF8, `\`, 0, "/0", ""},
		{"two high surrogates", `["\ud800\ud800"]`, codec.CodeInvalidUTF8, `\`, 0, "/0", ""},
		{"surrogates in the wrong order", `["\udc00\ud800"]`, codec.CodeInvalidUTF8, `\`, 0, "/0", ""},
		{"surrogate in a name", `{"\ud800":1}`, codec.CodeInvalidUTF8, `\`, 0, "", ""},
		{"needless escape", `["\u0041"]`, codec.CodeNotCanonical, `\`, 0, "/0", "escape only"},
		{"escaped slash", `["\/"]`, codec.CodeNotCanonical, `\`, 0, "/0", "escape only"},
		{"escaped pair", `["\ud83d\ude00"]`, codec.CodeNotCanonical, `\`, 0, "/0", "escape only"},
		{"long escape of newline", `["\u000a"]`, codec.CodeNotCanonical, `\`, 0, "/0", "shortest"},
		{"escape in upper case", `["\u001F"]`, codec.CodeNotCanonical, `\`, 0, "/0", ""},
		{"escaped name", `{"\u0061":1}`, codec.CodeNotCanonical, `\`, 0, "", ""},
		{"escaped delete", `"\u007f"`, codec.CodeNotCanonical, `\`, 0, "", ""},
	})
}

func TestRejectsNumbers(t *testing.T) {
	rejects[codec.Raw](t, codec.Limits{}, []bad{
		{"fraction", `[1.5]`, codec.CodeNotInteger, "1", 0, "/0", "integer"},
		{"whole fraction", `[1.0]`, codec.CodeNotInteger, "1", 0, "/0", ""},
		{"exponent", `[1e2]`, codec.CodeNotInteger, "1", 0, "/0", ""},
		{"exponent, upper case", `[1E+2]`, codec.CodeNotInteger, "1", 0, "/0", ""},
		{"fraction and exponent", `[-1.5e-2]`, codec.CodeNotInteger, "-", 0, "/0", ""},
		{"huge exponent", `[1e999999999]`, codec.CodeNotInteger, "1", 0, "/0", ""},
		{"minus zero", `[-0]`, codec.CodeNotInteger, "-", 0, "/0", "write 0"},
		{"minus zero with fraction", `[-0.0]`, codec.CodeNotInteger, "-", 0, "/0", ""},
		{"2^53", `[9007199254740992]`, codec.CodeOutOfRange, "9", 0, "/0", "9007199254740991"},
		{"-2^53", `[-9007199254740992]`, codec.CodeOutOfRange, "-", 0, "/0", ""},
		{"2^64", `[18446744073709551616]`, codec.CodeOutOfRange, "1", 0, "/0", ""},
		{"2^64+1, which wraps to 1", `[18446744073709551617]`, codec.CodeOutOfRange, "1", 0, "/0", ""},
		{"a thousand digits", `[` + strings.Repeat("9", 1000) + `]`, codec.CodeOutOfRange, "9", 0, "/0", ""},
	})
	rejects[message](t, codec.Limits{}, []bad{
		{"int8 above", text("small", "128"), codec.CodeOutOfRange, "128", 0, "/small", "-128 to 127"},
		{"int8 below", text("small", "-129"), codec.CodeOutOfRange, "-129", 0, "/small", ""},
		{"uint32 above", text("map", `{"a":4294967296}`), codec.CodeOutOfRange, "4294967296", 0, "/map/a", ""},
		{"uint32 negative", text("map", `{"a":-1}`), codec.CodeOutOfRange, "-1", 0, "/map/a", ""},
		{"int64 beyond 53 bits", text("count", "9007199254740992"), codec.CodeOutOfRange, "9007", 0, "/count", ""},
		{"string for a number", text("count", `"2"`), codec.CodeWrongType, `"2"`, 0, "/count", ""},
	})
}

func TestRejectsMembers(t *testing.T) {
	twice := text("list", `[{"option":"x","option":"y","pair":[1,2]}]`)
	rejects[message](t, codec.Limits{}, []bad{
		{"twice", twice, codec.CodeDuplicateName, `"option":"y"`, 0, "/list/0/option", "one of them"},
		{"twice, once escaped", text("list", `[{"option":"x","o\u0070tion":"y","pair":[1,2]}]`), codec.CodeDuplicateName, `"o\u`, 0, "/list/0/option", ""},
		{"twice in raw", text("body", `{"x":1,"x":1}`), codec.CodeDuplicateName, `"x":1}`, 0, "/body/x", ""},
		{"twice in raw, apart", text("body", `{"x":1,"y":2,"x":1}`), codec.CodeDuplicateName, `"x":1}`, 0, "/body/x", ""},
		{"twice in raw, after disorder", text("body", `{"z":1,"a":2,"b":3,"a":1}`), codec.CodeDuplicateName, `"a":1}`, 0, "/body/a", ""},
		{"twice in a map", text("map", `{"x":1,"x":2}`), codec.CodeDuplicateName, `"x":2`, 0, "/map/x", ""},
		{"unknown", `{"cout":1}`, codec.CodeUnknownName, `"cout"`, 0, "/cout", `did you mean "count"`},
		{"unknown, swapped letters", `{"cuont":1}`, codec.CodeUnknownName, `"cuont"`, 0, "/cuont", `did you mean "count"`},
		{"unknown, far from all", `{"zzzzzz":1}`, codec.CodeUnknownName, `"zzz`, 0, "/zzzzzz", "known here"},
		{"other case", `{"Count":1}`, codec.CodeUnknownName, `"Count"`, 0, "/Count", `did you mean "count"`},
		{"other case, Unicode folding", `{"Key":"","` + "\u212aey" + `":1}`, codec.CodeUnknownName, `"Key`, 0, "/Key", ""},
		{"kelvin sign", `{"` + "\u212aey" + `":1}`, codec.CodeUnknownName, "\"\u212a", 0, "/\u212aey", `did you mean "key"`},
		{"Go name", `{"List":[]}`, codec.CodeUnknownName, `"List"`, 0, "/List", `did you mean "list"`},
		{"empty name", `{"":1}`, codec.CodeUnknownName, `""`, 0, "/", ""},
		{"name with a slash", `{"a/b~":1}`, codec.CodeUnknownName, `"a`, 0, "/a~1b~0", ""},
		{"missing", text("count", "-"), codec.CodeMissing, "{", 0, "", `add "count" with an integer`},
		{"missing, deep", text("list", `[{"option":"x","pair":[1,2]},{"option":"x"}]`), codec.CodeMissing, `{"option":"x"}`, 0, "/list/1", "pair"},
		{"missing, all", `{}`, codec.CodeMissing, "{", 0, "", `"body"`},
		{"null", text("open", "null"), codec.CodeNull, "null", 0, "/open", "true or false"},
		{"null for a list", text("list", "null"), codec.CodeNull, "null", 0, "/list", ""},
		{"null for a map", text("map", "null"), codec.CodeNull, "null", 0, "/map", ""},
		{"null for a pointer", text("turnout", "null"), codec.CodeNull, "null", 0, "/turnout", "optional"},
		{"null for bytes", text("key", "null"), codec.CodeNull, "null", 0, "/key", ""},
		{"null for raw", text("body", "null"), codec.CodeNull, "null", 0, "/body", ""},
		{"null inside raw", text("body", `[1,{"a":null}]`), codec.CodeNull, "null", 0, "/body/1/a", ""},
		{"null for all", `null`, codec.CodeNull, "", 0, "", ""},
		{"list for an object", text("turnout", "[]"), codec.CodeWrongType, "[]}", 0, "/turnout", ""},
		{"object for a list", text("list", `{"0":1}`), codec.CodeWrongType, `{"0"`, 0, "/list", ""},
		{"number for a bool", text("open", "1"), codec.CodeWrongType, "1}", 0, "/open", ""},
		{"bool for a string", text("note", "true"), codec.CodeWrongType, `true,"open"`, 0, "/note", ""},
		{"string for all", `"x"`, codec.CodeWrongType, "", 0, "", ""},
	})
}

func TestRejectsSizes(t *testing.T) {
	deep := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	rejects[message](t, codec.Limits{}, []bad{
		{"map over its tag", text("map", `{"a":1,"b":1,"c":1,"d":1}`), codec.CodeTooMany, `"d"`, 0, "/map", ""},
		{"list over its tag", text("list", strings.Replace("[X,X,X,X]", "X", `{"option":"","pair":[1,2]}`, -1)), codec.CodeTooMany, "{\"option", 81, "/list", ""},
		{"outer list", text("table", `[[1],[2],[3]]`), codec.CodeTooMany, "[3]", 0, "/table", ""},
		{"inner list", text("table", `[[1],[2,3,4,5]]`), codec.CodeTooMany, "5]", 0, "/table/1", ""},
		{"string over its tag", text("note", `"123456789"`), codec.CodeTooLarge, "123456789", 0, "/note", ""},
		{"hex over its tag", text("proof", `"0102030405"`), codec.CodeTooLarge, `"01020304`, 0, "/proof", ""},
		{"raw over its tag", text("body", `"`+strings.Repeat("x", 199)+`"`), codec.CodeTooLarge, `"x`, 0, "/body", ""},
		{"raw object over its tag", text("body", `{"x":"`+strings.Repeat("x", 199)+`"}`), codec.CodeTooLarge, `{"x`, 0, "/body", ""},
		{"array too long", text("turnout", `{"option":"","pair":[1,2,3]}`), codec.CodeTooMany, "3]", 0, "/turnout/pair", ""},
		{"array too short", text("turnout", `{"option":"","pair":[1]}`), codec.CodeMissing, "[1]", 0, "/turnout/pair", ""},
		{"too deep in raw", text("body", deep(16)), codec.CodeTooDeep, deep(16), 15, "/body" + strings.Repeat("/0", 15), ""},
	})
	rejects[codec.Raw](t, codec.Limits{Depth: 3, Items: 2, Size: 20}, []bad{
		{"too deep", deep(4), codec.CodeTooDeep, "", 3, "/0/0/0", ""},
		{"far too deep", deep(10), codec.CodeTooDeep, "", 3, "/0/0/0", ""},
		{"too many", `[1,2,3]`, codec.CodeTooMany, "3", 0, "", ""},
		{"too many members", `{"a":1,"b":1,"c":1}`, codec.CodeTooMany, `"c"`, 0, "", ""},
		{"too large", `"3456789012345678901"`, codec.CodeTooLarge, "", 20, "", ""},
	})
	rejects[codec.Raw](t, codec.Limits{Size: 1 << 22}, []bad{
		{"default depth", deep(17), codec.CodeTooDeep, "", 16, strings.Repeat("/0", 16), ""},
		{"default items", "[" + strings.Repeat("1,", 4096) + "1]", codec.CodeTooMany, "", 2*4096 + 1, "", ""},
		{"a million brackets", strings.Repeat("[", 1<<20), codec.CodeTooDeep, "", 16, strings.Repeat("/0", 16), ""},
	})
	if _, err := codec.Decode[codec.Raw]([]byte(deep(16)), codec.Limits{}); err != nil {
		t.Error(err)
	}
	if _, err := codec.Decode[codec.Raw]([]byte(deep(1000)), codec.Limits{Depth: 1 << 30}); code(err) != codec.CodeTooDeep {
		t.Error(err)
	}
}

func TestRejectsHex(t *testing.T) {
	good := key().String()
	rejects[message](t, codec.Limits{}, []bad{
		{"upper case", text("key", `"`+strings.ToUpper(good)+`"`), codec.CodeBadHex, "E", 0, "/key", "0-9 and a-f"},
		{"one digit short", text("key", `"`+good[1:]+`"`), codec.CodeBadHex, `"` + good[1:], 0, "/key", ""},
		{"one byte short", text("key", `"`+good[2:]+`"`), codec.CodeBadHex, `"` + good[2:], 0, "/key", ""},
		{"one byte long", text("key", `"`+good+`00"`), codec.CodeBadHex, `"` + good, 0, "/key", ""},
		{"no digit", text("key", `"g`+good[1:]+`"`), codec.CodeBadHex, "g", 0, "/key", ""},
		{"escaped digit", text("key", `"\u0030`+good[1:]+`"`), codec.CodeBadHex, `\u`, 0, "/key", ""},
		{"prefix", text("proof", `"0x01"`), codec.CodeBadHex, `x01`, 0, "/proof", ""},
		{"space", text("proof", `" 01"`), codec.CodeBadHex, ` 01`, 0, "/proof", ""},
		{"odd", text("proof", `"012"`), codec.CodeBadHex, `"012"`, 0, "/proof", "two digits"},
		{"list", text("key", `[1]`), codec.CodeWrongType, `[1]`, 0, "/key", ""},
	})
}

func TestRejectsOtherSpellings(t *testing.T) {
	rejects[message](t, codec.Limits{}, []bad{
		{"space before", " " + text(), codec.CodeNotCanonical, "", 0, "", "white space"},
		{"newline after", text() + "\n", codec.CodeNotCanonical, "\n", 0, "", "white space"},
		{"space in a list", text("list", "[ ]"), codec.CodeNotCanonical, " ", 0, "/list", "white space"},
		{"space after a colon", text("count", " 1"), codec.CodeNotCanonical, " ", 0, "/count", "white space"},
		{"space before a comma", text("count", "1 "), codec.CodeNotCanonical, " ", 0, "", "white space"},
		{"members in disorder", `{"count":2,"body":1` + text()[len(`{"body":1,"count":2`):], codec.CodeNotCanonical, `"body"`, 0, "/body", "sort"},
		{"raw in disorder", text("body", `{"b":1,"a":2}`), codec.CodeNotCanonical, `"a"`, 0, "/body/a", "sort"},
		{"raw in UTF-8 order", text("body", `{"`+"\ue000"+`":1,"😀":2}`), codec.CodeNotCanonical, `"😀"`, 0, "/body/😀", "sort"},
		{"map in disorder", text("map", `{"b":1,"a":2}`), codec.CodeNotCanonical, `"a"`, 0, "/map/a", "sort"},
		{"escape", text("note", `"\u0041"`), codec.CodeNotCanonical, `\`, 0, "/note", ""},
		{"graver fault behind a space", " " + text("count", "-"), codec.CodeMissing, "{", 0, "", ""},
		{"optional number that is zero", text("small", "0"), codec.CodeNotCanonical, `,"small`, 0, "/small", "leave out"},
		{"optional string that is empty", text("note", `""`), codec.CodeNotCanonical, `note`, 0, "/note", "leave out"},
		{"optional bytes that are empty", text("proof", `""`), codec.CodeNotCanonical, `,"proof`, 0, "/proof", "leave out"},
		{"optional list that is empty", text("table", `[]`), codec.CodeNotCanonical, `,"table`, 0, "/table", "leave out"},
		{"optional array of zero bytes", text("turnout", `{"option":"","pair":[1,2],"salt":"`+strings.Repeat("00", 16)+`"}`), codec.CodeNotCanonical, `,"salt`, 0, "/turnout/salt", "leave out"},
	})
}

func TestRejectsInTypesOfTheirOwn(t *testing.T) {
	good := `{"level":"high","union":{"body":{"x":1,"y":2},"kind":"inner"}}`
	if _, err := codec.Decode[odd]([]byte(good), codec.Limits{}); err != nil {
		t.Fatal(err)
	}
	replace := func(old, with string) string { return strings.Replace(good, old, with, 1) }
	rejects[odd](t, codec.Limits{}, []bad{
		{"refused by the type", replace("high", "mid"), codec.CodeBadValue, `"mid"`, 0, "/level", ""},
		{"second spelling", replace("high", "top"), codec.CodeNotCanonical, `top`, 0, "/level", "canonical: high"},
		{"number for text", replace(`"high"`, "1"), codec.CodeWrongType, `1,"union`, 0, "/level", ""},
		{"null", replace(`"high"`, "null"), codec.CodeNull, `null`, 0, "/level", ""},
		{"unknown kind", replace(`"inner"`, `"outer"`), codec.CodeBadValue, `"outer"`, 0, "/union/kind", ""},
		{"fault of the body", replace(`"y":2`, `"y":true`), codec.CodeWrongType, `true`, 0, "/union/body/y", ""},
		{"missing in the body", replace(`,"y":2`, ``), codec.CodeMissing, `{"x":1}`, 0, "/union/body", ""},
		{"twice in the body", replace(`"y":2`, `"x":2`), codec.CodeDuplicateName, `"x":2`, 0, "/union/body/x", ""},
		{"space in the body", replace(`"y":2`, `"y": 2`), codec.CodeNotCanonical, ` 2`, 0, "/union/body/y", ""},
	})
}
