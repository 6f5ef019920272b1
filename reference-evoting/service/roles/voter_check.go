package roles

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"time"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/service/web"
	"scrutineer/reference-evoting/voter"
)

// check makes the voter's check S-21 against the newest published head, having
// waited for one that covers what he was promised.
func (v *voterRole) check(w http.ResponseWriter, r *http.Request) error {
	q, err := web.JSON[manage.Check](r, codec.Limits{Size: manage.MaxRequest})
	if err != nil {
		return err
	}
	if q.Wait > manage.MaxWait {
		return web.Errorf(http.StatusUnprocessableEntity, web.CodeBadParameter, "nobody waits longer than %d seconds", manage.MaxWait)
	}
	s, err := v.seat(r.Context(), q.Voter)
	if err != nil {
		return err
	}
	defer s.mu.Unlock()
	seen, broken, err := v.seenBy(r.Context(), s, time.Duration(q.Wait)*time.Second)
	if err != nil {
		return err
	}
	out := manage.Checked{Findings: broken, Size: seen.Size()}
	alarms, pending, err := s.client.Check(r.Context(), seen)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, errChanged):
		out.Findings = append(out.Findings, manage.Finding{
			Check: "S-21", Culprit: string(message.RoleBoard), Role: name(manage.RoleVoter, q.Voter),
			Detail:   "the board no longer shows what it published: " + err.Error(),
			Evidence: map[string]codec.HexBytes{"head": v.head(r.Context())},
		})
		return web.Reply(w, http.StatusOK, out)
	case err != nil:
		return asked(err)
	}
	out.Pending = uint64(pending)
	for _, a := range alarms {
		f, err := alarm(name(manage.RoleVoter, q.Voter), a)
		if err != nil {
			return err
		}
		if f.Evidence["head"] == nil {
			f.Evidence["head"] = v.head(r.Context())
		}
		out.Findings = append(out.Findings, f)
	}
	return web.Reply(w, http.StatusOK, out)
}

// seenBy is the board as it is published now, or as soon as it covers a
// voter's promises, but after wait at the latest. A board that shows two
// histories is a finding and is judged as it was before.
func (v *voterRole) seenBy(ctx context.Context, s *voterSeat, wait time.Duration) (view, []manage.Finding, error) {
	f := v.follower
	within, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	// What the client cannot learn in time is not covered, and says so.
	_ = f.caughtUp(within)
	_ = f.await(within, func() bool { return f.size >= s.promised() || f.stuck() })
	var seen view
	var found []manage.Finding
	err := f.desk.look(ctx, func() {
		found = f.findings()
		// A root that did not hold makes what was read since worthless.
		seen = f.memory.upTo(min(f.size, f.board))
	})
	return seen, found, err
}

// promised is the size of a board that covers every receipt of a voter.
func (s *voterSeat) promised() uint64 {
	var size uint64
	for _, p := range s.client.History() {
		if r := p.Receipt(); r != nil {
			size = max(size, r.Index+1)
		}
	}
	return size
}

// keep takes up what another device of the voter decided.
func (v *voterRole) keep(w http.ResponseWriter, r *http.Request) error {
	q, err := web.JSON[manage.Keep](r, codec.Limits{Size: manage.MaxRequest})
	if err != nil {
		return err
	}
	s, err := v.seat(r.Context(), q.Voter)
	if err != nil {
		return err
	}
	defer s.mu.Unlock()
	switch err := s.client.Keep(q.Decision, q.Answer); {
	case errors.Is(err, voter.ErrAnswer):
		return web.Errorf(http.StatusUnprocessableEntity, "bad-answer", "%v", err)
	case err != nil:
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// audit checks what another device of the voter opened (S-18). Whether the
// ballot is on the board does not matter: nobody casts it any more.
func (v *voterRole) audit(w http.ResponseWriter, r *http.Request) error {
	q, err := web.JSON[manage.Audit](r, codec.Limits{Size: manage.MaxRequest})
	if err != nil {
		return err
	}
	s, err := v.seat(r.Context(), q.Voter)
	if err != nil {
		return err
	}
	defer s.mu.Unlock()
	out := manage.Audited{Findings: []manage.Finding{}}
	if err := voter.Audit(s.voting, q.Challenge, q.Tracker, q.Choices); err != nil {
		out.Findings = append(out.Findings, manage.Finding{
			Check: "S-18", Culprit: "device", Role: name(manage.RoleVoter, q.Voter), Detail: err.Error(),
			Evidence: map[string]codec.HexBytes{"opening": q.Challenge},
		})
	}
	return web.Reply(w, http.StatusOK, out)
}

// head is the cosigned head that findings are shown with.
func (v *voterRole) head(ctx context.Context) codec.HexBytes {
	var raw []byte
	_ = v.follower.desk.look(ctx, func() {
		if h := v.follower.follow.Head(); h != nil {
			raw = h.Raw
		}
	})
	return raw
}

// alarm turns what a voter's check raises into a finding.
func alarm(role string, a *voter.Alarm) (manage.Finding, error) {
	f := manage.Finding{
		Check: a.Step, Culprit: string(message.RoleBoard), Detail: a.Detail, Role: role, ThirdParty: a.ThirdParty,
		Evidence: map[string]codec.HexBytes{},
	}
	if a.Index > 0 { // entry 0 is the manifest: no alarm is about it
		index := a.Index
		f.Entry = &index
	}
	if a.Entry != nil {
		f.Evidence["entry"] = a.Entry
	}
	if a.Receipt != nil {
		raw, err := codec.Encode(a.Receipt)
		if err != nil {
			return f, err
		}
		f.Evidence["receipt"] = raw
	}
	return f, nil
}
