package action

import (
	"context"
	"errors"
	"time"

	"scrutineer/harness/dialect/scrutineer"
	"scrutineer/harness/history"
	"scrutineer/protocols/message"
	"scrutineer/reports/event"
	"scrutineer/targets"
)

// follow has the target's trustees read the board.
func (s *Session) follow(ctx context.Context, st Step) (Result, error) {
	r := Result{Actor: "trustees", Outcome: event.OK}
	e, err := s.in(st)
	if err != nil {
		return r, err
	}
	trustees, err := ability[targets.Trustees](e, targets.Trustee)
	if err == nil {
		err = e.settled(ctx)
	}
	if err != nil {
		return r, err
	}
	for _, index := range st.Args.Ints("trustees") {
		if s.playsTrustee(index) {
			continue // it is in league with the adversary
		}
		name := "trustee/" + number(index)
		pending := e.invoke(event.Operation{Actor: name, Role: "trustee", Op: OpFollow})
		found, err := trustees.Follow(ctx, int(index))
		if err != nil {
			pending.Unknown(nil)
			return r, wrapTarget(err)
		}
		s.alarms(by(name, found))
		pending.OK(nil)
	}
	return r, nil
}

// by says whose findings they are, whoever the target says.
func by(role string, found []targets.Finding) []targets.Finding {
	for i := range found {
		found[i].Role = role
	}
	return found
}

// closeVoting closes every channel and seals.
func (s *Session) closeVoting(ctx context.Context, st Step) (Result, error) {
	r := Result{Actor: "authority", Outcome: event.Unknown}
	e, err := s.in(st)
	if err != nil {
		return r, err
	}
	closer, err := ability[targets.Closer](e, targets.Close)
	if err != nil {
		return r, err
	}
	pending := e.invoke(event.Operation{Actor: "authority", Role: "authority", Op: history.OpSeal})
	defer pending.Unknown(nil)
	a, err := closer.CloseVoting(ctx)
	if a, err = answered(ctx, a, err); err != nil {
		return r, err
	}
	r.Outcome, r.Detail = end(pending, a, nil), a.Detail
	return r, nil
}

// decrypt has trustees answer, one after the other.
func (s *Session) decrypt(ctx context.Context, st Step) (Result, error) {
	r := Result{Actor: "trustees", Outcome: event.OK}
	e, err := s.in(st)
	if err != nil {
		return r, err
	}
	for _, index := range st.Args.Ints("trustees") {
		if st.Args.Bool("needed") {
			if status, err := e.info(ctx); err != nil || status.Phase == message.PhasePublished {
				return r, err
			}
		}
		outcome, detail, err := e.answer(ctx, index)
		if err != nil {
			return r, err
		}
		if outcome != event.OK {
			r.Outcome, r.Detail = outcome, detail
		}
	}
	return r, nil
}

// answer has one trustee answer, the target's or ours.
func (e *election) answer(ctx context.Context, index int64) (event.Outcome, string, error) {
	name := "trustee/" + number(index)
	pending := e.invoke(event.Operation{Actor: name, Role: "trustee", Op: OpDecrypt})
	defer pending.Unknown(nil)
	if e.session.playsTrustee(index) {
		a, err := e.answerOwn(ctx, index)
		if err != nil {
			return event.Unknown, "", err
		}
		return end(pending, a, nil), a.Detail, nil
	}
	trustees, err := ability[targets.Trustees](e, targets.Trustee)
	if err != nil {
		return event.Unknown, "", err
	}
	a, found, err := trustees.Decrypt(ctx, int(index))
	e.session.alarms(by(name, found))
	if a, err = answered(ctx, a, err); err != nil {
		return event.Unknown, "", err
	}
	if a.Outcome == targets.Refused {
		e.session.refused(e.step, name, a.Code, a.Detail)
	}
	return end(pending, a, nil), a.Detail, nil
}

// answerOwn posts the honest shares of a trustee that the harness plays.
func (e *election) answerOwn(ctx context.Context, index int64) (targets.Answer, error) {
	t := e.trustees[index]
	if t == nil {
		return targets.Answer{}, errors.Join(ErrPlan, errors.New("the harness does not play this trustee"))
	}
	var parcels []scrutineer.Parcel
	err := e.sealed(ctx, func(v *scrutineer.View) (err error) {
		return e.session.compute(ctx, func() error {
			parcels, err = t.Shares(v)
			return err
		})
	})
	if err != nil {
		return targets.Answer{}, err
	}
	return e.postShares(ctx, parcels)
}

// postShares posts shares one after the other; the first that is not taken is
// the answer.
func (e *election) postShares(ctx context.Context, parcels []scrutineer.Parcel) (targets.Answer, error) {
	answer := targets.Answer{Outcome: targets.OK}
	for _, p := range parcels {
		a, err := e.submitEntry(ctx, p)
		if err != nil {
			return a, err
		}
		if a.Outcome == targets.Refused {
			e.session.refused(e.step, "authority", a.Code, a.Detail)
		}
		if a.Outcome != targets.OK {
			return a, nil
		}
	}
	return answer, nil
}

// sealed hands over the view of the board once all aggregates are on it.
func (e *election) sealed(ctx context.Context, f func(*scrutineer.View) error) error {
	for {
		var size uint64
		done := false
		err := e.board.see(ctx, 0, func(v *scrutineer.View) error {
			size = v.Size()
			if v.Seal == nil || errors.Is(aggregated(v), errMissing) {
				return nil
			}
			done = true
			return f(v)
		})
		if err != nil || done {
			return err
		}
		if err := e.await(ctx, size+1); err != nil {
			return err
		}
	}
}

var errMissing = errors.New("aggregates are missing")

// aggregated reports errMissing while aggregates are due.
func aggregated(v *scrutineer.View) error {
	due := 0
	cells := v.SealedCells()
	for i := range cells {
		if cells[i].Decrypted() {
			due++
		}
	}
	if len(v.Aggregates) < due {
		return errMissing
	}
	return nil
}

// publish waits for the result. Where none comes the outcome is unknown.
func (s *Session) publish(ctx context.Context, st Step) (Result, error) {
	r := Result{Actor: "authority", Outcome: event.Unknown}
	e, err := s.in(st)
	if err != nil {
		return r, err
	}
	pending := e.invoke(event.Operation{Actor: "authority", Role: "authority", Op: history.OpPublish})
	defer pending.Unknown(nil)
	patient, cancel := context.WithTimeout(ctx, min(s.cfg.Limits.Patience+3*e.took, s.cfg.Limits.Step*3/4))
	defer cancel()
	for {
		status, err := e.info(patient)
		if err != nil && patient.Err() == nil {
			return r, err
		}
		if err == nil && status.Phase == message.PhasePublished {
			break
		}
		if err == nil && status.Stalled != "" {
			r.Detail = "there is no result: the target says that enough shares give none"
			return r, nil
		}
		if !e.grows(patient, status.Size) {
			r.Detail = "there is no result"
			return r, ctx.Err()
		}
	}
	if err := e.settled(ctx); err != nil {
		return r, err
	}
	pending.OK(nil)
	r.Outcome = event.OK
	return r, nil
}

// grows waits for the board to become longer than size; false when time is up.
func (e *election) grows(ctx context.Context, size uint64) bool {
	for ctx.Err() == nil {
		short, cancel := context.WithTimeout(ctx, 200*time.Millisecond)
		_, err := e.board.reader.Await(short, size+1)
		cancel()
		if err == nil {
			return true
		}
	}
	return false
}

// verify runs the target's own verifier over the record.
func (s *Session) verify(ctx context.Context, st Step) (Result, error) {
	r := Result{Actor: "auditor", Outcome: event.Unknown}
	e, err := s.in(st)
	if err != nil {
		return r, err
	}
	verifier, err := ability[targets.Verifier](e, targets.Verify)
	if err == nil {
		err = e.settled(ctx)
	}
	if err != nil {
		return r, err
	}
	pending := e.invoke(event.Operation{Actor: "auditor", Role: "auditor", Op: OpVerify})
	defer pending.Unknown(nil)
	record, err := e.board.reader.Record(ctx)
	if err != nil {
		return r, wrapTarget(err)
	}
	found, err := verifier.VerifyRecord(ctx, record)
	if err != nil {
		return r, wrapTarget(err)
	}
	s.alarms(by("auditor", found))
	pending.OK(nil)
	r.Outcome = event.OK
	return r, nil
}
