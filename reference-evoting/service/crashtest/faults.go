package crashtest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/board"
	"scrutineer/reference-evoting/service/client"
	"scrutineer/reference-evoting/service/crashtest/disk"
)

// FaultReport is what was seen where the disk failed. Undurable, Blind and NotRed
// must all be zero, and the Report sound.
type FaultReport struct {
	Report
	Way      []disk.Point // of one cast on a sound disk
	Injected map[disk.Kind]map[string]int

	Acked     int // ballots acknowledged though the fault met them
	Refused   int // requests after a fault that were answered 503, unsigned
	Undurable int // ballots acknowledged after a write that matters had failed
	Blind     int // reads that failed after a fault
	NotRed    int // faults that matter after which the server said it was ready
}

// Faults is how often the disk failed.
func (r *FaultReport) Faults() (n int) {
	for _, places := range r.Injected {
		for _, k := range places {
			n += k
		}
	}
	return n
}

// Sound reports that nothing was lost, doubled or promised in vain.
func (r *FaultReport) Sound() bool {
	return r.Report.Sound() && r.Undurable == 0 && r.Blind == 0 && r.NotRed == 0
}

// place says what a file of the authority is for.
func place(path string) string {
	_, path, _ = strings.Cut(path, "/") // the number of the board
	switch {
	case strings.HasPrefix(path, "box.db-wal"):
		return "box: SQLite's log"
	case strings.HasPrefix(path, "box.db-shm"):
		return "box: index to SQLite's log"
	case strings.HasPrefix(path, "box.db"):
		return "box: SQLite's file"
	case strings.HasPrefix(path, "board/log/tile/entries"):
		return "log: entries"
	case strings.HasPrefix(path, "board/log/tile"):
		return "log: hashes"
	case strings.HasPrefix(path, "board/log/.state/gcState"):
		return afterwards + "how far tiles were cleared away"
	case strings.HasPrefix(path, "board/log/.state"):
		return "log: size and root"
	case strings.HasPrefix(path, "board/log"):
		return afterwards + "signed head"
	case strings.HasPrefix(path, "board/chunk"):
		return "log: chunks"
	case strings.HasPrefix(path, "board"):
		return afterwards + "cosigned head"
	}
	return afterwards + "head kept for the record"
}

// afterwards begins the places that no ballot stands on.
const afterwards = "afterwards: "

// onWay: what a ballot that is acknowledged stands on.
func onWay(path string) bool { return !strings.HasPrefix(place(path), afterwards) }

// aside: what is published afterwards, and written anew whenever it fails.
func aside(path string) bool { return !onWay(path) }

// Faults says which faults are made. The zero value is all of them.
type Faults struct {
	Kinds  []disk.Kind // none for all
	Stride int         // take each so many-th point only, from a random one on
}

// copied: where SQLite's log is copied to, after the first change since a start.
func copied(path string) bool { return strings.HasSuffix(path, "/box.db") }

// RunFaults lets the disk fail at every write, sync and naming of a cast, one after
// the other, in each way; then while the election is closed. After each failure
// it holds the authority to its refusal, and starts it again on a sound disk.
func RunFaults(ctx context.Context, cfg Config, which Faults) (*FaultReport, error) {
	cfg = cfg.withDefaults()
	cfg.Faulty = true
	r := &FaultReport{Report: Report{Seed: cfg.Seed, Elections: 1, Kills: map[string]int{}}, Injected: map[disk.Kind]map[string]int{}}
	start := time.Now()
	defer func() { r.Took = time.Since(start) }()
	dir := filepath.Join(cfg.Dir, "faults")
	random := rand.New(rand.NewPCG(cfg.Seed, 0))
	e, err := open(ctx, cfg, dir, random)
	if err != nil {
		return r, err
	}
	if len(which.Kinds) == 0 {
		which.Kinds = disk.Kinds()
	}
	which.Stride = max(1, which.Stride)
	f := &faulty{election: e, report: r, free: e.voters, which: which}
	err = f.run(ctx)
	if err != nil {
		err = fmt.Errorf("seed %d: %w%s", cfg.Seed, err, e.server.tail())
	}
	return r, errors.Join(err, e.end())
}

// faulty is an election on a failing disk.
type faulty struct {
	*election
	report *FaultReport
	free   []*voterOf // who may cast; who gave up may not
	which  Faults
}

func (f *faulty) run(ctx context.Context) error {
	if err := f.measure(ctx); err != nil {
		return err
	}
	for _, kind := range f.which.Kinds {
		for _, g := range []struct {
			counts func(string) bool
			anew   bool
		}{{onWay, false}, {aside, false}, {copied, true}} {
			if err := f.each(ctx, disk.Plan{Kind: kind, Counts: g.counts}, g.anew); err != nil {
				return err
			}
		}
		f.cfg.Log("%s: %d faults so far, %d ballots acknowledged after one", kind, f.report.Faults(), f.report.Undurable)
	}
	if !f.cfg.Open {
		if err := f.failWhileClosing(ctx); err != nil {
			return err
		}
	}
	return f.audit(ctx, &f.report.Report)
}

// measure notes the way of one ballot.
func (f *faulty) measure(ctx context.Context) error {
	f.server.disk.Arm(disk.Plan{Counts: onWay})
	if err := f.voter().castOne(ctx); err != nil && !errors.Is(err, errGaveUp) {
		return err
	}
	f.report.Way = f.server.disk.Seen()
	if len(f.report.Way) == 0 {
		return fmt.Errorf("%w: a ballot was taken and nothing was seen of it", disk.ErrUnable)
	}
	return nil
}

// voter is the next who is free.
func (f *faulty) voter() *voterOf {
	v := f.free[0]
	f.free = append(f.free[1:len(f.free):len(f.free)], v)
	return v
}

// each goes through the points of a cast, until it is over before the next one. Anew
// has it start with an authority that has written nothing since it was started.
func (f *faulty) each(ctx context.Context, p disk.Plan, anew bool) error {
	for p.Nth = 1 + f.random.IntN(f.which.Stride); len(f.free) >= 2; p.Nth += f.which.Stride {
		if anew {
			if err := f.restart(ctx); err != nil {
				return err
			}
		}
		hit, err := f.try(ctx, p)
		if err != nil || !hit {
			return err
		}
	}
	return nil
}

// attempt is a ballot as far as it has come.
type attempt struct {
	voter *voterOf
	cast
	submitted bool
}

func (f *faulty) attempt() (*attempt, error) {
	a := &attempt{voter: f.voter()}
	var err error
	a.cast, err = a.voter.fill()
	return a, err
}

// asks is how long a request to an authority on a bad disk may take. It is long
// beside the answer, since the machine may be busy, and short beside for ever.
const asks = 20 * time.Second

// once asks for what is due next, and does not ask again.
func (a *attempt) once(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, asks)
	defer cancel()
	v := a.voter
	if !a.submitted {
		if _, err := v.election.client.Submit(ctx, a.prepared.Submission); err != nil {
			return err
		}
		a.submitted = true
	}
	var err error
	if a.decision == nil {
		if a.decision, err = v.client.Cast(a.prepared); err != nil {
			return err
		}
	}
	if a.receipt, err = v.election.client.Cast(ctx, a.decision); err != nil {
		return err
	}
	if err := v.client.Answer(a.prepared, a.receipt); err != nil {
		return err
	}
	if a.prepared.Receipt() == nil {
		v.refused = append(v.refused, fmt.Sprintf("%s: refused: %s", v.id, a.prepared.Refusal().Reason))
		return errGaveUp
	}
	v.acknowledged = append(v.acknowledged, a.cast)
	return nil
}

// try casts a ballot on a disk that fails by plan, and starts again on a sound one.
func (f *faulty) try(ctx context.Context, p disk.Plan) (hit bool, err error) {
	first, err := f.attempt()
	if err != nil {
		return false, err
	}
	f.server.disk.Arm(p)
	outcome := first.once(ctx)
	if outcome == nil {
		f.shown(ctx, first.prepared.Receipt().Index+1)
	}
	at := f.server.disk.Hit()
	if at == nil {
		f.server.disk.Arm(disk.Plan{})
		// An answer that did not come for another reason, as on a machine that
		// is too busy, has taken the fault's turn.
		return outcome != nil, f.settle(ctx, first)
	}
	f.note(p.Kind, *at)
	matters := onWay(at.Path) && p.Kind != disk.Short
	if outcome == nil {
		f.report.Acked++
	}
	f.answered(outcome, matters, at)
	second, err := f.attempt()
	if err != nil {
		return true, err
	}
	f.answered(second.once(ctx), matters, at)
	f.look(ctx, matters)
	if err := f.restart(ctx); err != nil {
		return true, fmt.Errorf("after %s at %s of %s: %w", p.Kind, at.Call, at.Path, err)
	}
	return true, errors.Join(f.settle(ctx, first), f.settle(ctx, second))
}

// note counts a fault by what was called and where.
func (f *faulty) note(kind disk.Kind, at disk.Point) {
	if f.report.Injected[kind] == nil {
		f.report.Injected[kind] = map[string]int{}
	}
	f.report.Injected[kind][string(at.Call)+" of "+place(at.Path)]++
}

// shown waits for a cosigned head, for as long as one takes.
func (f *faulty) shown(ctx context.Context, size uint64) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	_, _ = f.client.Await(ctx, size) // it may be what failed
}

// answered judges the answer to a ballot after a fault.
func (f *faulty) answered(err error, matters bool, at *disk.Point) {
	var p *client.Problem
	switch {
	case err == nil && matters:
		f.report.Undurable++
		f.report.Report.Faults = append(f.report.Report.Faults, fmt.Sprintf("acknowledged after the %s of %s failed", at.Call, at.Path))
	case err == nil || errors.Is(err, errGaveUp):
	case errors.As(err, &p) && p.Status == http.StatusServiceUnavailable:
		f.report.Refused++
	default:
		f.report.Report.Faults = append(f.report.Report.Faults, "after a fault: "+err.Error())
	}
}

// look asks whether the server owns to its state, and still shows the board.
func (f *faulty) look(ctx context.Context, matters bool) {
	ctx, cancel := context.WithTimeout(ctx, asks)
	defer cancel()
	if matters && !f.red(ctx) {
		f.report.NotRed++
	}
	if err := f.read(ctx); err != nil {
		f.report.Blind++
		f.report.Report.Faults = append(f.report.Report.Faults, "reading after a fault: "+err.Error())
	}
}

// red waits until the server says that it is not ready. The tester knows of a
// fault when the call is answered, the server when the error has come up to it:
// if nobody has asked it for anything since, that is a moment later.
func (f *faulty) red(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, asks/4)
	defer cancel()
	for f.client.Ready(ctx) == nil {
		if pause(ctx, again) != nil {
			return false
		}
	}
	return true
}

// read asks for the newest head and the last entry that it covers.
func (f *faulty) read(ctx context.Context) error {
	reader := f.client.Reader()
	raw, err := reader.Checkpoint(ctx)
	if err != nil {
		return err
	}
	c, err := board.PeekCheckpoint(raw)
	if err != nil {
		return err
	}
	return reader.Entries(ctx, c.Size-1, c.Size, func(uint64, []byte) error { return nil })
}

// restart ends the authority and starts it on a disk that works.
func (f *faulty) restart(ctx context.Context) error {
	if err := f.server.kill(); err != nil {
		return err
	}
	f.server.disk.Arm(disk.Plan{})
	f.client.Close() // what is left of connections to the old one
	if err := f.up(ctx); err != nil {
		return err
	}
	// It listens before it has read its files.
	return f.ready(ctx)
}

func (f *faulty) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for {
		err := f.client.Ready(ctx)
		if err == nil {
			return nil
		}
		if pause(ctx, again) != nil {
			return fmt.Errorf("the authority does not become ready: %w", err)
		}
	}
}

// settle brings in a ballot whose outcome is unknown.
func (f *faulty) settle(ctx context.Context, a *attempt) error {
	switch {
	case a.prepared.Receipt() != nil:
		return nil
	case a.prepared.Refusal() != nil:
		f.leave(a.voter)
		return nil
	}
	if !a.submitted {
		a.decision = nil
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	err := a.voter.finish(ctx, a.cast, true)
	if ctx.Err() != nil {
		return fmt.Errorf("%s: a ballot is not taken on a sound disk: %w", a.voter.id, ctx.Err())
	}
	if errors.Is(err, errGaveUp) {
		f.leave(a.voter)
		return nil
	}
	return err
}

// leave: the voter casts no more.
func (f *faulty) leave(v *voterOf) {
	f.free = slices.DeleteFunc(slices.Clone(f.free), func(w *voterOf) bool { return w == v })
}

// closingFaults is how many of the points on the way to the result are tried.
const closingFaults = 6

// failWhileClosing fills the disk on the way from the close to the result, frees it
// and starts again, and has the election end all the same.
func (f *faulty) failWhileClosing(ctx context.Context) error {
	for n := range closingFaults {
		f.server.disk.Arm(disk.Plan{Kind: disk.Full, Nth: 1 + 3*n, Counts: func(string) bool { return true }})
		_ = f.close(ctx) // it is asked again
		if st, err := f.client.Status(ctx); err == nil && st.Phase == message.PhasePublished {
			break
		}
		for range 20 {
			if f.server.disk.Hit() != nil || pause(ctx, again) != nil {
				break
			}
		}
		if at := f.server.disk.Hit(); at != nil {
			f.note("full while closing", *at)
			f.look(ctx, onWay(at.Path))
		}
		if err := f.restart(ctx); err != nil {
			return err
		}
	}
	f.server.disk.Arm(disk.Plan{})
	if err := f.close(ctx); err != nil {
		return err
	}
	_, err := f.phase(ctx, func(p message.Phase) bool { return p == message.PhasePublished })
	return err
}
