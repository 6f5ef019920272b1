package action

import (
	"context"
	"fmt"
	"sync"

	"scrutineer/harness/dialect/scrutineer"
	"scrutineer/harness/history"
	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/reports/event"
	"scrutineer/targets"
)

// demand is one of the two things that a voter wants with a ballot.
type demand struct {
	kind string // "cast" or "challenge"
	sent *sent
}

// castAndChallenge is B04: a ballot is cast and opened.
func (s *Session) castAndChallenge(ctx context.Context, st Step) (Result, error) {
	voter := st.Args.Text("voter")
	r := Result{Actor: voter, Outcome: event.Unknown}
	e, err := s.in(st)
	if err != nil {
		return r, err
	}
	v, err := e.own(ctx, voter)
	if err != nil {
		return r, err
	}
	person, want, err := e.want(voter, nil)
	if err != nil {
		return r, err
	}
	demands, a, err := e.demands(ctx, v, want, st.Args.Text("proofs") == "fresh")
	if err != nil || a.Outcome != targets.OK {
		r.Outcome, r.Detail = event.Outcome(a.Outcome), detail(a)
		return r, err
	}
	list := []demand{demands["challenge"], demands["cast"]}
	switch st.Args.Text("order") {
	case "at-once":
		r.Race = st.Name
		a, err = e.both(ctx, st, v, e.truth(person, want), list)
	case "cast-first":
		list[0], list[1] = list[1], list[0]
		fallthrough
	default:
		a, err = e.inTurn(ctx, v, e.truth(person, want), list)
	}
	r.Outcome, r.Detail = event.Outcome(a.Outcome), detail(a)
	return r, err
}

// demands prepares a ballot to be cast and one to be opened, and hands them
// in: one body, or two of the same ciphertexts with proofs of their own.
func (e *election) demands(ctx context.Context, v *harnessVoter, want history.Vote, fresh bool) (map[string]demand, targets.Answer, error) {
	first, err := v.prepare(ctx, choices(want))
	if err != nil {
		return nil, targets.Answer{}, err
	}
	second := first
	if fresh {
		err = e.session.compute(ctx, func() error {
			second, err = v.Election.Reprove(v.Line, first, v.Random)
			return err
		})
		if err != nil {
			return nil, targets.Answer{}, err
		}
	}
	a, err := e.handOne(ctx, v, first)
	if err == nil && fresh && a.Outcome == targets.OK {
		a, err = e.handOne(ctx, v, second)
	}
	if err != nil {
		return nil, a, err
	}
	opened, cast := &sent{prepared: first}, &sent{prepared: second}
	if opened.ticket, opened.decision, err = v.Challenge(first); err != nil {
		return nil, a, err
	}
	if cast.ticket, cast.decision, err = v.Cast(second, v.Head()); err != nil {
		return nil, a, err
	}
	if a.Outcome == targets.OK {
		a, err = v.authorised(ctx, cast)
	}
	return map[string]demand{"challenge": {"challenge", opened}, "cast": {"cast", cast}}, a, err
}

// handOne hands a body in and records it.
func (e *election) handOne(ctx context.Context, v *harnessVoter, p *scrutineer.Prepared) (targets.Answer, error) {
	pending := e.invoke(event.Operation{Actor: v.ID, Role: history.RoleVoter, Op: OpSubmit, Adversary: true})
	defer pending.Unknown(nil)
	_, a, err := v.submit(ctx, p)
	if err != nil {
		return a, err
	}
	end(pending, a, nil)
	e.show(v.ID, p.Tracker.String())
	if a.Outcome == targets.Refused {
		e.session.refused(e.step, "authority", a.Code, a.Detail)
	}
	return a, nil
}

// inTurn makes one demand after the other. Where the cast comes second its
// body is handed in again, in case the first used it up. The answer is the
// second one's, unless the first was not granted.
func (e *election) inTurn(ctx context.Context, v *harnessVoter, truth *event.Ballot, list []demand) (targets.Answer, error) {
	a, err := e.decide(ctx, v, truth, "", list[0])
	if err != nil || a.Outcome != targets.OK {
		return a, err
	}
	if list[1].kind == "cast" && list[1].sent.prepared == list[0].sent.prepared {
		if a, err := e.handOne(ctx, v, list[1].sent.prepared); err != nil || a.Outcome != targets.OK {
			return a, err
		}
	}
	return e.decide(ctx, v, truth, "", list[1])
}

// both makes the demands at one moment. The answer is that of the one that
// was not granted, if there is one.
func (e *election) both(ctx context.Context, st Step, v *harnessVoter, truth *event.Ballot, list []demand) (targets.Answer, error) {
	pending := make([]*history.Pending, len(list))
	answers, errs := make([]targets.Answer, len(list)), make([]error, len(list))
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i, d := range list {
		pending[i] = e.demanded(v, truth, st.Name, d)
		defer pending[i].Unknown(nil)
		wg.Go(func() {
			<-start
			answers[i], errs[i] = v.submitter.Submit(ctx, d.kind, d.sent.decision)
		})
	}
	close(start)
	wg.Wait()
	out := targets.Answer{Outcome: targets.OK}
	for i, d := range list {
		a, err := answered(ctx, answers[i], errs[i])
		if err != nil {
			return a, err
		}
		if a = e.granted(pending[i], v, d, a); a.Outcome != targets.OK {
			out = a
		}
	}
	return out, nil
}

// decide makes one demand.
func (e *election) decide(ctx context.Context, v *harnessVoter, truth *event.Ballot, race string, d demand) (targets.Answer, error) {
	pending := e.demanded(v, truth, race, d)
	defer pending.Unknown(nil)
	a, err := v.submitter.Submit(ctx, d.kind, d.sent.decision)
	if a, err = answered(ctx, a, err); err != nil {
		return a, err
	}
	return e.granted(pending, v, d, a), nil
}

// demanded records that a demand is made.
func (e *election) demanded(v *harnessVoter, truth *event.Ballot, race string, d demand) *history.Pending {
	b := *truth
	b.Credential, b.Tracker = v.Credential.Key.String(), d.sent.prepared.Tracker.String()
	op := OpChallenge
	if d.kind == "cast" {
		op, b.Predecessor = history.OpCast, d.sent.ticket.Decision.Predecessor
	}
	return e.invoke(event.Operation{Actor: v.ID, Role: history.RoleVoter, Op: op, Adversary: true, Race: race, Ballot: &b})
}

// granted takes the answer as the voter does, and records it.
func (e *election) granted(p *history.Pending, v *harnessVoter, d demand, a targets.Answer) targets.Answer {
	a = v.settle(d.sent, a)
	if a.Outcome == targets.Refused {
		e.session.refused(e.step, "authority", a.Code, a.Detail)
	}
	var extra func(*event.Operation)
	if d.kind == "cast" {
		extra = promised(&ballot{sent: d.sent})
	}
	end(p, a, extra)
	return a
}

// castOpened is B04 by the server: a ballot that its voter opened and left is
// cast in his name.
func (s *Session) castOpened(ctx context.Context, st Step) (Result, error) {
	voter := st.Args.Text("voter")
	r := Result{Actor: "server", Outcome: event.Unknown}
	e, err := s.in(st)
	if err != nil {
		return r, err
	}
	_, a, err := e.insider(ctx)
	if err != nil {
		return r, err
	}
	v, err := e.own(ctx, voter)
	if err != nil {
		return r, err
	}
	opened, err := e.openOne(ctx, v)
	if err != nil {
		return r, err
	}
	d, err := a.Vouch(v.Election, v.Credential.Key, opened.Tracker, v.Head())
	if err != nil {
		return r, err
	}
	entry, err := a.Cast(v.Election, opened.Ballot, d)
	if err != nil {
		return r, err
	}
	pending := e.invoke(event.Operation{Actor: "server", Role: string(message.RoleAuthority), Op: history.OpCast, Adversary: true,
		Ballot: &event.Ballot{Credential: v.Credential.Key.String(), Tracker: opened.Tracker.String(), Predecessor: d.Predecessor}})
	defer pending.Unknown(nil)
	if _, err := e.write(ctx, entry); err != nil {
		return r, err
	}
	pending.OK(nil)
	r.Outcome = event.OK
	return r, nil
}

// openOne has the voter make a ballot and open it, honestly. What anybody
// can read of it, the server can.
func (e *election) openOne(ctx context.Context, v *harnessVoter) (*scrutineer.Prepared, error) {
	person, want, err := e.want(v.ID, nil)
	if err != nil {
		return nil, err
	}
	made, err := v.encrypt(ctx, choices(want))
	if err != nil {
		return nil, err
	}
	e.show(v.ID, made.tracker)
	truth := e.truth(person, want)
	truth.Tracker = made.tracker
	pending := e.invoke(event.Operation{Actor: v.ID, Role: history.RoleVoter, Op: OpChallenge, Ballot: truth})
	defer pending.Unknown(nil)
	a, err := v.challenge(ctx, made)
	if err != nil {
		return nil, err
	}
	if end(pending, a, nil) != event.OK {
		return nil, fmt.Errorf("%w: the ballot was not opened: %s", targets.ErrTarget, detail(a))
	}
	// The body as the box has it: what was handed in, read again.
	s, err := codec.Decode[message.Submission](made.sent.submission, codec.Limits{Size: message.MaxBody})
	if err != nil {
		return nil, err
	}
	return &scrutineer.Prepared{Ballot: s.Ballot, Tracker: made.sent.prepared.Tracker}, nil
}
