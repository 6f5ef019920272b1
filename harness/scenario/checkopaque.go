package scenario

import (
	"fmt"
	"slices"

	"scrutineer/harness/vocabulary"
	"scrutineer/reports/event"
)

// opaquePlan makes the plan of a run on ballots that only the target can read:
// the steps of the sub-case that such a target has somebody for, to the end of
// the election.
func (c *checker) opaquePlan(i int, run event.RunKind) *Plan {
	k := &c.s.Cases[i]
	at := fmt.Sprintf("cases[%d].opaque", i)
	e := c.s.Election.with(k.Election).with(k.Opaque.Election).filled()
	if k.Opaque.Election != nil {
		c.election(at+".election", e)
	}
	p := &Plan{Scenario: c.s.ID, Case: k.ID, Run: run, Election: e, Roles: c.s.Roles, Needs: []string{"opaque"},
		Judged: Result, Evidence: ThirdParty, Oracles: c.s.Oracles, Expect: Expect{Verdict: k.Expect.Verdict}, Opaque: true}
	replaceList(&p.Oracles, k.Oracles)
	replaceList(&p.Oracles, k.Opaque.Oracles)
	made := map[string]vocabulary.Product{}
	for _, d := range c.names(c.s.drafts(i, run)) {
		a, ok := c.words.Action(d.do)
		switch {
		case !ok, slices.Contains(k.Opaque.Skip, d.name): // an unknown action was noted before
			continue
		case a.Opaque == nil:
			c.doc.Add(at, fmt.Sprintf("action %s cannot be played on ballots that only the target can read", a.Name),
				fmt.Sprintf("skip the step %s, or remove opaque", d.name))
			continue
		case a.Opaque.LeftOut:
			continue
		}
		p.Needs = union(p.Needs, a.Opaque.Needs)
		p.Steps = append(p.Steps, PlannedStep{Name: d.name, Do: d.do, Adversarial: a.Adversarial, Phase: a.Phase, Makes: a.Makes,
			Group: d.group, Continue: true, Says: d.says, Args: c.arguments(d, a, e, made)})
		if d.named {
			made[d.name] = a.Makes
		}
	}
	return p
}
