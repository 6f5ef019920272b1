package diff_test

import (
	"strings"
	"testing"

	"scrutineer/reports/diff"
	"scrutineer/reports/event"
	"scrutineer/reports/run"
)

func made(probe bool, verdicts ...event.Verdict) *run.Run {
	r := &run.Run{Probes: []event.Probe{{When: event.Before, OK: probe}}}
	s := run.Scenario{Info: event.ScenarioInfo{ID: "A03"}}
	for _, v := range verdicts {
		v.Scenario = "A03"
		v.AsExpected = v.Judgement == v.Expected
		s.SubCases = append(s.SubCases, run.SubCase{Info: event.SubCase{ID: v.SubCase}, Elections: []run.Election{{Verdict: v}}})
	}
	r.Scenarios = []run.Scenario{s}
	return r
}

func TestVerdicts(t *testing.T) {
	attack := func(sub string, got, expected event.Judgement) event.Verdict {
		return event.Verdict{SubCase: sub, Run: event.Attack, Judgement: got, Expected: expected}
	}
	planted := func(sub string, set ...string) event.Verdict {
		return event.Verdict{SubCase: sub, Run: event.Twin, Planted: set, Judgement: event.Clean, Expected: event.Clean}
	}
	a := made(true, attack("gone", event.Prevented, event.Prevented), attack("same", event.Prevented, event.Prevented),
		attack("mended", event.Undetected, event.Prevented), attack("broken", event.Prevented, event.Prevented),
		planted("twins", "weak.a", "weak.b"))
	b := made(false, attack("same", event.Prevented, event.Prevented), attack("mended", event.Prevented, event.Prevented),
		attack("broken", event.Undetected, event.Prevented), attack("new", event.Detected, event.Detected),
		planted("twins", "weak.a"))
	var lines []string
	for _, c := range diff.Verdicts(a, b) {
		lines = append(lines, c.String())
	}
	want := []string{
		"worse    A03/broken attack: prevented → undetected",
		"worse    A03/gone attack: prevented → did not run",
		"better   A03/mended attack: undetected → prevented",
		"changed  A03/new attack: did not run → detected",
		"changed  A03/twins twin with weak.a: did not run → clean",
		"worse    A03/twins twin with weak.a + weak.b: clean → did not run",
		"worse    honest election before: fine → not fine",
	}
	if strings.Join(lines, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
	}
	if got := diff.Verdicts(a, a); len(got) != 0 {
		t.Errorf("a run differs from itself: %v", got)
	}
}

func TestWriteIsPlain(t *testing.T) {
	var b strings.Builder
	if err := diff.Write(&b, []diff.Change{{Scenario: "A03\x1b[2J\n", Now: "clean"}}); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(b.String(), "\x1b") || strings.Count(b.String(), "\n") != 1 {
		t.Errorf("%q", b.String())
	}
}
