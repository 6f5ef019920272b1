package scrutineer

import (
	"testing"

	"scrutineer/protocols/message"
)

// openedWith is an election whose server opens it with a key of its own.
func openedWith(t *testing.T, way SubstituteKey) (*world, *ServerKey) {
	w := newWorld(t, NewSeed(5), Description{Contests: []message.Contest{Choose("c", 0, 1, true, "a", "b")}, Voters: voters("v")})
	w.rounds(w.trustees...)
	parcels, err := w.registrar.Register(w.view.SetupID)
	w.must(err)
	for _, p := range parcels {
		w.post(p, nil)
	}
	w.rounds(w.trustees...)
	k, err := NewServerKey(way, w.view.Election, w.seed.Stream("server"))
	w.must(err)
	p, err := k.Open(w.authority, w.view.Election)
	w.must(err)
	if w.add(p) == nil {
		t.Error("the sound reader accepts it")
	}
	w.wantFaults("V-14")
	return w, k
}

func TestServerKey(t *testing.T) {
	for way, reads := range map[SubstituteKey]bool{KeyOwn: true, KeyAdded: false, KeySubset: false} {
		w, k := openedWith(t, way)
		// Who believes the server encrypts with its key.
		believed, err := w.view.Election.WithKey(k.Key)
		w.must(err)
		p, err := believed.Prepare(w.line("v"), Choices{"c": {"b"}}, w.seed.Stream("v"))
		w.must(err)
		w.must(believed.CheckBallot(&p.Ballot, w.line("v").Key))
		if w.view.Election.CheckBallot(&p.Ballot, w.line("v").Key) == nil {
			t.Error("the sound key's proofs hold, too")
		}
		found, err := k.Read(&p.Ballot)
		if reads != (err == nil && len(found["c"]) == 1 && found["c"][0] == "b") {
			t.Errorf("way %d: the server reads %v, %v", way, found, err)
		}
		s := p.Ballot.Contests[0].Selections[1]
		if _, err := Logarithm(w.decrypt(s.Alpha, s.Beta), 10); err == nil {
			t.Errorf("way %d: the trustees decrypt it", way)
		}
	}
	if _, err := NewServerKey(0, nil, NewSeed(1).Stream("s")); err == nil {
		t.Error("a key without a way to make it")
	}
}
