package manage

import (
	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
)

// The paths of a polling-place device. It has no network: its port is a Unix
// socket.
const (
	PathDevice      = "/manage/device"       // GET: Device
	PathInstall     = "/manage/install"      // POST Install: Device
	PathTestDeck    = "/manage/test-deck"    // POST: Deck
	PathOpenPolls   = "/manage/open-polls"   // POST: message.ZeroReport
	PathClosePolls  = "/manage/close-polls"  // POST: 204
	PathBegin       = "/manage/begin"        // POST message.Activation: 204
	PathMark        = "/manage/mark"         // POST Mark: Shown
	PathConfirm     = "/manage/confirm"      // POST: Paper
	PathSpoil       = "/manage/spoil"        // POST: message.SignedBallot
	PathCancel      = "/manage/cancel"       // POST: message.Cancelled
	PathDue         = "/manage/due"          // GET: Due
	PathExport      = "/manage/export"       // POST message.CheckIns: Exported
	PathExportAgain = "/manage/export-again" // POST Which: Exported
)

// The paths of a poll book.
const (
	PathDefinition = "/manage/definition" // GET: Install, for the place's devices
	PathCheckIn    = "/manage/check-in"   // POST CheckIn: message.Activation
	PathStrike     = "/manage/strike"     // POST message.Cancelled: 204
	PathCheckIns   = "/manage/check-ins"  // POST Due: message.CheckIns
	PathPresent    = "/manage/present"    // GET: Present
)

// Device is what a device shows on its screen.
type Device struct {
	Ballots     uint64         `json:"ballots"` // cast
	Busy        bool           `json:"busy"`    // a voter stands before it
	Cancelled   uint64         `json:"cancelled"`
	Challenged  uint64         `json:"challenged"`
	Code        message.Digest `json:"code"`
	Fault       string         `json:"fault,omitempty" limit:"1024"`
	Fingerprint message.Digest `json:"fingerprint"`
	ID          string         `json:"id" limit:"64"`
	Key         message.Key    `json:"key"`
	LogHead     message.Digest `json:"logHead"`
	Packs       uint64         `json:"packs"`
	Phase       string         `json:"phase" limit:"16"` // new, installed, open, closed
}

// Install carries an archive with a message.Definition.
type Install struct {
	Archive codec.HexBytes `json:"archive" limit:"67108864"`
}

// Deck tells what the test deck made and read back.
type Deck struct {
	Ballots uint64 `json:"ballots"`
	Cards   uint64 `json:"cards"`
}

// Mark asks for a ballot with these choices, as Encrypt does.
type Mark struct {
	Choices map[string][]string `json:"choices" limit:"256,257"`
}

// Shown is what the voter is shown before the decision.
type Shown struct {
	Code     message.Digest `json:"code"`
	Sequence uint64         `json:"sequence"`
	Tracker  message.Digest `json:"tracker"`
}

// Paper is a ballot card: a drawing with text and code, and a picture of the
// code.
type Paper struct {
	PNG codec.HexBytes `json:"png" limit:"1048576"`
	SVG codec.HexBytes `json:"svg" limit:"1048576"`
}

// Due is a device's next pack, and the activations that its ballots used.
type Due struct {
	Device   string           `json:"device" limit:"64"`
	Sequence uint64           `json:"sequence"`
	Used     []message.Digest `json:"used" limit:"65536"`
}

// Which names a pack.
type Which struct {
	Sequence uint64 `json:"sequence"`
}

// Exported is a pack. It lies on both media as well, where the device has them.
type Exported struct {
	Archive codec.HexBytes `json:"archive" limit:"67108864"`
}

// CheckIn asks for a voter's activation.
type CheckIn struct {
	Credential message.Element `json:"credential"`
	Device     string          `json:"device" limit:"64"`
}

// Present is how many voters were checked in and not struck.
type Present struct {
	CheckIns uint64 `json:"checkIns"`
}
