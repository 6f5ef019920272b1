// Package matrix lists the elections of the kill matrix: every scenario
// against every planted set and against the sound system, and each set with
// one of its members taken out again.
//
// A set is a mutant of the sound system, and the scenario that names it must
// kill it: its attack gets through unnoticed there and nowhere else. A survivor
// on the diagonal, an alarm on the sound system or in an honest twin, or an
// attack that gets through with a member missing is wrong. What a scenario
// does to the sets of others is told and not judged; one sub-case is enough
// there.
package matrix

import (
	"slices"
	"strings"

	"scrutineer/harness/runner"
	"scrutineer/harness/scenario"
	"scrutineer/reports/event"
)

// Jobs lists the elections. On a target on which nothing can be planted they
// are those of an ordinary run.
func Jobs(all []*scenario.Scenario, only func(id, sub string) bool, planting bool) []runner.Job {
	out := runner.Runs(all, only, planting)
	if !planting {
		return out
	}
	sets := Sets(all)
	for _, s := range all {
		first := true
		for i := range s.Cases {
			c := &s.Cases[i]
			if only != nil && !only(s.ID, c.ID) {
				continue
			}
			out = append(out, minimal(s, c)...)
			if first {
				out = append(out, others(s, c, sets)...)
			}
			first = false
		}
	}
	return out
}

// Sets lists the planted sets of all scenarios, each once, in order.
func Sets(all []*scenario.Scenario) [][]string {
	var out [][]string
	for _, s := range all {
		for _, c := range s.Cases {
			set := slices.Sorted(slices.Values(c.Planted))
			if len(set) > 0 && !slices.ContainsFunc(out, func(x []string) bool { return slices.Equal(x, set) }) {
				out = append(out, set)
			}
		}
	}
	return out
}

// minimal runs the attack with each member of its set missing: it must fail.
func minimal(s *scenario.Scenario, c *scenario.Case) []runner.Job {
	var out []runner.Job
	set := slices.Sorted(slices.Values(c.Planted))
	if len(set) < 2 {
		return nil // without its one member the set is the sound system
	}
	for i, member := range set {
		rest := slices.Concat(set[:i:i], set[i+1:])
		out = append(out, runner.Job{Scenario: s, Sub: c, Kind: event.Planted, Planted: rest,
			Fails: func(j event.Judgement) bool { return j != event.Prevented && j != event.Detected },
			Note:  "minimality: without " + member})
	}
	return out
}

// others runs the attack against the sets of other sub-cases.
func others(s *scenario.Scenario, c *scenario.Case, sets [][]string) []runner.Job {
	var out []runner.Job
	for _, set := range sets {
		if own(s, set) {
			continue
		}
		out = append(out, runner.Job{Scenario: s, Sub: c, Kind: event.Planted, Planted: set})
	}
	return out
}

// own says whether a set is one that the scenario names, whole or with a
// member missing.
func own(s *scenario.Scenario, set []string) bool {
	return slices.ContainsFunc(s.Cases, func(c scenario.Case) bool {
		return !slices.ContainsFunc(set, func(w string) bool { return !slices.Contains(c.Planted, w) })
	})
}

// Name is how a set is called.
func Name(set []string) string {
	if len(set) == 0 {
		return "sound"
	}
	return strings.ReplaceAll(strings.Join(set, " + "), "weak.", "")
}
