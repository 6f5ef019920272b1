package rules_test

import (
	"crypto/ed25519"
	"slices"
	"testing"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
	"scrutineer/reference-evoting/entry"
	"scrutineer/reference-evoting/internal/fixture"
	"scrutineer/reference-evoting/rules"
	"scrutineer/reference-evoting/voter"
	"scrutineer/reference-evoting/weakness"
)

// under feeds a board to states with every set but the last, which must find
// the fault, and to one with all, which must find none of it.
func under(t *testing.T, h *fixture.Hall, list [][]byte, want string, planted ...string) {
	t.Helper()
	for i := range len(planted) + 1 {
		set := slices.Clone(planted)
		if i < len(planted) {
			set = slices.Delete(set, i, i+1)
		}
		weak, err := weakness.Parse(set)
		if err != nil {
			t.Fatal(err)
		}
		var found *rules.Fault
		s := rules.New(weak.For(weakness.Trustee), memory{h, list})
		for _, raw := range list {
			fault, err := s.Apply(t.Context(), raw, rules.Full)
			if err != nil {
				t.Fatal(err)
			}
			if found == nil {
				found = fault
			}
			if s.Phase() == message.PhaseClosed {
				break // the seal is that of the sound board
			}
		}
		switch {
		case i == len(planted) && found != nil:
			t.Errorf("with %q: %v", set, found)
		case i < len(planted) && (found == nil || want != "" && found.Check != want):
			t.Errorf("with %q: %v, want %s", set, found, want)
		}
	}
}

// another is a cast of the voter who challenged, i.e. of the same ciphertexts.
func another(t *testing.T, h *fixture.Hall, change func(*message.Cast)) []byte {
	t.Helper()
	v := h.Voter(3)
	p, err := v.Encrypt(voter.Choices{"council": {"option-3"}})
	if err != nil {
		t.Fatal(err)
	}
	raw, err := v.Cast(p)
	if err != nil {
		t.Fatal(err)
	}
	d, err := codec.Decode[message.Decision](raw, codec.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	c := message.Cast{Ballot: p.Ballot, Decision: d}
	change(&c)
	packed, err := entry.Pack(message.Entry{Context: d.Fingerprint, Type: message.TypeCast}, c, nil)
	if err != nil {
		t.Fatal(err)
	}
	return packed.Raw
}

func TestCastable(t *testing.T) {
	h, list := entries(t)
	i := find(t, list, message.TypeChallenge, 0)
	raw := another(t, h, func(*message.Cast) {})
	for _, at := range []int{i, i + 1} {
		under(t, h, slices.Insert(slices.Clone(list), at, raw), "V-29", "weak.challenge.castable")
	}
}

func TestServerAsserted(t *testing.T) {
	h, list := entries(t)
	i := find(t, list, message.TypeChallenge, 0)
	raw := another(t, h, func(c *message.Cast) {
		content, err := codec.Encode(c.Decision.Content())
		if err != nil {
			t.Fatal(err)
		}
		digest := transcript.EntrySignature(message.Entry{Context: c.Decision.Fingerprint, Role: message.RoleAuthority, Type: message.TypeCast},
			transcript.BodyDigest(content))
		s := ed25519.Sign(fixture.Seed.Signing(message.RoleAuthority, ""), digest[:])
		c.Decision.Signature = message.SchnorrSignature{Commitment: message.Element(s[:32]), Response: message.Scalar(s[32:])}
	})
	under(t, h, slices.Insert(slices.Clone(list), i+1, raw), "", "weak.challenge.castable", "weak.elig.serverAsserted")
}

// Without chains a ballot that names no standing one replaces what stands.
func TestNoChain(t *testing.T) {
	h, list := entries(t)
	i := find(t, list, message.TypeCast, 0)
	first, err := codec.Decode[message.Cast](header(t, list[i]).Body, codec.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	second := *h
	raw := secondOf(t, &second, first)
	under(t, h, slices.Insert(slices.Clone(list), i+1, raw), "V-26", "weak.revote.noChain")
	// The same ballot again is a duplicate as well.
	both := slices.Insert(slices.Clone(list), i+1, raw, list[i])
	under(t, h, both, "", "weak.revote.noChain", "weak.bb.noWeeding")
}

// secondOf is another ballot of the voter of a cast that also names no
// predecessor.
func secondOf(t *testing.T, h *fixture.Hall, first message.Cast) []byte {
	t.Helper()
	v := h.Voter(0)
	if _, err := v.Encrypt(voter.Choices{"council": {"option-1"}}); err != nil { // the first again
		t.Fatal(err)
	}
	p, err := v.Encrypt(voter.Choices{"council": {"option-2"}})
	if err != nil {
		t.Fatal(err)
	}
	c := message.Cast{Ballot: p.Ballot, Decision: first.Decision}
	if err := h.Resign(&c); err != nil {
		t.Fatal(err)
	}
	packed, err := entry.Pack(message.Entry{Context: c.Decision.Fingerprint, Type: message.TypeCast}, c, nil)
	if err != nil {
		t.Fatal(err)
	}
	return packed.Raw
}

// A ballot in the box of another unit counts there.
func TestBoxIDUnbound(t *testing.T) {
	m := fixture.Manifest(3)
	m.Units = append(m.Units, message.Unit{ID: "village", Title: "Village"})
	for _, planted := range []string{"", "weak.ballot.boxIdUnbound"} {
		var names []string
		if planted != "" {
			names = []string{planted}
		}
		h, err := fixture.Open(t.Context(), m, 2, names...)
		if err != nil {
			t.Fatal(err)
		}
		defer h.Stop()
		c, err := castOf(h, "village")
		if err != nil {
			t.Fatal(err)
		}
		state := h.Trustees[0].State()
		fault, err := state.Apply(t.Context(), c, rules.Full)
		if err != nil {
			t.Fatal(err)
		}
		if (fault == nil) != (planted != "") || fault != nil && fault.Check != "V-25" {
			t.Errorf("with %q: %v", planted, fault)
		}
	}
}

// castOf is a cast of voter 0, of the first unit, in the box of another.
func castOf(h *fixture.Hall, unit string) ([]byte, error) {
	v := h.Voter(0)
	p, err := v.Encrypt(voter.Choices{"council": {"option-1"}})
	if err != nil {
		return nil, err
	}
	raw, err := v.Cast(p)
	if err != nil {
		return nil, err
	}
	d, err := codec.Decode[message.Decision](raw, codec.Limits{})
	if err != nil {
		return nil, err
	}
	p.Ballot.Unit = unit
	packed, err := entry.Pack(message.Entry{Context: d.Fingerprint, Type: message.TypeCast}, message.Cast{Ballot: p.Ballot, Decision: d}, nil)
	return packed.Raw, err
}
