// Package check is the conformance suite in its short form: a dozen checks of a
// target, in one election and a minute, without a test framework. A target that
// speaks our dialect is checked by its records; of another, whose ballots only
// it can read, what it does is looked at. `scrutineer target check` runs it; the whole suite, for the tests
// of who writes a target, is targets/conformance.
//
// It learns of the target through package targets alone, and believes nothing.
package check

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/targets"
)

// Config is what is checked, and how long a check may take.
type Config struct {
	Target      targets.Target
	Description targets.Description
	// Verify, where not nil, is a verifier of somebody else. It returns an
	// error for a record that it does not accept.
	Verify func(ctx context.Context, record map[string][]byte) error
	// Standing, where not nil, is an election that is there already and is not
	// ours to change: it is only looked at.
	Standing targets.Election
	// Patience bounds a check; default 1 minute.
	Patience time.Duration
}

// Result is what a check came to.
type Result struct {
	Name    string
	Missing []targets.Ability // those it needs and the target lacks: it was left out
	// Means says what it means for the target where the check failed or was
	// left out; empty where the name says it all.
	Means string
	Err   error // why it failed
	// Broke says that the target did not answer, or answered nonsense, so that
	// nothing is known.
	Broke bool
}

// Failed says whether the target was found wrong.
func (r Result) Failed() bool { return r.Err != nil }

// trial is one target under check.
type trial struct {
	cfg      Config
	election targets.Election
	record   map[string][]byte
}

// step is one check.
type step struct {
	name  string
	needs []targets.Ability
	reads bool // changes nothing
	run   func(ctx context.Context, t *trial) error
	means string // see Result
}

// whole are the abilities to hold an election.
var whole = []targets.Ability{targets.Open, targets.Board, targets.Client, targets.Close, targets.Tally}

// steps are all checks, in order.
func steps() []step {
	return []step{
		{name: "says who it is, in words that we know", reads: true, run: says},
		{name: "opens an election for voting", needs: []targets.Ability{targets.Open}, run: opens},
		{name: "has the abilities that it claims", reads: true, run: claims},
		{name: "publishes a board that covers all that it says it has", needs: []targets.Ability{targets.Board}, reads: true, run: publishes},
		{name: "refuses what is no message, and keeps nothing of it", needs: []targets.Ability{targets.Open, targets.Submit, targets.Board}, run: refuses},
		{name: "refuses a definition that nobody could hold", needs: []targets.Ability{targets.Open}, run: refusesDefinition},
		{name: "takes votes, and each voter finds his", needs: []targets.Ability{targets.Open, targets.Board, targets.Client}, run: votes},
		{name: "closes, decrypts, and publishes the true totals", needs: whole, run: tallies},
		{name: "exports a record that verifiers accept", needs: whole, run: exports},
		{name: "has a verifier who sees what was changed", needs: append(slices.Clone(whole), targets.Verify), run: sees},
	}
}

// Run runs the checks, one after the other, and tells each when it is done.
func Run(ctx context.Context, cfg Config, told func(Result)) []Result {
	if cfg.Patience == 0 {
		cfg.Patience = time.Minute
	}
	t := &trial{cfg: cfg, election: cfg.Standing}
	all := steps()
	if d := cfg.Description; d.Dialect == "" && !slices.Contains(d.Abilities, targets.Dialect) {
		all = opaqueSteps()
	}
	var out []Result
	for _, s := range all {
		r := t.one(ctx, s)
		out = append(out, r)
		told(r)
	}
	if t.election != nil {
		_ = t.election.Close() // what is wrong with it has been said
	}
	return out
}

// one makes one check. One that builds on an earlier one that failed fails too.
func (t *trial) one(ctx context.Context, s step) Result {
	r := Result{Name: s.name, Means: s.means}
	for _, a := range s.needs {
		if !slices.Contains(t.cfg.Description.Abilities, a) {
			r.Missing = append(r.Missing, a)
		}
	}
	if t.cfg.Standing != nil && !s.reads && len(r.Missing) == 0 {
		r.Missing = []targets.Ability{targets.Open}
	}
	if len(r.Missing) > 0 {
		return r
	}
	ctx, cancel := context.WithTimeout(ctx, t.cfg.Patience)
	defer cancel()
	r.Err = s.run(ctx, t)
	r.Broke = errors.Is(r.Err, targets.ErrTarget) || errors.Is(r.Err, context.DeadlineExceeded)
	return r
}

// able is the open election with an ability.
func able[T any](t *trial) (T, error) {
	var zero T
	if t.election == nil {
		return zero, errors.New("no election is open")
	}
	a, ok := t.election.(T)
	if !ok {
		return zero, fmt.Errorf("the election lacks an ability that the target claims: %T", (*T)(nil))
	}
	return a, nil
}

// status asks where the election stands.
func (t *trial) status(ctx context.Context) (message.Status, error) {
	if t.election == nil {
		return message.Status{}, errors.New("no election is open")
	}
	raw, err := t.election.Info(ctx)
	if err != nil {
		return message.Status{}, err
	}
	st, err := codec.Decode[message.Status](raw, codec.Limits{})
	if err != nil {
		return st, fmt.Errorf("%w: the status: %w", targets.ErrTarget, err)
	}
	return st, nil
}
