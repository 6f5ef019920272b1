package action

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"io"
	"time"

	"scrutineer/harness/dialect/scrutineer"
	"scrutineer/harness/history"
	"scrutineer/protocols/codec"
	"scrutineer/reports/event"
	"scrutineer/targets"
)

// logins are the attacks on the identity service, from outside of it.
func (s *Session) logins() map[string]handler {
	return map[string]handler{
		"forge-token":         s.forgeToken,
		"post-as":             s.postAs,
		"guess-code":          s.guessCode,
		"tell-voters":         s.tellVoters,
		"cast-as":             s.castAsOther,
		"take-body":           s.takeBody,
		"forge-weight-ballot": s.forgeWeight,
	}
}

// forgeToken is C08: somebody with a voter's credential and without her code
// has a ballot authorised with a token that the service did not give for it.
func (s *Session) forgeToken(ctx context.Context, st Step) (Result, error) {
	r := Result{Actor: "outsider", Outcome: event.Unknown}
	e, err := s.in(st)
	if err != nil {
		return r, err
	}
	v, err := e.own(ctx, st.Args.Text("voter"))
	if err != nil {
		return r, err
	}
	token, err := s.token(ctx, st, e, v)
	if err != nil {
		return r, err
	}
	b, err := e.behind(ctx, v, st.Args.Choices("instead"), v.Head())
	if err != nil {
		return r, err
	}
	truth := &event.Ballot{Credential: v.Credential.Key.String(), Tracker: b.Ticket.Prepared.Tracker.String(),
		Predecessor: b.Ticket.Decision.Predecessor}
	pending := e.invoke(event.Operation{Actor: r.Actor, Role: "network", Op: history.OpCast, Adversary: true, Ballot: truth})
	defer pending.Unknown(nil)
	a, err := e.castAs(ctx, v, b, token)
	if err != nil {
		return r, err
	}
	r.Outcome, r.Detail = end(pending, a, nil), detail(a)
	return r, nil
}

// token is one that was forged, or that was given to the voter elsewhere.
func (s *Session) token(ctx context.Context, st Step, e *election, v *harnessVoter) (string, error) {
	if from := st.Args.Text("from"); from != "" {
		other, err := s.in(Step{Args: map[string]any{"in": from}})
		if err != nil {
			return "", err
		}
		there, err := other.own(ctx, v.ID)
		if err != nil {
			return "", err
		}
		if there.token == "" {
			return "", fmt.Errorf("%w: %s has not logged in in %s", ErrPlan, v.ID, from)
		}
		return there.token, nil
	}
	seed := make([]byte, ed25519.SeedSize)
	if _, err := io.ReadFull(s.stream(e, "token"), seed); err != nil {
		return "", err
	}
	f := scrutineer.TokenForger{Election: v.Election, Subject: v.Credential.Key, Key: ed25519.NewKeyFromSeed(seed), Now: time.Now()}
	token, err := f.Forge(st.Args.Text("token"))
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrPlan, err)
	}
	return token, nil
}

// castAs has a ballot authorised with a token, and casts it. What refuses is
// recorded.
func (e *election) castAs(ctx context.Context, v *harnessVoter, b *scrutineer.Behind, token string) (targets.Answer, error) {
	q, err := b.Ticket.Authorise(token)
	if err != nil {
		return targets.Answer{}, err
	}
	a, err := v.submitter.Submit(ctx, "authorise", q)
	return e.castGranted(ctx, v, b, a, err)
}

// castGranted casts a ballot whose decision the identity service was asked to
// authorise, if it did.
func (e *election) castGranted(ctx context.Context, v *harnessVoter, b *scrutineer.Behind, a targets.Answer, err error) (targets.Answer, error) {
	if a, err = answered(ctx, a, err); err != nil {
		return a, err
	}
	if a.Outcome == targets.Refused {
		e.session.refused(e.step, "identity", a.Code, a.Detail)
	}
	if a.Outcome != targets.OK {
		return a, nil
	}
	if _, err := v.Authorised(b.Ticket, a.Body); err != nil {
		return a, fmt.Errorf("%w: %w", targets.ErrTarget, err)
	}
	return e.castBehindHer(ctx, v, b)
}

// castBehindHer hands the box a ballot and its decision, authorised or not.
func (e *election) castBehindHer(ctx context.Context, v *harnessVoter, b *scrutineer.Behind) (a targets.Answer, err error) {
	decision, err := codec.Encode(*b.Ticket.Decision)
	if err != nil {
		return a, err
	}
	for _, m := range []struct {
		kind string
		body []byte
	}{{"ballot", b.Submission}, {"cast", decision}} {
		a, err = v.submitter.Submit(ctx, m.kind, m.body)
		if a, err = answered(ctx, a, err); err != nil || a.Outcome != targets.OK {
			break
		}
	}
	if err == nil && (a.Outcome == targets.Refused || a.Status >= 400 && a.Status < 500) {
		e.session.refused(e.step, "authority", a.Code, a.Detail)
	}
	return a, err
}
