package roles

import (
	"net/http"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/manage"
	"scrutineer/reference-evoting/results"
	"scrutineer/reference-evoting/service/web"
)

// showNotice brings a notice of the electoral body to a voter's client, which
// shows what continues the chain (S-76).
func (v *voterRole) showNotice(w http.ResponseWriter, r *http.Request) error {
	q, err := web.JSON[manage.ShowNotice](r, codec.Limits{Size: manage.MaxRequest})
	if err != nil {
		return err
	}
	s, err := v.seat(r.Context(), q.Voter)
	if err != nil {
		return err
	}
	defer s.mu.Unlock()
	if !s.voting.Election.HasPublishing() {
		return web.Errorf(http.StatusNotFound, "no-notices", "this election has no channel of notices")
	}
	if s.notices == nil {
		s.notices = &results.Reader{Election: s.voting.Election, Fingerprint: s.voting.Fingerprint, Clock: v.cfg.Clock, Weak: s.voting.Weak, Recall: v.cfg.Recall}
	}
	out := manage.ShownNotices{Texts: []string{}}
	shown, err := s.notices.Show(q.Notice)
	if err != nil && !results.Waits(err) {
		return web.Errorf(http.StatusConflict, manage.CodeObjection, "S-76: %v", err)
	}
	for _, n := range shown {
		out.Texts = append(out.Texts, n.Text)
	}
	return web.Reply(w, http.StatusOK, out)
}
