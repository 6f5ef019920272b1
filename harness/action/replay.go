package action

import (
	"context"
	"fmt"
	"slices"

	"scrutineer/harness/dialect/scrutineer"
	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/reports/event"
	"scrutineer/targets"
)

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
