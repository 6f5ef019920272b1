package tally_test

import (
	"errors"
	"fmt"
	"testing"

	"go.dedis.ch/kyber/v3"
	"go.dedis.ch/kyber/v3/share"
	"pgregory.net/rapid"

	"scrutineer/protocols/message"
	"scrutineer/protocols/ristretto"
	"scrutineer/reference-evoting/internal/fixture"
	"scrutineer/reference-evoting/manifest"
	"scrutineer/reference-evoting/proof"
	"scrutineer/reference-evoting/tally"
)

var random = ristretto.Stream(nil)

func election(t interface{ Fatal(...any) }, units int, minimum uint64, weights ...uint64) *manifest.Election {
	m := fixture.Manifest(2)
	m.MinimumCell, m.Weights, m.Units = minimum, weights, nil
	for i := range units {
		m.Units = append(m.Units, message.Unit{ID: fmt.Sprintf("u%d", i)})
	}
	e, err := manifest.Compile(m, 1)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func vote(unit int, weight uint64) tally.Vote {
	pair := tally.Pair{Alpha: ristretto.NewPoint().Base().(*ristretto.Point), Beta: ristretto.NewPoint().Base().(*ristretto.Point)}
	return tally.Vote{Unit: unit, Weight: weight, Answers: []tally.Answer{{Contest: 0, Pairs: []tally.Pair{pair, pair, pair}}}}
}

// TestCells is the table of S-33: ballots of weight one in each unit, and the
// cells that come of it. x marks a withheld cell.
func TestCells(t *testing.T) {
	for _, c := range []struct {
		name    string
		ballots []int
		minimum uint64
		want    string
	}{
		{"all large enough", []int{5, 7}, 5, "[0]5 [1]7"},
		{"empty stays alone", []int{5, 0, 5}, 5, "[0]5 [1]0 [2]5"},
		{"small joins the next", []int{2, 7}, 5, "[0 1]9"},
		{"small joins through an empty one", []int{2, 0, 7}, 5, "[0 1 2]9"},
		{"two small ones suffice", []int{2, 3, 7}, 5, "[0 1]5 [2]7"},
		{"last one joins the one before", []int{5, 2}, 5, "[0 1]7"},
		{"last one joins past an empty one", []int{5, 0, 2}, 5, "[0 2]7 [1]0"},
		{"all together too few", []int{2, 0, 2}, 5, "[0 1 2]4x"},
		{"one voter", []int{1}, 2, "[0]1x"},
		{"nobody", []int{0, 0}, 5, "[0]0 [1]0"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := tally.NewSums(election(t, len(c.ballots), c.minimum, 1))
			for unit, n := range c.ballots {
				for range n {
					if err := s.Add(vote(unit, 1)); err != nil {
						t.Fatal(err)
					}
				}
			}
			got := ""
			for i, cell := range s.Cells(0) {
				if i > 0 {
					got += " "
				}
				got += fmt.Sprintf("%v%d", cell.Units, cell.Ballots)
				if cell.Withheld {
					got += "x"
				}
			}
			if got != c.want {
				t.Errorf("cells %s, want %s", got, c.want)
			}
		})
	}
}

func TestCellsHideARareWeight(t *testing.T) {
	s := tally.NewSums(election(t, 2, 2, 1, 5))
	for _, v := range []tally.Vote{vote(0, 1), vote(0, 1), vote(0, 5), vote(1, 1), vote(1, 1), vote(1, 5)} {
		if err := s.Add(v); err != nil {
			t.Fatal(err)
		}
	}
	cells := s.Cells(0)
	if len(cells) != 1 || cells[0].Ballots != 6 || cells[0].Weight != 14 || cells[0].Withheld {
		t.Errorf("cells: %+v", cells)
	}
}

// TestCellsPartition holds that every unit is in exactly one cell, that no
// decrypted cell is too small, and that ballots add up.
func TestCellsPartition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		units := rapid.IntRange(1, 8).Draw(t, "units")
		minimum := rapid.Uint64Range(1, 4).Draw(t, "minimum")
		s := tally.NewSums(election(t, units, minimum, 1, 3))
		total := uint64(0)
		for unit := range units {
			for _, w := range []uint64{1, 3} {
				n := rapid.IntRange(0, 5).Draw(t, fmt.Sprintf("ballots %d/%d", unit, w))
				total += uint64(n)
				for range n {
					if err := s.Add(vote(unit, w)); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
		seen, ballots := map[int]bool{}, uint64(0)
		for _, c := range s.Cells(0) {
			for _, u := range c.Units {
				if seen[u] {
					t.Fatalf("unit %d is in two cells", u)
				}
				seen[u] = true
			}
			ballots += c.Ballots
			if c.Decrypted() && c.Ballots < minimum {
				t.Fatalf("a cell of %d is decrypted", c.Ballots)
			}
		}
		if len(seen) != units || ballots != total {
			t.Fatalf("%d of %d units, %d of %d ballots", len(seen), units, ballots, total)
		}
	})
}

func TestAddAndRemove(t *testing.T) {
	e := election(t, 1, 1, 1, 3)
	s, want := tally.NewSums(e), tally.NewSums(e)
	for _, v := range []tally.Vote{vote(0, 1), vote(0, 3)} {
		if err := s.Add(v); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Remove(vote(0, 3)); err != nil {
		t.Fatal(err)
	}
	if err := want.Add(vote(0, 1)); err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(s.Aggregates()), fmt.Sprint(want.Aggregates()); got != want {
		t.Errorf("after taking out what was put in:\n%s\n%s", got, want)
	}
	if err := s.Add(tally.Vote{Weight: 1, Answers: []tally.Answer{{Contest: 0}}}); err == nil {
		t.Error("a vote without selections was added")
	}
}

// A ballot counts as often as it weighs.
func TestSumsAreWeighted(t *testing.T) {
	s := tally.NewSums(election(t, 1, 1, 1, 3))
	for _, v := range []tally.Vote{vote(0, 1), vote(0, 3)} {
		if err := s.Add(v); err != nil {
			t.Fatal(err)
		}
	}
	four := ristretto.NewPoint().Mul(proof.Uint(4), nil)
	for _, pair := range s.Cells(0)[0].Sums {
		if !pair.Alpha.Equal(four) || !pair.Beta.Equal(four) {
			t.Error("a ballot of weight one and one of weight three are not four times the one")
		}
	}
}

func TestLagrange(t *testing.T) {
	suite := ristretto.NewSuite(nil)
	poly := share.NewPriPoly(suite, 3, nil, random)
	indices := []uint64{1, 4, 5}
	sum := new(ristretto.Scalar).Zero()
	for i, l := range tally.Lagrange(indices) {
		sum.Add(sum, new(ristretto.Scalar).Mul(l, poly.Eval(int(indices[i])-1).V))
	}
	if !sum.Equal(poly.Secret()) {
		t.Error("interpolation at zero is not the secret")
	}
}

func TestLogarithms(t *testing.T) {
	var logs tally.Logarithms
	rapid.Check(t, func(t *rapid.T) {
		bound := rapid.Uint64Range(0, 200_000).Draw(t, "bound")
		n := rapid.Uint64Range(0, bound).Draw(t, "n")
		got, err := logs.Find(ristretto.NewPoint().Mul(proof.Uint(n), nil).(*ristretto.Point), bound)
		if err != nil || got != n {
			t.Fatalf("%d, %v, want %d", got, err, n)
		}
		if _, err := logs.Find(ristretto.NewPoint().Mul(proof.Uint(bound+1), nil).(*ristretto.Point), bound); !errors.Is(err, tally.ErrNoLogarithm) {
			t.Fatalf("%d was found within %d: %v", bound+1, bound, err)
		}
	})
	negative := ristretto.NewPoint().Neg(ristretto.NewPoint().Base())
	if _, err := logs.Find(negative.(*ristretto.Point), 1000); !errors.Is(err, tally.ErrNoLogarithm) {
		t.Errorf("minus one was found: %v", err)
	}
}

func TestExponent(t *testing.T) {
	x := proof.Random(random)
	key := proof.NewElectionKey(ristretto.NewPoint().Mul(x, nil).(*ristretto.Point))
	alpha, beta := key.Encrypt(7, proof.Random(random))
	got := tally.Exponent(beta, []kyber.Scalar{proof.Uint(1)}, []kyber.Point{ristretto.NewPoint().Mul(x, alpha)})
	if !got.Equal(ristretto.NewPoint().Mul(proof.Uint(7), nil)) {
		t.Error("decryption by one trustee is not the plaintext")
	}
}

func BenchmarkLogarithm(b *testing.B) {
	var logs tally.Logarithms
	p := ristretto.NewPoint().Mul(proof.Uint(99_999_999), nil).(*ristretto.Point)
	for b.Loop() {
		if _, err := logs.Find(p, 100_000_000); err != nil {
			b.Fatal(err)
		}
	}
}
