package vectors

import "scrutineer/protocols/message"

// None is the context of cases that share nothing.
type None struct{}

// Election is an election that has been set up: what a client pins before it
// looks at any ballot.
type Election struct {
	Ceremony    uint64               `json:"ceremony"`    // number of the key ceremony
	Commitments [][]message.Element  `json:"commitments"` // A_ik of each trustee
	Credentials []message.Credential `json:"credentials"` // the electorate in order
	ElectionKey message.Element      `json:"electionKey"` // Y
	Fingerprint message.Digest       `json:"fingerprint"`
	Manifest    message.Manifest     `json:"manifest"`
	SetupID     message.Digest       `json:"setupID"`
}

// Voting is an election with its board as it stands: entries up to now, of
// which the next is asked for.
type Voting struct {
	Board    []message.Entry `json:"board"` // canonical form of each is the entry
	Election Election        `json:"election"`
}
