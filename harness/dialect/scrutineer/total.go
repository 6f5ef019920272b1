package scrutineer

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"go.dedis.ch/kyber/v3"

	"scrutineer/protocols/message"
	"scrutineer/protocols/ristretto"
)

// Errors of a tally that does not come out.
var (
	ErrQuorum    = errors.New("V-38: too few shares")
	ErrLogarithm = errors.New("S-36: no total within the bound")
)

// Totals are S-36 for one cell: by selection, from the shares on the board,
// found by search up to bound. It trusts the shares: adversaries compute with
// it what their victims will see.
func (v *View) Totals(contest, unit string, bound uint64) ([]uint64, error) {
	images, err := v.Images(contest, unit)
	if err != nil {
		return nil, err
	}
	out := make([]uint64, len(images))
	for k, p := range images {
		if out[k], err = Logarithm(p, bound); err != nil {
			return nil, fmt.Errorf("contest %q, unit %q, selection %d: %w", contest, unit, k, err)
		}
	}
	return out, nil
}

// Images are T·G of S-36 for one cell, by selection.
func (v *View) Images(contest, unit string) ([]kyber.Point, error) {
	a := v.AggregateOf(contest, unit)
	if a == nil {
		return nil, fmt.Errorf("contest %q, unit %q has no aggregate", contest, unit)
	}
	shares := make(map[uint64]*message.DecryptionShare)
	for i := range v.Shares {
		if s := &v.Shares[i].Body; s.Contest == contest && s.Unit == unit {
			shares[s.Index] = s
		}
	}
	quorum := make([]uint64, 0, len(shares))
	for j := range shares {
		quorum = append(quorum, j)
	}
	slices.Sort(quorum)
	if uint64(len(quorum)) < v.Manifest.Threshold {
		return nil, fmt.Errorf("%w: %d of %d", ErrQuorum, len(quorum), v.Manifest.Threshold)
	}
	quorum = quorum[:v.Manifest.Threshold]
	out := make([]kyber.Point, len(a.Ciphertexts))
	for k, c := range a.Ciphertexts {
		image, err := decodeElement(c.Beta)
		if err != nil {
			return nil, err
		}
		for _, j := range quorum {
			if len(shares[j].Shares) != len(a.Ciphertexts) {
				return nil, fmt.Errorf("%w: trustee %d gives %d factors", ErrSubject, j, len(shares[j].Shares))
			}
			d, err := decodeElement(shares[j].Shares[k].Factor)
			if err != nil {
				return nil, err
			}
			image = minus(image, times(Lagrange(quorum, j), d))
		}
		out[k] = image
	}
	return out, nil
}

// Logarithm is T with T·G = p and 0 ≤ T ≤ bound, by baby steps and giant
// steps.
func Logarithm(p kyber.Point, bound uint64) (uint64, error) {
	width := uint64(math.Sqrt(float64(bound))) + 1
	babies := make(map[message.Element]uint64, width)
	var step kyber.Point = ristretto.NewPoint()
	g := base(integer(1))
	for i := range width {
		babies[element(step)] = i
		step = plus(step, g)
	}
	giant := p.Clone()
	for i := uint64(0); i*width <= bound; i++ {
		if j, ok := babies[element(giant)]; ok && i*width+j <= bound {
			return i*width + j, nil
		}
		giant = minus(giant, step)
	}
	return 0, ErrLogarithm
}
