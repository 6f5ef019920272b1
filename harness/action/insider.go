package action

import (
	"context"
	"crypto/ed25519"
	"fmt"

	"scrutineer/harness/dialect/scrutineer"
	"scrutineer/harness/history"
	"scrutineer/harness/liar"
	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/reports/event"
	"scrutineer/targets"
)

// adversary holds the keys of the corrupted server.
func adversary(ctx context.Context, insider targets.Corruptible) (scrutineer.Authority, error) {
	var a scrutineer.Authority
	for _, k := range []struct {
		role message.Role
		take func(seed []byte)
	}{
		{message.RoleAuthority, func(seed []byte) { a.Key = ed25519.NewKeyFromSeed(seed) }},
		{message.RoleBoard, func(seed []byte) { a.Board = ed25519.NewKeyFromSeed(seed) }},
	} {
		raw, err := insider.Keys(ctx, string(k.role))
		if err != nil {
			return a, wrapTarget(err)
		}
		if len(raw) != ed25519.SeedSize {
			return a, fmt.Errorf("%w: a key of %d bytes", targets.ErrTarget, len(raw))
		}
		k.take(raw)
	}
	return a, nil
}

// insider returns the corrupted server of an election with its keys.
func (e *election) insider(ctx context.Context) (targets.Corruptible, scrutineer.Authority, error) {
	i, err := ability[targets.Corruptible](e, targets.Insider)
	if err != nil {
		return nil, scrutineer.Authority{}, err
	}
	a, err := adversary(ctx, i)
	return i, a, err
}

// dropAfterReceipt is D03: a liar acknowledges what it keeps to itself.
func (s *Session) dropAfterReceipt(ctx context.Context, st Step) (Result, error) {
	r := Result{Actor: "server", Outcome: event.Unknown}
	e, err := s.in(st)
	if err != nil {
		return r, err
	}
	public, err := e.public(ctx)
	if err != nil {
		return r, err
	}
	i, a, err := e.insider(ctx)
	if err != nil {
		return r, err
	}
	thief := &liar.Dropper{Authority: a, Election: public, Next: func(ctx context.Context) (uint64, error) {
		status, err := e.info(ctx)
		return status.Size, err
	}}
	voters := st.Args.List("voters")
	ballots := make([]voting, len(voters))
	for k, voter := range voters {
		ballots[k] = voting{election: e, voter: voter}
	}
	done, err := s.behind(ctx, e, i, thief.Answer, func() (Result, error) { return s.together(ctx, st, voters, ballots) })
	done.Actor = r.Actor
	return done, err
}

// clash is B05: a voter is shown another's ballot.
func (s *Session) clash(ctx context.Context, st Step) (Result, error) {
	voter := st.Args.Text("voter")
	r := Result{Actor: "server", Outcome: event.Unknown}
	e, err := s.in(st)
	if err != nil {
		return r, err
	}
	copied, err := s.sentBy(st.Args.Text("copy"))
	if err != nil {
		return r, err
	}
	other := copied.by[copied.voters[0]]
	if len(other) == 0 || other[0].ticket == nil || other[0].ticket.Receipt == nil {
		return r, fmt.Errorf("%w: %s has cast nothing", ErrPlan, copied.voters[0])
	}
	_, a, err := e.insider(ctx)
	if err != nil {
		return r, err
	}
	w, err := e.own(ctx, voter)
	if err != nil {
		return r, err
	}
	head := w.Head()
	var c *scrutineer.Clash
	_, instead, err := e.want(voter, st.Args.Choices("instead"))
	if err == nil {
		err = s.compute(ctx, func() error {
			c, err = w.Election.ForgeClash(other[0].prepared, w.Credential, w.Line, choices(instead), head, w.Random)
			return err
		})
	}
	if err != nil {
		return r, err
	}
	if err := e.deceive(ctx, w, c, a, other[0].index); err != nil {
		return r, err
	}
	answer, err := e.castInstead(ctx, w, c)
	r.Outcome, r.Detail = event.Outcome(answer.Outcome), detail(answer)
	return r, err
}

// deceive gives the voter a receipt for the other's ballot, and records what
// he believes: that his own was acknowledged.
func (e *election) deceive(ctx context.Context, w *harnessVoter, c *scrutineer.Clash, a scrutineer.Authority, index uint64) error {
	person, want, err := e.want(w.ID, nil)
	if err != nil {
		return err
	}
	truth := e.truth(person, want)
	truth.Tracker, truth.Predecessor = c.Shown.Tracker.String(), c.Believed.Predecessor
	truth.Credential = w.Credential.Key.String()
	pending := e.invoke(event.Operation{Actor: w.ID, Role: history.RoleVoter, Op: history.OpCast, Ballot: truth})
	defer pending.Unknown(nil)
	ticket, err := c.Ticket()
	if err != nil {
		return err
	}
	promise, err := c.Promise(a, w.Election, index)
	if err != nil {
		return err
	}
	w.History = append(w.History, ticket)
	if err := w.Answer(ticket, promise); err != nil {
		return err
	}
	made := &ballot{sent: &sent{ticket: ticket, index: index}}
	end(pending, targets.Answer{Outcome: targets.OK, Body: promise}, promised(made))
	return ctx.Err()
}

// castInstead casts the adversary's ballot with the voter's credential.
func (e *election) castInstead(ctx context.Context, w *harnessVoter, c *scrutineer.Clash) (targets.Answer, error) {
	submission, err := c.Submission(w.Election, w.Credential, w.Random)
	if err != nil {
		return targets.Answer{}, err
	}
	decision, err := codec.Encode(c.Real)
	if err != nil {
		return targets.Answer{}, err
	}
	truth := &event.Ballot{Credential: w.Credential.Key.String(), Tracker: c.Instead.Tracker.String(), Predecessor: c.Real.Predecessor}
	return e.inTheirName(ctx, w.submitter, submission, decision, truth)
}

// inTheirName sends a body and a decision for somebody who knows nothing of
// it.
func (e *election) inTheirName(ctx context.Context, to targets.Submitter, submission, decision []byte, truth *event.Ballot) (targets.Answer, error) {
	pending := e.invoke(event.Operation{Actor: "server", Role: "authority", Op: history.OpCast, Adversary: true, Ballot: truth})
	defer pending.Unknown(nil)
	a, err := to.Submit(ctx, "ballot", submission)
	if a, err = answered(ctx, a, err); err != nil {
		return a, err
	}
	if a.Outcome == targets.OK {
		a, err = to.Submit(ctx, "cast", decision)
		if a, err = answered(ctx, a, err); err != nil {
			return a, err
		}
	}
	if a.Outcome == targets.Refused {
		e.session.refused(e.step, "authority", a.Code, a.Detail)
	}
	end(pending, a, nil)
	return a, nil
}
