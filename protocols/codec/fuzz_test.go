package codec_test

import (
	"testing"

	"scrutineer/protocols/codec"
)

// FuzzDecode: no text makes the decoder panic, an accepted one is its own
// canonical form, a refused one gives an error with a position, and on raw
// values the scanner and the library are of one mind.
func FuzzDecode(f *testing.F) {
	good, err := codec.Encode(sample())
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{
		string(good), text(), text("count", "-"), text("list", "null"), `{"level":"top","union":{"body":{"x":1,"y":2},"kind":"inner"}}`,
		`[1,"\u001f\n😀",{"":{}}]`, `{"b":1,"a":1,"b":1}`, `"\ud800"`, "-0", "1e2", "9007199254740992", "[[[[[[[[[[[[[[[[[", " 1", "{}x", "",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, v := range []any{new(message), new(odd), new(unordered), new(codec.Raw)} {
			if problem := consistent(data, v); problem != "" {
				t.Errorf("%T: %s", v, problem)
			}
		}
		if problem := agrees(data); problem != "" {
			t.Error(problem)
		}
	})
}
