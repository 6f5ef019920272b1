// Package authority is the server's side of an election without its HTTP: the
// ballot box and the keeper of the board. It answers roles and voters, and
// never appends an entry that the rules refuse.
//
// One goroutine, the sequencer, owns the state. What it appends goes to the
// log in batches; a caller hears of success only when the log says that the
// batch is durable.
package authority

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/board"
	"scrutineer/reference-evoting/entry"
	"scrutineer/reference-evoting/recall"
	"scrutineer/reference-evoting/rules"
	"scrutineer/reference-evoting/tally"
	"scrutineer/reference-evoting/weakness"
)

// Log is what the authority needs of the board.
type Log interface {
	board.Appender
	board.EntryReader
	board.ChunkWriter
	entry.Chunks
}

// Store keeps what is not on the board. Its methods are durable when they
// return, and safe for concurrent use.
type Store interface {
	// PutBody keeps a waiting ballot under its tracker. Putting the same body
	// again renews its expiry.
	PutBody(ctx context.Context, b Body) error
	// Body finds a waiting ballot that has not expired, or ErrNotFound.
	Body(ctx context.Context, tracker message.Digest, now time.Time) (Body, error)
	// Waiting counts the bodies of a credential that have not expired.
	Waiting(ctx context.Context, credential message.Element, now time.Time) (int, error)
	// Settle records the answers to decisions and drops their bodies.
	Settle(ctx context.Context, list []Answer) error
	// Answer finds the answer to a decision, or ErrNotFound.
	Answer(ctx context.Context, decision message.Digest) (Answer, error)
	// Index finds the entry of a tracker, or ErrNotFound.
	Index(ctx context.Context, tracker message.Digest) (uint64, error)
}

// Failing is what a Log or a Store has that takes nothing more once its disk has
// failed. The authority then takes nothing more either.
type Failing interface {
	// Failed is not nil once a write to the disk has failed.
	Failed() error
}

// Body is a waiting ballot: the canonical bytes of message.Ballot, and the
// tracker that stood for its credential when it came in.
type Body struct {
	Tracker    message.Digest
	Credential message.Element
	Head       string
	Ballot     []byte
	Expires    time.Time
}

// Answer is what a decision was told, for good: the canonical bytes of a
// receipt or of a refusal.
type Answer struct {
	Decision message.Digest
	Tracker  message.Digest
	Index    uint64
	Accepted bool
	Bytes    []byte
	KeepBody bool
	Volatile bool // not to be kept: anybody could fill the store with it
}

// ErrNotFound is returned by a Store.
var ErrNotFound = errors.New("not found")

// Config is what an authority is made of. Weak must be empty unless the
// manifest says test.
type Config struct {
	Manifest message.Manifest
	Ceremony uint64
	Key      ed25519.PrivateKey // the authority's
	BoardKey ed25519.PrivateKey // for receipts and refusals
	Log      Log
	Store    Store
	Weak     weakness.Set
	Clock    func() time.Time
	Logger   *slog.Logger
	Limits   Limits
	Recall   *recall.Memory // shared with other roles of the process; nil: none
	// At, where not nil, is told of each point at which a machine may stop. An
	// error stops the authority there. It is for tests.
	At func(p Point) error
}

// Point is a place on the way of a batch: which entry ends it, and how far it
// has come.
type Point struct {
	Entry message.Type
	Stage Stage
}

// Stage is how far a batch has come.
type Stage string

// The stages, in order.
const (
	Appending Stage = "append"   // nothing is on the log
	Appended  Stage = "appended" // the log is durable, the box knows nothing
	Settled   Stage = "settled"  // the box is durable, nobody was answered
)

// Limits have working defaults where they are zero.
type Limits struct {
	BodyTTL time.Duration // how long a ballot waits for its decision; default 30 min
	Waiting int           // bodies of one credential at a time; default 64
	Queue   int           // requests waiting for the sequencer; default 1024
	Batch   int           // entries appended at once; default 256
}

func (l Limits) withDefaults() Limits {
	if l.BodyTTL == 0 {
		l.BodyTTL = 30 * time.Minute
	}
	if l.Waiting == 0 {
		l.Waiting = 64
	}
	if l.Queue == 0 {
		l.Queue = 1024
	}
	if l.Batch == 0 {
		l.Batch = 256
	}
	return l
}

// Authority keeps one election.
type Authority struct {
	cfg     Config
	tasks   chan *task
	checked atomic.Uint64 // ballots whose proofs were looked at
	logs    tally.Logarithms
	decided map[message.Digest]Answer // of the batch at hand; the sequencer's own
	redo    [][]byte                  // what a weak authority does again after a start

	mu     sync.RWMutex // guards state for readers; the sequencer writes
	state  *rules.State
	recent *overlay
	failed error
	// stalled says why enough shares do not give a result
	stalled string
}

// New starts from what is on the log: an empty one gets the manifest, another
// is read again. Call Run next.
func New(ctx context.Context, cfg Config) (*Authority, error) {
	if !cfg.Weak.Empty() && !cfg.Manifest.Test {
		return nil, errors.New("authority: weaknesses are for test elections")
	}
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	cfg.Limits = cfg.Limits.withDefaults()
	a := &Authority{cfg: cfg, tasks: make(chan *task, cfg.Limits.Queue)}
	a.recent = &overlay{log: cfg.Log}
	a.state = rules.New(cfg.Weak.For(weakness.Box), a.recent).Remember(cfg.Recall)
	if err := a.replay(ctx); err != nil {
		return nil, err
	}
	if a.state.Size() == 0 {
		if err := a.begin(ctx); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// begin posts the manifest (S-01).
func (a *Authority) begin(ctx context.Context) error {
	body := message.ManifestBody{Ceremony: a.cfg.Ceremony, Manifest: a.cfg.Manifest}
	raw, err := a.own(ctx, message.TypeManifest, message.Digest{}, body)
	if err != nil {
		return err
	}
	step, err := a.state.Plan(ctx, raw, rules.Own)
	if err != nil {
		return err
	}
	if step.Fault != nil {
		return fmt.Errorf("authority: %w", step.Fault)
	}
	if _, err := a.cfg.Log.Append(ctx, raw); err != nil {
		return fmt.Errorf("authority: post manifest: %w", err)
	}
	return a.state.Commit(step)
}

// replay reads the log again, and settles the decisions that were appended
// but not answered before a crash.
func (a *Authority) replay(ctx context.Context) error {
	size := a.cfg.Log.Size()
	var unsettled []Answer
	err := a.cfg.Log.Entries(ctx, 0, size, func(i uint64, raw []byte) error {
		step, err := a.state.Plan(ctx, raw, rules.Own)
		if err != nil {
			return err
		}
		if step.Fault != nil {
			a.cfg.Logger.Error("an entry of our own log breaks a rule", "index", i, "fault", step.Fault)
		} else if answer, ok, err := a.unsettled(ctx, i, raw); err != nil {
			return err
		} else if ok {
			unsettled = append(unsettled, answer)
			a.repeat(weakness.AtLeastOnce, raw)
		}
		if step.Type == message.TypeResult {
			a.repeat(weakness.NonIdempotent, raw)
		}
		return a.state.Commit(step)
	})
	if err != nil {
		return fmt.Errorf("authority: read the log again: %w", err)
	}
	if len(unsettled) > 0 {
		a.cfg.Logger.Info("decisions settled from the log", "count", len(unsettled))
		return a.cfg.Store.Settle(ctx, unsettled)
	}
	return nil
}

// repeat notes an entry whose work a weak authority does again when it starts,
// although it stands on the log.
func (a *Authority) repeat(weak weakness.Name, raw []byte) {
	if a.cfg.Weak.For(weakness.Box).Has(weak) {
		a.redo = append(a.redo, bytes.Clone(raw))
	}
}

// repeated does what repeat noted, where the rules let it.
func (a *Authority) repeated(ctx context.Context) error {
	for _, raw := range a.redo {
		step, err := a.state.Plan(ctx, raw, rules.Own)
		if err != nil {
			return err
		}
		if step.Fault != nil {
			continue
		}
		if err := a.commit(raw, step); err != nil {
			return err
		}
	}
	a.redo = nil
	return nil
}

// unsettled makes the answer to the decision in an entry, if the store has
// none.
func (a *Authority) unsettled(ctx context.Context, index uint64, raw []byte) (Answer, bool, error) {
	e, body, err := entry.Open(ctx, a.cfg.Weak.For(weakness.Box), raw, a.cfg.Log)
	if err != nil || (e.Type != message.TypeCast && e.Type != message.TypeChallenge) {
		return Answer{}, false, nil
	}
	d, err := decisionOf(a.cfg.Weak.For(weakness.Box), e.Type, body)
	if err != nil {
		return Answer{}, false, err
	}
	_, err = a.cfg.Store.Answer(ctx, d.digest)
	if !errors.Is(err, ErrNotFound) {
		return Answer{}, false, err
	}
	answer, err := a.receipt(d, index)
	return answer, true, err
}

// own makes an entry of the authority.
func (a *Authority) own(ctx context.Context, t message.Type, context message.Digest, body any) ([]byte, error) {
	e := message.Entry{Context: context, Role: message.RoleAuthority, Type: t}
	p, err := entry.Pack(e, body, a.cfg.Key)
	return a.store(ctx, p, err)
}

// Status tells where the election stands.
func (a *Authority) Status() message.Status {
	a.mu.RLock()
	defer a.mu.RUnlock()
	st := message.Status{Phase: a.state.Phase(), Size: a.state.Size(), Fingerprint: a.state.Fingerprint(), Ceremony: a.cfg.Ceremony}
	if st.Phase == message.PhaseDecrypting {
		st.Stalled, st.Waiting = a.stalled, strings.Join(a.state.Missing(), " ")
	}
	if e := a.state.Election(); e != nil {
		st.SetupID = e.SetupID
	}
	if v := a.state.Voting(); v != nil {
		st.ElectionKey = v.Key.Encoded
	}
	return st
}

// Counts tells how many entries of each kind stand.
func (a *Authority) Counts() rules.Counts {
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.state.Counts()
}

// Chain tells a credential's standing ballot.
func (a *Authority) Chain(ctx context.Context, credential message.Element) (message.Chain, error) {
	a.mu.RLock()
	defer a.mu.RUnlock()
	voter, ok := a.state.Voter(credential)
	if !ok {
		return message.Chain{}, problem(404, "unknown-credential", "the credential is not listed")
	}
	head, err := a.state.Head(ctx, voter)
	if err != nil {
		return message.Chain{}, err
	}
	index, _ := a.state.HeadIndex(voter)
	if head == message.None {
		index = 0
	}
	return message.Chain{Head: head, Index: index}, nil
}

// Find tells the index of the entry with a tracker.
func (a *Authority) Find(ctx context.Context, tracker message.Digest) (uint64, error) {
	index, err := a.cfg.Store.Index(ctx, tracker)
	if errors.Is(err, ErrNotFound) {
		return 0, problem(404, "unknown-tracker", "no entry has this tracker")
	}
	return index, err
}

// Err is not nil once the log or the ballot box has failed: from then on nothing
// is accepted, until the authority is made anew from what is on the disk.
func (a *Authority) Err() error {
	for _, part := range []any{a.cfg.Log, a.cfg.Store} {
		if f, ok := part.(Failing); ok {
			if err := f.Failed(); err != nil {
				return err
			}
		}
	}
	a.mu.RLock()
	defer a.mu.RUnlock()
	return a.failed
}

// told is err as the caller hears it: what the disk cannot keep any more is
// answered by ErrFailed. Its outcome is unknown, and known after the next start.
func (a *Authority) told(err error) error {
	if err != nil && a.Err() != nil {
		var p *Problem
		if !errors.As(err, &p) {
			a.cfg.Logger.Error("the disk has failed: nothing more is taken", "err", err)
			return ErrFailed
		}
	}
	return err
}
