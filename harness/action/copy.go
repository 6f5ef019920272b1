package action

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"scrutineer/harness/dialect/scrutineer"
	"scrutineer/harness/history"
	"scrutineer/protocols/message"
	"scrutineer/reports/event"
	"scrutineer/targets"
)

// copyBallots is A01: voters cast what another voter made.
func (s *Session) copyBallots(ctx context.Context, st Step) (Result, error) {
	voters := st.Args.List("voters")
	r := Result{Actor: actorOf(voters), Outcome: event.Unknown}
	e, err := s.in(st)
	if err != nil {
		return r, err
	}
	standing, err := e.standing(ctx, st.Args.List("of"))
	if err != nil {
		return r, err
	}
	copies := make([]copied, len(voters))
	crowded(len(voters), func(i int) {
		copies[i] = copied{voter: voters[i]}
		copies[i].err = copies[i].castAll(ctx, e, standing, st)
	})
	made := &casts{by: map[string][]*sent{}}
	var outcomes []event.Outcome
	for _, c := range copies {
		if c.err != nil {
			return r, c.err
		}
		made.voters = append(made.voters, c.voter)
		made.by[c.voter] = c.sent
		for _, a := range c.answers {
			outcomes = append(outcomes, event.Outcome(a.Outcome))
			r.Detail = detail(a)
		}
	}
	s.keepCasts(st, made)
	r.Outcome = best(outcomes)
	return r, nil
}

// original is a ballot on the board, and whose it is.
type original struct {
	voter, unit string
	prepared    *scrutineer.Prepared
}

// standing finds the last ballots that voters were shown, on the board.
func (e *election) standing(ctx context.Context, voters []string) ([]original, error) {
	if err := e.settled(ctx); err != nil {
		return nil, err
	}
	last := map[string]*scrutineer.Prepared{}
	err := e.board.see(ctx, 0, func(v *scrutineer.View) error {
		e.mu.Lock()
		defer e.mu.Unlock()
		for i := range v.Ballots {
			b := &v.Ballots[i].Body
			last[e.shown[b.Decision.Tracker.String()]] = &scrutineer.Prepared{Ballot: b.Ballot, Tracker: b.Decision.Tracker}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var out []original
	for _, voter := range voters {
		person, _, err := e.want(voter, nil)
		if err != nil {
			return nil, err
		}
		if last[voter] == nil {
			return nil, fmt.Errorf("%w: no ballot of %s is on the board", ErrPlan, voter)
		}
		out = append(out, original{voter: voter, unit: person.Unit, prepared: last[voter]})
	}
	return out, nil
}

// copied are one voter's copies of another's ballot.
type copied struct {
	voter   string
	sent    []*sent
	answers []targets.Answer
	err     error
}

// castAll casts the ballot of the victim in the voter's unit, or one spelling
// of it after the other.
func (c *copied) castAll(ctx context.Context, e *election, standing []original, st Step) error {
	v, err := e.own(ctx, c.voter)
	if err != nil {
		return err
	}
	person, _, err := e.want(c.voter, nil)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(standing, func(o original) bool { return o.unit == person.Unit })
	if i < 0 {
		return fmt.Errorf("%w: nobody whose ballot is copied votes in the unit of %s", ErrPlan, c.voter)
	}
	o := standing[i]
	if !st.Args.Has("spelling") {
		return c.cast(ctx, e, v, o, st.Args.Text("seen") == "wire")
	}
	for _, spelling := range st.Args.List("spelling") {
		p, err := scrutineer.Respelled(&o.prepared.Ballot, spelling)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrPlan, err)
		}
		if err := c.cast(ctx, e, v, original{voter: o.voter, unit: o.unit, prepared: p}, false); err != nil {
			return err
		}
	}
	return nil
}

// cast sends a ballot, and decides for it whatever the box says to the body: a
// body that waits needs no second one.
func (c *copied) cast(ctx context.Context, e *election, v *harnessVoter, o original, wire bool) error {
	raw, err := e.submission(ctx, v, o, wire)
	if err != nil {
		return err
	}
	x, err := e.resubmit(ctx, v, o.prepared, raw)
	if err != nil {
		return err
	}
	made := &ballot{handle: o.prepared.Tracker.String(), tracker: o.prepared.Tracker.String(), predecessor: v.Head(), sent: x}
	v.waiting[made.handle] = x
	a, err := e.castOnce(ctx, v, &body{voter: c.voter, prepared: o.prepared, forged: true}, made)
	c.sent, c.answers = append(c.sent, x), append(c.answers, a)
	return err
}

// submission is what brings the body to the box once more: the victim's own,
// or one that the copier has signed.
func (e *election) submission(ctx context.Context, v *harnessVoter, o original, wire bool) ([]byte, error) {
	if !wire {
		return v.Submission(o.prepared)
	}
	victim, err := e.own(ctx, o.voter)
	if err != nil {
		return nil, err
	}
	x := victim.waiting[o.prepared.Tracker.String()]
	if x == nil {
		return nil, fmt.Errorf("%w: nobody saw the ballot of %s pass", ErrPlan, o.voter)
	}
	return x.submission, nil
}

// resubmit sends the bytes of a submission in the voter's name.
func (e *election) resubmit(ctx context.Context, v *harnessVoter, p *scrutineer.Prepared, raw []byte) (*sent, error) {
	pending := e.invoke(event.Operation{Actor: v.ID, Role: "voter", Op: OpSubmit, Adversary: true})
	defer pending.Unknown(nil)
	a, err := v.submitter.Submit(ctx, "ballot", raw)
	if a, err = answered(ctx, a, err); err != nil {
		return nil, err
	}
	end(pending, a, nil)
	if a.Outcome == targets.Refused {
		e.session.refused(e.step, "authority", a.Code, a.Detail)
	}
	return &sent{submission: raw, prepared: p}, nil
}

// forgeSpelling is A02 with the voter's own ballots.
func (s *Session) forgeSpelling(ctx context.Context, st Step) (Result, error) {
	return s.makeAll(ctx, st, true, func(v *harnessVoter, want history.Vote) ([]*scrutineer.Prepared, error) {
		var out []*scrutineer.Prepared
		for _, spelling := range st.Args.List("spelling") {
			p, err := v.Prepare(choices(want))
			if err != nil {
				return nil, err
			}
			if p, err = scrutineer.Respelled(&p.Ballot, spelling); err != nil {
				return nil, fmt.Errorf("%w: %w", ErrPlan, err)
			}
			out = append(out, p)
		}
		return out, nil
	})
}

// guessFromTotals is the second half of the game of A01.
func (s *Session) guessFromTotals(ctx context.Context, st Step) (Result, error) {
	r := Result{Actor: "adversary", Outcome: event.OK}
	e, err := s.in(st)
	if err != nil {
		return r, err
	}
	contest := st.Args.Text("contest")
	var result *message.Result
	err = e.board.see(ctx, 0, func(v *scrutineer.View) error {
		if v.Result != nil {
			result = &v.Result.Body
		}
		return nil
	})
	if err == nil && result == nil {
		err = fmt.Errorf("%w: there are no totals to guess from", targets.ErrTarget)
	}
	if err != nil {
		return r, err
	}
	coin := s.stream(e, "adversary/guess")
	var errs []error
	for _, voter := range st.Args.List("voters") {
		toss := make([]byte, 1)
		if _, err := coin.Read(toss); err != nil {
			return r, err
		}
		errs = append(errs, e.guess(st.Name, voter, contest, result, int(toss[0]&1)))
	}
	return r, errors.Join(errs...)
}

// guess names the option of the first two that has more votes in the voter's
// cell, or the one that the coin shows.
func (e *election) guess(game, voter, contest string, result *message.Result, coin int) error {
	person, _, err := e.want(voter, nil)
	if err != nil {
		return err
	}
	c, ok := e.session.cfg.Plan.Electorate.Contest(contest)
	if !ok || len(c.Options) < 2 {
		return fmt.Errorf("%w: contest %s leaves no choice of two", ErrPlan, contest)
	}
	if more := lead(result, contest, person.Unit); more > 0 {
		coin = 0
	} else if more < 0 {
		coin = 1
	}
	pending := e.invoke(event.Operation{Actor: "adversary", Role: "outsider", Op: OpRead, Adversary: true,
		Params: []event.Param{param("voter", voter), param("game", game)}})
	pending.OK(func(o *event.Operation) {
		o.Ballot = &event.Ballot{Style: person.Style, Unit: person.Unit,
			Choices: []event.Choice{{Contest: contest, Options: []string{c.Options[coin]}}}}
	})
	return nil
}

// lead is by how many votes the first option is ahead of the second in the
// cell of a unit; none where the cell is withheld.
func lead(result *message.Result, contest, unit string) int64 {
	for _, c := range result.Contests {
		if c.Contest != contest {
			continue
		}
		for _, cell := range c.Cells {
			if slices.Contains(cell.Units, unit) && len(cell.Totals) >= 2 {
				return int64(min(cell.Totals[0], 1<<53)) - int64(min(cell.Totals[1], 1<<53))
			}
		}
	}
	return 0
}
