// Package crashtest kills an authority with SIGKILL at random moments while
// voters cast, while it closes and while it tallies, and says what became of
// every ballot that it had acknowledged.
//
// The authority is a process of its own, the one that runs in production; the
// voters, witnesses, trustees and the registrar live in the tester and outlive
// it. The tester keeps every receipt and every head that it was ever shown, and
// holds the finished board to them.
//
// SIGKILL leaves what was written in the page cache. A power cut does not, and
// is not tested here.
//
// RunFaults lets the authority's disk fail instead, at every point of a ballot's
// way, and holds the authority to taking nothing more until it is started again.
// A disk that loses what it has synced is not tested either.
package crashtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"
)

// Config says what to kill, how often and by which numbers. Zero counts stand
// for the defaults.
type Config struct {
	// Start makes the command that runs `serve` of the reference with these
	// arguments. It must print where it listens, as that command does.
	Start func(args ...string) *exec.Cmd
	Dir   string // elections lie in folders of it
	Seed  uint64
	Kills int // in all elections together, at least; default 300

	Voters  int // of one election; default 24
	Casters int // who cast at the same time; default 6
	// Of one election's kills: while it is cast, and after the close was asked
	// for. Defaults 24 and 6.
	Casting, Closing int
	// Open leaves the election open: the board is held to the receipts as it
	// stands, and there is no result.
	Open bool
	// Planted weaknesses of the authority. They show that the tester finds what
	// it looks for.
	Planted []string
	// Faulty puts the authority on a disk that can fail.
	Faulty bool
	Log    func(format string, args ...any)
}

func (c Config) withDefaults() Config {
	for _, d := range []struct {
		at  *int
		def int
	}{{&c.Kills, 300}, {&c.Voters, 24}, {&c.Casters, 6}, {&c.Casting, 24}, {&c.Closing, 6}} {
		if *d.at == 0 {
			*d.at = d.def
		}
	}
	if c.Log == nil {
		c.Log = func(string, ...any) {}
	}
	return c
}

// Report is what was seen. Lost, Doubled, Forked and Faults must all be zero.
type Report struct {
	Seed      uint64
	Elections int
	Kills     map[string]int // by what the authority was doing

	Acknowledged int // ballots for which a voter holds a receipt
	OnBoard      int // of those, standing once at the promised place
	Unknown      int // decisions whose answer was lost and not asked for again
	Landed       int // of those, on the board
	Lost         int // acknowledged, not at the promised place
	Doubled      int // decisions on the board more than once
	Heads        int // distinct heads seen, signed or cosigned
	Forked       int // heads that the finished board does not extend
	Counted      int // ballots in the results
	Faults       []string
	Took         time.Duration
}

// AllKills is how often the authority was killed.
func (r *Report) AllKills() (n int) {
	for _, k := range r.Kills {
		n += k
	}
	return n
}

// Sound reports that nothing was lost, doubled or forked.
func (r *Report) Sound() bool {
	return r.Lost == 0 && r.Doubled == 0 && r.Forked == 0 && len(r.Faults) == 0 && r.OnBoard == r.Acknowledged
}

// Print writes the figures.
func (r *Report) Print(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	row := func(what string, n any) { fmt.Fprintf(t, "%s\t%v\n", what, n) }
	row("seed", r.Seed)
	row("elections", r.Elections)
	row("kills", r.AllKills())
	for _, doing := range doings {
		row("  while "+doing, r.Kills[doing])
	}
	row("acknowledged", r.Acknowledged)
	row("on board, once, where promised", r.OnBoard)
	row("lost", r.Lost)
	row("doubled", r.Doubled)
	row("answers lost and never asked for again", r.Unknown)
	row("  of these on board", r.Landed)
	row("counted in the results", r.Counted)
	row("heads seen", r.Heads)
	row("  not extended by the finished board", r.Forked)
	row("other faults", len(r.Faults))
	row("time", r.Took.Round(time.Second))
	if err := t.Flush(); err != nil {
		return err
	}
	for _, f := range r.Faults {
		fmt.Fprintln(w, "fault:", f)
	}
	return nil
}

// What an authority is doing when it is killed, in the order of an election.
const (
	doingStart   = "starting again"
	doingCast    = "taking ballots"
	doingClose   = "closing"
	doingTally   = "sealing and tallying"
	doingPublish = "publishing"
)

var doings = [...]string{doingStart, doingCast, doingClose, doingTally, doingPublish}

// Run holds elections until the kills are used up. An error means that the
// test could not be carried out; what it found is in the report.
func Run(ctx context.Context, cfg Config) (*Report, error) {
	cfg = cfg.withDefaults()
	r := &Report{Seed: cfg.Seed, Kills: map[string]int{}}
	start := time.Now()
	defer func() { r.Took = time.Since(start) }()
	for r.AllKills() < cfg.Kills {
		r.Elections++
		dir := filepath.Join(cfg.Dir, fmt.Sprintf("election-%d", r.Elections))
		random := rand.New(rand.NewPCG(cfg.Seed, uint64(r.Elections)))
		if err := hold(ctx, cfg, dir, random, r); err != nil {
			return r, fmt.Errorf("election %d in %s (seed %d): %w", r.Elections, dir, cfg.Seed, err)
		}
		cfg.Log("election %d: %d kills, %d acknowledged, %d on board, %d lost, %d doubled",
			r.Elections, r.AllKills(), r.Acknowledged, r.OnBoard, r.Lost, r.Doubled)
		if err := os.RemoveAll(dir); err != nil {
			return r, err
		}
	}
	return r, nil
}

// hold goes through one election.
func hold(ctx context.Context, cfg Config, dir string, random *rand.Rand, r *Report) (err error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Minute)
	defer cancel()
	e, err := open(ctx, cfg, dir, random)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.end()) }()
	parts := []func(context.Context, *Report) error{e.killWhileCasting, e.killWhileClosing, e.audit}
	if cfg.Open {
		parts = []func(context.Context, *Report) error{e.killWhileCasting, e.audit}
	}
	for _, part := range parts {
		if err := part(ctx, r); err != nil {
			return fmt.Errorf("%w%s", err, e.server.tail())
		}
	}
	return nil
}

// tail is the end of the authority's log, for an error.
func (p *process) tail() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.said) == 0 {
		return ""
	}
	return "\nthe authority said last:\n  " + strings.Join(p.said, "\n  ")
}
