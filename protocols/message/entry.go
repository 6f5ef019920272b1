// Package message has the types of everything that goes over the wire and
// into the election record, as SPEC.md names them. Types only: they carry no
// rules beyond what the strict codec enforces (form, lengths, counts), so that
// the reference system, the harness's client and the independent verifier can
// each apply the rules by code of their own.
//
// Members are declared in the order of their JSON names, which is the order
// of the canonical form (RFC 8785).
package message

import "scrutineer/protocols/codec"

// Element is the canonical 32-byte encoding of a ristretto255 element.
// Whether it is one is for its reader to check (V-17).
type Element = codec.Hex32

// Scalar is a 32-byte little-endian integer, meant to be below l (V-17).
type Scalar = codec.Hex32

// Digest is a SHA-256 digest.
type Digest = codec.Hex32

// Key is an Ed25519 public key.
type Key = codec.Hex32

// Signature is an Ed25519 signature.
type Signature = codec.Hex64

// Protocol, Suite and Version are the only ones this package speaks.
const (
	Protocol = "scrutineer/1"
	Suite    = "ristretto255-sha256"
	Version  = 1
)

// Bounds of SPEC.md §3, in bytes.
const (
	MaxEntry  = 65535
	MaxInline = 32768
	ChunkSize = 32768
	MaxBody   = 16 << 20
)

// Type names an entry of the board.
type Type string

// The entry types of SPEC.md §3.
const (
	TypeManifest        Type = "manifest"
	TypeDKGCommit       Type = "dkg-commit"
	TypeDKGReveal       Type = "dkg-reveal"
	TypeDKGShares       Type = "dkg-shares"
	TypeDKGComplaint    Type = "dkg-complaint"
	TypeAbort           Type = "abort"
	TypeCredentials     Type = "credentials"
	TypeElectorate      Type = "electorate"
	TypeConfirm         Type = "confirm"
	TypeOpen            Type = "open"
	TypeCast            Type = "cast"
	TypeChallenge       Type = "challenge"
	TypeCloseChannel    Type = "close-channel"
	TypeParticipation   Type = "participation"
	TypeIdentityList    Type = "identity-list"
	TypeSeal            Type = "seal"
	TypeAggregate       Type = "aggregate"
	TypeDecryptionShare Type = "decryption-share"
	TypeResult          Type = "result"
	TypeMinutes         Type = "minutes"
	TypeImport          Type = "import"
	TypeDeviceBallot    Type = "device-ballot"
	TypeVoid            Type = "void"
	TypeNoPack          Type = "no-pack"
	TypeRevokeDevice    Type = "revoke-device"
)

// The types of statements that a polling place signs and that are no entries
// of the board; some stand in entries.
const (
	TypeActivation  Type = "activation"
	TypeCancelled   Type = "cancelled"
	TypeCard        Type = "card"
	TypeCheckIns    Type = "check-ins"
	TypeCloseReport Type = "close-report"
	TypePack        Type = "pack"
	TypeZeroReport  Type = "zero-report"
)

// Role names who signs an entry.
type Role string

// The roles of SPEC.md §3.
const (
	RoleAuthority Role = "authority"
	RoleBoard     Role = "board"
	RoleRegistrar Role = "registrar"
	RoleIdentity  Role = "identity"
	RoleTrustee   Role = "trustee"
	RoleWitness   Role = "witness"
	RoleOfficer   Role = "officer"
	RoleDevice    Role = "device"

	RoleCountCentre  Role = "count-centre"
	RolePlaceOfficer Role = "place-officer"
	RolePollBook     Role = "poll-book" // its id is the place's

	RolePublisher Role = "publisher" // its id is the channel's
)

// Entry is one leaf of the board: a header and a body, inline or in chunks.
type Entry struct {
	Body      codec.Raw `json:"body,omitzero"`
	Chunks    []Digest  `json:"chunks,omitempty" limit:"512"`
	Context   Digest    `json:"context"`
	ID        string    `json:"id,omitempty"`
	Role      Role      `json:"role,omitempty"`
	Signature Signature `json:"signature,omitzero"`
	Size      uint64    `json:"size,omitzero"`
	Type      Type      `json:"type"`
	Version   uint64    `json:"version"`
}

// DecodeEntry reads an entry. Its body may hold as many items as fit into it;
// how many of each the body's own type says.
func DecodeEntry(raw []byte) (Entry, error) {
	return codec.Decode[Entry](raw, codec.Limits{Size: MaxEntry, Items: MaxEntry})
}
