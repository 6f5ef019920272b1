package message

import "scrutineer/protocols/codec"

// What a polling place says and signs. Each signature is Ed25519 over
// D("entry-signature"; type, version, role, id, fingerprint, hb(content)), as
// an entry of the board would have it, with the content being the message
// without its signature:
//
//	activation     poll-book, place     to a device: one ballot for one voter
//	cancelled      device               to the poll book: an activation that is never used
//	check-ins      poll-book, place     in a pack and in its import
//	zero-report    device               at opening
//	close-report   device               in a pack
//	pack           device               pack.json
//	card           device               the QR code of a paper card
//	minutes        two place officers   on paper and in the count centre; an entry
//	no-pack        two of the officers  an entry
//	revoke-device  two of the officers  an entry
//
// A device ballot is signed as the entry that it becomes. Import and void are
// entries of the count centre, which also appends minutes, no-pack and
// revoke-device under its own signature.

// Author says as what something is signed: type tag, role and id of the signer.
type Author struct {
	Type Type
	Role Role
	ID   string
}

// CheckIn is a voter who came to a polling place. It has no time.
type CheckIn struct {
	Credential Element `json:"credential"`
	Style      string  `json:"style"`
	Unit       string  `json:"unit"`
	Weight     uint64  `json:"weight"`
}

// CheckIns are the voters whose activations a device used for one of its
// packs, by ascending credential (S-53).
type CheckIns struct {
	CheckIns    []CheckIn `json:"checkIns" limit:"65536"`
	Device      string    `json:"device"`
	Fingerprint Digest    `json:"fingerprint"`
	Place       string    `json:"place"`
	Sequence    uint64    `json:"sequence"` // of the pack
	Signature   Signature `json:"signature,omitzero"`
}

// Author is the place's poll book.
func (c CheckIns) Author() Author { return Author{TypeCheckIns, RolePollBook, c.Place} }

// Content is what is signed.
func (c CheckIns) Content() CheckIns { c.Signature = Signature{}; return c }

// Activation lets a device take one ballot. It names no voter; the nonce is
// random and used once (S-51).
type Activation struct {
	Device      string    `json:"device"`
	Fingerprint Digest    `json:"fingerprint"`
	Nonce       Digest    `json:"nonce"`
	Place       string    `json:"place"`
	Signature   Signature `json:"signature,omitzero"`
	Style       string    `json:"style"`
	Unit        string    `json:"unit"`
	Weight      uint64    `json:"weight"`
}

// Author is the place's poll book.
func (a Activation) Author() Author { return Author{TypeActivation, RolePollBook, a.Place} }

// Content is what is signed.
func (a Activation) Content() Activation { a.Signature = Signature{}; return a }

// Cancelled is a device's word that it took no ballot for an activation and
// never will, so that the poll book strikes the check-in (S-51).
type Cancelled struct {
	Device      string    `json:"device"`
	Fingerprint Digest    `json:"fingerprint"`
	Nonce       Digest    `json:"nonce"`
	Signature   Signature `json:"signature,omitzero"`
}

// Author is the device.
func (c Cancelled) Author() Author { return Author{TypeCancelled, RoleDevice, c.Device} }

// Content is what is signed.
func (c Cancelled) Content() Cancelled { c.Signature = Signature{}; return c }

// DeviceBallot is the body of a device-ballot entry (S-52): a ballot that was
// cast, or the opening of one that was challenged. Exactly one is there. Code
// is the confirmation code that the voter saw before the decision.
type DeviceBallot struct {
	Ballot    *Ballot    `json:"ballot,omitzero"`
	Challenge *Challenge `json:"challenge,omitzero"`
	Code      Digest     `json:"code"`
	Sequence  uint64     `json:"sequence"` // counts the device's ballots from 1
}

// ZeroReport is what a device shows and signs at its opening: it holds no
// ballot. Its digest starts the chain of confirmation codes (S-50).
type ZeroReport struct {
	At          uint64    `json:"at"` // Unix seconds
	Ballots     uint64    `json:"ballots"`
	Challenged  uint64    `json:"challenged"`
	Device      string    `json:"device"`
	Fingerprint Digest    `json:"fingerprint"`
	LogHead     Digest    `json:"logHead"`
	Signature   Signature `json:"signature,omitzero"`
}

// Author is the device.
func (z ZeroReport) Author() Author { return Author{TypeZeroReport, RoleDevice, z.Device} }

// Content is what is signed.
func (z ZeroReport) Content() ZeroReport { z.Signature = Signature{}; return z }

// CloseReport is what a device shows and signs when it exports a pack: what it
// holds since its opening.
type CloseReport struct {
	At          uint64    `json:"at"` // Unix seconds
	Ballots     uint64    `json:"ballots"`
	Cancelled   uint64    `json:"cancelled"`
	Challenged  uint64    `json:"challenged"`
	CodeEnd     Digest    `json:"codeEnd"`
	Device      string    `json:"device"`
	Fingerprint Digest    `json:"fingerprint"`
	LogHead     Digest    `json:"logHead"`
	Sequence    uint64    `json:"sequence"` // of the pack
	Signature   Signature `json:"signature,omitzero"`
}

// Author is the device.
func (c CloseReport) Author() Author { return Author{TypeCloseReport, RoleDevice, c.Device} }

// Content is what is signed.
func (c CloseReport) Content() CloseReport { c.Signature = Signature{}; return c }

// EventKind names what a device notes in its log.
type EventKind string

// The kinds of events. A cast and a challenge have a sequence number and no
// time; all others have a time and no sequence number, so that the log does not
// tell when somebody voted.
const (
	EventStart     EventKind = "start" // the program runs
	EventOpen      EventKind = "open"  // after the zero report
	EventCast      EventKind = "cast"  // with its sequence number
	EventChallenge EventKind = "challenge"
	EventExport    EventKind = "export" // a pack was written
	EventClose     EventKind = "close"  // no ballot is taken any more
	EventTest      EventKind = "test"   // a test deck ran
	EventAdmin     EventKind = "admin"  // somebody used the management socket
	EventFault     EventKind = "fault"  // something failed; Detail says what
)

// Event is one line of a device's log. Number counts from 1; Previous is the
// head before it, zeros at the start (S-50).
type Event struct {
	At       uint64    `json:"at,omitzero"`
	Detail   string    `json:"detail,omitempty" limit:"256"`
	Kind     EventKind `json:"kind"`
	Number   uint64    `json:"number"`
	Previous Digest    `json:"previous"`
	Sequence uint64    `json:"sequence,omitzero"`
}

// Card is the QR code of a paper card (S-54): the selections in clear, and a
// random number that the device forgets. It names neither sequence number nor
// time nor confirmation code.
type Card struct {
	Card        codec.Hex16   `json:"card"`
	Contests    []CardContest `json:"contests" limit:"256"`
	Device      string        `json:"device"`
	Fingerprint Digest        `json:"fingerprint"`
	Signature   Signature     `json:"signature,omitzero"`
	Style       string        `json:"style"`
	Unit        string        `json:"unit"`
	Weight      uint64        `json:"weight"`
}

// Author is the device.
func (c Card) Author() Author { return Author{TypeCard, RoleDevice, c.Device} }

// Content is what is signed.
func (c Card) Content() Card { c.Signature = Signature{}; return c }

// CardContest lists what was selected in one contest of the style, in the
// manifest's order; the blank vote is [BlankOption].
type CardContest struct {
	Contest string   `json:"contest"`
	Options []string `json:"options" limit:"257"`
}

// Minutes are a polling place's account after its close, signed by two of its
// officers: without them nothing of the place is imported (S-55).
type Minutes struct {
	CheckIns    uint64             `json:"checkIns"` // of the whole place
	Devices     []DeviceMinutes    `json:"devices" limit:"4096"`
	Fingerprint Digest             `json:"fingerprint"`
	Place       string             `json:"place"`
	Signatures  []OfficerSignature `json:"signatures,omitempty" limit:"8"`
}

// Author is an officer of the place.
func (m Minutes) Author(officer string) Author {
	return Author{TypeMinutes, RolePlaceOfficer, officer}
}

// Content is what each officer signs.
func (m Minutes) Content() Minutes { m.Signatures = nil; return m }

// DeviceMinutes is the line of one device, in the order of the manifest. Pack
// is the digest of the final pack's archive; absent where there is none.
type DeviceMinutes struct {
	Ballots    uint64 `json:"ballots"`
	Challenged uint64 `json:"challenged"`
	CodeEnd    Digest `json:"codeEnd"`
	Device     string `json:"device"`
	Pack       Digest `json:"pack,omitzero"`
}

// OfficerSignature is the signature of one officer.
type OfficerSignature struct {
	ID        string    `json:"id"`
	Signature Signature `json:"signature"`
}

// NoPack says that a device's final pack will never come, and how many of its
// ballots are therefore not on the board, as far as anybody knows. Two of the
// three officers sign it (S-58).
type NoPack struct {
	Ballots    uint64             `json:"ballots"`
	Device     string             `json:"device"`
	Reason     string             `json:"reason" limit:"1024"`
	Signatures []OfficerSignature `json:"signatures,omitempty" limit:"8"`
}

// Author is one of the officers.
func (n NoPack) Author(officer string) Author { return Author{TypeNoPack, RoleOfficer, officer} }

// Content is what each officer signs.
func (n NoPack) Content() NoPack { n.Signatures = nil; return n }

// RevokeDevice ends what a device can do: nothing of it is imported after it.
// Two of the three officers sign it (S-58).
type RevokeDevice struct {
	Device     string             `json:"device"`
	Reason     string             `json:"reason" limit:"1024"`
	Signatures []OfficerSignature `json:"signatures,omitempty" limit:"8"`
}

// Author is one of the officers.
func (r RevokeDevice) Author(officer string) Author {
	return Author{TypeRevokeDevice, RoleOfficer, officer}
}

// Content is what each officer signs.
func (r RevokeDevice) Content() RevokeDevice { r.Signatures = nil; return r }
