package expect

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"scrutineer/harness/strictyaml"
	"scrutineer/reports/event"
)

const file = `version: 1
verdicts:
  - {scenario: A03, case: pair, verdict: prevented}
  - {scenario: A03, case: pair, run: twin, verdict: clean}
  - {scenario: D03, verdict: undetected, waiver: {reason: no receipts before version 3, expires: "2027-01-31"}}
`

func verdict(scenario, sub string, run event.RunKind, j event.Judgement) event.Verdict {
	return event.Verdict{Scenario: scenario, SubCase: sub, Run: run, Judgement: j}
}

func asExpected() []event.Verdict {
	return []event.Verdict{
		verdict("A03", "pair", event.Attack, event.Prevented),
		verdict("A03", "pair", event.Twin, event.Clean),
		verdict("A03", "pair", event.Twin, event.Clean),
		verdict("D03", "", event.Attack, event.Undetected),
	}
}

func day(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t
}

func TestCompare(t *testing.T) {
	f, err := Parse("f", []byte(file))
	if err != nil {
		t.Fatal(err)
	}
	now := day("2027-01-31T23:59:59Z")
	change := func(i int, j event.Judgement) []event.Verdict {
		v := asExpected()
		v[i].Judgement = j
		return v
	}
	for _, c := range []struct {
		name     string
		verdicts []event.Verdict
		now      time.Time
		want     []string
	}{
		{"as expected", asExpected(), now, nil},
		{"worse", change(0, event.Undetected), now, []string{"A03/pair attack: was expected to be prevented and is undetected"}},
		{"an unexpected pass", change(3, event.Prevented), now, []string{"D03 attack: was expected to be undetected and is prevented"}},
		{"one of two twins", change(2, event.FalseAlarm), now, []string{"A03/pair twin: was expected to be clean and is false-alarm"}},
		{"waiver over", asExpected(), day("2027-02-01T00:00:00Z"), []string{"D03 attack: is undetected, and the waiver ended on 2027-01-31 (no receipts before version 3)"}},
		{"waiver by UTC", asExpected(), day("2027-02-01T01:00:00+02:00"), nil},
		{"missing", asExpected()[:3], now, []string{"D03 attack: was expected to be undetected and did not run"}},
		{"new", append(asExpected(), verdict("E01", "x", event.Attack, event.Prevented)), now, []string{"E01/x attack: is prevented, and nothing was expected of it"}},
		{"sorted", asExpected()[3:], now, []string{"A03/pair attack: was expected to be prevented and did not run", "A03/pair twin: was expected to be clean and did not run"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, x := range Compare(f, c.verdicts, nil, c.now) {
				got = append(got, x.String())
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	only := func(scenario, _ string) bool { return scenario == "D03" }
	if got := Compare(f, asExpected()[3:], only, now); got != nil {
		t.Errorf("what was not selected is missed: %v", got)
	}
}

func TestFaults(t *testing.T) {
	for _, c := range []struct{ old, new, want string }{
		{"version: 1", "version: 2", "f:1:10: version 2 is not known; this build reads version 1"},
		{"version: 1\n", "", `f:1:1: key "version" is missing`},
		{"prevented}", "preventd}", `f:3:42: "preventd" is not one of the words allowed here; did you mean "prevented"?`},
		{"run: twin", "run: twins", `did you mean "twin"?`},
		{"run: twin, verdict: clean", "verdict: prevented", "f:4:5: A03/pair attack is there twice"},
		{"run: twin, ", "run: planted, ", "an attack is never clean"},
		{"prevented}", "undetected}", "nobody says why; add waiver"},
		{"prevented}", "inconclusive}", "nobody says why"},
		{"verdict: clean", "verdict: undetected", "nobody says why"},
		{"prevented}", `prevented, waiver: {reason: x, expires: "2027-01-01"}}`, "a good verdict needs no waiver"},
		{"scenario: D03", `scenario: " "`, "the text is empty"},
		{"no receipts before version 3", `" "`, "the text is empty; say why"},
		{`"2027-01-31"`, `"31.1.2027"`, `"31.1.2027" is not a day`},
		{`"2027-01-31"`, "2027-01-31", "expected text, found the date 2027-01-31"},
		{", expires", ", expire", `unknown key "expire"; did you mean "expires"?`},
		{`, expires: "2027-01-31"`, "", `key "expires" is missing`},
	} {
		if !strings.Contains(file, c.old) {
			t.Fatalf("no %q", c.old)
		}
		_, err := Parse("f", []byte(strings.Replace(file, c.old, c.new, 1)))
		var f *strictyaml.Fault
		if !errors.As(err, &f) || !strings.Contains(f.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", c.new, err, c.want)
		}
	}
}

// What Of writes, Parse reads, and it is what happened.
func TestOf(t *testing.T) {
	verdicts := append(asExpected(), verdict("on", "no", event.Attack, event.Inconclusive), verdict("E01", "", event.Planted, event.Undetected))
	f := Of(verdicts, `known: "broken" since {1999}
and no mend`, day("2027-06-30T12:00:00Z"))
	b, err := f.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	again, err := Parse("f", b)
	if err != nil {
		t.Fatalf("%v\n%s", err, b)
	}
	if diff := cmp.Diff(f, again); diff != "" {
		t.Error(diff)
	}
	if got := Compare(again, verdicts, nil, day("2027-06-30T23:00:00Z")); got != nil {
		t.Error(got)
	}
}

func TestRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "expect.json")
	if _, err := Read(path); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	if err := os.WriteFile(path, []byte(`{"version": 1, "verdicts": [{"scenario": "A03", "verdict": "prevented"}]}`), 0o644); err != nil {
		t.Fatal(err)
	}
	if f, err := Read(path); err != nil || f.Verdicts[0].Run != "attack" {
		t.Error(f, err)
	}
}

// A verdict carries what the file says of it, so that every report shows it.
func TestApply(t *testing.T) {
	list := &File{Version: 1, Verdicts: []Entry{
		{Scenario: "A03", Case: "x", Run: "attack", Verdict: "undetected", Waiver: &Waiver{Reason: "known", Expires: "2027-01-31"}},
		{Scenario: "A03", Case: "y", Run: "attack", Verdict: "detected"},
	}}
	for name, c := range map[string]struct {
		v    event.Verdict
		on   string
		want event.Verdict
	}{
		"waived": {verdict("A03", "x", event.Attack, event.Undetected), "2027-01-31",
			event.Verdict{Expected: event.Undetected, AsExpected: true, Waiver: &event.Waiver{Reason: "known", Expires: "2027-01-31"}}},
		"waiver over": {verdict("A03", "x", event.Attack, event.Undetected), "2027-02-01",
			event.Verdict{Expected: event.Undetected, Why: "the waiver ended on 2027-01-31", Waiver: &event.Waiver{Reason: "known", Expires: "2027-01-31"}}},
		"mended":   {verdict("A03", "x", event.Attack, event.Prevented), "2027-01-01", event.Verdict{Expected: event.Undetected}},
		"as it is": {verdict("A03", "y", event.Attack, event.Detected), "2027-01-01", event.Verdict{Expected: event.Detected, AsExpected: true}},
		"unknown":  {verdict("A03", "z", event.Attack, event.Prevented), "2027-01-01", event.Verdict{Expected: event.Prevented, Why: "the file of expected verdicts says nothing of it"}},
	} {
		v := c.v
		v.Expected, v.AsExpected = event.Prevented, true
		list.Apply(&v, day(c.on+"T12:00:00Z"))
		got := event.Verdict{Expected: v.Expected, AsExpected: v.AsExpected, Why: v.Why, Waiver: v.Waiver}
		if !cmp.Equal(got, c.want) {
			t.Errorf("%s: %s", name, cmp.Diff(c.want, got))
		}
	}
}
