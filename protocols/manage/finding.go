package manage

import "scrutineer/protocols/codec"

// Finding is what a role found wrong with the board or with another role.
// ThirdParty says that its evidence convinces others, without secrets.
type Finding struct {
	Check      string                    `json:"check"`             // of SPEC.md: a V- or an S-number
	Culprit    string                    `json:"culprit,omitempty"` // "board", "authority", "trustee/t2"
	Detail     string                    `json:"detail"`
	Entry      *uint64                   `json:"entry,omitzero"` // index on the board
	Evidence   map[string]codec.HexBytes `json:"evidence,omitempty" limit:"16,1048576"`
	Role       string                    `json:"role"` // who found it: "trustee/t1", "voter/vera", "auditor"
	ThirdParty bool                      `json:"thirdParty"`
}

// Findings are all that a role has found so far; none is clean. Size is how
// many entries it had seen then.
type Findings struct {
	Findings []Finding `json:"findings" limit:"4096"`
	Size     uint64    `json:"size"`
}

// Answer is what became of a request that a role made for somebody: as it
// came back from the authority.
type Answer struct {
	Body    codec.HexBytes `json:"body,omitempty" limit:"1048576"`
	Code    string         `json:"code,omitempty"` // the stable code of a refusal or problem
	Detail  string         `json:"detail,omitempty"`
	Outcome string         `json:"outcome"` // OutcomeOK, OutcomeRefused, OutcomeUnknown
	Status  uint64         `json:"status,omitzero"`
}

// The outcomes of an Answer. Refused is final and signed; everything else
// that is not OK is unknown.
const (
	OutcomeOK      = "ok"
	OutcomeRefused = "refused"
	OutcomeUnknown = "unknown"
)
