package run_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"scrutineer/reports/event"
	"scrutineer/reports/internal/sample"
	"scrutineer/reports/run"
)

func good(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := sample.Write(dir, sample.Good); err != nil {
		t.Fatal(err)
	}
	return dir
}

func open(t *testing.T, dir string) *run.Run {
	t.Helper()
	r, err := run.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestOpenGroupsByScenario(t *testing.T) {
	r := open(t, good(t))
	if r.Started == nil || r.Finished == nil || len(r.Notes) > 0 || len(r.Probes) != 2 {
		t.Fatalf("%+v", r)
	}
	var ids []string
	for _, s := range r.Scenarios {
		ids = append(ids, s.Info.ID)
		for _, c := range s.SubCases {
			var kinds []string
			for _, e := range c.Elections {
				kinds = append(kinds, string(e.Verdict.Run))
				if e.History == nil || e.History.Operations == 0 || len(e.Files) == 0 {
					t.Errorf("%s %s lacks its history", s.Info.ID, c.Info.ID)
				}
			}
			if got := strings.Join(kinds, " "); got != "attack planted twin twin" {
				t.Errorf("%s %s: %s", s.Info.ID, c.Info.ID, got)
			}
		}
	}
	if got := strings.Join(ids, " "); got != "A03 A08 A14 B05 C11 D03 E01 E08" {
		t.Error(got)
	}
}

func TestHistoryCountsOutcomes(t *testing.T) {
	r := open(t, good(t))
	h := r.Scenarios[0].SubCases[0].Elections[0].History
	got := map[string]run.OpCount{}
	for _, c := range h.Ops {
		got[c.Role+" "+c.Op] = c
	}
	if c := got["voter cast"]; c.OK != 12 || c.Adversary {
		t.Errorf("%+v", c)
	}
	if c := got["adversary submit body"]; c.Refused != 1 || !c.Adversary {
		t.Errorf("%+v", c)
	}
}

func TestReadHistoryReturnsEveryLine(t *testing.T) {
	dir := good(t)
	h := open(t, dir).Scenarios[0].SubCases[0].Elections[0].History
	lines, err := run.ReadHistory(dir, h.Path)
	if err != nil || len(lines) != 2*h.Operations {
		t.Fatalf("%d lines, %d operations, %v", len(lines), h.Operations, err)
	}
	if _, err := run.ReadHistory(dir, "../"+filepath.Base(dir)+"/"+h.Path); err == nil {
		t.Error("a path out of the folder was read")
	}
}

// A killed run leaves half a line; what was learnt so far is still shown.
func TestKilledRunIsReadAndNoted(t *testing.T) {
	dir := good(t)
	name := filepath.Join(dir, run.EventsFile)
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, text[:len(text)-40], 0o644); err != nil {
		t.Fatal(err)
	}
	r := open(t, dir)
	if r.Finished != nil || len(r.Scenarios) != 8 || len(r.Notes) != 2 {
		t.Fatalf("%q", r.Notes)
	}
}

func TestBrokenLineIsAnErrorWithItsPlace(t *testing.T) {
	dir := good(t)
	name := filepath.Join(dir, run.EventsFile)
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	broken := strings.Replace(string(text), `"as_expected":true`, `"as_expected":1`, 1)
	if err := os.WriteFile(name, []byte(broken), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := run.Open(dir); err == nil || !strings.Contains(err.Error(), "events.jsonl:") {
		t.Fatal(err)
	}
}

// write replaces the evidence and folder of the first verdict and returns
// the notes of the loader.
func notes(t *testing.T, dir string, change func(*event.Verdict)) *run.Run {
	t.Helper()
	v := event.Verdict{Scenario: "A03", Run: event.Attack, Judgement: event.Prevented, Expected: event.Prevented}
	change(&v)
	if err := sample.WriteEvents(dir, []event.Event{
		{RunStarted: &event.RunStarted{}}, {Verdict: &v}, {RunFinished: &event.RunFinished{}},
	}); err != nil {
		t.Fatal(err)
	}
	return open(t, dir)
}

func TestPathsStayInTheFolder(t *testing.T) {
	for _, path := range []string{
		"../x", "/etc/passwd", "a/../../x", "C:\\x", "a\\b", "a b", "a\nb", "javascript:x", "a//b", ".git/x", "a/.",
		"x\x00", "\u202e", strings.Repeat("a/", 300) + "a", "%2e%2e/x", "a?b", "a#b", "-rf",
	} {
		r := notes(t, t.TempDir(), func(v *event.Verdict) {
			v.Dir = path
			v.Evidence = []event.FileRef{{Label: "x", Path: path}}
		})
		e := r.Scenarios[0].SubCases[0].Elections[0]
		if len(r.Notes) != 2 || e.Verdict.Dir != "" || len(e.Files) > 0 {
			t.Errorf("%q: %q", path, r.Notes)
		}
	}
}

func TestLinksOutOfTheFolderAreRefused(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("links need rights there")
	}
	outside := t.TempDir()
	if err := os.WriteFile(filepath.Join(outside, run.HistoryFile), []byte("secret\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Symlink(outside, filepath.Join(dir, "out")); err != nil {
		t.Fatal(err)
	}
	r := notes(t, dir, func(v *event.Verdict) {
		v.Dir = "out"
		v.Evidence = []event.FileRef{{Path: "out/history.jsonl"}}
	})
	e := r.Scenarios[0].SubCases[0].Elections[0]
	if e.History != nil || len(e.Files) > 0 || len(r.Notes) != 2 {
		t.Fatalf("%+v %q", e, r.Notes)
	}
}

func TestOnlyRegularFilesOfBoundedSizeAreRead(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, run.EventsFile), 0o755); err != nil {
		t.Fatal(err)
	}
	if _, err := run.Open(dir); err == nil {
		t.Error("a folder was read as a file")
	}
	dir = t.TempDir()
	f, err := os.Create(filepath.Join(dir, run.EventsFile))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(f.Truncate(run.MaxFile+1), f.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := run.Open(dir); !errors.Is(err, run.ErrTooLarge) {
		t.Error(err)
	}
}

func TestBrokenHistoryIsNoted(t *testing.T) {
	dir := good(t)
	name := filepath.Join(dir, "scenarios", "A03", "approval", "attack", run.HistoryFile)
	if err := os.WriteFile(name, []byte("{}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if r := open(t, dir); len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "scenarios/A03/approval/attack/history.jsonl:1:") {
		t.Fatalf("%q", r.Notes)
	}
}

func TestHostileStringsAreRead(t *testing.T) {
	dir := t.TempDir()
	payloads := sample.Payloads()
	err := sample.Hostile(dir, sample.Good, func(n int) string { return payloads[n%len(payloads)] })
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	if r := open(t, dir); len(r.Scenarios) == 0 {
		t.Fatal("nothing read")
	}
	t.Log(time.Since(start))
}

func TestCompareSeesOneSeedAsEqual(t *testing.T) {
	a, b := good(t), good(t)
	if diff, err := run.Compare(a, b); err != nil || len(diff) > 0 {
		t.Fatalf("%v %v", diff, err)
	}
	name := filepath.Join("scenarios", "A03", "approval", "attack", run.HistoryFile)
	text, err := os.ReadFile(filepath.Join(b, name))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(b, name), []byte(strings.ReplaceAll(string(text), `"Adler"`, `"Brandt"`)), 0o644); err != nil {
		t.Fatal(err)
	}
	diff, err := run.Compare(a, b)
	if err != nil || len(diff) != 1 || diff[0].File != filepath.ToSlash(name) || len(diff[0].OnlyA) != 24 {
		t.Fatalf("%v %v", diff, err)
	}
}

// A clause says what the attacks on the sound system came to, and what was not
// run.
func TestRequirements(t *testing.T) {
	scenario := func(id string, judgements ...event.Judgement) run.Scenario {
		s := run.Scenario{Info: event.ScenarioInfo{ID: id, Title: id, Requirements: []event.Requirement{{Standard: "S", Clause: "1"}, {Standard: "S", Clause: id}}}}
		for _, j := range judgements {
			s.SubCases = append(s.SubCases, run.SubCase{Elections: []run.Election{
				{Verdict: event.Verdict{Run: event.Attack, Judgement: j, AsExpected: j == event.Prevented}},
				{Verdict: event.Verdict{Run: event.Planted, Judgement: event.Undetected, AsExpected: true}},
			}})
		}
		return s
	}
	clause := func(id string, attacks ...string) event.Clause { return event.Clause{ID: id, Attacks: attacks} }
	r := &run.Run{
		Listed: &event.Requirements{Standards: []event.Standard{{Name: "S", Clauses: []event.Clause{
			clause("1", "A01", "A02", "A09"), clause("A01", "A01"), clause("A02", "A02"), clause("A03", "A03"), clause("none", "K01"), clause("A04")}}}},
		Scenarios: []run.Scenario{scenario("A01", event.Prevented, event.Prevented), scenario("A02", event.Prevented, event.Undetected),
			scenario("A03", event.Prevented, event.Inapplicable), scenario("A04")},
	}
	var got []string
	for _, c := range r.Requirements()[0].Clauses {
		got = append(got, fmt.Sprint(c.Clause.ID, " ", c.Status, " ", len(c.Tests), " ", c.Missing))
	}
	want := []string{"1 finding 3 [A09]", "A01 withstood 1 []", "A02 finding 1 []", "A03 undecided 1 []", "none not tested 0 [K01]", "A04 not tested 0 []"}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if n := r.Requirements()[0].Count; n[run.Untested] != 2 || n[run.Failed] != 2 {
		t.Errorf("%v", n)
	}
	if (&run.Run{}).Requirements() != nil {
		t.Error("requirements out of nothing")
	}
}
