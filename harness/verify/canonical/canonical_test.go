package canonical_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"pgregory.net/rapid"

	"scrutineer/harness/verify/canonical"
)

func TestAccepted(t *testing.T) {
	for _, s := range []string{
		`{}`, `[]`, `""`, `0`, `-1`, `9007199254740991`, `true`, `false`, `{"a":1,"b":[1,2,{"c":"d"}]}`,
		`"\b\t\n\f\r\"\\\u0000\u001f/é€😀` + "\x7f" + `"`,
		`{"\r":1,"1":1,"` + "\u0080" + `":1,"ö":1,"€":1,"😀":1,"` + "\ufb33" + `":1}`, // RFC 8785 §3.2.3
		"{\"\ud7fb\":1,\"😀\":1,\"\U0010ffff\":1,\"\ue000\":1,\"\uffff\":1}",          // the planes above 0 come as D800..DBFF
		"{\"😀\":1,\"\uffff\":1}", `{"a":1,"aa":1}`, strings.Repeat("[", canonical.MaxDepth) + "0" + strings.Repeat("]", canonical.MaxDepth),
	} {
		if err := canonical.Check([]byte(s)); err != nil {
			t.Errorf("%s: %v", s, err)
		}
	}
}

func TestRefused(t *testing.T) {
	for _, s := range []string{
		``, ` `, `{`, `[`, `"`, `{"a"`, `{"a":`, `{"a":1`, `{"a":1,}`, `{,}`, `[1,]`, `[,1]`, `{} `, ` {}`, `{ }`, `{"a": 1}`, `{}{}`,
		`null`, `{"a":null}`, `tru`, `[tru`, `[fals`, `True`, `01`, `-0`, `-`, `+1`, `1.0`, `1e0`, `9007199254740992`, `-9007199254740992`, `00`,
		`{"a":1,"a":1}`, `{"b":1,"a":1}`, `{"aa":1,"a":1}`, "{\"\uffff\":1,\"😀\":1}", `{"😀":1,"€":1}`, `{"\ufb33":1}`, "{\"\ufb33\":1,\"😀\":1}", `{1:1}`, `{"a"1}`,
		`"\/"`, `"\u0041"`, `"\u000A"`, `"\u000a"`, `"\u0008"`, `"\u001F"`, `"\x"`, `"\`, `"\u00"`, "\"\n\"", "\"\xff\"", "\"\xc0\x80\"", "\"\xed\xa0\x80\"",
		strings.Repeat("[", canonical.MaxDepth+1) + "0" + strings.Repeat("]", canonical.MaxDepth+1), strings.Repeat("[", 1<<20),
		strings.Repeat(`{"a":`, canonical.MaxDepth+1) + "0" + strings.Repeat("}", canonical.MaxDepth+1),
	} {
		// No byte beyond the end may be looked at.
		if err := canonical.Check(slices.Clip([]byte(s))); err == nil {
			t.Errorf("%.60q is accepted", s)
		}
	}
}

// Each control character has one escape, and as a name stands in its order.
func TestControlCharacters(t *testing.T) {
	name := func(c int) string { return string(canonical.AppendString(nil, string(rune(c)))) }
	for c := range 0x20 {
		if err := canonical.Check([]byte(name(c))); err != nil {
			t.Errorf("%s: %v", name(c), err)
		}
		for d := range 0x20 {
			object := fmt.Sprintf("{%s:1,%s:1}", name(c), name(d))
			if err := canonical.Check([]byte(object)); (err == nil) != (c < d) {
				t.Errorf("%s: %v", object, err)
			}
		}
	}
}

// drawValue makes any JSON value that the form allows.
func drawValue(t *rapid.T, depth int) any {
	text := rapid.StringOf(rapid.OneOf(rapid.Rune(), rapid.RuneFrom([]rune("\"\\\b\n\x00\x1f/aé€😀\ufb33"))))
	kind := rapid.IntRange(0, 4).Draw(t, "kind")
	if depth > 3 && kind > 2 {
		kind = 0
	}
	switch kind {
	case 0:
		return rapid.Int64Range(-(1<<53-1), 1<<53-1).Draw(t, "integer")
	case 1:
		return text.Draw(t, "text")
	case 2:
		return rapid.Bool().Draw(t, "bool")
	case 3:
		list := []any{}
		for range rapid.IntRange(0, 3).Draw(t, "items") {
			list = append(list, drawValue(t, depth+1))
		}
		return list
	}
	object := map[string]any{}
	for range rapid.IntRange(0, 4).Draw(t, "members") {
		object[text.Draw(t, "name")] = drawValue(t, depth+1)
	}
	return object
}

// TestAgreesWithAnotherImplementation: what jsontext canonicalizes is
// accepted, and any other spelling of it is not.
func TestAgreesWithAnotherImplementation(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		plain, err := json.Marshal(drawValue(t, 0))
		if err != nil {
			t.Fatal(err)
		}
		form := jsontext.Value(append([]byte(nil), plain...))
		if err := form.Canonicalize(jsontext.CanonicalizeRawInts(false)); err != nil {
			t.Fatal(err)
		}
		if err := canonical.Check(form); err != nil {
			t.Fatalf("%s: %v", form, err)
		}
		if string(plain) != string(form) && canonical.Check(plain) == nil {
			t.Fatalf("%s is accepted, canonical is %s", plain, form)
		}
		at := rapid.IntRange(0, len(form)).Draw(t, "at")
		spaced := string(form[:at]) + " " + string(form[at:])
		again := jsontext.Value(spaced)
		if again.Canonicalize() == nil && string(again) != spaced && canonical.Check([]byte(spaced)) == nil {
			t.Fatalf("%s is accepted", spaced)
		}
	})
}

func TestAppendString(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		out := canonical.AppendString(nil, s)
		var back string
		if err := json.Unmarshal(out, &back); err != nil || back != s || canonical.Check(out) != nil {
			t.Fatalf("%q became %s", s, out)
		}
	})
}

func FuzzCheck(f *testing.F) {
	f.Add([]byte(`{"a":[1,"b",true]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if canonical.Check(data) != nil {
			return
		}
		form := jsontext.Value(append([]byte(nil), data...))
		if err := form.Canonicalize(); err != nil || string(form) != string(data) {
			t.Fatalf("%q is accepted, canonical is %q, %v", data, form, err)
		}
	})
}
