package action

import (
	"context"
	"fmt"
	"strings"

	"scrutineer/harness/dialect/scrutineer"
	"scrutineer/harness/history"
	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/reports/event"
	"scrutineer/targets"
)

// castMangled is H01 by a voter: bodies and decisions in bytes that a lenient
// reader alone reads.
func (s *Session) castMangled(ctx context.Context, st Step) (Result, error) {
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
	_, want, err := e.want(voter, nil)
	if err != nil {
		return r, err
	}
	var outcomes []event.Outcome
	var details []string
	for _, how := range st.Args.List("ways") {
		a, err := e.castOneMangled(ctx, v, want, scrutineer.Mangle(how))
		if err != nil {
			return r, err
		}
		outcomes = append(outcomes, event.Outcome(a.Outcome))
		if d := detail(a); d != "" {
			details = append(details, how+": "+d)
		}
	}
	r.Outcome, r.Detail = best(outcomes), strings.Join(details, "; ")
	return r, nil
}

// castOneMangled hands in a body in mangled bytes and, if the box takes them,
// a decision. What is too long for a decision is mangled in the body alone.
func (e *election) castOneMangled(ctx context.Context, v *harnessVoter, want history.Vote, how scrutineer.Mangle) (targets.Answer, error) {
	p, err := v.prepare(ctx, choices(want))
	if err != nil {
		return targets.Answer{}, err
	}
	body, err := v.Submission(p)
	if err != nil {
		return targets.Answer{}, err
	}
	ticket, decision, err := v.Cast(p, v.Head())
	if err != nil {
		return targets.Answer{}, err
	}
	x := &sent{ticket: ticket, decision: decision}
	if a, err := v.authorised(ctx, x); err != nil || a.Outcome != targets.OK {
		return a, err
	}
	decision = x.decision
	written, err := scrutineer.Mangled(how, body)
	if err == nil && how != scrutineer.MangleDeep {
		decision, err = scrutineer.Mangled(how, decision)
	}
	if err != nil {
		return targets.Answer{}, fmt.Errorf("%w: %w", ErrPlan, err)
	}
	pending := e.invoke(event.Operation{Actor: v.ID, Role: history.RoleVoter, Op: history.OpCast, Adversary: true,
		Ballot: &event.Ballot{Credential: v.Credential.Key.String(), Tracker: p.Tracker.String(), Predecessor: ticket.Decision.Predecessor}})
	defer pending.Unknown(nil)
	a, err := v.submitter.Submit(ctx, "ballot", written)
	if a, err = answered(ctx, a, err); err != nil {
		return a, err
	}
	if a.Outcome == targets.OK {
		a, err = v.submitter.Submit(ctx, "cast", decision)
		if a, err = answered(ctx, a, err); err != nil {
			return a, err
		}
		a = v.settle(&sent{prepared: p, ticket: ticket}, a)
	}
	if a.Outcome == targets.Refused || a.Status >= 400 && a.Status < 500 {
		e.session.refused(e.step, "authority", a.Code, string(how)+": "+a.Detail)
	}
	end(pending, a, nil)
	return a, nil
}

// postMangled has a trustee whom the harness plays answer in mangled bytes,
// each cell in another way.
func (s *Session) postMangled(ctx context.Context, st Step) (Result, error) {
	index := st.Args.Int("trustee")
	actor := "trustee/" + number(index)
	r := Result{Actor: actor, Outcome: event.Unknown}
	e, err := s.in(st)
	if err != nil {
		return r, err
	}
	t := e.trustees[index]
	if t == nil {
		return r, fmt.Errorf("%w: the harness does not play trustee %d", ErrPlan, index)
	}
	var shares []scrutineer.Parcel
	err = e.sealed(ctx, func(v *scrutineer.View) (err error) {
		shares, err = t.Shares(v)
		return err
	})
	if err != nil {
		return r, err
	}
	ways := st.Args.List("ways")
	if len(shares) < len(ways) {
		return r, fmt.Errorf("%w: %d cells for %d ways to write", ErrPlan, len(shares), len(ways))
	}
	var outcomes []event.Outcome
	for i, how := range ways {
		p, err := mangledShare(t.Signer(), scrutineer.Mangle(how), shares[i])
		if err != nil {
			return r, err
		}
		a, err := e.postForged(ctx, actor, p)
		if err != nil {
			return r, err
		}
		outcomes = append(outcomes, event.Outcome(a.Outcome))
		if d := detail(a); d != "" {
			r.Detail = strings.TrimPrefix(r.Detail+"; "+how+": "+d, "; ")
		}
	}
	r.Outcome = best(outcomes)
	return r, nil
}

func mangledShare(by scrutineer.Signer, how scrutineer.Mangle, p scrutineer.Parcel) (scrutineer.Parcel, error) {
	e, body, err := scrutineer.OpenEntry(p.Entry, scrutineer.Fetcher(p))
	if err != nil {
		return p, err
	}
	share, err := codec.Decode[message.DecryptionShare](body, codec.Limits{Size: message.MaxBody})
	if err != nil {
		return p, err
	}
	return by.MangledEntry(how, e.Type, e.Context, &share)
}
