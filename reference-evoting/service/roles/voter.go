package roles

import (
	"context"
	"crypto/cipher"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/board"
	"scrutineer/reference-evoting/entry"
	"scrutineer/reference-evoting/proof"
	"scrutineer/reference-evoting/recall"
	"scrutineer/reference-evoting/results"
	"scrutineer/reference-evoting/rules"
	"scrutineer/reference-evoting/service/client"
	"scrutineer/reference-evoting/service/web"
	"scrutineer/reference-evoting/voter"
	"scrutineer/reference-evoting/weakness"
)

// VoterConfig is what a voting client in the field is made of. One process
// serves many voters. Random gives each voter randomness of his own.
type VoterConfig struct {
	Manifest message.Manifest
	Client   *client.Client
	Identity *client.Client     // the identity service; nil where there is none
	Clock    func() time.Time   // default time.Now
	Voters   manage.Credentials // more may come through the management port
	Random   func(voter string) cipher.Stream
	Weak     weakness.Set
	// Definition is the digest under which the election was announced; zero: it
	// was not. Manifest, which voters are shown, and the board must have it.
	Definition message.Digest
	Manage     net.Listener
	Logger     *slog.Logger
	Recall     *recall.Memory // shared with other roles of the process; nil: none
}

// RunVoter runs the voting client until ctx ends.
func RunVoter(ctx context.Context, cfg VoterConfig) error {
	if err := require(string(manage.RoleVoter), map[string]bool{
		"client": cfg.Client != nil, "randomness": cfg.Random != nil, "management port": cfg.Manage != nil,
		"test election for its weaknesses": cfg.Manifest.Test || cfg.Weak.Empty(),
	}); err != nil {
		return err
	}
	cfg.Logger = logged(cfg.Logger, manage.RoleVoter, "")
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	f, err := newFollower(manage.RoleVoter, "", &cfg.Manifest, cfg.Client, cfg.Logger, cfg.Recall)
	if err != nil {
		return err
	}
	f.play = func(weak weakness.Set, source rules.Source) player {
		state := rules.New(weak.For(weakness.Voter), source).Remember(cfg.Recall)
		state.Expect(cfg.Definition)
		return &onlooker{state: state}
	}
	f.begin(cfg.Weak)
	v := &voterRole{cfg: cfg, follower: f, voters: map[string]*voterSeat{}}
	if err := v.admit(cfg.Voters); err != nil {
		return err
	}
	return withPort(ctx, cfg.Manage, cfg.Logger, v.routes, f.run)
}

// onlooker verifies a board up to its opening. What comes later a voter
// verifies as far as it concerns him, against the same heads.
type onlooker struct {
	state  *rules.State
	faults []*rules.Fault
}

// Apply implements player.
func (o *onlooker) Apply(ctx context.Context, raw []byte) error {
	if o.state.Phase() == message.PhaseVoting {
		return nil
	}
	fault, err := o.state.Apply(ctx, raw, rules.Full)
	if fault != nil && len(o.faults) < maxFaults {
		o.faults = append(o.faults, fault)
	}
	return err
}

// Next implements player.
func (o *onlooker) Next() ([]entry.Packed, error) { return nil, nil }

// State implements player.
func (o *onlooker) State() *rules.State { return o.state }

// Faults implements player.
func (o *onlooker) Faults() []*rules.Fault { return o.faults }

type voterRole struct {
	cfg      VoterConfig
	follower *follower

	mu     sync.Mutex
	voters map[string]*voterSeat
}

// voterSeat is one voter at the client. Its mutex is held while he waits for
// the authority: one voter does one thing at a time.
type voterSeat struct {
	credential voter.Credential
	code       string // for the identity service

	mu      sync.Mutex
	client  *voter.Client // nil before the election is open
	voting  *rules.Voting
	session *message.Session // with the identity service
	trusts  bool             // what it was told before its first ballot
	notices *results.Reader  // of the electoral body; nil before the first
	ballots []*ballot
}

// ballot is one that was encrypted, with the decision that was made.
type ballot struct {
	*voter.Prepared
	decision []byte
	opened   bool // the decision is a challenge
	answered bool
}

func (v *voterRole) admit(list manage.Credentials) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, c := range list.Voters {
		secret, err := proof.Scalar(c.Secret)
		if err != nil {
			return fmt.Errorf("voter %s: %w", c.Voter, err)
		}
		if _, there := v.voters[c.Voter]; there {
			continue
		}
		v.voters[c.Voter] = &voterSeat{code: c.Code, credential: voter.Credential{Key: c.Key, Secret: secret, Style: c.Style, Unit: c.Unit, Weight: c.Weight}}
	}
	return nil
}

func (v *voterRole) routes(stop context.CancelFunc) []web.Route {
	m := managed{test: v.cfg.Manifest.Test, status: v.follower.status, plant: v.follower.plant, stop: stop}
	return append(m.routes(),
		web.Route{Method: http.MethodPost, Path: manage.PathVoters, Takes: web.TypeJSON, Limit: manage.MaxImport, Handle: v.enrol},
		postRoute(manage.PathEncrypt, v.encrypt),
		postRoute(manage.PathCast, func(w http.ResponseWriter, r *http.Request) error { return v.decide(w, r, false) }),
		postRoute(manage.PathChallenge, func(w http.ResponseWriter, r *http.Request) error { return v.decide(w, r, true) }),
		postRoute(manage.PathCheck, v.check),
		postRoute(manage.PathHistory, v.history),
		postRoute(manage.PathKeep, v.keep),
		postRoute(manage.PathNotices, v.notices),
		postRoute(manage.PathShowNotice, v.showNotice),
		postRoute(manage.PathAudit, v.audit),
		getRoute(manage.PathFindings, v.follower.tell),
	)
}

func (v *voterRole) enrol(w http.ResponseWriter, r *http.Request) error {
	list, err := web.JSON[manage.Credentials](r, codec.Limits{Size: manage.MaxImport})
	if err != nil {
		return err
	}
	if err := v.admit(list); err != nil {
		return web.Errorf(http.StatusUnprocessableEntity, "bad-credential", "%v", err)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// seat finds a voter and sits him down at an open election: it waits for the
// opening. The seat is locked; the caller unlocks it.
func (v *voterRole) seat(ctx context.Context, id string) (*voterSeat, error) {
	v.mu.Lock()
	s := v.voters[id]
	v.mu.Unlock()
	if s == nil {
		return nil, web.Errorf(http.StatusNotFound, "unknown-voter", "this client has no such voter")
	}
	s.mu.Lock()
	if s.client != nil {
		return s, nil
	}
	voting, err := v.opened(ctx)
	if err != nil {
		s.mu.Unlock()
		return nil, err
	}
	s.voting = voting
	s.client = voter.New(voting, s.credential, v.cfg.Random(id))
	return s, nil
}

// trusts makes what checks a client owes before a voter's first ballot: that
// the definition that it shows is the one announced (V-09), and that the server
// names the election key that follows from the board (V-14).
func (v *voterRole) trusts(ctx context.Context, s *voterSeat) error {
	if s.trusts {
		return nil
	}
	if f := rules.Announced(s.voting.Weak, &v.cfg.Manifest, v.cfg.Definition); f != nil {
		return web.Errorf(http.StatusConflict, manage.CodeObjection, "%s: %s", f.Check, f.Detail)
	}
	st, err := v.cfg.Client.Status(ctx)
	if err != nil {
		return asked(err)
	}
	if st.ElectionKey != (message.Element{}) { // else it says nothing
		if err := s.client.Named(st.ElectionKey); err != nil {
			return web.Errorf(http.StatusConflict, manage.CodeObjection, "V-14: %v", err)
		}
	}
	s.trusts = true
	return nil
}

// opened waits for the opening and returns the election as this client has
// verified it.
func (v *voterRole) opened(ctx context.Context) (voting *rules.Voting, err error) {
	f := v.follower
	var found []manage.Finding
	err = f.await(ctx, func() bool {
		found = f.findings()
		state := f.player.State()
		if state.Phase() == message.PhaseVoting {
			voting = state.Voting()
		}
		return voting != nil || len(found) > 0 || f.broken != nil || state.Phase() == message.PhaseAborted
	})
	switch {
	case err != nil:
		return nil, err
	case len(found) > 0:
		return nil, web.Errorf(http.StatusConflict, "faulty-board", "%s: %s", found[0].Check, found[0].Detail)
	case voting == nil:
		return nil, web.Errorf(http.StatusConflict, "aborted", "the election was aborted")
	}
	return voting, nil
}

// encrypt makes a ballot and brings it to the box.
func (v *voterRole) encrypt(w http.ResponseWriter, r *http.Request) error {
	q, err := web.JSON[manage.Encrypt](r, codec.Limits{Size: manage.MaxRequest})
	if err != nil {
		return err
	}
	s, err := v.seat(r.Context(), q.Voter)
	if err != nil {
		return err
	}
	defer s.mu.Unlock()
	if len(s.ballots) >= maxBallots {
		return web.Errorf(http.StatusConflict, "too-many-ballots", "this voter has had %d ballots", maxBallots)
	}
	if err := v.trusts(r.Context(), s); err != nil {
		return err
	}
	p, err := s.client.Encrypt(voter.Choices(q.Choices))
	if errors.Is(err, voter.ErrChoice) {
		return web.Errorf(http.StatusUnprocessableEntity, "bad-choice", "%v", err)
	}
	if err != nil {
		return err
	}
	accepted, err := v.cfg.Client.Submit(r.Context(), p.Submission)
	if err != nil {
		return asked(err)
	}
	if err := s.client.Accept(p, accepted); err != nil {
		return web.Errorf(http.StatusConflict, manage.CodeObjection, "S-16: %v", err)
	}
	s.ballots = append(s.ballots, &ballot{Prepared: p})
	return web.Reply(w, http.StatusOK, manage.Encrypted{Handle: p.Tracker.String(), Tracker: p.Tracker})
}

// maxBallots bounds the ballots that are kept for one voter.
const maxBallots = 4096

// decide casts or challenges a ballot. A decision is made once; asked again it
// is sent again as it was.
func (v *voterRole) decide(w http.ResponseWriter, r *http.Request, open bool) error {
	q, err := web.JSON[manage.Decide](r, codec.Limits{Size: manage.MaxRequest})
	if err != nil {
		return err
	}
	s, err := v.seat(r.Context(), q.Voter)
	if err != nil {
		return err
	}
	defer s.mu.Unlock()
	b := s.ballot(q.Handle)
	switch {
	case b == nil:
		return web.Errorf(http.StatusNotFound, "unknown-ballot", "this voter has no such ballot")
	case b.decision != nil && b.opened != open:
		return web.Errorf(http.StatusConflict, "decided", "the other decision was made for this ballot")
	}
	if b.decision == nil {
		make := s.client.Cast
		if open {
			make = s.client.Challenge
		}
		decision, err := make(b.Prepared)
		if err != nil {
			return err
		}
		if !open {
			if decision, err = v.authorise(r.Context(), s, q.Voter, decision); err != nil {
				// Nothing was sent to the box; the voter may try again.
				return web.Reply(w, http.StatusOK, manage.Answer{Outcome: manage.OutcomeUnknown, Code: "not-authorised", Detail: err.Error()})
			}
		}
		b.decision, b.opened = decision, open
	}
	return web.Reply(w, http.StatusOK, v.send(r.Context(), s, b))
}

func (s *voterSeat) ballot(handle string) *ballot {
	for _, b := range s.ballots {
		if b.Tracker.String() == handle {
			return b
		}
	}
	return nil
}

// send brings a decision to the authority and judges the answer. What is
// neither a receipt nor a refusal that verifies leaves the outcome unknown.
func (v *voterRole) send(ctx context.Context, s *voterSeat, b *ballot) manage.Answer {
	to := v.cfg.Client.Cast
	if b.opened {
		to = v.cfg.Client.Challenge
	}
	raw, err := to(ctx, b.decision)
	var problem *client.Problem
	switch {
	case errors.As(err, &problem):
		return manage.Answer{Outcome: manage.OutcomeUnknown, Code: problem.Code, Detail: problem.Detail, Status: uint64(problem.Status)}
	case err != nil:
		return manage.Answer{Outcome: manage.OutcomeUnknown, Detail: err.Error()}
	}
	if err := s.client.Answer(b.Prepared, raw); err != nil {
		return manage.Answer{Outcome: manage.OutcomeUnknown, Detail: err.Error(), Body: raw, Status: http.StatusOK}
	}
	b.answered = true
	if refusal := b.Refusal(); refusal != nil && !b.Acknowledged() {
		return manage.Answer{Outcome: manage.OutcomeRefused, Code: string(refusal.Reason), Body: raw, Status: http.StatusConflict}
	}
	if b.opened {
		// Another device would make this check; here it is the same program.
		if err := voter.Audit(s.voting, b.decision, b.Tracker, b.Choices); err != nil {
			return manage.Answer{Outcome: manage.OutcomeRefused, Code: "S-18", Detail: err.Error(), Body: raw, Status: http.StatusOK}
		}
	}
	return manage.Answer{Outcome: manage.OutcomeOK, Body: raw, Status: http.StatusOK}
}

// history tells what was done for a voter.
func (v *voterRole) history(w http.ResponseWriter, r *http.Request) error {
	q, err := web.JSON[manage.Voter](r, codec.Limits{Size: manage.MaxRequest})
	if err != nil {
		return err
	}
	s, err := v.seat(r.Context(), q.Voter)
	if err != nil {
		return err
	}
	defer s.mu.Unlock()
	out := manage.History{Ballots: []manage.Ballot{}}
	for _, b := range s.ballots {
		choices := map[string][]string{}
		for contest, options := range b.Choices {
			choices[contest] = append([]string{}, options...)
		}
		out.Ballots = append(out.Ballots, manage.Ballot{
			Choices: choices, Handle: b.Tracker.String(), Tracker: b.Tracker,
			Receipt: b.Receipt(), Refusal: b.Refusal(), State: b.state(),
		})
	}
	return web.Reply(w, http.StatusOK, out)
}

func (b *ballot) state() string {
	switch {
	case b.decision == nil:
		return manage.BallotWaiting
	case !b.answered:
		return manage.BallotUnknown
	case b.Refusal() != nil && !b.Acknowledged():
		return manage.BallotRefused
	case b.opened:
		return manage.BallotChallenged
	}
	return manage.BallotCast
}

var _ voter.View = view{}
var _ board.EntryReader = view{}
