// Package targets says what a system under test can do, in small interfaces,
// and in words that no protocol owns: a target carries bytes and faults.
//
// Target and Election are what every target has. All else is an ability: an
// interface that an Election may have as well, found by type assertion and
// named by a word that scenarios ask for. The adapters below this folder
// implement them; attacks and the runner see this package alone.
//
// Whatever a target returns is hostile. Adapters bound its size and time; who
// uses a target bounds the rest.
package targets

import (
	"context"
	"errors"
)

// Ability is the word by which scenarios ask for something a target can do.
type Ability string

// The abilities, with the interface of an Election (or the field of a
// Description) that stands for each.
const (
	Ceremony Ability = "ceremony" // Target.Open
	Open     Ability = "open"     // Target.Open
	Submit   Ability = "submit"   // Submitter
	Board    Ability = "board"    // BoardReader
	Close    Ability = "close"    // Closer
	Tally    Ability = "tally"    // Trustees
	Publish  Ability = "publish"  // BoardReader: the result is an entry
	Client   Ability = "client"   // Voters
	Trustee  Ability = "trustee"  // Trustees
	Witness  Ability = "witness"  // Witnesses
	Verify   Ability = "verify"   // Verifier
	Identity Ability = "identity" // Description, Notified: elections with an identity service
	Place    Ability = "place"    // Places, CountCentre: elections with polling places
	Fault    Ability = "fault"    // Faulty
	Insider  Ability = "insider"  // Corruptible
	Headers  Ability = "headers"  // Forwarder
	Outage   Ability = "outage"   // Dependent
	Inspect  Ability = "inspect"  // Inspectable
	Front    Ability = "front"    // Corruptible.Interpose stands before what roles read, too
	Announce Ability = "announce" // Definition.Announced and Definition.Shown
	Network  Ability = "network"  // Definition.Field, Networked
	Results  Ability = "results"  // Channels: elections that publish on channels beside the board
	Notices  Ability = "notices"  // Announcer, Informed
	Dialect  Ability = "dialect"  // Description.Dialect is one that the harness speaks
	Opaque   Ability = "opaque"   // Encrypter and Caster: ballots that the harness cannot read
	Count    Ability = "count"    // Counter
)

// Errors that callers tell apart.
var (
	// ErrUnable: the target lacks the ability that the call needs.
	ErrUnable = errors.New("the target is not able to do this")
	// ErrTarget: the target broke, answered nonsense or went beyond a bound.
	// It yields an inconclusive verdict, never a pass.
	ErrTarget = errors.New("the target misbehaved")
	// ErrSetup: the target refused the definition or its ceremony was aborted;
	// a Refusal says why.
	ErrSetup = errors.New("the election was not set up")
)

// Target is a system under test, or the means to start one.
type Target interface {
	Describe(ctx context.Context) (Description, error)
	// Open sets up an election and waits until it is open for voting. It
	// wraps ErrSetup in a *Refusal where a role refuses.
	Open(ctx context.Context, d Definition) (Election, error)
	Close() error
}

// Description is what a target says of itself.
type Description struct {
	Name      string
	Version   string
	Dialect   string // the protocol it speaks
	Test      bool   // takes weaknesses and hands out insider help
	Abilities []Ability
	// Lacks gives for abilities that are missing the reason, where it is known.
	Lacks map[Ability]string
	// Parallel is how many groups of elections the target holds at once; 0 is
	// no bound.
	Parallel int
	// Reaches names other machines that the target says it talks to.
	Reaches []string
}

// All lists the abilities there are.
func All() []Ability {
	return []Ability{Ceremony, Open, Submit, Board, Close, Tally, Publish, Client, Trustee, Witness, Verify,
		Identity, Place, Fault, Insider, Headers, Outage, Front, Inspect, Announce, Results, Notices, Network, Dialect, Opaque, Count}
}

// Definition is an election to be set up.
type Definition struct {
	// ID names the election in histories and reports.
	ID string
	// Group is shared by elections that one attack is about. A target that
	// starts a system for each election has one system for those of a group.
	Group string
	// Draft is the election in the dialect's own format: for ours, JSON of
	// protocols/manage.Draft.
	Draft []byte
	// Seed makes the keys of the target's own roles; test elections only.
	Seed string
	// Plant names the weaknesses of this election; test elections only. Who
	// judges never sees it.
	Plant []string
	// Harness names the roles that the harness plays, as "trustee/3",
	// "voter/mallory", "registrar". Public keys of those that have one stand
	// in Draft. The target starts none of them.
	Harness []string
	// Await names how far Open waits: "" for open, "posted" for a board that
	// exists (the harness plays a role in the ceremony and goes on itself).
	Await string
	// Announced is the digest under which the election was announced, in the
	// dialect's format: for ours, hex of SPEC.md's definition digest. Every
	// role of the target compares with it; "" for none. Needs Announce.
	Announced string
	// Shown, where not nil, is the definition that the voters' clients are
	// handed, in the format of Draft; where it is nil they are handed Draft.
	// Needs Announce.
	Shown []byte
	// Crash says that the server of this election will be made to crash: it
	// must be nobody else's. Needs Fault.
	Crash bool
	// Field, where not nil, asks for the election as it would stand in the
	// field. Needs Network.
	Field *Field
	// Entries, where not nil, are the first entries of the board as a
	// corrupted server would have it; needs Insider.
	Entries [][]byte
}

// Refusal says which role would not go on with an election, and why.
type Refusal struct {
	Role     string // "trustee/2"
	Check    string // number of the check, where the target names one
	Detail   string
	Findings []Finding
}

func (r *Refusal) Error() string { return r.Role + " refuses: " + r.Detail }

// Unwrap is ErrSetup.
func (r *Refusal) Unwrap() error { return ErrSetup }

// Election is one election on a target. Its abilities are other interfaces
// that it may have.
type Election interface {
	// Info is what the target tells publicly of the election, in the
	// dialect's format: for ours, JSON of message.Status.
	Info(ctx context.Context) ([]byte, error)
	// Close stops the election and frees what it holds.
	Close() error
}

// Outcome of a request, as Jepsen has it.
type Outcome string

// The outcomes.
const (
	OK      Outcome = "ok"
	Refused Outcome = "refused"
	Unknown Outcome = "unknown"
)

// Answer is what came back. Body is bounded by the adapter. An Unknown outcome
// is no error of the call: a time-out or a broken connection may have had an
// effect.
type Answer struct {
	Outcome Outcome
	Status  int    // HTTP status, where there was one
	Code    string // the target's stable code for a refusal
	Body    []byte
	Detail  string // what went wrong on the way
}

// Submitter takes messages at the public interface. Kind names where a
// message goes in the dialect: for ours "ballot", "cast", "challenge",
// "entry", "chunk"; to the identity service, where there is one, "login",
// "authorise", "notices"; to the official publisher "unit-result".
type Submitter interface {
	Submit(ctx context.Context, kind string, body []byte) (Answer, error)
}

// Forwarder is a Submitter whose messages may say, in the header in which a
// proxy would, whose they are.
type Forwarder interface {
	SubmitFor(ctx context.Context, user, kind string, body []byte) (Answer, error)
}

// Racer sends several messages so that they arrive as nearly at once as can
// be: every connection has sent all but the last byte before any sends that.
// Of abandon requests, the first ones, the connection is cut after sending;
// their outcome is Unknown.
type Racer interface {
	Race(ctx context.Context, kind string, bodies [][]byte, abandon int) ([]Answer, error)
}

// BoardReader reads the public board. Nothing that it returns is verified.
type BoardReader interface {
	// Head is the newest head that the board publishes.
	Head(ctx context.Context) ([]byte, error)
	// Await waits for a published head of at least size entries.
	Await(ctx context.Context, size uint64) ([]byte, error)
	// Entries gives the entries from..to−1 in order.
	Entries(ctx context.Context, from, to uint64) ([][]byte, error)
	// Chunk gives a body's chunk by the hex of its digest.
	Chunk(ctx context.Context, digest string) ([]byte, error)
	// Record exports the election record as it stands: path to content. It is
	// bounded by the adapter.
	Record(ctx context.Context) (map[string][]byte, error)
}

// Closer ends the voting: every channel is closed, participation published,
// the board sealed. It returns when the seal is in a published head.
type Closer interface {
	CloseVoting(ctx context.Context) (Answer, error)
}
