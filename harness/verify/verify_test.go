package verify_test

import (
	"context"
	"encoding/json"
	"testing"

	"scrutineer/harness/verify"
	"scrutineer/harness/verify/testelection"
	"scrutineer/protocols/record"
)

// check verifies a record that is expected to give a report.
func check(t testing.TB, src record.Source, o verify.Options) *verify.Report {
	t.Helper()
	r, err := verify.Verify(context.Background(), src, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// small plays the small election with revotes and a challenge.
func small(hooks testelection.Hooks) *testelection.Election {
	e := testelection.New(testelection.Small())
	e.Hooks = hooks
	e.Setup()
	vote(e)
	e.Finish()
	return e
}

func vote(e *testelection.Election) {
	for v := range 6 {
		e.Cast(v, [][]int{{v % 3}})
	}
	e.Challenge(e.EncryptBallot(6, [][]int{{1}}))
	e.Cast(0, [][]int{{testelection.Blank}})
	e.Cast(0, [][]int{{2}})
	e.Cast(6, [][]int{{testelection.Blank}})
}

// rich plays the election that has everything.
func rich(hooks testelection.Hooks) *testelection.Election {
	e := testelection.New(testelection.Rich())
	e.Hooks = hooks
	e.Setup()
	for v, voter := range e.Voters {
		choices := [][]int{{v % 3}, {v % 5, (v + 2) % 5}, {v % 2}}
		if voter.Style == "village" {
			choices = [][]int{{0, 1}, {v % 3}}
		}
		if v < 8 {
			e.Cast(v, choices)
		}
	}
	e.Challenge(e.EncryptBallot(8, [][]int{{0}, {1}, {}}))
	e.Finish()
	return e
}

func requirePassed(t testing.TB, r *verify.Report) {
	t.Helper()
	for _, f := range r.Findings {
		text, _ := json.Marshal(f)
		t.Errorf("%s", text)
	}
	for _, row := range r.Checks {
		if row.Status != verify.Passed && row.Status != verify.NotPinned {
			t.Errorf("%+v", row)
		}
	}
	if !r.Passed {
		t.Error("not passed")
	}
}

func TestHonestRecordsPass(t *testing.T) {
	for name, e := range map[string]*testelection.Election{
		"small": small(testelection.Hooks{}), "rich": rich(testelection.Hooks{})} {
		t.Run(name, func(t *testing.T) {
			r := check(t, e.Record(), verify.Options{})
			requirePassed(t, r)
			for _, row := range r.Checks {
				t.Logf("%s %-20s %s %d/%d %s", row.Check, row.Title, row.Status, row.Seen, row.Expected, row.Note)
			}
			t.Logf("%+v", r.Counts)
			t.Logf("%+v", r.Contests)
		})
	}
}
