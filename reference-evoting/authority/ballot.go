package authority

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
	"scrutineer/reference-evoting/admission"
	"scrutineer/reference-evoting/entry"
	"scrutineer/reference-evoting/proof"
	"scrutineer/reference-evoting/reading"
	"scrutineer/reference-evoting/rules"
	"scrutineer/reference-evoting/weakness"
)

// MaxSubmission bounds a submission in bytes, maxDecision a decision.
const (
	MaxSubmission = 1 << 20
	maxDecision   = 4096
)

// Submit takes a ballot body (S-16). The order of checks is: size, codec, the
// credential's signature, quota, α seen, then proofs.
func (a *Authority) Submit(ctx context.Context, raw []byte) (message.Accepted, error) {
	var none message.Accepted
	visit := admission.Of(ctx)
	if err := visit.Begin(ctx, len(raw)); err != nil {
		return none, notServed(err)
	}
	s, err := reading.Decode[message.Submission](a.cfg.Weak.For(weakness.Box), raw, codec.Limits{Size: MaxSubmission})
	if err != nil {
		return none, malformed(err)
	}
	ballot, err := codec.Encode(s.Ballot)
	if err != nil {
		return none, malformed(err)
	}
	if a.cfg.Weak.For(weakness.Box).Has(weakness.VerifyBeforeAuth) {
		if err := a.proven(&s.Ballot); err != nil {
			return none, err
		}
	}
	digest := transcript.BodyDigest(ballot)
	if err := a.authentic(&s, digest); err != nil {
		return none, err
	}
	if err := visit.Ballot(ctx, admission.Credential(s.Ballot.Caster.Credential)); err != nil {
		return none, notServed(err)
	}
	head, err := a.admit(ctx, &s)
	if err != nil {
		return none, err
	}
	if err := a.proven(&s.Ballot); err != nil {
		return none, err
	}
	visit.Rest()
	now := a.cfg.Clock()
	body := Body{
		Tracker: transcript.Tracker(&s.Ballot), Credential: s.Ballot.Caster.Credential, Head: head,
		Ballot: ballot, Expires: now.Add(a.cfg.Limits.BodyTTL),
	}
	if err := a.cfg.Store.PutBody(ctx, body); err != nil {
		return none, a.told(fmt.Errorf("keep ballot: %w", err))
	}
	return message.Accepted{Body: digest, Expires: uint64(body.Expires.Unix())}, nil
}

// voting is what ballots are checked in, where any are taken.
func (a *Authority) voting() (*rules.Voting, error) {
	if a.Err() != nil {
		return nil, ErrFailed
	}
	a.mu.RLock()
	defer a.mu.RUnlock()
	weak, phase := a.cfg.Weak.For(weakness.Box), a.state.Phase()
	if !weak.Widen(weakness.NonAtomic, phase == message.PhaseVoting, func() bool { return phase == message.PhaseClosed }) {
		return nil, problem(409, string(message.ReasonClosed), "no ballots are taken in phase %s", phase)
	}
	return a.state.Voting(), nil
}

// proven checks the proofs of a ballot, which is what costs most.
func (a *Authority) proven(b *message.Ballot) error {
	voting, err := a.voting()
	if err != nil {
		return err
	}
	a.checked.Add(1)
	if _, fault := voting.Ballot(b); fault != nil {
		return refusedBy(fault)
	}
	return nil
}

// Checked counts the ballots whose proofs were looked at.
func (a *Authority) Checked() uint64 { return a.checked.Load() }

// authentic holds that a listed credential signed the body.
func (a *Authority) authentic(s *message.Submission, digest [32]byte) error {
	voting, err := a.voting()
	if err != nil {
		return err
	}
	caster := s.Ballot.Caster.Credential
	a.mu.RLock()
	_, listed := a.state.Voter(caster)
	a.mu.RUnlock()
	if !listed {
		return problem(422, string(message.ReasonUnknownCredential), "the caster is not listed")
	}
	signed := func(fingerprint message.Digest) bool {
		ok, err := proof.Signed(a.cfg.Recall, caster, transcript.PurposeBallotBody, fingerprint, digest, s.Signature)
		return err == nil && ok
	}
	own := voting.Weak.Widen(weakness.NoElectionBinding, signed(voting.Fingerprint), func() bool { return signed(s.Ballot.Fingerprint) })
	if !voting.Weak.Widen(weakness.NoVoterBinding, own, func() bool { return true }) {
		return problem(401, "bad-signature", "the caster's signature does not hold")
	}
	return nil
}

// admit makes the other cheap checks of a submission and returns the standing
// ballot of the caster.
func (a *Authority) admit(ctx context.Context, s *message.Submission) (string, error) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	caster := s.Ballot.Caster.Credential
	voter, listed := a.state.Voter(caster)
	if !listed {
		return "", problem(422, string(message.ReasonUnknownCredential), "the caster is not listed")
	}
	waiting, err := a.cfg.Store.Waiting(ctx, caster, a.cfg.Clock())
	if err != nil {
		return "", fmt.Errorf("count waiting ballots: %w", err)
	}
	if waiting >= a.cfg.Limits.Waiting {
		return "", problem(429, "too-many-waiting", "%d ballots of this credential are waiting", waiting)
	}
	if fault := a.state.Entitled(voter, &s.Ballot); fault != nil {
		return "", refusedBy(fault)
	}
	if fault := a.state.Unseen(ctx, &s.Ballot); fault != nil {
		return "", refusedBy(fault)
	}
	return a.state.Head(ctx, voter)
}

// decision is a cast or a challenge as its answer needs it.
type decision struct {
	kind       message.Type
	digest     message.Digest
	tracker    message.Digest
	credential message.Element // zero for a challenge
	cast       message.Decision
	challenge  message.Challenge
	sent       []byte // the decision as it came
}

// decisionOf reads the decision in the body of a cast or challenge entry.
func decisionOf(weak weakness.View, t message.Type, body codec.Raw) (decision, error) {
	if t == message.TypeChallenge {
		c, err := codec.Decode[message.Challenge](body, codec.Limits{Size: message.MaxBody})
		if err != nil {
			return decision{}, err
		}
		return challengeDecision(c, body), nil
	}
	c, err := reading.Decode[message.Cast](weak, body, codec.Limits{Size: message.MaxBody})
	if err != nil {
		return decision{}, err
	}
	return castDecision(c.Decision)
}

func castDecision(d message.Decision) (decision, error) {
	content, err := codec.Encode(d.Content())
	if err != nil {
		return decision{}, err
	}
	return decision{
		kind: message.TypeCast, digest: transcript.DecisionDigest(content),
		tracker: d.Tracker, credential: d.Credential, cast: d,
	}, nil
}

func challengeDecision(c message.Challenge, canonical []byte) decision {
	return decision{
		kind: message.TypeChallenge, digest: transcript.DecisionDigest(canonical), challenge: c,
		tracker: transcript.TrackerOf(c.Fingerprint, c.Style, transcript.OpenedCiphertexts(&c), c.Commitment),
	}
}

// receipt is the board's promise (S-19). It is the same for the same decision
// and index.
func (a *Authority) receipt(d decision, index uint64) (Answer, error) {
	r := message.Receipt{
		Credential: d.credential, Decision: d.digest, Fingerprint: a.state.Fingerprint(),
		Index: index, Tracker: d.tracker,
	}
	digest := transcript.ReceiptDigest(r)
	r.Signature = message.Signature(ed25519.Sign(a.cfg.BoardKey, digest[:]))
	raw, err := codec.Encode(r)
	weak := a.cfg.Weak.For(weakness.Box)
	// Where a ciphertext may come twice, nothing uses a waiting ballot up.
	keep := weak.Has(weakness.NoWeeding) || weak.Has(weakness.Castable)
	return Answer{Decision: d.digest, Tracker: d.tracker, Index: index, Accepted: true, Bytes: raw, KeepBody: keep}, err
}

// refusal is the board's signed and final no (S-20).
func (a *Authority) refusal(ctx context.Context, d decision, f *rules.Fault) (Answer, error) {
	head := message.None
	if voter, ok := a.state.Voter(d.credential); ok {
		standing, err := a.state.Head(ctx, voter)
		if err != nil {
			return Answer{}, fatal{err}
		}
		head = standing
	}
	r := message.Refusal{
		Decision: d.digest, Fingerprint: a.state.Fingerprint(), Head: head,
		Reason: f.Reason, Size: a.state.Size(),
	}
	digest := transcript.RefusalDigest(r)
	r.Signature = message.Signature(ed25519.Sign(a.cfg.BoardKey, digest[:]))
	raw, err := codec.Encode(r)
	stranger := f.Reason == message.ReasonUnknownCredential
	return Answer{Decision: d.digest, Tracker: d.tracker, Bytes: raw, KeepBody: true, Volatile: stranger}, err
}

// Cast decides on a waiting ballot (S-17). The answer is a receipt or a
// signed refusal; any error means that nothing was decided.
func (a *Authority) Cast(ctx context.Context, raw []byte) (Answer, error) {
	if err := admission.Of(ctx).Begin(ctx, len(raw)); err != nil {
		return Answer{}, notServed(err)
	}
	m, err := reading.Decode[message.Decision](a.cfg.Weak.For(weakness.Box), raw, codec.Limits{Size: maxDecision})
	if err != nil {
		return Answer{}, malformed(err)
	}
	d, err := castDecision(m)
	d.sent = raw
	if err != nil {
		return Answer{}, malformed(err)
	}
	return a.ask(ctx, d, func() *rules.Fault { return a.state.Decision(m) })
}

// Challenge opens a waiting ballot (S-18).
func (a *Authority) Challenge(ctx context.Context, raw []byte) (Answer, error) {
	if err := admission.Of(ctx).Begin(ctx, len(raw)); err != nil {
		return Answer{}, notServed(err)
	}
	m, err := codec.Decode[message.Challenge](raw, codec.Limits{Size: MaxSubmission})
	if err != nil {
		return Answer{}, malformed(err)
	}
	return a.ask(ctx, challengeDecision(m, raw), func() *rules.Fault {
		_, fault := a.state.Voting().Challenge(&m)
		return fault
	})
}

// ask makes the checks that need no turn, and takes the decision its turn.
func (a *Authority) ask(ctx context.Context, d decision, authentic func() *rules.Fault) (Answer, error) {
	a.mu.RLock()
	open := a.state.Voting() != nil
	var fault *rules.Fault
	if open {
		fault = authentic()
	}
	a.mu.RUnlock()
	switch {
	case !open:
		return Answer{}, problem(409, "not-open", "the election is not open")
	case fault != nil && fault.Reason == "":
		return Answer{}, refusedBy(fault)
	}
	visit := admission.Of(ctx)
	if fault == nil {
		visit.Vouched()
	}
	visit.Rest() // the sequencer works now
	o, err := a.submit(ctx, func(ctx context.Context) (*proposal, error) { return a.propose(ctx, d, fault) })
	return o.answer, err
}

// propose runs in the sequencer: the same decision gets the same answer, else
// the waiting body makes the entry.
func (a *Authority) propose(ctx context.Context, d decision, known *rules.Fault) (*proposal, error) {
	if answer, ok := a.decided[d.digest]; ok {
		return &proposal{answer: &answer}, nil
	}
	switch answer, err := a.cfg.Store.Answer(ctx, d.digest); {
	case err == nil && !a.again(ctx, d, answer):
		return &proposal{answer: &answer}, nil
	case err != nil && !errors.Is(err, ErrNotFound):
		return nil, fmt.Errorf("look up decision: %w", err)
	}
	fault := known
	body, err := a.cfg.Store.Body(ctx, d.tracker, a.cfg.Clock())
	switch {
	case errors.Is(err, ErrNotFound):
		fault = first(fault, &rules.Fault{Check: "V-23", Reason: message.ReasonUnknownTracker, Detail: "no ballot with this tracker is waiting"})
	case err != nil:
		return nil, fmt.Errorf("look up ballot: %w", err)
	case d.kind == message.TypeCast:
		fault = first(fault, a.stood(ctx, d, body))
	}
	if fault != nil {
		answer, err := a.refusal(ctx, d, fault)
		return &proposal{answer: &answer}, err
	}
	raw, err := a.compose(ctx, d, body)
	if err != nil {
		return nil, err
	}
	return &proposal{
		raw:      raw,
		accepted: func(index uint64) (Answer, error) { return a.receipt(d, index) },
		refused:  func(ctx context.Context, f *rules.Fault) (Answer, error) { return a.refusal(ctx, d, f) },
	}, nil
}

// again is the weak rule of noChain together with noWeeding: a decision that
// was taken is taken once more where another ballot stands by now. Sound, the
// same decision is answered by the same receipt.
func (a *Authority) again(ctx context.Context, d decision, answer Answer) bool {
	weak := a.cfg.Weak.For(weakness.Box)
	if !answer.Accepted || d.kind != message.TypeCast || !weak.Has(weakness.NoChain) || !weak.Has(weakness.NoWeeding) {
		return false
	}
	voter, ok := a.state.Voter(d.credential)
	if !ok {
		return false
	}
	head, err := a.state.Head(ctx, voter)
	return err == nil && head != d.tracker.String()
}

func first(a, b *rules.Fault) *rules.Fault {
	if a != nil {
		return a
	}
	return b
}

// stood is the box's own check of the predecessor. Sound, it looks at the
// head of this moment; the weak rule looks at the one remembered from when
// the ballot came in.
func (a *Authority) stood(ctx context.Context, d decision, body Body) *rules.Fault {
	voter, ok := a.state.Voter(d.credential)
	if !ok {
		return nil
	}
	head, err := a.state.Head(ctx, voter)
	if err != nil {
		return &rules.Fault{Check: "V-26", Detail: err.Error()}
	}
	weak := a.cfg.Weak.For(weakness.Box)
	once := a.state.Election().Manifest.Revote == message.RevoteNone
	switch {
	case weak.Widen(weakness.CheckThenInsert, d.cast.Predecessor == head, func() bool { return d.cast.Predecessor == body.Head }),
		weak.Widen(weakness.NoChain, d.cast.Predecessor == head, func() bool { return !once }):
		return nil
	}
	reason := message.ReasonNotHead
	if once {
		reason = message.ReasonNoRevote
	}
	return &rules.Fault{Check: "V-26", Reason: reason, Detail: "the predecessor is not the standing ballot"}
}

// asSent is what the lenient box does: it puts a decision on the board in the
// bytes in which it came.
func asSent(p *entry.Packed, d decision) error {
	canonical, err := codec.Encode(d.cast)
	if err == nil {
		p.Raw = bytes.Replace(p.Raw, canonical, d.sent, 1)
	}
	return err
}

// compose makes the board's entry of a decision.
func (a *Authority) compose(ctx context.Context, d decision, body Body) ([]byte, error) {
	e := message.Entry{Context: a.state.Fingerprint(), Type: d.kind}
	if d.kind == message.TypeChallenge {
		p, err := entry.Pack(e, d.challenge, nil)
		return a.store(ctx, p, err)
	}
	ballot, err := codec.Decode[message.Ballot](body.Ballot, codec.Limits{Size: MaxSubmission})
	if err != nil {
		return nil, fmt.Errorf("waiting ballot: %w", err)
	}
	p, err := entry.Pack(e, message.Cast{Ballot: ballot, Decision: d.cast}, nil)
	if err == nil && a.cfg.Weak.For(weakness.Box).Has(weakness.LenientJSON) {
		err = asSent(&p, d)
	}
	return a.store(ctx, p, err)
}
