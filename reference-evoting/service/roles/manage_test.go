package roles_test

import (
	"errors"
	"net/http"
	"testing"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/keys"
	"scrutineer/reference-evoting/service/client"
	"scrutineer/reference-evoting/service/rolestest"
)

// refusedWith asks a management port for what it must refuse.
func refusedWith(t *testing.T, s *rolestest.Stage, code, role, path string, in any) {
	t.Helper()
	err := client.Send(s.Ctx, s.Ports[role], path, in)
	var p *client.Problem
	if !errors.As(err, &p) || p.Code != code {
		t.Errorf("%s %s: %v, want %s", role, path, err, code)
	}
}

func TestWeaknessesArePlantedBeforeTheOpening(t *testing.T) {
	s := rolestest.New(t)
	s.Authority()
	s.Trustee(1, true)
	plant := manage.Weaknesses{Planted: []string{"weak.ballot.skipSumProof", "weak.bb.noWeeding@box"}}
	for _, role := range []string{"authority", "trustee/t1"} {
		refusedWith(t, s, "unknown-weakness", role, manage.PathWeaknesses, manage.Weaknesses{Planted: []string{"weak.nonsense"}})
		st := rolestest.Ask[manage.Status](s, role, http.MethodPost, manage.PathWeaknesses, plant)
		if len(st.Planted) != 2 || !st.Test {
			t.Errorf("%s: %+v", role, st)
		}
	}
	// The authority remembers across a restart.
	s.End("authority")
	s.Authority()
	if st := rolestest.Ask[manage.Status](s, "authority", http.MethodGet, manage.PathStatus, nil); len(st.Planted) != 2 {
		t.Errorf("after a restart: %+v", st)
	}
	// With them the election still opens, and then nothing more is planted.
	for i := 1; i <= 3; i++ {
		s.Witness(i)
		if i > 1 {
			s.Trustee(i, true)
		}
	}
	s.Registrar()
	if _, err := s.Client().Await(s.Ctx, s.Phase(message.PhaseVoting).Size); err != nil {
		t.Fatal(err)
	}
	rolestest.Ask[manage.Findings](s, "trustee/t1", http.MethodGet, manage.PathFindings, nil) // has read so far
	for _, role := range []string{"authority", "trustee/t1"} {
		refusedWith(t, s, "already-open", role, manage.PathWeaknesses, manage.Weaknesses{Planted: []string{}})
	}
}

func TestNothingOfATestInARealElection(t *testing.T) {
	s := rolestest.New(t, func(m *message.Manifest) { m.Test = false })
	s.Authority()
	s.Trustee(1, true)
	s.Registrar()
	for _, role := range []string{"authority", "trustee/t1", "registrar"} {
		refusedWith(t, s, "not-a-test", role, manage.PathWeaknesses, manage.Weaknesses{Planted: []string{"weak.bb.noWeeding"}})
		if _, err := client.Call[manage.Keys](s.Ctx, s.Ports[role], http.MethodGet, manage.PathKeys, nil); problemCode(err) != "not-a-test" {
			t.Errorf("%s keys: %v", role, err)
		}
	}
	if _, err := client.Call[manage.Credentials](s.Ctx, s.Ports["registrar"], http.MethodGet, manage.PathCredentials, nil); problemCode(err) != "not-a-test" {
		t.Errorf("credentials: %v", err)
	}
	refusedWith(t, s, "not-a-test", "authority", manage.PathImport, manage.Import{Chunks: []codec.HexBytes{}, Entries: []codec.HexBytes{}})
	refusedWith(t, s, "V-06", "authority", manage.PathClose, message.CloseChannel{Channel: "nonsense"})
}

func problemCode(err error) string {
	var p *client.Problem
	if errors.As(err, &p) {
		return p.Code
	}
	return ""
}

func TestInsidersGetKeys(t *testing.T) {
	s := rolestest.New(t)
	s.Authority()
	s.Trustee(2, true)
	s.Witness(1)
	for role, want := range map[string]manage.Key{
		"authority":  {Role: message.RoleBoard, Signing: message.Digest(rolestest.Seed.Signing(message.RoleBoard, "").Seed())},
		"trustee/t2": {Role: message.RoleTrustee, ID: "t2", Signing: message.Digest(rolestest.Seed.Signing(message.RoleTrustee, "t2").Seed())},
		"witness/w1": {Role: message.RoleWitness, ID: "w1", Signing: message.Digest(rolestest.Seed.Signing(message.RoleWitness, "w1").Seed())},
	} {
		got := rolestest.Ask[manage.Keys](s, role, http.MethodGet, manage.PathKeys+"?role="+string(want.Role), nil)
		if len(got.Keys) != 1 || got.Keys[0].Signing != want.Signing || got.Keys[0].ID != want.ID {
			t.Errorf("%s: %+v", role, got)
		}
	}
	got := rolestest.Ask[manage.Keys](s, "trustee/t2", http.MethodGet, manage.PathKeys, nil)
	if got.Keys[0].Decryption == (message.Scalar{}) {
		t.Error("a trustee's decryption key is missing")
	}
	if _, err := client.Call[manage.Keys](s.Ctx, s.Ports["authority"], http.MethodGet, manage.PathKeys+"?role=trustee", nil); problemCode(err) != "no-key" {
		t.Errorf("a key that the authority does not have: %v", err)
	}
}

func TestHeldTrusteeIsSilent(t *testing.T) {
	s := rolestest.New(t)
	s.Authority()
	for i := 1; i <= 3; i++ {
		s.Witness(i)
	}
	s.Trustee(1, true)
	rolestest.Tell(s, "trustee/t1", manage.PathHold, nil)
	s.Trustee(2, true)
	s.Trustee(3, true)
	s.Registrar()
	// Its commitment may have left before it was held; its reveal has not, as
	// the others' were not there.
	c := s.Client()
	for size := uint64(0); ; size++ {
		st, err := c.Status(s.Ctx)
		if err != nil {
			t.Fatal(err)
		}
		if st.Phase == message.PhaseReveal && st.Size == 6 || st.Phase == message.PhaseCommit && st.Size == 3 {
			break // two of three have given theirs
		}
		if _, err := c.Await(s.Ctx, st.Size+1); err != nil {
			t.Fatalf("phase %s, size %d: %v", st.Phase, st.Size, err)
		}
	}
	if st := rolestest.Ask[manage.Status](s, "trustee/t1", http.MethodGet, manage.PathStatus, nil); !st.Held {
		t.Errorf("%+v", st)
	}
	rolestest.Tell(s, "trustee/t1", manage.PathRelease, nil)
	s.Phase(message.PhaseVoting)
}

func TestAbortNamesTheSilent(t *testing.T) {
	s := rolestest.New(t)
	s.Authority()
	s.Witness(1)
	s.Witness(2)
	rolestest.Ask[message.Appended](s, "authority", http.MethodPost, manage.PathAbort, message.Abort{Culprit: "t1", Reason: "silent"})
	s.Phase(message.PhaseAborted)
	s.Voter()
	refusedWith(t, s, "aborted", "voter", manage.PathEncrypt, manage.Encrypt{Voter: "voter-0", Choices: map[string][]string{}})
	refusedWith(t, s, "unknown-voter", "voter", manage.PathEncrypt, manage.Encrypt{Voter: "nobody", Choices: map[string][]string{}})
}

// A board that an insider brings is served with the same keys; a witness that
// has seen the other one refuses it until it is told to forget.
func TestImportedBoard(t *testing.T) {
	s := rolestest.New(t)
	s.All()
	open := s.Phase(message.PhaseVoting)
	cast(s, "voter-0", map[string][]string{"council": {"ana"}})
	cast(s, "voter-1", map[string][]string{"council": {"bo"}})
	c := s.Client()
	if _, err := c.Await(s.Ctx, open.Size+2); err != nil {
		t.Fatal(err)
	}
	var in manage.Import
	in.Chunks = []codec.HexBytes{}
	err := c.Reader().Entries(s.Ctx, 0, open.Size+2, func(i uint64, raw []byte) error {
		if i != open.Size { // the first cast is gone
			in.Entries = append(in.Entries, raw)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := rolestest.Ask[manage.Imported](s, "authority", http.MethodPost, manage.PathImport, in); got.Size != open.Size+1 {
		t.Errorf("%+v", got)
	}
	for _, w := range []string{"witness/w1", "witness/w2", "witness/w3"} {
		rolestest.Tell(s, w, manage.PathForget, nil)
	}
	fresh := s.Client()
	raw, err := fresh.Await(s.Ctx, open.Size+1)
	if err != nil {
		t.Fatalf("the new board is not cosigned: %v", err)
	}
	st, err := fresh.Status(s.Ctx)
	if err != nil || st.Size != open.Size+1 || st.Phase != message.PhaseVoting || st.Fingerprint != open.Fingerprint {
		t.Errorf("%+v, %v\n%s", st, err, raw)
	}
	// Whose vote is gone notices.
	checked := rolestest.Ask[manage.Checked](s, "voter", http.MethodPost, manage.PathCheck, manage.Check{Voter: "voter-0", Wait: 1})
	if len(checked.Findings) == 0 && checked.Pending == 0 {
		t.Errorf("voter-0 is content: %+v", checked)
	}
	// Who follows the board notices when it has grown beyond the old one: a
	// trustee will not decrypt it, and holds the two heads.
	cast(s, "voter-2", map[string][]string{"council": {"bo"}})
	cast(s, "voter-3", map[string][]string{"council": {"bo"}})
	if _, err := fresh.Await(s.Ctx, open.Size+3); err != nil {
		t.Fatal(err)
	}
	found := rolestest.Ask[manage.Findings](s, "trustee/t1", http.MethodGet, manage.PathFindings, nil)
	if len(found.Findings) != 1 || found.Findings[0].Culprit != "board" || !found.Findings[0].ThirdParty || len(found.Findings[0].Evidence["had"]) == 0 {
		t.Errorf("trustee: %+v", found)
	}
	if d := rolestest.Ask[manage.Decrypted](s, "trustee/t1", http.MethodPost, manage.PathDecrypt, nil); d.Answer.Outcome != manage.OutcomeRefused {
		t.Errorf("trustee decrypts: %+v", d)
	}
	// It is still there after a restart.
	s.End("authority")
	s.Authority()
	if st := rolestest.Ask[manage.Status](s, "authority", http.MethodGet, manage.PathStatus, nil); st.Size != open.Size+3 {
		t.Errorf("after a restart: %+v", st)
	}
}

func TestShutdownByCommand(t *testing.T) {
	s := rolestest.New(t)
	s.Authority()
	s.Witness(1)
	for _, role := range []string{"witness/w1", "authority"} {
		rolestest.Tell(s, role, manage.PathShutdown, nil)
		s.Wait(role)
	}
}

func TestConfigurationsThatCannotWork(t *testing.T) {
	s := rolestest.New(t)
	s.Manifest.Authority = keys.Public(keys.Seed("another").Signing(message.RoleAuthority, ""))
	if err := s.AuthorityError(); err == nil {
		t.Error("an authority with another key than the manifest's starts")
	}
}
