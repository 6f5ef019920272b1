package pythontarget

import (
	"bufio"
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"scrutineer/examples/municipal"
	"scrutineer/harness/runner"
	"scrutineer/harness/scenario"
	"scrutineer/harness/scenarios"
	"scrutineer/harness/vocabulary"
	"scrutineer/internal/need"
	"scrutineer/reports/event"
	"scrutineer/targets"
	"scrutineer/targets/check"
	"scrutineer/targets/command"
)

func target(t *testing.T, weak, around string) *command.Target {
	t.Helper()
	line := need.Python(t) + " adapter.py"
	if weak != "" {
		line += " --weak " + weak
	}
	if around != "" {
		line = strings.ReplaceAll(around, "ADAPTER", line)
	}
	env := append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1")
	target, err := command.New(command.Config{Command: line, Env: env, Limits: command.Limits{Request: time.Minute, Grace: 200 * time.Millisecond}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = target.Close() })
	return target
}

func checks(t *testing.T, to targets.Target) []check.Result {
	t.Helper()
	d, err := to.Describe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return check.Run(t.Context(), check.Config{Target: to, Description: d}, func(check.Result) {})
}

// The example passes target check, and every line of it is as the schema says.
func TestCheck(t *testing.T) {
	dir := t.TempDir()
	to := target(t, "", "tee -a '"+dir+"/in' | ADAPTER | tee -a '"+dir+"/out'")
	for _, r := range checks(t, to) {
		if r.Err != nil || len(r.Missing) > 0 {
			t.Errorf("%s: %v, missing %v", r.Name, r.Err, r.Missing)
		}
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(command.Schema))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"in", "out"} {
		raw, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(bytes.NewReader(raw))
		lines.Buffer(nil, 16<<20)
		n := 0
		for ; lines.Scan(); n++ {
			x, err := jsonschema.UnmarshalJSON(bytes.NewReader(lines.Bytes()))
			if err == nil {
				err = s.Validate(x)
			}
			if err != nil {
				t.Errorf("%s: %.300s: %v", name, lines.Text(), err)
			}
		}
		if n < 20 {
			t.Errorf("%s: %d lines", name, n)
		}
	}
}

// What a scenario does not look for, target check finds.
func TestCheckFinds(t *testing.T) {
	for weak, step := range map[string]string{
		"anybody":     "refuses a ballot without the voter's credential",
		"early-tally": "has no result while the box is open",
		"after-close": "closes, and takes nothing more",
		"forget":      "keeps what it acknowledged when it crashes",
		"retry-twice": "takes a ballot that comes again as the one it is",
	} {
		t.Run(weak, func(t *testing.T) {
			t.Parallel()
			all := checks(t, target(t, weak, ""))
			if i := slices.IndexFunc(all, func(r check.Result) bool { return r.Name == step }); i < 0 || all[i].Err == nil || all[i].Broke || all[i].Means == "" {
				t.Errorf("%+v", all)
			}
		})
	}
}

// run plays sub-cases on the example with a weakness.
func run(t *testing.T, weak, around string, subs ...string) runner.Summary {
	t.Helper()
	all, err := scenarios.All(vocabulary.Standard())
	if err != nil {
		t.Fatal(err)
	}
	probe, err := scenario.ParseElection(municipal.Parish, municipal.ParishFile)
	if err != nil {
		t.Fatal(err)
	}
	s, err := runner.Run(t.Context(), runner.Config{Target: target(t, weak, around), Scenarios: all, Probe: &probe, Seed: 5, Out: t.TempDir(), FailOn: 1,
		Deadline: 5 * time.Minute, Only: func(id, sub string) bool { return slices.Contains(subs, id+"/"+sub) }})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range s.Problems {
		t.Errorf("%+v", p)
	}
	return s
}

func judged(t *testing.T, s runner.Summary, id string, kind event.RunKind) event.Verdict {
	t.Helper()
	for _, v := range s.Verdicts {
		if v.Scenario+"/"+v.SubCase == id && v.Run == kind {
			return v
		}
	}
	t.Fatalf("no verdict on %s %s among %d", id, kind, len(s.Verdicts))
	return event.Verdict{}
}

// planted are the weaknesses, and the sub-cases that find them.
var planted = map[string][]string{
	"copy":           {"A01/board", "A01/revote"},
	"anybody":        {"C09/own-session", "C09/no-session"},
	"overvote":       {"A08/all-options", "A08/too-few"},
	"cross-election": {"A14/ballot", "A14/decision"},
	"double-vote":    {"C11/two"},
	"drop":           {"D03/few-check", "D03/last-ballot"},
	"older-wins":     {"D05/held-back"},
	"after-close":    {"D07/after-close"},
	"forget":         {"I07/at-the-receipt", "I08/lost"},
	"retry-twice":    {"I08/redelivery"},
}

// The sound service prevents every attack, and its honest twins are clean.
func TestSound(t *testing.T) {
	var subs []string
	for _, l := range planted {
		subs = append(subs, l...)
	}
	s := run(t, "", "", append(subs, "A04/any-result")...)
	for _, id := range subs {
		if v := judged(t, s, id, event.Attack); v.Judgement != event.Prevented || !v.AsExpected {
			t.Errorf("%s: %s %s %+v", id, v.Judgement, v.Why, v.Damage)
		}
		if v := judged(t, s, id, event.Twin); v.Judgement != event.Clean {
			t.Errorf("%s twin: %s %s %+v %+v", id, v.Judgement, v.Why, v.Damage, v.Alarms)
		}
	}
	if v := judged(t, s, "A04/any-result", event.Attack); v.Judgement != event.Inapplicable {
		t.Errorf("A04: %s", v.Judgement)
	}
	if s.Finished.ExitCode != runner.Passed {
		t.Errorf("%d %s", s.Finished.ExitCode, s.Finished.Reason)
	}
}

// Each weakness is found by its scenario.
func TestWeak(t *testing.T) {
	for weak, subs := range planted {
		t.Run(weak, func(t *testing.T) {
			t.Parallel()
			s := run(t, weak, "", subs...)
			for _, id := range subs {
				if v := judged(t, s, id, event.Attack); v.Judgement != event.Undetected {
					t.Errorf("%s: %s %s %+v", id, v.Judgement, v.Why, v.Alarms)
				}
			}
			if s.Finished.ExitCode != runner.Found {
				t.Errorf("%d %s", s.Finished.ExitCode, s.Finished.Reason)
			}
		})
	}
}

// An adapter that ends in the middle of a scenario leaves it inconclusive, with
// the reason.
func TestBreaks(t *testing.T) {
	s := run(t, "", "sed -u 20q | ADAPTER", "D03/few-check")
	for _, kind := range []event.RunKind{event.Attack, event.Twin} {
		if v := judged(t, s, "D03/few-check", kind); v.Judgement != event.Inconclusive || !strings.Contains(v.Why, "the adapter") {
			t.Errorf("%s: %s %s", kind, v.Judgement, v.Why)
		}
	}
	if s.Finished.ExitCode != runner.Inconclusive {
		t.Errorf("%d %s", s.Finished.ExitCode, s.Finished.Reason)
	}
}
