package manage

import (
	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
)

// The path of the auditor, who runs the system's own verifier.
const PathVerify = "/manage/verify" // POST Verify: Verdict

// Verify asks for a verdict on a record. Fingerprint, where it is there, is
// what the record must be of.
type Verify struct {
	Files       []File         `json:"files" limit:"1048576"`
	Fingerprint message.Digest `json:"fingerprint,omitzero"`
}

// File is one of the record's.
type File struct {
	Content codec.HexBytes `json:"content" limit:"16778240"`
	Path    string         `json:"path" limit:"128"`
}

// Verdict is the auditor's. The record is accepted if there are no findings.
type Verdict struct {
	Accepted bool      `json:"accepted"`
	Findings []Finding `json:"findings" limit:"1048576"`
	Size     uint64    `json:"size"`
}
