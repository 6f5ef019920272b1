package scenario

import (
	"fmt"
	"slices"

	"scrutineer/harness/vocabulary"
	"scrutineer/reports/event"
)

// plan turns the drafts of one run into a plan and notes what is wrong with
// them.
func (c *checker) plan(i int, run event.RunKind, e Election) *Plan {
	k := &c.s.Cases[i]
	p := &Plan{Scenario: c.s.ID, Case: k.ID, Run: run, Election: e, Roles: c.s.Roles,
		Needs: union(c.s.Needs, k.Needs), Judged: c.s.Judged, Evidence: c.s.Evidence,
		Oracles: c.s.Oracles, Expect: k.Expect}
	replace(&p.Judged, k.Judged)
	replace(&p.Evidence, k.Evidence)
	replaceList(&p.Oracles, k.Oracles)

	made := map[string]vocabulary.Product{}
	var pending []draft // of the group at hand: not yet visible to others
	judged, group := false, 0
	for _, d := range c.names(c.s.drafts(i, run)) {
		a, ok := c.words.Action(d.do)
		if !ok {
			if d.do != "" { // a missing action was noted with the step's form
				c.doc.Add(d.doPlace, fmt.Sprintf("unknown action %q", d.do), suggest(d.do, c.words.Names(vocabulary.Actions)))
			}
			continue
		}
		if d.group == 0 || d.group != group {
			announce(made, pending)
			pending, group = nil, d.group
		}
		c.stepRules(d, a, p, run)
		step := PlannedStep{Name: d.name, Do: d.do, Adversarial: a.Adversarial, Phase: a.Phase, Makes: a.Makes,
			Group: d.group, Continue: d.continues, Says: d.says, Args: c.arguments(d, a, e, made)}
		if d.do == vocabulary.Judge {
			if step.Args.Text("at") == string(p.Judged) && run == event.Attack && !judged {
				judged = true
				c.judgeRules(d, p)
			}
			continue
		}
		if !judged {
			p.Steps = append(p.Steps, step)
		}
		d.makes = a.Makes
		pending = append(pending, d)
	}
	if run == event.Attack && !judged {
		at := fmt.Sprintf("cases[%d]", i)
		c.doc.Add(at, fmt.Sprintf("sub-case %q is judged at stage %s, but no step judges there", k.ID, p.Judged),
			fmt.Sprintf("add the step {do: judge, with: {at: %s}}", p.Judged))
	}
	return p
}

// announce makes the products of named steps that have ended known to later
// ones.
func announce(made map[string]vocabulary.Product, ended []draft) {
	for _, d := range ended {
		if d.named {
			made[d.name] = d.makes
		}
	}
}

// names gives every step without a name one that nothing else in the plan
// has: its action, with a number where needed. Given names must be distinct.
func (c *checker) names(drafts []draft) []draft {
	taken := map[string]bool{}
	for _, d := range drafts {
		if d.named && taken[d.name] {
			c.doc.Add(d.place+".name", fmt.Sprintf("step name %q is there twice", d.name), "give it another name")
		}
		taken[d.name] = d.named
	}
	for i := range drafts {
		d := &drafts[i]
		for n := 1; !d.named && (d.name == "" || taken[d.name]); n++ {
			d.name = d.do
			if n > 1 {
				d.name = fmt.Sprintf("%s-%d", d.do, n)
			}
		}
		taken[d.name] = true
	}
	return drafts
}

// stepRules checks what an action asks of the step and of the scenario.
func (c *checker) stepRules(d draft, a vocabulary.Action, p *Plan, run event.RunKind) {
	if a.Adversarial && run == event.Twin {
		at, mend := d.doPlace, "add twin: {do: …} with an honest action, or twin: {omit: true}"
		if c.doc.Has(d.place + ".twin") {
			at, mend = d.place+".twin", "replace it by an honest action, or omit it"
		}
		c.doc.Add(at, fmt.Sprintf("the honest twin would carry out the attack %s", a.Name), mend)
	}
	for _, need := range a.Needs {
		if !slices.Contains(p.Needs, need) {
			c.doc.Add(d.doPlace, fmt.Sprintf("action %s needs the ability %q, which needs does not list", a.Name, need),
				"add it to needs")
		}
	}
}

// judgeRules checks that there is something to judge where the judge mark
// stands.
func (c *checker) judgeRules(d draft, p *Plan) {
	attacked, phase := false, vocabulary.Anywhere
	for _, s := range p.Steps {
		attacked = attacked || s.Adversarial
		phase = max(phase, s.Phase)
	}
	wanted := map[Judged]vocabulary.Phase{Sealed: vocabulary.Close, Result: vocabulary.Publish}[p.Judged]
	switch {
	case !attacked:
		c.doc.Add(d.doPlace, "nothing was attacked before this judgement", "move it behind an adversarial step")
	case phase < wanted:
		c.doc.Add(d.doPlace, fmt.Sprintf("there is nothing %s yet at this judgement", p.Judged),
			map[Judged]string{Sealed: "move it behind the step close", Result: "move it behind the step publish"}[p.Judged])
	}
}

// union returns the items of both lists, those of a first.
func union(a, b []string) []string {
	out := slices.Clone(a)
	for _, s := range b {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}
