package voter_test

import (
	"errors"
	"testing"

	"scrutineer/protocols/message"
	"scrutineer/protocols/ristretto"
	"scrutineer/reference-evoting/internal/fixture"
	"scrutineer/reference-evoting/proof"
	"scrutineer/reference-evoting/voter"
)

// A client encrypts with the key that follows from the board, whatever the
// server names, unless it is weak; and even then it checks with the board's.
func TestNamed(t *testing.T) {
	z := proof.Uint(7)
	own := proof.Element(ristretto.NewPoint().Mul(z, nil))
	for _, x := range []struct {
		name    string
		planted []string
		key     *message.Element // nil: the board's
		ok      bool
		read    bool // by the server
	}{
		{"the board's", nil, nil, true, false},
		{"another", nil, &own, false, false},
		{"the board's to a weak client", []string{"weak.client.keyUnpinned"}, nil, true, false},
		{"another to a weak client", []string{"weak.client.keyUnpinned"}, &own, true, true},
		{"the identity to a weak client", []string{"weak.client.keyUnpinned"}, &message.Element{}, false, false},
		{"no element to a weak client", []string{"weak.client.keyUnpinned"}, &message.Element{31: 0xff}, false, false},
	} {
		t.Run(x.name, func(t *testing.T) {
			h, err := fixture.Open(t.Context(), fixture.Manifest(2), 1, x.planted...)
			if err != nil {
				t.Fatal(err)
			}
			defer h.Stop()
			c := h.Voter(0)
			key := h.Authority.Status().ElectionKey
			if x.key != nil {
				key = *x.key
			}
			if err := c.Named(key); (err == nil) != x.ok || err != nil && !errors.Is(err, voter.ErrAnswer) {
				t.Fatal(err)
			}
			p, err := c.Encrypt(voter.Choices{"council": {"option-1"}})
			if err != nil {
				t.Fatal(err)
			}
			s := p.Ballot.Contests[0].Selections[0]
			alpha, err := proof.Point(s.Alpha)
			if err != nil {
				t.Fatal(err)
			}
			beta, err := proof.Point(s.Beta)
			if err != nil {
				t.Fatal(err)
			}
			m := ristretto.NewPoint().Sub(beta, ristretto.NewPoint().Mul(z, alpha))
			zero, one := ristretto.NewPoint().Null(), ristretto.NewPoint().Base()
			if read := m.Equal(zero) || m.Equal(one); read != x.read {
				t.Errorf("the server reads it: %t", read)
			}
		})
	}
}
