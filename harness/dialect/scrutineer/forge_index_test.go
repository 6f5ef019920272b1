package scrutineer

import (
	"testing"

	"go.dedis.ch/kyber/v3"

	"scrutineer/protocols/message"
)

// announced is a ceremony in which trustee 3 announces an index, and the others
// believe it.
func announced(t *testing.T, index uint64) (*world, *IndexTrustee) {
	w := newWorld(t, NewSeed(4), Description{Contests: []message.Contest{Choose("c", 0, 1, true, "a", "b")}, Voters: voters("v")})
	var all []*IndexTrustee
	for i, k := range w.keys.Trustees {
		named := k.Index
		if i == 2 {
			named = index
		}
		all = append(all, NewIndexTrustee(k, named, w.seed.Stream("believer/"+k.ID)))
	}
	for _, round := range []func(*IndexTrustee, *View) (Parcel, error){(*IndexTrustee).Commit, (*IndexTrustee).Reveal, (*IndexTrustee).Deal} {
		for _, tr := range all {
			p, err := round(tr, w.view)
			w.must(err)
			_ = w.add(p) // a fault to the sound reader
		}
	}
	parcels, err := w.registrar.Register(w.view.SetupID)
	w.must(err)
	for _, p := range parcels {
		_ = w.add(p)
	}
	for _, tr := range all {
		p, err := tr.Confirm(w.view) // and every share that it was dealt verifies
		w.must(err)
		_ = w.add(p)
	}
	return w, all[2]
}

func TestIndexZeroIsDealtTheKey(t *testing.T) {
	w, z := announced(t, 0)
	if w.view.Sound() == nil {
		t.Error("the sound reader accepts it")
	}
	if !z.Owns(w.view.Election) {
		t.Fatal("the share for index 0 is not the key")
	}
	v := w.voter("v")
	p, err := v.Prepare(Choices{"c": {"b"}})
	w.must(err)
	read, err := z.Read(&p.Ballot)
	w.must(err)
	if len(read["c"]) != 1 || read["c"][0] != "b" {
		t.Errorf("reads %v", read)
	}
}

func TestIndexOfAnother(t *testing.T) {
	for _, index := range []uint64{1, 4, 1<<53 - 1} {
		w, z := announced(t, index)
		for _, f := range w.view.Faults {
			if f.Check != "V-10" && f.Check != "V-13" {
				t.Errorf("index %d: %v", index, f)
			}
		}
		if w.view.Sound() == nil {
			t.Error("the sound reader accepts it")
		}
		if z.Owns(w.view.Election) {
			t.Error("a share for another index is the key")
		}
		if got := base(evaluate(z.coefficients, 1)); index == 1 && !got.Equal(evaluatePoints(mustPoints(t, z.reveal.Commitments), 1)) {
			t.Error("its dealing is not on its polynomial")
		}
	}
	w, own := announced(t, 3)
	w.must(w.view.Sound()) // its own index is nothing to object to
	if own.Owns(w.view.Election) {
		t.Error("a sound trustee has the key")
	}
}

func mustPoints(t *testing.T, es []message.Element) []kyber.Point {
	t.Helper()
	out, err := decodeElements(es)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
