package action

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"scrutineer/harness/history"
	"scrutineer/reports/event"
	"scrutineer/targets"
)

// voteAudited lets voters vote who challenge their devices by chance.
func (s *Session) voteAudited(ctx context.Context, st Step) (Result, error) {
	return s.audited(ctx, st, nil)
}

// flipVotes is B01: devices encrypt another vote than their voters want.
func (s *Session) flipVotes(ctx context.Context, st Step) (Result, error) {
	contest, to := st.Args.Text("contest"), st.Args.Text("to")
	r, err := s.audited(ctx, st, func(want history.Vote) history.Vote {
		out := history.Vote{}
		for id, x := range want {
			out[id] = x
		}
		out[contest] = selection([]string{to})
		return out
	})
	r.Actor = "device"
	return r, err
}

// audited has the step's voters vote with devices that may lie.
func (s *Session) audited(ctx context.Context, st Step, lie func(history.Vote) history.Vote) (Result, error) {
	voters := st.Args.List("voters")
	r := Result{Actor: actorOf(voters), Outcome: event.OK}
	e, err := s.in(st)
	if err != nil {
		return r, err
	}
	if st.Args.Int("audit") > 0 {
		if err := e.rounds(st, voters); err != nil {
			return r, err
		}
	}
	booths := make([]booth, len(voters))
	outcomes := make([]event.Outcome, len(voters))
	errs := make([]error, len(voters))
	crowded(len(voters), func(i int) {
		booths[i] = booth{voting: voting{election: e, voter: voters[i]}, game: st.Name, lie: lie,
			flip: st.Args.Int("flip"), audit: st.Args.Int("audit"),
			device: s.stream(e, st.Name+"/device/"+voters[i]), person: s.stream(e, st.Name+"/person/"+voters[i])}
		outcomes[i], errs[i] = booths[i].vote(ctx)
	})
	made := &casts{voters: voters, by: map[string][]*sent{}}
	for i := range booths {
		made.by[voters[i]] = booths[i].voting.sent
	}
	s.keepCasts(st, made)
	r.Outcome = worst(outcomes)
	return r, errors.Join(errs...)
}

// rounds records the game: every unit with one of the voters is a round.
func (e *election) rounds(st Step, voters []string) error {
	by := map[string][]string{}
	var units []string
	for _, voter := range voters {
		person, _, err := e.want(voter, nil)
		if err != nil {
			return err
		}
		if by[person.Unit] == nil {
			units = append(units, person.Unit)
		}
		by[person.Unit] = append(by[person.Unit], voter)
	}
	for _, unit := range units {
		params := []event.Param{param("game", st.Name), param("unit", unit),
			param("flip", number(st.Args.Int("flip"))), param("audit", number(st.Args.Int("audit")))}
		for _, voter := range by[unit] {
			params = append(params, param("voter", voter))
		}
		e.invoke(event.Operation{Actor: "plan", Op: OpRound, Params: params}).OK(nil)
	}
	return nil
}

// booth is one voter with a device that may lie.
type booth struct {
	voting         voting
	game           string
	lie            func(history.Vote) history.Vote
	flip, audit    int64     // chances, in thousandths
	device, person io.Reader // what the two toss
}

func (b *booth) vote(ctx context.Context) (event.Outcome, error) {
	e := b.voting.election
	p, err := e.own(ctx, b.voting.voter)
	if err != nil {
		return event.Unknown, err
	}
	v, want, err := e.want(b.voting.voter, nil)
	if err != nil {
		return event.Unknown, err
	}
	audits, err := chance(b.person, b.audit)
	if err != nil {
		return event.Unknown, err
	}
	if !audits {
		return b.cast(ctx, p, v, want, b.lie)
	}
	caught, err := b.challenge(ctx, p, v, want)
	switch {
	case err != nil:
		return event.Unknown, err
	case caught:
		return b.cast(ctx, p, v, want, nil) // with a device that he trusts
	}
	return b.cast(ctx, p, v, want, b.lie)
}

// encrypted is a ballot that the device made: of what the voter wants, or by
// chance of a lie.
func (b *booth) encrypted(ctx context.Context, p player, v history.Voter, want history.Vote, lie func(history.Vote) history.Vote) (*ballot, event.Outcome, error) {
	lies := false
	if lie != nil {
		var err error
		if lies, err = chance(b.device, b.flip); err != nil {
			return nil, event.Unknown, err
		}
	}
	if lies {
		want = lie(want)
	}
	return b.voting.encrypt(ctx, p, v, want)
}

// cast casts a ballot. What the voter wants is the truth, whatever is in it.
func (b *booth) cast(ctx context.Context, p player, v history.Voter, want history.Vote, lie func(history.Vote) history.Vote) (event.Outcome, error) {
	made, outcome, err := b.encrypted(ctx, p, v, want, lie)
	if err != nil || made == nil {
		return outcome, err
	}
	for range tries {
		outcome, err = b.voting.decide(ctx, p, v, want, made)
		if err != nil || outcome != event.Unknown {
			break
		}
	}
	b.voting.sent = append(b.voting.sent, made.sent)
	return outcome, err
}

// challenge has a ballot opened and the opening checked by another device; it
// says whether that was not content.
func (b *booth) challenge(ctx context.Context, p player, v history.Voter, want history.Vote) (caught bool, err error) {
	e := b.voting.election
	made, _, err := b.encrypted(ctx, p, v, want, b.lie)
	if err != nil || made == nil {
		return false, err
	}
	truth := e.truth(v, want)
	truth.Tracker = made.tracker
	pending := e.invoke(event.Operation{Actor: v.Name, Role: history.RoleVoter, Op: OpChallenge, Ballot: truth})
	defer pending.Unknown(nil)
	a, err := p.challenge(ctx, made)
	if err != nil {
		return false, err
	}
	if a.Outcome == targets.Refused {
		e.session.refused(e.step, "authority", a.Code, a.Detail)
	}
	if end(pending, a, nil) != event.OK {
		return false, nil
	}
	return b.opened(ctx, made, v, want)
}

// opened is the audit by the target's own client. The voter tells it himself
// what he chose and what tracker he was shown.
func (b *booth) opened(ctx context.Context, made *ballot, v history.Voter, want history.Vote) (caught bool, err error) {
	e := b.voting.election
	voters, err := ability[targets.Voters](e, targets.Client)
	if err != nil {
		return false, err
	}
	client, err := voters.Voter(ctx, v.Name)
	if err != nil {
		return false, wrapTarget(err)
	}
	auditor, ok := client.(targets.Auditor)
	if !ok {
		return false, &Unable{targets.Client}
	}
	pending := e.invoke(event.Operation{Actor: v.Name, Role: history.RoleVoter, Op: OpAudit, Params: []event.Param{param("game", b.game)}})
	defer pending.Unknown(nil)
	found, err := auditor.Audit(ctx, made.sent.decision, made.tracker, choices(want))
	if err != nil {
		return false, wrapTarget(err)
	}
	e.session.alarms(by("voter/"+v.Name, found))
	if len(found) == 0 {
		pending.OK(nil)
		return false, nil
	}
	pending.Refused(func(o *event.Operation) { o.Code, o.Message = found[0].Check, event.Clip(found[0].Detail, maxDetail) })
	return true, nil
}

// chance is true in so many of a thousand cases.
func chance(r io.Reader, thousandths int64) (bool, error) {
	b := make([]byte, 8)
	if _, err := io.ReadFull(r, b); err != nil {
		return false, fmt.Errorf("tossing a coin: %w", err)
	}
	return int64(binary.BigEndian.Uint64(b)%1000) < thousandths, nil
}
