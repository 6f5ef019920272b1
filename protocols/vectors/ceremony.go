package vectors

import "scrutineer/protocols/message"

// ManifestInput is an election definition (SPEC.md §2). SetupID is the right
// one, also of a manifest that is not sound.
type ManifestInput struct {
	Ceremony uint64           `json:"ceremony"`
	Manifest message.Manifest `json:"manifest"`
	SetupID  message.Digest   `json:"setupID"`
}

// KnowledgeContext is the statement of a proof of knowledge but for the
// element (S-02).
type KnowledgeContext struct {
	Coefficient uint64         `json:"coefficient"` // k
	Index       uint64         `json:"index"`       // i
	SetupID     message.Digest `json:"setupID"`
}

// KnowledgeInput is a coefficient in the exponent with its proof.
type KnowledgeInput struct {
	Element message.Element `json:"element"` // A_ik
	Proof   message.Compact `json:"proof"`
}

// CeremonyContext is a key ceremony as it stands before a trustee reveals.
type CeremonyContext struct {
	Commits   []message.DKGCommit `json:"commits"` // of all trustees but the signer
	Reveals   []message.DKGReveal `json:"reveals"` // of those who have revealed
	SetupID   message.Digest      `json:"setupID"`
	Signer    uint64              `json:"signer"` // index of the trustee whose messages follow
	Threshold uint64              `json:"threshold"`
	Trustees  uint64              `json:"trustees"` // n
}

// RevealInput is what the signer posts in the first two rounds.
type RevealInput struct {
	Commit message.DKGCommit `json:"commit"`
	Reveal message.DKGReveal `json:"reveal"`
}

// DealingContext is a dealer and those it deals to.
type DealingContext struct {
	Commitments []message.Element `json:"commitments"` // the dealer's
	Dealer      uint64            `json:"dealer"`
	Keys        []message.Element `json:"keys"` // encryption keys by index
	SetupID     message.Digest    `json:"setupID"`
}

// DealingInput is the dealer's message to all, of which only the form can be
// checked by everybody.
type DealingInput struct {
	Dealing message.DKGShares `json:"dealing"`
}

// ShareContext is one recipient's view of a dealer.
type ShareContext struct {
	Commitments []message.Element `json:"commitments"` // the dealer's
	Dealer      uint64            `json:"dealer"`
	Recipient   uint64            `json:"recipient"`
	Secret      message.Scalar    `json:"secret"` // sk of the recipient's encryption key
	SetupID     message.Digest    `json:"setupID"`
}

// ShareInput is what the recipient got.
type ShareInput struct {
	Share message.EncryptedShare `json:"share"`
}

// ComplaintContext is a dealing and who signs a complaint about it.
type ComplaintContext struct {
	Dealing DealingContext    `json:"dealing"`
	Shares  message.DKGShares `json:"shares"`
	Signer  uint64            `json:"signer"` // index of the complainer
}

// ComplaintInput is a complaint. It is valid if it shows that the dealer is
// to blame.
type ComplaintInput struct {
	Complaint message.DKGComplaint `json:"complaint"`
}

// ElectorateContext is the election that credentials are for.
type ElectorateContext struct {
	Manifest message.Manifest `json:"manifest"`
}

// ElectorateInput is the whole list of credentials and its summary (S-07).
type ElectorateInput struct {
	Chunks     []message.Credentials `json:"chunks"`
	Electorate message.Electorate    `json:"electorate"`
}
