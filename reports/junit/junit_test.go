package junit_test

import (
	"bytes"
	"encoding/xml"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"scrutineer/reports/event"
	"scrutineer/reports/internal/sample"
	"scrutineer/reports/junit"
	"scrutineer/reports/run"
)

var update = flag.Bool("update", false, "write the golden files again")

func render(t *testing.T, dir string) []byte {
	t.Helper()
	r, err := run.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	r.Name = "run"
	var b bytes.Buffer
	if err := junit.Write(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestGolden(t *testing.T) {
	for name, kind := range map[string]sample.Kind{"small": sample.Small, "troubled": sample.Troubled} {
		dir := t.TempDir()
		if err := sample.Write(dir, kind); err != nil {
			t.Fatal(err)
		}
		got := render(t, dir)
		path := filepath.Join("testdata", name+".xml")
		if *update {
			if err := os.WriteFile(path, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s differs: run the test with -update and read the diff", path)
		}
	}
}

// What a waiver excuses, and what cannot be judged, is neither passed nor
// failed.
func TestResults(t *testing.T) {
	dir := t.TempDir()
	v := func(j, expected event.Judgement, ok bool, w *event.Waiver) event.Event {
		return event.Event{Verdict: &event.Verdict{Scenario: "A03", SubCase: "x", Run: event.Attack, Judgement: j, Expected: expected,
			AsExpected: ok, Waiver: w, Why: "no insider", Replay: "scrutineer run A03/x --seed 1"}}
	}
	err := sample.WriteEvents(dir, []event.Event{
		{RunStarted: &event.RunStarted{Seed: "1"}},
		v(event.Prevented, event.Prevented, true, nil),
		v(event.Undetected, event.Undetected, true, &event.Waiver{Reason: "known since May", Expires: "2027-01-31"}),
		v(event.Undetected, event.Prevented, false, nil),
		v(event.Inconclusive, event.Prevented, false, nil),
		v(event.Inapplicable, event.Prevented, false, nil),
		{RunFinished: &event.RunFinished{Unexpected: 2, ExitCode: 1, Reason: "x", Changes: []string{"A03/x attack: changed"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	got := string(render(t, dir))
	for _, want := range []string{
		`<testsuite name="A03 A03" tests="5" failures="1" errors="1" skipped="2"`,
		`<skipped message="undetected, waived until 2027-01-31: known since May"`,
		`<failure message="undetected, expected prevented" type="undetected">`,
		`<error message="inconclusive, expected prevented"`,
		`<skipped message="no insider"`,
		`replay: scrutineer run A03/x --seed 1`,
		`A03/x attack: changed</failure>`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("lacks %s in\n%s", want, got)
		}
	}
}

// Hostile strings stay text, and the document well-formed.
func TestHostile(t *testing.T) {
	dir := t.TempDir()
	payloads := sample.Payloads()
	if err := sample.Hostile(dir, sample.Good, func(n int) string { return payloads[n%len(payloads)] }); err != nil {
		t.Fatal(err)
	}
	got := render(t, dir)
	d := xml.NewDecoder(bytes.NewReader(got))
	for {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if e, ok := token.(xml.StartElement); ok && !strings.Contains("testsuites testsuite properties property testcase failure error skipped system-out", e.Name.Local) {
			t.Errorf("an element %s", e.Name.Local)
		}
	}
	if bytes.ContainsAny(got, "\x1b\x00\u202e") {
		t.Error("control characters got through")
	}
}
