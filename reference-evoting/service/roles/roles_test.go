package roles_test

import (
	"fmt"
	"net/http"
	"testing"

	"go.uber.org/goleak"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/service/roles"
	"scrutineer/reference-evoting/weakness"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// cast plays a voter from the choice to the check.
func (s *stage) cast(voter string, choices map[string][]string) manage.Answer {
	s.t.Helper()
	e := ask[manage.Encrypted](s, "voter", http.MethodPost, manage.PathEncrypt, manage.Encrypt{Voter: voter, Choices: choices})
	return ask[manage.Answer](s, "voter", http.MethodPost, manage.PathCast, manage.Decide{Voter: voter, Handle: e.Handle})
}

func TestWholeElection(t *testing.T) {
	s := newStage(t)
	s.all()
	s.phase(message.PhaseVoting)

	s.cast("voter-0", map[string][]string{"council": {"ana"}, "bridge": {"no"}})
	s.cast("voter-0", map[string][]string{"council": {"bo", "cleo"}, "bridge": {"yes"}})
	s.cast("voter-1", map[string][]string{"council": {"blank"}, "bridge": {"yes"}})
	if a := s.cast("voter-3", map[string][]string{"council": {"cleo"}}); a.Outcome != manage.OutcomeOK {
		t.Fatalf("cast: %+v", a)
	}
	opened := ask[manage.Encrypted](s, "voter", http.MethodPost, manage.PathEncrypt, manage.Encrypt{Voter: "voter-2", Choices: map[string][]string{"council": {"ana"}}})
	if a := ask[manage.Answer](s, "voter", http.MethodPost, manage.PathChallenge, manage.Decide{Voter: "voter-2", Handle: opened.Handle}); a.Outcome != manage.OutcomeOK {
		t.Fatalf("challenge: %+v", a)
	}
	for _, v := range []string{"voter-0", "voter-1", "voter-2", "voter-3"} {
		c := ask[manage.Checked](s, "voter", http.MethodPost, manage.PathCheck, manage.Check{Voter: v, Wait: 20})
		if len(c.Findings) > 0 || c.Pending > 0 {
			t.Errorf("%s: %+v", v, c)
		}
	}
	h := ask[manage.History](s, "voter", http.MethodPost, manage.PathHistory, manage.Voter{Voter: "voter-0"})
	if len(h.Ballots) != 2 || h.Ballots[1].State != manage.BallotCast || h.Ballots[1].Receipt == nil {
		t.Errorf("history: %+v", h)
	}

	ask[message.Appended](s, "authority", http.MethodPost, manage.PathClose, message.CloseChannel{Channel: "online"})
	s.phase(message.PhaseDecrypting)
	for _, role := range []string{"trustee/t1", "trustee/t3"} {
		d := ask[manage.Decrypted](s, role, http.MethodPost, manage.PathDecrypt, nil)
		if d.Answer.Outcome != manage.OutcomeOK {
			t.Fatalf("%s: %+v", role, d)
		}
	}
	st := s.phase(message.PhasePublished)
	if _, err := s.over(s.public).Await(s.ctx, st.Size); err != nil {
		t.Fatal(err)
	}
	record := s.export()
	verdict, err := roles.Audit(s.ctx, record, st.Fingerprint, weakness.Set{})
	if err != nil || !verdict.Accepted {
		t.Fatalf("%+v, %v", verdict, err)
	}
	got := s.totals(st.Size)
	if want := "map[bridge:[2 0] council:[0 1 4 1]]"; fmt.Sprint(got) != want {
		t.Errorf("%v, want %s", got, want)
	}
	for role := range s.ports {
		if role == "voter" {
			continue
		}
		if m := ask[manage.Status](s, role, http.MethodGet, manage.PathStatus, nil); m.Fault != "" {
			t.Errorf("%s: %+v", role, m)
		}
	}
}

// totals reads the result, the last of so many entries.
func (s *stage) totals(size uint64) map[string][]uint64 {
	s.t.Helper()
	out := map[string][]uint64{}
	err := s.over(s.public).Reader().Entries(s.ctx, size-1, size, func(_ uint64, raw []byte) error {
		e, err := codec.Decode[message.Entry](raw, codec.Limits{Size: message.MaxEntry})
		if err != nil {
			return err
		}
		r, err := codec.Decode[message.Result](e.Body, codec.Limits{})
		for _, c := range r.Contests {
			out[c.Contest] = c.Totals
		}
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return out
}
