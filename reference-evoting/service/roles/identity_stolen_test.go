package roles_test

import (
	"path/filepath"
	"strings"
	"testing"

	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/identity"
	"scrutineer/reference-evoting/rules"
	"scrutineer/reference-evoting/service/bindings"
	"scrutineer/reference-evoting/service/roles"
	"scrutineer/reference-evoting/service/rolestest"
	"scrutineer/reference-evoting/weakness"
)

// Registrar and server who have come by the key of authorisations as well cast
// what V-46 lets pass, in an abstainer's name or over a ballot. The service
// itself, whose store they have not, says in its list which ballot it
// authorised last, and by V-47 everybody sees that it is not the one that
// stands; without V-47 nobody would.
func TestListShowsWhatAStolenKeyAuthorised(t *testing.T) {
	for name, c := range map[string]struct{ voter, want string }{
		"in an abstainer's name": {"voter-1", "is not on the list"},
		"over a voter's ballot":  {"voter-0", "the last ballot authorised for credential"},
	} {
		t.Run(name, func(t *testing.T) {
			s := rolestest.New(t, rolestest.Identified)
			dir := t.TempDir()
			s.All()
			s.Phase(message.PhaseVoting)
			s.End("identity")
			s.Identity(func(cfg *roles.IdentityConfig) { cfg.Dir = dir })
			ready(t, s)
			if a, _ := castOne(s, "voter-0", "ana"); a.Outcome != manage.OutcomeOK {
				t.Fatalf("%+v", a)
			}
			s.End("identity")
			// Whoever answers now has the keys, and a store of his own.
			s.Identity(func(cfg *roles.IdentityConfig) { cfg.Dir = t.TempDir() })
			ready(t, s)
			if a, _ := castOne(s, c.voter, "bo"); a.Outcome != manage.OutcomeOK {
				t.Fatalf("the box looks at the authorisation alone, and refuses: %+v", a)
			}
			s.End("identity")
			rolestest.Ask[message.Appended](s, "authority", "POST", manage.PathClose, message.CloseChannel{Channel: "online"})
			st := s.Phase(message.PhaseParticipated)
			for _, weak := range [][]string{nil, {string(weakness.NoParticipationList)}} {
				fault := listed(t, s, filepath.Join(dir, "identity.db"), st.Size, weak)
				switch {
				case weak == nil && (fault == nil || fault.Check != "V-47" || !strings.Contains(fault.Detail, c.want)):
					t.Errorf("the list: %v", fault)
				case weak != nil && fault != nil:
					t.Errorf("without V-47 it is seen all the same: %v", fault)
				}
			}
		})
	}
}

// listed lets the service with this store make its list, and says what the
// rules find in it.
func listed(t *testing.T, s *rolestest.Stage, path string, size uint64, weak []string) *rules.Fault {
	t.Helper()
	store, err := bindings.Open(s.Ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	set, err := weakness.Parse(weak)
	if err != nil {
		t.Fatal(err)
	}
	service := identity.New(identity.Config{
		Key: rolestest.Seed.Signing(message.RoleIdentity, ""), Authorisation: rolestest.Seed.Authorisation(), Persons: s.Persons(), Store: store,
	})
	reader := s.Client().Reader()
	if _, err := reader.Await(s.Ctx, size); err != nil {
		t.Fatal(err)
	}
	service.Begin(set, reader)
	if err := reader.Entries(s.Ctx, 0, size, func(_ uint64, raw []byte) error { return service.Apply(s.Ctx, raw) }); err != nil {
		t.Fatal(err)
	}
	if f := service.Faults(); len(f) > 0 {
		t.Fatalf("the board has faults before the list: %v", f[0])
	}
	list, err := service.Next()
	if err != nil || len(list) != 1 {
		t.Fatalf("%d parts, %v", len(list), err)
	}
	fault, err := service.State().Apply(s.Ctx, list[0].Raw, rules.Full)
	if err != nil {
		t.Fatal(err)
	}
	return fault
}
