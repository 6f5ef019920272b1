package action

import (
	"context"
	"errors"

	"scrutineer/harness/dialect/scrutineer"
	"scrutineer/harness/liar"
	"scrutineer/protocols/message"
	"scrutineer/reports/event"
	"scrutineer/targets"
)

// substituteBallot is B07: the server casts another ballot than it was given,
// or puts it into another box.
func (s *Session) substituteBallot(ctx context.Context, st Step) (Result, error) {
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
	thief := &liar.Substituter{Authority: a, Election: public, Forge: s.substitute(e, st, public),
		Write: func(ctx context.Context, p scrutineer.Parcel) (uint64, error) { return e.write(ctx, p) }}
	voters := st.Args.List("voters")
	ballots := make([]voting, len(voters))
	for k, voter := range voters {
		ballots[k] = voting{election: e, voter: voter}
	}
	done, err := s.behind(ctx, e, i, thief.Answer, func() (Result, error) { return s.together(ctx, st, voters, ballots) })
	done.Actor = r.Actor
	return done, err
}

// behind does something while a liar stands before the server.
func (s *Session) behind(ctx context.Context, e *election, i targets.Corruptible, f targets.Liar, do func() (Result, error)) (Result, error) {
	e.liar.Lock()
	defer e.liar.Unlock()
	if err := i.Interpose(ctx, f); err != nil {
		return Result{}, wrapTarget(err)
	}
	r, err := do()
	return r, errors.Join(err, wrapTarget(i.Interpose(context.WithoutCancel(ctx), nil)))
}

// substitute makes the other ballot, as the step wants it.
func (s *Session) substitute(e *election, st Step, public *scrutineer.Election) func(*message.Ballot) (*scrutineer.Prepared, error) {
	instead, unit := st.Args.Choices("instead"), st.Args.Text("unit")
	random := s.stream(e, "substitute")
	return func(b *message.Ballot) (*scrutineer.Prepared, error) {
		if unit != "" {
			return public.InUnit(b, unit)
		}
		all := scrutineer.Choices{}
		for contest, options := range instead {
			all[contest] = options
		}
		return public.Substitute(b, all, random)
	}
}
