package message

// None is the predecessor of a voter's first ballot.
const None = "none"

// DecisionContent is what the credential signs when it casts (S-17).
type DecisionContent struct {
	Credential  Element `json:"credential"`
	Fingerprint Digest  `json:"fingerprint"`
	Predecessor string  `json:"predecessor"`
	Tracker     Digest  `json:"tracker"`
}

// Decision casts a waiting ballot. Authorisation is there where the election
// has an identity service (S-41); like Signature it is over the content.
type Decision struct {
	Authorisation *SchnorrSignature `json:"authorisation,omitzero"`
	Credential    Element           `json:"credential"`
	Fingerprint   Digest            `json:"fingerprint"`
	Predecessor   string            `json:"predecessor"`
	Signature     SchnorrSignature  `json:"signature"`
	Tracker       Digest            `json:"tracker"`
}

// Content is the decision without its signatures.
func (d Decision) Content() DecisionContent {
	return DecisionContent{
		Credential:  d.Credential,
		Fingerprint: d.Fingerprint,
		Predecessor: d.Predecessor,
		Tracker:     d.Tracker,
	}
}

// Cast is the body of a cast entry.
type Cast struct {
	Ballot   Ballot   `json:"ballot"`
	Decision Decision `json:"decision"`
}

// Challenge opens a waiting ballot instead of casting it (S-18). It names no
// voter.
type Challenge struct {
	Commitment  Digest          `json:"commitment"`
	Contests    []OpenedContest `json:"contests" limit:"256"`
	Fingerprint Digest          `json:"fingerprint"`
	Style       string          `json:"style"`
}

// OpenedContest holds the opened selections of one contest.
type OpenedContest struct {
	Contest    string            `json:"contest"`
	Selections []OpenedSelection `json:"selections" limit:"257"`
}

// OpenedSelection is a ciphertext with its plaintext and randomness.
type OpenedSelection struct {
	Alpha      Element `json:"alpha"`
	Beta       Element `json:"beta"`
	Option     string  `json:"option"`
	Plaintext  uint64  `json:"plaintext"`
	Randomness Scalar  `json:"randomness"`
}

// Receipt is the board's promise that a decision stands at an index (S-19).
// Credential is absent for a challenge.
type Receipt struct {
	Credential  Element   `json:"credential,omitzero"`
	Decision    Digest    `json:"decision"`
	Fingerprint Digest    `json:"fingerprint"`
	Index       uint64    `json:"index"`
	Signature   Signature `json:"signature"`
	Tracker     Digest    `json:"tracker"`
}

// Reason is the stable code of a signed refusal (S-20).
type Reason string

// The reasons of S-20.
const (
	ReasonUnknownCredential Reason = "unknown-credential"
	ReasonUnknownTracker    Reason = "unknown-tracker"
	ReasonNotHead           Reason = "not-head"
	ReasonNoRevote          Reason = "no-revote"
	ReasonClosed            Reason = "closed"
	ReasonDuplicate         Reason = "duplicate"
	ReasonChallenged        Reason = "challenged"
)

// Refusal is a signed and final no to a decision (S-20). Size is the board's
// size, Head the standing tracker of the credential or None.
type Refusal struct {
	Decision    Digest    `json:"decision"`
	Fingerprint Digest    `json:"fingerprint"`
	Head        string    `json:"head"`
	Reason      Reason    `json:"reason"`
	Signature   Signature `json:"signature"`
	Size        uint64    `json:"size"`
}
