// Package action carries out the steps of a plan: every word of
// harness/vocabulary as Go against the abilities of targets, with the players
// and forgers of the dialect.
//
// A [Session] is one run of one plan on one target. It sets elections up,
// holds the voters and trustees that the harness plays, and records every
// operation in the history: invoked, then ok, refused or unknown. It reads the
// public board as anybody does; what a target returns is hostile, so sizes and
// times are bounded and messages are decoded by the strict codec alone.
//
// It judges nothing, and it does not know what is planted: the target that it
// is given opens elections as somebody else decided.
package action

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"scrutineer/harness/dialect/scrutineer"
	"scrutineer/harness/history"
	"scrutineer/harness/vocabulary"
	"scrutineer/reports/event"
	"scrutineer/targets"
)

// Step is one step of a plan.
type Step struct {
	// Name is unique in the plan; later steps refer to it.
	Name string
	Do   string
	Args vocabulary.Args
	// Adversarial is true for what no honest participant does.
	Adversarial bool
}

// Plan is what a session needs to know of a plan.
type Plan struct {
	// Name is unique among the elections of a run; it names boards.
	Name string
	// Description is the election that setup sets up, without its voters.
	Description scrutineer.Description
	Electorate  *history.Electorate
	// Harness says whether the harness plays a role: "voter", "trustee" with
	// the voter's name or the trustee's number.
	Harness func(role, name string) bool
}

// Limits of a session. Zero fields mean the defaults.
type Limits struct {
	// Step is how long one step may take; 60 s.
	Step time.Duration
	// Patience is how long to wait for a result that may never come, beyond a
	// few times what the election's set-up took: a slow machine is no stall;
	// 3 s.
	Patience time.Duration
	// Entries is the largest board that is read; 100,000.
	Entries uint64
}

func (l Limits) filled() Limits {
	if l.Step == 0 {
		l.Step = 60 * time.Second
	}
	if l.Patience == 0 {
		l.Patience = 3 * time.Second
	}
	if l.Entries == 0 {
		l.Entries = 100_000
	}
	return l
}

// Config is what a session is made of.
type Config struct {
	Plan   Plan
	Target targets.Target
	// Seed is that of this run: of the keys and the randomness of the target
	// and of everybody whom the harness plays.
	Seed scrutineer.Seed
	// History records.
	History *history.Recorder
	// Evidence keeps a piece of evidence and returns where, as findings name
	// it; nil drops evidence.
	Evidence func(name string, data []byte) string
	// Compute bounds how many of all sessions compute at once; nil is no
	// bound.
	Compute chan struct{}
	Limits  Limits
	// Opaque says that only the target can read its ballots.
	Opaque bool
}

// Result is what became of a step.
type Result struct {
	Outcome event.Outcome
	// Actor is who acted.
	Actor string
	// Detail is a few words of the target's or of ours; hostile text.
	Detail string
	// Race names the group of operations whose winner is chance.
	Race string
}

// Errors that callers tell apart. Errors of a target wrap targets.ErrTarget,
// a lack of abilities is an *Unable.
var (
	// ErrPlan: the plan asks for something that cannot be done as it stands.
	ErrPlan = errors.New("the plan cannot be carried out")
)

// Session is one run of one plan. Steps of one group may be done at once.
type Session struct {
	cfg     Config
	actions map[string]handler

	mu        sync.Mutex
	elections []*election
	bodies    map[string][]*body // by the step that made them
	casts     map[string]*casts
	polls     []*poll               // elections with opaque ballots
	carried   map[string][]*carried // by the step that made or cast them
}

// handler carries out one action.
type handler func(ctx context.Context, st Step) (Result, error)

// New returns a session before its first step.
func New(cfg Config) *Session {
	cfg.Limits = cfg.Limits.filled()
	s := &Session{cfg: cfg, bodies: map[string][]*body{}, casts: map[string]*casts{}, carried: map[string][]*carried{}}
	if cfg.Opaque {
		s.actions = s.opaqueActions()
		return s
	}
	s.actions = map[string]handler{
		"setup":                s.setup,
		"setup-replayed":       s.setupReplayed,
		"setup-rogue-key":      s.setupRogueKey,
		"vote":                 s.vote,
		"check":                s.check,
		"follow":               s.follow,
		"close":                s.closeVoting,
		"decrypt":              s.decrypt,
		"publish":              s.publish,
		"verify":               s.verify,
		"make-ballot":          s.makeBallot,
		"cast-body":            s.castBody,
		"repeat-decision":      s.repeatDecision,
		"race-decisions":       s.raceDecisions,
		"forge-weak-fs-ballot": s.forgeWeakFS,
		"forge-sum-ballot":     s.forgeSum,
		"swap-answers":         s.swapAnswers,
		"forge-style-ballot":   s.forgeStyle,
		"replay-ballots":       s.replayBallots,
		"replay-shares":        s.replayShares,
		"clash":                s.clash,
		"drop-after-receipt":   s.dropAfterReceipt,
		"read-ballots":         s.readBallots,
		"forge-share":          s.forgeShare,
		"copy-ballots":         s.copyBallots,
		"forge-spelling":       s.forgeSpelling,
		"vote-audited":         s.voteAudited,
		"flip-votes":           s.flipVotes,
		"guess-from-totals":    s.guessFromTotals,
		"read-notices":         s.readNotices,
		"cast-behind":          s.castBehind,
		"stuff":                s.stuff,
	}
	maps.Copy(s.actions, s.keyAttacks())
	maps.Copy(s.actions, s.recordAttacks())
	maps.Copy(s.actions, s.ballotBox())
	maps.Copy(s.actions, s.forgers())
	maps.Copy(s.actions, s.logins())
	maps.Copy(s.actions, s.faults())
	maps.Copy(s.actions, s.floods())
	maps.Copy(s.actions, s.results())
	return s
}

// Actions lists the names of the actions that a session can carry out, sorted.
func Actions() []string { return slices.Sorted(maps.Keys(New(Config{}).actions)) }

// Do carries out a step. An error means that the step could not be carried out
// as planned: what it was meant to show remains open. That a role refuses is
// an outcome and no error.
func (s *Session) Do(ctx context.Context, st Step) (Result, error) {
	h, ok := s.actions[st.Do]
	if !ok {
		return Result{}, fmt.Errorf("%w: no action %q", ErrPlan, st.Do)
	}
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Limits.Step)
	defer cancel()
	p := s.cfg.History.Invoke(event.Operation{Actor: "plan", Op: OpStep, Adversary: st.Adversarial,
		Params: []event.Param{param("step", st.Name), param("do", st.Do)}})
	r, err := h(ctx, st)
	if err != nil {
		err = fmt.Errorf("step %s: %w", st.Name, err)
		r.Outcome = event.Unknown
	}
	change := func(o *event.Operation) {
		if err != nil {
			o.Code, o.Message = Code(ctx, err), err.Error()
		}
	}
	switch r.Outcome {
	case event.OK:
		p.OK(change)
	case event.Refused:
		p.Refused(change)
	default:
		p.Unknown(change)
	}
	return r, err
}

// Code says why a step could not be carried out.
func Code(ctx context.Context, err error) string {
	var unable *Unable
	switch {
	case errors.As(err, &unable):
		return CodeMissing + ":" + string(unable.Ability)
	case errors.Is(err, ErrPlan):
		return CodePlan
	case errors.Is(err, targets.ErrTarget), errors.Is(err, targets.ErrSetup), errors.Is(err, targets.ErrUnable), ctx.Err() != nil:
		return CodeTarget
	}
	return CodeOwn
}

// Unable is the ability that a target lacks.
type Unable struct{ Ability targets.Ability }

func (u *Unable) Error() string { return "the target is not able to: " + string(u.Ability) }

// Unwrap is targets.ErrUnable.
func (u *Unable) Unwrap() error { return targets.ErrUnable }

// Election is an election that the session has set up.
type Election struct {
	// Step is the name of the step that set it up, ID its name on the target.
	Step, ID string
	Target   targets.Election
	// Instead is the record that an adversary published and the target's own
	// verifier accepted; nil where the true one is published.
	Instead map[string][]byte
}

// Record is the published record: path to content.
func (x Election) Record(ctx context.Context) (map[string][]byte, error) {
	if x.Instead != nil {
		return x.Instead, nil
	}
	reader, ok := x.Target.(targets.BoardReader)
	if !ok {
		return nil, &Unable{targets.Board}
	}
	files, err := reader.Record(ctx)
	if err != nil {
		return nil, fmt.Errorf("%w: exporting the record: %w", targets.ErrTarget, err)
	}
	return files, nil
}

// Settle waits until a published head covers every entry that the target has
// taken so far, so that what follows looks at all of it.
func (x Election) Settle(ctx context.Context) error {
	reader, ok := x.Target.(targets.BoardReader)
	if !ok {
		return &Unable{targets.Board}
	}
	status, err := info(ctx, x.Target)
	if err != nil || status.Size == 0 {
		return err
	}
	if _, err := reader.Await(ctx, status.Size); err != nil {
		return fmt.Errorf("%w: waiting for a head of %d entries: %w", targets.ErrTarget, status.Size, err)
	}
	return nil
}

// Elections lists what was set up, in order.
func (s *Session) Elections() []Election {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Election
	for _, e := range s.elections {
		e.mu.Lock()
		out = append(out, Election{Step: e.step, ID: e.id, Target: e.target, Instead: e.instead})
		e.mu.Unlock()
	}
	return out
}

// Close closes all elections.
func (s *Session) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for _, e := range s.elections {
		errs = append(errs, e.target.Close())
	}
	for _, e := range s.polls {
		errs = append(errs, e.target.Close())
	}
	return errors.Join(errs...)
}

// compute runs f when a processor is free.
func (s *Session) compute(ctx context.Context, f func() error) error {
	if s.cfg.Compute == nil {
		return f()
	}
	select {
	case s.cfg.Compute <- struct{}{}:
		defer func() { <-s.cfg.Compute }()
		return f()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// in finds the election that a step is about.
func (s *Session) in(st Step) (*election, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name := st.Args.Text("in")
	for _, e := range slices.Backward(s.elections) {
		if name == "" || e.step == name {
			return e, nil
		}
	}
	return nil, fmt.Errorf("%w: no election %q", ErrPlan, name)
}

// worst is the outcome of many: refused if one is, else unknown if one is.
func worst(outcomes []event.Outcome) event.Outcome {
	switch {
	case slices.Contains(outcomes, event.Refused):
		return event.Refused
	case slices.Contains(outcomes, event.Unknown):
		return event.Unknown
	}
	return event.OK
}

// actorOf names several voters.
func actorOf(voters []string) string {
	if len(voters) == 1 {
		return voters[0]
	}
	return "voters"
}
