package ceremony_test

import (
	"errors"
	"testing"

	"go.dedis.ch/kyber/v3"

	"scrutineer/protocols/message"
	"scrutineer/protocols/ristretto"
	"scrutineer/protocols/transcript"
	"scrutineer/reference-evoting/ceremony"
	"scrutineer/reference-evoting/proof"
	"scrutineer/reference-evoting/tally"
	"scrutineer/reference-evoting/weakness"
)

var (
	random  = ristretto.Stream(nil)
	setupID = [32]byte{7}
)

// table is a ceremony at which everybody sits: t of n.
type table struct {
	secrets []kyber.Scalar
	keys    []kyber.Point
	dealers []*ceremony.Dealer
	public  *ceremony.Public
}

func newTable(t, n int, planted ...string) *table {
	set, err := weakness.Parse(planted)
	if err != nil {
		panic(err)
	}
	out := &table{}
	for i := range n {
		sk := proof.Random(random)
		out.secrets = append(out.secrets, sk)
		out.keys = append(out.keys, ristretto.NewPoint().Mul(sk, nil))
		out.dealers = append(out.dealers, ceremony.NewDealer(setupID, uint64(i)+1, t, sk, random))
	}
	out.public = ceremony.NewPublic(nil, setupID, t, out.keys, set.For(weakness.Trustee))
	return out
}

func (x *table) commit(t *testing.T) {
	t.Helper()
	for _, d := range x.dealers {
		if err := x.public.Commit(d.Reveal().Index, d.Commit(setupID)); err != nil {
			t.Fatal(err)
		}
	}
}

func (x *table) reveal(t *testing.T) {
	t.Helper()
	for _, d := range x.dealers {
		if err := x.public.Reveal(d.Reveal().Index, d.Reveal()); err != nil {
			t.Fatal(err)
		}
	}
}

func (x *table) deal(t *testing.T, bend func(dealer int, m *message.DKGShares)) {
	t.Helper()
	for i, d := range x.dealers {
		m, err := d.Deal(x.public)
		if err != nil {
			t.Fatal(err)
		}
		if bend != nil {
			bend(i+1, &m)
		}
		if err := x.public.Deal(m.Dealer, m); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAnyThresholdHoldsTheKey(t *testing.T) {
	x := newTable(2, 3)
	x.commit(t)
	x.reveal(t)
	x.deal(t, nil)
	shares := map[uint64]kyber.Scalar{}
	for i := uint64(1); i <= 3; i++ {
		share, complaint, err := x.public.Collect(i, x.secrets[i-1], random)
		if err != nil || complaint != nil {
			t.Fatalf("trustee %d: %v, %+v", i, err, complaint)
		}
		if !x.public.VerificationKey(i).Equal(ristretto.NewPoint().Mul(share, nil)) {
			t.Errorf("trustee %d: its share is not that of its verification key", i)
		}
		shares[i] = share
	}
	for _, q := range [][]uint64{{1, 2}, {1, 3}, {2, 3}} {
		sum := new(ristretto.Scalar).Zero()
		for i, l := range tally.Lagrange(q) {
			sum.Add(sum, new(ristretto.Scalar).Mul(l, shares[q[i]]))
		}
		if !x.public.Key().Equal(ristretto.NewPoint().Mul(sum, nil)) {
			t.Errorf("trustees %v do not hold the key", q)
		}
	}
}

func check(err error) string {
	var f *ceremony.Fault
	if errors.As(err, &f) {
		return f.Check
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

func TestRevealsRefused(t *testing.T) {
	honest := func(x *table) message.DKGReveal { return x.dealers[1].Reveal() }
	for name, c := range map[string]struct {
		bend func(x *table, m *message.DKGReveal)
		// weak lifts the commitment, so that the check behind it is met
		weak []string
		want string
	}{
		"not what was committed": {func(_ *table, m *message.DKGReveal) { m.Proofs[0].Response[0] ^= 1 }, nil, "V-10"},
		"index of another":       {func(_ *table, m *message.DKGReveal) { m.Index = 1 }, nil, "V-10"},
		"index zero":             {func(_ *table, m *message.DKGReveal) { m.Index = 0 }, nil, "V-10"},
		"index beyond":           {func(_ *table, m *message.DKGReveal) { m.Index = 4 }, nil, "V-10"},
		"a coefficient more": {func(_ *table, m *message.DKGReveal) {
			m.Commitments = append(m.Commitments, m.Commitments[0])
			m.Proofs = append(m.Proofs, m.Proofs[0])
		}, []string{"weak.dkg.noCommitRound"}, "V-11"},
		"a coefficient less": {func(_ *table, m *message.DKGReveal) {
			m.Commitments, m.Proofs = m.Commitments[:1], m.Proofs[:1]
		}, []string{"weak.dkg.noCommitRound"}, "V-11"},
		"identity":          {func(_ *table, m *message.DKGReveal) { m.Commitments[0] = message.Element{} }, []string{"weak.dkg.noCommitRound", "weak.setup.noPoK"}, "V-11"},
		"not an element":    {func(_ *table, m *message.DKGReveal) { m.Commitments[1][31] = 0xff }, []string{"weak.dkg.noCommitRound", "weak.setup.noPoK"}, "V-17"},
		"another's key":     {func(x *table, m *message.DKGReveal) { m.Commitments[0] = x.dealers[0].Reveal().Commitments[0] }, []string{"weak.dkg.noCommitRound", "weak.setup.noPoK"}, "V-11"},
		"without proofs":    {func(_ *table, m *message.DKGReveal) { m.Proofs = nil }, []string{"weak.dkg.noCommitRound"}, "V-12"},
		"proof of another":  {func(x *table, m *message.DKGReveal) { m.Proofs[0] = x.dealers[0].Reveal().Proofs[0] }, []string{"weak.dkg.noCommitRound"}, "V-12"},
		"proofs exchanged":  {func(_ *table, m *message.DKGReveal) { m.Proofs[0], m.Proofs[1] = m.Proofs[1], m.Proofs[0] }, []string{"weak.dkg.noCommitRound"}, "V-12"},
		"neither, both off": {func(_ *table, m *message.DKGReveal) { m.Proofs = nil }, []string{"weak.dkg.noCommitRound", "weak.setup.noPoK"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			x := newTable(2, 3, c.weak...)
			x.commit(t)
			if err := x.public.Reveal(1, x.dealers[0].Reveal()); err != nil {
				t.Fatal(err)
			}
			m := honest(x)
			m.Commitments = append([]message.Element{}, m.Commitments...)
			m.Proofs = append([]message.Compact{}, m.Proofs...)
			c.bend(x, &m)
			if got := check(x.public.Reveal(2, m)); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

func TestNoIndexTwice(t *testing.T) {
	x := newTable(2, 3)
	x.commit(t)
	if got := check(x.public.Commit(1, x.dealers[0].Commit(setupID))); got != "V-10" {
		t.Errorf("a second hash: %q", got)
	}
}

func TestComplaints(t *testing.T) {
	spoil := func(dealer int, m *message.DKGShares) {
		if dealer == 1 {
			m.Shares[1].Ciphertext[0] ^= 1
		}
	}
	t.Run("a share that does not open convicts the dealer", func(t *testing.T) {
		x := newTable(2, 3)
		x.commit(t)
		x.reveal(t)
		x.deal(t, spoil)
		share, complaint, err := x.public.Collect(2, x.secrets[1], random)
		if err != nil || complaint == nil || share != nil {
			t.Fatalf("%v, %+v", err, complaint)
		}
		if culprit, err := x.public.Judge(*complaint); err != nil || culprit != 1 {
			t.Errorf("culprit %d, %v", culprit, err)
		}
		complaint.Proof.Response[0] ^= 1
		if culprit, err := x.public.Judge(*complaint); err != nil || culprit != 2 {
			t.Errorf("without a proof: culprit %d, %v", culprit, err)
		}
	})
	t.Run("a complaint about a good share convicts the complainer", func(t *testing.T) {
		x := newTable(2, 3)
		x.commit(t)
		x.reveal(t)
		x.deal(t, nil)
		if culprit, err := x.public.Judge(complain(t, x, 2, 1)); err != nil || culprit != 2 {
			t.Errorf("culprit %d, %v", culprit, err)
		}
	})
	t.Run("a wrong share convicts the dealer", func(t *testing.T) {
		x := newTable(2, 3)
		other := ceremony.NewDealer(setupID, 1, 2, x.secrets[0], random)
		x.commit(t)
		x.reveal(t)
		x.deal(t, func(dealer int, m *message.DKGShares) {
			if dealer == 1 { // shares of another polynomial, under the right associated data
				*m = redeal(t, x, other)
			}
		})
		_, complaint, err := x.public.Collect(3, x.secrets[2], random)
		if err != nil || complaint == nil {
			t.Fatalf("%v, %+v", err, complaint)
		}
		if culprit, err := x.public.Judge(*complaint); err != nil || culprit != 1 {
			t.Errorf("culprit %d, %v", culprit, err)
		}
	})
}

// complain makes a formally right complaint of recipient about dealer.
func complain(t *testing.T, x *table, recipient, dealer uint64) message.DKGComplaint {
	t.Helper()
	m, err := x.dealers[dealer-1].Deal(x.public)
	if err != nil {
		t.Fatal(err)
	}
	x.public = ceremony.NewPublic(nil, setupID, 2, x.keys, weakness.View{})
	x.commit(t)
	x.reveal(t)
	if err := x.public.Deal(m.Dealer, m); err != nil {
		t.Fatal(err)
	}
	e := m.Shares[recipient-1].Ephemeral
	ephemeral, err := proof.Point(e)
	if err != nil {
		t.Fatal(err)
	}
	sk := x.secrets[recipient-1]
	shared := proof.Element(ristretto.NewPoint().Mul(sk, ephemeral))
	return message.DKGComplaint{Dealer: dealer, Recipient: recipient, Shared: shared,
		Proof: proof.Equal(sk, ephemeral, func(c ...[32]byte) [32]byte {
			return transcript.Complaint(setupID, dealer, recipient, proof.Element(x.keys[recipient-1]), e, shared, c[0], c[1])
		}, random)}
}

// redeal encrypts the shares of another polynomial as if they were dealer 1's.
func redeal(t *testing.T, x *table, other *ceremony.Dealer) message.DKGShares {
	t.Helper()
	m, err := ceremony.RestoreDealer(x.secrets[0], other.Secrets(), x.dealers[0].Reveal(), random).Deal(x.public)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestDealsRefused(t *testing.T) {
	for name, bend := range map[string]func(m *message.DKGShares){
		"one short":        func(m *message.DKGShares) { m.Shares = m.Shares[:2] },
		"order":            func(m *message.DKGShares) { m.Shares[0], m.Shares[1] = m.Shares[1], m.Shares[0] },
		"short ciphertext": func(m *message.DKGShares) { m.Shares[0].Ciphertext = m.Shares[0].Ciphertext[:47] },
		"identity":         func(m *message.DKGShares) { m.Shares[0].Ephemeral = message.Element{} },
		"not an element":   func(m *message.DKGShares) { m.Shares[0].Ephemeral[31] = 0xff },
		"somebody else's":  func(m *message.DKGShares) { m.Dealer = 9 },
	} {
		x := newTable(2, 3)
		m, err := x.dealers[0].Deal(x.public)
		if err != nil {
			t.Fatal(err)
		}
		bend(&m)
		if check(x.public.Deal(1, m)) == "" {
			t.Errorf("%s was taken", name)
		}
	}
}
