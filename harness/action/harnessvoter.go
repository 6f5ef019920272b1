package action

import (
	"context"
	"errors"
	"fmt"

	"scrutineer/harness/dialect/scrutineer"
	"scrutineer/protocols/codec"
	"scrutineer/protocols/ristretto"
	"scrutineer/targets"
)

// harnessVoter is a voter whom the harness plays with the dialect's client.
type harnessVoter struct {
	*scrutineer.Voter
	election  *election
	submitter targets.Submitter
	waiting   map[string]*sent // by handle
	code      string           // for logging in, where there is an identity service
	token     string           // of the session
}

func (e *election) harnessVoter(ctx context.Context, voter string) (player, error) {
	public, err := e.public(ctx)
	if err != nil {
		return nil, err
	}
	submitter, err := ability[targets.Submitter](e, targets.Submit)
	if err != nil {
		return nil, err
	}
	c, err := e.credential(ctx, voter)
	if err != nil {
		return nil, err
	}
	secret := new(ristretto.Scalar)
	if err := secret.UnmarshalBinary(c.Secret[:]); err != nil {
		return nil, fmt.Errorf("%w: credential of %s: %w", targets.ErrTarget, voter, err)
	}
	return &harnessVoter{
		Voter: &scrutineer.Voter{
			ID: voter, Credential: scrutineer.NewCredential(secret), Election: public,
			Line:   scrutineer.Line{Key: c.Key, Style: c.Style, Unit: c.Unit, Weight: c.Weight},
			Random: e.session.stream(e, "voter/"+voter),
		},
		election: e, submitter: submitter, waiting: map[string]*sent{}, code: c.Code,
	}, nil
}

func (v *harnessVoter) encrypt(ctx context.Context, choices scrutineer.Choices) (*ballot, error) {
	p, err := v.prepare(ctx, choices)
	if err != nil {
		return nil, err
	}
	x, a, err := v.submit(ctx, p)
	switch {
	case err != nil:
		return nil, err
	case a.Outcome == targets.Refused:
		return nil, errBox{"authority", a}
	case a.Outcome != targets.OK:
		return nil, fmt.Errorf("%w: handing in a ballot: %s", targets.ErrTarget, a.Detail)
	}
	return v.ballot(x), nil
}

// ballot is a submitted body as the other half of a vote needs it.
func (v *harnessVoter) ballot(x *sent) *ballot {
	tracker := x.prepared.Tracker.String()
	v.waiting[tracker] = x
	return &ballot{handle: tracker, tracker: tracker, predecessor: v.Head(), sent: x}
}

// prepare makes an honest ballot.
func (v *harnessVoter) prepare(ctx context.Context, choices scrutineer.Choices) (p *scrutineer.Prepared, err error) {
	err = v.election.session.compute(ctx, func() error {
		p, err = v.Prepare(choices)
		return err
	})
	return p, err
}

// submit hands a body to the box with the voter's signature.
func (v *harnessVoter) submit(ctx context.Context, p *scrutineer.Prepared) (*sent, targets.Answer, error) {
	raw, err := v.Submission(p)
	if err != nil {
		return nil, targets.Answer{}, err
	}
	a, err := v.submitter.Submit(ctx, "ballot", raw)
	a, err = answered(ctx, a, err)
	return &sent{submission: raw, prepared: p}, a, err
}

func (v *harnessVoter) cast(ctx context.Context, b *ballot) (targets.Answer, error) {
	x := v.waiting[b.handle]
	if x.ticket == nil {
		t, raw, err := v.Cast(x.prepared, b.predecessor)
		if err != nil {
			return targets.Answer{}, err
		}
		x.ticket, x.decision = t, raw
	}
	if a, err := v.authorised(ctx, x); err != nil || a.Outcome != targets.OK {
		return a, err
	}
	a, err := v.submitter.Submit(ctx, "cast", x.decision)
	if a, err = answered(ctx, a, err); err != nil {
		return a, err
	}
	return v.settle(x, a), nil
}

func (v *harnessVoter) challenge(ctx context.Context, b *ballot) (targets.Answer, error) {
	x := v.waiting[b.handle]
	if x.ticket == nil {
		t, raw, err := v.Challenge(x.prepared)
		if err != nil {
			return targets.Answer{}, err
		}
		x.ticket, x.decision = t, raw
	}
	a, err := v.submitter.Submit(ctx, "challenge", x.decision)
	if a, err = answered(ctx, a, err); err != nil {
		return a, err
	}
	return v.settle(x, a), nil
}

// settle takes the box's answer as the voter takes it: without a receipt or a
// signed refusal the outcome is unknown.
func (v *harnessVoter) settle(x *sent, a targets.Answer) targets.Answer {
	if a.Outcome == targets.Unknown && len(a.Body) == 0 {
		return a
	}
	if err := v.Answer(x.ticket, a.Body); err != nil {
		a.Outcome = targets.Unknown
		if a.Detail == "" {
			a.Detail = err.Error()
		}
		return a
	}
	switch x.ticket.Outcome {
	case scrutineer.Accepted:
		a.Outcome, x.index = targets.OK, x.ticket.Receipt.Index
	case scrutineer.Refused:
		a.Outcome, a.Code = targets.Refused, string(x.ticket.Refusal.Reason)
	}
	return a
}

// check makes the owed check with the target's own client where it takes what
// was cast with another, else with the harness's.
func (v *harnessVoter) check(ctx context.Context) ([]targets.Finding, error) {
	client, keeper, err := v.keeper(ctx)
	if err != nil {
		return nil, err
	}
	if keeper == nil {
		return v.checkOwn(ctx)
	}
	if err := v.hand(ctx, keeper); err != nil {
		return nil, err
	}
	return client.Check(ctx)
}

// keeper is the target's client of the voter, where it takes what was cast
// with another; else nil.
func (v *harnessVoter) keeper(ctx context.Context) (targets.Voter, targets.Keeper, error) {
	voters, ok := v.election.target.(targets.Voters)
	if !ok {
		return nil, nil, nil
	}
	client, err := voters.Voter(ctx, v.ID)
	if err != nil {
		return nil, nil, err
	}
	keeper, _ := client.(targets.Keeper)
	return client, keeper, nil
}

// hand gives the voter's decisions and receipts to the target's client.
func (v *harnessVoter) hand(ctx context.Context, keeper targets.Keeper) error {
	for _, t := range v.History {
		if t.Outcome != scrutineer.Accepted || t.Decision == nil {
			continue
		}
		decision, err := codec.Encode(*t.Decision)
		if err != nil {
			return err
		}
		receipt, err := codec.Encode(*t.Receipt)
		if err != nil {
			return err
		}
		if err := keeper.Keep(ctx, decision, receipt); err != nil {
			return err
		}
	}
	return nil
}

// checkOwn makes the check with the harness's client.
func (v *harnessVoter) checkOwn(ctx context.Context) ([]targets.Finding, error) {
	var size uint64
	for _, t := range v.History {
		if t.Receipt != nil {
			size = max(size, t.Receipt.Index+1)
		}
	}
	var alarm *scrutineer.Alarm
	err := v.election.board.see(ctx, size, func(view *scrutineer.View) error { return v.Check(view) })
	switch {
	case errors.As(err, &alarm):
	case err != nil:
		return nil, err
	default:
		return nil, nil
	}
	f := targets.Finding{Role: "voter/" + v.ID, Check: "S-21", Culprit: "board", Detail: alarm.Reason,
		Entry: &alarm.Index, ThirdParty: alarm.Provable, Evidence: map[string][]byte{"head": alarm.Head}}
	if alarm.Receipt != nil {
		if f.Evidence["receipt"], err = codec.Encode(*alarm.Receipt); err != nil {
			return nil, err
		}
	}
	return []targets.Finding{f}, nil
}
