package reading_test

import (
	"strings"
	"testing"
	"time"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/reading"
	"scrutineer/reference-evoting/weakness"
)

func planted(t *testing.T, names ...string) weakness.View {
	t.Helper()
	set, err := weakness.Parse(names)
	if err != nil {
		t.Fatal(err)
	}
	return set.For(weakness.Box)
}

const canonical = `{"count":3,"root":"` + zeros + `"}`
const zeros = "0000000000000000000000000000000000000000000000000000000000000000"

var lenient = map[string]string{
	"twice":       `{"count":9,"count":3,"root":"` + zeros + `"}`,
	"twice after": `{"root":"xx","count":9,"root":"` + zeros + `","count":3}`,
	"case":        `{"COUNT":3,"Root":"` + zeros + `"}`,
	"escape":      `{"\u0063ount":3,"root":"` + zeros + `"}`,
	"slash":       `{"a\/b":1,"count":3,"root":"` + zeros + `"}`,
	"order":       `{"root":"` + zeros + `", "count": 3 }`,
	"nan":         `{"x":NaN,"y":-Infinity,"count":3,"root":"` + zeros + `"}`,
	"comments":    "// a\n{/* b */\"count\":3,\"root\":\"" + zeros + `"}`,
	"bom":         "\ufeff" + canonical,
	"utf8":        "{\"\xff\":\"\xfe\"," + canonical[1:],
	"deep":        `{"x":` + strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000) + "," + canonical[1:],
}

var trailing = map[string]string{
	"document": canonical + `{"count":4}`, "nul": canonical + "\x00", "newline": canonical + "\n",
	"again": canonical + canonical, "truncated": canonical + canonical[:9],
}

func TestWeakRules(t *testing.T) {
	all := map[string]map[string]string{string(weakness.LenientJSON): lenient, string(weakness.IgnoreTrailing): trailing}
	limits := codec.Limits{Size: 1 << 20}
	for name, texts := range all {
		for what, raw := range texts {
			if _, err := reading.Decode[message.Seal](planted(t), []byte(raw), limits); err == nil {
				t.Errorf("%s: a sound role reads it", what)
			}
			start := time.Now()
			got, err := reading.Decode[message.Seal](planted(t, name), []byte(raw), limits)
			if err != nil || got != (message.Seal{Count: 3}) {
				t.Errorf("%s: %+v %v", what, got, err)
			}
			if took := time.Since(start); took > 2*time.Second {
				t.Errorf("%s took %v", what, took)
			}
		}
	}
}

// The weak reader passes over what is nested without end, and does not follow it
// down: a stack of that height would end the process.
func TestNestedWithoutEnd(t *testing.T) {
	const levels = 8 << 20
	raw := `{"x":` + strings.Repeat("[", levels) + strings.Repeat("]", levels) + "," + canonical[1:]
	got, err := reading.Decode[message.Seal](planted(t, string(weakness.LenientJSON)), []byte(raw), codec.Limits{Size: 1 << 20})
	if err != nil || got != (message.Seal{Count: 3}) {
		t.Errorf("%+v %v", got, err)
	}
}

// What no weak rule reads is refused with the strict codec's error, and
// nothing is returned.
func TestRefused(t *testing.T) {
	weak := planted(t, string(weakness.LenientJSON), string(weakness.IgnoreTrailing))
	for _, raw := range []string{
		"", "{", "}", `{"count":NaN,"root":"` + zeros + `"}`, `{"count":3}`, `{"count":3,"root":"` + zeros + `"`, `[3]`, `"x"`,
		`{"count":03,"root":"` + zeros + `"}`, `{"count" 3}`, `{count:3}`, `{"count":3,"root":[[[` + strings.Repeat("[", 1000) + `}`,
		`{"\u00":1}`, `/*`, "\ufeff", `{"a":{"b"`, `{"count":[3],"root":{}}`,
	} {
		got, err := reading.Decode[message.Seal](weak, []byte(raw), codec.Limits{})
		_, strict := codec.Decode[message.Seal]([]byte(raw), codec.Limits{})
		if err == nil || strict == nil || err.Error() != strict.Error() || got != (message.Seal{}) {
			t.Errorf("%q: %+v %v", raw, got, err)
		}
	}
}

// An entry's body stays as it came, and without one there is none.
func TestEntry(t *testing.T) {
	e := message.Entry{Body: codec.Raw(`{"a":1}`), Type: message.TypeSeal, Version: 1}
	raw, err := codec.Encode(e)
	if err != nil {
		t.Fatal(err)
	}
	lax := strings.Replace(string(raw), `{"a":1}`, `{"a":0,"A":1}`, 1)
	if _, err := reading.Entry(planted(t), []byte(lax+" ")); err == nil {
		t.Error("a sound role reads it")
	}
	weak := planted(t, string(weakness.LenientJSON))
	got, err := reading.Entry(weak, []byte("\ufeff"+lax))
	if err != nil || string(got.Body) != `{"a":0,"A":1}` || got.Type != e.Type {
		t.Errorf("%+v %v", got, err)
	}
	if got, err := reading.Entry(weak, raw); err != nil || string(got.Body) != `{"a":1}` {
		t.Errorf("the canonical one: %+v %v", got, err)
	}
	if _, err := reading.Entry(weak, []byte(`{"type":`)); err == nil {
		t.Error("half an entry is read")
	}
	tail := planted(t, string(weakness.IgnoreTrailing))
	if got, err := reading.Entry(tail, append(raw, "\n{}"...)); err != nil || string(got.Body) != `{"a":1}` {
		t.Errorf("with a tail: %+v %v", got, err)
	}
}

// Whatever the bytes are, a weak role reads them without a panic.
func FuzzDecode(f *testing.F) {
	for _, raw := range lenient {
		if len(raw) < 1000 {
			f.Add([]byte(raw))
		}
	}
	set, err := weakness.Parse([]string{string(weakness.LenientJSON), string(weakness.IgnoreTrailing)})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		_, _ = reading.Decode[message.Cast](set.For(weakness.Box), raw, codec.Limits{})
		_, _ = reading.Entry(set.For(weakness.Box), raw)
	})
}
