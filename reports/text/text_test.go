package text_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"pgregory.net/rapid"

	"scrutineer/reports/event"
	"scrutineer/reports/internal/sample"
	"scrutineer/reports/run"
	"scrutineer/reports/text"
)

var update = flag.Bool("update", false, "write the golden files")

func render(t *testing.T, o text.Options, write func(dir string) error) string {
	t.Helper()
	dir := t.TempDir()
	if err := write(dir); err != nil {
		t.Fatal(err)
	}
	r, err := run.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := text.Write(&b, r, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func kind(k sample.Kind) func(string) error {
	return func(dir string) error { return sample.Write(dir, k) }
}

func TestGolden(t *testing.T) {
	for name, got := range map[string]string{
		"good.txt":         render(t, text.Options{}, kind(sample.Good)),
		"troubled.txt":     render(t, text.Options{}, kind(sample.Troubled)),
		"troubled-80.ansi": render(t, text.Options{Colour: true, Width: 1}, kind(sample.Troubled)),
		"killed.txt": render(t, text.Options{}, func(dir string) error {
			return sample.WriteEvents(dir, []event.Event{{RunStarted: &event.RunStarted{Version: "0.1.0", Seed: "7", Target: "x"}}})
		}),
	} {
		path := filepath.Join("testdata", name)
		if *update {
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s differs: run the test with -update and read the diff\n%s", path, got)
		}
	}
}

func TestNoColourUnlessAsked(t *testing.T) {
	if strings.Contains(render(t, text.Options{}, kind(sample.Troubled)), "\x1b") {
		t.Error("escape sequences without being asked")
	}
	if !strings.Contains(render(t, text.Options{Colour: true}, kind(sample.Troubled)), "\x1b[31m") {
		t.Error("no colour although asked")
	}
}

// harmful are characters that move a cursor, a line or the reading order.
func harmful(s string) (rune, bool) {
	for _, r := range s {
		if r != '\n' && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) && r != '\u200c' && r != '\u200d' {
			return r, true
		}
	}
	return 0, false
}

func TestHostileStringsStayText(t *testing.T) {
	payloads := sample.Payloads()
	for i, payload := range payloads {
		out := render(t, text.Options{}, func(dir string) error {
			return sample.Hostile(dir, sample.Small, func(int) string { return payload })
		})
		if r, bad := harmful(out); bad {
			t.Errorf("payload %d: the summary holds %U", i, r)
		}
	}
}

func TestAnyStringStaysText(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		s := rapid.String().Draw(rt, "s")
		if err := os.RemoveAll(filepath.Join(dir, "r")); err != nil {
			rt.Fatal(err)
		}
		if err := os.Mkdir(filepath.Join(dir, "r"), 0o755); err != nil {
			rt.Fatal(err)
		}
		v := event.Verdict{Scenario: "x" + s, Title: s, SubCase: s, Run: event.Attack, Planted: []string{s}, Summary: s, Why: s,
			Judgement: event.Inconclusive, Expected: event.Prevented, Replay: s, Dir: s,
			Damage: []event.Finding{{Kind: event.Damage, Check: s, Message: s, Culprit: s}}}
		if err := sample.WriteEvents(filepath.Join(dir, "r"), []event.Event{
			{RunStarted: &event.RunStarted{Version: s, Seed: s, Target: s, Commit: s}},
			{Verdict: &v},
			{Problem: &event.Problem{Origin: event.TargetError, Message: s, Scenario: s}},
			{RunFinished: &event.RunFinished{Reason: s}},
		}); err != nil {
			rt.Fatal(err)
		}
		r, err := run.Open(filepath.Join(dir, "r"))
		if err != nil {
			rt.Fatal(err)
		}
		var b bytes.Buffer
		if err := text.Write(&b, r, text.Options{}); err != nil {
			rt.Fatal(err)
		}
		if c, bad := harmful(b.String()); bad {
			rt.Fatalf("the summary holds %U", c)
		}
	})
}
