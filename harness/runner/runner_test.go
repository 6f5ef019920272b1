package runner_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"scrutineer/harness/runner"
	"scrutineer/harness/scenario"
	"scrutineer/harness/scenarios"
	"scrutineer/harness/verdict"
	"scrutineer/harness/vocabulary"
	"scrutineer/targets/core"
)

func only(t *testing.T, ids ...string) []*scenario.Scenario {
	t.Helper()
	all, err := scenarios.All(vocabulary.Standard())
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(all, func(s *scenario.Scenario) bool { return len(ids) > 0 && !slices.Contains(ids, s.ID) })
}

func run(t *testing.T, seed uint64, ids ...string) runner.Summary {
	t.Helper()
	s, err := runner.Run(context.Background(), runner.Config{
		Target: core.New(time.Now), Scenarios: only(t, ids...), Seed: seed, Out: t.TempDir(), FailOn: verdict.Info,
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestScenarios(t *testing.T) {
	s := run(t, 1)
	for _, p := range s.Problems {
		t.Errorf("problem: %+v", p)
	}
	for _, v := range s.Verdicts {
		t.Logf("%s/%s %s %v: %s (as expected: %t) %s", v.Scenario, v.SubCase, v.Run, v.Planted, v.Judgement, v.AsExpected, v.Why)
		for _, d := range append(v.Damage, v.Alarms...) {
			t.Logf("      %s %s %s third=%t: %.150s", d.Kind, d.Role, d.Check, d.ThirdParty, d.Message)
		}
		if !v.AsExpected {
			t.Errorf("%s/%s %s %v: damage %+v, alarms %+v", v.Scenario, v.SubCase, v.Run, v.Planted, v.Damage, v.Alarms)
		}
	}
	t.Logf("%+v", s.Finished)
}
