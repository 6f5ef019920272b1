package action

import (
	"context"
	"fmt"
	"io"

	"scrutineer/harness/dialect/scrutineer"
	"scrutineer/harness/history"
	"scrutineer/protocols/codec"
	"scrutineer/protocols/manage"
	"scrutineer/protocols/transcript"
	"scrutineer/reports/event"
	"scrutineer/targets"
)

// setupSolvedKey is A06 (a): the proof comes first, and all trustees together
// make the key that it holds for.
func (s *Session) setupSolvedKey(ctx context.Context, st Step) (Result, error) {
	var keys []scrutineer.TrusteeKeys
	for i := range s.cfg.Plan.Description.Filled().Trustees {
		if !s.playsTrustee(int64(i + 1)) {
			return Result{}, fmt.Errorf("%w: the harness does not play trustee %d", ErrPlan, i+1)
		}
		keys = append(keys, s.trusteeKeys(int64(i+1)))
	}
	def, err := s.define(st.Name)
	if err != nil {
		return Result{}, err
	}
	r, err := s.begin(ctx, st, def, func(ctx context.Context, e *election) (*targets.Refusal, error) {
		if err := e.solve(ctx, st.Args.Text("voter"), keys); err != nil {
			return nil, err
		}
		return e.ceremony(ctx, e.owed)
	})
	r.Actor = "trustees"
	return r, err
}

// solve makes the proof, and the trustees that conspire for it.
func (e *election) solve(ctx context.Context, voter string, keys []scrutineer.TrusteeKeys) error {
	c, err := e.credential(ctx, voter)
	if err != nil {
		return err
	}
	contest, option, err := only(e.session.cfg.Plan.Description.Filled(), c.Style)
	if err != nil {
		return err
	}
	line := scrutineer.Line{Key: c.Key, Style: c.Style, Unit: c.Unit, Weight: c.Weight}
	if e.backward, err = scrutineer.ForgeBackward(line, contest, option, e.session.stream(e, "backward")); err != nil {
		return err
	}
	trustees, err := e.backward.Conspiracy(keys, func(index uint64) io.Reader {
		return e.session.stream(e, "trustee/"+number(index))
	})
	for _, t := range trustees {
		e.trustees[int64(t.Index())] = t
	}
	return err
}

// only is the one selection of a style that has no more.
func only(d scrutineer.Description, style string) (contest, option string, err error) {
	for _, s := range d.Styles {
		if s.ID != style || len(s.Contests) != 1 {
			continue
		}
		for i := range d.Contests {
			c := &d.Contests[i]
			if c.ID == s.Contests[0] && len(scrutineer.Selections(c)) == 1 && !scrutineer.NeedsSum(c) {
				return c.ID, c.Options[0].ID, nil
			}
		}
	}
	return "", "", fmt.Errorf("%w: style %s has more than one selection, or a sum proof", ErrPlan, style)
}

// credential is what the registrar hands a voter, which it can from the start.
func (e *election) credential(ctx context.Context, voter string) (manage.Credential, error) {
	registrar, err := ability[targets.Credentials](e, targets.Client)
	if err != nil {
		return manage.Credential{}, err
	}
	raw, err := registrar.Credential(ctx, voter)
	if err != nil {
		return manage.Credential{}, wrapTarget(err)
	}
	c, err := codec.Decode[manage.Credential](raw, codec.Limits{Size: 4096})
	if err != nil {
		err = fmt.Errorf("%w: credential of %s: %w", targets.ErrTarget, voter, err)
	}
	return c, err
}

// forgeOmission is A06.
func (s *Session) forgeOmission(ctx context.Context, st Step) (Result, error) {
	fields := map[string]transcript.Omission{"election": transcript.OmitElection, "voter": transcript.OmitVoter,
		"siblings": transcript.OmitSiblings, "branches": transcript.OmitBranches}
	e, err := s.in(st)
	if err != nil {
		return Result{}, err
	}
	return s.make(ctx, st, true, func(v *harnessVoter, want history.Vote) (*scrutineer.Prepared, error) {
		field, known := fields[st.Args.Text("omit")]
		switch {
		case known:
			return planned(v.Election.ForgeOmitted(field, v.Line, choices(want), v.Random))
		case e.backward == nil:
			return nil, fmt.Errorf("%w: no key was solved for", ErrPlan)
		}
		return planned(e.backward.Prepare(v.Election))
	})
}

// writeCast is a cast that no rule of the server let on its board.
func (s *Session) writeCast(ctx context.Context, st Step) (Result, error) {
	r := Result{Actor: "server", Outcome: event.Unknown}
	e, err := s.in(st)
	if err != nil {
		return r, err
	}
	s.mu.Lock()
	bodies := s.bodies[st.Args.Text("body")]
	s.mu.Unlock()
	if len(bodies) == 0 {
		return r, fmt.Errorf("%w: no ballot %s", ErrPlan, st.Args.Text("body"))
	}
	b := bodies[len(bodies)-1]
	v, err := e.own(ctx, st.Args.Text("voter"))
	if err != nil {
		return r, err
	}
	_, a, err := e.insider(ctx)
	if err != nil {
		return r, err
	}
	d, err := v.Credential.Decide(v.Election.Fingerprint, b.prepared.Tracker, v.Head(), v.Random)
	if err != nil {
		return r, err
	}
	person, _, err := e.want(v.ID, nil)
	if err != nil {
		return r, err
	}
	truth := e.truth(person, b.vote)
	truth.Credential, truth.Tracker, truth.Predecessor = d.Credential.String(), d.Tracker.String(), d.Predecessor
	pending := e.invoke(event.Operation{Actor: v.ID, Role: history.RoleVoter, Op: history.OpCast, Adversary: b.forged, Ballot: truth})
	defer pending.Unknown(nil)
	p, err := a.Cast(v.Election, b.prepared.Ballot, d)
	if err != nil {
		return r, err
	}
	if err := e.writeBoard(ctx, []scrutineer.Parcel{p}); err != nil {
		return r, err
	}
	pending.OK(nil)
	r.Outcome = event.OK
	return r, nil
}
