package plain

import (
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestText(t *testing.T) {
	for in, want := range map[string]string{
		"":                                "",
		"plain":                           "plain",
		"a\nb\r\nc\td":                    "a ⏎ b ⏎ c d",
		"\x1b[31mred":                     "⟨U+001B⟩[31mred",
		"\u202egnp.exe":                   "⟨U+202E⟩gnp.exe",
		"in\u200bvisible":                 "in⟨U+200B⟩visible",
		"\u2066x\u2069":                   "⟨U+2066⟩x⟨U+2069⟩",
		"\u009b31m":                       "⟨U+009B⟩31m",
		"Zürich, 東京, עברית":               "Zürich, 東京, עברית",
		"می\u200cخواهم":                   "می\u200cخواهم",
		"a\xffb":                          "a\ufffdb",
		"e" + strings.Repeat("\u0301", 9): "e" + strings.Repeat("\u0301", 4) + "⟨5 marks⟩",
		"<script>":                        "<script>",
	} {
		if got := Text(in); got != want {
			t.Errorf("Text(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestTextIsAlwaysPlain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		out := Text(rapid.String().Draw(t, "s") + string(rapid.SliceOf(rapid.Byte()).Draw(t, "b")))
		if !utf8.ValidString(out) {
			t.Fatalf("%q", out)
		}
		for _, r := range out {
			if unicode.IsControl(r) || hidden(r) {
				t.Fatalf("%q keeps %U", out, r)
			}
		}
	})
}

func TestHugeTextIsCut(t *testing.T) {
	if got := Text(strings.Repeat("x", 1<<20)); len(got) > MaxShown || !strings.HasSuffix(got, "bytes cut]") {
		t.Fatal(len(got))
	}
}

type tree struct {
	Name  string
	At    time.Time
	Kids  []tree
	Left  *tree
	N     int
	notes []string
}

func TestDeepReachesEveryString(t *testing.T) {
	at := time.Now()
	in := tree{Name: "\x1b", At: at, N: 3, Kids: []tree{{Name: "\u202e"}}, Left: &tree{Name: "ok\n"}, notes: []string{"\n"}}
	got := Deep(in)
	want := tree{Name: "⟨U+001B⟩", At: at, N: 3, Kids: []tree{{Name: "⟨U+202E⟩"}}, Left: &tree{Name: "ok ⏎ "}, notes: in.notes}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("%+v", got)
	}
	if in.Kids[0].Name != "\u202e" || in.Left.Name != "ok\n" {
		t.Fatal("input changed")
	}
}
