package sample

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"scrutineer/reports/event"
)

// scenario is what the generator knows of one entry of the catalogue.
type scenario struct {
	info     event.ScenarioInfo
	variants []variant
}

// variant is one sub-case.
type variant struct {
	id, title string
	planted   []string
	expect    event.Judgement
	// actor does the attack, victim is the honest one concerned.
	actor string
	// forge are the steps of the attack; the last one is refused on a sound
	// system that prevents it. honest are those of the twin.
	forge, honest []step
	// refusal is the code of the sound system, by whom, and why in words.
	refusal, by, why string
	// damage is what breaks with the weakness planted.
	damage event.Finding
	// proof, where the sound system detects.
	proof   []event.Proof
	alarm   event.Finding
	tallies []event.Tally
}

type step struct {
	action, detail string
	params         []event.Param
	race           string
}

func (b *builder) variant(s scenario, v variant) {
	for _, run := range []event.RunKind{event.Attack, event.Planted, event.Twin} {
		b.election(s, v, run, run == event.Planted)
		if run == event.Twin {
			b.election(s, v, run, true)
		}
	}
}

func (b *builder) election(s scenario, v variant, run event.RunKind, weak bool) {
	if b.kind == Troubled && s.info.ID == "E08" && v.id == "transplanted-proof" && run == event.Twin {
		return // the problem of the troubled run
	}
	name := string(run)
	var planted []string
	if weak {
		planted = v.planted
	}
	if weak && run == event.Twin {
		name = "twin-planted"
	}
	dir := strings.Join([]string{"scenarios", s.info.ID, v.id, name}, "/")
	out := event.Verdict{
		Scenario: s.info.ID, Title: s.info.Title, SubCase: v.id, Run: run, Planted: planted,
		StartMS: int64(1900 + b.n/6*1450 + b.n%6*90), DurationMS: int64(1180 + b.n*37%410), Dir: dir,
		Replay: fmt.Sprintf("scrutineer run --seed %s --scenario %s --sub-case %s", seed, s.info.ID, v.id),
	}
	switch run {
	case event.Attack:
		attack(&out, v)
	case event.Planted:
		through(&out, v)
	case event.Twin:
		out.Judgement, out.Expected = event.Clean, event.Clean
		out.Summary = "The same steps done honestly raise no alarm and count as they should."
		out.Steps = steps("voter-07", v.honest, false, "", "")
		out.Tallies = honest(v.tallies)
	}
	if b.kind == Troubled {
		trouble(&out, v)
	}
	out.AsExpected = out.Judgement == out.Expected
	b.count(&out)
	out.Evidence = []event.FileRef{b.history(dir, &out)}
	if len(out.Damage)+len(out.Alarms) > 0 {
		out.Evidence = append(out.Evidence, b.file("verifier findings", dir+"/findings.json", "[]\n"))
	}
	b.add(ms(int(out.StartMS)), event.Event{ScenarioStarted: &event.ScenarioStarted{
		Scenario: s.info.ID, SubCase: v.id, Run: run, Planted: planted}})
	b.add(ms(int(out.StartMS+out.DurationMS)), event.Event{Verdict: &out})
}

func (b *builder) count(v *event.Verdict) {
	b.n++
	b.totals[event.Total{Run: v.Run, Judgement: v.Judgement}]++
	if v.AsExpected {
		b.asExpected++
	} else {
		b.unexpected++
	}
}

func attack(out *event.Verdict, v variant) {
	out.Judgement, out.Expected = v.expect, v.expect
	if v.expect == event.Prevented {
		out.Summary = fmt.Sprintf("Refused by the %s: %s.", v.by, v.why)
		out.Steps = steps(v.actor, v.forge, true, v.refusal, v.why)
		return
	}
	out.Summary = fmt.Sprintf("It happened, and the %s proves it: %s.", v.by, v.why)
	out.Steps = steps(v.actor, v.forge, true, "", "")
	out.Damage = []event.Finding{v.damage}
	out.Alarms = []event.Finding{v.alarm}
	out.Proofs, out.Checks, out.Tallies = v.proof, []string{v.damage.Check}, v.tallies
}

func through(out *event.Verdict, v variant) {
	out.Judgement, out.Expected = event.Undetected, event.Undetected
	out.Summary = fmt.Sprintf("With %s planted the attack succeeds and nobody can show it.", strings.Join(v.planted, " and "))
	out.Steps = steps(v.actor, v.forge, true, "", "")
	out.Damage, out.Checks, out.Tallies = []event.Finding{v.damage}, []string{v.damage.Check}, v.tallies
}

// trouble makes three verdicts unexpected and one inconclusive.
func trouble(out *event.Verdict, v variant) {
	switch {
	case out.Scenario == "A14" && out.Run == event.Attack && v.id == "body-of-rehearsal":
		out.Judgement = event.Undetected
		out.Summary = "A ballot of the rehearsal was accepted in the election, and no check of the system noticed."
		out.Damage, out.Checks = []event.Finding{v.damage}, []string{v.damage.Check}
		out.Steps = steps(v.actor, v.forge, true, "", "")
	case out.Scenario == "C11" && out.Run == event.Twin && len(out.Planted) == 0 && v.id == "two-children":
		out.Judgement = event.FalseAlarm
		out.Summary = "An honest retry after a timeout was answered with an alarm."
		out.Alarms = []event.Finding{{Kind: event.Alarm, Check: "V-26", Role: "verifier", Culprit: "authority",
			Message: "second child of one predecessor stands at index 19"}}
	case out.Scenario == "E08" && out.Run == event.Planted && v.id == "junk-proof":
		out.Judgement = event.Inconclusive
		out.Why = "the tally did not finish within 30 s, so nothing was judged"
		out.Summary = "Nothing was judged: the tally did not finish."
		out.Damage, out.Checks, out.Tallies = nil, nil, nil
	}
}

func steps(actor string, in []step, adversary bool, code, why string) []event.Step {
	out := make([]event.Step, len(in))
	for i, s := range in {
		out[i] = event.Step{Actor: actor, Action: s.action, Adversary: adversary, Params: s.params,
			Outcome: event.OK, Detail: s.detail, Race: s.race, AtMS: int64(180 + 145*i)}
		if s.race != "" {
			out[i].Actor = fmt.Sprintf("%s/%d", actor, i)
			if code != "" && i > 1 {
				out[i].Outcome, out[i].Detail = event.Refused, "standing head returned"
			}
		}
		if code != "" && i == len(in)-1 {
			out[i].Outcome, out[i].Detail = event.Refused, code+": "+why
		}
	}
	return out
}

// honest turns the tallies of an attack into those of its twin.
func honest(ts []event.Tally) []event.Tally {
	out := slices.Clone(ts)
	for i := range out {
		out[i].Published, out[i].OK = out[i].Truth, true
	}
	return out
}

// history writes a short history: honest voters, then the steps.
func (b *builder) history(dir string, v *event.Verdict) event.FileRef {
	path := filepath.Join(b.dir, filepath.FromSlash(dir))
	if err := os.MkdirAll(path, 0o755); err != nil && b.err == nil {
		b.err = err
		return event.FileRef{}
	}
	now := started.Add(ms(int(v.StartMS)))
	f, err := event.Create(filepath.Join(path, "history.jsonl"), event.History, clock)
	if err != nil {
		b.err = err
		return event.FileRef{}
	}
	id := 0
	op := func(o event.Operation, end event.OpType) {
		id++
		o.ID, o.Type = fmt.Sprintf("op-%d", id), event.Invoke
		now = now.Add(ms(9))
		b.write(f, event.Event{Time: now, Operation: &o})
		done := o
		done.Type = end
		now = now.Add(ms(17))
		b.write(f, event.Event{Time: now, Operation: &done})
	}
	if v.Scenario == "D03" {
		op(event.Operation{Actor: "authority", Role: event.RoleFault, Op: "freeze"}, event.OpOK)
		op(event.Operation{Actor: "witness-1", Role: event.RoleFault, Op: "cut off"}, event.OpUnknown)
	}
	for i := range 12 {
		op(event.Operation{Actor: fmt.Sprintf("voter-%02d", i+1), Role: "voter", Op: "cast",
			Ballot: &event.Ballot{Style: "town", Choices: []event.Choice{{Contest: "mayor", Options: []string{"Adler"}}}}}, event.OpOK)
	}
	for _, s := range v.Steps {
		op(event.Operation{Actor: s.Actor, Role: "adversary", Op: s.Action, Adversary: s.Adversary, Race: s.Race,
			Params: s.Params}, event.OpType(s.Outcome))
	}
	if err := f.Close(); err != nil && b.err == nil {
		b.err = err
	}
	return event.FileRef{Label: "history", Path: dir + "/history.jsonl"}
}

func (b *builder) write(w *event.File, e event.Event) {
	if err := w.Write(e); err != nil && b.err == nil {
		b.err = err
	}
}

// matrix crosses every sub-case with every planted set.
func (b *builder) matrix() {
	var sets [][]string
	for _, s := range b.scenarios() {
		for _, v := range s.variants {
			if !slices.ContainsFunc(sets, func(x []string) bool { return slices.Equal(x, v.planted) }) {
				sets = append(sets, v.planted)
			}
		}
	}
	for _, s := range b.scenarios() {
		for _, v := range s.variants {
			b.cell(event.MatrixCell{Scenario: s.info.ID, SubCase: v.id, Judgement: v.expect, OK: true})
			for _, set := range sets {
				c := event.MatrixCell{Scenario: s.info.ID, SubCase: v.id, Planted: set, Judgement: v.expect, OK: true}
				switch {
				case slices.Equal(set, v.planted):
					c.Diagonal, c.Judgement = true, event.Undetected
				case related(set, v.planted):
					c.Judgement, c.Note = event.Undetected, "the set contains what this attack needs"
				}
				b.cell(c)
			}
		}
	}
}

func (b *builder) cell(c event.MatrixCell) { b.add(ms(20000), event.Event{MatrixCell: &c}) }

// related reports whether set contains all of needed.
func related(set, needed []string) bool {
	for _, n := range needed {
		if !slices.Contains(set, n) {
			return false
		}
	}
	return true
}
