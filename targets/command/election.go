package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"scrutineer/targets"
)

// election is one on an adapter.
type election struct {
	target *Target
	group  string
	id     string
	proc   *process
	told   *described
	creds  map[string]string
	once   sync.Once
}

// full is all that an election here can do; what the adapter does not offer
// answers with targets.ErrUnable.
var _ interface {
	targets.Election
	targets.Encrypter
	targets.Caster
	targets.Credentials
	targets.Lister
	targets.Closer
	targets.Tallier
	targets.Publisher
	targets.SelfVerifier
	targets.Breakable
} = (*election)(nil)

// Open implements targets.Target. Draft is JSON of targets.Poll.
func (t *Target) Open(ctx context.Context, d targets.Definition) (targets.Election, error) {
	told, err := t.describe(ctx)
	if err != nil {
		return nil, err
	}
	e := &election{target: t, group: cmp.Or(d.Group, d.ID), id: d.ID, told: told}
	if e.proc, err = t.join(ctx, e.group, told); err != nil {
		t.leave(e.group)
		return nil, err
	}
	var out setupDone
	err = e.ask(ctx, opSetup, setupArgs{Election: d.ID, Seed: d.Seed, Poll: d.Draft}, &out, t.cfg.Limits.Wait)
	var no *refused
	if errors.As(err, &no) {
		err = &targets.Refusal{Role: "authority", Check: no.Code, Detail: no.Detail}
	}
	if err != nil {
		return nil, errors.Join(err, e.Close())
	}
	for voter, c := range out.Credentials {
		if len(c) > t.cfg.Limits.Ballot {
			return nil, errors.Join(fmt.Errorf("%w: the credential of %.64q is longer than %d bytes", targets.ErrTarget, voter, t.cfg.Limits.Ballot), e.Close())
		}
	}
	e.creds = out.Credentials
	return e, nil
}

// Close implements targets.Election.
func (e *election) Close() error {
	e.once.Do(func() { e.target.leave(e.group) })
	return nil
}

// Info implements targets.Election: there is nothing that harness and target
// both understand.
func (e *election) Info(context.Context) ([]byte, error) {
	return nil, fmt.Errorf("%w: the command protocol has no status", targets.ErrUnable)
}

// ask asks what the adapter offers.
func (e *election) ask(ctx context.Context, op string, args, to any, within time.Duration) error {
	if !slices.Contains(e.told.Operations, op) {
		return fmt.Errorf("%w: the adapter does not offer the operation %s", targets.ErrUnable, op)
	}
	return ask(ctx, e.proc, op, args, to, within)
}

// answer makes an Answer of what ask returned.
func answer(err error) (targets.Answer, error) {
	var no *refused
	switch {
	case err == nil:
		return targets.Answer{Outcome: targets.OK}, nil
	case errors.As(err, &no):
		return targets.Answer{Outcome: targets.Refused, Code: no.Code, Detail: no.Detail}, nil
	}
	return targets.Answer{Outcome: targets.Unknown}, err
}

// oversized is the error for what is larger than it may be.
func (e *election) oversized(op, what string, limit int) error {
	err := fmt.Errorf("its answer to %s has %s above %d", op, what, limit)
	e.proc.fail(err)
	return fmt.Errorf("%w: the adapter: %w", targets.ErrTarget, err)
}

// Encrypt implements targets.Encrypter.
func (e *election) Encrypt(ctx context.Context, voter string, choices map[string][]string, unchecked bool) (targets.Sealed, targets.Answer, error) {
	l := e.target.cfg.Limits
	var out encryptDone
	a, err := answer(e.ask(ctx, opEncrypt, encryptArgs{e.id, voter, choices, unchecked}, &out, l.Request))
	switch {
	case err != nil || a.Outcome != targets.OK:
		return targets.Sealed{}, a, err
	case len(out.Ballot) > l.Ballot || len(out.Tracker) > maxTracker:
		return targets.Sealed{}, a, e.oversized(opEncrypt, "a ballot or tracker", l.Ballot)
	case len(out.Ballot) == 0:
		err := errors.New("its answer to encrypt has an empty ballot")
		e.proc.fail(err)
		return targets.Sealed{}, a, fmt.Errorf("%w: the adapter: %w", targets.ErrTarget, err)
	}
	return targets.Sealed{Ballot: out.Ballot, Tracker: out.Tracker}, a, nil
}

// maxTracker bounds a tracker, in bytes.
const maxTracker = 1024

// Cast implements targets.Caster.
func (e *election) Cast(ctx context.Context, c targets.Casting) (targets.Receipt, targets.Answer, error) {
	l := e.target.cfg.Limits
	var out castDone
	a, err := answer(e.ask(ctx, opCast, castArgs{e.id, c.Voter, c.Credential, c.Ballot}, &out, l.Request))
	if err == nil && (len(out.Receipt) > l.Ballot || len(out.Tracker) > maxTracker) {
		return targets.Receipt{}, a, e.oversized(opCast, "a receipt or tracker", l.Ballot)
	}
	return targets.Receipt{Tracker: out.Tracker, Receipt: out.Receipt}, a, err
}

// Credential implements targets.Credentials; a voter without one has none.
func (e *election) Credential(_ context.Context, voter string) ([]byte, error) {
	return []byte(e.creds[voter]), nil
}

// Ballots implements targets.Lister.
func (e *election) Ballots(ctx context.Context) ([]targets.Listed, error) {
	l := e.target.cfg.Limits
	var out boardDone
	if err := e.ask(ctx, opBoard, electionArgs{e.id}, &out, l.Request); err != nil {
		return nil, plain(err)
	}
	if len(out.Ballots) > l.Ballots {
		return nil, e.oversized(opBoard, "a number of ballots", l.Ballots)
	}
	var list []targets.Listed
	for i, b := range out.Ballots {
		switch {
		case len(b.Ballot) > l.Ballot || len(b.Tracker) > maxTracker:
			return nil, e.oversized(opBoard, "a ballot or tracker", l.Ballot)
		case b.Tracker == "" && len(b.Ballot) == 0:
			err := fmt.Errorf("its answer to board has neither tracker nor ballot at entry %d", i)
			e.proc.fail(err)
			return nil, fmt.Errorf("%w: the adapter: %w", targets.ErrTarget, err)
		}
		list = append(list, targets.Listed(b))
	}
	return list, nil
}

// plain makes a refusal of what nobody may refuse the target's fault.
func plain(err error) error {
	var no *refused
	if errors.As(err, &no) {
		return fmt.Errorf("%w: %w", targets.ErrTarget, err)
	}
	return err
}

// CloseVoting implements targets.Closer.
func (e *election) CloseVoting(ctx context.Context) (targets.Answer, error) {
	return answer(e.ask(ctx, opClose, electionArgs{e.id}, &nothing{}, e.target.cfg.Limits.Wait))
}

// Tally implements targets.Tallier.
func (e *election) Tally(ctx context.Context) (targets.Answer, error) {
	return answer(e.ask(ctx, opTally, electionArgs{e.id}, &nothing{}, e.target.cfg.Limits.Wait))
}

// Result implements targets.Publisher.
func (e *election) Result(ctx context.Context) ([]targets.Counted, targets.Answer, error) {
	var out resultDone
	a, err := answer(e.ask(ctx, opResult, electionArgs{e.id}, &out, e.target.cfg.Limits.Request))
	var list []targets.Counted
	for _, c := range out.Contests {
		list = append(list, targets.Counted(c))
	}
	return list, a, err
}

// VerifyElection implements targets.SelfVerifier.
func (e *election) VerifyElection(ctx context.Context) ([]targets.Finding, error) {
	var out verifyDone
	if err := e.ask(ctx, opVerify, electionArgs{e.id}, &out, e.target.cfg.Limits.Wait); err != nil {
		return nil, plain(err)
	}
	var list []targets.Finding
	for _, f := range out.Findings[:min(len(out.Findings), maxFindings)] {
		list = append(list, targets.Finding{Role: "auditor", Check: clip(f.Check, 64), Detail: clip(f.Detail, 500), Culprit: clip(f.Culprit, 64)})
	}
	return list, nil
}

// maxFindings is how many findings of one verification are kept.
const maxFindings = 100

// Break implements targets.Breakable.
func (e *election) Break(ctx context.Context, fault string) (targets.Answer, error) {
	return answer(e.ask(ctx, opFault, faultArgs{e.id, fault}, &nothing{}, e.target.cfg.Limits.Wait))
}
