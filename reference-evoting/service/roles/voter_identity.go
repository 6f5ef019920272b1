package roles

import (
	"context"
	"net/http"
	"time"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/service/web"
)

// authorise has a decision to cast authorised, where that is asked for.
func (v *voterRole) authorise(ctx context.Context, s *voterSeat, id string, decision []byte) ([]byte, error) {
	if !s.client.Identified() {
		return decision, nil
	}
	if err := v.login(ctx, s, id); err != nil {
		return nil, err
	}
	q, err := s.client.Authorise(*s.session, decision)
	if err != nil {
		return nil, err
	}
	answer, err := v.cfg.Identity.Authorise(ctx, q)
	if err != nil {
		return nil, askedOf("the identity service", err)
	}
	return s.client.Authorised(decision, answer)
}

// login opens a session, or keeps the one that holds for a minute yet.
func (v *voterRole) login(ctx context.Context, s *voterSeat, id string) error {
	if v.cfg.Identity == nil {
		return web.Errorf(http.StatusConflict, "no-identity-service", "this client was not told where the identity service is")
	}
	if s.session != nil && uint64(v.cfg.Clock().Add(time.Minute).Unix()) < s.session.Expires {
		return nil
	}
	raw, err := s.client.Login(id, s.code)
	if err != nil {
		return err
	}
	session, err := v.cfg.Identity.Login(ctx, raw)
	if err != nil {
		return askedOf("the identity service", err)
	}
	s.session = &session
	return nil
}

// notices reads the voter's outbox and makes the check that he owes on each
// notice (S-42).
func (v *voterRole) notices(w http.ResponseWriter, r *http.Request) error {
	q, err := web.JSON[manage.Voter](r, codec.Limits{Size: manage.MaxRequest})
	if err != nil {
		return err
	}
	s, err := v.seat(r.Context(), q.Voter)
	if err != nil {
		return err
	}
	defer s.mu.Unlock()
	out := manage.Checked{Findings: []manage.Finding{}}
	if !s.client.Identified() {
		return web.Reply(w, http.StatusOK, out)
	}
	if err := v.login(r.Context(), s, q.Voter); err != nil {
		return err
	}
	ask, err := codec.Encode(message.ReadNotices{Token: s.session.Token})
	if err != nil {
		return err
	}
	raw, err := v.cfg.Identity.Notices(r.Context(), ask)
	if err != nil {
		return askedOf("the identity service", err)
	}
	alarms, err := s.client.CheckNotices(raw)
	if err != nil {
		return web.Errorf(http.StatusBadGateway, "bad-notices", "%v", err)
	}
	for _, a := range alarms {
		out.Findings = append(out.Findings, manage.Finding{
			Check: a.Step, Detail: a.Detail, Role: name(manage.RoleVoter, q.Voter),
			Evidence: map[string]codec.HexBytes{"notices": raw},
		})
	}
	return web.Reply(w, http.StatusOK, out)
}
