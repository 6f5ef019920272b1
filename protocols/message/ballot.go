package message

// Ballot is what a client encrypts: one part for each contest of its style,
// in the style's order (S-10..S-16).
type Ballot struct {
	Caster      Caster          `json:"caster"`
	Contests    []BallotContest `json:"contests" limit:"256"`
	Fingerprint Digest          `json:"fingerprint"`
	Style       string          `json:"style"`
	Unit        string          `json:"unit"`
	Weight      uint64          `json:"weight"`
}

// Caster is who casts: a credential, or later a device and its sequence
// number.
type Caster struct {
	Credential Element `json:"credential,omitzero"`
	Device     string  `json:"device,omitempty"`
	Sequence   uint64  `json:"sequence,omitzero"`
}

// BallotContest holds a selection for each option in the manifest's order,
// then the blank one where the contest allows it.
type BallotContest struct {
	Contest    string      `json:"contest"`
	Selections []Selection `json:"selections" limit:"257"`
	Sum        *Branches   `json:"sum,omitzero"`
}

// Selection is an encrypted 0 or 1 with its proof.
type Selection struct {
	Alpha  Element  `json:"alpha"`
	Beta   Element  `json:"beta"`
	Option string   `json:"option"`
	Proof  Branches `json:"proof"`
}

// Branches is a disjunctive proof: a challenge and a response a branch.
type Branches struct {
	Challenges []Scalar `json:"challenges" limit:"257"`
	Responses  []Scalar `json:"responses" limit:"257"`
}

// SchnorrSignature is a credential's signature (SPEC.md §1).
type SchnorrSignature struct {
	Commitment Element `json:"commitment"`
	Response   Scalar  `json:"response"`
}

// Submission brings a ballot body to the box (S-16). The signature is kept
// off the board.
type Submission struct {
	Ballot    Ballot           `json:"ballot"`
	Signature SchnorrSignature `json:"signature"`
}

// Accepted is the box's unsigned answer to a submission: the digest of the
// body it keeps and until when, in Unix seconds. A client compares the digest
// with that of its own body. Ours names no tracker; one that is named must be
// the client's own, which is the only one that it shows.
type Accepted struct {
	Body    Digest `json:"body"`
	Expires uint64 `json:"expires"`
	Tracker Digest `json:"tracker,omitzero"`
}
