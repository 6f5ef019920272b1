package action

import (
	"context"
	"errors"
	"fmt"

	"scrutineer/harness/dialect/scrutineer"
	"scrutineer/reports/event"
	"scrutineer/targets"
)

// recordAttacks are the actions by which a server departs from what the board
// has: what it tallies, and what it publishes.
func (s *Session) recordAttacks() map[string]handler {
	return map[string]handler{
		"publish-forged":  s.publishForged,
		"close-swapped":   s.closeSwapped,
		"close-then-cast": s.closeThenCast,
		"swap-aggregates": s.swapAggregates,
		"cast-mangled":    s.castMangled,
		"post-mangled":    s.postMangled,
	}
}

// publishForged is E12: forged records, published in the place of the true one.
func (s *Session) publishForged(ctx context.Context, st Step) (Result, error) {
	r := Result{Actor: "server", Outcome: event.Unknown}
	e, err := s.in(st)
	if err != nil {
		return r, err
	}
	verifier, err := ability[targets.Verifier](e, targets.Verify)
	if err != nil {
		return r, err
	}
	p, err := e.published(ctx, st)
	if err != nil {
		return r, err
	}
	var outcomes []event.Outcome
	for _, how := range st.Args.List("forgeries") {
		var files map[string][]byte
		err := s.compute(ctx, func() (err error) {
			files, err = p.Forge(scrutineer.RecordForgery(how))
			return err
		})
		if err != nil {
			return r, fmt.Errorf("forgery %s: %w", how, err)
		}
		found, err := e.audit(ctx, verifier, files, how)
		if err != nil {
			return r, err
		}
		if len(found) == 0 {
			outcomes = append(outcomes, event.OK)
			e.publishInstead(files)
			continue
		}
		outcomes = append(outcomes, event.Refused)
		s.refused(e.step, "auditor", found[0].Check, how+": "+found[0].Detail)
	}
	r.Outcome = best(outcomes)
	return r, nil
}

// published takes the true record apart.
func (e *election) published(ctx context.Context, st Step) (*scrutineer.Published, error) {
	if err := e.settled(ctx); err != nil {
		return nil, err
	}
	files, err := e.board.reader.Record(ctx)
	if err != nil {
		return nil, wrapTarget(err)
	}
	_, a, err := e.insider(ctx)
	if err != nil {
		return nil, err
	}
	public, err := e.public(ctx)
	if err != nil {
		return nil, err
	}
	p := &scrutineer.Published{Authority: a, Election: public, Random: e.session.stream(e, "server/"+st.Name),
		Contest: st.Args.Text("contest"), Winner: st.Args.Text("winner")}
	if err := p.Open(files); err != nil {
		if errors.Is(err, scrutineer.ErrRecord) {
			err = fmt.Errorf("%w: %w", targets.ErrTarget, err)
		}
		return nil, err
	}
	return p, nil
}

// audit has the target's verifier look at a record that is not the target's.
func (e *election) audit(ctx context.Context, v targets.Verifier, files map[string][]byte, how string) ([]targets.Finding, error) {
	pending := e.invoke(event.Operation{Actor: "auditor", Role: "auditor", Op: OpVerify, Adversary: true,
		Params: []event.Param{param("forgery", how)}})
	defer pending.Unknown(nil)
	found, err := v.VerifyRecord(ctx, files)
	if err != nil {
		return nil, wrapTarget(err)
	}
	if len(found) == 0 {
		pending.OK(nil)
	} else {
		pending.Refused(func(o *event.Operation) { o.Code = event.Clip(found[0].Check, 64) })
	}
	return found, nil
}

// publishInstead keeps the first forged record that was accepted.
func (e *election) publishInstead(files map[string][]byte) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.instead == nil {
		e.instead = files
	}
}
