package action

import (
	"context"
	"fmt"

	"scrutineer/harness/dialect/scrutineer"
	"scrutineer/harness/history"
	"scrutineer/protocols/message"
	"scrutineer/reports/event"
)

// keyAttacks carry out the actions on keys, of the file of this name in the
// vocabulary.
func (s *Session) keyAttacks() map[string]handler {
	return map[string]handler{
		"setup-two-documents": s.setupTwoDocuments,
		"setup-index":         s.setupIndex,
		"setup-server-key":    s.setupServerKey,
		"vote-under-key":      s.voteUnderKey,
		"forge-last-ballot":   s.forgeLast,
		"forge-weak-fs-share": s.forgeWeakShare,
	}
}

// setupIndex is E04: a trustee that announces an index of its own choice.
func (s *Session) setupIndex(ctx context.Context, st Step) (Result, error) {
	index := st.Args.Int("trustee")
	if !s.playsTrustee(index) {
		return Result{}, fmt.Errorf("%w: the harness does not play trustee %d", ErrPlan, index)
	}
	def, err := s.define(st.Name)
	if err != nil {
		return Result{}, err
	}
	named := map[string]uint64{"zero": 0, "taken": 1, "huge": 1<<53 - 1}
	return s.setupHostile(ctx, st, def, index, func(e *election, actor string) hostile {
		return scrutineer.NewIndexTrustee(s.trusteeKeys(index), named[st.Args.Text("names")], s.stream(e, actor))
	})
}

// forgeLast is A04: the last ballot of a contest, with randomness that a
// trustee chose. The ballot itself is lawful.
func (s *Session) forgeLast(ctx context.Context, st Step) (Result, error) {
	known, err := s.known(st.Args.Text("known"))
	if err != nil {
		return Result{}, err
	}
	shift := st.Args.Int("shift")
	plan := &scrutineer.ChosenTotal{Contest: st.Args.Text("contest"), Index: uint64(st.Args.Int("trustee")),
		Deltas: scrutineer.Deltas{st.Args.Text("from"): -shift, st.Args.Text("to"): shift}}
	for _, index := range st.Args.Ints("answer") {
		plan.Quorum = append(plan.Quorum, uint64(index))
	}
	r, err := s.make(ctx, st, false, func(v *harnessVoter, want history.Vote) (*scrutineer.Prepared, error) {
		p, err := v.Election.ForgeLast(plan, v.Line, choices(want), known, v.Random)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrPlan, err)
		}
		return p, nil
	})
	if err == nil {
		s.mu.Lock()
		s.bodies[st.Name][0].chosen = plan
		s.mu.Unlock()
	}
	return r, err
}

// known is the randomness of what each voter cast last in a step.
func (s *Session) known(step string) ([]scrutineer.Known, error) {
	sent, err := s.sentBy(step)
	if err != nil {
		return nil, err
	}
	var out []scrutineer.Known
	for _, voter := range sent.voters {
		list := sent.by[voter]
		person, ok := s.cfg.Plan.Electorate.Voter(voter)
		if len(list) == 0 || list[len(list)-1].prepared == nil || !ok {
			return nil, fmt.Errorf("%w: nobody knows the randomness of %s's ballot", ErrPlan, voter)
		}
		out = append(out, scrutineer.Known{Opening: &list[len(list)-1].prepared.Opening, Weight: person.Weight})
	}
	return out, nil
}

// forgeWeakShare is A04: factors whose proofs hold under a challenge of the
// commitments alone.
func (s *Session) forgeWeakShare(ctx context.Context, st Step) (Result, error) {
	index := st.Args.Int("trustee")
	actor := "trustee/" + number(index)
	r := Result{Actor: actor, Outcome: event.Unknown}
	e, err := s.in(st)
	if err != nil {
		return r, err
	}
	t := e.trustees[index]
	if t == nil || t.Share() == nil {
		return r, fmt.Errorf("%w: the harness does not play trustee %d", ErrPlan, index)
	}
	var plan *scrutineer.ChosenTotal
	if name := st.Args.Text("ballot"); name != "" {
		s.mu.Lock()
		for _, b := range s.bodies[name] {
			plan = b.chosen
		}
		s.mu.Unlock()
		if plan == nil {
			return r, fmt.Errorf("%w: step %s made no ballot for a trustee", ErrPlan, name)
		}
	}
	var posts []scrutineer.Parcel
	err = e.sealed(ctx, func(v *scrutineer.View) error {
		return s.compute(ctx, func() error {
			f := &chosenForger{contest: st.Args.Text("contest"), plan: plan, signer: t.Signer(),
				shares: &scrutineer.Shares{View: v, Index: uint64(index), Secret: t.Share(),
					Quorum: quorum(v, uint64(index)), Random: s.stream(e, actor+"/forged")}}
			posts, err = f.all()
			if err == nil && st.Args.Text("posted") == "board" {
				posts, err = e.withResult(ctx, v, posts, f.made)
			}
			return err
		})
	})
	if err != nil {
		return r, err
	}
	if st.Args.Text("posted") == "board" {
		r.Outcome = event.OK
		return r, e.writeBoard(ctx, posts)
	}
	for _, p := range posts {
		a, err := e.postForged(ctx, actor, p)
		if err != nil {
			return r, err
		}
		r.Outcome, r.Detail = event.Outcome(a.Outcome), detail(a)
		if r.Outcome != event.OK {
			return r, nil
		}
	}
	return r, nil
}

// chosenForger makes the shares of one trustee, false in the first cell of one
// contest.
type chosenForger struct {
	contest string
	plan    *scrutineer.ChosenTotal // nil: any total
	signer  scrutineer.Signer
	shares  *scrutineer.Shares
	made    []*message.DecryptionShare
}

// all makes a share for every cell, in the board's order.
func (f *chosenForger) all() ([]scrutineer.Parcel, error) {
	var out []scrutineer.Parcel
	lied := false
	for i := range f.shares.View.Aggregates {
		a := &f.shares.View.Aggregates[i].Body
		forge := func() (*message.DecryptionShare, error) { return f.shares.ForgeNaming(a, a.Ciphertexts) } // the honest one
		switch {
		case a.Contest != f.contest || lied:
		case f.plan != nil:
			forge = func() (*message.DecryptionShare, error) { return f.shares.ForgeChosen(a, f.plan) }
		default:
			forge = func() (*message.DecryptionShare, error) { return f.shares.ForgeHuge(a, a.Ciphertexts[0].Option) }
		}
		lied = lied || a.Contest == f.contest
		b, err := forge()
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrPlan, err)
		}
		p, err := f.shares.Post(f.signer, b)
		if err != nil {
			return nil, err
		}
		f.made, out = append(f.made, b), append(out, p)
	}
	if !lied {
		return nil, fmt.Errorf("%w: contest %s has no cell", ErrPlan, f.contest)
	}
	return out, nil
}

// withResult adds the result that the shares give, signed by the server.
func (e *election) withResult(ctx context.Context, v *scrutineer.View, posts []scrutineer.Parcel, made []*message.DecryptionShare) ([]scrutineer.Parcel, error) {
	_, a, err := e.insider(ctx)
	if err != nil {
		return nil, err
	}
	var bound uint64
	for _, voter := range e.session.cfg.Plan.Electorate.Voters {
		bound += voter.Weight
	}
	result, err := v.Outcome(bound, made...)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPlan, err)
	}
	p, err := a.Result(v.Election, *result)
	return append(posts, p), err
}

// writeBoard is write, recorded as the server's doing.
func (e *election) writeBoard(ctx context.Context, posts []scrutineer.Parcel) error {
	pending := e.invoke(event.Operation{Actor: "server", Role: "authority", Op: OpPost, Adversary: true})
	defer pending.Unknown(nil)
	if _, err := e.write(ctx, posts...); err != nil {
		return err
	}
	pending.OK(nil)
	return nil
}
