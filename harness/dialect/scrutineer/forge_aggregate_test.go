package scrutineer

import (
	"errors"
	"slices"
	"testing"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
)

// closeAttacks are those of D07 on a board.
func closeAttacks() []attack {
	noRecompute := []string{"weak.tally.noRecompute"}
	return []attack{
		{"D07/replaced", func(t *testing.T) *world {
			w := voted(t)
			w.post(w.authority.Close(w.view.Election, "online"))
			w.post(w.registrar.Participation(w.view))
			w.post(w.authority.Seal(w.view))
			others, err := w.authority.ReplacedAggregates(w.view, w.line("u"), Choices{"c": {"no"}}, w.seed.Stream("server"))
			w.must(err)
			for _, p := range others {
				_ = w.add(p)
			}
			return w
		}, noRecompute},
		{"D07/each-trustee", swapped, noRecompute},
		{"D07/after-close", func(t *testing.T) *world {
			w := voted(t)
			w.post(w.authority.Close(w.view.Election, "online"))
			m := w.voter("v")
			p, err := m.Prepare(Choices{"c": {"no"}})
			w.must(err)
			_ = w.cast(m.Credential, p.Ballot, p.Tracker)
			participation, err := w.registrar.Signer().Entry(message.TypeParticipation, w.view.Election.Fingerprint,
				&message.Participation{Voters: []string{"u", "v"}})
			w.must(err)
			_ = w.add(participation) // to the sound reader one voter too many
			return w
		}, []string{"weak.close.nonAtomic"}},
	}
}

// voted is an open election in which u has voted yes, and v has not voted.
func voted(t *testing.T) *world {
	w := yesNo(t, "u", "v")
	w.vote(w.voter("u"), Choices{"c": {"yes"}})
	return w
}

// swapped is a sealed board on which the first trustee answered for the true
// aggregate, and the second for one in which u's vote has moved.
func swapped(t *testing.T) *world {
	w := voted(t)
	w.closeAndSeal()
	first, err := w.trustees[0].Shares(w.view)
	w.must(err)
	for _, p := range first {
		w.post(p, nil)
	}
	others, err := w.authority.ShiftedAggregates(w.view, "c", Deltas{"yes": -1, "no": 1})
	w.must(err)
	e, body, err := OpenEntry(others[0].Entry, nil)
	w.must(err)
	a, err := decodeBody[message.Aggregate](body)
	w.must(err)
	_ = w.add(others[0])
	share, err := decryptionShare(w.view.Election, w.view.Seal.Body.Root, &a, 2, w.trustees[1].Share(), w.seed.Stream("t2"))
	w.must(err)
	p, err := w.trustees[1].Signer().Entry(message.TypeDecryptionShare, e.Context, share)
	w.must(err)
	_ = w.add(p)
	return w
}

// The shares for two sets of aggregates with the same α give the totals of the
// last one: one vote has moved.
func TestSharesOfTwoSetsFit(t *testing.T) {
	w := swapped(t)
	var first, second message.DecryptionShare
	var last message.Aggregate
	for _, p := range w.parcels {
		e, body, err := OpenEntry(p.Entry, nil)
		w.must(err)
		switch e.Type {
		case message.TypeAggregate:
			last, err = decodeBody[message.Aggregate](body)
		case message.TypeDecryptionShare:
			first = second
			second, err = decodeBody[message.DecryptionShare](body)
		}
		w.must(err)
	}
	quorum := []uint64{1, 2}
	for k, want := range []uint64{0, 1} {
		image, err := decodeElement(last.Ciphertexts[k].Beta)
		w.must(err)
		for i, s := range []message.DecryptionShare{first, second} {
			d, err := decodeElement(s.Shares[k].Factor)
			w.must(err)
			image = minus(image, times(Lagrange(quorum, uint64(i+1)), d))
		}
		if got, err := Logarithm(image, 10); err != nil || got != want {
			t.Errorf("selection %d: %d %v, want %d", k, got, err, want)
		}
	}
}

func TestReplacedAggregates(t *testing.T) {
	w := voted(t)
	if _, err := w.authority.ReplacedAggregates(w.view, w.line("u"), nil, w.seed.Stream("x")); !errors.Is(err, ErrNotReady) {
		t.Errorf("before the seal: %v", err)
	}
	w.closeAndSeal()
	if _, err := w.authority.ReplacedAggregates(w.view, w.line("v"), nil, w.seed.Stream("x")); err == nil {
		t.Error("a ballot that nobody cast is replaced")
	}
	if _, err := w.authority.ShiftedAggregates(w.view, "d", nil); err == nil {
		t.Error("a contest that is not there is shifted")
	}
	others, err := w.authority.ReplacedAggregates(w.view, w.line("u"), Choices{"c": {"no"}}, w.seed.Stream("x"))
	w.must(err)
	_, body, err := OpenEntry(others[0].Entry, nil)
	w.must(err)
	a, err := decodeBody[message.Aggregate](body)
	w.must(err)
	var got []uint64
	for _, c := range a.Ciphertexts {
		n, err := Logarithm(w.decrypt(c.Alpha, c.Beta), 10)
		w.must(err)
		got = append(got, n)
	}
	if !slices.Equal(got, []uint64{0, 1}) {
		t.Errorf("the replaced aggregate holds %d", got)
	}
}

// SealedBy continues a board as the server would.
func TestSealedBy(t *testing.T) {
	w := voted(t)
	w.post(w.authority.Close(w.view.Election, "online"))
	p, err := w.registrar.Participation(w.view)
	w.must(err)
	v, all, err := w.authority.SealedBy(w.parcels, p.Entry)
	w.must(err)
	if v.Sound() != nil || v.Seal == nil || len(all) != len(w.parcels)+2 {
		t.Errorf("%v, %d entries after %d", v.Sound(), len(all), len(w.parcels))
	}
	if _, _, err := w.authority.SealedBy(nil, p.Entry); !errors.Is(err, ErrNotReady) {
		t.Errorf("an empty board is sealed: %v", err)
	}
}

// decodeBody reads the body of an entry.
func decodeBody[T any](body []byte) (T, error) {
	return codec.Decode[T](body, codec.Limits{Size: message.MaxBody})
}
