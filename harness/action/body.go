package action

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"scrutineer/harness/dialect/scrutineer"
	"scrutineer/harness/history"
	"scrutineer/protocols/message"
	"scrutineer/reports/event"
	"scrutineer/targets"
)

// body is a ballot that somebody made and has not sent.
type body struct {
	voter    string
	prepared *scrutineer.Prepared
	vote     history.Vote // nil where the content is no lawful vote
	forged   bool
	chosen   *scrutineer.ChosenTotal // whose last ballot it is
}

// casts are ballots that were sent with their decisions.
type casts struct {
	voters []string // in order
	by     map[string][]*sent
}

func (s *Session) keepCasts(st Step, c *casts) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.casts[st.Name] = c
}

// sentBy finds what was cast in an earlier step.
func (s *Session) sentBy(step string) (*casts, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.casts[step]; c != nil {
		return c, nil
	}
	return nil, fmt.Errorf("%w: step %s cast nothing", ErrPlan, step)
}

// make runs a maker of one ballot for the step's voter and keeps the body.
func (s *Session) make(ctx context.Context, st Step, forged bool, maker func(*harnessVoter, history.Vote) (*scrutineer.Prepared, error)) (Result, error) {
	return s.makeAll(ctx, st, forged, func(v *harnessVoter, want history.Vote) ([]*scrutineer.Prepared, error) {
		p, err := maker(v, want)
		return []*scrutineer.Prepared{p}, err
	})
}

// makeAll runs a maker of ballots for the step's voter and keeps the bodies.
func (s *Session) makeAll(ctx context.Context, st Step, forged bool, maker func(*harnessVoter, history.Vote) ([]*scrutineer.Prepared, error)) (Result, error) {
	voter := st.Args.Text("voter")
	r := Result{Actor: voter, Outcome: event.Unknown}
	e, err := s.in(st)
	if err != nil {
		return r, err
	}
	v, err := e.own(ctx, voter)
	if err != nil {
		return r, err
	}
	_, want, err := e.want(voter, st.Args.Choices("choices"))
	if err != nil {
		return r, err
	}
	var made []*scrutineer.Prepared
	err = s.compute(ctx, func() error {
		made, err = maker(v, want)
		return err
	})
	if err != nil {
		return r, err
	}
	bodies := make([]*body, len(made))
	for i, p := range made {
		bodies[i] = &body{voter: voter, prepared: p, forged: forged}
		if !forged {
			bodies[i].vote = want
		}
	}
	s.mu.Lock()
	s.bodies[st.Name] = bodies
	s.mu.Unlock()
	r.Outcome = event.OK
	return r, nil
}

// makeBallot is an honest ballot, or several for one choice.
func (s *Session) makeBallot(ctx context.Context, st Step) (Result, error) {
	return s.makeAll(ctx, st, false, func(v *harnessVoter, want history.Vote) ([]*scrutineer.Prepared, error) {
		out := make([]*scrutineer.Prepared, st.Args.Int("count"))
		for i := range out {
			var err error
			if out[i], err = v.Prepare(choices(want)); err != nil {
				return nil, err
			}
		}
		return out, nil
	})
}

// forgeWeakFS is A03.
func (s *Session) forgeWeakFS(ctx context.Context, st Step) (Result, error) {
	ways := map[string]scrutineer.WeakFS{"pair": scrutineer.WeakFSPair, "reuse": scrutineer.WeakFSReused, "approval": scrutineer.WeakFSSingle}
	return s.make(ctx, st, true, func(v *harnessVoter, want history.Vote) (*scrutineer.Prepared, error) {
		f, err := v.Election.ForgeWeakFS(ways[st.Args.Text("shape")], v.Line, st.Args.Text("contest"), choices(want), v.Random)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrPlan, err)
		}
		return &f.Prepared, nil
	})
}

// forgeSum is A08.
func (s *Session) forgeSum(ctx context.Context, st Step) (Result, error) {
	forms := map[string]scrutineer.SumForm{"junk": scrutineer.SumJunk, "omitted": scrutineer.SumAbsent, "wider": scrutineer.SumWider}
	contest := st.Args.Text("contest")
	return s.make(ctx, st, true, func(v *harnessVoter, want history.Vote) (*scrutineer.Prepared, error) {
		c := scrutineer.Contest(v.Election.Manifest, contest)
		if c == nil {
			return nil, fmt.Errorf("%w: the manifest has no contest %s", targets.ErrTarget, contest)
		}
		var marks []string
		switch st.Args.Text("marks") {
		case "all":
			for _, o := range c.Options {
				marks = append(marks, o.ID)
			}
		case "blank-and-one":
			marks = []string{message.BlankOption, c.Options[0].ID}
		}
		p, err := v.Election.ForgeMarks(forms[st.Args.Text("sum")], v.Line, contest, marks, choices(want), v.Random)
		if err != nil {
			err = fmt.Errorf("%w: %w", ErrPlan, err)
		}
		return p, err
	})
}

// swapAnswers is A14 between contests.
func (s *Session) swapAnswers(ctx context.Context, st Step) (Result, error) {
	first, second := st.Args.Text("first"), st.Args.Text("second")
	return s.make(ctx, st, true, func(v *harnessVoter, want history.Vote) (*scrutineer.Prepared, error) {
		style := scrutineer.Style(v.Election.Manifest, v.Line.Style)
		if style == nil {
			return nil, fmt.Errorf("%w: the manifest has no style %s", targets.ErrTarget, v.Line.Style)
		}
		var order []string
		for _, id := range style.Contests {
			switch id {
			case first:
				id = second
			case second:
				id = first
			}
			order = append(order, id)
		}
		return v.Election.PrepareAs(v.Line, v.Line.Style, order, choices(want), v.Random)
	})
}

// forgeStyle is A14 between ballot styles.
func (s *Session) forgeStyle(ctx context.Context, st Step) (Result, error) {
	name := st.Args.Text("style")
	return s.make(ctx, st, true, func(v *harnessVoter, _ history.Vote) (*scrutineer.Prepared, error) {
		style := scrutineer.Style(v.Election.Manifest, name)
		if style == nil {
			return nil, fmt.Errorf("%w: the manifest has no style %s", targets.ErrTarget, name)
		}
		all := scrutineer.Choices{}
		for _, id := range style.Contests {
			if c := scrutineer.Contest(v.Election.Manifest, id); c != nil {
				all[id] = []string{c.Options[0].ID}
			}
		}
		return v.Election.PrepareAs(v.Line, name, style.Contests, all, v.Random)
	})
}

// castBody submits a body and decides for it. Of several each replaces the one
// before; the step is refused if all are.
func (s *Session) castBody(ctx context.Context, st Step) (Result, error) {
	voter := st.Args.Text("voter")
	r := Result{Actor: voter, Outcome: event.Unknown}
	e, err := s.in(st)
	if err != nil {
		return r, err
	}
	s.mu.Lock()
	bodies := s.bodies[st.Args.Text("body")]
	s.mu.Unlock()
	if len(bodies) == 0 {
		return r, fmt.Errorf("%w: no ballot %s", ErrPlan, st.Args.Text("body"))
	}
	v, err := e.own(ctx, voter)
	if err != nil {
		return r, err
	}
	made := &casts{voters: []string{voter}, by: map[string][]*sent{}}
	var outcomes []event.Outcome
	var details []string
	lost := 0
	for _, b := range bodies {
		x, a, err := e.castPrepared(ctx, v, b)
		if err != nil {
			return r, err
		}
		made.by[voter] = append(made.by[voter], x)
		outcomes = append(outcomes, event.Outcome(a.Outcome))
		if a.Outcome != targets.OK {
			lost++
		}
		if d := detail(a); d != "" && !slices.Contains(details, d) {
			details = append(details, d)
		}
	}
	s.keepCasts(st, made)
	r.Outcome, r.Detail = best(outcomes), strings.Join(details, "; ")
	if len(bodies) > 1 {
		r.Detail = strings.TrimSpace(fmt.Sprintf("%d of %d ballots did not get through. %s", lost, len(bodies), r.Detail))
	}
	return r, nil
}

// detail says in a few words why an answer was not ok.
func detail(a targets.Answer) string {
	switch {
	case a.Outcome == targets.OK:
		return ""
	case a.Code == "":
		return a.Detail
	case a.Detail == "":
		return a.Code
	}
	return a.Code + ": " + a.Detail
}

// castPrepared hands a body in and decides for it after the voter's standing
// ballot; it asks again where there is no answer.
func (e *election) castPrepared(ctx context.Context, v *harnessVoter, b *body) (*sent, targets.Answer, error) {
	submit := e.invoke(event.Operation{Actor: v.ID, Role: history.RoleVoter, Op: OpSubmit, Adversary: b.forged})
	defer submit.Unknown(nil)
	x, a, err := v.submit(ctx, b.prepared)
	if err != nil {
		return x, a, err
	}
	end(submit, a, nil)
	made := v.ballot(x)
	e.show(v.ID, made.tracker)
	if a.Outcome == targets.Refused {
		e.session.refused(e.step, "authority", a.Code, a.Detail)
	}
	if a.Outcome != targets.OK {
		return x, a, nil
	}
	for range tries {
		if a, err = e.castOnce(ctx, v, b, made); err != nil || a.Outcome != targets.Unknown {
			break
		}
	}
	return x, a, err
}

// castOnce sends a decision and records it.
func (e *election) castOnce(ctx context.Context, v *harnessVoter, b *body, made *ballot) (targets.Answer, error) {
	person, _, err := e.want(v.ID, nil)
	if err != nil {
		return targets.Answer{}, err
	}
	truth := e.truth(person, b.vote)
	truth.Tracker, truth.Predecessor, truth.Credential = made.tracker, made.predecessor, v.Credential.Key.String()
	pending := e.invoke(event.Operation{Actor: v.ID, Role: history.RoleVoter, Op: history.OpCast, Adversary: b.forged, Ballot: truth})
	defer pending.Unknown(nil)
	a, err := v.cast(ctx, made)
	if err != nil {
		return a, err
	}
	if a.Outcome == targets.Refused || a.Status >= 400 && a.Status < 500 {
		e.session.refused(e.step, "authority", a.Code, a.Detail)
	}
	end(pending, a, promised(made))
	return a, nil
}
