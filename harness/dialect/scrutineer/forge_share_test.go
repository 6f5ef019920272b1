package scrutineer

import (
	"errors"
	"slices"
	"testing"

	"scrutineer/protocols/message"
)

// sealedWorld has 3 ballots for a, 1 for b in both contests; trustees 1 and 3
// answer, and trustee 3 is the adversary.
func sealedWorld(t *testing.T) (*world, *Shares, *message.Aggregate) {
	w := opened(t, Description{Contests: []message.Contest{Choose("c", 0, 1, false, "a", "b"), Choose("d", 0, 1, false, "a", "b")},
		Voters: voters("u1", "u2", "u3", "u4")})
	for i, id := range []string{"u1", "u2", "u3", "u4"} {
		choice := []string{"a"}
		if i == 3 {
			choice = []string{"b"}
		}
		w.vote(w.voter(id), Choices{"c": choice, "d": choice})
	}
	w.closeAndSeal()
	w.rounds(w.trustees[0])
	s := &Shares{View: w.view, Index: 3, Secret: w.trustees[2].Share(), Quorum: []uint64{1, 3}, Random: w.seed.Stream("share")}
	return w, s, w.view.AggregateOf("c", "main")
}

const (
	bySubject = "V-36"
	byProof   = "V-37"
)

// forgedShare is a row of E08: by which check the sound rule refuses it, which
// weak rule accepts it, and what the totals, truly 3 and 1, then are; nil where
// nobody finds them.
type forgedShare struct {
	name    string
	forge   func(*world, *Shares, *message.Aggregate) (*message.DecryptionShare, error)
	fault   string
	noProof bool
	unbound bool
	totals  []uint64
}

func forgedShares() []forgedShare {
	up := Deltas{"a": -2, "b": 2}
	return []forgedShare{
		{"shift", func(_ *world, s *Shares, a *message.Aggregate) (*message.DecryptionShare, error) {
			return s.ForgeShift(a, up)
		}, byProof, true, false, []uint64{1, 3}},
		{"omitted", func(_ *world, s *Shares, a *message.Aggregate) (*message.DecryptionShare, error) {
			return s.ForgeOmitted(a, up)
		}, byProof, true, false, []uint64{1, 3}},
		{"identical", func(_ *world, s *Shares, a *message.Aggregate) (*message.DecryptionShare, error) {
			return s.ForgeIdentical(a, up)
		}, byProof, true, false, []uint64{1, 3}},
		{"unbound", func(_ *world, s *Shares, a *message.Aggregate) (*message.DecryptionShare, error) {
			return s.ForgeUnbound(a, up)
		}, bySubject, false, true, []uint64{1, 3}},
		{"exchange", func(_ *world, s *Shares, a *message.Aggregate) (*message.DecryptionShare, error) {
			return s.ForgeExchange(a, "a", "b", 10, s.ForgeShift)
		}, byProof, true, false, []uint64{1, 3}},
		{"exchange unbound", func(_ *world, s *Shares, a *message.Aggregate) (*message.DecryptionShare, error) {
			return s.ForgeExchange(a, "a", "b", 10, s.ForgeUnbound)
		}, bySubject, false, true, []uint64{1, 3}},
		{"swapped", func(_ *world, s *Shares, a *message.Aggregate) (*message.DecryptionShare, error) {
			return s.ForgeSwapped(a, "a", "b")
		}, byProof, true, false, nil},
		{"other contest", func(w *world, s *Shares, a *message.Aggregate) (*message.DecryptionShare, error) {
			return s.ForgeOtherContest(a, w.view.AggregateOf("d", "main"))
		}, byProof, true, false, nil},
		{"ciphertexts of another contest", func(w *world, s *Shares, a *message.Aggregate) (*message.DecryptionShare, error) {
			return s.ForgeNaming(a, w.view.AggregateOf("d", "main").Ciphertexts)
		}, bySubject, false, true, nil},
		{"other trustee", func(w *world, s *Shares, a *message.Aggregate) (*message.DecryptionShare, error) {
			return s.ForgeFrom(a, &w.view.Shares[0].Body)
		}, byProof, true, false, nil},
		{"wrong quorum", func(_ *world, s *Shares, a *message.Aggregate) (*message.DecryptionShare, error) {
			return s.ForgeWrongQuorum(a, []uint64{2, 3})
		}, byProof, true, false, nil},
		{"non-member", func(_ *world, s *Shares, a *message.Aggregate) (*message.DecryptionShare, error) {
			return s.ForgeNonMember(a)
		}, byProof, false, false, nil},
		{"unreduced", func(_ *world, s *Shares, a *message.Aggregate) (*message.DecryptionShare, error) {
			return s.ForgeUnreduced(a)
		}, byProof, true, false, []uint64{3, 1}},
	}
}

func TestForgedShares(t *testing.T) {
	for _, tc := range forgedShares() {
		t.Run(tc.name, func(t *testing.T) {
			w, s, a := sealedWorld(t)
			b, err := tc.forge(w, s, a)
			w.must(err)
			if got := weakShare(w.view, b, true, false) == nil; got != tc.noProof {
				t.Errorf("noProof accepts: %t", got)
			}
			if got := weakShare(w.view, b, false, true) == nil; got != tc.unbound {
				t.Errorf("proofUnboundToCiphertext accepts: %t", got)
			}
			p, err := s.Post(w.trustees[2].Signer(), b)
			w.must(err)
			if w.add(p) == nil {
				t.Error("the sound reader accepts it")
			}
			w.wantFaults(tc.fault)
			totals, err := w.view.Totals("c", "main", 100_000)
			switch {
			case tc.totals != nil && (err != nil || !slices.Equal(totals, tc.totals)):
				t.Errorf("totals %v, %v, want %v", totals, err, tc.totals)
			case tc.totals == nil && err == nil:
				t.Errorf("totals %v where none should be found", totals)
			case tc.totals == nil && tc.name != "non-member" && !errors.Is(err, ErrLogarithm):
				t.Error(err)
			}
		})
	}
}

// The ciphertext named may be a single ballot's: the trustee then opens it.
func TestForgedShareOfOneBallot(t *testing.T) {
	w, s, a := sealedWorld(t)
	var one []message.Ciphertext
	for _, c := range w.view.Ballots[3].Body.Ballot.Contests[0].Selections {
		one = append(one, message.Ciphertext{Alpha: c.Alpha, Beta: c.Beta, Option: c.Option})
	}
	b, err := s.ForgeNaming(a, one)
	w.must(err)
	w.must(weakShare(w.view, b, false, true))
	w.must(w.view.Election.checkFactor(w.view.Election.Fingerprint, b, b.Shares[0]))
}

func TestHonestSharesPassEveryRule(t *testing.T) {
	w, s, a := sealedWorld(t)
	b, err := s.honest(a)
	w.must(err)
	w.must(w.view.CheckShare(b))
	w.must(weakShare(w.view, b, true, false))
	w.must(weakShare(w.view, b, false, true))
	s.Quorum = []uint64{1, 2}
	if _, err := s.ForgeShift(a, nil); err == nil {
		t.Error("a trustee outside the quorum forges")
	}
}
