// Package sample writes run folders for the tests of the renderers: a run as
// it should look, one with trouble, and one whose every string is hostile.
//
// The facts of the eight scenarios are those of the catalogue; times, seeds
// and digests are made up and the same every time.
package sample

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"scrutineer/reports/event"
)

// Started is when every sample run began.
var started = time.Date(2026, time.March, 2, 9, 30, 0, 0, time.UTC)

// Kind says which run to write.
type Kind int

// The sample runs. The zero Kind is invalid.
const (
	_ Kind = iota
	// Good is a run in which everything is as expected, with a kill matrix.
	Good
	// Troubled has an attack that got through, a false alarm, a missing
	// election, a problem and an interrupt.
	Troubled
	// Small is Good with two scenarios, for golden files that people read.
	Small
)

const seed = "6f1d4c2a90b7e835"

// Write writes a run of that kind into the empty folder dir.
func Write(dir string, k Kind) error {
	b := &builder{dir: dir, kind: k}
	b.run()
	if b.err != nil {
		return b.err
	}
	return WriteEvents(dir, b.events)
}

// WriteEvents writes events.jsonl into dir.
func WriteEvents(dir string, events []event.Event) error {
	f, err := event.Create(filepath.Join(dir, "events.jsonl"), event.Summary, clock)
	if err != nil {
		return err
	}
	for _, e := range events {
		if err := f.Write(e); err != nil {
			return err
		}
	}
	return f.Close()
}

func clock() time.Time { return started }

// builder collects the events of a run and writes its history files.
type builder struct {
	dir    string
	kind   Kind
	events []event.Event
	// n counts elections, for times and lanes.
	n                      int
	asExpected, unexpected int
	totals                 map[event.Total]int
	err                    error
}

func (b *builder) add(at time.Duration, e event.Event) {
	e.Time = started.Add(at)
	b.events = append(b.events, e)
}

func (b *builder) run() {
	b.totals = map[event.Total]int{}
	b.add(0, event.Event{RunStarted: b.facts()})
	b.add(ms(60), event.Event{Requirements: requirements()})
	b.add(ms(120), event.Event{Probe: probe(event.Before)})
	for _, s := range b.scenarios() {
		info := s.info
		b.add(ms(1900), event.Event{Scenario: &info})
	}
	for _, s := range b.scenarios() {
		for _, v := range s.variants {
			b.variant(s, v)
		}
	}
	if b.kind != Troubled {
		b.matrix()
	}
	if b.kind == Troubled {
		b.add(ms(15000), event.Event{Problem: &event.Problem{
			Origin: event.TargetError, Scenario: "E08", SubCase: "transplanted-proof", Run: event.Twin,
			Message: "trustee-2 did not answer within 5 s", Detail: "GET /trustee/status: context deadline exceeded",
		}})
	} else {
		b.add(ms(21500), event.Event{Probe: probe(event.After)})
	}
	b.add(ms(23400), event.Event{RunFinished: b.finish()})
}

func (b *builder) facts() *event.RunStarted {
	return &event.RunStarted{
		Version: "0.1.0", Commit: "4f0c1e7d2b9a86d3", GoVersion: "go1.26.8", OS: "linux", Arch: "amd64", CPUs: 2,
		Seed: seed, Target: "reference (embedded)", TargetVersion: "0.1.0",
		CommandLine: "scrutineer run --seed " + seed + " --out runs", Started: started, Parallel: 32,
		CatalogueHash: digest("catalogue"), SpecVersion: "1", Scenarios: len(b.scenarios()), Elections: b.planned(),
		Config: []event.Setting{
			{Name: "fail-on", Value: "low", Source: "default"},
			{Name: "out", Value: "runs", Source: "flag"},
			{Name: "parallel", Value: "32", Source: "default"},
			{Name: "seed", Value: seed, Source: "flag"},
			{Name: "target", Value: "reference", Source: "default"},
		},
	}
}

// requirements are a few clauses, tested and not.
func requirements() *event.Requirements {
	return &event.Requirements{Standards: []event.Standard{
		{Name: "CoE CM/Rec(2017)5", Title: "standards for e-voting", Clauses: []event.Clause{
			{ID: "9", Says: "only the appropriate number of votes", Basis: "recalled", Attacks: []string{"A08", "A14", "C11", "C12"}},
			{ID: "15", Says: "the voter can verify", Attacks: []string{"A03", "B05", "D03"}},
			{ID: "24", Says: "no result before the end of voting", Attacks: []string{"K04"}},
			{ID: "35", Says: "open standards", Basis: "recalled"},
		}},
		{Name: "VVSG 2.0", Title: "Voluntary Voting System Guidelines", Clauses: []event.Clause{
			{ID: "9.1.6-B", Attacks: []string{"A03", "A06"}}}},
	}}
}

// scenarios returns those of this kind of run.
func (b *builder) scenarios() []scenario {
	all := scenarios()
	if b.kind != Small {
		return all
	}
	return slices.DeleteFunc(all, func(s scenario) bool { return s.info.ID != "A03" && s.info.ID != "D03" })
}

func (b *builder) planned() int {
	n := 0
	for _, s := range b.scenarios() {
		n += len(s.variants) * 4
	}
	return n
}

func probe(when event.When) *event.Probe {
	start := int64(120)
	if when == event.After {
		start = 21500
	}
	return &event.Probe{
		StartMS: start,
		When:    when, OK: true, Ballots: 100, ChecksPassed: 44, Checks: 44, DurationMS: 1740,
		Result: "3 contests, 2 ballot styles: published totals equal the truth",
		Tallies: []event.Tally{
			{Contest: "mayor", Option: "Adler", Truth: "41", Published: "41", OK: true},
			{Contest: "mayor", Option: "Brandt", Truth: "37", Published: "37", OK: true},
			{Contest: "mayor", Option: "blank", Truth: "22", Published: "22", OK: true},
		},
	}
}

func (b *builder) finish() *event.RunFinished {
	f := &event.RunFinished{
		AsExpected: b.asExpected, Unexpected: b.unexpected, OK: true, DurationMS: 23400,
		Missing: b.planned() - b.n,
	}
	for _, run := range []event.RunKind{event.Attack, event.Planted, event.Twin} {
		for _, j := range []event.Judgement{event.Clean, event.Detected, event.FalseAlarm, event.Inapplicable,
			event.Inconclusive, event.Prevented, event.Undetected} {
			t := event.Total{Run: run, Judgement: j}
			if n := b.totals[t]; n > 0 {
				t.Count = n
				f.Totals = append(f.Totals, t)
			}
		}
	}
	if b.kind == Troubled {
		f.OK, f.ExitCode, f.Interrupted = false, 130, true
		f.Reason = "interrupted; 3 verdicts are not as expected"
	}
	return f
}

func ms(n int) time.Duration { return time.Duration(n) * time.Millisecond }

// digest returns 64 hex digits that depend on the words alone.
func digest(words ...any) string {
	sum := sha256.Sum256(fmt.Append(nil, words...))
	return hex.EncodeToString(sum[:])
}

// file writes a small file below the run folder and returns its reference.
func (b *builder) file(label, path, content string) event.FileRef {
	full := filepath.Join(b.dir, filepath.FromSlash(path))
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil && b.err == nil {
		b.err = err
	}
	if err := os.WriteFile(full, []byte(content), 0o644); err != nil && b.err == nil {
		b.err = err
	}
	sum := sha256.Sum256([]byte(content))
	return event.FileRef{Label: label, Path: path, SHA256: hex.EncodeToString(sum[:])}
}
