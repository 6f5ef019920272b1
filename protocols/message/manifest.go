package message

// Manifest is the election definition (SPEC.md §2).
type Manifest struct {
	Authorisation Element       `json:"authorisation,omitzero"`
	Authority     Key           `json:"authority"`
	Board         Board         `json:"board"`
	Channels      []Channel     `json:"channels" limit:"16"`
	Contests      []Contest     `json:"contests" limit:"256"`
	CountCentre   Key           `json:"countCentre,omitzero"`
	Devices       []Device      `json:"devices" limit:"65536"`
	Identity      Key           `json:"identity,omitzero"`
	MinimumCell   uint64        `json:"minimumCell"`
	Officers      []Officer     `json:"officers" limit:"64"`
	Places        []Place       `json:"places,omitempty" limit:"4096"`
	PollInterval  uint64        `json:"pollInterval"`
	Protocol      string        `json:"protocol"`
	Publishing    *Publishing   `json:"publishing,omitzero"`
	Quorum        uint64        `json:"quorum"`
	Registrar     Key           `json:"registrar"`
	Revote        RevotePolicy  `json:"revote"`
	Stages        []string      `json:"stages" limit:"8"`
	Styles        []Style       `json:"styles" limit:"256"`
	Suite         string        `json:"suite"`
	Test          bool          `json:"test"`
	Threshold     uint64        `json:"threshold"`
	Title         string        `json:"title"`
	Trustees      []TrusteeLine `json:"trustees" limit:"64"`
	Units         []Unit        `json:"units" limit:"4096"`
	Weights       []uint64      `json:"weights" limit:"1024"`
	Witnesses     []WitnessLine `json:"witnesses" limit:"64"`
}

// RevotePolicy says what a second ballot of a voter does.
type RevotePolicy string

// The revote policies.
const (
	RevoteNone       RevotePolicy = "none"
	RevoteLastCounts RevotePolicy = "last-counts"
)

// BlankOption names the blank selection; no option may be called so.
const BlankOption = "blank"

// KindHomomorphic is the only kind of contest in this version.
const KindHomomorphic = "homomorphic"

// MethodPlurality is the only counting method in this version.
const MethodPlurality = "plurality"

// The kinds of channels.
const (
	ChannelOnline  = "online"
	ChannelOffline = "offline"
)

// Board names the log: the origin line of its checkpoints and its key.
type Board struct {
	Key    Key    `json:"key"`
	Origin string `json:"origin"`
}

// Channel is a way to cast. Opens and Closes are Unix seconds, MaxExtension
// is in seconds.
type Channel struct {
	Closes       uint64 `json:"closes"`
	ID           string `json:"id"`
	Kind         string `json:"kind"`
	MaxExtension uint64 `json:"maxExtension"`
	Opens        uint64 `json:"opens"`
}

// Contest is one question.
type Contest struct {
	Blank   bool     `json:"blank"`
	ID      string   `json:"id"`
	Kind    string   `json:"kind"`
	Max     uint64   `json:"max"`
	Method  Method   `json:"method"`
	Min     uint64   `json:"min"`
	Options []Option `json:"options" limit:"256"`
	Title   string   `json:"title"`
}

// Method is how totals become an outcome.
type Method struct {
	Kind  string `json:"kind"`
	Seats uint64 `json:"seats"`
}

// Option is one answer to a contest.
type Option struct {
	ID    string `json:"id"`
	Title string `json:"title"`
}

// Style lists the contests of a ballot, in ballot order.
type Style struct {
	Contests []string `json:"contests" limit:"256"`
	ID       string   `json:"id"`
}

// Unit is a district; the order of units is the order in which small ones
// merge.
type Unit struct {
	ID    string `json:"id"`
	Title string `json:"title"`
}

// TrusteeLine names a trustee: index 1..n, an Ed25519 key for its entries,
// and an element to which shares are encrypted.
type TrusteeLine struct {
	Encryption Element `json:"encryption"`
	ID         string  `json:"id"`
	Index      uint64  `json:"index"`
	Signing    Key     `json:"signing"`
}

// WitnessLine names a witness of the board.
type WitnessLine struct {
	ID  string `json:"id"`
	Key Key    `json:"key"`
}

// Officer is one of those who sign two of three: of the electoral body in the
// manifest's own list, of a polling place in the place's.
type Officer struct {
	ID  string `json:"id"`
	Key Key    `json:"key"`
}

// Device is the certificate of a polling-place device: its key, the place it
// stands in, and from when to when it takes ballots, in Unix seconds.
type Device struct {
	Closes uint64 `json:"closes"`
	ID     string `json:"id"`
	Key    Key    `json:"key"`
	Opens  uint64 `json:"opens"`
	Place  string `json:"place"`
}

// Place is a polling place: the units whose voters it takes, the key of its
// poll book, and its officers, of whom two sign the minutes.
type Place struct {
	ID       string    `json:"id"`
	Officers []Officer `json:"officers" limit:"8"`
	PollBook Key       `json:"pollBook"`
	Title    string    `json:"title"`
	Units    []string  `json:"units" limit:"4096"`
}

// ManifestBody is the body of the board's first entry.
type ManifestBody struct {
	Ceremony uint64   `json:"ceremony"`
	Manifest Manifest `json:"manifest"`
}
