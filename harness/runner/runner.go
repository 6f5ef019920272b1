// Package runner runs scenarios against a target: every sub-case as attack, as
// attack on the planted system, and as honest twin on both; many elections in
// flight at once, each with a deadline; an honest probe election before and
// after. It writes the folder of a run (events.jsonl, and for each election
// its history, export and evidence), from which alone every report is made.
//
// It decides what is planted and tells nobody but the target: who judges
// (harness/judge) reads what the runner has written, and never this.
package runner

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"

	"scrutineer/harness/action"
	"scrutineer/harness/dialect/scrutineer"
	"scrutineer/harness/expect"
	"scrutineer/harness/history"
	"scrutineer/harness/requirements"
	"scrutineer/harness/scenario"
	"scrutineer/harness/verdict"
	"scrutineer/reports/event"
	"scrutineer/targets"
)

// Config is what a run is made of.
type Config struct {
	Target    targets.Target
	Scenarios []*scenario.Scenario
	// Only says which sub-cases run; nil means all.
	Only func(scenario, sub string) bool
	// Jobs lists the elections, given whether weaknesses can be planted; nil
	// means Runs of Scenarios and Only.
	Jobs func(planting bool) []Job
	// Deep plays games of chance with all their rounds, and the sub-cases that
	// are for runs of full depth alone.
	Deep bool
	// Matrix makes a cell of the kill matrix of every attack.
	Matrix bool
	// Probe is the honest election before and after; nil leaves it out.
	Probe *scenario.Election
	Seed  uint64
	// Out is the folder below which the run's folder is made.
	Out string
	// Parallel is how many elections are in flight at once; default 16 a
	// processor, because they wait rather than compute.
	Parallel int
	// Deadline is how long one election may take; default 2 min.
	Deadline time.Duration
	Limits   action.Limits
	Clock    func() time.Time
	// Started are the facts of the run that the caller knows; the runner fills
	// in the rest.
	Started event.RunStarted
	// FailOn is the least severity of a finding that fails the run.
	FailOn verdict.Severity
	// Expect, where there is one, is compared with the verdicts.
	Expect *expect.File
	// Replay makes the command that repeats a sub-case.
	Replay func(seed uint64, scenario, sub string) string
	// Progress is told of each election that has ended, and how many there
	// are; it is called by one goroutine at a time.
	Progress func(done, total int, name string)
	// Watch is shown the run while it goes on; nil means nobody.
	Watch Watcher
}

// A Watcher sees the lines of a run as they are written. It must return soon
// and is called by many goroutines.
type Watcher interface {
	// Event is a line of the summary stream.
	Event(event.Event)
	// Operation is a line of the history of the election where.
	Operation(where string, o *event.Operation)
}

// watched hands the lines of a history on to a watcher, too.
type watched struct {
	history.Sink
	where string
	to    Watcher
}

func (w watched) Write(e event.Event) error {
	if e.Operation != nil {
		o := *e.Operation
		w.to.Operation(w.where, &o)
	}
	return w.Sink.Write(e)
}

func (c Config) filled() Config {
	if c.Parallel <= 0 {
		c.Parallel = 16 * runtime.GOMAXPROCS(0)
	}
	if c.Deadline == 0 {
		c.Deadline = 2 * time.Minute
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Only == nil {
		c.Only = func(string, string) bool { return true }
	}
	if c.Jobs == nil {
		c.Jobs = func(planting bool) []Job { return Runs(c.Scenarios, c.Only, planting) }
	}
	if c.Replay == nil {
		c.Replay = func(uint64, string, string) string { return "" }
	}
	if c.Progress == nil {
		c.Progress = func(int, int, string) {}
	}
	return c
}

// Summary is what a run came to.
type Summary struct {
	// Dir is the run's folder.
	Dir      string
	Finished event.RunFinished
	Verdicts []event.Verdict
	Cells    []event.MatrixCell
	Probes   []event.Probe
	Problems []event.Problem
	// Changes are differences from what Config.Expect expects.
	Changes []expect.Change
}

// run is one run of the runner.
type run struct {
	cfg     Config
	folder  *folder
	seed    scrutineer.Seed
	about   targets.Description
	started time.Time
	compute chan struct{}

	mu      sync.Mutex
	summary Summary
	done    int
	total   int
	lost    error // the first error of writing the summary stream
}

// Run runs everything and writes the folder. When ctx ends, what has been
// learnt so far is kept. An error means that there is no run to speak of:
// nothing could be written, or the target does not answer at all.
func Run(ctx context.Context, cfg Config) (Summary, error) {
	cfg = cfg.filled()
	r := &run{cfg: cfg, seed: scrutineer.NewSeed(cfg.Seed), started: cfg.Clock(),
		compute: make(chan struct{}, runtime.GOMAXPROCS(0))}
	var err error
	if r.about, err = cfg.Target.Describe(ctx); err != nil {
		return Summary{}, fmt.Errorf("%w: %w", ErrTarget, err)
	}
	if r.folder, err = newFolder(cfg.Out, cfg.Seed, r.started, cfg.Clock); err != nil {
		return Summary{}, err
	}
	r.summary.Dir = r.folder.dir
	jobs := r.cfg.deepEnough(r.cfg.Jobs(r.about.Test))
	if Opaque(r.about) {
		jobs = apart(jobs)
	}
	if r.about.Parallel > 0 {
		r.cfg.Parallel = min(r.cfg.Parallel, r.about.Parallel)
	}
	r.begin(jobs)
	r.all(ctx, jobs)
	r.finish(ctx, jobs)
	return r.summary, r.folder.close(r.lost)
}

// deepEnough leaves out what is for runs of full depth, unless this is one.
func (c Config) deepEnough(jobs []Job) []Job {
	if c.Deep {
		return jobs
	}
	var out []Job
	for _, j := range jobs {
		if j, ok := j.shallow(); ok {
			out = append(out, j)
		}
	}
	return out
}

// all runs the probes and, between them, the jobs.
func (r *run) all(ctx context.Context, jobs []Job) {
	if !r.probe(ctx, event.Before) {
		return
	}
	slots := make(chan struct{}, r.cfg.Parallel)
	var wg sync.WaitGroup
	lone, crowd := split(jobs)
	for _, j := range patientFirst(crowd) {
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
		}
		if ctx.Err() != nil {
			break
		}
		wg.Go(func() {
			defer func() { <-slots }()
			r.one(ctx, j)
		})
	}
	wg.Wait()
	for _, j := range lone {
		if ctx.Err() == nil {
			r.one(ctx, j)
		}
	}
	if ctx.Err() == nil {
		r.probe(ctx, event.After)
	}
}

// split tells those elections apart that are to have the machine to themselves:
// floods, in which speed is what is judged.
func split(jobs []Job) (lone, crowd []Job) {
	for _, j := range jobs {
		if p, err := j.Scenario.Plan(j.Sub.ID, j.Kind); err == nil && slices.Contains(p.Needs, string(targets.Network)) {
			lone = append(lone, j)
		} else {
			crowd = append(crowd, j)
		}
	}
	return lone, crowd
}

// patientFirst begins with the elections that end by waiting in vain, so that
// nobody waits for them in the end.
func patientFirst(jobs []Job) []Job {
	stalls := func(j Job) int {
		if p, err := j.Scenario.Plan(j.Sub.ID, j.Kind); err == nil && j.Kind == event.Planted && slices.Contains(p.Oracles, "O.live") {
			return 0
		}
		return 1
	}
	out := slices.Clone(jobs)
	slices.SortStableFunc(out, func(a, b Job) int { return stalls(a) - stalls(b) })
	return out
}

// Elections is how many elections a run will hold on a target on which
// weaknesses can be planted, probes included.
func Elections(cfg Config) int {
	cfg = cfg.filled()
	return len(cfg.deepEnough(cfg.Jobs(true))) + cfg.probes()
}

func (c Config) probes() int {
	if c.Probe == nil {
		return 0
	}
	return 2
}

// begin writes what is known before the first election.
func (r *run) begin(jobs []Job) {
	s := r.cfg.Started
	s.Seed, s.Target, s.TargetVersion = fmt.Sprint(r.cfg.Seed), r.about.Name, r.about.Version
	s.Parallel, s.Started = r.cfg.Parallel, r.started.UTC()
	s.GoVersion, s.OS, s.Arch, s.CPUs = runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.GOMAXPROCS(0)
	s.Elections = len(jobs)
	named := map[string]bool{}
	for _, j := range jobs {
		named[j.Scenario.ID] = true
	}
	s.Scenarios = len(named)
	r.total = len(jobs) + r.cfg.probes()
	r.write(event.Event{RunStarted: &s})
	if standards, err := requirements.All(); err != nil {
		r.problem(event.Problem{Origin: event.OwnBug, Message: err.Error()})
	} else {
		r.write(event.Event{Requirements: &event.Requirements{Standards: standards}})
	}
	for _, x := range r.cfg.Scenarios {
		if named[x.ID] {
			info := x.Info()
			info.Requirements = requirements.Of(info)
			r.write(event.Event{Scenario: &info})
		}
	}
}

// write appends to the summary stream. The first failure is kept: a run whose
// stream is incomplete must not pass.
func (r *run) write(e event.Event) {
	if r.cfg.Watch != nil {
		r.cfg.Watch.Event(e)
	}
	if err := r.folder.events.Write(e); err != nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.lost == nil {
			r.lost = err
		}
	}
}

// ended notes progress.
func (r *run) ended(name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.done++
	r.cfg.Progress(r.done, r.total, name)
}

// problem notes something that kept us from judging.
func (r *run) problem(p event.Problem) {
	r.write(event.Event{Problem: &p})
	r.mu.Lock()
	defer r.mu.Unlock()
	r.summary.Problems = append(r.summary.Problems, p)
}

// since is milliseconds since the run began.
func (r *run) since() int64 { return r.cfg.Clock().Sub(r.started).Milliseconds() }
