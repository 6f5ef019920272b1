package rules_test

import (
	"slices"
	"testing"

	"scrutineer/harness/dialect/scrutineer"
	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/entry"
	"scrutineer/reference-evoting/internal/fixture"
	"scrutineer/reference-evoting/voter"
)

// spelled is a cast of the voter who challenged, of the ciphertexts that were
// opened, in another spelling.
func spelled(t *testing.T, h *fixture.Hall, spelling string) []byte {
	t.Helper()
	v := h.Voter(3)
	p, err := v.Encrypt(voter.Choices{"council": {"option-3"}})
	if err != nil {
		t.Fatal(err)
	}
	x, err := scrutineer.Respelled(&p.Ballot, spelling)
	if err != nil {
		t.Fatal(err)
	}
	p.Ballot, p.Tracker = x.Ballot, x.Tracker
	raw, err := v.Cast(p)
	if err != nil {
		t.Fatal(err)
	}
	d, err := codec.Decode[message.Decision](raw, codec.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	packed, err := entry.Pack(message.Entry{Context: d.Fingerprint, Type: message.TypeCast}, message.Cast{Ballot: x.Ballot, Decision: d}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return packed.Raw
}

// Every spelling is refused, unless acceptNoncanonical is planted; and even
// then its ciphertexts are known for those that were opened: they are compared
// decoded.
func TestAcceptNoncanonical(t *testing.T) {
	h, list := entries(t)
	i := find(t, list, message.TypeChallenge, 0)
	for _, spelling := range []string{"sum-challenge", "many-l", "alpha-negative", "beta-high-bit", "extra-device"} {
		t.Run(spelling, func(t *testing.T) {
			other := *h
			raw := spelled(t, &other, spelling)
			under(t, h, slices.Insert(slices.Clone(list), i+1, raw), "", "weak.ballot.acceptNoncanonical", "weak.challenge.castable")
		})
	}
	raw := spelled(t, h, "option-order")
	under(t, h, slices.Insert(slices.Clone(list), i+1, raw), "", "weak.ballot.acceptNoncanonical", "weak.challenge.castable", "weak.ctx.noContestBinding")
}
