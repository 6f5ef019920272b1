package action

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"slices"

	"scrutineer/harness/dialect/scrutineer"
	"scrutineer/harness/history"
	"scrutineer/harness/liar"
	"scrutineer/protocols/codec"
	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
	"scrutineer/reports/event"
	"scrutineer/targets"
)

func decodeDraft(raw []byte) (manage.Draft, error) {
	return codec.Decode[manage.Draft](raw, codec.Limits{Size: len(raw)})
}

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
	e.liar.Lock()
	defer e.liar.Unlock()
	if err := i.Interpose(ctx, thief.Answer); err != nil {
		return r, wrapTarget(err)
	}
	voters := st.Args.List("voters")
	ballots := make([]voting, len(voters))
	for k, voter := range voters {
		ballots[k] = voting{election: e, voter: voter}
	}
	done, err := s.together(ctx, st, voters, ballots)
	err = errors.Join(err, wrapTarget(i.Interpose(context.WithoutCancel(ctx), nil)))
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

// replayBallots is A14: ballots of another election, sent as they are.
func (s *Session) replayBallots(ctx context.Context, st Step) (Result, error) {
	r := Result{Actor: "adversary", Outcome: event.Unknown}
	e, err := s.in(st)
	if err != nil {
		return r, err
	}
	old, err := s.sentBy(st.Args.Text("casts"))
	if err != nil {
		return r, err
	}
	submitter, err := ability[targets.Submitter](e, targets.Submit)
	if err != nil {
		return r, err
	}
	made := &casts{voters: old.voters, by: map[string][]*sent{}}
	var outcomes []event.Outcome
	for _, voter := range old.voters {
		for _, x := range old.by[voter] {
			if x.ticket == nil || x.ticket.Decision == nil {
				continue
			}
			a, err := e.replay(ctx, st, submitter, voter, x)
			if err != nil {
				return r, err
			}
			outcomes = append(outcomes, event.Outcome(a.Outcome))
			r.Detail = detail(a)
			made.by[voter] = append(made.by[voter], x)
		}
	}
	if len(outcomes) == 0 {
		return r, fmt.Errorf("%w: step %s cast nothing that can be sent again", ErrPlan, st.Args.Text("casts"))
	}
	s.keepCasts(st, made)
	r.Outcome = best(outcomes)
	return r, nil
}

// best is ok if one is, else unknown if one is, else refused.
func best(outcomes []event.Outcome) event.Outcome {
	for _, o := range []event.Outcome{event.OK, event.Unknown} {
		if slices.Contains(outcomes, o) {
			return o
		}
	}
	return event.Refused
}

// replay sends one ballot of another election.
func (e *election) replay(ctx context.Context, st Step, to targets.Submitter, voter string, x *sent) (targets.Answer, error) {
	if st.Args.Text("decision") == "old" {
		d := x.ticket.Decision
		truth := &event.Ballot{Credential: d.Credential.String(), Tracker: x.prepared.Tracker.String(), Predecessor: d.Predecessor}
		return e.inTheirName(ctx, to, x.submission, x.decision, truth)
	}
	v, err := e.own(ctx, voter)
	if err != nil {
		return targets.Answer{}, err
	}
	// The body is the voter's own wish; only its place is wrong.
	_, want, err := e.want(voter, nil)
	if err != nil {
		return targets.Answer{}, err
	}
	_, a, err := e.castPrepared(ctx, v, &body{voter: voter, prepared: x.prepared, vote: want, forged: true})
	return a, err
}

// replayShares is A14: a trustee's answer in another election.
func (s *Session) replayShares(ctx context.Context, st Step) (Result, error) {
	r := Result{Actor: "adversary", Outcome: event.Unknown}
	e, err := s.in(st)
	if err != nil {
		return r, err
	}
	from, err := s.in(Step{Args: map[string]any{"in": st.Args.Text("from")}})
	if err != nil {
		return r, err
	}
	old, err := from.board.all(ctx)
	if err != nil {
		return r, err
	}
	shares, err := scrutineer.ReplayedShares(old, trusteeID(uint64(st.Args.Int("trustee"))))
	if err != nil {
		return r, fmt.Errorf("%w: %w", targets.ErrTarget, err)
	}
	if len(shares) == 0 {
		return r, fmt.Errorf("%w: trustee %d has not answered in %s", ErrPlan, st.Args.Int("trustee"), from.step)
	}
	fitting, err := e.fitting(ctx, from, shares)
	if err != nil {
		return r, err
	}
	if len(fitting) == 0 {
		fitting = shares[:1] // there is no such cell: any share will show
	}
	var outcomes []event.Outcome
	for _, p := range fitting {
		a, err := e.postForged(ctx, "adversary", p)
		if err != nil {
			return r, err
		}
		outcomes = append(outcomes, event.Outcome(a.Outcome))
		r.Detail = detail(a)
	}
	r.Outcome = best(outcomes)
	return r, nil
}

// postForged posts an entry that no honest role would.
func (e *election) postForged(ctx context.Context, actor string, p scrutineer.Parcel) (targets.Answer, error) {
	pending := e.invoke(event.Operation{Actor: actor, Role: roleOf(actor), Op: OpPost, Adversary: true})
	defer pending.Unknown(nil)
	a, err := e.submitEntry(ctx, p)
	if err != nil {
		return a, err
	}
	if a.Outcome == targets.Refused {
		e.session.refused(e.step, "authority", a.Code, a.Detail)
	}
	end(pending, a, nil)
	return a, nil
}

// fitting are the shares whose cell has the same ciphertexts in both
// elections.
func (e *election) fitting(ctx context.Context, from *election, shares []scrutineer.Parcel) ([]scrutineer.Parcel, error) {
	aggregates := map[string][]message.Ciphertext{}
	err := from.board.see(ctx, 0, func(v *scrutineer.View) error {
		for i := range v.Aggregates {
			a := &v.Aggregates[i].Body
			aggregates[a.Contest+"/"+a.Unit] = a.Ciphertexts
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	var out []scrutineer.Parcel
	err = e.onceSealed(ctx, func(v *scrutineer.View) error {
		for _, p := range shares {
			entry, err := message.DecodeEntry(p.Entry)
			if err != nil {
				return err
			}
			b, err := codec.Decode[message.DecryptionShare](entry.Body, codec.Limits{Size: message.MaxBody})
			if err != nil {
				return err
			}
			here := v.AggregateOf(b.Contest, b.Unit)
			if here != nil && slices.Equal(here.Ciphertexts, aggregates[b.Contest+"/"+b.Unit]) {
				out = append(out, p)
			}
		}
		return nil
	})
	return out, err
}

// onceSealed hands over the view as soon as it has an aggregate: what the
// sound rules make of the board need not be what a weak board has.
func (e *election) onceSealed(ctx context.Context, f func(*scrutineer.View) error) error {
	for {
		var size uint64
		done := false
		err := e.board.see(ctx, 0, func(v *scrutineer.View) error {
			size = v.Size()
			if done = v.Seal != nil && len(v.Aggregates) > 0; done {
				return f(v)
			}
			return nil
		})
		if err != nil || done {
			return err
		}
		if err := e.await(ctx, size+1); err != nil {
			return err
		}
	}
}

// readBallots decrypts ballots with a key that one party alone holds.
func (s *Session) readBallots(ctx context.Context, st Step) (Result, error) {
	r := Result{Actor: "adversary", Outcome: event.OK}
	e, err := s.in(st)
	if err != nil {
		return r, err
	}
	if e.rogue == nil {
		return r, fmt.Errorf("%w: nobody holds the key alone", ErrPlan)
	}
	if err := e.settled(ctx); err != nil {
		return r, err
	}
	found := map[string]map[string]message.Ballot{} // by voter and tracker
	err = e.board.see(ctx, 0, func(v *scrutineer.View) error {
		e.mu.Lock()
		defer e.mu.Unlock()
		for i := range v.Ballots {
			tracker := v.Ballots[i].Body.Decision.Tracker.String()
			voter := e.shown[tracker]
			if found[voter] == nil {
				found[voter] = map[string]message.Ballot{}
			}
			found[voter][tracker] = v.Ballots[i].Body.Ballot
		}
		return nil
	})
	if err != nil {
		return r, err
	}
	for _, voter := range st.Args.List("voters") {
		for tracker, b := range found[voter] {
			if err := e.read(ctx, voter, tracker, &b); err != nil {
				return r, err
			}
		}
	}
	return r, nil
}

// read decrypts one ballot and records what it says.
func (e *election) read(ctx context.Context, voter, tracker string, b *message.Ballot) error {
	pending := e.invoke(event.Operation{Actor: "adversary", Role: "trustee", Op: OpRead, Adversary: true,
		Params: []event.Param{param("voter", voter)}})
	defer pending.Unknown(nil)
	var found scrutineer.Choices
	err := e.session.compute(ctx, func() (err error) {
		found, err = e.rogue.Read(b)
		return err
	})
	if err != nil {
		pending.Refused(func(o *event.Operation) { o.Message = err.Error() })
		return nil // it cannot read, which is an outcome
	}
	person, _, err := e.want(voter, nil)
	if err != nil {
		return err
	}
	vote := history.Vote{}
	for contest, options := range found {
		vote[contest] = selection(options)
	}
	pending.OK(func(o *event.Operation) {
		o.Ballot = e.truth(person, vote)
		o.Ballot.Tracker = tracker
	})
	return nil
}
