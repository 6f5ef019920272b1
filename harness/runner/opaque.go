package runner

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"scrutineer/harness/action"
	"scrutineer/harness/judge"
	"scrutineer/harness/scenario"
	"scrutineer/harness/vocabulary"
	"scrutineer/reports/event"
	"scrutineer/targets"
)

// PublishedFile, within the folder of an election whose ballots only the
// target could read, is what it showed to everybody.
const PublishedFile = "published.json"

// Opaque says whether only the target can read its ballots, so that sub-cases
// are played in their form for such.
func Opaque(d targets.Description) bool {
	return d.Dialect == "" && !slices.Contains(d.Abilities, targets.Dialect)
}

// plan is the plan of a job on this target. Where only the target can read its
// ballots that is the sub-case's form for such; one without it does not apply,
// and its plan says what the target lacks.
func (r *run) plan(j Job) (*scenario.Plan, error) {
	if Opaque(r.about) {
		if p, ok := j.Scenario.OpaquePlan(j.Sub.ID, j.Kind); ok {
			return p, nil
		}
	}
	if r.cfg.Deep {
		return j.Scenario.DeepPlan(j.Sub.ID, j.Kind)
	}
	return j.Scenario.Plan(j.Sub.ID, j.Kind)
}

// apart gives every sub-case a twin of its own: whose twins are the same
// election in our dialect may be played unlike on opaque ballots, or not at all.
func apart(jobs []Job) []Job {
	var out []Job
	for _, j := range jobs {
		shared := j.Shared
		j.Shared = nil
		out = append(out, j)
		for _, c := range shared {
			twin := j
			twin.Sub = c
			out = append(out, twin)
		}
	}
	return out
}

// keepPublished writes what an election with opaque ballots shows. That it
// cannot be asked any more leaves the run inconclusive, like any other step
// that it breaks at.
func (e *played) keepPublished(ctx context.Context, s *action.Session, c *judge.Case) error {
	shown, has, err := s.Published(ctx)
	if !has {
		return nil
	}
	c.Election = shown.Election
	if err != nil {
		p := e.session.History.Invoke(event.Operation{Actor: "plan", Op: action.OpStep})
		p.Unknown(func(o *event.Operation) {
			o.Code, o.Message = action.Code(ctx, err), "reading the board in the end: "+err.Error()
		})
	}
	raw, err := json.MarshalIndent(shown, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(e.place.path(PublishedFile), append(raw, '\n'), 0o644)
}

func readPublished(root *os.Root, rel string, in *judge.Input) error {
	raw, err := root.ReadFile(filepath.Join(filepath.FromSlash(rel), PublishedFile))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = json.Unmarshal(raw, &in.Published)
	}
	if err != nil {
		return fmt.Errorf("reading what was published: %w", err)
	}
	return nil
}

// opaqueProbe is an honest election as far as the target can hold one. Nobody
// does anything odd: what a system makes of that is for scenarios to find out.
func opaqueProbe(e scenario.Election, can []targets.Ability) *scenario.Plan {
	var voters []string
	for _, g := range e.Voters {
		voters = append(voters, g.Members()...)
	}
	p := &scenario.Plan{Scenario: "probe", Case: "honest", Run: event.Twin, Election: e, Oracles: oracles(), Opaque: true,
		Needs: []string{"opaque", "open"}}
	for _, s := range []struct {
		do    string
		needs targets.Ability
		args  vocabulary.Args
	}{
		{"setup", targets.Open, nil},
		{"vote", targets.Opaque, vocabulary.Args{"voters": voters}},
		{"check", targets.Board, vocabulary.Args{"voters": voters}},
		{"close", targets.Close, nil},
		{"decrypt", targets.Tally, nil},
		{"publish", targets.Publish, nil},
		{"verify", targets.Verify, nil},
	} {
		if slices.Contains(can, s.needs) {
			p.Steps = append(p.Steps, scenario.PlannedStep{Name: s.do, Do: s.do, Args: s.args, Continue: true})
		}
	}
	return p
}
