package runner

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"scrutineer/harness/action"
	"scrutineer/harness/judge"
	"scrutineer/harness/oracle"
	"scrutineer/harness/scenario"
	"scrutineer/harness/verify"
	"scrutineer/harness/vocabulary"
	"scrutineer/reports/event"
)

// probe runs the honest election, and reports whether the run may go on.
func (r *run) probe(ctx context.Context, when event.When) bool {
	if r.cfg.Probe == nil {
		return true
	}
	start := r.since()
	p := event.Probe{When: when, Dir: "probe/" + string(when), StartMS: start}
	election := *r.cfg.Probe
	if when == event.After {
		election = halved(election)
	}
	o, err := r.honest(ctx, p.Dir, election)
	if ctx.Err() != nil {
		return false
	}
	if err != nil {
		p.Message = err.Error()
		r.problem(event.Problem{Origin: origin(err), Message: "honest election " + string(when) + " the attacks: " + err.Error()})
	} else {
		r.probed(&p, o)
	}
	p.DurationMS = r.since() - start
	r.write(event.Event{Probe: &p})
	r.mu.Lock()
	r.summary.Probes = append(r.summary.Probes, p)
	r.mu.Unlock()
	r.ended("honest election " + string(when))
	return p.OK
}

// probed fills in what an honest election showed.
func (r *run) probed(p *event.Probe, o judge.Opinion) {
	f := o.Facts
	p.Findings = append(append(append(p.Findings, f.Damage...), f.Refusals...), f.Alarms...)
	p.Ballots, p.Tallies = o.Ballots, o.Tallies
	if o.Report != nil {
		for _, row := range o.Report.Checks {
			if row.Status == verify.NotPinned {
				continue
			}
			p.Checks++
			if row.Status == verify.Passed {
				p.ChecksPassed++
			}
		}
		p.Result = outcome(o.Report)
	}
	verified := p.Checks > 0 && p.ChecksPassed == p.Checks || Opaque(r.about)
	p.OK = len(p.Findings) == 0 && f.Broken == "" && len(f.Missing) == 0 && verified
	switch {
	case p.OK:
	case len(f.Missing) > 0:
		p.Message = fmt.Sprintf("the target lacks %v", f.Missing)
	default:
		p.Message = cmp.Or(f.Broken, "the honest election was not clean")
	}
	if !p.OK {
		r.problem(event.Problem{Origin: event.TargetError, Message: "honest election " + string(p.When) + " the attacks: " + p.Message})
	}
}

// outcome is one line about a result.
func outcome(report *verify.Report) string {
	out := ""
	for _, c := range report.Contests {
		if len(out) > 0 {
			out += "; "
		}
		out += c.Contest + ":"
		for _, w := range c.Winners {
			out += " " + w
		}
		for _, t := range c.Tied {
			out += " tied " + t
		}
	}
	return out
}

// honest is an honest election in the folder rel; the record of the first one
// becomes the record of the run.
func (r *run) honest(ctx context.Context, rel string, election scenario.Election) (judge.Opinion, error) {
	place, err := r.folder.place(rel)
	if err != nil {
		return judge.Opinion{}, err
	}
	defer place.history.Close()
	plan := honestPlan(election)
	if Opaque(r.about) {
		plan = opaqueProbe(election, r.about.Abilities)
	}
	seed := r.seed.Child(rel)
	e := played{run: r, place: place, plan: plan, missing: r.missing(plan.Needs),
		session: action.Config{Plan: planOf(rel, plan.Election, func(string, string) bool { return false }, source(seed.Child("wishes"))),
			Target: planting{r.cfg.Target, nil, false}, Seed: seed, Evidence: place.evidence, Compute: r.compute, Limits: r.cfg.Limits, Opaque: plan.Opaque}}
	o, err := e.play(ctx)
	if err != nil {
		return o, err
	}
	record := filepath.Join(r.folder.dir, RecordDir)
	if _, err := os.Lstat(record); errors.Is(err, os.ErrNotExist) && !plan.Opaque {
		err := os.CopyFS(record, os.DirFS(place.path(ExportDir)))
		if err != nil {
			return o, fmt.Errorf("keeping the record of the honest election: %w", err)
		}
	}
	return o, nil
}

// halved is the election with half of the voters of each group: the one after
// the attacks asks whether the target is still itself, and needs no crowd.
func halved(e scenario.Election) scenario.Election {
	e.Voters = slices.Clone(e.Voters)
	for i := range e.Voters {
		e.Voters[i].Count = (e.Voters[i].Count + 1) / 2
	}
	return e
}

// honestPlan is a whole honest election.
func honestPlan(e scenario.Election) *scenario.Plan {
	var voters []string
	for _, g := range e.Voters {
		voters = append(voters, g.Members()...)
	}
	// Every fourth voter has an oddity.
	var odd, plain []string
	for i, v := range voters {
		if i%4 == 0 {
			odd = append(odd, v)
			continue
		}
		plain = append(plain, v)
	}
	var trustees []int64
	for i := range e.Threshold {
		trustees = append(trustees, int64(i+1))
	}
	p := &scenario.Plan{Scenario: "probe", Case: "honest", Run: event.Twin, Election: e, Oracles: oracles(),
		Needs: []string{"ceremony", "open", "client", "submit", "board", "trustee", "close", "tally", "publish", "verify"}}
	for _, s := range []struct {
		do   string
		args vocabulary.Args
	}{
		{"setup", nil},
		{"vote", vocabulary.Args{"voters": plain}},
		{"vote", vocabulary.Args{"voters": odd, "oddities": []string{"retry", "revote", "late-ack", "challenge"}}},
		{"check", vocabulary.Args{"voters": some(voters)}},
		{"follow", vocabulary.Args{"trustees": trustees}},
		{"close", nil},
		{"decrypt", vocabulary.Args{"trustees": trustees}},
		{"publish", nil},
		{"verify", nil},
	} {
		if votes, ok := s.args["voters"]; ok && len(votes.([]string)) == 0 {
			continue
		}
		p.Steps = append(p.Steps, scenario.PlannedStep{Name: fmt.Sprintf("%s-%d", s.do, len(p.Steps)), Do: s.do, Args: s.args})
	}
	return p
}

// checkers is about how many voters of an honest election make their check:
// each of them reads the whole board.
const checkers = 12

// some picks voters, evenly.
func some(voters []string) []string {
	every := max(1, len(voters)/checkers)
	var out []string
	for i := 0; i < len(voters); i += every {
		out = append(out, voters[i])
	}
	return out
}

// oracles are all there are: an honest election passes each of them.
func oracles() []string {
	var out []string
	for _, o := range oracle.Standard() {
		out = append(out, o.ID)
	}
	return out
}
