package message

// Appended answers a role whose entry was accepted.
type Appended struct {
	Index uint64 `json:"index"`
}

// Status is where an election stands: its phase, the number of entries, the
// digests known so far (zero until they are), and why there will be no result
// where the shares of enough trustees do not give one.
type Status struct {
	Ceremony    uint64  `json:"ceremony"`
	ElectionKey Element `json:"electionKey,omitzero"` // as the server has it; a client compares it with its own
	Fingerprint Digest  `json:"fingerprint,omitzero"`
	Phase       Phase   `json:"phase"`
	SetupID     Digest  `json:"setupID,omitzero"`
	Size        uint64  `json:"size"`
	Stalled     string  `json:"stalled,omitempty" limit:"1024"`
	Waiting     string  `json:"waiting,omitempty" limit:"4096"` // ids of the trustees for whose shares the result waits, apart by spaces
}

// Phase is the stage of the election that the order of entries (V-06) gives.
type Phase string

// The phases, in order.
const (
	PhaseEmpty        Phase = "empty"
	PhaseCommit       Phase = "commit"
	PhaseReveal       Phase = "reveal"
	PhaseDeal         Phase = "deal"
	PhaseCredentials  Phase = "credentials"
	PhaseConfirm      Phase = "confirm"
	PhaseReady        Phase = "ready"
	PhaseVoting       Phase = "voting"
	PhaseClosed       Phase = "closed"
	PhaseParticipated Phase = "participated"
	PhaseListed       Phase = "listed" // by the identity service
	PhaseSealed       Phase = "sealed"
	PhaseDecrypting   Phase = "decrypting"
	PhasePublished    Phase = "published"
	PhaseAborted      Phase = "aborted"
)

// Chain is the standing ballot of a credential: its tracker, or None, and
// the index of its entry.
type Chain struct {
	Head  string `json:"head"`
	Index uint64 `json:"index,omitzero"`
}

// Problem is the body of every error answer (RFC 9457), with a stable code.
type Problem struct {
	Code   string `json:"code"`
	Detail string `json:"detail,omitempty"`
	Status uint64 `json:"status"`
	Title  string `json:"title"`
	Type   string `json:"type"`
}
