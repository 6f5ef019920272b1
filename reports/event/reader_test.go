package event

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"
)

// Whatever stands in a file: no panic, and what is accepted is written back
// byte for byte.
func TestReaderTakesAnyBytes(t *testing.T) {
	var sound bytes.Buffer
	w := NewWriter(&sound, Summary, clock)
	index := int64(3)
	for _, e := range []Event{
		{RunStarted: &RunStarted{Seed: "7", Config: []Setting{{Name: "a", Value: "b"}}}},
		{Verdict: &Verdict{Scenario: "A03", Run: Planted, Planted: []string{"w"}, Judgement: Undetected, Expected: Undetected,
			Damage: []Finding{{Kind: Damage, Check: "V-20", Evidence: &Evidence{Entry: &index}}}, Steps: []Step{{Outcome: OK}}}},
		{RunFinished: &RunFinished{OK: true}},
	} {
		if err := w.Write(e); err != nil {
			t.Fatal(err)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		in := bytes.Clone(sound.Bytes())
		for range rapid.IntRange(0, 3).Draw(t, "edits") {
			at := rapid.IntRange(0, len(in)-1).Draw(t, "at")
			in = append(in[:at:at], append(rapid.SliceOfN(rapid.Byte(), 0, 4).Draw(t, "bytes"), in[at+1:]...)...)
			if len(in) == 0 {
				return
			}
		}
		var out bytes.Buffer
		for e, err := range NewReader(bytes.NewReader(in), "f", Summary).All() {
			if err != nil {
				return
			}
			line, err := Encode(e)
			if err != nil {
				t.Fatal(err)
			}
			out.Write(append(line, '\n'))
		}
		if !bytes.Equal(in, out.Bytes()) {
			t.Fatalf("accepted %q, wrote %q", in, out.Bytes())
		}
	})
}
