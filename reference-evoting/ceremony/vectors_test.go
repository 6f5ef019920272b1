package ceremony

import (
	"errors"
	"testing"

	"go.dedis.ch/kyber/v3"
	"go.dedis.ch/kyber/v3/share"

	"scrutineer/protocols/message"
	"scrutineer/protocols/ristretto"
	"scrutineer/protocols/vectors"
	"scrutineer/reference-evoting/proof"
	"scrutineer/reference-evoting/weakness"
)

// each asks about every case of a file. Judge returns nil or a fault; where
// that names a check it is the case's, or one of those that fail with it.
func each[C, I any](t *testing.T, load func() (*vectors.File[C, I], error), judge func(*testing.T, C, I) error) {
	t.Helper()
	f, err := load()
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range f.TestGroups {
		for _, c := range g.Tests {
			err := judge(t, g.Context, c.Input)
			if (err == nil) != (c.Result == vectors.Valid) {
				t.Errorf("%s, tcId %d (%s: %s) is %s: %v", f.Kind, c.TcID, g.Comment, c.Comment, c.Result, err)
			}
			var fault *Fault
			if errors.As(err, &fault) && !c.May(fault.Check) {
				t.Errorf("%s, tcId %d (%s: %s) fails %s: %v", f.Kind, c.TcID, g.Comment, c.Comment, c.Check, err)
			}
		}
	}
}

// points decodes what a context says.
func points(t *testing.T, list []message.Element) []kyber.Point {
	t.Helper()
	var out []kyber.Point
	for _, e := range list {
		p, err := proof.Point(e)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, p)
	}
	return out
}

// keys are n different ones.
func keys(n uint64) []kyber.Point {
	var out []kyber.Point
	for i := range n {
		out = append(out, ristretto.NewPoint().Mul(proof.Uint(i+1), nil))
	}
	return out
}

func TestVectorsOfReveals(t *testing.T) {
	each(t, vectors.Reveals, func(t *testing.T, c vectors.CeremonyContext, in vectors.RevealInput) error {
		p := NewPublic(nil, c.SetupID, int(c.Threshold), keys(c.Trustees), weakness.View{})
		for _, m := range c.Commits {
			if err := p.Commit(m.Index, m); err != nil {
				t.Fatal(err)
			}
		}
		if err := p.Commit(c.Signer, in.Commit); err != nil {
			return err
		}
		for i := range c.Reveals {
			if err := p.Reveal(c.Reveals[i].Index, c.Reveals[i]); err != nil {
				t.Fatal(err)
			}
		}
		return p.Reveal(c.Signer, in.Reveal)
	})
}

// dealer is a ceremony of which one dealer's commitments are known.
func dealer(t *testing.T, setupID message.Digest, index uint64, commitments []message.Element, keys []kyber.Point) *Public {
	t.Helper()
	p := NewPublic(nil, setupID, len(commitments), keys, weakness.View{})
	p.reveals[index-1] = &message.DKGReveal{Index: index, Commitments: commitments}
	p.polys[index-1] = share.NewPubPoly(p.suite, nil, points(t, commitments))
	return p
}

func TestVectorsOfDealings(t *testing.T) {
	each(t, vectors.Dealings, func(t *testing.T, c vectors.DealingContext, in vectors.DealingInput) error {
		if in.Dealing.Dealer != c.Dealer {
			return &Fault{Check: "V-13", Detail: "another index than the signer's"} // the rules make this check
		}
		return dealer(t, c.SetupID, c.Dealer, c.Commitments, points(t, c.Keys)).Deal(c.Dealer, in.Dealing)
	})
}

func TestVectorsOfShares(t *testing.T) {
	each(t, vectors.Shares, func(t *testing.T, c vectors.ShareContext, in vectors.ShareInput) error {
		p := dealer(t, c.SetupID, c.Dealer, c.Commitments, keys(max(c.Dealer, c.Recipient)))
		shares := make([]message.EncryptedShare, len(p.keys))
		shares[c.Recipient-1] = in.Share
		p.deals[c.Dealer-1] = &message.DKGShares{Dealer: c.Dealer, Shares: shares}
		secret, err := proof.Scalar(c.Secret)
		if err != nil {
			t.Fatal(err)
		}
		ephemeral, err := proof.Point(in.Share.Ephemeral)
		if err != nil {
			return err
		}
		_, err = p.open(c.Dealer, c.Recipient, proof.Element(ristretto.NewPoint().Mul(secret, ephemeral)))
		return err
	})
}

var errInnocent = errors.New("the dealer is not to blame")

func TestVectorsOfComplaints(t *testing.T) {
	each(t, vectors.Complaints, func(t *testing.T, c vectors.ComplaintContext, in vectors.ComplaintInput) error {
		p := dealer(t, c.Dealing.SetupID, c.Dealing.Dealer, c.Dealing.Commitments, points(t, c.Dealing.Keys))
		if err := p.Deal(c.Shares.Dealer, c.Shares); err != nil {
			t.Fatal(err)
		}
		if in.Complaint.Recipient != c.Signer {
			return errInnocent // the rules make this check
		}
		culprit, err := p.Judge(in.Complaint)
		if err == nil && culprit != c.Dealing.Dealer {
			return errInnocent
		}
		return err
	})
}
