package targets

import "context"

// The abilities of elections whose messages the harness cannot read: ballots
// are bytes that only the target's own client makes and only its box reads.
// Attacks on bytes, order, time, identity and availability need no more.

// Poll is an election as it is told to a target that speaks no dialect of
// ours; it is the Draft of its Definition, as JSON.
type Poll struct {
	Title    string        `json:"title"`
	Contests []PollContest `json:"contests"`
	Styles   []PollStyle   `json:"styles"`
	Units    []string      `json:"units"`
	Voters   []PollVoter   `json:"voters"`
	// Revote is "none": a voter's first ballot counts and others are refused;
	// or "last-counts".
	Revote    string `json:"revote"`
	Trustees  int    `json:"trustees"`
	Threshold int    `json:"threshold"`
	// MinimumCell is the least number of ballots behind a published total.
	MinimumCell int `json:"minimum_cell"`
}

// PollContest is a question: between Min and Max options, or a blank vote
// where Blank allows it.
type PollContest struct {
	ID      string   `json:"id"`
	Title   string   `json:"title"`
	Options []string `json:"options"`
	Min     int      `json:"min"`
	Max     int      `json:"max"`
	Blank   bool     `json:"blank"`
}

// PollStyle is the contests on a ballot.
type PollStyle struct {
	ID       string   `json:"id"`
	Contests []string `json:"contests"`
}

// PollVoter is one who may vote.
type PollVoter struct {
	ID     string `json:"id"`
	Style  string `json:"style"`
	Unit   string `json:"unit"`
	Weight uint64 `json:"weight"`
}

// BlankOption stands among choices and totals for the blank vote.
const BlankOption = "blank"

// Sealed is a ballot as the voter's client would send it.
type Sealed struct {
	// Ballot is opaque; it is bounded by the adapter.
	Ballot []byte
	// Tracker is what the voter is shown to find his ballot by; empty where
	// the system has none.
	Tracker string
}

// Encrypter has an honest client of a voter's make a ballot. Where unchecked
// is true the client does not look whether the choices are lawful; one that
// looks all the same refuses. The outcome is OK or Refused.
type Encrypter interface {
	Encrypt(ctx context.Context, voter string, choices map[string][]string, unchecked bool) (Sealed, Answer, error)
}

// Casting is a ballot brought to the box in a voter's name.
type Casting struct {
	Voter string
	// Credential is what the bearer shows for being that voter, as the target
	// handed it out; empty for none.
	Credential string
	Ballot     []byte
}

// Receipt is what a voter is told who cast a ballot.
type Receipt struct {
	// Tracker finds the ballot on the board; empty where there is none.
	Tracker string
	Receipt []byte
}

// Caster takes opaque ballots at the public interface.
type Caster interface {
	Cast(ctx context.Context, c Casting) (Receipt, Answer, error)
}

// Listed is a ballot on a public board.
type Listed struct {
	// Tracker and Ballot are what the board shows of it; one of them at least.
	Tracker string
	Ballot  []byte
	// Voter is whose it is, where the board says so.
	Voter string
}

// Lister lists the ballots on the public board, in its order: all that were
// taken, replaced ones included, and nothing else.
type Lister interface {
	Ballots(ctx context.Context) ([]Listed, error)
}

// Tallier has the target's trustees, whoever they are, answer. The outcome is
// OK when there is something to be published.
type Tallier interface {
	Tally(ctx context.Context) (Answer, error)
}

// Counted is the published total of a contest over some units.
type Counted struct {
	Contest string
	Units   []string
	// Ballots is how many ballots there are behind it; nil where that is not
	// published.
	Ballots *uint64
	// Totals are sums of weights by option; BlankOption is the blank vote.
	Totals   map[string]uint64
	Withheld bool
}

// Publisher gives the published result. The outcome is Refused while there is
// none.
type Publisher interface {
	Result(ctx context.Context) ([]Counted, Answer, error)
}

// SelfVerifier has the target's own verifier look at the election as it is
// published. No findings means that it accepts.
type SelfVerifier interface {
	VerifyElection(ctx context.Context) ([]Finding, error)
}

// Breakable is an election into which a fault can be put. CrashFault is the
// loss of power at a moment when nothing is being done; it returns when the
// target serves again.
type Breakable interface {
	Break(ctx context.Context, fault string) (Answer, error)
}

// CrashFault is the fault that every Breakable knows.
const CrashFault = "crash"

// Counter counts plaintext ballots by plurality; it belongs to a Target.
type Counter interface {
	CountBallots(ctx context.Context, c PollContest, ballots [][]string) (map[string]uint64, error)
}
