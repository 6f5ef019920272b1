// Package verdict turns what one run showed into a judgement, and the
// judgements of a sub-case's runs into an answer to whether all went as the
// scenario expects.
//
// Damage is what broke by ground truth and record; oracles and the independent
// verifier establish it. An alarm is what the system's own procedure raised: a
// refusal by a role, a rejection by its verifier, a check that a voter owes.
// The judge sees these and nothing else. It has no field for planted
// weaknesses, so it cannot know whether the system that it judges is weak.
package verdict

import (
	"fmt"
	"slices"
	"strings"

	"scrutineer/reports/event"
)

// Evidence is whom an alarm must convince for an attack to count as detected.
type Evidence int

const (
	_ Evidence = iota
	// ThirdParty asks for evidence that anyone can re-check without secrets.
	ThirdParty
	// VoterAlone takes an alarm of the voter, too, that convinces only him.
	VoterAlone
)

// Facts is what one run showed.
type Facts struct {
	// Damage is established by oracles and the independent verifier.
	Damage []event.Finding
	// Refusals are the refusals by roles of the system, Alarms everything else
	// that its own procedure raised. Of a finding's fields Role says who, as
	// "authority", "trustee/2" or "voter/vera", and ThirdParty whom it
	// convinces.
	Refusals, Alarms []event.Finding
	// Missing are abilities that the target lacks.
	Missing []string
	// Broken says why nothing can be concluded: the target broke or timed out,
	// or an assumption of the scenario was not met. Empty means that the run
	// was sound. A stall that the attack causes is damage instead.
	Broken string
	// Short says that the system's own procedure raised fewer alarms in a game
	// of chance than it promises; then those that there were count for nothing.
	Short string
}

// Judge judges an attack run, on whatever system it was made. Why explains a
// judgement that is neither prevented, detected nor undetected.
func Judge(f Facts, e Evidence) (j event.Judgement, why string) {
	switch {
	case len(f.Missing) > 0:
		return event.Inapplicable, missing(f)
	case f.Broken != "":
		return event.Inconclusive, f.Broken
	case len(f.Damage) > 0 && f.Short == "" && f.convinces(e):
		return event.Detected, ""
	case len(f.Damage) > 0:
		return event.Undetected, f.Short
	case len(f.Refusals) > 0:
		return event.Prevented, ""
	case len(f.Alarms) > 0:
		return event.Inconclusive, "there was an alarm, but neither damage nor a refusal"
	}
	return event.Inconclusive, "there was neither damage nor a refusal"
}

// JudgeTwin judges an honest twin: clean means that nothing was damaged and
// nobody was alarmed or refused.
func JudgeTwin(f Facts, e Evidence) (j event.Judgement, why string) {
	switch {
	case len(f.Missing) > 0:
		return event.Inapplicable, missing(f)
	case f.Broken != "":
		return event.Inconclusive, f.Broken
	case len(f.Damage) > 0 && f.convinces(e):
		return event.Detected, ""
	case len(f.Damage) > 0:
		return event.Undetected, ""
	case len(f.Refusals)+len(f.Alarms) > 0:
		return event.FalseAlarm, ""
	}
	return event.Clean, ""
}

func missing(f Facts) string { return "the target lacks " + strings.Join(f.Missing, ", ") }

// convinces says whether an alarm or a refusal convinces whom it must.
func (f Facts) convinces(e Evidence) bool {
	return slices.ContainsFunc(f.raised(), func(x event.Finding) bool {
		return x.ThirdParty || e == VoterAlone && roleOf(x) == "voter"
	})
}

// raised lists refusals and alarms.
func (f Facts) raised() []event.Finding { return slices.Concat(f.Refusals, f.Alarms) }

// roleOf is a finding's role without the name of the one who plays it.
func roleOf(f event.Finding) string {
	role, _, _ := strings.Cut(f.Role, "/")
	return role
}

// Expectation is what a run should come to.
type Expectation struct {
	Judgement event.Judgement
	// By are roles of which each must have refused or raised an alarm.
	By []string
	// Whole asks that nobody refused any part of what was tried.
	Whole bool
}

// Through is expected of an attack on the planted system: nobody notices, and
// all of it gets through.
func Through() Expectation { return Expectation{Judgement: event.Undetected, Whole: true} }

// Quiet is expected of an honest twin.
func Quiet() Expectation { return Expectation{Judgement: event.Clean} }

// Met says why a run is not as expected; "" means that it is.
func (x Expectation) Met(j event.Judgement, f Facts) string {
	if j != x.Judgement {
		return fmt.Sprintf("expected %s, found %s", x.Judgement, j)
	}
	if x.Whole && len(f.Refusals) > 0 {
		return fmt.Sprintf("expected all of it to get through; %s refused some: %s", roles(f.Refusals), f.Refusals[0].Message)
	}
	for _, role := range x.By {
		if !slices.ContainsFunc(f.raised(), func(r event.Finding) bool { return roleOf(r) == role }) {
			return fmt.Sprintf("expected the %s to refuse or raise an alarm; it did neither", role)
		}
	}
	return ""
}

// Run is a run to be judged.
type Run struct {
	Scenario, Title, Case string
	Kind                  event.RunKind
	Evidence              Evidence
	Expected              Expectation
	Facts                 Facts
}

// Verdict judges the run. The caller adds what the judge has no business with:
// planted set, steps, times, files.
func (r Run) Verdict() event.Verdict {
	v := event.Verdict{Scenario: r.Scenario, Title: r.Title, SubCase: r.Case, Run: r.Kind,
		Expected: r.Expected.Judgement, Damage: r.Facts.Damage, Alarms: r.Facts.raised()}
	if r.Kind == event.Twin {
		v.Judgement, v.Why = JudgeTwin(r.Facts, r.Evidence)
	} else {
		v.Judgement, v.Why = Judge(r.Facts, r.Evidence)
	}
	unmet := r.Expected.Met(v.Judgement, r.Facts)
	v.AsExpected = unmet == ""
	if v.Why == "" {
		v.Why = unmet
	}
	v.Checks = checks(r.Facts.Damage)
	v.Proofs = r.Facts.proofs()
	v.Summary = r.summary(v.Judgement)
	return v
}

// checks lists the numbers of the specification's checks at which the
// independent verifier fired.
func checks(damage []event.Finding) []string {
	var out []string
	for _, d := range damage {
		if strings.HasPrefix(d.Check, "V-") && !slices.Contains(out, d.Check) {
			out = append(out, d.Check)
		}
	}
	slices.Sort(out)
	return out
}

// proofs says who can convince whom of what.
func (f Facts) proofs() []event.Proof {
	var out []event.Proof
	for _, x := range f.raised() {
		p := event.Proof{Who: x.Role, ToWhom: "nobody but himself", What: x.Message, Check: x.Check}
		if x.ThirdParty {
			p.ToWhom = "anyone with the record"
		}
		if x.ThirdParty || roleOf(x) == "voter" {
			out = append(out, p)
		}
	}
	return out
}

// summary is the judgement in one sentence, without anything that differs
// between two runs of one seed.
func (r Run) summary(j event.Judgement) string {
	by := roles(r.Facts.raised())
	switch j {
	case event.Prevented:
		return "Refused by " + by + "; nothing was damaged."
	case event.Detected:
		return "There is damage, and the evidence of " + by + " shows it."
	case event.Undetected:
		if by == "" {
			return "There is damage, and nothing in the system noticed it."
		}
		return "There is damage; " + by + " noticed it and cannot prove it."
	case event.Clean:
		return "Nothing was damaged and nobody was alarmed."
	case event.FalseAlarm:
		return "Everybody was honest, yet there was an alarm by " + by + "."
	case event.Inapplicable:
		return "Not applicable: " + missing(r.Facts) + "."
	}
	return "Nothing can be concluded."
}

// roles names the roles of findings: "the authority and the voter".
func roles(fs []event.Finding) string {
	var out []string
	for _, f := range fs {
		if name := "the " + roleOf(f); f.Role != "" && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return strings.Join(out, " and ")
}
