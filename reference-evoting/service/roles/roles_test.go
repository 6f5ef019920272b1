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
	"scrutineer/reference-evoting/service/rolestest"
	"scrutineer/reference-evoting/weakness"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// cast plays a voter from the choice to the check.
func cast(s *rolestest.Stage, voter string, choices map[string][]string) manage.Answer {
	e := rolestest.Ask[manage.Encrypted](s, "voter", http.MethodPost, manage.PathEncrypt, manage.Encrypt{Voter: voter, Choices: choices})
	return rolestest.Ask[manage.Answer](s, "voter", http.MethodPost, manage.PathCast, manage.Decide{Voter: voter, Handle: e.Handle})
}

func TestWholeElection(t *testing.T) {
	s := rolestest.New(t)
	s.All()
	s.Phase(message.PhaseVoting)

	cast(s, "voter-0", map[string][]string{"council": {"ana"}, "bridge": {"no"}})
	cast(s, "voter-0", map[string][]string{"council": {"bo", "cleo"}, "bridge": {"yes"}})
	cast(s, "voter-1", map[string][]string{"council": {"blank"}, "bridge": {"yes"}})
	if a := cast(s, "voter-3", map[string][]string{"council": {"cleo"}}); a.Outcome != manage.OutcomeOK {
		t.Fatalf("cast: %+v", a)
	}
	opened := rolestest.Ask[manage.Encrypted](s, "voter", http.MethodPost, manage.PathEncrypt, manage.Encrypt{Voter: "voter-2", Choices: map[string][]string{"council": {"ana"}}})
	if a := rolestest.Ask[manage.Answer](s, "voter", http.MethodPost, manage.PathChallenge, manage.Decide{Voter: "voter-2", Handle: opened.Handle}); a.Outcome != manage.OutcomeOK {
		t.Fatalf("challenge: %+v", a)
	}
	for _, v := range []string{"voter-0", "voter-1", "voter-2", "voter-3"} {
		c := rolestest.Ask[manage.Checked](s, "voter", http.MethodPost, manage.PathCheck, manage.Check{Voter: v, Wait: 20})
		if len(c.Findings) > 0 || c.Pending > 0 {
			t.Errorf("%s: %+v", v, c)
		}
	}
	h := rolestest.Ask[manage.History](s, "voter", http.MethodPost, manage.PathHistory, manage.Voter{Voter: "voter-0"})
	if len(h.Ballots) != 2 || h.Ballots[1].State != manage.BallotCast || h.Ballots[1].Receipt == nil {
		t.Errorf("history: %+v", h)
	}

	rolestest.Ask[message.Appended](s, "authority", http.MethodPost, manage.PathClose, message.CloseChannel{Channel: "online"})
	s.Phase(message.PhaseDecrypting)
	for _, role := range []string{"trustee/t1", "trustee/t3"} {
		d := rolestest.Ask[manage.Decrypted](s, role, http.MethodPost, manage.PathDecrypt, nil)
		if d.Answer.Outcome != manage.OutcomeOK {
			t.Fatalf("%s: %+v", role, d)
		}
	}
	st := s.Phase(message.PhasePublished)
	if _, err := s.Client().Await(s.Ctx, st.Size); err != nil {
		t.Fatal(err)
	}
	record := s.Export()
	verdict, err := roles.Audit(s.Ctx, record, st.Fingerprint, weakness.Set{})
	if err != nil || !verdict.Accepted {
		t.Fatalf("%+v, %v", verdict, err)
	}
	got := totals(t, s, st.Size)
	if want := "map[bridge:[2 0] council:[0 1 4 1]]"; fmt.Sprint(got) != want {
		t.Errorf("%v, want %s", got, want)
	}
	for role := range s.Ports {
		if role == "voter" {
			continue
		}
		if m := rolestest.Ask[manage.Status](s, role, http.MethodGet, manage.PathStatus, nil); m.Fault != "" {
			t.Errorf("%s: %+v", role, m)
		}
	}
}

// totals reads the result, the last of so many entries.
func totals(t *testing.T, s *rolestest.Stage, size uint64) map[string][]uint64 {
	t.Helper()
	out := map[string][]uint64{}
	err := s.Client().Reader().Entries(s.Ctx, size-1, size, func(_ uint64, raw []byte) error {
		e, err := message.DecodeEntry(raw)
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
		t.Fatal(err)
	}
	return out
}
