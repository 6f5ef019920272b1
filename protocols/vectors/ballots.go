package vectors

import "scrutineer/protocols/message"

// SignatureInput is a credential's signature over a digest (SPEC.md §1).
type SignatureInput struct {
	Digest      message.Digest           `json:"digest"` // h
	Fingerprint message.Digest           `json:"fingerprint"`
	Key         message.Element          `json:"key"`
	Purpose     string                   `json:"purpose"` // ballot-body or decision
	Signature   message.SchnorrSignature `json:"signature"`
}

// StatementContext is what the proofs of one contest of one ballot share
// (S-12, S-13).
type StatementContext struct {
	Caster      message.Digest  `json:"caster"`      // S-11
	Ciphertexts message.Digest  `json:"ciphertexts"` // hct of S-10
	Contest     string          `json:"contest"`
	ElectionKey message.Element `json:"electionKey"`
	Fingerprint message.Digest  `json:"fingerprint"`
	Style       string          `json:"style"`
}

// SelectionContext is the statement of a selection proof but for the
// ciphertext.
type SelectionContext struct {
	Option    string           `json:"option"`
	Statement StatementContext `json:"statement"`
}

// SelectionInput is a ciphertext with the proof that it holds 0 or 1.
type SelectionInput struct {
	Alpha message.Element  `json:"alpha"`
	Beta  message.Element  `json:"beta"`
	Proof message.Branches `json:"proof"`
}

// SumContext is the statement of a sum proof: the contest's ciphertexts and
// bounds.
type SumContext struct {
	Blank      bool                 `json:"blank"` // the last ciphertext is the blank one
	Max        uint64               `json:"max"`
	Min        uint64               `json:"min"`
	Selections []message.Ciphertext `json:"selections"`
	Statement  StatementContext     `json:"statement"`
}

// SumInput is the proof that the sum is within the bounds.
type SumInput struct {
	Sum message.Branches `json:"sum"`
}

// TrackerInput claims the digests of a ballot.
type TrackerInput struct {
	Ballot      message.Ballot `json:"ballot"`
	Caster      message.Digest `json:"caster"`      // S-11
	Ciphertexts message.Digest `json:"ciphertexts"` // hct of S-10
	Proofs      message.Digest `json:"proofs"`      // hpr of S-14
	Tracker     message.Digest `json:"tracker"`     // S-15
}

// SubmissionInput is a ballot on its way to the box (S-16).
type SubmissionInput struct {
	Submission message.Submission `json:"submission"`
}

// CastInput is the body of a cast entry that would come next (S-17).
type CastInput struct {
	Cast message.Cast `json:"cast"`
}

// ChallengeInput is the body of a challenge entry that would come next (S-18).
type ChallengeInput struct {
	Challenge message.Challenge `json:"challenge"`
}

// ReceiptContext is what a voter knows who waits for an answer. Credential is
// absent too where the decision is a challenge.
type ReceiptContext struct {
	BoardKey    message.Key       `json:"boardKey"`
	Credential  message.Element   `json:"credential,omitzero"`
	Decided     *message.Decision `json:"decided,omitzero"` // what was sent; absent where the decision is a challenge
	Decision    message.Digest    `json:"decision"`         // hd of S-19
	Fingerprint message.Digest    `json:"fingerprint"`
	Tracker     message.Digest    `json:"tracker"`
}

// ReceiptInput is the answer to a decision (S-19).
type ReceiptInput struct {
	Receipt message.Receipt `json:"receipt"`
}

// RefusalInput is the other answer (S-20).
type RefusalInput struct {
	Refusal message.Refusal `json:"refusal"`
}
