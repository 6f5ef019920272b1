package runner

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"scrutineer/harness/expect"
	"scrutineer/harness/verdict"
	"scrutineer/reports/event"
)

// Statuses of a run, as exit codes; where several hold, the first of this
// order does: interrupted, own bug, target error, finding, inconclusive,
// passed.
const (
	Passed       = 0
	Found        = 1
	Inconclusive = 2
	TargetError  = 3
	OwnBug       = 70
	Interrupted  = 130
)

// finish sums the run up and writes the last line.
func (r *run) finish(ctx context.Context, jobs []Job) {
	f := &r.summary.Finished
	r.matrix()
	count := map[event.Total]int{}
	for _, v := range r.summary.Verdicts {
		count[event.Total{Run: v.Run, Judgement: v.Judgement}]++
		switch {
		case v.AsExpected:
			f.AsExpected++
		case v.Surprising():
			f.Unexpected++
		default:
			f.Inapplicable++
		}
	}
	for t, n := range count {
		t.Count = n
		f.Totals = append(f.Totals, t)
	}
	slices.SortFunc(f.Totals, func(a, b event.Total) int {
		return cmp.Or(cmp.Compare(a.Run, b.Run), cmp.Compare(a.Judgement, b.Judgement))
	})
	f.Missing = -len(r.summary.Verdicts) - cells(r.summary.Cells)
	for _, j := range jobs {
		f.Missing += max(j.verdicts(), 1)
	}
	f.Interrupted = ctx.Err() != nil
	f.DurationMS = r.since()
	if r.cfg.Expect != nil {
		r.summary.Changes = expect.Compare(r.cfg.Expect, r.summary.Verdicts, r.cfg.Only, r.cfg.Clock())
		for _, c := range r.summary.Changes {
			f.Changes = append(f.Changes, c.String())
		}
	}
	f.ExitCode, f.Reason = r.status(f)
	f.OK = f.ExitCode == Passed
	r.write(event.Event{RunFinished: f})
}

// status is the exit code of the run, and why it is not 0.
func (r *run) status(f *event.RunFinished) (int, string) {
	if f.Interrupted {
		return Interrupted, "interrupted; what was learnt until then is kept"
	}
	for _, origin := range []event.Origin{event.OwnBug, event.TargetError, event.EnvironmentError} {
		for _, p := range r.summary.Problems {
			if p.Origin != origin {
				continue
			}
			if origin == event.OwnBug {
				return OwnBug, p.Message
			}
			return TargetError, p.Message
		}
	}
	if len(r.summary.Changes) > 0 {
		return Found, fmt.Sprintf("%d verdicts are not as expected: %s", len(r.summary.Changes), r.summary.Changes[0])
	}
	if r.cfg.Expect != nil {
		return Passed, ""
	}
	if wrong := r.wrongCells(); wrong != "" {
		return Found, wrong
	}
	switch verdict.Conclude(r.graded(), r.cfg.FailOn) {
	case verdict.Found:
		return Found, r.first(func(v event.Verdict) bool { return !v.AsExpected && v.Judgement != event.Inconclusive })
	case verdict.Open:
		return Inconclusive, cmp.Or(r.first(func(v event.Verdict) bool { return v.Judgement == event.Inconclusive }),
			"nothing was applicable to this target")
	}
	return Passed, ""
}

// graded adds the severities of the scenarios.
func (r *run) graded() []verdict.Graded {
	severity := map[string]verdict.Severity{}
	for _, s := range r.cfg.Scenarios {
		severity[s.ID], _ = verdict.ParseSeverity(string(s.Severity)) // the schema has no others
	}
	var out []verdict.Graded
	for _, v := range r.summary.Verdicts {
		out = append(out, verdict.Graded{Verdict: v, Severity: severity[v.Scenario]})
	}
	return out
}

// first describes the first verdict of that kind, by name.
func (r *run) first(is func(event.Verdict) bool) string {
	var names []string
	for _, v := range r.summary.Verdicts {
		if is(v) {
			names = append(names, fmt.Sprintf("%s/%s %s: %s", v.Scenario, v.SubCase, v.Run, cmp.Or(v.Why, v.Summary)))
		}
	}
	if len(names) == 0 {
		return ""
	}
	return slices.Min(names)
}

// matrix writes the cells in an order of their own, not in that of the clock.
func (r *run) matrix() {
	slices.SortFunc(r.summary.Cells, func(a, b event.MatrixCell) int {
		return cmp.Or(cmp.Compare(a.Scenario, b.Scenario), cmp.Compare(a.SubCase, b.SubCase), slices.Compare(a.Planted, b.Planted))
	})
	for i := range r.summary.Cells {
		r.write(event.Event{MatrixCell: &r.summary.Cells[i]})
	}
}

// cells counts those that are no verdicts besides.
func cells(all []event.MatrixCell) int {
	n := 0
	for _, c := range all {
		if !c.Diagonal && len(c.Planted) > 0 {
			n++
		}
	}
	return n
}

// wrongCells describes the first cell of the matrix that is wrong and no
// verdict besides.
func (r *run) wrongCells() string {
	var names []string
	for _, c := range r.summary.Cells {
		if !c.OK && !c.Diagonal && len(c.Planted) > 0 {
			names = append(names, fmt.Sprintf("%s/%s with %s: %s (%s)", c.Scenario, c.SubCase, strings.Join(c.Planted, "+"), c.Judgement, c.Note))
		}
	}
	if len(names) == 0 {
		return ""
	}
	return slices.Min(names)
}
