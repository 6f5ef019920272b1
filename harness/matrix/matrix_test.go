package matrix_test

import (
	"context"
	"slices"
	"strings"
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

// The runs that every sub-case has anyway are tested with the runner; here are
// those that the matrix adds.
func TestMatrix(t *testing.T) {
	all, err := scenarios.All(vocabulary.Standard())
	if err != nil {
		t.Fatal(err)
	}
	s, err := runner.Run(context.Background(), runner.Config{
		Target: core.New(time.Now), Scenarios: all, Seed: 3, Out: t.TempDir(), FailOn: verdict.Info, Matrix: true,
		Jobs: func(planting bool) []runner.Job {
			return slices.DeleteFunc(matrix.Jobs(all, nil, planting), func(j runner.Job) bool { return j.Expected != "" })
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range s.Problems {
		t.Errorf("problem: %+v", p)
	}
	for _, c := range s.Cells {
		if !c.OK {
			t.Errorf("%s/%s with %s: %s %s", c.Scenario, c.SubCase, matrix.Name(c.Planted), c.Judgement, c.Note)
		} else if !c.Diagonal && len(c.Planted) > 0 && (c.Judgement == event.Undetected || c.Judgement == event.Inconclusive) {
			t.Logf("%s/%s with %s: %s (off the diagonal) %s", c.Scenario, c.SubCase, matrix.Name(c.Planted), c.Judgement, c.Note)
		}
	}
	// 10 for the members of the sets of two, 70 off the diagonal.
	if len(s.Cells) < 70 || len(s.Verdicts) > 0 || s.Finished.ExitCode == runner.Found {
		t.Errorf("%d cells, %+v", len(s.Cells), s.Finished)
	}
}

func TestJobs(t *testing.T) {
	all, err := scenarios.All(vocabulary.Standard())
	if err != nil {
		t.Fatal(err)
	}
	if n, m := len(matrix.Jobs(all, nil, false)), len(runner.Runs(all, nil, false)); n != m {
		t.Errorf("%d jobs on a target that nothing can be planted on, %d in an ordinary run", n, m)
	}
	seen := map[string]bool{}
	for _, j := range matrix.Jobs(all, nil, true) {
		key := strings.Join([]string{j.Scenario.ID, j.Sub.ID, string(j.Kind), matrix.Name(j.Planted)}, " ")
		if seen[key] {
			t.Errorf("%s is there twice", key)
		}
		seen[key] = true
	}
	for _, want := range []string{
		"B05 first-ballot planted ballot.noVoterBinding + bb.aliases",
		"B05 first-ballot planted bb.aliases", "B05 revote planted ballot.noVoterBinding",
		"A03 pair planted ballot.skipSumProof", "A03 pair twin fs.commitmentsOnly",
	} {
		if !seen[want] {
			t.Errorf("%s is not there", want)
		}
	}
	if seen["A03 reuse planted ballot.skipSumProof"] {
		t.Error("off the diagonal one sub-case is enough")
	}
}
