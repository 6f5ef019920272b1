package action

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"scrutineer/harness/history"
	"scrutineer/reports/event"
	"scrutineer/targets"
)

// opaqueVote lets voters vote, all at once, with lawful oddities.
func (s *Session) opaqueVote(ctx context.Context, st Step) (Result, error) {
	e, err := s.poll(st)
	if err != nil {
		return Result{}, err
	}
	voters, oddities := st.Args.List("voters"), st.Args.List("oddities")
	outcomes, errs := make([]event.Outcome, len(voters)), make([]error, len(voters))
	made := make([][]*carried, len(voters))
	crowded(len(voters), func(i int) {
		oddity := ""
		if len(oddities) > 0 {
			oddity = oddities[i%len(oddities)]
		}
		made[i], outcomes[i], errs[i] = e.voteBy(ctx, voters[i], st.Args.Choices("choices"), oddity)
	})
	for _, m := range made {
		s.keepCarried(st, m...)
	}
	return Result{Actor: actorOf(voters), Outcome: worst(outcomes)}, errors.Join(errs...)
}

// voteBy is one voter's way through the booth.
func (e *poll) voteBy(ctx context.Context, voter string, instead map[string][]string, oddity string) ([]*carried, event.Outcome, error) {
	first, outcome, err := e.once(ctx, voter, instead, oddity == "late-ack")
	if err != nil || outcome != event.OK {
		return nil, outcome, err
	}
	out := []*carried{first}
	switch {
	case oddity == "retry":
		a, err := e.send(ctx, first, asVoter(first))
		return out, event.Outcome(a.Outcome), err
	case oddity == "revote" && e.session.cfg.Plan.Electorate.Revote:
		var second *carried
		if second, outcome, err = e.once(ctx, voter, instead, false); second != nil {
			out = append(out, second)
		}
	}
	return out, outcome, err
}

// once makes a ballot and casts it; where the answer is lost, twice.
func (e *poll) once(ctx context.Context, voter string, instead map[string][]string, lost bool) (*carried, event.Outcome, error) {
	c, outcome, err := e.honest(ctx, voter, instead)
	if err != nil || c == nil {
		return nil, outcome, err
	}
	as := asVoter(c)
	as.lost = lost
	a, err := e.send(ctx, c, as)
	for i := 0; err == nil && a.Outcome == targets.Unknown && i < tries; i++ {
		a, err = e.send(ctx, c, asVoter(c))
	}
	return c, event.Outcome(a.Outcome), err
}

// honest makes a voter's ballot. A client that will not make it for lawful
// choices refuses the voter, which is recorded as a cast refused.
func (e *poll) honest(ctx context.Context, voter string, instead map[string][]string) (*carried, event.Outcome, error) {
	_, vote, err := e.want(voter, instead)
	if err != nil {
		return nil, event.Unknown, err
	}
	c, a, err := e.encrypt(ctx, voter, choices(vote), vote, false)
	if err != nil || c != nil {
		return c, event.OK, err
	}
	p := e.invoke(event.Operation{Actor: voter, Role: history.RoleVoter, Op: history.OpCast, Ballot: e.truth(&carried{voter: voter, vote: vote})})
	e.refuse("voter", a)
	return nil, end(p, a, nil), nil
}

// keepCarried keeps what a step made or cast.
func (s *Session) keepCarried(st Step, list ...*carried) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.carried[st.Name] = append(s.carried[st.Name], list...)
}

func (s *Session) carriedBy(step string) []*carried {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.carried[step]
}

// opaqueCheck is the check that a voter can make of a board: his last
// acknowledged ballot is on it.
func (s *Session) opaqueCheck(ctx context.Context, st Step) (Result, error) {
	r := Result{Actor: actorOf(st.Args.List("voters")), Outcome: event.OK}
	e, err := s.poll(st)
	if err != nil {
		return r, err
	}
	b, err := e.board(ctx)
	if err != nil || b == nil {
		return r, err
	}
	for _, voter := range st.Args.List("voters") {
		p := e.invoke(event.Operation{Actor: voter, Role: history.RoleVoter, Op: OpCheck})
		if c := e.standing(voter); c != nil && stands(b, voter, c.tracker) == 0 {
			s.alarm(targets.Finding{Role: "voter/" + voter, Check: "board", Culprit: "authority",
				Detail: "the ballot was acknowledged and is not on the board"})
		}
		p.OK(nil)
	}
	return r, nil
}

// opaqueClose closes the box.
func (s *Session) opaqueClose(ctx context.Context, st Step) (Result, error) {
	r := Result{Actor: "authority", Outcome: event.Unknown}
	e, err := s.poll(st)
	if err != nil {
		return r, err
	}
	a, err := e.close(ctx)
	r.Outcome, r.Detail = event.Outcome(a.Outcome), a.Detail
	return r, err
}

func (e *poll) close(ctx context.Context) (targets.Answer, error) {
	closer, err := opaqueAbility[targets.Closer](e, targets.Close)
	if err != nil {
		return targets.Answer{}, err
	}
	p := e.invoke(event.Operation{Actor: "authority", Role: "authority", Op: history.OpSeal})
	defer p.Unknown(nil)
	a, err := closer.CloseVoting(ctx)
	if a, err = answered(ctx, a, err); err != nil {
		return a, err
	}
	end(p, a, nil)
	if a.Outcome == targets.OK {
		e.mu.Lock()
		e.closed = true
		e.mu.Unlock()
	}
	return a, nil
}

// opaqueTally has the trustees answer, whoever of them a step names: once.
func (s *Session) opaqueTally(ctx context.Context, st Step) (Result, error) {
	r := Result{Actor: "trustees", Outcome: event.OK}
	e, err := s.poll(st)
	if err != nil {
		return r, err
	}
	e.mu.Lock()
	tried := e.tried
	e.tried = true
	e.mu.Unlock()
	if tried {
		return r, nil
	}
	t, err := opaqueAbility[targets.Tallier](e, targets.Tally)
	if err != nil {
		return r, err
	}
	p := e.invoke(event.Operation{Actor: "trustees", Role: "trustee", Op: OpDecrypt})
	defer p.Unknown(nil)
	a, err := t.Tally(ctx)
	if a, err = answered(ctx, a, err); err != nil {
		return r, err
	}
	r.Outcome, r.Detail = end(p, a, nil), a.Detail
	return r, nil
}

// opaquePublish asks for the result.
func (s *Session) opaquePublish(ctx context.Context, st Step) (Result, error) {
	r := Result{Actor: "authority", Outcome: event.Unknown}
	e, err := s.poll(st)
	if err != nil {
		return r, err
	}
	p := e.invoke(event.Operation{Actor: "authority", Role: "authority", Op: history.OpPublish})
	defer p.Unknown(nil)
	publisher, err := opaqueAbility[targets.Publisher](e, targets.Publish)
	if err != nil {
		return r, err
	}
	cells, a, err := publisher.Result(ctx)
	if a, err = answered(ctx, a, err); err != nil {
		return r, err
	}
	if a.Outcome != targets.OK {
		r.Detail = "there is no result"
		return r, nil
	}
	if err := e.known(cells); err != nil {
		return r, err
	}
	e.mu.Lock()
	e.cells = append([]targets.Counted{}, cells...)
	e.mu.Unlock()
	p.OK(nil)
	r.Outcome = event.OK
	return r, nil
}

// known says whether totals are of contests and units that there are.
func (e *poll) known(cells []targets.Counted) error {
	el := e.session.cfg.Plan.Electorate
	units := map[string]bool{}
	for _, u := range el.Units {
		units[u] = true
	}
	for _, c := range cells {
		contest, ok := el.Contest(c.Contest)
		if !ok || len(c.Units) == 0 {
			return fmt.Errorf("%w: the result has a total of contest %.64q over %d units", targets.ErrTarget, c.Contest, len(c.Units))
		}
		for _, u := range c.Units {
			if !units[u] {
				return fmt.Errorf("%w: the result has a total of unit %.64q, which there is not", targets.ErrTarget, u)
			}
		}
		left := maps.Clone(c.Totals)
		delete(left, targets.BlankOption)
		for _, o := range contest.Options {
			delete(left, o)
		}
		for o := range left {
			return fmt.Errorf("%w: the result has a total of option %.64q, which contest %s has not", targets.ErrTarget, o, c.Contest)
		}
	}
	return nil
}

// opaqueVerify has the target's own verifier look, twice: what it finds both
// times anybody can find who runs it. A target without one has nothing to say.
func (s *Session) opaqueVerify(ctx context.Context, st Step) (Result, error) {
	r := Result{Actor: "auditor", Outcome: event.OK}
	e, err := s.poll(st)
	if err != nil {
		return r, err
	}
	v, ok := e.target.(targets.SelfVerifier)
	if !ok {
		return r, nil
	}
	first, err := v.VerifyElection(ctx)
	if errors.Is(err, targets.ErrUnable) {
		return r, nil
	}
	p := e.invoke(event.Operation{Actor: "auditor", Role: "auditor", Op: OpVerify})
	defer p.Unknown(nil)
	if err != nil {
		return r, wrapTarget(err)
	}
	second, err := v.VerifyElection(ctx)
	if err != nil {
		return r, wrapTarget(err)
	}
	for i := range first {
		first[i].ThirdParty = len(second) == len(first) && second[i].Check == first[i].Check && second[i].Detail == first[i].Detail
	}
	s.alarms(by("auditor", first))
	p.OK(nil)
	return r, nil
}
