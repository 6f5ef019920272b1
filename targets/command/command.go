// Package command is a target behind a program of the vendor's: an adapter in
// any language that reads one JSON object a line on its standard input and
// answers with one a line on its standard output. docs/command-protocol.md has
// the whole protocol; Schema is its form.
//
// An adapter is hostile like any target. Every request has a deadline, every
// line a bound; what it writes to its standard error is read, bounded, and
// shown escaped. One that dies, hangs, answers what was not asked or asked
// twice is ended with its whole process group, and every later request fails
// with what it did, as an error that wraps targets.ErrTarget.
package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"scrutineer/targets"
)

// Limits bound an adapter. Zero fields mean the defaults.
type Limits struct {
	// Request is how long a request may take, 30 s; Wait how long setup, close,
	// tally, verify and fault may, 2 min.
	Request, Wait time.Duration
	// Line is the longest line of an answer, in bytes; 16 MiB.
	Line int
	// Ballot is the largest ballot or receipt, in bytes; 1 MiB.
	Ballot int
	// Ballots is the largest board, in entries; 100,000.
	Ballots int
	// Stderr is how much an adapter may write there, in bytes; 64 MiB.
	Stderr int64
	// Grace is how long an adapter has to end when its input has; 2 s.
	Grace time.Duration
}

func (l Limits) filled() Limits {
	fill(&l.Request, 30*time.Second)
	fill(&l.Wait, 2*time.Minute)
	fill(&l.Line, 16<<20)
	fill(&l.Ballot, 1<<20)
	fill(&l.Ballots, 100_000)
	fill(&l.Stderr, 64<<20)
	fill(&l.Grace, 2*time.Second)
	return l
}

func fill[T comparable](to *T, by T) {
	var zero T
	if *to == zero {
		*to = by
	}
}

// Config is how an adapter is run.
type Config struct {
	// Command is a line for the shell.
	Command string
	// Env is the adapter's environment; nil is ours.
	Env    []string
	Limits Limits
	// Pace, where not nil, is asked before every request; its error is that of
	// the request.
	Pace func(context.Context) error
}

// Target is a system behind an adapter. Each group of elections has a process
// of its own.
type Target struct {
	cfg Config

	mu     sync.Mutex
	told   *described
	groups map[string]*group
	room   chan struct{} // groups that may run
}

var (
	_ targets.Target  = (*Target)(nil)
	_ targets.Counter = (*Target)(nil)
)

// group is the process that elections share, or its slot.
type group struct {
	ready chan struct{} // closed when it has started, or failed to
	proc  *process
	err   error
	users int
}

// New starts nothing yet.
func New(cfg Config) (*Target, error) {
	if cfg.Command == "" {
		return nil, errors.New("there is no command to run")
	}
	cfg.Limits = cfg.Limits.filled()
	if cfg.Env == nil {
		cfg.Env = os.Environ()
	}
	return &Target{cfg: cfg, groups: map[string]*group{}}, nil
}

// Close implements targets.Target: it ends whatever still runs.
func (t *Target) Close() error {
	t.mu.Lock()
	left := t.groups
	t.groups = map[string]*group{}
	t.mu.Unlock()
	for _, g := range left {
		<-g.ready
		if g.proc != nil {
			g.proc.stop()
		}
	}
	return nil
}

// describe asks an adapter of its own what it can.
func (t *Target) describe(ctx context.Context) (*described, error) {
	t.mu.Lock()
	told := t.told
	t.mu.Unlock()
	if told != nil {
		return told, nil
	}
	p, err := start(t.cfg, 1)
	if err != nil {
		return nil, err
	}
	defer p.stop()
	told = &described{}
	if err := ask(ctx, p, opDescribe, nothing{}, told, t.cfg.Limits.Request); err != nil {
		return nil, err
	}
	if err := told.check(); err != nil {
		return nil, fmt.Errorf("%w: %w", targets.ErrTarget, err)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.told == nil {
		t.told, t.room = told, make(chan struct{}, max(1, told.Parallel))
	}
	return t.told, nil
}

// check says what is wrong with a description.
func (d *described) check() error {
	switch {
	case d.Protocol != Protocol:
		return fmt.Errorf("it speaks the protocol %.64q, and %q is wanted", d.Protocol, Protocol)
	case d.Name == "" || len(d.Name) > 200 || len(d.Version) > 200:
		return errors.New("it has no name, or name or version are longer than 200 bytes")
	case d.Parallel < 0 || d.Parallel > 256 || d.Concurrency < 0 || d.Concurrency > 256:
		return errors.New("parallel and concurrency are between 1 and 256")
	case len(d.Reaches) > 64:
		return errors.New("it reaches more than 64 machines")
	}
	for i, op := range d.Operations {
		switch {
		case !slices.Contains(Operations(), op):
			return fmt.Errorf("it offers the operation %.64q, which there is not", op)
		case slices.Contains(d.Operations[:i], op):
			return fmt.Errorf("it names the operation %s twice", op)
		}
	}
	return nil
}

// refused is the error of ask where the adapter refuses.
type refused struct{ refusal }

func (r *refused) Error() string { return fmt.Sprintf("refused: %.64q %.300q", r.Code, r.Detail) }

// ask makes a request and reads its answer. A refusal is a *refused; every
// other error of the adapter's wraps targets.ErrTarget.
func ask(ctx context.Context, p *process, op string, args, to any, within time.Duration) error {
	a, err := p.call(ctx, op, args, within)
	switch {
	case err != nil:
		return err
	case a.Refused != nil:
		return &refused{refusal{clip(a.Refused.Code, 64), clip(a.Refused.Detail, 500)}}
	}
	if err := decode(a.OK, to); err != nil {
		err = errAnswer(op, err)
		p.fail(err)
		return fmt.Errorf("%w: the adapter: %w", targets.ErrTarget, err)
	}
	return nil
}

// clip bounds hostile text.
func clip(s string, n int) string {
	if len(s) > n {
		return s[:n] + "…"
	}
	return s
}

// join finds the process of a group, or starts it when there is room.
func (t *Target) join(ctx context.Context, name string, told *described) (*process, error) {
	t.mu.Lock()
	g, ok := t.groups[name]
	if ok {
		g.users++
		t.mu.Unlock()
		<-g.ready
		return g.proc, g.err
	}
	g = &group{ready: make(chan struct{}), users: 1}
	t.groups[name] = g
	t.mu.Unlock()
	select {
	case t.room <- struct{}{}:
		if g.proc, g.err = start(t.cfg, told.Concurrency); g.err != nil {
			<-t.room
		}
	case <-ctx.Done():
		g.err = ctx.Err()
	}
	close(g.ready)
	return g.proc, g.err
}

// leave ends the process of a group when nobody uses it.
func (t *Target) leave(name string) {
	t.mu.Lock()
	g, ok := t.groups[name]
	if !ok {
		t.mu.Unlock()
		return
	}
	if g.users--; g.users > 0 {
		t.mu.Unlock()
		return
	}
	delete(t.groups, name)
	t.mu.Unlock()
	if g.proc != nil {
		g.proc.stop()
		<-t.room
	}
}

// CountBallots implements targets.Counter.
func (t *Target) CountBallots(ctx context.Context, c targets.PollContest, ballots [][]string) (map[string]uint64, error) {
	told, err := t.describe(ctx)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(told.Operations, opCount) {
		return nil, fmt.Errorf("%w: its adapter does not offer count", targets.ErrUnable)
	}
	p, err := start(t.cfg, 1)
	if err != nil {
		return nil, err
	}
	defer p.stop()
	var out countDone
	if err := ask(ctx, p, opCount, countArgs{c, ballots}, &out, t.cfg.Limits.Wait); err != nil {
		return nil, err
	}
	return out.Totals, nil
}
