package runner

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"scrutineer/harness/action"
	"scrutineer/harness/dialect/scrutineer"
	"scrutineer/harness/scenario"
	"scrutineer/protocols/message"
	"scrutineer/reports/event"
)

// Job is one election to be run.
type Job struct {
	Scenario *scenario.Scenario
	Sub      *scenario.Case
	Kind     event.RunKind
	// Planted is the set of weaknesses in force, sorted.
	Planted []string
	// Expected is what the run should come to. A job without it becomes a cell
	// of the matrix, not a verdict of the run.
	Expected event.Judgement
	// Fails says which judgement of a cell is wrong; nil means none.
	Fails func(event.Judgement) bool
	// Note says what a cell is about where it is no plain one.
	Note string
	// Shared are the other sub-cases whose honest twin is this same election.
	Shared []*scenario.Case
}

// name is what progress calls it.
func (j Job) name() string { return j.Scenario.ID + "/" + j.Sub.ID + " " + j.label() }

// label is the folder of the run below the sub-case.
func (j Job) label() string {
	switch {
	case j.Expected == "" && len(j.Planted) == 0:
		return "matrix-sound"
	case j.Expected == "":
		return "matrix-" + strings.ReplaceAll(strings.Join(j.Planted, "-"), "weak.", "")
	case j.Kind == event.Twin && len(j.Planted) > 0:
		return "twin-planted"
	}
	return string(j.Kind)
}

func (j Job) dir() string {
	return strings.Join([]string{"scenarios", j.Scenario.ID, j.Sub.ID, j.label()}, "/")
}

// Runs lists the runs of every sub-case: the attack on the sound system, on
// the planted one, and the honest twin on both. Where nothing can be planted
// those on the weak system are left out.
func Runs(all []*scenario.Scenario, only func(id, sub string) bool, planting bool) []Job {
	var out []Job
	for _, s := range all {
		for i := range s.Cases {
			c := &s.Cases[i]
			if only != nil && !only(s.ID, c.ID) {
				continue
			}
			set := slices.Sorted(slices.Values(c.Planted))
			weak := planting && len(set) > 0
			out = append(out, Job{Scenario: s, Sub: c, Kind: event.Attack, Expected: event.Judgement(c.Expect.Verdict)})
			if weak {
				out = append(out, Job{Scenario: s, Sub: c, Kind: event.Planted, Planted: set, Expected: event.Undetected})
			}
			out = appendTwin(out, Job{Scenario: s, Sub: c, Kind: event.Twin, Expected: event.Clean})
			if weak {
				out = appendTwin(out, Job{Scenario: s, Sub: c, Kind: event.Twin, Planted: set, Expected: event.Clean})
			}
		}
	}
	return out
}

// appendTwin adds an honest twin, or makes one that is there stand for it as
// well: sub-cases that differ in the attack alone have one and the same twin.
func appendTwin(jobs []Job, j Job) []Job {
	i := slices.IndexFunc(jobs, func(o Job) bool {
		return o.Kind == event.Twin && o.Scenario == j.Scenario && slices.Equal(o.Planted, j.Planted) && o.seedCase() == j.seedCase()
	})
	if i < 0 {
		return append(jobs, j)
	}
	jobs[i].Shared = append(jobs[i].Shared, j.Sub)
	return jobs
}

// shallow is the job without the sub-cases that are for runs of full depth;
// false where there is no other. A twin that others share stays for these.
func (j Job) shallow() (Job, bool) {
	j.Shared = slices.DeleteFunc(slices.Clone(j.Shared), func(s *scenario.Case) bool { return s.Deep })
	if !j.Sub.Deep {
		return j, true
	}
	if len(j.Shared) == 0 {
		return j, false
	}
	j.Sub, j.Shared = j.Shared[0], j.Shared[1:]
	return j, true
}

// verdicts is how many verdicts a job comes to.
func (j Job) verdicts() int {
	if j.Expected == "" {
		return 0
	}
	return 1 + len(j.Shared)
}

// seedCase names the sub-case whose name seeds the election. For a twin it is
// the first that has the same one, whichever sub-cases were asked for.
func (j Job) seedCase() string {
	if j.Kind == event.Twin {
		return j.Scenario.SameTwin(j.Sub.ID)
	}
	return j.Sub.ID
}

// seedOf derives the seed of one election, explicitly.
func (r *run) seedOf(j Job) scrutineer.Seed {
	return r.seed.Child(j.Scenario.ID).Child(j.seedCase()).Child(string(j.Kind) + "+" + strings.Join(j.Planted, "+"))
}

// source is the randomness of voters' wishes, which are the same in all runs
// of a sub-case, but for a twin that it shares with another.
func source(seed scrutineer.Seed) *rand.Rand { return rand.New(rand.NewChaCha8(seed)) }

// planOf turns a scenario's plan into what a session needs.
func planOf(name string, e scenario.Election, harness func(role, name string) bool, wishes *rand.Rand) action.Plan {
	return action.Plan{Name: name, Description: describe(e), Electorate: e.Electorate(wishes), Harness: harness}
}

// Times of release, in Unix seconds; fixed, as the channels' times are.
const (
	releaseDue   = 1_735_689_600 // 2025
	releaseLater = 4_102_444_800 // 2100
)

// describe puts a scenario's election into the dialect's words.
func describe(e scenario.Election) scrutineer.Description {
	d := scrutineer.Description{
		Title: e.Title, Units: e.Units, MinimumCell: uint64(e.Cell), Revote: message.RevotePolicy(e.Revote),
		Trustees: uint64(e.Trustees), Threshold: uint64(e.Threshold),
		Witnesses: uint64(e.Witnesses), Quorum: uint64(e.Quorum),
		PollInterval: 60, Identity: e.Identity == "service",
	}
	switch e.Publishing {
	case "due":
		d.Release = releaseDue
	case "later":
		d.Release = releaseLater
	}
	for _, c := range e.Contests {
		contest := scrutineer.Choose(c.ID, uint64(c.Min), uint64(c.Max), c.Blank, c.Options...)
		contest.Title, contest.Method.Seats = c.Title, uint64(c.Seats)
		d.Contests = append(d.Contests, contest)
	}
	for _, s := range e.Styles {
		d.Styles = append(d.Styles, message.Style{ID: s.ID, Contests: s.Contests})
	}
	for _, g := range e.Voters {
		if !slices.Contains(d.Weights, g.Weight) {
			d.Weights = append(d.Weights, g.Weight)
		}
	}
	slices.Sort(d.Weights)
	return d
}

// params shows the arguments of a step.
func params(s scenario.PlannedStep) []event.Param {
	var out []event.Param
	for _, name := range sortedKeys(s.Args) {
		out = append(out, event.Param{Name: name, Value: show(s.Args[name])})
	}
	return out
}

func show(v any) string {
	switch v := v.(type) {
	case []string:
		if len(v) > 8 {
			return strings.Join(v[:8], ", ") + fmt.Sprintf(" and %d more", len(v)-8)
		}
		return strings.Join(v, ", ")
	case map[string][]string:
		var out []string
		for _, k := range sortedKeys(v) {
			out = append(out, k+": "+strings.Join(v[k], "+"))
		}
		return strings.Join(out, "; ")
	case []int64:
		return strings.Trim(fmt.Sprint(v), "[]")
	}
	return fmt.Sprint(v)
}
