package verdict

import (
	"fmt"
	"slices"

	"scrutineer/reports/event"
)

// Runs are the runs of one sub-case. On systems that are not ours, where
// nothing can be planted, Planted and PlantedTwin are nil.
type Runs struct {
	// Attack is on the sound system, Planted on the weak one, Twin and
	// PlantedTwin are the honest twin on both.
	Attack, Planted, Twin, PlantedTwin *event.Verdict
}

// Unexpected says what is not as the scenario expects, run by run; none means
// that the sub-case passes. Where planting is false the runs on a weak system
// are not asked for.
func (r Runs) Unexpected(planting bool) []string {
	runs := []struct {
		name   string
		v      *event.Verdict
		wanted bool
	}{
		{"attack on the sound system", r.Attack, true},
		{"attack on the weak system", r.Planted, planting},
		{"honest twin on the sound system", r.Twin, true},
		{"honest twin on the weak system", r.PlantedTwin, planting},
	}
	var out []string
	for _, run := range runs {
		switch {
		case run.v == nil && run.wanted:
			out = append(out, run.name+": there is no verdict")
		case run.v != nil && !run.v.AsExpected:
			out = append(out, fmt.Sprintf("%s: %s", run.name, run.v.Why))
		}
	}
	return out
}

// Severity is how bad it is if an attack succeeds.
type Severity int

// The severities, from least to worst.
const (
	_ Severity = iota
	Info
	Low
	Medium
	High
	Critical
)

// severities are the names, in order from Info.
var severities = []string{"info", "low", "medium", "high", "critical"}

// Severities returns the names of the severities, from least to worst.
func Severities() []string { return slices.Clone(severities) }

// ParseSeverity returns the severity of that name.
func ParseSeverity(name string) (Severity, error) {
	i := slices.Index(severities, name)
	if i < 0 {
		return 0, fmt.Errorf("unknown severity %q", name)
	}
	return Severity(i + 1), nil
}

// String returns the name.
func (s Severity) String() string {
	if s < Info || s > Critical {
		return fmt.Sprintf("severity(%d)", int(s))
	}
	return severities[s-1]
}

// Status is what a set of verdicts comes to, as an exit code.
type Status int

// The exit codes that verdicts alone decide; where several hold, Found is
// stronger than Open and Open than Passed.
const (
	Passed Status = 0
	Found  Status = 1
	Open   Status = 2
)

// Graded is a verdict with the severity of its scenario.
type Graded struct {
	event.Verdict
	Severity Severity
}

// Conclude returns the status of a set of verdicts. A finding is an attack
// that went worse than expected and whose severity is at least failOn; what
// goes wrong on a planted system or in an honest twin is a fault of the test
// bench or a false alarm, and counts at any severity. Open is left where a
// verdict is inconclusive, or where nothing was applicable at all.
func Conclude(vs []Graded, failOn Severity) Status {
	found, open, applicable := false, false, false
	for _, v := range vs {
		switch {
		case v.Judgement == event.Inapplicable:
			continue
		case v.Judgement == event.Inconclusive:
			open = true
		case v.AsExpected || v.Run == event.Attack && better(v.Judgement, v.Expected):
		default:
			found = found || v.Run != event.Attack || v.Severity >= failOn
		}
		applicable = true
	}
	switch {
	case found:
		return Found
	case open || !applicable:
		return Open
	}
	return Passed
}

// better says whether a system did more against an attack than it had to.
func better(got, wanted event.Judgement) bool {
	order := []event.Judgement{event.Undetected, event.Detected, event.Prevented}
	g, w := slices.Index(order, got), slices.Index(order, wanted)
	return w >= 0 && g > w
}
