package codec_test

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	jsonv2 "github.com/go-json-experiment/json"

	"scrutineer/protocols/codec"
)

var (
	_ jsonv2.MarshalerTo       = codec.Hex32{}
	_ jsonv2.UnmarshalerFrom   = (*codec.Hex32)(nil)
	_ json.Marshaler           = codec.HexBytes{}
	_ json.Unmarshaler         = (*codec.HexBytes)(nil)
	_ encoding.TextUnmarshaler = (*codec.Hex64)(nil)
	_ fmt.Stringer             = codec.Hex16{}
)

// hexValue is what the tests need of a pointer to one of the types.
type hexValue interface {
	fmt.Stringer
	json.Marshaler
	json.Unmarshaler
	encoding.TextMarshaler
	encoding.TextUnmarshaler
	jsonv2.MarshalerTo
	jsonv2.UnmarshalerFrom
}

func TestHexTypesAgreeEverywhere(t *testing.T) {
	for n, fresh := range map[int]func() hexValue{
		16: func() hexValue { return new(codec.Hex16) },
		32: func() hexValue { return new(codec.Hex32) },
		64: func() hexValue { return new(codec.Hex64) },
		3:  func() hexValue { return new(codec.HexBytes) },
	} {
		digits := strings.Repeat("0a9f7e", n)[:2*n]
		quoted := fmt.Sprintf("%q", digits)
		readers := map[string]func(hexValue, string) error{
			"v1": func(v hexValue, s string) error { return json.Unmarshal([]byte(fmt.Sprintf("%q", s)), v) },
			"v2": func(v hexValue, s string) error { return jsonv2.Unmarshal([]byte(fmt.Sprintf("%q", s)), v) },
			"ours": func(v hexValue, s string) error {
				return codec.DecodeInto([]byte(fmt.Sprintf("%q", s)), v, codec.Limits{})
			},
			"text": func(v hexValue, s string) error { return v.UnmarshalText([]byte(s)) },
		}
		for name, read := range readers {
			v := fresh()
			if err := read(v, digits); err != nil || v.String() != digits {
				t.Errorf("%T by %s: %v, %v", v, name, v, err)
			}
			for _, bad := range []string{digits[1:], digits + "0", strings.ToUpper(digits), "0x" + digits[2:], "é" + digits[2:], " " + digits[1:]} {
				if err := read(v, bad); code(err) != codec.CodeBadHex {
					t.Errorf("%T by %s: %q: %v", v, name, bad, err)
				}
				if v.String() != digits {
					t.Errorf("%T by %s: %q changed the receiver", v, name, bad)
				}
			}
		}
		v := fresh()
		if err := v.UnmarshalText([]byte(digits)); err != nil {
			t.Fatal(err)
		}
		v1, _ := json.Marshal(v)
		v2, _ := jsonv2.Marshal(v)
		ours, _ := codec.Encode(v)
		text, _ := v.MarshalText()
		for _, got := range []string{string(v1), string(v2), string(ours), fmt.Sprintf("%q", text)} {
			if got != quoted {
				t.Errorf("%T: got %s, want %s", v, got, quoted)
			}
		}
		if err := v.UnmarshalJSON([]byte(`12`)); code(err) != codec.CodeWrongType {
			t.Errorf("%T: %v", v, err)
		}
	}
}

func TestParseHex(t *testing.T) {
	k := key()
	if got, err := codec.ParseHex32(k.String()); err != nil || got != k {
		t.Errorf("got %v, %v", got, err)
	}
	if got, err := codec.ParseHex32(k.String() + "00"); code(err) != codec.CodeBadHex || got != (codec.Hex32{}) {
		t.Errorf("got %v, %v", got, err)
	}
	if got, err := codec.ParseHexBytes("00ff"); err != nil || !reflect.DeepEqual(got, codec.HexBytes{0, 255}) {
		t.Errorf("got %v, %v", got, err)
	}
	if got, err := codec.ParseHexBytes("0"); code(err) != codec.CodeBadHex || got != nil {
		t.Errorf("got %v, %v", got, err)
	}
	if _, err := codec.ParseHex16(""); code(err) != codec.CodeBadHex {
		t.Error(err)
	}
	if _, err := codec.ParseHex64(k.String() + k.String()); err != nil {
		t.Error(err)
	}
}
