package matrix_test

import (
	"context"
	"testing"
	"time"

	"scrutineer/harness/matrix"
	"scrutineer/harness/runner"
	"scrutineer/harness/scenarios"
	"scrutineer/harness/verdict"
	"scrutineer/harness/vocabulary"
	"scrutineer/reports/event"
	"scrutineer/targets/core"
)

func TestMatrix(t *testing.T) {
	all, err := scenarios.All(vocabulary.Standard())
	if err != nil {
		t.Fatal(err)
	}
	s, err := runner.Run(context.Background(), runner.Config{
		Target: core.New(time.Now), Scenarios: all, Seed: 3, Out: t.TempDir(), FailOn: verdict.Info, Matrix: true,
		Jobs: func(planting bool) []runner.Job { return matrix.Jobs(all, nil, planting) },
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range s.Problems {
		t.Errorf("problem: %+v", p)
	}
	for _, v := range s.Verdicts {
		if !v.AsExpected {
			t.Errorf("%s/%s %s %v: %s, %s", v.Scenario, v.SubCase, v.Run, v.Planted, v.Judgement, v.Why)
		}
	}
	for _, c := range s.Cells {
		if !c.OK {
			t.Errorf("%s/%s with %s: %s %s", c.Scenario, c.SubCase, matrix.Name(c.Planted), c.Judgement, c.Note)
		} else if !c.Diagonal && len(c.Planted) > 0 && (c.Judgement == event.Undetected || c.Judgement == event.Inconclusive) {
			t.Logf("%s/%s with %s: %s (off the diagonal) %s", c.Scenario, c.SubCase, matrix.Name(c.Planted), c.Judgement, c.Note)
		}
	}
	if s.Finished.ExitCode != runner.Passed {
		t.Errorf("%+v", s.Finished)
	}
}
