package rules_test

import (
	"crypto/ed25519"
	"encoding/hex"
	"testing"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/entry"
	"scrutineer/reference-evoting/internal/fixture"
	"scrutineer/reference-evoting/rules"
)

// A message of the authority that the registrar signed, or that brings its key
// along, holds under the weakness of that kind alone.
func TestWrongSigner(t *testing.T) {
	own := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	m := fixture.Manifest(3)
	body := message.CloseChannel{Channel: m.Channels[0].ID}
	for _, planted := range [][]string{nil, {"weak.sig.anyChain"}, {"weak.sig.keyFromMessage"}} {
		h, err := fixture.Open(t.Context(), m, 1, planted...)
		if err != nil {
			t.Fatal(err)
		}
		defer h.Stop()
		state := h.Trustees[0].State()
		for name, c := range map[string]struct {
			id   string
			key  ed25519.PrivateKey
			weak string
		}{
			"registrar": {"", fixture.Seed.Signing(message.RoleRegistrar, ""), "weak.sig.anyChain"},
			"own":       {hex.EncodeToString(own.Public().(ed25519.PublicKey)), own, "weak.sig.keyFromMessage"},
			"unnamed":   {"", own, "never"},
		} {
			header := message.Entry{Context: state.Fingerprint(), Role: message.RoleAuthority, ID: c.id, Type: message.TypeCloseChannel}
			packed, err := entry.Pack(header, body, c.key)
			if err != nil {
				t.Fatal(err)
			}
			step, err := state.Plan(t.Context(), packed.Raw, rules.Full)
			if err != nil {
				t.Fatal(err)
			}
			fault := step.Fault
			if weak := len(planted) > 0 && planted[0] == c.weak; (fault == nil) != weak || fault != nil && fault.Check != "V-07" {
				t.Errorf("%v, %s: %v", planted, name, fault)
			}
		}
	}
}

// A ballot that names another weight counts with it where the weakness is
// planted, and only with one that the election has.
func TestWeightFromBallot(t *testing.T) {
	m := fixture.Manifest(3)
	m.Weights = []uint64{1, 5}
	for _, planted := range [][]string{nil, {"weak.cast.weightFromBallot"}} {
		for weight, known := range map[uint64]bool{5: true, 4: false} {
			h, err := fixture.Open(t.Context(), m, 2, planted...)
			if err != nil {
				t.Fatal(err)
			}
			defer h.Stop()
			raw, err := castOf(h, m.Units[0].ID)
			if err != nil {
				t.Fatal(err)
			}
			e, err := message.DecodeEntry(raw)
			if err != nil {
				t.Fatal(err)
			}
			c, err := codec.Decode[message.Cast](e.Body, codec.Limits{})
			if err != nil {
				t.Fatal(err)
			}
			c.Ballot.Weight = weight
			packed, err := entry.Pack(message.Entry{Context: e.Context, Type: e.Type}, c, nil)
			if err != nil {
				t.Fatal(err)
			}
			fault, err := h.Trustees[0].State().Apply(t.Context(), packed.Raw, rules.Full)
			if err != nil {
				t.Fatal(err)
			}
			if want := known && planted != nil; (fault == nil) != want || fault != nil && fault.Check != "V-25" {
				t.Errorf("%v, weight %d: %v", planted, weight, fault)
			}
		}
	}
}
