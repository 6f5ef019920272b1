package scrutineer

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"scrutineer/protocols/message"
	"scrutineer/protocols/ristretto"
)

// nonmembers are the forms of A10 with the contest of twoQuestions that each
// is for.
var nonmembers = map[NonmemberForm]string{
	NonmemberBeta: "taxes", NonmemberPair: "council", NonmemberAlpha: "taxes",
	NonmemberTwin: "taxes", NonmemberIdentity: "taxes", NonmemberUnreduced: "taxes",
}

func nonmemberAttacks() []attack {
	planted := []string{"weak.group.noMembershipCheck"}
	out := []attack{{"A10/factor", func(t *testing.T) *world {
		w, s, a := sealedWorld(t)
		s.Quorum = []uint64{2, 3}
		b, err := s.ForgeNonmember(a)
		w.must(err)
		p, err := s.Post(w.trustees[2].Signer(), b)
		w.must(err)
		_ = w.add(p)
		return w
	}, planted}}
	for form, contest := range nonmembers {
		out = append(out, attack{fmt.Sprint("A10/", form), forgedBallot(twoQuestions(), func(m *Voter) (*Prepared, error) {
			return m.Election.ForgeNonmember(form, m.Line, contest, Choices{"taxes": {"land"}}, m.Random)
		}), planted})
	}
	return out
}

func TestNonmembers(t *testing.T) {
	w := opened(t, twoQuestions())
	e, m := w.view.Election, w.voter("m")
	for form, contest := range nonmembers {
		p, err := e.ForgeNonmember(form, m.Line, contest, Choices{"taxes": {"income"}, "council": {"bo"}}, m.Random)
		w.must(err)
		_ = w.cast(m.Credential, p.Ballot, p.Tracker)
		if got := w.faults(); !slices.Equal(got, []string{"V-17"}) {
			t.Errorf("form %d fails %v", form, got)
		}
	}
	if _, err := e.ForgeNonmember(NonmemberBeta, m.Line, "council", nil, m.Random); err == nil {
		t.Error("one component breaks the sum proof, and yet there is a ballot")
	}
	if _, err := e.ForgeNonmember(NonmemberPair, m.Line, "none", nil, m.Random); err == nil {
		t.Error("a contest that is not there")
	}
}

// Even challenges let the component vanish for whoever multiplies on the
// curve by numbers below l; in the plaintext it stays, and two of them cancel.
func TestComponentOfOrderTwo(t *testing.T) {
	w := opened(t, twoQuestions())
	e, m := w.view.Election, w.voter("m")
	p, err := e.ForgeNonmember(NonmemberPair, m.Line, "council", Choices{"council": {"bo"}}, m.Random)
	w.must(err)
	var left []*ristretto.Point
	for k, s := range p.Ballot.Contests[1].Selections[:2] {
		beta, err := ristretto.UnsafeFromEdwards(s.Beta)
		w.must(err)
		alpha, err := decodeElement(s.Alpha)
		w.must(err)
		cz, err := decodeScalars([]message.Scalar{s.Proof.Challenges[0], s.Proof.Responses[0]})
		w.must(err)
		image := minus(beta, times(w.secret(), alpha)).(*ristretto.Point)
		honest := base(integer(uint64(k))) // bo is the second option
		if image.Equal(honest) || !minus(image, honest).Equal(minus(honest, image)) {
			t.Errorf("option %d: the component has gone, or has not order 2", k)
		}
		if !times(cz[0], image).Equal(times(cz[0], honest)) {
			t.Errorf("option %d: an even multiple shows the component", k)
		}
		if _, err := Logarithm(image, 1000); !errors.Is(err, ErrLogarithm) {
			t.Errorf("option %d: the total is found: %v", k, err)
		}
		left = append(left, image)
	}
	if !plus(left[0], left[1]).Equal(base(integer(1))) {
		t.Error("two components do not cancel")
	}
}

// A factor's component stays in the total only where the Lagrange coefficient
// is odd.
func TestFactorOutsideTheGroup(t *testing.T) {
	w, s, a := sealedWorld(t)
	for _, quorum := range [][]uint64{{1, 3}, {2, 3}} {
		s.Quorum = quorum
		_, err := s.ForgeNonmember(a)
		if odd := quorum[0] == 2; odd != (err == nil) {
			t.Errorf("%v: %v", quorum, err)
		}
	}
	b, err := s.ForgeNonmember(a)
	w.must(err)
	p, err := s.Post(w.trustees[2].Signer(), b)
	w.must(err)
	_ = w.add(p)
	if got := w.faults(); len(got) == 0 || got[0] != "V-17" && got[0] != "V-37" {
		t.Errorf("it fails %v", got)
	}
}
