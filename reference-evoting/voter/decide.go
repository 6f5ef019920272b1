package voter

import (
	"errors"
	"fmt"
	"slices"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
	"scrutineer/reference-evoting/manifest"
	"scrutineer/reference-evoting/proof"
	"scrutineer/reference-evoting/recall"
	"scrutineer/reference-evoting/rules"
	"scrutineer/reference-evoting/weakness"
)

// ErrAnswer is wrapped for an answer that is neither a valid receipt nor a
// valid refusal of what was asked: the outcome is unknown.
var ErrAnswer = errors.New("answer")

// Accept takes the box's answer to a body (S-16): it must be about this ballot.
// The weak rule believes the server which ballot it was, and shows and signs
// the tracker that the server names.
func (c *Client) Accept(p *Prepared, a message.Accepted) error {
	body, err := codec.Encode(p.Ballot)
	if err != nil {
		return err
	}
	unnamed := a.Tracker == message.Digest{}
	mine := a.Body == transcript.BodyDigest(body) && (unnamed || a.Tracker == p.Tracker)
	if !c.voting.Weak.Widen(weakness.TrustServerReceipt, mine, func() bool { return true }) {
		return fmt.Errorf("%w: the box answers for another ballot: body %s, tracker %s", ErrAnswer, a.Body, a.Tracker)
	}
	if !mine && !unnamed {
		p.Tracker = a.Tracker
	}
	return nil
}

// Cast makes the decision for a prepared ballot; its predecessor is the
// voter's standing ballot as this client knows it (S-17).
func (c *Client) Cast(p *Prepared) ([]byte, error) {
	content := message.DecisionContent{
		Credential: c.credential.Key, Fingerprint: c.voting.Fingerprint,
		Predecessor: c.Standing(), Tracker: p.Tracker,
	}
	canonical, err := codec.Encode(content)
	if err != nil {
		return nil, err
	}
	p.decision, p.cast = transcript.DecisionDigest(canonical), true
	if !slices.Contains(c.history, p) {
		c.history = append(c.history, p)
	}
	return codec.Encode(message.Decision{
		Credential: content.Credential, Fingerprint: content.Fingerprint,
		Predecessor: content.Predecessor, Tracker: content.Tracker,
		Signature: proof.Sign(c.credential.Secret, transcript.PurposeDecision, c.voting.Fingerprint, transcript.BodyDigest(canonical), c.random),
	})
}

// Standing is the tracker of the voter's last acknowledged ballot, or None.
func (c *Client) Standing() string {
	for _, p := range slices.Backward(c.history) {
		if p.receipt != nil || p.noted {
			return p.Tracker.String()
		}
	}
	return message.None
}

// History is what this client has cast, in order.
func (c *Client) History() []*Prepared { return c.history }

// Receipt is the board's promise for a ballot, or nil.
func (p *Prepared) Receipt() *message.Receipt { return p.receipt }

// Refusal is the board's signed no, or nil.
func (p *Prepared) Refusal() *message.Refusal { return p.refusal }

// Acknowledged reports that the board took the ballot.
func (p *Prepared) Acknowledged() bool { return p.receipt != nil || p.noted }

// Keep takes up what another device of the voter decided in his name: the
// decision as he was shown it, and the box's answer. The check is then made
// with this client.
func (c *Client) Keep(decision, answer []byte) error {
	d, err := codec.Decode[message.Decision](decision, codec.Limits{Size: 4096})
	if err != nil {
		return fmt.Errorf("%w: decision: %w", ErrAnswer, err)
	}
	canonical, err := codec.Encode(d.Content())
	if err != nil {
		return err
	}
	p := &Prepared{Encrypted: Encrypted{Tracker: d.Tracker}, decision: transcript.DecisionDigest(canonical), cast: true}
	if err := c.Answer(p, answer); err != nil {
		return err
	}
	c.history = append(c.history, p)
	return nil
}

// Challenge opens a prepared ballot instead of casting it (S-18).
func (c *Client) Challenge(p *Prepared) ([]byte, error) {
	raw, err := codec.Encode(p.Open())
	if err != nil {
		return nil, err
	}
	p.decision, p.cast = transcript.DecisionDigest(raw), false
	return raw, nil
}

// Open is the ballot with everything that was encrypted in it (S-18).
func (p *Encrypted) Open() message.Challenge {
	m := message.Challenge{
		Commitment:  transcript.Proofs(transcript.Caster(p.Ballot.Caster), p.Ballot.Contests),
		Fingerprint: p.Ballot.Fingerprint, Style: p.Ballot.Style,
	}
	for i, b := range p.Ballot.Contests {
		o := message.OpenedContest{Contest: b.Contest}
		for j, s := range b.Selections {
			o.Selections = append(o.Selections, message.OpenedSelection{
				Alpha: s.Alpha, Beta: s.Beta, Option: s.Option, Plaintext: p.plain[i][j],
				Randomness: proof.EncodeScalar(p.randomness[i][j]),
			})
		}
		m.Contests = append(m.Contests, o)
	}
	return m
}

// Answer takes the box's answer to a decision (S-19, S-20): nil means that
// it was acknowledged or refused for good, an error that the outcome is
// unknown.
func (c *Client) Answer(p *Prepared, raw []byte) error {
	if r, err := codec.Decode[message.Receipt](raw, codec.Limits{Size: 4096}); err == nil {
		return c.acknowledged(p, r)
	}
	r, err := codec.Decode[message.Refusal](raw, codec.Limits{Size: 4096})
	if err != nil {
		return fmt.Errorf("%w: neither receipt nor refusal: %w", ErrAnswer, err)
	}
	if !final(r) {
		return fmt.Errorf("%w: no refusal has the reason %q and the head %q", ErrAnswer, r.Reason, r.Head)
	}
	digest := transcript.RefusalDigest(r)
	if r.Decision != p.decision || r.Fingerprint != c.voting.Fingerprint || !recall.Ed25519(c.voting.Memory, c.boardKey[:], digest[:], r.Signature[:]) {
		return fmt.Errorf("%w: the refusal is not the board's for this decision", ErrAnswer)
	}
	p.refusal = &r
	return nil
}

// final reports that a refusal says something that S-20 knows.
func final(r message.Refusal) bool {
	if _, err := codec.ParseHex32(r.Head); err != nil && r.Head != message.None {
		return false
	}
	return slices.Contains([]message.Reason{
		message.ReasonUnknownCredential, message.ReasonUnknownTracker, message.ReasonNotHead, message.ReasonNoRevote,
		message.ReasonClosed, message.ReasonDuplicate, message.ReasonChallenged,
	}, r.Reason)
}

func (c *Client) acknowledged(p *Prepared, r message.Receipt) error {
	want := message.Element{}
	if p.cast {
		want = c.credential.Key
	}
	if r.Fingerprint != c.voting.Fingerprint || r.Decision != p.decision || r.Tracker != p.Tracker || r.Credential != want {
		return fmt.Errorf("%w: the receipt is not for this decision", ErrAnswer)
	}
	digest := transcript.ReceiptDigest(r)
	promised := recall.Ed25519(c.voting.Memory, c.boardKey[:], digest[:], r.Signature[:])
	if !c.voting.Weak.Widen(weakness.NoPromise, promised, func() bool { return true }) {
		return fmt.Errorf("%w: the receipt is not signed by the board", ErrAnswer)
	}
	if c.voting.Weak.Has(weakness.NoPromise) {
		p.noted = true // a bare acknowledgement is all that this client keeps
		return nil
	}
	p.receipt = &r
	return nil
}

// Audit is the check of an opened ballot by another device: it opens to the
// choices that the voter made, under the tracker that was shown (S-18). The
// choices reach it from the voter, not through the client.
func Audit(voting *rules.Voting, raw []byte, shown message.Digest, choices Choices) error {
	m, err := codec.Decode[message.Challenge](raw, codec.Limits{})
	if err != nil {
		return fmt.Errorf("%w: %w", ErrAnswer, err)
	}
	return AuditOpened(voting, m, shown, choices)
}

// AuditOpened is Audit of an opening that was read.
func AuditOpened(voting *rules.Voting, m message.Challenge, shown message.Digest, choices Choices) error {
	tracker, fault := voting.Challenge(&m)
	if fault != nil {
		return fault
	}
	err := opens(voting, &m, tracker, shown, choices)
	if voting.Weak.Widen(weakness.NoAudit, err == nil, func() bool { return true }) {
		return nil
	}
	return err
}

// opens compares a sound opening with what the voter chose and was shown.
func opens(voting *rules.Voting, m *message.Challenge, tracker, shown message.Digest, choices Choices) error {
	if tracker != shown {
		return fmt.Errorf("%w: the ballot opened has tracker %s, shown was %s", ErrAnswer, tracker, shown)
	}
	for _, o := range m.Contests {
		contest, _, _ := voting.Election.Contest(o.Contest)
		for i, option := range manifest.Selections(contest) {
			if chosen := slices.Contains(choices[o.Contest], option); chosen != (o.Selections[i].Plaintext == 1) {
				return fmt.Errorf("%w: option %s of contest %s opens to %d", ErrChoice, option, o.Contest, o.Selections[i].Plaintext)
			}
		}
	}
	return nil
}
