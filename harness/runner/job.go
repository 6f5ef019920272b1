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

// job is one election to be run.
type job struct {
	scenario *scenario.Scenario
	sub      *scenario.Case
	kind     event.RunKind
	planted  []string
	// expected is what the run should come to.
	expected event.Judgement
}

// name is what progress calls it.
func (j job) name() string { return j.scenario.ID + "/" + j.sub.ID + " " + j.label() }

// label is the folder of the run below the sub-case.
func (j job) label() string {
	if j.kind == event.Twin && len(j.planted) > 0 {
		return "twin-planted"
	}
	return string(j.kind)
}

func (j job) dir() string {
	return strings.Join([]string{"scenarios", j.scenario.ID, j.sub.ID, j.label()}, "/")
}

// plan lists the elections of a run, sub-case by sub-case. Where nothing can
// be planted the runs on the weak system are left out.
func (r *run) plan() []job {
	var out []job
	for _, s := range r.cfg.Scenarios {
		for i := range s.Cases {
			c := &s.Cases[i]
			if !r.cfg.Only(s.ID, c.ID) {
				continue
			}
			sound := event.Judgement(c.Expect.Verdict)
			out = append(out, job{s, c, event.Attack, nil, sound})
			planted := slices.Sorted(slices.Values(c.Planted))
			if r.about.Test && len(planted) > 0 {
				out = append(out, job{s, c, event.Planted, planted, event.Undetected})
			}
			out = append(out, job{s, c, event.Twin, nil, event.Clean})
			if r.about.Test && len(planted) > 0 {
				out = append(out, job{s, c, event.Twin, planted, event.Clean})
			}
		}
	}
	return out
}

// seedOf derives the seed of one election, explicitly.
func (r *run) seedOf(j job) scrutineer.Seed {
	return r.seed.Child(j.scenario.ID).Child(j.sub.ID).Child(string(j.kind) + "+" + strings.Join(j.planted, "+"))
}

// source is the randomness of voters' wishes, which are the same in all runs
// of a sub-case.
func source(seed scrutineer.Seed) *rand.Rand { return rand.New(rand.NewChaCha8(seed)) }

// planOf turns a scenario's plan into what a session needs.
func planOf(name string, e scenario.Election, harness func(role, name string) bool, wishes *rand.Rand) action.Plan {
	return action.Plan{Name: name, Description: describe(e), Electorate: e.Electorate(wishes), Harness: harness}
}

// describe puts a scenario's election into the dialect's words.
func describe(e scenario.Election) scrutineer.Description {
	d := scrutineer.Description{
		Title: e.Title, Units: e.Units, MinimumCell: uint64(e.Cell), Revote: message.RevotePolicy(e.Revote),
		Trustees: uint64(e.Trustees), Threshold: uint64(e.Threshold),
		Witnesses: uint64(e.Witnesses), Quorum: uint64(e.Quorum),
		PollInterval: 60, Identity: e.Identity == "service",
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

// steps turns planned steps into those of a session.
func steps(p *scenario.Plan) []action.Step {
	var out []action.Step
	for _, s := range p.Steps {
		out = append(out, action.Step{Name: s.Name, Do: s.Do, Args: s.Args, Adversarial: s.Adversarial})
	}
	return out
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
