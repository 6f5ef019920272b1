package action

import (
	"context"
	"errors"
	"fmt"

	"scrutineer/harness/dialect/scrutineer"
	"scrutineer/harness/history"
	"scrutineer/harness/liar"
	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/reports/event"
	"scrutineer/targets"
)

// reorderBallots is D05: a voter's first ballot comes after his second.
func (s *Session) reorderBallots(ctx context.Context, st Step) (Result, error) {
	voter, how := st.Args.Text("voter"), st.Args.Text("how")
	r := Result{Actor: "network", Outcome: event.Unknown}
	e, err := s.in(st)
	if err != nil {
		return r, err
	}
	i, a, err := e.insider(ctx)
	if err != nil {
		return r, err
	}
	key, err := e.keyOf(ctx, voter)
	if err != nil {
		return r, err
	}
	courier := &liar.Courier{Voter: key, Hold: how != "replayed", Overtake: how == "overtaken"}
	done, err := s.behind(ctx, e, i, courier.Answer, func() (Result, error) { return s.twice(ctx, st, e, voter) })
	if err != nil || done.Outcome != event.OK {
		return done, err
	}
	if err := e.checkBy(ctx, voter); err != nil {
		return r, err
	}
	var answer targets.Answer
	if how == "server" {
		r.Actor = "server"
		answer, err = e.appendFirst(ctx, courier, a)
	} else {
		answer, err = e.deliver(ctx, courier, how)
	}
	r.Outcome, r.Detail = event.Outcome(answer.Outcome), detail(answer)
	return r, err
}

// keyOf is a voter's public credential, by which his messages are known.
func (e *election) keyOf(ctx context.Context, voter string) (message.Element, error) {
	v, err := e.harnessVoter(ctx, voter)
	if err != nil {
		return message.Element{}, err
	}
	return v.(*harnessVoter).Credential.Key, nil
}

// twice lets a voter cast two ballots. He asks but once for each: what is held
// back stays unanswered, and he goes on to the next.
func (s *Session) twice(ctx context.Context, st Step, e *election, voter string) (Result, error) {
	p, err := e.player(ctx, voter)
	if err != nil {
		return Result{}, err
	}
	b := voting{election: e, voter: voter}
	for i, instead := range []map[string][]string{st.Args.Choices("first"), nil} {
		v, want, err := e.want(voter, instead)
		if err != nil {
			return Result{}, err
		}
		made, outcome, err := b.encrypt(ctx, p, v, want)
		if err != nil || made == nil {
			return Result{Actor: voter, Outcome: outcome}, err
		}
		outcome, err = b.decide(ctx, p, v, want, made)
		if err != nil || i > 0 || outcome == event.Refused {
			return Result{Actor: voter, Outcome: outcome}, err
		}
	}
	return Result{}, nil
}

// deliver brings the first decision to the box at last, with its body where
// that was used up.
func (e *election) deliver(ctx context.Context, c *liar.Courier, how string) (targets.Answer, error) {
	body, cast, d, ok := c.First()
	if !ok {
		return targets.Answer{}, fmt.Errorf("%w: no decision passed", ErrPlan)
	}
	submitter, err := ability[targets.Submitter](e, targets.Submit)
	if err != nil {
		return targets.Answer{}, err
	}
	truth := &event.Ballot{Credential: d.Credential.String(), Tracker: d.Tracker.String(), Predecessor: d.Predecessor}
	if how == "replayed" {
		a, err := e.inTheirName(ctx, submitter, body, cast, truth)
		if err == nil && a.Outcome == targets.OK && c.Same(a.Body) {
			a = targets.Answer{Outcome: targets.Refused, Code: "S-19", Detail: "the decision was taken before, and is answered by the receipt that it had"}
			e.session.refused(e.step, "authority", a.Code, a.Detail)
		}
		return a, err
	}
	pending := e.invoke(event.Operation{Actor: "network", Role: "network", Op: history.OpCast, Adversary: true, Ballot: truth})
	defer pending.Unknown(nil)
	a, err := e.lateAnswer(ctx, c, submitter, cast)
	if err != nil {
		return a, err
	}
	if a.Outcome == targets.Refused {
		e.session.refused(e.step, "authority", a.Code, a.Detail)
	}
	end(pending, a, nil)
	return a, nil
}

// lateAnswer is what the box says to the first decision: what it said when it
// was delivered behind the second, or else says now.
func (e *election) lateAnswer(ctx context.Context, c *liar.Courier, to targets.Submitter, cast []byte) (targets.Answer, error) {
	late, was := c.Late()
	if !was {
		a, err := to.Submit(ctx, "cast", cast)
		return answered(ctx, a, err)
	}
	if _, err := codec.Decode[message.Receipt](late.Body, codec.Limits{Size: 4096}); err == nil {
		return targets.Answer{Outcome: targets.OK, Status: late.Status, Body: late.Body}, nil
	}
	r, err := codec.Decode[message.Refusal](late.Body, codec.Limits{Size: 4096})
	if err != nil {
		return targets.Answer{Outcome: targets.Unknown, Status: late.Status, Body: late.Body}, nil
	}
	return targets.Answer{Outcome: targets.Refused, Status: late.Status, Code: string(r.Reason), Body: late.Body}, nil
}

// appendFirst has the server put the first ballot on the board itself.
func (e *election) appendFirst(ctx context.Context, c *liar.Courier, a scrutineer.Authority) (targets.Answer, error) {
	body, _, d, ok := c.First()
	if !ok {
		return targets.Answer{}, fmt.Errorf("%w: no decision passed", ErrPlan)
	}
	public, err := e.public(ctx)
	if err != nil {
		return targets.Answer{}, err
	}
	s, err := codec.Decode[message.Submission](body, codec.Limits{Size: message.MaxBody})
	if err != nil {
		return targets.Answer{}, errors.Join(targets.ErrTarget, err)
	}
	entry, err := a.Cast(public, s.Ballot, d)
	if err != nil {
		return targets.Answer{}, err
	}
	pending := e.invoke(event.Operation{Actor: "server", Role: string(message.RoleAuthority), Op: history.OpCast, Adversary: true,
		Ballot: &event.Ballot{Credential: d.Credential.String(), Tracker: d.Tracker.String(), Predecessor: d.Predecessor}})
	defer pending.Unknown(nil)
	if _, err := e.write(ctx, entry); err != nil {
		return targets.Answer{}, err
	}
	pending.OK(nil)
	return targets.Answer{Outcome: targets.OK}, nil
}
