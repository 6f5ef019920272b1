// Package manage has the messages of the management ports: what a laboratory
// or a harness asks the processes of an election, apart from the election's
// own interface. A management port listens on the loopback or on a pipe and
// knows no strangers; every message is strict JSON as everything else.
//
// All roles answer Status, take weaknesses before the opening, give away their
// keys where they were started for insiders, and stop on request. What else a
// role can do is in the file that bears its name. Types and paths only: no
// rules, no transport.
package manage

import (
	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
)

// The paths that every role has.
const (
	PathStatus     = "/manage/status"     // GET: Status
	PathWeaknesses = "/manage/weaknesses" // POST Weaknesses: Status
	PathKeys       = "/manage/keys"       // GET ?role=&id=: Keys
	PathShutdown   = "/manage/shutdown"   // POST: 202, then the process ends
)

// MaxRequest bounds a request in bytes, MaxImport that of an import.
const (
	MaxRequest = 1 << 20
	MaxImport  = 256 << 20
)

// The roles that have no key in the manifest.
const (
	RoleVoter  message.Role = "voter"
	RoleMirror message.Role = "mirror"
)

// Status is what a process tells about itself.
type Status struct {
	Board       uint64         `json:"board"`           // entries under the newest cosigned head that it knows
	Fault       string         `json:"fault,omitempty"` // why it stopped, or its first finding against the board
	Fingerprint message.Digest `json:"fingerprint,omitzero"`
	Held        bool           `json:"held"` // told to be silent
	ID          string         `json:"id,omitempty"`
	Limits      []string       `json:"limits,omitempty" limit:"64,256"` // of admission, those that are not the field's
	Phase       message.Phase  `json:"phase"`
	Planted     []string       `json:"planted" limit:"64"` // weaknesses, ascending as given
	Role        message.Role   `json:"role"`
	SetupID     message.Digest `json:"setupID,omitzero"`
	Size        uint64         `json:"size"` // entries that it has dealt with
	Test        bool           `json:"test"` // the manifest says so
}

// Weaknesses replaces what is planted in this process. It is refused once the
// election is open, and unless its manifest says test.
type Weaknesses struct {
	Planted []string `json:"planted" limit:"64"`
}

// Key is a secret of a role: the seed of its Ed25519 key, and for a trustee
// the scalar of its encryption key.
type Key struct {
	Decryption message.Scalar `json:"decryption,omitzero"`
	ID         string         `json:"id,omitempty"`
	Role       message.Role   `json:"role"`
	Signing    codec.Hex32    `json:"signing"`
}

// Keys answers an insider. Asked without a role, a process gives all it has.
type Keys struct {
	Keys []Key `json:"keys" limit:"256"`
}
