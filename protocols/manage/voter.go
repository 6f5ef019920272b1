package manage

import (
	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
)

// The paths of the voting client. One process serves many voters; each is
// known by the id that the roll gives him.
const (
	PathVoters    = "/manage/voters"    // POST Credentials: 204
	PathEncrypt   = "/manage/encrypt"   // POST Encrypt: Encrypted
	PathCast      = "/manage/cast"      // POST Decide: Answer
	PathChallenge = "/manage/challenge" // POST Decide: Answer
	PathCheck     = "/manage/check"     // POST Check: Checked
	PathHistory   = "/manage/history"   // POST Voter: History
	PathKeep      = "/manage/keep"      // POST Keep: 204
	PathNotices   = "/manage/notices"   // POST Voter: Checked
	PathAudit     = "/manage/audit"     // POST Audit: Audited
)

// Voter names one.
type Voter struct {
	Voter string `json:"voter" limit:"256"`
}

// Check asks for the check that a voter owes, and waits at most so many seconds
// for a published head that covers what he was promised.
type Check struct {
	Voter string `json:"voter" limit:"256"`
	Wait  uint64 `json:"wait"`
}

// CodeObjection is the code of a problem by which a voter's client says that
// it will not go on because of what the server answered.
const CodeObjection = "client-objects"

// MaxWait bounds the seconds that anybody may be asked to wait.
const MaxWait = 600

// Encrypt asks for a ballot with these choices, contest to options; the
// option "blank" alone is a blank vote.
type Encrypt struct {
	Choices map[string][]string `json:"choices" limit:"256,257"`
	Voter   string              `json:"voter" limit:"256"`
}

// Encrypted is what the voter is shown before he decides. The ballot waits in
// the box; Handle names it here.
type Encrypted struct {
	Handle  string         `json:"handle"`
	Tracker message.Digest `json:"tracker"`
}

// Decide casts or challenges a ballot that was encrypted. The same decision
// again is sent again, byte for byte.
type Decide struct {
	Handle string `json:"handle" limit:"128"`
	Voter  string `json:"voter" limit:"256"`
}

// Checked is the outcome of the check that a voter owes, and is offered again
// after the seal. Pending counts promises that no published head covered in
// the time there was.
type Checked struct {
	Findings []Finding `json:"findings" limit:"4096"`
	Pending  uint64    `json:"pending"`
	Size     uint64    `json:"size"`
}

// Audit asks this client to be the other device of S-18: it checks what another
// device of the voter opened. Choices and tracker come from the voter, who made
// the ones and was shown the other.
type Audit struct {
	Challenge codec.HexBytes      `json:"challenge" limit:"1048576"`
	Choices   map[string][]string `json:"choices" limit:"256,257"`
	Tracker   message.Digest      `json:"tracker"`
	Voter     string              `json:"voter" limit:"256"`
}

// Audited is what it found; none means that the ballot opens to the choices.
type Audited struct {
	Findings []Finding `json:"findings" limit:"4096"`
}

// Keep hands a voter's client what another device of his decided: the decision
// as he was shown it, and the box's answer. Check covers it from then on.
type Keep struct {
	Answer   codec.HexBytes `json:"answer" limit:"65536"`
	Decision codec.HexBytes `json:"decision" limit:"65536"`
	Voter    string         `json:"voter" limit:"256"`
}

// History is what the client did for a voter, in order.
type History struct {
	Ballots []Ballot `json:"ballots" limit:"4096"`
}

// The states of a ballot in a History.
const (
	BallotWaiting    = "waiting"    // no decision yet, or none that was answered
	BallotCast       = "cast"       // acknowledged
	BallotChallenged = "challenged" // opened; not to be cast any more
	BallotRefused    = "refused"    // by a signed refusal
	BallotUnknown    = "unknown"    // a decision was sent and not answered
)

// Ballot is one of them. Receipt or Refusal are there where the board gave
// one.
type Ballot struct {
	Choices map[string][]string `json:"choices" limit:"256,257"`
	Handle  string              `json:"handle"`
	Receipt *message.Receipt    `json:"receipt,omitzero"`
	Refusal *message.Refusal    `json:"refusal,omitzero"`
	State   string              `json:"state"`
	Tracker message.Digest      `json:"tracker"`
}
