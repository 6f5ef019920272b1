package runner

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"scrutineer/harness/action"
	"scrutineer/harness/history"
	"scrutineer/harness/judge"
	"scrutineer/harness/linear"
	"scrutineer/harness/scenario"
	"scrutineer/harness/verdict"
	"scrutineer/protocols/record"
	"scrutineer/reports/event"
	"scrutineer/targets"
)

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

// planting opens elections with a set of weaknesses. It is the only one who
// knows them.
type planting struct {
	targets.Target
	set   []string
	crash bool // the plan takes the server's power away
}

func (p planting) Open(ctx context.Context, d targets.Definition) (targets.Election, error) {
	d.Plant, d.Crash = p.set, p.crash
	return p.Target.Open(ctx, d)
}

// one runs one election and judges it.
func (r *run) one(ctx context.Context, j Job) {
	defer func() {
		if p := recover(); p != nil {
			r.problem(event.Problem{Origin: event.OwnBug, Message: fmt.Sprint(p), Detail: string(debug.Stack()),
				Scenario: j.Scenario.ID, SubCase: j.Sub.ID, Run: j.Kind})
		}
	}()
	r.write(event.Event{ScenarioStarted: &event.ScenarioStarted{Scenario: j.Scenario.ID, SubCase: j.Sub.ID, Run: j.Kind, Planted: j.Planted}})
	start := r.since()
	v, err := r.judged(ctx, j)
	switch {
	case ctx.Err() != nil:
		return // there was no time to come to a judgement
	case err != nil:
		r.problem(event.Problem{Origin: origin(err), Message: err.Error(), Scenario: j.Scenario.ID, SubCase: j.Sub.ID, Run: j.Kind})
		r.ended(j.name())
		return
	}
	v.StartMS, v.DurationMS = start, r.since()-start
	r.conclude(j, v)
	r.ended(j.name())
}

// conclude writes what a job came to: a verdict, and where there is a matrix a
// cell of it.
func (r *run) conclude(j Job, v event.Verdict) {
	cell := event.MatrixCell{Scenario: v.Scenario, SubCase: v.SubCase, Planted: j.Planted, Judgement: v.Judgement,
		Diagonal: j.Expected != "" && len(j.Planted) > 0, OK: j.Fails == nil || v.Judgement == event.Inapplicable || !j.Fails(v.Judgement), Note: j.Note, Dir: v.Dir}
	verdicts := r.verdictsOf(j, v)
	for i := range verdicts {
		cell.OK = !verdicts[i].Surprising()
		r.write(event.Event{Verdict: &verdicts[i]})
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.summary.Verdicts = append(r.summary.Verdicts, verdicts...)
	if r.cfg.Matrix && j.Kind != event.Twin {
		r.summary.Cells = append(r.summary.Cells, cell)
	}
}

// verdictsOf is the verdict of a job, again for every sub-case that shares its
// election.
func (r *run) verdictsOf(j Job, v event.Verdict) []event.Verdict {
	if j.Expected == "" {
		return nil
	}
	out := []event.Verdict{v}
	for _, c := range j.Shared {
		same := v
		same.SubCase, same.SameAs = c.ID, v.SubCase
		same.Replay = r.cfg.Replay(r.cfg.Seed, j.Scenario.ID, c.ID)
		out = append(out, same)
	}
	for i := range out {
		if r.cfg.Expect != nil {
			r.cfg.Expect.Apply(&out[i], r.cfg.Clock())
		}
	}
	return out
}

func origin(err error) event.Origin {
	var path *os.PathError
	switch {
	case errors.Is(err, targets.ErrTarget):
		return event.TargetError
	case errors.As(err, &path):
		return event.EnvironmentError
	}
	return event.OwnBug
}

// judged runs the election of a job to its end and has it judged.
func (r *run) judged(ctx context.Context, j Job) (event.Verdict, error) {
	plan, err := r.plan(j)
	if err != nil {
		return event.Verdict{}, err
	}
	p, err := r.folder.place(j.dir())
	if err != nil {
		return event.Verdict{}, err
	}
	defer p.history.Close()
	wishes := source(r.seed.Child(j.Scenario.ID).Child(j.seedCase()).Child("wishes"))
	harness := func(role, name string) bool { return plan.Player(role, name) == scenario.Harness }
	e := played{
		run: r, place: p, plan: plan, missing: r.missing(plan.Needs),
		session: action.Config{
			Plan:   planOf(j.dir(), plan.Election, harness, wishes),
			Target: planting{r.cfg.Target, j.Planted, slices.Contains(plan.Needs, string(targets.Fault))}, Seed: r.seedOf(j), Evidence: p.evidence,
			Compute: r.compute, Limits: r.cfg.Limits, Opaque: plan.Opaque,
		},
	}
	opinion, err := e.play(ctx)
	if err != nil {
		return event.Verdict{}, err
	}
	return r.verdict(j, plan, &e, opinion), nil
}

// missing lists the abilities that the target has not.
func (r *run) missing(needs []string) []string {
	var out []string
	for _, n := range needs {
		if !slices.Contains(r.about.Abilities, targets.Ability(n)) {
			out = append(out, n)
		}
	}
	return out
}

// verdict puts the opinion beside what was expected, and adds what a reader
// wants to know besides.
func (r *run) verdict(j Job, plan *scenario.Plan, e *played, o judge.Opinion) event.Verdict {
	x := verdict.Run{Scenario: j.Scenario.ID, Title: j.Scenario.Title, Case: j.Sub.ID, Kind: j.Kind, Facts: o.Facts,
		Evidence: verdict.ThirdParty, Expected: verdict.Expectation{Judgement: j.Expected}}
	if plan.Evidence == scenario.OnlyVoter {
		x.Evidence = verdict.VoterAlone
	}
	if plan.Opaque && j.Kind == event.Attack && j.Expected == event.Detected {
		x.Expected.Judgement = event.Prevented // nobody plays the server: it had the chance to keep its word
	}
	if j.Kind == event.Attack {
		for _, role := range plan.Expect.By {
			x.Expected.By = append(x.Expected.By, string(role))
		}
	}
	x.Expected.Whole = j.Kind == event.Planted
	v := x.Verdict()
	v.Planted, v.Steps, v.Tallies, v.Measured = j.Planted, e.steps, o.Tallies, o.Measured
	v.Loads = o.Loads
	v.Checks = union(v.Checks, o.Checks)
	if proof := plan.Expect.Proof; proof != nil && v.Judgement == event.Detected && j.Kind == event.Attack {
		v.Proofs = []event.Proof{{Who: proof.Who, ToWhom: proof.To, What: proof.What, Check: cmp.Or(proof.Check, "S-21")}}
	}
	v.Evidence, v.Dir, v.Replay = e.place.refs(), j.dir(), r.cfg.Replay(r.cfg.Seed, j.Scenario.ID, j.Sub.ID)
	return v
}

func union(a, b []string) []string {
	out := slices.Concat(a, b)
	slices.Sort(out)
	return slices.Compact(out)
}

// played is one election being run.
type played struct {
	run     *run
	place   *place
	plan    *scenario.Plan
	missing []string
	session action.Config

	began time.Time
	mu    sync.Mutex
	steps []event.Step
}

// play carries out the plan, exports the record and has it judged from the
// files that were written.
func (e *played) play(ctx context.Context) (judge.Opinion, error) {
	e.began = e.run.cfg.Clock()
	within, cancel := context.WithTimeout(ctx, e.run.cfg.Deadline)
	defer cancel()
	e.session.History = history.NewRecorder(e.sink())
	s := action.New(e.session)
	if len(e.missing) > 0 {
		e.inapplicable()
	} else {
		e.carryOut(within, s)
	}
	c := judge.Case{Scenario: e.plan.Scenario, SubCase: e.plan.Case, Oracles: e.plan.Oracles, Electorate: *e.session.Plan.Electorate, Opaque: e.plan.Opaque}
	if e.plan.Run == event.Twin {
		c.Oracles = oracles()
	}
	e.draw()
	err := e.keep(within, s, &c)
	err = errors.Join(err, s.Close(), e.session.History.Err())
	if err != nil || ctx.Err() != nil {
		return judge.Opinion{}, cmp.Or(err, ctx.Err())
	}
	return e.judge(ctx)
}

// sink takes the history of the election.
func (e *played) sink() history.Sink {
	if w := e.run.cfg.Watch; w != nil {
		return watched{Sink: e.place.history, where: e.place.rel, to: w}
	}
	return e.place.history
}

// inapplicable records which abilities the target has not.
func (e *played) inapplicable() {
	for _, ability := range e.missing {
		p := e.session.History.Invoke(event.Operation{Actor: "plan", Op: action.OpStep})
		p.Unknown(func(o *event.Operation) { o.Code = action.CodeMissing + ":" + ability })
	}
}

// carryOut goes through the steps, group by group. An error ends the run, and
// a refusal too, unless the step goes on after one.
func (e *played) carryOut(ctx context.Context, s *action.Session) {
	for i := 0; i < len(e.plan.Steps); {
		n := i + 1
		for n < len(e.plan.Steps) && e.plan.Steps[i].Group != 0 && e.plan.Steps[n].Group == e.plan.Steps[i].Group {
			n++
		}
		if !e.group(ctx, s, e.plan.Steps[i:n]) {
			return
		}
		i = n
	}
}

// group does steps that start together; false ends the run.
func (e *played) group(ctx context.Context, s *action.Session, list []scenario.PlannedStep) bool {
	going := make([]bool, len(list))
	var wg sync.WaitGroup
	for i, st := range list {
		wg.Go(func() { going[i] = e.step(ctx, s, st) })
	}
	wg.Wait()
	return !slices.Contains(going, false)
}

func (e *played) step(ctx context.Context, s *action.Session, st scenario.PlannedStep) bool {
	at := e.run.cfg.Clock().Sub(e.began).Milliseconds()
	r, err := s.Do(ctx, action.Step{Name: st.Name, Do: st.Do, Args: st.Args, Adversarial: st.Adversarial})
	if err != nil {
		r.Outcome, r.Detail = event.Unknown, err.Error()
	}
	shown := event.Step{Actor: cmp.Or(r.Actor, "plan"), Action: st.Do, Adversary: st.Adversarial, Params: params(st),
		Outcome: r.Outcome, Detail: strings.TrimSpace(st.Says + " " + r.Detail), Race: r.Race, AtMS: at}
	e.mu.Lock()
	e.steps = append(e.steps, shown)
	e.mu.Unlock()
	return err == nil && (r.Outcome != event.Refused || st.Continue)
}

// drawing is how long is looked for an order of an election's decisions.
const drawing = 5 * time.Second

// draw keeps a picture of every ballot box whose answers no order explains. It
// is for people: what an attack did to the box is for oracles to say.
func (e *played) draw() {
	h := e.session.History.History()
	elections := map[string]bool{}
	for _, o := range h.Ops {
		elections[o.Election] = true
	}
	for _, name := range sortedKeys(elections) {
		r := linear.Check(linear.Calls(h, name), drawing)
		var page bytes.Buffer
		if r.Broken() && r.Picture(&page) == nil {
			e.place.picture(name, page.Bytes())
		}
	}
}

// keep exports the record of the last election that was set up, and writes the
// ground truth beside it.
func (e *played) keep(ctx context.Context, s *action.Session, c *judge.Case) error {
	if all := s.Elections(); len(all) > 0 {
		last := all[len(all)-1]
		c.Election = last.Step
		if _, ok := last.Target.(targets.BoardReader); !ok {
			return nil
		}
		if err := last.Settle(ctx); err != nil {
			return err
		}
		files, err := last.Record(ctx)
		if err != nil {
			return err
		}
		if err := export(e.place.path(ExportDir), files); err != nil {
			return err
		}
		e.place.files = append(e.place.files, event.FileRef{Label: "final checkpoint", Path: path.Join(e.place.rel, ExportDir, "checkpoint")})
	}
	if err := e.keepPublished(ctx, s, c); err != nil {
		return err
	}
	raw, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(e.place.path(CaseFile), append(raw, '\n'), 0o644)
}

// judge reads the election again from its files.
func (e *played) judge(ctx context.Context) (o judge.Opinion, err error) {
	select {
	case e.run.compute <- struct{}{}:
		defer func() { <-e.run.compute }()
	case <-ctx.Done():
		return o, ctx.Err()
	}
	return Judge(ctx, e.place.root, e.place.rel)
}

// Judge judges a saved election: the folder rel below a run's folder. It needs
// nothing but what is written there.
func Judge(ctx context.Context, dir, rel string) (judge.Opinion, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return judge.Opinion{}, fmt.Errorf("opening the run: %w", err)
	}
	defer root.Close()
	var in judge.Input
	raw, err := root.ReadFile(filepath.Join(filepath.FromSlash(rel), CaseFile))
	if err != nil {
		return judge.Opinion{}, fmt.Errorf("reading the case: %w", err)
	}
	if err := json.Unmarshal(raw, &in.Case); err != nil {
		return judge.Opinion{}, fmt.Errorf("reading the case: %w", err)
	}
	f, err := root.Open(filepath.Join(filepath.FromSlash(rel), HistoryFile))
	if err != nil {
		return judge.Opinion{}, fmt.Errorf("reading the history: %w", err)
	}
	defer f.Close()
	if in.History, err = history.Read(f, path.Join(rel, HistoryFile)); err != nil {
		return judge.Opinion{}, err
	}
	in.Evidence = func(name string) ([]byte, error) { return root.ReadFile(filepath.FromSlash(name)) }
	if in.Case.Opaque {
		if err := readPublished(root, rel, &in); err != nil {
			return judge.Opinion{}, err
		}
	}
	exported := filepath.Join(dir, filepath.FromSlash(rel), ExportDir)
	if _, err := os.Stat(exported); err == nil {
		folder, err := record.OpenFolder(exported)
		if err != nil {
			return judge.Opinion{}, err
		}
		defer folder.Close()
		in.Record = folder
	}
	return judge.Judge(ctx, in)
}
