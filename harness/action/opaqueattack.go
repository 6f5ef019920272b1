package action

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"scrutineer/harness/history"
	"scrutineer/reports/event"
	"scrutineer/targets"
)

// opaqueMake keeps honest ballots that are not sent yet.
func (s *Session) opaqueMake(ctx context.Context, st Step) (Result, error) {
	voter := st.Args.Text("voter")
	r := Result{Actor: voter, Outcome: event.OK}
	e, err := s.poll(st)
	if err != nil {
		return r, err
	}
	for range max(1, st.Args.Int("count")) {
		c, outcome, err := e.honest(ctx, voter, st.Args.Choices("choices"))
		if err != nil || c == nil {
			r.Outcome = outcome
			return r, err
		}
		s.keepCarried(st, c)
	}
	return r, nil
}

// opaqueForgeSum is A08: the voter's client makes a ballot without looking at
// the choices.
func (s *Session) opaqueForgeSum(ctx context.Context, st Step) (Result, error) {
	voter, contest := st.Args.Text("voter"), st.Args.Text("contest")
	r := Result{Actor: voter, Outcome: event.OK}
	e, err := s.poll(st)
	if err != nil {
		return r, err
	}
	_, vote, err := e.want(voter, nil)
	if err != nil {
		return r, err
	}
	c, _ := s.cfg.Plan.Electorate.Contest(contest)
	marks := choices(vote)
	switch st.Args.Text("marks") {
	case "all":
		marks[contest] = slices.Clone(c.Options)
	case "blank-and-one":
		marks[contest] = []string{targets.BlankOption, c.Options[0]}
	default:
		marks[contest] = []string{}
	}
	made, a, err := e.encrypt(ctx, voter, marks, nil, true)
	if err != nil {
		return r, err
	}
	if made == nil {
		a.Detail = "the client makes no such ballot: " + a.Detail
		e.refuse("voter", a)
		r.Outcome, r.Detail = event.Refused, a.Detail
		return r, nil
	}
	made.forgery = "a ballot with an unlawful number of marks"
	s.keepCarried(st, made)
	return r, nil
}

// opaqueCastBody casts what an earlier step made. Where it made nothing there
// is nothing to do.
func (s *Session) opaqueCastBody(ctx context.Context, st Step) (Result, error) {
	r := Result{Actor: st.Args.Text("voter"), Outcome: event.Refused}
	e, err := s.poll(st)
	if err != nil {
		return r, err
	}
	var outcomes []event.Outcome
	for _, c := range s.carriedBy(st.Args.Text("body")) {
		e.follow(c)
		a, err := e.brought(ctx, c, asVoter(c))
		if err != nil {
			return r, err
		}
		outcomes = append(outcomes, event.Outcome(a.Outcome))
		r.Detail = detail(a)
	}
	r.Outcome = best(outcomes)
	return r, nil
}

// follow makes a ballot follow the voter's last acknowledged one.
func (e *poll) follow(c *carried) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if head := e.heads[c.voter]; head != "" && head != c.tracker {
		c.predecessor = head
	}
}

// brought sends a ballot. A forged one that is acknowledged and does not come
// to stand on the board is one that the system did not take: it was weeded
// out, or taken for the one that it copies.
func (e *poll) brought(ctx context.Context, c *carried, as sendAs) (targets.Answer, error) {
	before, err := e.board(ctx)
	if err != nil {
		return targets.Answer{}, err
	}
	a, err := e.send(ctx, c, as)
	if err != nil || c.forgery == "" || a.Outcome != targets.OK || before == nil {
		return a, err
	}
	after, err := e.board(ctx)
	if err == nil && len(after.Entries) == len(before.Entries) {
		a = targets.Answer{Outcome: targets.Refused, Code: codeOnce, Detail: "it was acknowledged and not put on the board: " + c.forgery}
		e.refuse("authority", a)
	}
	return a, err
}

// opaqueRepeat sends one ballot many times at once.
func (s *Session) opaqueRepeat(ctx context.Context, st Step) (Result, error) {
	voter := st.Args.Text("voter")
	r := Result{Actor: voter, Outcome: event.Unknown, Race: st.Name}
	e, err := s.poll(st)
	if err != nil {
		return r, err
	}
	c, outcome, err := e.honest(ctx, voter, nil)
	if err != nil || c == nil {
		r.Outcome = outcome
		return r, err
	}
	list := make([]*carried, st.Args.Int("count"))
	for i := range list {
		list[i] = c
	}
	answers, err := e.dash(ctx, st, list)
	r.Outcome = best(outcomesOf(answers))
	return r, err
}

// opaqueRace sends ballots for several choices at once, all after the same
// one. Where voters have one ballot, at most one may be acknowledged.
func (s *Session) opaqueRace(ctx context.Context, st Step) (Result, error) {
	voter := st.Args.Text("voter")
	r := Result{Actor: voter, Outcome: event.Unknown, Race: st.Name}
	e, err := s.poll(st)
	if err != nil {
		return r, err
	}
	_, want, err := e.want(voter, nil)
	if err != nil {
		return r, err
	}
	var list []*carried
	for i := range int(st.Args.Int("count")) {
		vote := s.variant(want, i)
		c, a, err := e.encrypt(ctx, voter, choices(vote), vote, false)
		if err != nil || c == nil {
			r.Outcome, r.Detail = event.Outcome(a.Outcome), detail(a)
			return r, err
		}
		list = append(list, c)
	}
	answers, err := e.dash(ctx, st, list)
	if err != nil {
		return r, err
	}
	n := 0
	for _, a := range answers {
		if a.Outcome == targets.OK {
			n++
		}
	}
	if r.Outcome = event.Refused; n > 1 {
		r.Outcome = event.OK
	}
	return r, nil
}

// variant is the wish with another option in the first contest, turn by turn.
func (s *Session) variant(want history.Vote, i int) history.Vote {
	out := history.Vote{}
	for contest, x := range want {
		out[contest] = x
	}
	for _, c := range s.cfg.Plan.Electorate.Contests {
		if x, ok := out[c.ID]; ok && len(x.Options) == 1 {
			out[c.ID] = history.Selection{Options: []string{c.Options[i%len(c.Options)]}}
			break
		}
	}
	return out
}

// dash sends ballots as nearly at once as goroutines do. Nobody waits for the
// first answers that are to be abandoned; their voter asks again.
func (e *poll) dash(ctx context.Context, st Step, list []*carried) ([]targets.Answer, error) {
	answers, errs := make([]targets.Answer, len(list)), make([]error, len(list))
	abandon := int(st.Args.Int("abandon"))
	run := func(from, to int, lost bool) {
		start := make(chan struct{})
		var wg sync.WaitGroup
		for i := from; i < to; i++ {
			as := asVoter(list[i])
			as.race, as.adversary, as.lost = st.Name, st.Adversarial, lost && i < abandon
			wg.Go(func() {
				<-start
				answers[i], errs[i] = e.send(ctx, list[i], as)
			})
		}
		close(start)
		wg.Wait()
	}
	run(0, len(list), true)
	run(0, min(abandon, len(list)), false)
	return answers, errors.Join(errs...)
}

func outcomesOf(answers []targets.Answer) []event.Outcome {
	var out []event.Outcome
	for _, a := range answers {
		out = append(out, event.Outcome(a.Outcome))
	}
	return out
}

// opaqueCopy is A01: voters cast, as their own, the bytes of another's ballot.
func (s *Session) opaqueCopy(ctx context.Context, st Step) (Result, error) {
	voters := st.Args.List("voters")
	r := Result{Actor: actorOf(voters), Outcome: event.Unknown}
	e, err := s.poll(st)
	if err != nil {
		return r, err
	}
	var outcomes []event.Outcome
	for _, voter := range voters {
		victim, err := e.victim(voter, st.Args.List("of"))
		if err != nil {
			return r, err
		}
		credential, err := e.credential(ctx, voter)
		if err != nil {
			return r, err
		}
		c := &carried{voter: voter, credential: credential, ballot: victim.ballot, tracker: victim.tracker,
			predecessor: history.None, forgery: "a copy of the ballot of " + victim.voter}
		e.follow(c)
		a, err := e.brought(ctx, c, asVoter(c))
		if err != nil {
			return r, err
		}
		outcomes = append(outcomes, event.Outcome(a.Outcome))
		r.Detail = detail(a)
		s.keepCarried(st, c)
	}
	r.Outcome = best(outcomes)
	return r, nil
}

// victim is the standing ballot of one of the voters, in the copier's unit.
func (e *poll) victim(copier string, of []string) (*carried, error) {
	me, _, err := e.want(copier, nil)
	if err != nil {
		return nil, err
	}
	for _, name := range of {
		v, _, err := e.want(name, nil)
		if err != nil {
			return nil, err
		}
		if c := e.standing(name); c != nil && v.Unit == me.Unit {
			return c, nil
		}
	}
	return nil, fmt.Errorf("%w: nobody whose ballot is copied has voted in the unit of %s", ErrPlan, copier)
}

// opaqueCastAs is C09: a ballot in one voter's name, brought by another, who
// shows his own credential or none.
func (s *Session) opaqueCastAs(ctx context.Context, st Step) (Result, error) {
	as := st.Args.Text("as")
	r := Result{Actor: as, Outcome: event.Unknown}
	e, err := s.poll(st)
	if err != nil {
		return r, err
	}
	c, outcome, err := e.honest(ctx, st.Args.Text("voter"), st.Args.Choices("instead"))
	if err != nil || c == nil {
		r.Outcome = outcome
		return r, err
	}
	c.credential, c.forgery = "", "a ballot in the name of "+c.voter+" from somebody else"
	if st.Args.Text("how") == "session" {
		if c.credential, err = e.credential(ctx, as); err != nil {
			return r, err
		}
	}
	a, err := e.brought(ctx, c, sendAs{actor: "network", role: "network", adversary: true})
	r.Outcome, r.Detail = event.Outcome(a.Outcome), detail(a)
	return r, err
}

// opaqueReplay is A14: ballots of another election, sent as they are. An old
// decision is the whole message as somebody saw it pass; a fresh one has the
// voter's credential of this election.
func (s *Session) opaqueReplay(ctx context.Context, st Step) (Result, error) {
	r := Result{Actor: "adversary", Outcome: event.Unknown}
	e, err := s.poll(st)
	if err != nil {
		return r, err
	}
	var outcomes []event.Outcome
	for _, old := range s.carriedBy(st.Args.Text("casts")) {
		c := &carried{voter: old.voter, credential: old.credential, ballot: old.ballot, tracker: old.tracker,
			predecessor: history.None, forgery: "a ballot of another election"}
		as := sendAs{actor: "network", role: "network", adversary: true}
		if st.Args.Text("decision") == "fresh" {
			if c.credential, err = e.credential(ctx, c.voter); err != nil {
				return r, err
			}
			as = asVoter(c)
		}
		a, err := e.brought(ctx, c, as)
		if err != nil {
			return r, err
		}
		outcomes = append(outcomes, event.Outcome(a.Outcome))
		r.Detail = detail(a)
	}
	if len(outcomes) == 0 {
		return r, fmt.Errorf("%w: step %s cast nothing that can be sent again", ErrPlan, st.Args.Text("casts"))
	}
	r.Outcome = best(outcomes)
	return r, nil
}

// opaqueReorder is D05: a voter's first ballot comes, or comes again, after
// his second.
func (s *Session) opaqueReorder(ctx context.Context, st Step) (Result, error) {
	voter, how := st.Args.Text("voter"), st.Args.Text("how")
	r := Result{Actor: "network", Outcome: event.Unknown}
	e, err := s.poll(st)
	if err != nil {
		return r, err
	}
	first, outcome, err := e.honest(ctx, voter, st.Args.Choices("first"))
	if err != nil || first == nil {
		r.Outcome = outcome
		return r, err
	}
	if how == "held" { // the network keeps it; the voter gets no answer
		p := e.invoke(event.Operation{Actor: voter, Role: history.RoleVoter, Op: history.OpCast, Ballot: e.truth(first)})
		p.Unknown(nil)
	} else if a, err := e.send(ctx, first, asVoter(first)); err != nil || a.Outcome != targets.OK {
		r.Outcome, r.Detail = event.Outcome(a.Outcome), detail(a)
		return r, err
	}
	if _, outcome, err := e.once(ctx, voter, nil, false); err != nil || outcome != event.OK {
		r.Outcome = outcome
		return r, err
	}
	late := *first
	late.forgery = "an older ballot, brought after the one that replaces it"
	a, err := e.brought(ctx, &late, sendAs{actor: "network", role: "network", adversary: true})
	r.Outcome, r.Detail = event.Outcome(a.Outcome), detail(a)
	return r, err
}

// opaqueCloseThenCast is D07 and D06 with a ballot that comes after the close.
func (s *Session) opaqueCloseThenCast(ctx context.Context, st Step) (Result, error) {
	voter := st.Args.Text("voter")
	r := Result{Actor: voter, Outcome: event.Unknown}
	e, err := s.poll(st)
	if err != nil {
		return r, err
	}
	c, outcome, err := e.honest(ctx, voter, nil)
	if err != nil || c == nil {
		r.Outcome = outcome
		return r, err
	}
	if a, err := e.close(ctx); err != nil || a.Outcome != targets.OK {
		r.Outcome, r.Detail = event.Outcome(a.Outcome), detail(a)
		return r, err
	}
	c.forgery = "a ballot after the close"
	a, err := e.brought(ctx, c, sendAs{actor: "late", role: "network", adversary: true})
	r.Outcome, r.Detail = event.Outcome(a.Outcome), detail(a)
	return r, err
}

// opaqueDrop is D03, where the suspected server is the target itself: voters
// vote and never look again; we look for them, at once and in the result.
func (s *Session) opaqueDrop(ctx context.Context, st Step) (Result, error) {
	r, err := s.opaqueVote(ctx, st)
	if err != nil || r.Outcome != event.OK {
		return r, err
	}
	e, err := s.poll(st)
	if err != nil {
		return r, err
	}
	b, err := e.board(ctx)
	if err != nil || b == nil {
		return r, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	for voter, list := range e.last {
		if stands(b, voter, list[len(list)-1].tracker) == 0 {
			return r, nil // oracles say what it is
		}
	}
	e.refuse("authority", targets.Answer{Code: codeOnce, Detail: "every ballot that was acknowledged is on the board"})
	r.Outcome = event.Refused
	return r, nil
}

// opaqueCrash is I07 and I08: power goes when a ballot has been taken. Whose
// answer was lost with it asks again.
func (s *Session) opaqueCrash(ctx context.Context, st Step) (Result, error) {
	voter := st.Args.Text("voter")
	r := Result{Actor: "server", Outcome: event.Unknown}
	e, err := s.poll(st)
	if err != nil {
		return r, err
	}
	f, err := opaqueAbility[targets.Breakable](e, targets.Fault)
	if err != nil {
		return r, err
	}
	c, outcome, err := e.honest(ctx, voter, nil)
	if err != nil || c == nil {
		r.Outcome = outcome
		return r, err
	}
	as := asVoter(c)
	as.lost = st.Args.Text("point") == "cast/appended"
	if a, err := e.send(ctx, c, as); err != nil || a.Outcome == targets.Refused {
		r.Outcome, r.Detail = event.Outcome(a.Outcome), detail(a)
		return r, err
	}
	if a, err := f.Break(ctx, targets.CrashFault); err != nil || a.Outcome != targets.OK {
		return r, errors.Join(fmt.Errorf("%w: the fault did not take effect: %s %.200q", ErrPlan, a.Outcome, a.Detail), wrapTarget(err))
	}
	if as.lost {
		if a, err := e.send(ctx, c, asVoter(c)); err != nil || a.Outcome != targets.OK {
			r.Outcome, r.Detail = event.Outcome(a.Outcome), detail(a)
			return r, err
		}
	}
	b, err := e.board(ctx)
	if err != nil || b == nil {
		return r, err
	}
	if r.Outcome = event.OK; stands(b, voter, c.tracker) == 1 {
		e.refuse("authority", targets.Answer{Code: codeOnce, Detail: "after the crash the board has the ballot once"})
		r.Outcome = event.Refused
	}
	return r, nil
}

// opaqueGuess is the second half of the game of A01.
func (s *Session) opaqueGuess(_ context.Context, st Step) (Result, error) {
	r := Result{Actor: "adversary", Outcome: event.OK}
	e, err := s.poll(st)
	if err != nil {
		return r, err
	}
	e.mu.Lock()
	cells := e.cells
	e.mu.Unlock()
	if cells == nil {
		return r, fmt.Errorf("%w: there are no totals to guess from", targets.ErrTarget)
	}
	coin := s.cfg.Seed.Child(e.step).Stream("adversary/guess")
	for _, voter := range st.Args.List("voters") {
		toss := make([]byte, 1)
		if _, err := coin.Read(toss); err != nil {
			return r, err
		}
		if err := e.guess(st, voter, cells, int(toss[0]&1)); err != nil {
			return r, err
		}
	}
	return r, nil
}

// guess names the option of the first two that has more votes in the voter's
// cell, or the one that the coin shows.
func (e *poll) guess(st Step, voter string, cells []targets.Counted, coin int) error {
	person, _, err := e.want(voter, nil)
	if err != nil {
		return err
	}
	c, ok := e.session.cfg.Plan.Electorate.Contest(st.Args.Text("contest"))
	if !ok || len(c.Options) < 2 {
		return fmt.Errorf("%w: contest %s leaves no choice of two", ErrPlan, c.ID)
	}
	for _, x := range cells {
		if x.Contest != c.ID || !slices.Contains(x.Units, person.Unit) {
			continue
		}
		if a, b := x.Totals[c.Options[0]], x.Totals[c.Options[1]]; a > b {
			coin = 0
		} else if a < b {
			coin = 1
		}
	}
	p := e.invoke(event.Operation{Actor: "adversary", Role: "outsider", Op: OpRead, Adversary: true,
		Params: []event.Param{param("voter", voter), param("game", st.Name)}})
	p.OK(func(o *event.Operation) {
		o.Ballot = &event.Ballot{Style: person.Style, Unit: person.Unit, Choices: []event.Choice{{Contest: c.ID, Options: []string{c.Options[coin]}}}}
	})
	return nil
}
