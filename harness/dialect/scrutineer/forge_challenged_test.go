package scrutineer

import (
	"slices"
	"testing"

	"scrutineer/protocols/message"
)

// An opened ballot is cast, under its own proofs and under new ones.
func TestCastChallenged(t *testing.T) {
	for _, fresh := range []bool{false, true} {
		w := opened(t, Description{Contests: []message.Contest{Choose("c", 0, 1, true, "a", "b")}, Voters: voters("m", "u")})
		e, m := w.view.Election, w.voter("m")
		w.vote(w.voter("u"), Choices{"c": {"b"}})
		p, err := m.Prepare(Choices{"c": {"a"}})
		w.must(err)
		q := p
		if fresh {
			q, err = e.Reprove(m.Line, p, m.Random)
			w.must(err)
			if q.Tracker == p.Tracker || !slices.Equal(alphas(&q.Ballot), alphas(&p.Ballot)) {
				t.Error("not the same ciphertexts under another tracker")
			}
		}
		w.post(w.authority.Challenge(e, p.Opening))
		w.must(e.CheckBallot(&q.Ballot, m.Credential.Key))
		if w.cast(m.Credential, q.Ballot, q.Tracker) == nil {
			t.Error("the opened ballot was cast")
		}
		if fresh {
			w.wantFaults("V-29")
		} else {
			w.wantFaults("V-29", "V-23")
		}
		if got := len(w.view.CountedSet()); got != 1 {
			t.Errorf("%d ballots count", got)
		}
		if weakCastable(w.view.Ballots, w.view.Challenges) == 0 {
			t.Error("the weak rule does not take it either")
		}
	}
}

// The server vouches where the voter's signature should be.
func TestVouch(t *testing.T) {
	w := opened(t, Description{Contests: []message.Contest{Choose("c", 0, 1, false, "a", "b")}, Voters: voters("m")})
	e, m := w.view.Election, w.voter("m")
	p, err := m.Prepare(Choices{"c": {"a"}})
	w.must(err)
	d, err := w.authority.Vouch(e, m.Credential.Key, p.Tracker, message.None)
	w.must(err)
	if CheckDecision(e.Fingerprint, d) == nil {
		t.Error("it passes for the voter's signature")
	}
	w.must(weakServerAsserted(e, d))
	d.Predecessor = p.Tracker.String()
	if weakServerAsserted(e, d) == nil {
		t.Error("the server's signature holds for another decision")
	}
}

func alphas(b *message.Ballot) []message.Element {
	var out []message.Element
	for _, c := range b.Contests {
		for _, s := range c.Selections {
			out = append(out, s.Alpha)
		}
	}
	return out
}
