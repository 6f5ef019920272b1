package scenario

import (
	"fmt"
	"reflect"

	"scrutineer/harness/vocabulary"
	"scrutineer/reports/event"
)

// Plan is what one run of one sub-case does and how it is judged. It says
// nothing about planted weaknesses, so that what judges cannot know them. A
// plan is shared; whoever gets one must not change it.
//
// Steps are carried out in order, those of one group together. In an attack
// run a refused step ends the run: it is judged at once, with what there is.
// A step with Continue does not; nor does an alarm. A twin always goes on.
type Plan struct {
	Scenario, Case string
	// Run is event.Attack or event.Twin.
	Run      event.RunKind
	Election Election
	Roles    map[string]Player
	// Needs are the abilities without which the run is inapplicable.
	Needs []string
	// Steps are in order; those of one group start together.
	Steps    []PlannedStep
	Judged   Judged
	Evidence Evidence
	Oracles  []string
	Expect   Expect
	// Opaque says that the plan is for ballots that only the target can read.
	// Then every step goes on after a refusal.
	Opaque bool `json:",omitempty"`
}

// PlannedStep is a step with checked arguments.
type PlannedStep struct {
	// Name is unique in the plan.
	Name string
	Do   string
	Args vocabulary.Args
	// Adversarial is true for what no honest participant does.
	Adversarial bool
	Phase       vocabulary.Phase
	Makes       vocabulary.Product
	// Group is 0, or a number that neighbouring steps share that start
	// together.
	Group int
	// Continue says that a refusal does not end an attack run.
	Continue bool
	Says     string
}

// Player returns who plays a role. The name is that of a voter or the number
// of a trustee or witness, "" for other roles; the most specific line of the
// scenario's roles decides, and the target plays what has none.
func (p *Plan) Player(role, name string) Player {
	if who, ok := p.Roles[role+"/"+name]; ok && name != "" {
		return who
	}
	if group := p.Election.groupOf(name); role == "voter" && group != "" {
		if who, ok := p.Roles[role+"/"+group]; ok {
			return who
		}
	}
	if who, ok := p.Roles[role]; ok {
		return who
	}
	return Target
}

// JudgedElection is the name of the step that sets up the election on which
// the judgement is made, the last one of those that do; "" if there is none.
func (p *Plan) JudgedElection() string {
	name := ""
	for _, s := range p.Steps {
		if s.Makes == vocabulary.Election {
			name = s.Name
		}
	}
	return name
}

// groupOf returns the group that the voter of that name belongs to, or "".
func (e Election) groupOf(voter string) string {
	for _, g := range e.Voters {
		for _, m := range g.Members() {
			if m == voter {
				return g.Name
			}
		}
	}
	return ""
}

type planKey struct {
	id           string
	run          event.RunKind
	deep, opaque bool
}

// Plan returns the plan of a run of a sub-case. Attack and planted runs have
// the same plan.
func (s *Scenario) Plan(id string, run event.RunKind) (*Plan, error) { return s.plan(id, run, false) }

// DeepPlan is Plan for a run of full depth: games of chance have all their
// rounds.
func (s *Scenario) DeepPlan(id string, run event.RunKind) (*Plan, error) {
	return s.plan(id, run, true)
}

// OpaquePlan is the plan of a run of a sub-case on a target that speaks no
// dialect of ours; false where the sub-case has none.
func (s *Scenario) OpaquePlan(id string, run event.RunKind) (*Plan, bool) {
	if run == event.Planted {
		run = event.Attack
	}
	p, ok := s.plans[planKey{id: id, run: run, opaque: true}]
	return p, ok
}

func (s *Scenario) plan(id string, run event.RunKind, deep bool) (*Plan, error) {
	if run == event.Planted {
		run = event.Attack
	}
	if p, ok := s.plans[planKey{id: id, run: run, deep: true}]; ok && deep {
		return p, nil
	}
	p, ok := s.plans[planKey{id: id, run: run}]
	if !ok {
		return nil, fmt.Errorf("scenario %s has no sub-case %q", s.ID, id)
	}
	return p, nil
}

// SameTwin names the first sub-case whose honest twin is the same election as
// that of sub-case id: the same election, players and steps.
func (s *Scenario) SameTwin(id string) string {
	mine := s.plans[planKey{id: id, run: event.Twin}]
	for i := range s.Cases {
		if p := s.plans[planKey{id: s.Cases[i].ID, run: event.Twin}]; p != nil && mine != nil && p.plays(mine) {
			return s.Cases[i].ID
		}
	}
	return id
}

// plays says whether two plans are carried out alike.
func (p *Plan) plays(o *Plan) bool {
	return reflect.DeepEqual([]any{p.Election, p.Roles, p.Needs, p.Steps}, []any{o.Election, o.Roles, o.Needs, o.Steps})
}

// draft is a step on its way to a plan: not yet checked, with the places in
// the file from which its parts come.
type draft struct {
	name, do         string
	place, doPlace   string
	with             map[string]any
	withPlaces       map[string]string
	group            int
	makes            vocabulary.Product
	continues, named bool
	says             string
}

// drafts lists the steps of a run of a sub-case in order, judge marks
// included.
func (s *Scenario) drafts(i int, run event.RunKind) []draft {
	c := &s.Cases[i]
	casePlace := fmt.Sprintf("cases[%d]", i)
	steps, place := s.Steps, "steps"
	if len(c.Steps) > 0 {
		steps, place = c.Steps, casePlace+".steps"
	}
	var out []draft
	group := 0
	for k, step := range steps {
		at := fmt.Sprintf("%s[%d]", place, k)
		members, places := []Step{step}, []string{at}
		if len(step.Par) > 0 {
			group++
			members, places = step.Par, nil
			for j := range step.Par {
				places = append(places, fmt.Sprintf("%s.par[%d]", at, j))
			}
		}
		for j, m := range members {
			d, ok := m.draft(places[j], c, casePlace, run)
			if !ok {
				continue
			}
			if len(step.Par) > 0 {
				d.group = group
			}
			out = append(out, d)
		}
	}
	return out
}

// draft resolves one step: the twin's replacement, then what the sub-case
// changes. It reports false where the step is left out.
func (st Step) draft(place string, c *Case, casePlace string, run event.RunKind) (draft, bool) {
	for _, name := range c.Skip {
		if st.Name != "" && name == st.Name {
			return draft{}, false
		}
	}
	d := draft{name: st.Name, named: st.Name != "", do: st.Do, place: place, doPlace: place + ".do",
		with: map[string]any{}, withPlaces: map[string]string{}, continues: st.OnRefusal == Continue, says: st.Says}
	twin := run == event.Twin && st.Twin != nil
	if twin && st.Twin.Omit {
		return draft{}, false
	}
	replaced := twin && st.Twin.Do != ""
	if replaced {
		d.do, d.doPlace = st.Twin.Do, place+".twin.do"
	} else {
		d.merge(st.With, place+".with")
		if st.Name != "" {
			d.merge(c.With[st.Name], casePlace+".with."+st.Name)
		}
	}
	if twin {
		d.merge(st.Twin.With, place+".twin.with")
		if st.Name != "" {
			d.merge(c.Twin[st.Name], casePlace+".twin."+st.Name)
		}
	}
	return d, true
}

func (d *draft) merge(with map[string]any, place string) {
	for name, value := range with {
		d.with[name] = value
		d.withPlaces[name] = place + "." + name
	}
}
