package targets

import "context"

// Finding is what one of the target's own roles found wrong. It is an alarm:
// ThirdParty says that others can check its evidence without secrets.
type Finding struct {
	Role       string // who found it: "voter/vera", "trustee/2", "auditor"
	Check      string // number of the specification's step or check
	Culprit    string // who is to blame, where the finding says
	Detail     string
	Entry      *uint64 // index on the board
	ThirdParty bool
	Evidence   map[string][]byte // named pieces: "receipt", "entry", "head"
}

// Voters brings the target's own voting client.
type Voters interface {
	Voter(ctx context.Context, id string) (Voter, error)
}

// Voter is the target's client in one voter's hands.
type Voter interface {
	// Encrypt makes a ballot for the choices (contest to options) and returns
	// the tracker that the voter is shown before he decides, with an opaque
	// handle. The ballot has been handed to the box. Where the client finds
	// that the box answered for another ballot the error is an *Objection.
	Encrypt(ctx context.Context, choices map[string][]string) (handle, tracker string, err error)
	// Cast decides to cast it. Casting a handle again sends the same decision.
	Cast(ctx context.Context, handle string) (Answer, error)
	// Challenge decides to open it instead, and has the opening checked.
	Challenge(ctx context.Context, handle string) (Answer, error)
	// Check makes the check that the voter owes: it waits for a published head
	// that covers what was promised, or until ctx ends. No findings is clean.
	Check(ctx context.Context) ([]Finding, error)
}

// Objection is the error of a voter's client that will not go on because of
// what the server answered: its own refusal, and no fault of the target.
type Objection struct {
	Check  string // number of the specification's step
	Detail string
}

func (o *Objection) Error() string { return o.Check + ": " + o.Detail }

// Keeper is a Voter whose client takes up what another device of the voter
// decided: the decision as the voter was shown it, and the box's answer, in
// the dialect's format. Check then covers it.
type Keeper interface {
	Keep(ctx context.Context, decision, answer []byte) error
}

// Auditor is a Voter whose client is the other device that checks an opened
// ballot: the opening as the device sent it, in the dialect's format, the
// tracker that the voter was shown, and the choices that he made. No findings
// means that the ballot opens to them.
type Auditor interface {
	Audit(ctx context.Context, opening []byte, tracker string, choices map[string][]string) ([]Finding, error)
}

// Notified is a Voter whose client reads the notices that reached the voter and
// makes the check that he owes on each. No findings is clean. Only elections
// with an identity service have notices; elsewhere there are none.
type Notified interface {
	ReadNotices(ctx context.Context) ([]Finding, error)
}

// Credentials hands a voter's credential to the voter that the harness plays,
// in the dialect's format: for ours, JSON of protocols/manage.Credential.
type Credentials interface {
	Credential(ctx context.Context, voter string) ([]byte, error)
}

// Trustees drives the target's own trustees, by index from 1.
type Trustees interface {
	// Follow has a trustee read the board up to the newest head and tell what
	// it found.
	Follow(ctx context.Context, index int) ([]Finding, error)
	// Decrypt has it answer for every aggregate. It returns when its answer is
	// on the board, or with the findings that made it refuse.
	Decrypt(ctx context.Context, index int) (Answer, []Finding, error)
}

// Witnesses tells the last head that each of the target's witnesses cosigned.
type Witnesses interface {
	WitnessHead(ctx context.Context, id string) ([]byte, error)
}

// Verifier runs the target's own verifier over a published record. No
// findings means that it accepts.
type Verifier interface {
	VerifyRecord(ctx context.Context, record map[string][]byte) ([]Finding, error)
}
