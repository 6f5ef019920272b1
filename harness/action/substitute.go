package action

import (
	"context"
	"errors"
	"fmt"

	"scrutineer/harness/dialect/scrutineer"
	"scrutineer/harness/history"
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
	forge, err := e.substitute(ctx, st, public)
	if err != nil {
		return r, err
	}
	thief := &liar.Substituter{Authority: a, Election: public, Forge: forge,
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
func (e *election) substitute(ctx context.Context, st Step, public *scrutineer.Election) (func(*message.Ballot) (*scrutineer.Prepared, error), error) {
	boxes := map[message.Element]string{}
	for i, voter := range st.Args.List("voters") {
		unit, err := e.box(st, voter, i)
		if err != nil {
			return nil, err
		}
		key, err := e.keyOf(ctx, voter)
		if err != nil {
			return nil, err
		}
		boxes[key] = unit
		e.mu.Lock()
		e.moved[voter] = unit
		e.mu.Unlock()
	}
	instead := scrutineer.Choices{}
	for contest, options := range st.Args.Choices("instead") {
		instead[contest] = options
	}
	random := e.session.stream(e, "substitute")
	return func(b *message.Ballot) (*scrutineer.Prepared, error) {
		if unit := boxes[b.Caster.Credential]; unit != "" {
			return public.InUnit(b, unit)
		}
		return public.Substitute(b, instead, random)
	}, nil
}

// box is the unit into whose box the ballot of a step's voter goes; empty
// where it stays in its own.
func (e *election) box(st Step, voter string, turn int) (string, error) {
	if !st.Args.Bool("apart") {
		return st.Args.Text("unit"), nil
	}
	plan := e.session.cfg.Plan.Electorate
	v, ok := plan.Voter(voter)
	if !ok {
		return "", fmt.Errorf("%w: no voter %s", ErrPlan, voter)
	}
	var others []string
	for _, u := range plan.Units {
		if u != v.Unit {
			others = append(others, u)
		}
	}
	if turn >= len(others) {
		return "", fmt.Errorf("%w: there is no box left for voter %s", ErrPlan, voter)
	}
	return others[turn], nil
}

// readBoxes is the end of B07 in an almost empty box: who casts all the other
// ballots of a unit reads the last one off its total.
func (s *Session) readBoxes(ctx context.Context, st Step) (Result, error) {
	r := Result{Actor: "adversary", Outcome: event.OK}
	e, err := s.in(st)
	if err != nil {
		return r, err
	}
	for _, victim := range st.Args.List("voters") {
		person, _, err := e.want(victim, nil)
		if err != nil {
			return r, err
		}
		pending := e.invoke(event.Operation{Actor: r.Actor, Role: string(message.RoleAuthority), Op: OpRead, Adversary: true,
			Params: []event.Param{param("voter", victim)}})
		vote, err := e.rest(ctx, victim)
		if err != nil {
			pending.Unknown(nil)
			return r, err
		}
		pending.OK(func(o *event.Operation) { o.Ballot = e.truth(person, vote) })
	}
	return r, nil
}

// rest is what is left of the totals of the box that a voter's ballot was
// moved to, less the votes of those who belong there.
func (e *election) rest(ctx context.Context, victim string) (history.Vote, error) {
	e.mu.Lock()
	unit := e.moved[victim]
	e.mu.Unlock()
	vote := history.Vote{}
	err := e.board.see(ctx, 0, func(v *scrutineer.View) error {
		if v.Result == nil {
			return fmt.Errorf("%w: there is no result to read", ErrPlan)
		}
		for _, contest := range v.Result.Body.Contests {
			known := scrutineer.Contest(&v.Manifest, contest.Contest)
			for _, cell := range contest.Cells {
				if known == nil || cell.Unit != unit || len(cell.Units) != 1 || len(cell.Totals) < len(known.Options) {
					continue
				}
				left := history.Selection{}
				for i, o := range known.Options {
					if cell.Totals[i] > e.session.cfg.Plan.Electorate.Intended(unit, contest.Contest, o.ID) {
						left.Options = append(left.Options, o.ID)
					}
				}
				vote[contest.Contest] = left
			}
		}
		return nil
	})
	return vote, err
}
