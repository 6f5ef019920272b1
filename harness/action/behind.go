package action

import (
	"context"
	"errors"
	"fmt"

	"scrutineer/harness/dialect/scrutineer"
	"scrutineer/harness/history"
	"scrutineer/protocols/codec"
	"scrutineer/reports/event"
	"scrutineer/targets"
)

// castBehind is B06: the device casts again after the voter's ballot.
func (s *Session) castBehind(ctx context.Context, st Step) (Result, error) {
	r := Result{Actor: "device", Outcome: event.Unknown}
	e, err := s.in(st)
	if err != nil {
		return r, err
	}
	v, err := e.own(ctx, st.Args.Text("voter"))
	if err != nil {
		return r, err
	}
	b, err := e.behind(ctx, v, st.Args.Choices("instead"), v.Head())
	if err != nil {
		return r, err
	}
	if st.Args.Text("session") == "second" {
		v.token = "" // the voter, who believes that it failed, types his code again
	}
	truth := &event.Ballot{Credential: v.Credential.Key.String(), Tracker: b.Ticket.Prepared.Tracker.String(),
		Predecessor: b.Ticket.Decision.Predecessor}
	pending := e.invoke(event.Operation{Actor: "device", Role: "device", Op: history.OpCast, Adversary: true, Ballot: truth})
	defer pending.Unknown(nil)
	x := &sent{submission: b.Submission, prepared: b.Ticket.Prepared, ticket: b.Ticket}
	a, err := v.submitter.Submit(ctx, "ballot", x.submission)
	if a, err = answered(ctx, a, err); err == nil && a.Outcome == targets.OK {
		if x.decision, err = codec.Encode(*b.Ticket.Decision); err != nil {
			return r, err
		}
		if a, err = v.authorised(ctx, x); err == nil && a.Outcome == targets.OK {
			a, err = v.submitter.Submit(ctx, "cast", x.decision)
			a, err = answered(ctx, a, err)
		}
	}
	if err != nil {
		return r, err
	}
	if a.Outcome == targets.Refused {
		s.refused(e.step, "authority", a.Code, a.Detail)
	}
	r.Outcome, r.Detail = end(pending, a, nil), detail(a)
	return r, nil
}

// behind makes a ballot in a voter's name that he knows nothing of.
func (e *election) behind(ctx context.Context, v *harnessVoter, instead map[string][]string, head string) (b *scrutineer.Behind, err error) {
	_, vote, err := e.want(v.ID, instead)
	if err != nil {
		return nil, err
	}
	err = e.session.compute(ctx, func() error {
		b, err = v.Election.ForgeBehind(v.Credential, v.Line, choices(vote), head, e.session.stream(e, "behind/"+v.ID))
		return err
	})
	return b, err
}

// stuff is C06: registrar and server write ballots in voters' names.
func (s *Session) stuff(ctx context.Context, st Step) (Result, error) {
	r := Result{Actor: "server", Outcome: event.Unknown}
	e, err := s.in(st)
	if err != nil {
		return r, err
	}
	importer, ok := e.target.(targets.Importer)
	if !ok {
		return r, &Unable{targets.Insider}
	}
	public, err := e.public(ctx)
	if err == nil {
		err = e.settled(ctx)
	}
	if err != nil {
		return r, err
	}
	parcels, err := e.board.all(ctx)
	if err != nil {
		return r, err
	}
	var pending []*history.Pending
	defer func() {
		for _, p := range pending {
			p.Unknown(nil)
		}
	}()
	for _, voter := range st.Args.List("voters") {
		v, err := e.own(ctx, voter)
		if err != nil {
			return r, err
		}
		parcel, truth, err := e.stuffed(ctx, public, v, st.Args.Choices("instead"))
		if err != nil {
			return r, err
		}
		pending = append(pending, e.invoke(event.Operation{Actor: "server", Role: "authority", Op: history.OpCast, Adversary: true, Ballot: truth}))
		parcels = append(parcels, parcel)
	}
	entries := make([][]byte, len(parcels))
	for i, p := range parcels {
		if entries[i] = p.Entry; len(p.Chunks) > 0 && i >= len(parcels)-len(pending) {
			return r, fmt.Errorf("%w: a ballot that is too long for one entry", ErrPlan)
		}
	}
	size, err := importer.Import(ctx, entries, nil)
	if err != nil {
		return r, wrapTarget(err)
	}
	if size < uint64(len(entries)) {
		return r, fmt.Errorf("%w: %d entries of %d stand after the import", targets.ErrTarget, size, len(entries))
	}
	for _, p := range pending {
		p.OK(nil)
	}
	r.Outcome = event.OK
	return r, errors.Join(e.settled(ctx))
}

// stuffed is the entry of a cast that the voter did not make.
func (e *election) stuffed(ctx context.Context, public *scrutineer.Election, v *harnessVoter, instead map[string][]string) (p scrutineer.Parcel, truth *event.Ballot, err error) {
	var head string
	err = e.board.see(ctx, 0, func(view *scrutineer.View) error {
		head = view.HeadOf(v.Credential.Key)
		return nil
	})
	if err != nil {
		return p, nil, err
	}
	b, err := e.behind(ctx, v, instead, head)
	if err != nil {
		return p, nil, err
	}
	p, err = scrutineer.Authority{}.Cast(public, b.Ticket.Prepared.Ballot, *b.Ticket.Decision)
	return p, &event.Ballot{Credential: v.Credential.Key.String(), Tracker: b.Ticket.Prepared.Tracker.String(), Predecessor: head}, err
}
