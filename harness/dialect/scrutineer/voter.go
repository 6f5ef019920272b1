package scrutineer

import (
	"errors"
	"fmt"
	"io"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
)

// Outcome is what a voter knows about a decision it has sent.
type Outcome uint8

// The outcomes. The zero Outcome is none.
const (
	Unknown  Outcome = iota + 1 // sent; no signed answer
	Accepted                    // the board promises a place
	Refused                     // the board refuses for good
)

// Ticket is one decision in a voter's own history.
type Ticket struct {
	Prepared *Prepared
	Decision *message.Decision // nil for a challenge
	Digest   message.Digest    // hd
	Outcome  Outcome
	Receipt  *message.Receipt
	Refusal  *message.Refusal
}

// Voter plays one voter's client honestly. It is for one goroutine.
type Voter struct {
	ID         string
	Credential Credential
	Line       Line
	Election   *Election
	Random     io.Reader

	// History is all decisions, in the order in which they were made.
	History []*Ticket
}

// Prepare encrypts choices (S-10 to S-15).
func (v *Voter) Prepare(choices Choices) (*Prepared, error) {
	return v.Election.Prepare(v.Line, choices, v.Random)
}

// Submission is the body with the credential's signature (S-16), in bytes.
func (v *Voter) Submission(p *Prepared) ([]byte, error) {
	return v.Credential.Submission(v.Election.Fingerprint, &p.Ballot, v.Random)
}

// Submission signs a body for the box, in the context of a fingerprint.
func (c Credential) Submission(fingerprint message.Digest, b *message.Ballot, r io.Reader) ([]byte, error) {
	canonical, err := codec.Encode(b)
	if err != nil {
		return nil, err
	}
	s, err := c.Sign(transcript.PurposeBallotBody, fingerprint, transcript.BodyDigest(canonical), r)
	if err != nil {
		return nil, err
	}
	return codec.Encode(message.Submission{Ballot: *b, Signature: s})
}

// CheckSubmission is the form and the signature of a submission (S-16), the
// part that a box looks at before anything expensive.
func CheckSubmission(fingerprint message.Digest, data []byte) (message.Ballot, error) {
	s, err := codec.Decode[message.Submission](data, codec.Limits{Size: message.MaxBody})
	if err != nil {
		return message.Ballot{}, err
	}
	canonical, err := codec.Encode(s.Ballot)
	if err != nil {
		return message.Ballot{}, err
	}
	return s.Ballot, CheckCredentialSignature(s.Ballot.Caster.Credential, transcript.PurposeBallotBody,
		fingerprint, transcript.BodyDigest(canonical), s.Signature)
}

// Decide signs the decision to cast the ballot with this tracker (S-17).
func (c Credential) Decide(fingerprint, tracker message.Digest, predecessor string, r io.Reader) (message.Decision, error) {
	d := message.Decision{Credential: c.Key, Fingerprint: fingerprint, Predecessor: predecessor, Tracker: tracker}
	canonical, err := codec.Encode(d.Content())
	if err != nil {
		return message.Decision{}, err
	}
	d.Signature, err = c.Sign(transcript.PurposeDecision, fingerprint, transcript.BodyDigest(canonical), r)
	return d, err
}

// Head is the tracker of the last ballot that the board promised to keep, or
// "none". After an unknown outcome the standing head is the board's to say.
func (v *Voter) Head() string {
	for i := len(v.History) - 1; i >= 0; i-- {
		if t := v.History[i]; t.Decision != nil && t.Outcome == Accepted {
			return t.Decision.Tracker.String()
		}
	}
	return message.None
}

// Cast decides for the ballot, with the head given as predecessor, and returns
// the decision in bytes. Its outcome is unknown until it is answered; to try
// again is to send the same bytes.
func (v *Voter) Cast(p *Prepared, predecessor string) (*Ticket, []byte, error) {
	d, err := v.Credential.Decide(v.Election.Fingerprint, p.Tracker, predecessor, v.Random)
	if err != nil {
		return nil, nil, err
	}
	data, err := codec.Encode(d)
	if err != nil {
		return nil, nil, err
	}
	hd, err := DecisionDigest(d)
	if err != nil {
		return nil, nil, err
	}
	t := &Ticket{Prepared: p, Decision: &d, Digest: hd, Outcome: Unknown}
	v.History = append(v.History, t)
	return t, data, nil
}

// Challenge opens the ballot instead (S-18) and returns the challenge in
// bytes. Another device checks it with CheckChallenge.
func (v *Voter) Challenge(p *Prepared) (*Ticket, []byte, error) {
	data, err := codec.Encode(p.Opening)
	if err != nil {
		return nil, nil, err
	}
	t := &Ticket{Prepared: p, Digest: transcript.DecisionDigest(data), Outcome: Unknown}
	v.History = append(v.History, t)
	return t, data, nil
}

// Answer takes what the box answered to a decision: a receipt or a refusal.
// Anything else leaves the outcome unknown and is an error.
func (v *Voter) Answer(t *Ticket, data []byte) error {
	if r, err := codec.Decode[message.Receipt](data, codec.Limits{}); err == nil {
		return v.receipt(t, r)
	}
	r, err := codec.Decode[message.Refusal](data, codec.Limits{})
	if err != nil {
		return fmt.Errorf("%w: %w", ErrReceipt, err)
	}
	return v.refusal(t, r)
}

// receipt is the first half of the owed check of S-21.
func (v *Voter) receipt(t *Ticket, r message.Receipt) error {
	var credential message.Element
	if t.Decision != nil {
		credential = v.Credential.Key
	}
	switch {
	case r.Fingerprint != v.Election.Fingerprint, r.Decision != t.Digest,
		r.Tracker != t.Prepared.Tracker, r.Credential != credential:
		return fmt.Errorf("%w: it names another election, decision, tracker or credential", ErrReceipt)
	}
	if err := CheckReceipt(v.Election.Manifest, r); err != nil {
		return err
	}
	if t.Receipt != nil && *t.Receipt != r {
		return fmt.Errorf("%w: a second receipt that differs from the first", ErrReceipt)
	}
	t.Receipt, t.Outcome = &r, Accepted
	return nil
}

func (v *Voter) refusal(t *Ticket, r message.Refusal) error {
	if r.Fingerprint != v.Election.Fingerprint || r.Decision != t.Digest {
		return fmt.Errorf("%w: it names another election or decision", ErrReceipt)
	}
	if err := CheckRefusal(v.Election.Manifest, r); err != nil {
		return err
	}
	if t.Outcome == Accepted {
		return fmt.Errorf("%w: refused after a receipt", ErrReceipt)
	}
	t.Refusal, t.Outcome = &r, Refused
	return nil
}

// ErrNotCosigned: no cosigned head covers the promised index yet, so the
// check of S-21 cannot be made.
var ErrNotCosigned = errors.New("no cosigned head covers the promised index")

// Alarm is what the check of S-21 finds wrong, with the evidence.
type Alarm struct {
	Reason string
	Index  uint64 // of the entry at fault
	// Provable: receipt, head and entry alone convince anybody. Otherwise the
	// voter knows, and cannot prove it.
	Provable bool
	Receipt  *message.Receipt
	Found    *message.Cast // what stands at Index; nil if it is no cast
	Head     []byte        // the cosigned checkpoint that covers Index
}

func (a *Alarm) Error() string {
	return fmt.Sprintf("S-21: entry %d: %s (provable: %t)", a.Index, a.Reason, a.Provable)
}

// Check is the rest of S-21, owed after each cast and offered again after the
// seal: every promise is kept, byte for byte, in a cosigned head; the proofs
// hold with the voter's credential as caster; and nothing was cast with the
// credential but what the voter cast. The error is an *Alarm, or wraps
// ErrNotCosigned.
func (v *Voter) Check(board *View) error {
	for _, t := range v.History {
		if t.Outcome != Accepted {
			continue
		}
		if !board.cosigned(t.Receipt.Index) {
			return fmt.Errorf("%w: %d", ErrNotCosigned, t.Receipt.Index)
		}
		if err := v.checkPromise(board, t); err != nil {
			return err
		}
	}
	return v.checkChain(board)
}

func (v *Voter) checkPromise(board *View, t *Ticket) error {
	alarm := &Alarm{Index: t.Receipt.Index, Provable: true, Receipt: t.Receipt, Head: board.Note}
	if t.Decision == nil {
		for i := range board.Challenges {
			if c := &board.Challenges[i]; c.Index == t.Receipt.Index && sameBody(&c.Body, &t.Prepared.Opening) {
				return nil
			}
		}
		alarm.Reason = "the promised challenge is not there"
		return alarm
	}
	alarm.Reason = "the promised ballot is not there"
	for i := range board.Ballots {
		b := &board.Ballots[i]
		if b.Index != t.Receipt.Index {
			continue
		}
		alarm.Found = &b.Body
		mine := message.Cast{Ballot: t.Prepared.Ballot, Decision: *t.Decision}
		if !sameBody(&b.Body, &mine) {
			alarm.Reason = "another ballot stands at the promised index"
			return alarm
		}
		if err := v.Election.CheckBallot(&b.Body.Ballot, v.Credential.Key); err != nil {
			alarm.Reason, alarm.Provable = err.Error(), false
			return alarm
		}
		return nil
	}
	return alarm
}

// checkChain looks for casts with the credential that the voter did not make.
func (v *Voter) checkChain(board *View) error {
	for i := range board.Ballots {
		b := &board.Ballots[i]
		if b.Body.Decision.Credential != v.Credential.Key || v.made(b.Body.Decision) {
			continue
		}
		return &Alarm{Index: b.Index, Found: &b.Body, Head: board.Note,
			Reason: "a ballot of my credential that I did not cast"}
	}
	return nil
}

// made reports that the decision is one of the voter's, answered or not.
func (v *Voter) made(d message.Decision) bool {
	for _, t := range v.History {
		if t.Decision != nil && t.Decision.Content() == d.Content() {
			return true
		}
	}
	return false
}
