package scrutineer

import (
	"errors"
	"slices"
	"testing"

	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
)

// chosenWorld has 4 votes for a, one for b, and a last ballot by m for a with
// the randomness that trustee 3 wants; trustee 1 has answered. Weights differ:
// the randomness of an aggregate is a weighted sum, too.
func chosenWorld(t *testing.T) (*world, *ChosenTotal) {
	w := opened(t, Description{Contests: []message.Contest{Choose("d", 0, 1, false, "a", "b"), Choose("c", 0, 1, false, "a", "b", "c")},
		Weights: []uint64{1, 2}, Voters: []Eligible{{ID: "u1", Weight: 1}, {ID: "u2", Weight: 1}, {ID: "u3", Weight: 2}, {ID: "u4", Weight: 1}, {ID: "m", Weight: 2}}})
	var others []Known
	for i, id := range []string{"u1", "u2", "u3", "u4"} {
		choice := []string{"a"}
		if i == 3 {
			choice = []string{"b"}
		}
		v := w.voter(id)
		ticket := w.vote(v, Choices{"c": choice, "d": {"a"}})
		others = append(others, Known{&ticket.Prepared.Opening, v.Line.Weight})
	}
	plan := &ChosenTotal{Contest: "c", Deltas: Deltas{"a": -2, "b": 2}, Index: 3, Quorum: []uint64{1, 3}}
	m := w.voter("m")
	p, err := m.Election.ForgeLast(plan, m.Line, Choices{"c": {"a"}, "d": {"b"}}, others, m.Random)
	w.must(err)
	w.must(w.cast(m.Credential, p.Ballot, p.Tracker)) // a sound ballot
	w.closeAndSeal()
	w.rounds(w.trustees[0])
	return w, plan
}

func (w *world) liar(quorum ...uint64) *Shares {
	return &Shares{View: w.view, Index: 3, Secret: w.trustees[2].Share(), Quorum: quorum, Random: w.seed.Stream("share")}
}

func chosenShare(w *world, plan *ChosenTotal) *message.DecryptionShare {
	b, err := w.liar(1, 3).ForgeChosen(w.view.AggregateOf("c", "main"), plan)
	w.must(err)
	return b
}

func hugeShare(w *world, _ *ChosenTotal) *message.DecryptionShare {
	b, err := w.liar(1, 3).ForgeHuge(w.view.AggregateOf("c", "main"), "a")
	w.must(err)
	return b
}

// weakFactor is weak.fs.decryptCommitmentsOnly for one factor.
func weakFactor(e *Election, b *message.DecryptionShare, f message.Factor) error {
	points, err := decodeElements([]message.Element{e.Keys[b.Index-1], f.Alpha, f.Factor})
	if err != nil {
		return err
	}
	cz, err := decodeScalars([]message.Scalar{f.Proof.Challenge, f.Proof.Response})
	if err != nil {
		return err
	}
	one := element(minus(base(cz[1]), times(cz[0], points[0])))
	two := element(minus(times(cz[1], points[1]), times(cz[0], points[2])))
	if reduce(transcript.WeakDecryption(one, two)).Equal(cz[0]) {
		return nil
	}
	return e.checkFactor(e.Fingerprint, b, f)
}

func TestForgedDecryption(t *testing.T) {
	for _, tc := range []struct {
		name   string
		forge  func(*world, *ChosenTotal) *message.DecryptionShare
		totals []uint64
	}{{"chosen", chosenShare, []uint64{4, 3, 0}}, {"huge", hugeShare, nil}} {
		t.Run(tc.name, func(t *testing.T) {
			w, plan := chosenWorld(t)
			b := tc.forge(w, plan)
			for _, f := range b.Shares {
				w.must(weakFactor(w.view.Election, b, f))
			}
			p, err := w.liar(1, 3).Post(w.trustees[2].Signer(), b)
			w.must(err)
			if w.add(p) == nil {
				t.Error("the sound reader accepts it")
			}
			w.wantFaults(byProof)
			totals, err := w.view.Totals("c", "main", 100_000)
			if tc.totals == nil && !errors.Is(err, ErrLogarithm) {
				t.Errorf("totals %v, %v, want none to be found", totals, err)
			}
			if tc.totals != nil && (err != nil || !slices.Equal(totals, tc.totals)) {
				t.Errorf("totals %v, %v, want %v, truly 6, 1, 0", totals, err, tc.totals)
			}
		})
	}
}

func TestForgedDecryptionNeedsItsPlan(t *testing.T) {
	w, plan := chosenWorld(t)
	other := w.view.AggregateOf("d", "main")
	if _, err := w.liar(1, 3).ForgeChosen(other, plan); !errors.Is(err, ErrRandomness) {
		t.Errorf("another aggregate: %v", err)
	}
	plan.Quorum = []uint64{1, 2}
	m := w.voter("m")
	if p, err := m.Election.ForgeLast(plan, m.Line, nil, nil, m.Random); err == nil || p != nil {
		t.Error("a trustee who does not answer plans")
	}
	if _, err := w.liar(1, 3).ForgeHuge(other, "nobody"); err == nil {
		t.Error("an option that is not there")
	}
}
