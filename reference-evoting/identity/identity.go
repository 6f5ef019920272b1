// Package identity is the identity service of an election that has one: it
// knows persons and their codes, and not which credential the registrar gave
// to whom. Who logs in binds his credential to his person for good, both ways
// (S-40). It authorises each cast (S-41), puts a notice of it into the voter's
// outbox (S-42), and after the close signs which ballot was the last of each
// credential (S-43), so that registrar and server together cannot vote for
// those who stayed away.
//
// It follows the board like every role, and sends and fetches nothing itself.
package identity

import (
	"context"
	"crypto/cipher"
	"crypto/ed25519"
	"errors"
	"fmt"
	"sync"
	"time"

	"go.dedis.ch/kyber/v3"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/recall"
	"scrutineer/reference-evoting/rules"
	"scrutineer/reference-evoting/weakness"
)

// Config is what an identity service is made of.
type Config struct {
	Key           ed25519.PrivateKey // of the list, the notices, the tokens
	Authorisation kyber.Scalar       // of what it authorises
	Persons       *Persons
	Store         Store
	Random        cipher.Stream
	Clock         func() time.Time
	Limits        Limits
	Recall        *recall.Memory // shared with other roles of the process; nil: none
}

// Limits have working defaults where they are zero.
type Limits struct {
	Slots          int           // logins worked on at a time; default 2
	Queue          int           // logins that wait for a slot; default 32
	Session        time.Duration // default 15 min, and never longer
	Authorisations int           // of one credential; default 256
}

func (l Limits) withDefaults() Limits {
	if l.Slots == 0 {
		l.Slots = 2
	}
	if l.Queue == 0 {
		l.Queue = 32
	}
	if l.Session == 0 || l.Session > maxSession {
		l.Session = maxSession
	}
	if l.Authorisations == 0 {
		l.Authorisations = 256
	}
	return l
}

// Store keeps bindings and authorisations. Its methods are durable when they
// return, and safe for concurrent use.
type Store interface {
	// Bind binds a person and a credential. What is bound already stays so:
	// the same again is no error, anything else is ErrBound.
	Bind(ctx context.Context, voter string, credential message.Element) error
	// Keep keeps an authorisation under the next number of its credential, and
	// returns it. Where there is one for the decision, that one is returned.
	// Beyond so many of one credential it is ErrFull.
	Keep(ctx context.Context, a Authorisation, most int) (Authorisation, error)
	// Find finds the authorisation of a decision, or ErrNotFound.
	Find(ctx context.Context, decision message.Digest) (Authorisation, error)
	// List gives those of a credential by number.
	List(ctx context.Context, credential message.Element) ([]Authorisation, error)
}

// Authorisation is a decision that was authorised. Number counts those of its
// credential from 1.
type Authorisation struct {
	Decision    message.Digest // hd of S-19
	Credential  message.Element
	Tracker     message.Digest
	Predecessor string
	Number      uint64
	Signature   message.SchnorrSignature
}

// Errors of a Store.
var (
	ErrNotFound = errors.New("not found")
	ErrBound    = errors.New("bound otherwise")
	ErrFull     = errors.New("too many")
)

// The codes of problems that an operator counts.
const (
	CodeLogin     = "bad-login"     // 401: unknown id or wrong code
	CodeToken     = "bad-token"     // 401
	CodeSignature = "bad-signature" // 401: not the credential's
	CodeNotYours  = "not-yours"     // 403: another credential's decision
	CodeBound     = "bound"         // 409: person or credential is bound otherwise
	CodeSlowDown  = "slow-down"     // 429: after wrong codes
	CodeMany      = "too-many"      // 429: authorisations of one credential
	CodeQueue     = "queue-full"    // 503: too many logins wait
)

// Problem is a request that was not granted, with a stable code and the HTTP
// status that fits it. After says when to try again, where that helps.
type Problem struct {
	Status int
	Code   string
	Detail string
	After  time.Duration
}

func (p *Problem) Error() string { return p.Code + ": " + p.Detail }

func problem(status int, code, format string, args ...any) error {
	return &Problem{Status: status, Code: code, Detail: fmt.Sprintf(format, args...)}
}

// malformed turns a fault of the codec into a problem that keeps its code.
func malformed(err error) error {
	var c *codec.Error
	if errors.As(err, &c) {
		return problem(400, string(c.Code), "%v", err)
	}
	return problem(400, "malformed", "%v", err)
}

// maxRequest bounds a request in bytes.
const maxRequest = 8192

// Service is the identity service of one election. Begin comes first. It is
// safe for concurrent use.
type Service struct {
	cfg   Config
	queue chan struct{} // those who wait or are worked on
	slots chan struct{} // those who are worked on
	guard guard

	random sync.Mutex // guards cfg.Random

	mu     sync.Mutex // guards what follows
	weak   weakness.View
	source rules.Source
	state  *rules.State
	last   map[message.Element]message.Digest // authorised, on the board, and standing
	faults []*rules.Fault
}

// New makes a service that has not seen the board.
func New(cfg Config) *Service {
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	cfg.Limits = cfg.Limits.withDefaults()
	return &Service{
		cfg: cfg, guard: newGuard(),
		queue: make(chan struct{}, cfg.Limits.Slots+cfg.Limits.Queue), slots: make(chan struct{}, cfg.Limits.Slots),
	}
}

// Begin follows the board from its first entry, with these weaknesses. What
// the store keeps stays.
func (s *Service) Begin(weak weakness.Set, source rules.Source) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.weak, s.source = weak.For(weakness.Identity), source
	// Which ballots stand is what the board counts; trustees look at proofs.
	s.state = rules.New(weak.For(weakness.Trustee), source).Remember(s.cfg.Recall)
	s.last, s.faults = map[message.Element]message.Digest{}, nil
}

// Ready reports that it has seen the election open.
func (s *Service) Ready() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state != nil && opened(s.state.Phase())
}

// Waiting is how many logins are worked on or wait for a slot.
func (s *Service) Waiting() int { return len(s.queue) }

// Crowded reports that more than half of the queue is taken.
func (s *Service) Crowded() bool {
	return 2*(s.Waiting()-s.cfg.Limits.Slots) > s.cfg.Limits.Queue
}

// State is the election as the board tells it.
func (s *Service) State() *rules.State {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state
}

// Faults are the findings against the board so far.
func (s *Service) Faults() []*rules.Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.faults
}

// drawing hands out the source of what is random, one at a time.
func (s *Service) drawing(f func(cipher.Stream)) {
	s.random.Lock()
	defer s.random.Unlock()
	f(s.cfg.Random)
}
