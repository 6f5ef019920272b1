package wire

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"scrutineer/protocols/manage"
	"scrutineer/targets"
)

// identityKinds are the ways into the identity service, which is another
// server than the authority: liars in the authority's place do not stand
// before it.
func identityKinds(name string) (kind, bool) {
	switch name {
	case "login":
		return kind{path: "/v1/sessions"}, true
	case "authorise":
		return kind{path: "/v1/authorisations"}, true
	case "notices":
		return kind{path: "/v1/notices"}, true
	}
	return kind{}, false
}

// Submit implements targets.Submitter.
func (m *Managed) Submit(ctx context.Context, name string, body []byte) (targets.Answer, error) {
	return m.SubmitFor(ctx, "", name, body)
}

// SubmitFor implements targets.Forwarder, for messages to the identity service.
func (m *Managed) SubmitFor(ctx context.Context, user, name string, body []byte) (targets.Answer, error) {
	k, identified := identityKinds(name)
	switch {
	case name == "unit-result":
		return m.uploadUnit(ctx, body)
	case !identified:
		return m.Public.Submit(ctx, name, body)
	case m.identity == nil:
		return targets.Answer{}, fmt.Errorf("%w: there is no identity service", targets.ErrUnable)
	}
	a, err := m.identity.do(ctx, request{path: k.path, post: true, body: body, forwarded: user})
	if err != nil {
		return unknown(err), nil
	}
	return k.outcome(a), nil
}

var errNotReady = fmt.Errorf("%w: the identity service does not see the election open", targets.ErrTarget)

// identityReady waits until the identity service, where there is one, has seen
// the election open: it follows the board and is a little behind.
func (m *Managed) identityReady(ctx context.Context) error {
	if m.identity == nil {
		return nil
	}
	within, cancel := context.WithTimeout(ctx, m.limits.Stall)
	defer cancel()
	for {
		a, err := m.identity.do(within, request{path: "/readyz"})
		switch {
		case err != nil && ctx.Err() == nil && within.Err() != nil:
			return errNotReady
		case err != nil:
			return err
		case a.status == http.StatusOK:
			return nil
		case a.status != http.StatusServiceUnavailable:
			return fmt.Errorf("%w: the identity service is not ready: status %d", targets.ErrTarget, a.status)
		}
		if err := pause(within, 20*time.Millisecond); err != nil && ctx.Err() == nil {
			return errNotReady
		} else if err != nil {
			return err
		}
	}
}

// codes are what voters log in with, by voter id; none where there is no
// identity service.
func (m *Managed) codes(ctx context.Context) (map[string]string, error) {
	if m.identityManage == nil {
		return nil, nil
	}
	list, err := ask[manage.Codes](ctx, m.identityManage, request{path: manage.PathCodes, limit: maxListed}, nil)
	out := map[string]string{}
	for _, c := range list.Voters {
		out[c.Voter] = c.Code
	}
	return out, err
}

// ReadNotices implements targets.Notified.
func (v *voter) ReadNotices(ctx context.Context) ([]targets.Finding, error) {
	out, err := ask[manage.Checked](ctx, v.managed.voter, request{path: manage.PathNotices, limit: maxManaged}, manage.Voter{Voter: v.id})
	return Findings(out.Findings), known(err)
}
