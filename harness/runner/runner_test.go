package runner_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"scrutineer/harness/runner"
	"scrutineer/harness/scenario"
	"scrutineer/harness/scenarios"
	"scrutineer/harness/verdict"
	"scrutineer/harness/vocabulary"
	"scrutineer/reports/event"
	"scrutineer/targets"
	"scrutineer/targets/core"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// load returns some of our scenarios, or all.
func load(t *testing.T, ids ...string) []*scenario.Scenario {
	t.Helper()
	all, err := scenarios.All(vocabulary.Standard())
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(all, func(s *scenario.Scenario) bool { return len(ids) > 0 && !slices.Contains(ids, s.ID) })
}

// one picks a sub-case.
func one(id, sub string) func(string, string) bool {
	return func(a, b string) bool { return a == id && b == sub }
}

func config(t *testing.T, target targets.Target, ids ...string) runner.Config {
	t.Helper()
	return runner.Config{Target: target, Scenarios: load(t, ids...), Seed: 1, Out: t.TempDir(), FailOn: verdict.Info, Matrix: true}
}

func run(t *testing.T, cfg runner.Config) runner.Summary {
	t.Helper()
	s, err := runner.Run(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// small is an honest election that takes no time.
func small(t *testing.T) *scenario.Election {
	t.Helper()
	e, err := scenario.ParseElection("small.yaml", []byte("election: {contests: [{id: q, options: [a, b], min: 0, max: 1, blank: true}], voters: [{name: v, count: 8}]}"))
	if err != nil {
		t.Fatal(err)
	}
	return &e
}

// Every sub-case of every scenario, attack, planted and both twins, comes out
// as it should; and a second look at the saved files says the same.
func TestScenarios(t *testing.T) {
	cfg := config(t, core.New(time.Now))
	cfg.Probe = small(t)
	s := run(t, cfg)
	for _, p := range s.Problems {
		t.Errorf("problem: %+v", p)
	}
	plans := plansOf(t, cfg.Scenarios)
	for _, v := range s.Verdicts {
		if !v.AsExpected && (v.Judgement != event.Inapplicable || able(t, cfg.Target, plans(v))) {
			t.Errorf("%s/%s %s %v: %s, %s\n  damage %+v\n  alarms %+v", v.Scenario, v.SubCase, v.Run, v.Planted, v.Judgement, v.Why, v.Damage, v.Alarms)
		}
	}
	for _, p := range s.Probes {
		ballots := map[event.When]int{event.Before: 8, event.After: 4}[p.When]
		if !p.OK || int(p.Ballots) != ballots || p.Checks < 45 {
			t.Errorf("probe: %+v", p)
		}
	}
	verdicts, cells := counts(cfg.Scenarios)
	if s.Finished.ExitCode != runner.Passed || len(s.Verdicts) != verdicts || len(s.Cells) != cells {
		t.Errorf("%d verdicts, %d cells, %+v", len(s.Verdicts), len(s.Cells), s.Finished)
	}
	judgedAgain(t, s, plans)
	unknown(t, s)
}

// plansOf finds the plan of a verdict.
func plansOf(t *testing.T, all []*scenario.Scenario) func(event.Verdict) *scenario.Plan {
	t.Helper()
	return func(v event.Verdict) *scenario.Plan {
		i := slices.IndexFunc(all, func(s *scenario.Scenario) bool { return s.ID == v.Scenario })
		p, err := all[i].Plan(v.SubCase, v.Run)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
}

// able says whether a target has every ability that a plan needs.
func able(t *testing.T, target targets.Target, p *scenario.Plan) bool {
	t.Helper()
	d, err := target.Describe(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return !slices.ContainsFunc(p.Needs, func(n string) bool { return !slices.Contains(d.Abilities, targets.Ability(n)) })
}

// counts is how many verdicts and cells a run of scenarios has: attack and
// twin of every sub-case, both again where there is something to plant.
func counts(all []*scenario.Scenario) (verdicts, cells int) {
	for _, s := range all {
		for _, c := range s.Cases {
			if c.Deep {
				continue
			}
			verdicts, cells = verdicts+2, cells+1
			if len(c.Planted) > 0 {
				verdicts, cells = verdicts+2, cells+1
			}
		}
	}
	return verdicts, cells
}

// Sub-cases that differ in the attack alone share their honest twins, and a
// twin has the same seed whichever of them are asked for.
func TestTwinsAreShared(t *testing.T) {
	cfg := config(t, core.New(time.Now), "A08")
	var cases []string
	for _, c := range cfg.Scenarios[0].Cases {
		if cfg.Scenarios[0].SameTwin(c.ID) == cfg.Scenarios[0].Cases[0].ID {
			cases = append(cases, c.ID)
		}
	}
	if len(cases) < 2 {
		t.Fatalf("A08 has only %q with the twin of its first sub-case", cases)
	}
	together := run(t, cfg)
	var shared, own event.Verdict
	for _, v := range together.Verdicts {
		if v.SubCase == cases[1] && v.Run == event.Twin && len(v.Planted) == 0 {
			shared = v
		}
	}
	if shared.SameAs != cases[0] || !strings.Contains(shared.Dir, cases[0]) {
		t.Errorf("shared twin: %+v", shared)
	}
	cfg = config(t, core.New(time.Now), "A08")
	cfg.Only = one("A08", cases[1])
	for _, v := range run(t, cfg).Verdicts {
		if v.Run == event.Twin && len(v.Planted) == 0 {
			own = v
		}
	}
	if own.SameAs != "" || !cmp.Equal(own.Tallies, shared.Tallies) || len(own.Tallies) == 0 {
		t.Errorf("alone: %+v, together %+v", own.Tallies, shared.Tallies)
	}
}

// unknown looks for planted weaknesses in what the judge reads: there are none
// to be found.
func unknown(t *testing.T, s runner.Summary) {
	t.Helper()
	for _, v := range s.Verdicts {
		for _, name := range []string{runner.CaseFile, runner.HistoryFile} {
			raw, err := os.ReadFile(filepath.Join(s.Dir, v.Dir, name))
			if err != nil || len(raw) == 0 {
				t.Fatal(err)
			}
			if strings.Contains(string(raw), "weak.") {
				t.Errorf("%s/%s names a weakness", v.Dir, name)
			}
		}
	}
}

// judgedAgain judges every election from its folder and compares.
func judgedAgain(t *testing.T, s runner.Summary, plans func(event.Verdict) *scenario.Plan) {
	t.Helper()
	for _, v := range s.Verdicts {
		o, err := runner.Judge(context.Background(), s.Dir, v.Dir)
		if err != nil {
			t.Errorf("%s: %v", v.Dir, err)
			continue
		}
		evidence := verdict.ThirdParty
		if plans(v).Evidence == scenario.OnlyVoter {
			evidence = verdict.VoterAlone
		}
		again := verdict.Run{Scenario: v.Scenario, Title: v.Title, Case: v.SubCase, Kind: v.Run, Facts: o.Facts,
			Evidence: evidence, Expected: verdict.Expectation{Judgement: v.Expected}}.Verdict()
		for _, diff := range []string{
			cmp.Diff(v.Judgement, again.Judgement), cmp.Diff(v.Damage, again.Damage), cmp.Diff(v.Alarms, again.Alarms),
			cmp.Diff(v.Summary, again.Summary), cmp.Diff(v.Tallies, o.Tallies),
		} {
			if diff != "" {
				t.Errorf("%s judged again: %s", v.Dir, diff)
			}
		}
	}
}

// blind makes a saved election be judged by no oracle.
func blind(t *testing.T, dir, rel string) {
	t.Helper()
	file := filepath.Join(dir, rel, runner.CaseFile)
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	from := strings.Index(string(raw), `"oracles": [`)
	to := from + strings.Index(string(raw[from:]), "]")
	if err := os.WriteFile(file, []byte(string(raw[:from])+`"oracles": [`+string(raw[to:])), 0o644); err != nil {
		t.Fatal(err)
	}
}

// The control of the judge itself: what gets through is undetected because an
// oracle says that something broke. Without oracles nothing may come out as
// undetected, on whatever system.
func TestBlindJudge(t *testing.T) {
	cfg := config(t, core.New(time.Now), "A08")
	cfg.Only = one("A08", "omitted")
	s := run(t, cfg)
	for _, v := range s.Verdicts {
		blind(t, s.Dir, v.Dir)
		o, err := runner.Judge(context.Background(), s.Dir, v.Dir)
		if err != nil {
			t.Fatal(err)
		}
		j, _ := verdict.Judge(o.Facts, verdict.ThirdParty)
		if j == event.Undetected || j == event.Detected {
			t.Errorf("%s by a blind judge: %s", v.Dir, j)
		}
		if v.Run == event.Planted && (v.Judgement != event.Undetected || j != event.Inconclusive) {
			t.Errorf("planted: %s, blind %s", v.Judgement, j)
		}
	}
}

// Where the server does not look, the trustees do.
func TestTrusteesStopARogueKeyThemselves(t *testing.T) {
	cfg := config(t, core.New(time.Now), "E01")
	cfg.Jobs = func(bool) []runner.Job {
		s := cfg.Scenarios[0]
		return []runner.Job{{Scenario: s, Sub: &s.Cases[0], Kind: event.Attack, Expected: event.Prevented,
			Planted: []string{"weak.dkg.noCommitRound@box", "weak.setup.noPoK@box"}}}
	}
	s := run(t, cfg)
	if len(s.Verdicts) != 1 || s.Verdicts[0].Judgement != event.Prevented || len(s.Verdicts[0].Alarms) == 0 || s.Verdicts[0].Alarms[0].Role != "trustee" {
		t.Errorf("%+v", s.Verdicts)
	}
}

// One seed, two runs: equal once times, race winners and board indices are
// removed.
func TestOneSeedOneRun(t *testing.T) {
	runs := make([]runner.Summary, 2)
	for i := range runs {
		cfg := config(t, core.New(time.Now), "B05", "C11", "D03", "E01")
		cfg.Only = func(_, sub string) bool {
			return slices.Contains([]string{"first-ballot", "retry", "few-check", "cancelling-key"}, sub)
		}
		cfg.Probe = small(t)
		runs[i] = run(t, cfg)
	}
	same(t, event.Summary, runs, "", runner.EventsFile)
	for _, v := range runs[0].Verdicts {
		same(t, event.History, runs, v.Dir, runner.HistoryFile)
	}
}

func same(t *testing.T, s event.Stream, runs []runner.Summary, dir, name string) {
	t.Helper()
	var streams [2][]event.Event
	for i, r := range runs {
		path := filepath.Join(r.Dir, dir, name)
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		for e, err := range event.NewReader(f, path, s).All() {
			if err != nil {
				t.Fatal(err)
			}
			streams[i] = append(streams[i], e)
		}
	}
	a, b, err := event.Diff(streams[0], streams[1])
	if err != nil || len(a)+len(b) > 0 {
		t.Errorf("%s differs: %v\n%s\n%s", filepath.Join(dir, name), err, head(a), head(b))
	}
}

func head(lines [][]byte) string {
	if len(lines) == 0 {
		return "-"
	}
	return string(lines[0][:min(len(lines[0]), 900)])
}

// Other seeds lead to other elections.
func TestSeedsDiffer(t *testing.T) {
	var keys []string
	for seed := range uint64(2) {
		cfg := config(t, core.New(time.Now), "C11")
		cfg.Only, cfg.Seed = one("C11", "two"), seed
		s := run(t, cfg)
		raw, err := os.ReadFile(filepath.Join(s.Dir, s.Verdicts[0].Dir, runner.ExportDir, "checkpoint"))
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, string(raw))
	}
	if keys[0] == keys[1] {
		t.Error("two seeds, one election")
	}
}

// An interrupted run keeps what it has learnt and says that it was
// interrupted.
func TestInterrupted(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	cfg := config(t, core.New(time.Now))
	cfg.Parallel = 2
	var done atomic.Int32
	cfg.Progress = func(int, int, string) {
		if done.Add(1) == 4 {
			stop()
		}
	}
	s, err := runner.Run(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	f := s.Finished
	if f.ExitCode != runner.Interrupted || !f.Interrupted || f.OK || len(s.Verdicts) < 1 || f.Missing == 0 {
		t.Errorf("%d verdicts, %+v", len(s.Verdicts), f)
	}
	path := filepath.Join(s.Dir, runner.EventsFile)
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var last event.Event
	for e, err := range event.NewReader(file, path, event.Summary).All() {
		if err != nil {
			t.Fatal(err)
		}
		last = e
	}
	if last.RunFinished == nil || !last.RunFinished.Interrupted {
		t.Errorf("the last line is %s", last.Kind())
	}
}

// Where an honest election is not clean nothing else means anything.
func TestUncleanProbe(t *testing.T) {
	cfg := config(t, hostile{core.New(time.Now), func(s system) targets.Election { return thief{s} }}, "C11")
	cfg.Probe = small(t)
	s := run(t, cfg)
	if len(s.Verdicts) > 0 || len(s.Probes) != 1 || s.Probes[0].OK || len(s.Probes[0].Findings) == 0 || s.Finished.ExitCode != runner.TargetError {
		t.Errorf("%d verdicts, probes %+v, %+v", len(s.Verdicts), s.Probes, s.Finished)
	}
}

// A target that cannot do what a scenario needs is no failure of the target.
func TestMissingAbility(t *testing.T) {
	cfg := config(t, without{core.New(time.Now), targets.Insider}, "D03")
	s := run(t, cfg)
	for _, v := range s.Verdicts {
		if v.Judgement != event.Inapplicable || !strings.Contains(v.Why, "insider") {
			t.Errorf("%+v", v)
		}
	}
	if s.Finished.ExitCode != runner.Inconclusive {
		t.Errorf("%+v", s.Finished)
	}
}

// without is a target that says it lacks an ability.
type without struct {
	targets.Target
	ability targets.Ability
}

func (w without) Describe(ctx context.Context) (targets.Description, error) {
	d, err := w.Target.Describe(ctx)
	d.Abilities = slices.DeleteFunc(slices.Clone(d.Abilities), func(a targets.Ability) bool { return a == w.ability })
	return d, err
}
