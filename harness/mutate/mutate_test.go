package mutate

import (
	"crypto/ed25519"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"go.dedis.ch/kyber/v3"

	"scrutineer/harness/verify/testelection"
	"scrutineer/protocols/message"
	"scrutineer/protocols/record"
	"scrutineer/protocols/ristretto"
)

// played are the keys of a played election.
type played struct{ e *testelection.Election }

func (k played) Signing(role message.Role, id string) ed25519.PrivateKey {
	if role == message.RoleBoard {
		id = k.e.Manifest.Board.Origin
	}
	return k.e.Key(string(role), id)
}

func (k played) Decryption(id string) kyber.Scalar {
	s := new(ristretto.Scalar)
	secret := k.e.Decryption(id)
	if err := s.UnmarshalBinary(secret[:]); err != nil {
		panic(err)
	}
	return s
}

func election(seed uint64) (record.Memory, Keys) {
	c := testelection.Small()
	c.Seed = seed
	e := testelection.New(c)
	e.Setup()
	for v := range 4 {
		e.Cast(v, [][]int{{v % 3}})
	}
	e.Challenge(e.EncryptBallot(5, [][]int{{1}}))
	e.Cast(0, [][]int{{2}})
	e.Finish()
	return e.Record(), played{e}
}

func source(t *testing.T, seed uint64) *Source {
	t.Helper()
	files, keys := election(1)
	donor, _ := election(2)
	s, err := New(files, Options{Keys: keys, Donor: donor, Seed: seed})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestRebuildIsWhole: rebuilt without a change it is the record, byte for
// byte, since Ed25519 signatures have no chance in them.
func TestRebuildIsWhole(t *testing.T) {
	s := source(t, 1)
	for _, power := range []Power{Rebuilt, Colluding} {
		b := s.board.clone()
		for i := range b.entries {
			b.own(i).touched = true
		}
		got, err := s.rebuild(b, power)
		if err != nil {
			t.Fatal(err)
		}
		if !sameFiles(got, s.files) {
			for path, data := range s.files {
				if string(got[path]) != string(data) {
					t.Errorf("%s: %s is other bytes", power, path)
				}
			}
			t.Errorf("%s: %v, want %v", power, slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(s.files)))
		}
	}
}

// TestMutants: names are unique, mutants differ from the record, leave it
// alone, and come out the same again.
func TestMutants(t *testing.T) {
	s, again := source(t, 7), source(t, 7)
	before := s.files.Clone()
	names := map[string]bool{}
	for m := range s.All() {
		if names[m.Name] {
			t.Errorf("two mutants are called %q", m.Name)
		}
		names[m.Name] = true
	}
	if len(names) < 5000 {
		t.Errorf("%d mutants", len(names))
	}
	list, same := s.Sample(400), again.Sample(400)
	for i, m := range list {
		if same[i].Name != m.Name {
			t.Fatalf("number %d is %q and %q", i, m.Name, same[i].Name)
		}
		files, err := m.Make()
		other, otherErr := same[i].Make()
		if (err == nil) != (otherErr == nil) || err != nil && !errors.Is(err, ErrNone) {
			t.Fatalf("%s: %v, %v", m.Name, err, otherErr)
		}
		if err == nil && (sameFiles(files, before) || !sameFiles(files, other)) {
			t.Errorf("%s: not changed, or changed in another way the second time", m.Name)
		}
	}
	if !sameFiles(s.files, before) {
		t.Error("the record itself was changed")
	}
}

// TestEveryFieldOfEveryMessageIsWalked: whatever protocols/message declares
// and the record has is changed by some mutant.
func TestEveryFieldOfEveryMessageIsWalked(t *testing.T) {
	s := source(t, 1)
	visited := map[string]bool{}
	for _, it := range s.board.entries {
		it.spots(func(p spot, _ *node) {
			if p.typ == nil {
				t.Errorf("%s: protocols/message does not know %s", it.typ, p)
			}
			visited[p.owner] = true
		})
	}
	optional := []string{"Caster.device", "Caster.sequence", "Manifest.identity", "Manifest.authorisation", "Decision.authorisation", "Entry.chunks", "Entry.size",
		"Officer.id", "Officer.key", "Device.id", "Device.key", "Device.opens", "Device.closes", "Device.place",
		// There are no polling places and no results channels in this election.
		"Manifest.places", "Manifest.countCentre", "Place.id", "Place.title", "Place.units", "Place.officers", "Place.pollBook",
		"Result.uncounted", "Uncounted.device", "Uncounted.ballots",
		"Manifest.publishing", "Publishing.official", "Publishing.backup", "Publishing.releaseAt", "Publisher.name", "Publisher.key", "Publisher.url"}
	for typ, body := range bodyTypes() {
		if typ == message.TypeAbort || typ == message.TypeDKGComplaint {
			continue // another election's
		}
		eachField(body, func(owner string) {
			if !visited[owner] && !slices.Contains(optional, owner) {
				t.Errorf("%s: %s is never walked", typ, owner)
			}
		})
	}
}

func eachField(t reflect.Type, visit func(owner string)) {
	for t.Kind() == reflect.Slice || t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || !strings.HasSuffix(t.PkgPath(), "/message") {
		return
	}
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		visit(t.Name() + "." + name)
		eachField(f.Type, visit)
	}
}

// TestWithoutKeys: a record alone has plain mutants.
func TestWithoutKeys(t *testing.T) {
	files, _ := election(1)
	s, err := New(files, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for m := range s.All() {
		if m.Power != Plain {
			t.Fatalf("%s without keys", m.Name)
		}
	}
}

// TestWrongKeys: with another election's keys nothing is made.
func TestWrongKeys(t *testing.T) {
	files, _ := election(1)
	_, keys := election(2)
	if _, err := New(files, Options{Keys: keys}); err == nil {
		t.Error("another election's keys are taken")
	}
	if _, err := New(record.Memory{}, Options{}); err == nil {
		t.Error("an empty record is taken")
	}
}
