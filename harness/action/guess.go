package action

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"scrutineer/harness/history"
	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/reports/event"
	"scrutineer/targets"
)

// symbols are those of a code (S-40).
const symbols = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"

// wrongCode draws a code that is not the voter's.
func wrongCode(random io.Reader, right string) (string, error) {
	for {
		var b [8]byte
		if _, err := io.ReadFull(random, b[:]); err != nil {
			return "", err
		}
		for i := range b {
			b[i] = symbols[b[i]%32]
		}
		if string(b[:]) != right {
			return string(b[:]), nil
		}
	}
}

// guessCode is C10: somebody with a voter's credential tries her code.
func (s *Session) guessCode(ctx context.Context, st Step) (Result, error) {
	r := Result{Actor: "outsider", Outcome: event.Unknown}
	e, err := s.in(st)
	if err != nil {
		return r, err
	}
	v, err := e.own(ctx, st.Args.Text("voter"))
	if err != nil {
		return r, err
	}
	random := s.stream(e, "guess")
	a, err := targets.Answer{}, error(nil)
	for i := range st.Args.Int("tries") + 1 {
		code := v.code
		if i < st.Args.Int("tries") {
			if code, err = wrongCode(random, v.code); err != nil {
				return r, err
			}
		}
		if a, err = v.tryCode(ctx, v.ID, code); err != nil {
			return r, err
		}
		if a.Code == "slow-down" || a.Outcome == targets.Unknown {
			break
		}
	}
	r.Outcome, r.Detail = event.Outcome(a.Outcome), detail(a)
	if a.Outcome == targets.Refused {
		s.refused(e.step, "identity", a.Code, a.Detail)
	}
	if a.Outcome != targets.OK {
		return r, nil
	}
	session, err := codec.Decode[message.Session](a.Body, codec.Limits{Size: 4096})
	if err != nil {
		return r, fmt.Errorf("%w: session: %w", targets.ErrTarget, err)
	}
	b, err := e.behind(ctx, v, st.Args.Choices("instead"), v.Head())
	if err != nil {
		return r, err
	}
	truth := &event.Ballot{Credential: v.Credential.Key.String(), Tracker: b.Ticket.Prepared.Tracker.String(),
		Predecessor: b.Ticket.Decision.Predecessor}
	pending := e.invoke(event.Operation{Actor: r.Actor, Role: "network", Op: history.OpCast, Adversary: true, Ballot: truth})
	defer pending.Unknown(nil)
	if a, err = e.castAs(ctx, v, b, session.Token); err != nil {
		return r, err
	}
	r.Outcome, r.Detail = end(pending, a, nil), detail(a)
	return r, nil
}

// tryCode logs in under a voter id with this voter's credential.
func (v *harnessVoter) tryCode(ctx context.Context, id, code string) (targets.Answer, error) {
	as := *v.Voter
	as.ID = id
	raw, err := as.Login(code)
	if err != nil {
		return targets.Answer{}, err
	}
	a, err := v.submitter.Submit(ctx, "login", raw)
	return answered(ctx, a, err)
}

// tellVoters is C10: a voter finds out which ids are somebody's. He knows how
// his own is answered, and one that he made up.
func (s *Session) tellVoters(ctx context.Context, st Step) (Result, error) {
	voter := st.Args.Text("voter")
	r := Result{Actor: voter, Outcome: event.Unknown}
	e, err := s.in(st)
	if err != nil {
		return r, err
	}
	v, err := e.own(ctx, voter)
	if err != nil {
		return r, err
	}
	random := s.stream(e, "tell")
	asked := slices.Clone(st.Args.List("known"))
	for i := range st.Args.Int("unknown") {
		asked = append(asked, fmt.Sprintf("nobody-%d", i+1))
	}
	slices.Sort(asked)
	ask := func(id string) ([]byte, error) {
		code, err := wrongCode(random, v.code)
		if err != nil {
			return nil, err
		}
		a, err := v.tryCode(ctx, id, code)
		if err == nil && a.Outcome == targets.Unknown {
			err = fmt.Errorf("%w: a login was not answered: %s", targets.ErrTarget, a.Detail)
		}
		r.Detail = detail(a)
		return fmt.Appendf(nil, "%d %s %s %s", a.Status, a.Code, a.Detail, a.Body), err
	}
	mine, err := ask(voter)
	if err != nil {
		return r, err
	}
	madeUp, err := ask("nobody")
	if err != nil {
		return r, err
	}
	var told []string
	for _, id := range asked {
		answer, err := ask(id)
		if err != nil {
			return r, err
		}
		if bytes.Equal(answer, mine) && !bytes.Equal(answer, madeUp) {
			told = append(told, id)
		}
	}
	if bytes.Equal(mine, madeUp) {
		s.refused(e.step, "identity", "same-answer", "a made-up id and a wrong code get the same bytes")
		r.Outcome = event.Refused
		return r, nil
	}
	e.invoke(event.Operation{Actor: voter, Role: history.RoleVoter, Op: history.OpTold, Adversary: true,
		Params: []event.Param{param("asked", strings.Join(asked, " ")), param("told", strings.Join(told, " "))}}).OK(nil)
	r.Outcome = event.OK
	return r, nil
}
