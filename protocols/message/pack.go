package message

// The files of a pack in their order (S-56). Each JSON file is one message in
// canonical form without a final newline; ballots and events have one message
// a line, each line with a newline.
const (
	FilePack        = "pack.json"
	FileBallots     = "ballots.jsonl"
	FileCheckIns    = "check-ins.json"
	FileNonces      = "nonces.json"
	FileEvents      = "events.jsonl"
	FileZeroReport  = "zero-report.json"
	FileCloseReport = "close-report.json"
)

// MaxPack is how long the archive of a pack may be, in bytes.
const MaxPack = 64 << 20

// Pack is pack.json: what a device signs of all that it carries to the count
// centre on removable media (S-56). The digests of the other files are here, so
// that the one signature covers the archive.
type Pack struct {
	Ballots     uint64     `json:"ballots"`    // cast, in this pack
	Challenged  uint64     `json:"challenged"` // in this pack
	CheckIns    uint64     `json:"checkIns"`   // in this pack
	CodeEnd     Digest     `json:"codeEnd"`    // the last confirmation code so far
	Device      string     `json:"device"`
	Events      uint64     `json:"events"`          // in this pack
	Files       []PackFile `json:"files" limit:"6"` // all but pack.json, in order
	Final       bool       `json:"final"`           // no other follows
	Fingerprint Digest     `json:"fingerprint"`
	First       uint64     `json:"first"`    // number of the first ballot in this pack; the next one where it has none
	LogHead     Digest     `json:"logHead"`  // of the event log, after the last event here
	Previous    Digest     `json:"previous"` // digest of the archive before; zeros in the first
	Sequence    uint64     `json:"sequence"` // counts the device's packs from 1
	Signature   Signature  `json:"signature,omitzero"`
}

// Author is the device.
func (p Pack) Author() Author { return Author{TypePack, RoleDevice, p.Device} }

// Content is what is signed.
func (p Pack) Content() Pack { p.Signature = Signature{}; return p }

// PackFile names a file of the pack with the SHA-256 of its bytes.
type PackFile struct {
	Digest Digest `json:"digest"`
	Name   string `json:"name"`
}

// SignedBallot is a line of ballots.jsonl: the body of a device-ballot entry
// and the device's signature of that entry, from which anybody makes the entry.
type SignedBallot struct {
	Ballot    DeviceBallot `json:"ballot"`
	Signature Signature    `json:"signature"`
}

// Nonces are those of the activations that the ballots of a pack used,
// ascending (S-56): not in the order of the ballots.
type Nonces struct {
	Nonces []Digest `json:"nonces" limit:"65536"`
}

// Import is the body of the entry with which the count centre takes a pack
// (S-57). Digest is that of the archive; the device-ballot entries of the pack
// follow it. ZeroReport is there in a device's first pack only.
type Import struct {
	CheckIns   CheckIns    `json:"checkIns"`
	Digest     Digest      `json:"digest"`
	Pack       Pack        `json:"pack"`
	ZeroReport *ZeroReport `json:"zeroReport,omitzero"`
}

// Void takes a ballot out of the count whose voter came to a polling place
// (S-59). Entry is the index of the cast, Signer the place whose poll book
// signed the check-in.
type Void struct {
	CheckIn CheckIn `json:"checkIn"`
	Entry   uint64  `json:"entry"`
	Signer  string  `json:"signer"`
}
