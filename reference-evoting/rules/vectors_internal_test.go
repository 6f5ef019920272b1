package rules

import (
	"fmt"
	"slices"
	"testing"

	"go.dedis.ch/kyber/v3"

	"scrutineer/protocols/message"
	"scrutineer/protocols/ristretto"
	"scrutineer/protocols/vectors"
	"scrutineer/reference-evoting/manifest"
	"scrutineer/reference-evoting/proof"
	"scrutineer/reference-evoting/tally"
)

// every asks about every case of a file. Judge returns the fault, or nil.
func every[C, I any](t *testing.T, load func() (*vectors.File[C, I], error), judge func(*testing.T, C, I) *Fault) {
	t.Helper()
	f, err := load()
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range f.TestGroups {
		for _, c := range g.Tests {
			fault := judge(t, g.Context, c.Input)
			if (fault == nil) != (c.Result == vectors.Valid) || fault != nil && !c.May(fault.Check) {
				t.Errorf("%s, tcId %d (%s: %s) is %s %s: %v", f.Kind, c.TcID, g.Comment, c.Comment, c.Result, c.Check, fault)
			}
		}
	}
}

func TestVectorsOfElectorates(t *testing.T) {
	every(t, vectors.Electorates, func(t *testing.T, c vectors.ElectorateContext, in vectors.ElectorateInput) *Fault {
		election, err := manifest.Compile(c.Manifest, 1)
		if err != nil {
			t.Fatal(err)
		}
		roll := newElectorate()
		for _, chunk := range in.Chunks {
			if fault := roll.check(chunk, election); fault != nil {
				return fault
			}
			if err := roll.add(chunk, election); err != nil {
				t.Fatal(err)
			}
		}
		root, err := roll.root()
		if err != nil {
			t.Fatal(err)
		}
		sum := message.Electorate{
			Chunks: roll.chunks, Count: uint64(len(roll.voters)), Roll: in.Electorate.Roll, Root: root, Weight: roll.weight,
		}
		if sum != in.Electorate || sum.Count == 0 {
			return broken("V-15", "sums up to %+v", sum)
		}
		return nil
	})
}

func TestVectorsOfTotals(t *testing.T) {
	every(t, vectors.Totals, func(t *testing.T, c vectors.TotalsContext, in vectors.TotalsInput) *Fault {
		shares := map[uint64][]message.Element{}
		var indices []uint64
		for _, s := range in.Shares {
			if shares[s.Index] == nil {
				indices = append(indices, s.Index)
			}
			shares[s.Index] = s.Factors
		}
		if uint64(len(indices)) < c.Threshold {
			return broken("V-38", "%d trustees", len(indices))
		}
		slices.Sort(indices)
		indices = indices[:c.Threshold]
		for i, ciphertext := range c.Aggregate.Ciphertexts {
			if err := decrypts(ciphertext, indices, shares, i, in.Totals[i]); err != nil {
				return broken("V-39", "%v", err)
			}
		}
		return totalsFit(c.Contest, message.Cell{
			Ballots: c.Aggregate.Ballots, Totals: in.Totals, Unit: c.Aggregate.Unit, Units: c.Aggregate.Units, Weight: c.Aggregate.Weight,
		})
	})
}

// decrypts holds that the factors of selection i give the total.
func decrypts(c message.Ciphertext, indices []uint64, shares map[uint64][]message.Element, i int, total uint64) error {
	beta, err := proof.Point(c.Beta)
	if err != nil {
		return err
	}
	var factors []kyber.Point
	for _, index := range indices {
		d, err := proof.Point(shares[index][i])
		if err != nil {
			return err
		}
		factors = append(factors, d)
	}
	if !tally.Exponent(beta, tally.Lagrange(indices), factors).Equal(ristretto.NewPoint().Mul(proof.Uint(total), nil)) {
		return fmt.Errorf("selection %s does not decrypt to %d", c.Option, total)
	}
	return nil
}
