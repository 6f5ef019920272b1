package action

import (
	"context"
	"fmt"

	"scrutineer/harness/dialect/scrutineer"
	"scrutineer/harness/history"
	"scrutineer/reports/event"
	"scrutineer/targets"
)

// castAsOther is C09: whoever is logged in as one voter has a ballot of another
// authorised, whose credential he holds.
func (s *Session) castAsOther(ctx context.Context, st Step) (Result, error) {
	as := st.Args.Text("as")
	r := Result{Actor: as, Outcome: event.Unknown}
	e, err := s.in(st)
	if err != nil {
		return r, err
	}
	other, err := e.own(ctx, st.Args.Text("voter"))
	if err != nil {
		return r, err
	}
	mine, err := e.own(ctx, as)
	if err != nil {
		return r, err
	}
	b, err := e.behind(ctx, other, st.Args.Choices("instead"), other.Head())
	if err != nil {
		return r, err
	}
	truth := &event.Ballot{Credential: other.Credential.Key.String(), Tracker: b.Ticket.Prepared.Tracker.String(),
		Predecessor: b.Ticket.Decision.Predecessor}
	pending := e.invoke(event.Operation{Actor: as, Role: "network", Op: history.OpCast, Adversary: true, Ballot: truth})
	defer pending.Unknown(nil)
	a, err := e.deputy(ctx, st.Args.Text("how"), mine, other, b)
	if err != nil {
		return r, err
	}
	r.Outcome, r.Detail = end(pending, a, nil), detail(a)
	return r, nil
}

// deputy gets the ballot of another on the board.
func (e *election) deputy(ctx context.Context, how string, mine, other *harnessVoter, b *scrutineer.Behind) (targets.Answer, error) {
	switch how {
	case "unauthorised":
		return e.castBehindHer(ctx, other, b)
	case "header":
		to, err := ability[targets.Forwarder](e, targets.Headers)
		if err != nil {
			return targets.Answer{}, err
		}
		q, err := b.Ticket.Authorise("")
		if err != nil {
			return targets.Answer{}, err
		}
		a, err := to.SubmitFor(ctx, other.Credential.Key.String(), "authorise", q)
		return e.castGranted(ctx, other, b, a, err)
	}
	if a, err := mine.login(ctx); err != nil || a.Outcome != targets.OK {
		return a, err
	}
	return e.castAs(ctx, other, b, mine.token)
}

// takeBody is C09: a body that waits for one voter's decision gets another's.
func (s *Session) takeBody(ctx context.Context, st Step) (Result, error) {
	voter := st.Args.Text("voter")
	r := Result{Actor: voter, Outcome: event.Unknown}
	e, err := s.in(st)
	if err != nil {
		return r, err
	}
	mine, err := e.own(ctx, voter)
	if err != nil {
		return r, err
	}
	other, err := e.own(ctx, st.Args.Text("of"))
	if err != nil {
		return r, err
	}
	_, want, err := e.want(other.ID, nil)
	if err != nil {
		return r, err
	}
	waiting, err := other.encrypt(ctx, choices(want))
	if err != nil {
		return r, wrapTarget(err)
	}
	ticket, decision, err := mine.Cast(waiting.sent.prepared, mine.Head())
	if err != nil {
		return r, err
	}
	truth := &event.Ballot{Credential: mine.Credential.Key.String(), Tracker: waiting.tracker, Predecessor: ticket.Decision.Predecessor}
	pending := e.invoke(event.Operation{Actor: voter, Role: history.RoleVoter, Op: history.OpCast, Adversary: true, Ballot: truth})
	defer pending.Unknown(nil)
	x := &sent{prepared: waiting.sent.prepared, ticket: ticket, decision: decision}
	a, err := mine.authorised(ctx, x)
	if err == nil && a.Outcome == targets.OK {
		a, err = mine.submitter.Submit(ctx, "cast", x.decision)
	}
	if a, err = answered(ctx, a, err); err != nil {
		return r, err
	}
	if a.Outcome == targets.Refused || a.Status >= 400 && a.Status < 500 {
		s.refused(e.step, "authority", a.Code, a.Detail)
	}
	r.Outcome, r.Detail = end(pending, a, nil), detail(a)
	return r, nil
}

// forgeWeight is C09: a ballot that names another weight than its credential
// has.
func (s *Session) forgeWeight(ctx context.Context, st Step) (Result, error) {
	weight := uint64(st.Args.Int("weight"))
	return s.make(ctx, st, true, func(v *harnessVoter, want history.Vote) (*scrutineer.Prepared, error) {
		heavy := v.Line
		if heavy.Weight == weight {
			return nil, fmt.Errorf("%w: %s has weight %d", ErrPlan, v.ID, weight)
		}
		heavy.Weight = weight
		return v.Election.Prepare(heavy, choices(want), v.Random)
	})
}
