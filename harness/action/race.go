package action

import (
	"bytes"
	"context"
	"sync"

	"scrutineer/harness/dialect/scrutineer"
	"scrutineer/harness/history"
	"scrutineer/reports/event"
	"scrutineer/targets"
)

// racer is one of several requests that race.
type racer struct {
	scrutineer.Racer
	vote history.Vote
}

// repeatDecision is the honest counterpart of a race: one decision, many times
// at once.
func (s *Session) repeatDecision(ctx context.Context, st Step) (Result, error) {
	return s.race(ctx, st, func(v *harnessVoter, want history.Vote, head string) ([]racer, error) {
		list, err := v.Twins(int(st.Args.Int("count")), choices(want), head, false)
		var out []racer
		for _, x := range list {
			out = append(out, racer{x, want})
		}
		return out, err
	})
}

// raceDecisions is C11: many decisions after one predecessor.
func (s *Session) raceDecisions(ctx context.Context, st Step) (Result, error) {
	r, err := s.race(ctx, st, func(v *harnessVoter, want history.Vote, head string) ([]racer, error) {
		return v.siblings(int(st.Args.Int("count")), want, head)
	})
	return r, err
}

// siblings are ballots for different choices after one predecessor.
func (v *harnessVoter) siblings(n int, want history.Vote, head string) ([]racer, error) {
	var out []racer
	for i := range n {
		vote := v.variant(want, i)
		p, err := v.Prepare(choices(vote))
		if err != nil {
			return nil, err
		}
		submission, err := v.Submission(p)
		if err != nil {
			return nil, err
		}
		t, decision, err := v.Cast(p, head)
		if err != nil {
			return nil, err
		}
		out = append(out, racer{scrutineer.Racer{Ticket: t, Submission: submission, Decision: decision}, vote})
	}
	return out, nil
}

// variant is the voter's wish with another option in the first contest, turn
// by turn.
func (v *harnessVoter) variant(want history.Vote, i int) history.Vote {
	out := history.Vote{}
	for contest, s := range want {
		out[contest] = s
	}
	for _, c := range v.Election.Manifest.Contests {
		if s, ok := out[c.ID]; ok && len(s.Options) == 1 {
			out[c.ID] = history.Selection{Options: []string{c.Options[i%len(c.Options)].ID}}
			break
		}
	}
	return out
}

// race hands all bodies in and then sends all decisions at one moment. It is
// refused where at most one of several different decisions is acknowledged.
func (s *Session) race(ctx context.Context, st Step, makers func(*harnessVoter, history.Vote, string) ([]racer, error)) (Result, error) {
	voter := st.Args.Text("voter")
	r := Result{Actor: voter, Outcome: event.Unknown, Race: st.Name}
	e, err := s.in(st)
	if err != nil {
		return r, err
	}
	v, err := e.own(ctx, voter)
	if err != nil {
		return r, err
	}
	person, want, err := e.want(voter, nil)
	if err != nil {
		return r, err
	}
	var list []racer
	head := v.Head()
	err = s.compute(ctx, func() error {
		list, err = makers(v, want, head)
		return err
	})
	if err != nil {
		return r, err
	}
	a, err := e.handIn(ctx, st, v, list)
	if err == nil && a.Outcome == targets.OK {
		a, err = v.authoriseAll(ctx, list)
	}
	if err != nil || a.Outcome != targets.OK {
		r.Outcome, r.Detail = event.Outcome(a.Outcome), detail(a)
		return r, err
	}
	answers, err := e.release(ctx, st, v, person, list)
	if err != nil {
		return r, err
	}
	r.Outcome = outcomeOfRace(list, answers)
	return r, nil
}

// handIn submits every body once; the last answer that is not ok is returned.
func (e *election) handIn(ctx context.Context, st Step, v *harnessVoter, list []racer) (targets.Answer, error) {
	answer := targets.Answer{Outcome: targets.OK}
	for i, x := range list {
		if i > 0 && bytes.Equal(x.Submission, list[0].Submission) {
			continue
		}
		p := e.invoke(event.Operation{Actor: v.ID, Role: history.RoleVoter, Op: OpSubmit, Adversary: st.Adversarial})
		a, err := v.submitter.Submit(ctx, "ballot", x.Submission)
		if a, err = answered(ctx, a, err); err != nil {
			p.Unknown(nil)
			return a, err
		}
		end(p, a, nil)
		e.show(v.ID, x.Ticket.Prepared.Tracker.String())
		if a.Outcome == targets.Refused {
			e.session.refused(e.step, "authority", a.Code, a.Detail)
		}
		if a.Outcome != targets.OK {
			answer = a
		}
	}
	return answer, nil
}

// release sends all decisions together and records what became of them. Whose
// answer was lost asks again afterwards, so that what is known in the end does
// not depend on who won.
func (e *election) release(ctx context.Context, st Step, v *harnessVoter, person history.Voter, list []racer) ([]targets.Answer, error) {
	bodies := make([][]byte, len(list))
	pending := make([]*history.Pending, len(list))
	for i, x := range list {
		bodies[i] = x.Decision
		pending[i] = e.running(st, v, person, x)
		defer pending[i].Unknown(nil)
	}
	answers, err := e.dash(ctx, bodies, int(st.Args.Int("abandon")))
	if err != nil {
		return nil, err
	}
	for i, x := range list {
		answers[i] = e.arrived(pending[i], v, x, answers[i])
	}
	for i, x := range list {
		if answers[i].Outcome != targets.Unknown {
			continue
		}
		again := e.running(st, v, person, x)
		a, err := v.submitter.Submit(ctx, "cast", x.Decision)
		if a, err = answered(ctx, a, err); err != nil {
			again.Unknown(nil)
			return nil, err
		}
		answers[i] = e.arrived(again, v, x, a)
	}
	for _, a := range answers {
		if a.Outcome == targets.Refused { // one for all: how many there are is chance
			e.session.refused(e.step, "authority", a.Code, a.Detail)
			break
		}
	}
	return answers, nil
}

// running records that a racer starts.
func (e *election) running(st Step, v *harnessVoter, person history.Voter, x racer) *history.Pending {
	truth := e.truth(person, x.vote)
	truth.Tracker, truth.Predecessor = x.Ticket.Prepared.Tracker.String(), x.Ticket.Decision.Predecessor
	truth.Credential = v.Credential.Key.String()
	return e.invoke(event.Operation{Actor: v.ID, Role: history.RoleVoter, Op: history.OpCast,
		Adversary: st.Adversarial, Race: st.Name, Ballot: truth})
}

// arrived takes the answer to a racer as the voter does, and records it.
func (e *election) arrived(p *history.Pending, v *harnessVoter, x racer, a targets.Answer) targets.Answer {
	made := &sent{prepared: x.Ticket.Prepared, ticket: x.Ticket, submission: x.Submission, decision: x.Decision}
	a = v.settle(made, a)
	end(p, a, promised(&ballot{sent: made}))
	return a
}

// dash sends decisions with the target's own barrier, or as nearly at once as
// goroutines do.
func (e *election) dash(ctx context.Context, bodies [][]byte, abandon int) ([]targets.Answer, error) {
	if r, ok := e.target.(targets.Racer); ok {
		answers, err := r.Race(ctx, "cast", bodies, abandon)
		if err == nil && len(answers) != len(bodies) {
			err = targets.ErrTarget
		}
		return answers, wrapTarget(err)
	}
	submitter, err := ability[targets.Submitter](e, targets.Submit)
	if err != nil {
		return nil, err
	}
	answers, errs := make([]targets.Answer, len(bodies)), make([]error, len(bodies))
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i, body := range bodies {
		wg.Go(func() {
			<-start
			a, err := submitter.Submit(ctx, "cast", body)
			answers[i], errs[i] = answered(ctx, a, err)
		})
	}
	close(start)
	wg.Wait()
	for i, err := range errs {
		if err != nil {
			return nil, err
		}
		if i < abandon {
			answers[i] = targets.Answer{Outcome: targets.Unknown, Detail: "nobody waited for the answer"}
		}
	}
	return answers, nil
}

// outcomeOfRace is ok where every decision that was sent could stand: all of
// one ballot, or more than one of several.
func outcomeOfRace(list []racer, answers []targets.Answer) event.Outcome {
	acknowledged, unknown := 0, 0
	for _, a := range answers {
		switch a.Outcome {
		case targets.OK:
			acknowledged++
		case targets.Unknown:
			unknown++
		}
	}
	same := list[0].Ticket == list[len(list)-1].Ticket
	switch {
	case same && acknowledged > 0, acknowledged > 1:
		return event.OK
	case same && unknown == len(answers):
		return event.Unknown
	}
	return event.Refused
}
