package action

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"scrutineer/harness/dialect/scrutineer"
	"scrutineer/harness/history"
	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/reports/event"
	"scrutineer/targets"
)

// grace is how long an answer that has been given may be on its way when the
// power goes. Nothing that was not answered is answered in it.
const grace = 500 * time.Millisecond

// Codes of what a server did after a crash that it had to do.
const (
	codeOnce  = "once"  // nothing was acknowledged before it was durable, and it was done once
	codeAgain = "again" // a request that was carried out was refused when it came again
)

// faults carry out the accidents, of the file of this name in the vocabulary.
func (s *Session) faults() map[string]handler {
	return map[string]handler{"crash": s.crash, "outage": s.outage}
}

// crash is I06 to I08: power goes at a point of the server's work.
func (s *Session) crash(ctx context.Context, st Step) (Result, error) {
	r := Result{Actor: "server", Outcome: event.Unknown}
	e, err := s.in(st)
	if err != nil {
		return r, err
	}
	server, err := ability[targets.Faulty](e, targets.Fault)
	if err != nil {
		return r, err
	}
	point := st.Args.Text("point")
	c := &crash{election: e, server: server, point: point, torn: st.Args.Bool("torn")}
	switch {
	case strings.HasPrefix(point, "cast/"):
		return c.casting(ctx, st)
	case strings.HasPrefix(point, "result/"):
		return c.tallying(ctx, st)
	}
	return c.closing(ctx)
}

// crash is one loss of power.
type crash struct {
	election *election
	server   targets.Faulty
	point    string
	torn     bool
}

// during does something while the power goes, and returns when it has ended and
// the server serves again.
func (c *crash) during(ctx context.Context, do func() error) error {
	if err := c.server.Arm(ctx, c.point, c.torn); err != nil {
		return fmt.Errorf("%w: %w", ErrPlan, err)
	}
	done := make(chan error, 1)
	go func() { done <- do() }()
	if err := c.server.Reached(ctx); err != nil {
		return fmt.Errorf("%w: %w", targets.ErrTarget, err)
	}
	late := time.NewTimer(grace)
	defer late.Stop()
	var ended bool
	var err error
	select {
	case err = <-done:
		ended = true
	case <-late.C:
	}
	if e := c.server.Crash(ctx); e != nil {
		return fmt.Errorf("%w: %w", targets.ErrTarget, e)
	}
	if !ended {
		err = <-done
	}
	return err
}

// casting is a cast during which power goes. A voter who got no answer sends
// his decision again; one who got a receipt has no reason to.
func (c *crash) casting(ctx context.Context, st Step) (Result, error) {
	voter := st.Args.Text("voter")
	r := Result{Actor: "server", Outcome: event.Unknown}
	if voter == "" {
		return r, fmt.Errorf("%w: whose cast is %s?", ErrPlan, c.point)
	}
	p, err := c.election.player(ctx, voter)
	if err != nil {
		return r, err
	}
	v, want, err := c.election.want(voter, nil)
	if err != nil {
		return r, err
	}
	b := &voting{election: c.election, voter: voter}
	made, outcome, err := b.encrypt(ctx, p, v, want)
	if err != nil || made == nil {
		r.Outcome = outcome
		return r, err
	}
	err = c.during(ctx, func() (err error) {
		outcome, err = b.decide(ctx, p, v, want, made)
		return err
	})
	early := outcome == event.OK
	for i := 0; err == nil && outcome == event.Unknown && i < tries; i++ {
		outcome, err = b.decide(ctx, p, v, want, made)
	}
	r.Outcome = outcome
	if err != nil || outcome != event.OK || early || st.Args.Bool("silent") {
		return r, err
	}
	n, err := c.election.onBoard(ctx, made.tracker)
	if err == nil && n == 1 {
		c.election.session.refused(c.election.step, "authority", codeOnce,
			"no receipt before the ballot was durable; the board has it once")
		r.Outcome = event.Refused
	}
	return r, err
}

// onBoard counts the casts on the board with a tracker.
func (e *election) onBoard(ctx context.Context, tracker string) (n int, err error) {
	if err := e.settled(ctx); err != nil {
		return 0, err
	}
	all, err := e.board.all(ctx)
	for _, p := range all {
		m, err := message.DecodeEntry(p.Entry)
		if err != nil || m.Type != message.TypeCast {
			continue
		}
		body := []byte(m.Body)
		if len(body) == 0 {
			body = slices.Concat(p.Chunks...)
		}
		if c, err := codec.Decode[message.Cast](body, codec.Limits{Size: message.MaxBody}); err == nil && c.Decision.Tracker.String() == tracker {
			n++
		}
	}
	return n, err
}

// closing is a close during which power goes. The operator asks again until the
// board is sealed.
func (c *crash) closing(ctx context.Context) (Result, error) {
	r := Result{Actor: "server", Outcome: event.Unknown}
	closer, err := ability[targets.Closer](c.election, targets.Close)
	if err != nil {
		return r, err
	}
	err = c.during(ctx, func() error {
		_, err := c.election.close(ctx, closer)
		return err
	})
	var a targets.Answer
	for i := 0; err == nil && i < tries; i++ {
		if a, err = c.election.close(ctx, closer); a.Outcome != targets.Unknown {
			break
		}
	}
	if err != nil {
		return r, err
	}
	if err := c.election.sealed(ctx, func(*scrutineer.View) error { return nil }); err != nil {
		return r, err
	}
	r.Outcome, err = c.election.lateRequest(ctx, closer)
	return r, err
}

// close asks for the close and records what came of it.
func (e *election) close(ctx context.Context, closer targets.Closer) (targets.Answer, error) {
	pending := e.invoke(event.Operation{Actor: "authority", Role: "authority", Op: history.OpSeal})
	defer pending.Unknown(nil)
	a, err := closer.CloseVoting(ctx)
	if a, err = answered(ctx, a, err); err != nil {
		return a, err
	}
	end(pending, a, nil)
	return a, nil
}

// lateRequest: the operator's first request, which seemed lost, arrives when
// all has been done.
func (e *election) lateRequest(ctx context.Context, closer targets.Closer) (event.Outcome, error) {
	a, err := e.close(ctx, closer)
	if err == nil && a.Outcome == targets.Refused {
		e.session.refused(e.step, "authority", codeAgain, "a close that was carried out is asked for again: "+a.Detail)
	}
	return event.Outcome(a.Outcome), err
}

// tallying is the last share's way to the result, during which power goes. The
// trustee answers again.
func (c *crash) tallying(ctx context.Context, st Step) (Result, error) {
	r := Result{Actor: "server", Outcome: event.Unknown}
	trustees := st.Args.Ints("trustees")
	closer, err := ability[targets.Closer](c.election, targets.Close)
	switch {
	case err != nil:
		return r, err
	case len(trustees) == 0:
		return r, fmt.Errorf("%w: who answers at %s?", ErrPlan, c.point)
	}
	last := trustees[len(trustees)-1]
	for _, index := range trustees[:len(trustees)-1] {
		if outcome, _, err := c.election.answer(ctx, index); err != nil || outcome != event.OK {
			return r, err
		}
	}
	outcome := event.Unknown
	err = c.during(ctx, func() (err error) {
		outcome, _, err = c.election.answer(ctx, last)
		return err
	})
	for i := 0; err == nil && outcome == event.Unknown && i < tries; i++ {
		outcome, _, err = c.election.answer(ctx, last)
	}
	if err != nil {
		return r, err
	}
	r.Outcome, err = c.election.lateRequest(ctx, closer)
	return r, err
}

// outage is I09: the identity service fails those who ask it, or is mended.
func (s *Session) outage(ctx context.Context, st Step) (Result, error) {
	r := Result{Actor: "network", Outcome: event.OK}
	e, err := s.in(st)
	if err != nil {
		return r, err
	}
	service, err := ability[targets.Dependent](e, targets.Outage)
	if err != nil {
		return r, err
	}
	how := targets.Failure(st.Args.Text("how"))
	if how == "mended" {
		how = targets.NoFailure
	}
	return r, wrapTarget(service.Fail(ctx, how))
}
