package event

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"time"
)

var epoch = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func clock() time.Time { return epoch }

func TestWriterAndReaderAgree(t *testing.T) {
	var buf bytes.Buffer
	w := NewWriter(&buf, Summary, clock)
	in := []Event{
		{RunStarted: &RunStarted{Version: "1", Seed: "7", Started: epoch}},
		{Scenario: &ScenarioInfo{ID: "A03", Title: "<b>", Expect: Prevented}},
		{Verdict: &Verdict{Scenario: "A03", Run: Attack, Judgement: Prevented, Expected: Prevented,
			AsExpected: true, Steps: []Step{{Actor: "m", Action: "forge", Outcome: Refused, Detail: strings.Repeat("x", 2*MaxText)}}}},
		{RunFinished: &RunFinished{OK: true}},
	}
	for _, e := range in {
		if err := w.Write(e); err != nil {
			t.Fatal(err)
		}
	}
	n := 0
	for e, err := range NewReader(&buf, "events.jsonl", Summary).All() {
		if err != nil {
			t.Fatal(err)
		}
		if e.Kind() != in[n].Kind() {
			t.Fatalf("line %d is %s", n+1, e.Kind())
		}
		n++
	}
	if n != len(in) {
		t.Fatalf("read %d of %d", n, len(in))
	}
}

func TestReaderRejects(t *testing.T) {
	const head = `{"run_finished":{"as_expected":0,"duration_ms":0,"exit_code":0,"ok":true,"unexpected":0},`
	const tail = `"schema":1,"seq":1,"time":"2026-03-02T09:00:00Z"}`
	cases := []struct {
		name, in, text string
		err            error
	}{
		{"sound", head + tail + "\n", "", nil},
		{"cut off", head + tail, "f:1:", ErrTruncated},
		{"empty line", "\n", "f:1:", nil},
		{"gap", head + strings.Replace(tail, `"seq":1`, `"seq":2`, 1) + "\n", "f:1:", ErrSequence},
		{"doubled", head + tail + "\n" + head + tail + "\n", "f:2:", ErrSequence},
		{"version", strings.Replace(head, "ok", "okay", 1) + strings.Replace(tail, `"schema":1`, `"schema":3`, 1) + "\n", "f:1:", ErrVersion},
		{"unknown name", strings.Replace(head, `"ok"`, `"okay"`, 1) + tail + "\n", "okay", nil},
		{"case", strings.Replace(head, `"ok"`, `"OK"`, 1) + tail + "\n", "OK", nil},
		{"space", head + " " + tail + "\n", "f:1:", ErrCanonical},
		{"null", head + strings.Replace(tail, `"time"`, `"verdict":null,"time"`, 1) + "\n", "f:1:", ErrCanonical},
		{"no field", "{" + tail + "\n", "f:1:", ErrFields},
		{"two fields", `{"problem":{"message":"","origin":"own"},` + head[1:] + tail + "\n", "f:1:", ErrFields},
		{"stream", `{"finding":{"check":"","kind":"alarm","message":""},` + tail + "\n", "f:1:", ErrStream},
		{"value", `{"problem":{"message":"","origin":"them"},` + tail + "\n", "f:1:", ErrValue},
		{"long", strings.Repeat(" ", MaxLine) + "\n", "f:1:", ErrLineTooLong},
		{"not UTF-8", strings.Replace(head, "true", "\"\xff\"", 1) + tail + "\n", "f:1:", nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := NewReader(strings.NewReader(c.in), "f", Summary)
			var err error
			for err == nil {
				_, err = r.Next()
			}
			if c.text == "" {
				if err != io.EOF {
					t.Fatal(err)
				}
				return
			}
			if err == io.EOF || !strings.Contains(err.Error(), c.text) {
				t.Fatalf("got %v", err)
			}
			if c.err != nil && !errors.Is(err, c.err) {
				t.Fatalf("got %v, want %v", err, c.err)
			}
		})
	}
}

func TestClipIsStable(t *testing.T) {
	long := Clip(strings.Repeat("ß", 9000), 100)
	if len(long) > 100 || !strings.HasSuffix(long, "bytes cut]") || Clip(long, 100) != long {
		t.Fatalf("%d %q", len(long), long)
	}
	if Clip("a\xffb", 100) != "a\uFFFDb" {
		t.Fatal("invalid UTF-8 kept")
	}
}

func TestAppendContinuesTheNumbers(t *testing.T) {
	path := t.TempDir() + "/history.jsonl"
	line := Event{Operation: &Operation{Type: Invoke}}
	f, err := Create(path, History, clock)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(f.Write(line), f.Sync(), f.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := Create(path, History, clock); err == nil {
		t.Fatal("an existing file was created again")
	}
	if f, err = Append(path, History, clock); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(f.Write(line), f.Close()); err != nil {
		t.Fatal(err)
	}
	if f, err = Append(path, History, clock); err != nil || f.seq != 2 {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err = Append(path, Summary, clock); !errors.Is(err, ErrStream) {
		t.Fatal(err)
	}
}

// A line that did not go out whole must not be numbered.
func TestWriterRefusesWhatItCannotRead(t *testing.T) {
	var buf bytes.Buffer
	w := NewWriter(&buf, Summary, clock)
	steps := make([]Step, 400)
	for i := range steps {
		steps[i] = Step{Outcome: OK, Detail: strings.Repeat("x", MaxText)}
	}
	for name, c := range map[string]struct {
		e   Event
		err error
	}{
		"no field": {Event{}, ErrFields},
		"stream":   {Event{Finding: &Finding{Kind: Alarm}}, ErrStream},
		"value":    {Event{Verdict: &Verdict{Scenario: "A03", Run: "fourth"}}, ErrValue},
		"too long": {Event{Verdict: &Verdict{Scenario: "A03", Run: Attack, Judgement: Clean, Expected: Clean, Steps: steps}}, ErrLineTooLong},
	} {
		if err := w.Write(c.e); !errors.Is(err, c.err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if buf.Len() > 0 || w.seq != 0 {
		t.Fatal("something was written")
	}
}
