package action

import (
	"context"
	"errors"
	"fmt"

	"scrutineer/harness/dialect/scrutineer"
	"scrutineer/harness/history"
	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/reports/event"
	"scrutineer/targets"
)

// authorised has the identity service authorise a decision that is to be
// sent, where there is one (S-40, S-41). It is asked once.
func (v *harnessVoter) authorised(ctx context.Context, x *sent) (targets.Answer, error) {
	ok := targets.Answer{Outcome: targets.OK}
	if !v.Election.HasIdentity() || x.ticket.Decision.Authorisation != nil {
		return ok, nil
	}
	if a, err := v.login(ctx); err != nil || a.Outcome != targets.OK {
		return a, err
	}
	q, err := x.ticket.Authorise(v.token)
	if err != nil {
		return ok, err
	}
	a, err := v.submitter.Submit(ctx, "authorise", q)
	if a, err = answered(ctx, a, err); err != nil || a.Outcome != targets.OK {
		return a, err
	}
	if x.decision, err = v.Authorised(x.ticket, a.Body); err != nil {
		return ok, fmt.Errorf("%w: %w", targets.ErrTarget, err)
	}
	return ok, nil
}

// authoriseAll has the decisions of a race authorised, before it starts. Racers
// with one decision have one authorisation.
func (v *harnessVoter) authoriseAll(ctx context.Context, list []racer) (targets.Answer, error) {
	for i := range list {
		x := &sent{ticket: list[i].Ticket, decision: list[i].Decision}
		a, err := v.authorised(ctx, x)
		if err != nil || a.Outcome != targets.OK {
			return a, err
		}
		if !v.Election.HasIdentity() {
			continue
		}
		if list[i].Decision, err = codec.Encode(*x.ticket.Decision); err != nil {
			return a, err
		}
	}
	return targets.Answer{Outcome: targets.OK}, nil
}

// login opens a session, once.
func (v *harnessVoter) login(ctx context.Context) (targets.Answer, error) {
	ok := targets.Answer{Outcome: targets.OK}
	if v.token != "" {
		return ok, nil
	}
	raw, err := v.Login(v.code)
	if err != nil {
		return ok, err
	}
	a, err := v.submitter.Submit(ctx, "login", raw)
	if a, err = answered(ctx, a, err); err != nil || a.Outcome != targets.OK {
		return a, err
	}
	s, err := codec.Decode[message.Session](a.Body, codec.Limits{Size: 4096})
	if err != nil {
		return ok, fmt.Errorf("%w: session: %w", targets.ErrTarget, err)
	}
	v.token = s.Token
	return ok, nil
}

// readNotices makes the check that a voter owes on each notice.
func (s *Session) readNotices(ctx context.Context, st Step) (Result, error) {
	return s.eachVoter(ctx, st, (*election).noticesOf)
}

func (e *election) noticesOf(ctx context.Context, voter string) error {
	p, err := e.player(ctx, voter)
	if err != nil {
		return err
	}
	pending := e.invoke(event.Operation{Actor: voter, Role: history.RoleVoter, Op: OpNotices})
	defer pending.Unknown(nil)
	found, err := p.readNotices(ctx)
	if err != nil {
		return wrapTarget(err)
	}
	e.session.alarms(by("voter/"+voter, found))
	pending.OK(nil)
	return nil
}

func (v *targetVoter) readNotices(ctx context.Context) ([]targets.Finding, error) {
	return notices(ctx, v.client)
}

// notices asks the target's own client.
func notices(ctx context.Context, client targets.Voter) ([]targets.Finding, error) {
	reader, ok := client.(targets.Notified)
	if !ok {
		return nil, &Unable{targets.Identity}
	}
	return reader.ReadNotices(ctx)
}

// readNotices has the target's own client read them where it takes what was
// cast with another, else the harness's.
func (v *harnessVoter) readNotices(ctx context.Context) ([]targets.Finding, error) {
	client, keeper, err := v.keeper(ctx)
	if err != nil {
		return nil, err
	}
	if keeper != nil {
		if err := v.hand(ctx, keeper); err != nil {
			return nil, err
		}
		return notices(ctx, client)
	}
	if a, err := v.login(ctx); err != nil || a.Outcome != targets.OK {
		return nil, errors.Join(err, fmt.Errorf("%w: logging in: %s %s", targets.ErrTarget, a.Code, a.Detail))
	}
	q, err := codec.Encode(message.ReadNotices{Token: v.token})
	if err != nil {
		return nil, err
	}
	a, err := v.submitter.Submit(ctx, "notices", q)
	if a, err = answered(ctx, a, err); err != nil {
		return nil, err
	}
	err = v.CheckNotices(a.Body)
	var alarm *scrutineer.Alarm
	if errors.As(err, &alarm) {
		return []targets.Finding{{Role: "voter/" + v.ID, Check: "S-42", Detail: alarm.Reason,
			Evidence: map[string][]byte{"notices": a.Body}}}, nil
	}
	return nil, err
}
