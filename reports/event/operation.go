package event

// OpType is the type of a history line: an invocation or its completion.
type OpType string

// The types of a history line. Every operation is invoked and then ok,
// refused or unknown; one that is never completed is unknown.
const (
	Invoke    OpType = "invoke"
	OpOK      OpType = "ok"
	OpRefused OpType = "refused"
	OpUnknown OpType = "unknown"
)

// Operations that reports draw over time.
const (
	// OpCast, by RoleVoter, sends a ballot and the decision to cast it.
	OpCast    = "cast"
	RoleVoter = "voter"
	// RoleFault is the role of a fault injected from outside. Its Actor is the
	// node that suffers it, its Op what it is. It is in force from the
	// invocation to the completion, which is ok where the fault was seen to take
	// effect and unknown otherwise.
	RoleFault = "fault"
)

var opTypes = []OpType{Invoke, OpOK, OpRefused, OpUnknown}

// Operation is a line of history.jsonl. Invocation and completion are two
// lines with the same ID; Event.Time is when each happened.
//
// It has no field for planted weaknesses: what judges reads histories, and
// must not know them.
type Operation struct {
	// ID pairs an invocation with its completion; unique in the file.
	ID   string `json:"id"`
	Type OpType `json:"type"`
	// Election is the election's fingerprint or id.
	Election string `json:"election,omitempty"`
	// Process is the logical thread; it has one operation in flight.
	Process string `json:"process,omitempty"`
	// Actor is who acts (voter-17), Role what it is (voter), Op what it does.
	Actor string `json:"actor"`
	Role  string `json:"role,omitempty"`
	Op    string `json:"op"`
	// Adversary is true for what an honest participant would not do.
	Adversary bool `json:"adversary,omitzero"`
	// Race names the group of operations whose winner is chance.
	Race   string  `json:"race,omitempty"`
	Params []Param `json:"params,omitempty"`
	// Ballot is the ground truth and the identifiers of a ballot operation.
	Ballot *Ballot `json:"ballot,omitzero"`
	// Code is the target's stable code of a refusal or error.
	Code string `json:"code,omitempty"`
	// Message is the target's own text. It is hostile.
	Message string `json:"message,omitempty"`
	// Response is the SHA-256 (hex) of the answer's bytes.
	Response string `json:"response,omitempty"`
}

// Ballot is what the harness knows of one ballot.
type Ballot struct {
	Credential string `json:"credential,omitempty"`
	Style      string `json:"style,omitempty"`
	Unit       string `json:"unit,omitempty"`
	Weight     int64  `json:"weight,omitzero"`
	// Choices are the voter's intentions, one for each contest.
	Choices     []Choice `json:"choices,omitempty"`
	Tracker     string   `json:"tracker,omitempty"`
	Predecessor string   `json:"predecessor,omitempty"`
	// Index is the board index that was promised or seen.
	Index *int64 `json:"index,omitzero"`
}

// Choice is an intention in one contest. Options may be empty: nothing
// selected. Blank is an explicit blank vote.
type Choice struct {
	Contest string   `json:"contest"`
	Options []string `json:"options,omitempty"`
	Blank   bool     `json:"blank,omitzero"`
}

func (o *Operation) check() error {
	return oneOf("type", o.Type, opTypes)
}
