package pollbook_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"scrutineer/protocols/message"
	"scrutineer/protocols/ristretto"
	"scrutineer/reference-evoting/device"
	"scrutineer/reference-evoting/keys"
	"scrutineer/reference-evoting/manifest"
	"scrutineer/reference-evoting/pollbook"
	"scrutineer/reference-evoting/statement"
)

var print = message.Digest{1}

const seed = keys.Seed("s")

func election() *manifest.Election {
	m := message.Manifest{
		Devices: []message.Device{{ID: "d1", Place: "hall"}, {ID: "d2", Place: "hall"}, {ID: "d3", Place: "school"}},
		Places: []message.Place{
			{ID: "hall", Units: []string{"town"}, Officers: []message.Officer{{ID: "p1"}, {ID: "p2"}}},
			{ID: "school", Units: []string{"hills"}},
		},
	}
	seed.Fill(&m)
	return &manifest.Election{Manifest: m}
}

func open(t *testing.T, store pollbook.Store) *pollbook.Book {
	t.Helper()
	b, err := pollbook.Open(pollbook.Config{
		Place: "hall", Election: election(), Fingerprint: print, Key: seed.Signing(message.RolePollBook, "hall"),
		Roll: []message.Credential{
			{Key: message.Element{3}, Style: "a", Unit: "town", Weight: 1}, {Key: message.Element{1}, Style: "b", Unit: "town", Weight: 2},
			{Key: message.Element{2}, Style: "a", Unit: "town", Weight: 1}, {Key: message.Element{9}, Style: "a", Unit: "hills", Weight: 1},
		},
		Store: store, Random: ristretto.Stream(nil),
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func checkIn(t *testing.T, b *pollbook.Book, voter byte, device string) message.Activation {
	t.Helper()
	a, err := b.CheckIn(message.Element{voter}, device)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func nonces(list ...message.Activation) []message.Digest {
	var out []message.Digest
	for _, a := range list {
		out = append(out, a.Nonce)
	}
	slices.SortFunc(out, func(a, b message.Digest) int { return slices.Compare(a[:], b[:]) })
	return out
}

func cancelled(t *testing.T, a message.Activation) message.Cancelled {
	t.Helper()
	c := message.Cancelled{Device: a.Device, Fingerprint: print, Nonce: a.Nonce}
	var err error
	if c.Signature, err = statement.Sign(c, print, seed.Signing(message.RoleDevice, a.Device)); err != nil {
		t.Fatal(err)
	}
	return c
}

// A voter comes once; what the book says is signed, and is the same after a
// restart.
func TestAVoterComesOnce(t *testing.T) {
	store := &device.Memory{}
	b := open(t, store)
	a := checkIn(t, b, 1, "d1")
	if a.Style != "b" || a.Weight != 2 || a.Unit != "town" || a.Device != "d1" || statement.Verify(nil, election(), print, a, a.Signature) != nil {
		t.Errorf("%+v", a)
	}
	if diff := cmp.Diff(a, checkIn(t, open(t, store), 1, "d1")); diff != "" {
		t.Error("again, after a restart:", diff)
	}
	for name, x := range map[string]struct {
		voter  byte
		device string
		want   error
	}{
		"another device":             {1, "d2", pollbook.ErrVoter},
		"a device of another place":  {2, "d3", pollbook.ErrDevice},
		"an unknown device":          {2, "d9", pollbook.ErrDevice},
		"a voter of another place":   {9, "d1", pollbook.ErrVoter},
		"a credential of no voter's": {8, "d1", pollbook.ErrVoter},
	} {
		if got, err := b.CheckIn(message.Element{x.voter}, x.device); !errors.Is(err, x.want) || cmp.Diff(message.Activation{}, got) != "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := b.Present(); n != 1 {
		t.Errorf("%d present", n)
	}
	if _, err := b.CheckIns("d1", 1, nonces(a)); err != nil {
		t.Fatal(err)
	}
	if _, err := b.CheckIn(message.Element{1}, "d1"); !errors.Is(err, pollbook.ErrVoter) {
		t.Error("after the ballot was packed:", err)
	}
}

// Who went away may come again, with another activation.
func TestCancelled(t *testing.T) {
	b := open(t, &device.Memory{})
	a := checkIn(t, b, 1, "d1")
	c := cancelled(t, a)
	forged, stolen := c, c
	forged.Signature[0]++
	stolen.Device = "d2"
	for name, c := range map[string]message.Cancelled{"forged": forged, "by another device": stolen} {
		if err := b.Cancel(c); !errors.Is(err, pollbook.ErrDevice) || b.Present() != 1 {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := b.Cancel(c); err != nil || b.Present() != 0 {
		t.Fatal(err)
	}
	again := checkIn(t, b, 1, "d2")
	if again.Nonce == a.Nonce {
		t.Error("the same activation again")
	}
	if _, err := b.CheckIns("d1", 1, nonces(a)); !errors.Is(err, pollbook.ErrDevice) {
		t.Error("a ballot with what was given back:", err)
	}
	if _, err := b.CheckIns("d2", 1, nonces(again)); err != nil {
		t.Fatal(err)
	}
	if err := b.Cancel(cancelled(t, again)); !errors.Is(err, pollbook.ErrDevice) {
		t.Error("given back after it was used:", err)
	}
}

// The list of a pack is sorted, complete, signed and stays as it was.
func TestCheckIns(t *testing.T) {
	b := open(t, &device.Memory{})
	one, two, three := checkIn(t, b, 3, "d1"), checkIn(t, b, 1, "d1"), checkIn(t, b, 2, "d2")
	list, err := b.CheckIns("d1", 1, nonces(one, two))
	want := []message.CheckIn{{Credential: message.Element{1}, Style: "b", Unit: "town", Weight: 2}, {Credential: message.Element{3}, Style: "a", Unit: "town", Weight: 1}}
	if err != nil || cmp.Diff(want, list.CheckIns) != "" || statement.Verify(nil, election(), print, list, list.Signature) != nil {
		t.Fatalf("%+v %v", list, err)
	}
	if again, err := b.CheckIns("d1", 1, nonces(one, two)); err != nil || cmp.Diff(list, again) != "" {
		t.Error("again:", err)
	}
	for name, x := range map[string]struct {
		device   string
		sequence uint64
		used     []message.Digest
	}{
		"fewer":                   {"d1", 1, nonces(one)},
		"of another device":       {"d1", 1, nonces(one, two, three)},
		"in another pack":         {"d1", 2, nonces(one)},
		"unknown":                 {"d2", 1, []message.Digest{{5}}},
		"twice":                   {"d2", 1, []message.Digest{three.Nonce, three.Nonce}},
		"of a pack with number 0": {"d2", 0, nonces(three)},
	} {
		if got, err := b.CheckIns(x.device, x.sequence, x.used); !errors.Is(err, pollbook.ErrDevice) || cmp.Diff(message.CheckIns{}, got) != "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Minutes have a line for each device of the place, and two officers' names.
func TestMinutes(t *testing.T) {
	e := election()
	m := pollbook.Minutes(e, print, "hall", 3, []message.DeviceMinutes{{Device: "d2", Ballots: 2}})
	if len(m.Devices) != 2 || m.Devices[0] != (message.DeviceMinutes{Device: "d1"}) || m.Devices[1].Ballots != 2 {
		t.Errorf("%+v", m)
	}
	var err error
	for _, id := range []string{"p2", "p1"} {
		if m, err = pollbook.SignMinutes(m, id, seed.Signing(message.RolePlaceOfficer, id)); err != nil {
			t.Fatal(err)
		}
	}
	place, _ := e.Place("hall")
	if err := statement.VerifyJointly(nil, e, print, m, m.Signatures, place.Officers); err != nil || m.Signatures[0].ID != "p1" {
		t.Error(err)
	}
}
