package wire

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"scrutineer/protocols/manage"
	"scrutineer/targets"
)

// voter is one voter at the port of the voting client.
type voter struct {
	managed *Managed
	id      string
}

var (
	_ targets.Voter    = (*voter)(nil)
	_ targets.Keeper   = (*voter)(nil)
	_ targets.Auditor  = (*voter)(nil)
	_ targets.Notified = (*voter)(nil)
)

// Voter implements targets.Voters.
func (m *Managed) Voter(ctx context.Context, id string) (targets.Voter, error) {
	if m.voter == nil {
		return nil, without("the voting client")
	}
	_, err := ask[manage.History](ctx, m.voter, request{path: manage.PathHistory, limit: maxManaged}, manage.Voter{Voter: id})
	if err != nil {
		return nil, known(err)
	}
	return &voter{managed: m, id: id}, nil
}

// known turns a 404 of a management port into ErrUnable.
func known(err error) error {
	var p *problemError
	if errors.As(err, &p) && p.status == http.StatusNotFound {
		return fmt.Errorf("%w: %s: %s", targets.ErrUnable, p.code, p.detail)
	}
	return err
}

// objected turns a client's objection into a *targets.Objection.
func objected(err error) error {
	var p *problemError
	if !errors.As(err, &p) || p.code != manage.CodeObjection {
		return err
	}
	check, detail, found := strings.Cut(p.detail, ": ")
	if !found {
		check, detail = "", p.detail
	}
	return &targets.Objection{Check: check, Detail: detail}
}

// Encrypt implements targets.Voter.
func (v *voter) Encrypt(ctx context.Context, choices map[string][]string) (handle, tracker string, err error) {
	q := manage.Encrypt{Choices: listed(choices), Voter: v.id}
	out, err := ask[manage.Encrypted](ctx, v.managed.voter, request{path: manage.PathEncrypt}, q)
	if err != nil {
		return "", "", known(objected(err))
	}
	if out.Handle != printable(out.Handle) {
		return "", "", fmt.Errorf("%w: a handle that is no text: %.80q", targets.ErrTarget, printable(out.Handle))
	}
	return out.Handle, out.Tracker.String(), nil
}

// Cast implements targets.Voter.
func (v *voter) Cast(ctx context.Context, handle string) (targets.Answer, error) {
	return v.decide(ctx, manage.PathCast, handle)
}

// Challenge implements targets.Voter.
func (v *voter) Challenge(ctx context.Context, handle string) (targets.Answer, error) {
	return v.decide(ctx, manage.PathChallenge, handle)
}

func (v *voter) decide(ctx context.Context, path, handle string) (targets.Answer, error) {
	a, err := ask[manage.Answer](ctx, v.managed.voter, request{path: path, limit: maxManaged}, manage.Decide{Handle: handle, Voter: v.id})
	var p *problemError
	switch {
	case errors.As(err, &p):
		return targets.Answer{}, known(err)
	case err != nil:
		return unknown(err), nil
	}
	return answered(a), nil
}

// Check implements targets.Voter. A client that holds no promise does not know
// how much of the board concerns it, so all that stands now is published first.
func (v *voter) Check(ctx context.Context) ([]targets.Finding, error) {
	st, err := v.managed.status(ctx)
	if err == nil {
		_, err = v.managed.Await(ctx, st.Size)
	}
	if err != nil {
		return nil, err
	}
	wait := min(manage.MaxWait*time.Second, v.managed.limits.Await)
	if end, ok := ctx.Deadline(); ok {
		wait = max(0, min(wait, time.Until(end)))
	}
	q := manage.Check{Voter: v.id, Wait: uint64(wait / time.Second)}
	out, err := ask[manage.Checked](ctx, v.managed.voter, request{path: manage.PathCheck, limit: maxManaged, timeout: wait + v.managed.limits.Request}, q)
	if err == nil && out.Pending > 0 && len(out.Findings) == 0 {
		err = fmt.Errorf("%w: %d promises are under no published head", targets.ErrTarget, out.Pending)
	}
	return Findings(out.Findings), err
}

// Keep implements targets.Keeper.
func (v *voter) Keep(ctx context.Context, decision, answer []byte) error {
	return known(v.managed.voter.tell(ctx, manage.PathKeep, manage.Keep{Answer: answer, Decision: decision, Voter: v.id}))
}

// listed has a list for every contest, also where there was none.
func listed(choices map[string][]string) map[string][]string {
	out := map[string][]string{}
	for contest, options := range choices {
		out[contest] = slices.Concat([]string{}, options)
	}
	return out
}

// Audit implements targets.Auditor.
func (v *voter) Audit(ctx context.Context, opening []byte, tracker string, choices map[string][]string) ([]targets.Finding, error) {
	q := manage.Audit{Challenge: opening, Choices: listed(choices), Voter: v.id}
	if err := q.Tracker.UnmarshalText([]byte(tracker)); err != nil {
		return nil, fmt.Errorf("tracker %.80q: %w", tracker, err)
	}
	out, err := ask[manage.Audited](ctx, v.managed.voter, request{path: manage.PathAudit, limit: maxManaged}, q)
	return Findings(out.Findings), known(err)
}
