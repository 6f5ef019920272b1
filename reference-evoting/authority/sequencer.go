package authority

import (
	"context"
	"errors"
	"fmt"

	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/rules"
	"scrutineer/reference-evoting/weakness"
)

// task is one request to the sequencer: prepare gives the entry to append, or
// settles the task without one.
type task struct {
	ctx     context.Context
	prepare func(ctx context.Context) (*proposal, error)
	done    chan outcome
}

// proposal is an entry that would be appended. For a decision it has the
// answer for an index, and the one for a rule that the entry breaks.
type proposal struct {
	raw      []byte
	accepted func(index uint64) (Answer, error)
	refused  func(ctx context.Context, f *rules.Fault) (Answer, error)
	answer   *Answer // known already: nothing to append
}

type outcome struct {
	index  uint64
	answer Answer
	err    error
}

// submit hands a task to the sequencer and waits for its outcome. When ctx
// ends first the outcome is unknown to the caller.
func (a *Authority) submit(ctx context.Context, prepare func(context.Context) (*proposal, error)) (outcome, error) {
	if a.Err() != nil {
		return outcome{}, ErrFailed
	}
	t := &task{ctx: ctx, prepare: prepare, done: make(chan outcome, 1)}
	select {
	case a.tasks <- t:
	default:
		return outcome{}, ErrBusy
	}
	select {
	case o := <-t.done:
		return o, a.told(o.err)
	case <-ctx.Done():
		return outcome{}, fmt.Errorf("outcome unknown: %w", ctx.Err())
	}
}

// Run is the sequencer. It ends with ctx, or with the error of a log that
// failed; nobody is acknowledged after that.
func (a *Authority) Run(ctx context.Context) error {
	for _, part := range []func(context.Context) error{a.repeated, a.duties, a.persist} {
		if err := part(ctx); err != nil {
			return a.fail(err)
		}
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case t := <-a.tasks:
			if err := a.batch(ctx, t); err != nil {
				return a.fail(err)
			}
		}
	}
}

func (a *Authority) fail(err error) error {
	if errors.Is(err, context.Canceled) {
		return nil
	}
	a.cfg.Logger.Error("the authority stops taking entries", "err", err)
	a.mu.Lock()
	a.failed = err
	a.mu.Unlock()
	for {
		select {
		case t := <-a.tasks:
			t.done <- outcome{err: ErrFailed}
		default:
			return err
		}
	}
}

// pending is a task that waits for the batch to be durable.
type pending struct {
	task    *task
	outcome outcome
}

// batch takes what waits, up to the limit, and appends it at once.
func (a *Authority) batch(ctx context.Context, first *task) error {
	if err := a.Err(); err != nil { // since the task was taken
		first.done <- outcome{err: ErrFailed}
		return err
	}
	var list []pending
	a.decided = map[message.Digest]Answer{}
	for t := first; t != nil; t = a.next(len(list)) {
		o, err := a.plan(ctx, t)
		switch {
		case err != nil && isFatal(err):
			t.done <- outcome{err: ErrFailed}
			return a.drop(list, err)
		case err != nil:
			t.done <- outcome{err: err}
		default:
			list = append(list, pending{task: t, outcome: o})
		}
	}
	if err := a.duties(ctx); err != nil {
		return a.drop(list, err)
	}
	return a.flush(ctx, list)
}

func (a *Authority) next(taken int) *task {
	if taken >= a.cfg.Limits.Batch {
		return nil
	}
	select {
	case t := <-a.tasks:
		return t
	default:
		return nil
	}
}

// plan checks one task against the state, with all that is before it in the
// batch, and commits it.
func (a *Authority) plan(ctx context.Context, t *task) (outcome, error) {
	p, err := t.prepare(ctx)
	if err != nil {
		return outcome{}, err
	}
	if p.answer != nil {
		return a.decide(*p.answer), nil
	}
	step, err := a.state.Plan(ctx, p.raw, rules.Own)
	if err != nil {
		return outcome{}, fatal{err}
	}
	if step.Fault != nil {
		if p.refused == nil || step.Fault.Reason == "" {
			return outcome{}, refusedBy(step.Fault)
		}
		answer, err := p.refused(ctx, step.Fault)
		return a.decide(answer), err
	}
	index := a.state.Size()
	if err := a.commit(p.raw, step); err != nil {
		return outcome{}, fatal{err}
	}
	if p.accepted == nil {
		return outcome{index: index}, nil
	}
	answer, err := p.accepted(index)
	if err != nil {
		return outcome{}, fatal{err}
	}
	return a.decide(answer), nil
}

// decide remembers an answer until its batch is durable.
func (a *Authority) decide(answer Answer) outcome {
	if answer.Bytes != nil {
		a.decided[answer.Decision] = answer
	}
	return outcome{index: answer.Index, answer: answer}
}

// commit takes a step into the state, and its entry into the batch.
func (a *Authority) commit(raw []byte, step *rules.Step) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.recent.tail) == 0 {
		a.recent.first = a.state.Size()
	}
	a.recent.tail = append(a.recent.tail, raw)
	return a.state.Commit(step)
}

// fatal marks an error after which state and log may differ.
type fatal struct{ error }

func (f fatal) Unwrap() error { return f.error }

func isFatal(err error) bool {
	var f fatal
	return errors.As(err, &f)
}

// flush makes the batch durable and answers.
func (a *Authority) flush(ctx context.Context, list []pending) error {
	early := a.cfg.Weak.For(weakness.Box).Has(weakness.AsyncPersist)
	if early {
		answer(list)
		list = nil
	}
	last := a.ends()
	if err := a.persist(ctx); err != nil {
		return a.drop(list, err)
	}
	var settled []Answer
	for _, answer := range a.decided {
		if !answer.Volatile {
			settled = append(settled, answer)
		}
	}
	if len(settled) > 0 {
		if err := a.cfg.Store.Settle(context.WithoutCancel(ctx), settled); err != nil {
			return a.drop(list, err)
		}
	}
	if err := a.at(Point{last, Settled}); err != nil {
		return a.drop(list, err)
	}
	answer(list)
	return nil
}

func answer(list []pending) {
	for _, p := range list {
		p.task.done <- p.outcome
	}
}

// ends is the type of the entry that ends the batch; none where nothing is
// appended.
func (a *Authority) ends() message.Type {
	if len(a.recent.tail) == 0 {
		return ""
	}
	e, err := message.DecodeEntry(a.recent.tail[len(a.recent.tail)-1])
	if err != nil {
		return "" // the state took it: it is well-formed
	}
	return e.Type
}

// at is where a machine may stop.
func (a *Authority) at(p Point) error {
	if a.cfg.At == nil || p.Entry == "" {
		return nil
	}
	return a.cfg.At(p)
}

// persist appends the tail of the overlay to the log.
func (a *Authority) persist(ctx context.Context) error {
	if len(a.recent.tail) == 0 {
		return nil
	}
	last := a.ends()
	if err := a.at(Point{last, Appending}); err != nil {
		return err
	}
	// The batch is appended even if the server is being stopped: it has been
	// committed to the state, and its callers wait for it.
	first, err := a.cfg.Log.Append(context.WithoutCancel(ctx), a.recent.tail...)
	if err != nil {
		return fmt.Errorf("append: %w", err)
	}
	if first != a.recent.first {
		return fmt.Errorf("append: the log gave index %d, want %d", first, a.recent.first)
	}
	a.mu.Lock()
	a.recent.tail = nil
	a.mu.Unlock()
	return a.at(Point{last, Appended})
}

// drop tells everybody in a batch that could not be made durable that the
// authority has failed.
func (a *Authority) drop(list []pending, err error) error {
	for _, p := range list {
		p.task.done <- outcome{err: ErrFailed}
	}
	return err
}

// duties adds to the batch what the authority owes after it: the opening, the
// seal, the aggregates, the result. They are durable before anybody hears of
// the entry that made them due.
func (a *Authority) duties(ctx context.Context) error {
	for {
		raws, err := a.due(ctx)
		if err != nil || len(raws) == 0 {
			return err
		}
		for _, raw := range raws {
			step, err := a.state.Plan(ctx, raw, rules.Own)
			if err != nil {
				return err
			}
			if step.Fault != nil {
				return fmt.Errorf("authority's own entry: %w", step.Fault)
			}
			if err := a.commit(raw, step); err != nil {
				return err
			}
		}
	}
}

// due gives the authority's entries for the phase, in order.
func (a *Authority) due(ctx context.Context) ([][]byte, error) {
	switch a.state.Phase() {
	case message.PhaseReady:
		return a.one(ctx, message.TypeOpen, message.Open{ElectionKey: a.state.Key().Encoded})
	case message.PhaseParticipated, message.PhaseListed:
		if a.state.Election().HasIdentity() && a.state.Phase() != message.PhaseListed {
			return nil, nil // the identity service comes first
		}
		root, err := a.state.Root()
		if err != nil {
			return nil, err
		}
		return a.one(ctx, message.TypeSeal, message.Seal{Count: a.state.Size(), Root: root})
	case message.PhaseSealed:
		var out [][]byte
		for _, agg := range a.state.Aggregates() {
			raw, err := a.own(ctx, message.TypeAggregate, a.state.Fingerprint(), agg)
			if err != nil {
				return nil, err
			}
			out = append(out, raw)
		}
		return out, nil
	case message.PhaseDecrypting:
		return a.conclude(ctx)
	}
	if culprit := a.state.Culprit(); culprit != "" && a.state.Phase() != message.PhaseAborted {
		raw, err := a.own(ctx, message.TypeAbort, a.state.Context(), message.Abort{Culprit: culprit, Reason: "complaint"})
		return [][]byte{raw}, err
	}
	return nil, nil
}

func (a *Authority) one(ctx context.Context, t message.Type, body any) ([][]byte, error) {
	raw, err := a.own(ctx, t, a.state.Fingerprint(), body)
	return [][]byte{raw}, err
}

// conclude publishes the result once t trustees have given all their shares.
// Totals that cannot be found leave the election without a result, which is
// for everybody to see; the authority goes on.
func (a *Authority) conclude(ctx context.Context) ([][]byte, error) {
	if !a.state.Quorum() {
		return nil, nil
	}
	result, err := a.state.Compute(&a.logs)
	if err != nil {
		a.cfg.Logger.Error("the shares do not decrypt to totals", "err", err)
		a.mu.Lock()
		a.stalled = err.Error()
		a.mu.Unlock()
		return nil, nil
	}
	return a.one(ctx, message.TypeResult, result)
}
