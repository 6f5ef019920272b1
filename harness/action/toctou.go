package action

import (
	"context"
	"errors"

	"scrutineer/harness/dialect/scrutineer"
	"scrutineer/harness/history"
	"scrutineer/harness/liar"
	"scrutineer/protocols/message"
	"scrutineer/reports/event"
	"scrutineer/targets"
)

// impose puts entries on the board behind the target's own software: those
// that stand, and these after them.
func (e *election) impose(ctx context.Context, stand []scrutineer.Parcel, add ...scrutineer.Parcel) (uint64, error) {
	importer, err := ability[targets.Importer](e, targets.Insider)
	if err != nil {
		return 0, err
	}
	var entries, chunks [][]byte
	for _, p := range append(stand[:len(stand):len(stand)], add...) {
		entries, chunks = append(entries, p.Entry), append(chunks, p.Chunks...)
	}
	pending := e.invoke(event.Operation{Actor: "server", Role: "authority", Op: OpPost, Adversary: true})
	defer pending.Unknown(nil)
	size, err := importer.Import(ctx, entries, chunks)
	if err != nil {
		return 0, wrapTarget(err)
	}
	pending.OK(nil)
	return size, nil
}

// closeSwapped is D07: the server seals, and posts aggregates in which a ballot
// is replaced, before its own software can post the true ones.
func (s *Session) closeSwapped(ctx context.Context, st Step) (Result, error) {
	r := Result{Actor: "server", Outcome: event.Unknown}
	e, err := s.in(st)
	if err != nil {
		return r, err
	}
	i, a, err := e.insider(ctx)
	if err != nil {
		return r, err
	}
	victim, err := e.own(ctx, st.Args.Text("voter"))
	if err != nil {
		return r, err
	}
	_, instead, err := e.want(victim.ID, st.Args.Choices("instead"))
	if err != nil {
		return r, err
	}
	thief := &liar.Usurper{Take: func(ctx context.Context, entry []byte) (uint64, error) {
		board, err := e.board.all(ctx)
		if err != nil {
			return 0, err
		}
		v, all, err := a.SealedBy(board, entry)
		if err != nil {
			return 0, err
		}
		others, err := a.ReplacedAggregates(v, victim.Line, choices(instead), victim.Random)
		if err != nil {
			return 0, err
		}
		_, err = e.impose(ctx, all, others...)
		return uint64(len(board)), err
	}}
	e.liar.Lock()
	defer e.liar.Unlock()
	if err := i.Interpose(ctx, thief.Answer); err != nil {
		return r, wrapTarget(err)
	}
	done, err := s.closeVoting(ctx, st)
	err = errors.Join(err, wrapTarget(i.Interpose(context.WithoutCancel(ctx), nil)))
	done.Actor = r.Actor
	return done, err
}

// swapAggregates is D07 after a first trustee has answered.
func (s *Session) swapAggregates(ctx context.Context, st Step) (Result, error) {
	r := Result{Actor: "server", Outcome: event.Unknown}
	e, err := s.in(st)
	if err != nil {
		return r, err
	}
	_, a, err := e.insider(ctx)
	if err != nil {
		return r, err
	}
	if err := e.settled(ctx); err != nil {
		return r, err
	}
	shift := st.Args.Int("shift")
	var others []scrutineer.Parcel
	err = e.sealed(ctx, func(v *scrutineer.View) (err error) {
		others, err = a.ShiftedAggregates(v, st.Args.Text("contest"),
			scrutineer.Deltas{st.Args.Text("from"): -shift, st.Args.Text("to"): shift})
		return err
	})
	if err != nil {
		return r, err
	}
	board, err := e.board.all(ctx)
	if err != nil {
		return r, err
	}
	if _, err := e.impose(ctx, board, others...); err != nil {
		return r, err
	}
	r.Outcome = event.OK
	return r, nil
}

// closeThenCast is D07 with a cast that slips in after the close.
func (s *Session) closeThenCast(ctx context.Context, st Step) (Result, error) {
	r := Result{Actor: "server", Outcome: event.Unknown}
	e, err := s.in(st)
	if err != nil {
		return r, err
	}
	_, a, err := e.insider(ctx)
	if err != nil {
		return r, err
	}
	after, err := e.closeAnd(ctx, a, st.Args.Text("voter"))
	if err == nil {
		err = e.settled(ctx)
	}
	if err != nil {
		return r, err
	}
	board, err := e.board.all(ctx)
	if err != nil {
		return r, err
	}
	pending := e.invoke(event.Operation{Actor: "authority", Role: "authority", Op: history.OpSeal})
	defer pending.Unknown(nil)
	if _, err := e.impose(ctx, board, after...); err != nil {
		return r, err
	}
	for {
		status, err := e.info(ctx)
		if err != nil {
			return r, err
		}
		switch status.Phase {
		case message.PhaseSealed, message.PhaseDecrypting:
			pending.OK(nil)
			r.Outcome = event.OK
			return r, e.settled(ctx)
		}
		if !e.grows(ctx, status.Size) {
			return r, ctx.Err()
		}
	}
}

// closeAnd are the closes of every channel, and a late cast.
func (e *election) closeAnd(ctx context.Context, a scrutineer.Authority, voter string) ([]scrutineer.Parcel, error) {
	late, err := e.lateCast(ctx, a, voter)
	if err != nil {
		return nil, err
	}
	public, err := e.public(ctx)
	if err != nil {
		return nil, err
	}
	var out []scrutineer.Parcel
	for _, c := range public.Manifest.Channels {
		p, err := a.Close(public, c.ID)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return append(out, late), nil
}

// lateCast is the entry of a ballot that nobody cast in time.
func (e *election) lateCast(ctx context.Context, a scrutineer.Authority, voter string) (scrutineer.Parcel, error) {
	v, err := e.own(ctx, voter)
	if err != nil {
		return scrutineer.Parcel{}, err
	}
	_, want, err := e.want(voter, nil)
	if err != nil {
		return scrutineer.Parcel{}, err
	}
	made, err := v.prepare(ctx, choices(want))
	if err != nil {
		return scrutineer.Parcel{}, err
	}
	d, err := v.Credential.Decide(v.Election.Fingerprint, made.Tracker, v.Head(), v.Random)
	if err != nil {
		return scrutineer.Parcel{}, err
	}
	pending := e.invoke(event.Operation{Actor: "server", Role: "authority", Op: history.OpCast, Adversary: true,
		Ballot: &event.Ballot{Credential: v.Credential.Key.String(), Tracker: made.Tracker.String(), Predecessor: d.Predecessor}})
	defer pending.Unknown(nil)
	return a.Cast(v.Election, made.Ballot, d)
}
