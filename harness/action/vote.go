package action

import (
	"context"
	"errors"
	"sync"

	"scrutineer/harness/history"
	"scrutineer/harness/liar"
	"scrutineer/reports/event"
	"scrutineer/targets"
)

// tries is how often an honest client asks again when it got no answer.
const tries = 3

// crowd is how many voters stand at the box at once. More of them than that
// are served no sooner, and wait so long that they get no answer in time.
const crowd = 64

// crowded calls f for 0..n−1, as many at once as stand at the box.
func crowded(n int, f func(i int)) {
	var wg sync.WaitGroup
	places := make(chan struct{}, crowd)
	for i := range n {
		places <- struct{}{}
		wg.Go(func() {
			defer func() { <-places }()
			f(i)
		})
	}
	wg.Wait()
}

// vote lets voters vote, all at once, with lawful oddities.
func (s *Session) vote(ctx context.Context, st Step) (Result, error) {
	e, err := s.in(st)
	if err != nil {
		return Result{}, err
	}
	voters, oddities := st.Args.List("voters"), st.Args.List("oddities")
	lost := &liar.Forgetful{}
	if undo, err := e.interpose(ctx, oddities, lost); err != nil {
		return Result{}, err
	} else if undo != nil {
		defer undo()
	}
	ballots := make([]voting, len(voters))
	for i, voter := range voters {
		ballots[i] = voting{election: e, voter: voter, instead: st.Args.Choices("choices"), lost: lost}
		if len(oddities) > 0 {
			ballots[i].oddity = oddities[i%len(oddities)]
		}
	}
	return s.together(ctx, st, voters, ballots)
}

// together runs many voters at once and keeps what they cast.
func (s *Session) together(ctx context.Context, st Step, voters []string, ballots []voting) (Result, error) {
	outcomes := make([]event.Outcome, len(ballots))
	errs := make([]error, len(ballots))
	crowded(len(ballots), func(i int) { outcomes[i], errs[i] = ballots[i].vote(ctx) })
	made := &casts{by: map[string][]*sent{}}
	for i := range ballots {
		made.voters = append(made.voters, ballots[i].voter)
		made.by[ballots[i].voter] = ballots[i].sent
	}
	s.keepCasts(st, made)
	return Result{Actor: actorOf(voters), Outcome: worst(outcomes)}, errors.Join(errs...)
}

// interpose puts a forgetful server before the real one where some voter is to
// lose an acknowledgement; undo takes it away. On a target that does not allow
// it, late-ack is no more than asking again.
func (e *election) interpose(ctx context.Context, oddities []string, lost *liar.Forgetful) (undo func(), err error) {
	late := false
	for _, o := range oddities {
		late = late || o == "late-ack"
	}
	insider, ok := e.target.(targets.Corruptible)
	if !late || !ok {
		return nil, nil
	}
	e.liar.Lock()
	if err := insider.Interpose(ctx, lost.Answer); err != nil {
		e.liar.Unlock()
		return nil, wrapTarget(err)
	}
	return func() {
		// Whoever calls next sees whether it is gone.
		_ = insider.Interpose(context.WithoutCancel(ctx), nil)
		e.liar.Unlock()
	}, nil
}

// voting is one voter's way through the booth.
type voting struct {
	election *election
	voter    string
	instead  map[string][]string
	oddity   string
	lost     *liar.Forgetful
	sent     []*sent
}

func (b *voting) vote(ctx context.Context) (event.Outcome, error) {
	p, err := b.election.player(ctx, b.voter)
	if err != nil {
		return event.Unknown, err
	}
	v, want, err := b.election.want(b.voter, b.instead)
	if err != nil {
		return event.Unknown, err
	}
	if b.oddity == "challenge" {
		if outcome, err := b.challenge(ctx, p, v, want); err != nil || outcome != event.OK {
			return outcome, err
		}
	}
	outcome, made, err := b.once(ctx, p, v, want)
	if err != nil || outcome != event.OK {
		return outcome, err
	}
	switch b.oddity {
	case "retry":
		return b.decide(ctx, p, v, want, made)
	case "revote":
		if b.election.session.cfg.Plan.Electorate.Revote {
			outcome, _, err = b.once(ctx, p, v, want)
		}
	}
	return outcome, err
}

// once encrypts a ballot and casts it.
func (b *voting) once(ctx context.Context, p player, v history.Voter, want history.Vote) (event.Outcome, *ballot, error) {
	made, outcome, err := b.encrypt(ctx, p, v, want)
	if err != nil || made == nil {
		return outcome, nil, err
	}
	if b.oddity == "late-ack" {
		b.lost.Lose(made.tracker)
	}
	for range tries {
		outcome, err = b.decide(ctx, p, v, want, made)
		if err != nil || outcome != event.Unknown {
			break
		}
	}
	if made.sent != nil {
		b.sent = append(b.sent, made.sent)
	}
	return outcome, made, err
}

// encrypt hands a ballot in. Where the box will not have it no decision is
// made, so that the ballot cannot count: that is recorded as a cast refused.
func (b *voting) encrypt(ctx context.Context, p player, v history.Voter, want history.Vote) (*ballot, event.Outcome, error) {
	made, err := p.encrypt(ctx, choices(want))
	var refused errBox
	if errors.As(err, &refused) {
		pending := b.election.invoke(event.Operation{Actor: b.voter, Role: history.RoleVoter, Op: history.OpCast,
			Ballot: b.election.truth(v, want)})
		b.election.session.refused(b.election.step, refused.role, refused.answer.Code, refused.answer.Detail)
		return nil, end(pending, refused.answer, nil), nil
	}
	if err != nil {
		return nil, event.Unknown, wrapTarget(err)
	}
	b.election.show(b.voter, made.tracker)
	return made, event.OK, nil
}

// decide casts a ballot, or asks again.
func (b *voting) decide(ctx context.Context, p player, v history.Voter, want history.Vote, made *ballot) (event.Outcome, error) {
	truth := b.election.truth(v, want)
	truth.Tracker, truth.Predecessor = made.tracker, made.predecessor
	if h, ok := p.(*harnessVoter); ok {
		truth.Credential = h.Credential.Key.String()
	}
	pending := b.election.invoke(event.Operation{Actor: b.voter, Role: history.RoleVoter, Op: history.OpCast, Ballot: truth})
	defer pending.Unknown(nil)
	a, err := p.cast(ctx, made)
	if err != nil {
		return event.Unknown, err
	}
	if a.Outcome == targets.Refused {
		b.election.session.refused(b.election.step, "authority", a.Code, a.Detail)
	}
	return end(pending, a, promised(made)), nil
}

// promised adds the index that the voter was promised.
func promised(made *ballot) func(*event.Operation) {
	return func(o *event.Operation) {
		if made.sent != nil && made.sent.ticket != nil && made.sent.ticket.Receipt != nil && made.sent.index < 1<<53 {
			n := int64(made.sent.index)
			o.Ballot.Index = &n
		}
	}
}

// challenge encrypts a ballot and opens it.
func (b *voting) challenge(ctx context.Context, p player, v history.Voter, want history.Vote) (event.Outcome, error) {
	made, outcome, err := b.encrypt(ctx, p, v, want)
	if err != nil || made == nil {
		return outcome, err
	}
	truth := b.election.truth(v, want)
	truth.Tracker = made.tracker
	pending := b.election.invoke(event.Operation{Actor: b.voter, Role: history.RoleVoter, Op: OpChallenge, Ballot: truth})
	defer pending.Unknown(nil)
	a, err := p.challenge(ctx, made)
	if err != nil {
		return event.Unknown, err
	}
	if a.Outcome == targets.Refused {
		b.election.session.refused(b.election.step, "authority", a.Code, a.Detail)
	}
	return end(pending, a, nil), nil
}

// check is the check that voters owe.
func (s *Session) check(ctx context.Context, st Step) (Result, error) {
	return s.eachVoter(ctx, st, (*election).checkBy)
}

// eachVoter has every voter of a step do the same, all at once.
func (s *Session) eachVoter(ctx context.Context, st Step, do func(*election, context.Context, string) error) (Result, error) {
	e, err := s.in(st)
	if err != nil {
		return Result{}, err
	}
	voters := st.Args.List("voters")
	errs := make([]error, len(voters))
	crowded(len(voters), func(i int) { errs[i] = do(e, ctx, voters[i]) })
	return Result{Actor: actorOf(voters), Outcome: event.OK}, errors.Join(errs...)
}

func (e *election) checkBy(ctx context.Context, voter string) error {
	p, err := e.player(ctx, voter)
	if err != nil {
		return err
	}
	pending := e.invoke(event.Operation{Actor: voter, Role: history.RoleVoter, Op: OpCheck})
	defer pending.Unknown(nil)
	found, err := p.check(ctx)
	if err != nil {
		return wrapTarget(err)
	}
	for i := range found {
		found[i].Role = "voter/" + voter // whoever the target says it was
	}
	e.session.alarms(found)
	pending.OK(nil)
	return nil
}
