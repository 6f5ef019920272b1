package codec_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"scrutineer/protocols/codec"
)

// message has one field of every kind.
type message struct {
	Body    codec.Raw         `json:"body" limit:"200"`
	Count   int64             `json:"count"`
	Key     codec.Hex32       `json:"key"`
	List    []item            `json:"list" limit:"3"`
	Map     map[string]uint32 `json:"map" limit:"3"`
	Note    string            `json:"note,omitempty" limit:"8"`
	Open    bool              `json:"open"`
	Proof   codec.HexBytes    `json:"proof,omitempty" limit:"4"`
	Small   int8              `json:"small,omitzero"`
	Table   [][]uint8Like     `json:"table,omitempty" limit:"2,3"`
	Turnout *item             `json:"turnout,omitzero"`
}

type uint8Like int16

type item struct {
	Option string       `json:"option"`
	Pair   [2]int       `json:"pair"`
	Salt   codec.Hex16  `json:"salt,omitzero"`
	Tail   *codec.Hex64 `json:"tail,omitzero"`
}

func key() (k codec.Hex32) {
	for i := range k {
		k[i] = byte(i * 7)
	}
	return k
}

func sample() message {
	return message{
		Body:    codec.Raw(`{"a":[1,"x",true],"b":{}}`),
		Count:   -(1<<53 - 1),
		Key:     key(),
		List:    []item{{Option: "é\n\"\\\u007f\u2028", Pair: [2]int{1, 2}, Salt: codec.Hex16{9}, Tail: &codec.Hex64{1}}},
		Map:     map[string]uint32{"z": 1, "\ue000": 2, "😀": 3},
		Note:    "hi",
		Proof:   codec.HexBytes{1, 2},
		Small:   -128,
		Table:   [][]uint8Like{{1, 2}, {}},
		Turnout: &item{Option: "", Pair: [2]int{3, 4}},
	}
}

func TestRoundTrip(t *testing.T) {
	for _, in := range []message{sample(), {Body: codec.Raw("0"), List: []item{}, Map: map[string]uint32{}}} {
		data, err := codec.Encode(in)
		if err != nil {
			t.Fatal(err)
		}
		out, err := codec.Decode[message](data, codec.Limits{})
		if err != nil {
			t.Fatalf("%v\n%s", err, data)
		}
		if !reflect.DeepEqual(in, out) {
			t.Fatalf("got  %+v\nwant %+v", out, in)
		}
	}
}

func TestEncodeIsCanonical(t *testing.T) {
	got, err := codec.Encode(sample())
	if err != nil {
		t.Fatal(err)
	}
	want := `{"body":{"a":[1,"x",true],"b":{}},"count":-9007199254740991,"key":"` + key().String() +
		`","list":[{"option":"é\n\"\\` + "\u007f\u2028" + `","pair":[1,2],"salt":"09000000000000000000000000000000","tail":"01` +
		strings.Repeat("00", 63) + `"}],"map":{"z":1,"😀":3,"` + "\ue000" + `":2},"note":"hi","open":false,` +
		`"proof":"0102","small":-128,"table":[[1,2],[]],"turnout":{"option":"","pair":[3,4]}}`
	if string(got) != want {
		t.Fatalf("got  %s\nwant %s", got, want)
	}
}

// unordered declares its fields in an order that is not the canonical one.
type unordered struct {
	Zed   int       `json:"zed"`
	Alpha []inner   `json:"alpha"`
	Body  codec.Raw `json:"body"`
	embedded
}

type inner struct {
	Y int `json:"y"`
	X int `json:"x"`
}

type embedded struct {
	Beta string `json:"beta"`
}

func TestFieldOrderDoesNotMatter(t *testing.T) {
	v := unordered{Zed: 1, Alpha: []inner{{Y: 2, X: 3}}, Body: codec.Raw(`[]`), embedded: embedded{Beta: "b"}}
	data, err := codec.Encode(v)
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"alpha":[{"x":3,"y":2}],"beta":"b","body":[],"zed":1}`; string(data) != want {
		t.Fatalf("got %s", data)
	}
	back, err := codec.Decode[unordered](data, codec.Limits{})
	if err != nil || !reflect.DeepEqual(v, back) {
		t.Fatalf("%+v, %v", back, err)
	}
}

func TestDecodeAtGivesPositionsOfTheWhole(t *testing.T) {
	type envelope struct {
		Body codec.Raw `json:"body"`
		Kind string    `json:"kind"`
	}
	whole := []byte(`{"body":{"x":1,"y":"2"},"kind":"inner"}`)
	env, err := codec.Decode[envelope](whole, codec.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = codec.DecodeAt[inner](env.Body, codec.Base{Whole: whole, Pointer: "/body"}, codec.Limits{})
	want := codec.Error{Code: codec.CodeWrongType, Offset: 19, Line: 1, Column: 20, Pointer: "/body/y",
		Detail: "a string where an integer belongs"}
	var e *codec.Error
	if !errors.As(fmt.Errorf("wrapped: %w", err), &e) || *e != want {
		t.Fatalf("got %+v", e)
	}
}

func TestErrorAt(t *testing.T) {
	text := []byte("{\"a\":[\n {\"x/y\": 1},\n {\"ü\":1, \"x/y\": 2}]}")
	e := codec.ErrorAt(text, "/a/1/x~1y", codec.CodeOutOfRange, "more than max", "lower it")
	if e.Offset != 37 || e.Line != 3 || e.Column != 17 {
		t.Errorf("got %+v", e)
	}
	want := "out-of-range at line 3, column 17 (byte 37) in /a/1/x~1y: more than max; lower it"
	if e.Error() != want {
		t.Errorf("got %s", e)
	}
	if e := codec.ErrorAt(text, "/b", codec.CodeMissing, "d", ""); e.Offset != 0 || e.Pointer != "/b" {
		t.Errorf("got %+v", e)
	}
}

func TestErrorStaysOneShortLine(t *testing.T) {
	name := strings.Repeat("\u0085\u202e\n", 4000)
	data, _ := json.Marshal(map[string]any{name: map[string]any{"x": nil}})
	_, err := codec.Canonical(data, codec.Limits{})
	if text := err.Error(); strings.ContainsAny(text, "\n\u0085\u202e") || len(text) > 400 {
		t.Errorf("%d bytes: %.500q", len(text), text)
	}
	_, err = codec.Decode[message](data, codec.Limits{})
	if text := err.Error(); strings.ContainsAny(text, "\n\u0085\u202e") || len(text) > 600 {
		t.Errorf("%d bytes: %.600q", len(text), text)
	}
}

func TestCanonical(t *testing.T) {
	got, err := codec.Canonical([]byte(" {\"b\" : [1, -2],\n \"a\":\"\\u00e9\\/\\u001F\"} "), codec.Limits{})
	if err != nil || string(got) != "{\"a\":\"é/\\u001f\",\"b\":[1,-2]}" {
		t.Fatalf("%s, %v", got, err)
	}
	if _, err := codec.Canonical([]byte(`{"a":1,"a":1}`), codec.Limits{}); code(err) != codec.CodeDuplicateName {
		t.Errorf("got %v", err)
	}
}

// code is the code of an error of this package, or "".
func code(err error) codec.Code {
	var e *codec.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

func TestEncodeRefuses(t *testing.T) {
	type tagged struct {
		List []int `json:"list" limit:"2"`
	}
	bad := sample()
	bad.List[0].Option = "\xff"
	nested := sample()
	nested.Body = codec.Raw(`{"a": 1}`)
	for _, c := range []struct {
		name    string
		v       any
		code    codec.Code
		pointer string
	}{
		{"nothing", nil, codec.CodeNull, ""},
		{"nil pointer", (*message)(nil), codec.CodeNull, ""},
		{"nil in a list", []*int{nil}, codec.CodeNull, "/0"},
		{"large integer", struct{ N int64 }{1 << 53}, codec.CodeOutOfRange, "/N"},
		{"large unsigned integer", []uint64{1 << 63}, codec.CodeOutOfRange, "/0"},
		{"small integer", []int64{-1 << 53}, codec.CodeOutOfRange, "/0"},
		{"too many", tagged{[]int{1, 2, 3}}, codec.CodeTooMany, "/list"},
		{"text that is not UTF-8", bad, codec.CodeInvalidUTF8, "/list/0/option"},
		{"raw with space", nested, codec.CodeNotCanonical, "/body/a"},
		{"raw that is empty", message{}, codec.CodeSyntax, "/body"},
		{"raw null", message{Body: codec.Raw("null")}, codec.CodeNull, "/body"},
		{"raw float", codec.Raw("1.5"), codec.CodeNotInteger, ""},
		{"raw, unsorted", codec.Raw(`{"b":1,"a":2}`), codec.CodeNotCanonical, "/a"},
		{"float", struct{ F float64 }{1}, codec.CodeBadType, "/F"},
		{"float far down", struct {
			A []map[string]*struct{ F float32 }
		}{}, codec.CodeBadType, "/A/0/*/F"},
		{"any", []any{1}, codec.CodeBadType, "/0"},
		{"plain bytes", struct{ B []byte }{}, codec.CodeBadType, "/B"},
		{"byte array", [4]byte{}, codec.CodeBadType, ""},
		{"type of its own that fails", []union{{v: 1.5}}, codec.CodeBadType, "/0"},
		{"function", func() {}, codec.CodeBadType, ""},
		{"map with integer keys", map[int]int{}, codec.CodeBadType, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, err := codec.Encode(c.v)
			var e *codec.Error
			if !errors.As(err, &e) || e.Code != c.code || e.Pointer != c.pointer || out != nil {
				t.Fatalf("got %s, %v", out, err)
			}
		})
	}
}

func TestEncodeEndsOnCycles(t *testing.T) {
	type ring struct {
		Next *ring `json:"next,omitzero"`
	}
	var round ring
	round.Next = &round
	if _, err := codec.Encode(round); err == nil {
		t.Error("encoded a cycle")
	}
}

func TestCheckType(t *testing.T) {
	type tagged struct {
		List []int `json:"list,omitempty" limit:"2"`
	}
	type optional struct {
		A *tagged      `json:"a,omitzero"`
		B embedded     `json:"b,omitzero"`
		C codec.Raw    `json:"c,omitzero"`
		D *[]int       `json:"d,omitzero"`
		E string       `json:"e,omitempty"`
		F string       `json:"f,omitzero"`
		G *codec.Hex16 `json:"g,omitzero"`
	}
	type recursive struct {
		Kids []recursive `json:"kids" limit:"4"`
		More *recursive  `json:"more,omitzero"`
	}
	for _, good := range []any{message{}, recursive{}, optional{}, codec.Raw{}, map[string][]codec.Hex16{}, &message{}} {
		if err := codec.CheckType(reflect.TypeOf(good)); err != nil {
			t.Errorf("%T: %v", good, err)
		}
	}
	for _, bad := range badTypes() {
		if err := codec.CheckType(reflect.TypeOf(bad)); code(err) != codec.CodeBadType {
			t.Errorf("%T: %v", bad, err)
		}
	}
}

// badTypes are values of types that cannot be coded.
func badTypes() []any {
	type tagged struct {
		List []int `json:"list,omitempty" limit:"2"`
	}
	return []any{
		nil,
		struct {
			A []int `json:"a,omitzero"`
		}{},
		struct {
			A int `json:"a,omitempty"`
		}{},
		struct {
			A *string `json:"a,omitempty"`
		}{},
		struct {
			A codec.HexBytes `json:"a,omitzero"`
		}{},
		struct {
			A embedded `json:"a,omitempty"`
		}{},
		struct {
			A tagged `json:"a,omitzero"`
		}{},
		struct {
			A [1]tagged `json:"a,omitzero"`
		}{},
		struct {
			A codec.Raw `json:"a,omitempty"`
		}{},
		struct {
			A int `json:"a" limit:"3"`
		}{},
		struct {
			A []int `json:"a" limit:"3,4"`
		}{},
		struct {
			A []int `json:"a" limit:"many"`
		}{},
		struct {
			A int `json:"a,string"`
		}{},
		struct {
			A int `json:"B"`
			B int
		}{},
		struct {
			A int `json:"é"`
		}{},
		struct{ *embedded }{},
	}
}
