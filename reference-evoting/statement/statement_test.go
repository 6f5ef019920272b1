package statement_test

import (
	"crypto/ed25519"
	"errors"
	"testing"

	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/keys"
	"scrutineer/reference-evoting/manifest"
	"scrutineer/reference-evoting/statement"
)

var print = message.Digest{1}

func election() *manifest.Election {
	m := message.Manifest{
		Officers: []message.Officer{{ID: "o1"}, {ID: "o2"}, {ID: "o3"}},
		Devices:  []message.Device{{ID: "d1", Place: "hall"}, {ID: "d2", Place: "hall"}},
		Places:   []message.Place{{ID: "hall", Officers: []message.Officer{{ID: "p1"}, {ID: "p2"}}}},
	}
	keys.Seed("s").Fill(&m)
	return &manifest.Election{Manifest: m}
}

func signing(r message.Role, id string) ed25519.PrivateKey { return keys.Seed("s").Signing(r, id) }

// A statement is its author's, in its election, as it was signed.
func TestAStatementIsSigned(t *testing.T) {
	e := election()
	a := message.Activation{Device: "d1", Fingerprint: print, Place: "hall", Style: "s", Unit: "u", Weight: 1}
	signature, err := statement.Sign(a, print, signing(message.RolePollBook, "hall"))
	if err != nil {
		t.Fatal(err)
	}
	a.Signature = signature // is no part of what is signed
	if err := statement.Verify(nil, e, print, a, signature); err != nil {
		t.Error(err)
	}
	other := a
	other.Device = "d2"
	foreign, _ := statement.Sign(a, print, signing(message.RoleDevice, "d1"))
	for name, err := range map[string]error{
		"changed":          statement.Verify(nil, e, print, other, signature),
		"another election": statement.Verify(nil, e, message.Digest{2}, a, signature),
		"another role":     statement.Verify(nil, e, print, a, foreign),
		"another type":     statement.Verify(nil, e, print, message.CheckIns{Place: "hall"}, signature),
	} {
		if !errors.Is(err, statement.ErrSignature) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What two must sign is signed by two of those who may, each once.
func TestAJointStatementHasTwoSigners(t *testing.T) {
	e := election()
	n := message.NoPack{Device: "d1", Ballots: 3, Reason: "dropped"}
	by := func(r message.Role, id string) message.OfficerSignature {
		s, err := statement.SignJointly(n, id, print, signing(r, id))
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	one, two := by(message.RoleOfficer, "o1"), by(message.RoleOfficer, "o2")
	check := func(list ...message.OfficerSignature) error {
		return statement.VerifyJointly(nil, e, print, n, list, e.Manifest.Officers)
	}
	if err := check(one, two); err != nil {
		t.Error(err)
	}
	for name, err := range map[string]error{
		"one":             check(one),
		"the same twice":  check(one, one),
		"a place officer": check(one, by(message.RolePlaceOfficer, "p1")),
		"a false one":     check(one, message.OfficerSignature{ID: "o2", Signature: one.Signature}),
	} {
		if !errors.Is(err, statement.ErrSignature) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
