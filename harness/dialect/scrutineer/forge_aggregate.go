package scrutineer

import (
	"fmt"
	"io"
	"slices"

	"scrutineer/protocols/message"
)

// D07: what is tallied is not what was frozen.
//
// Belenios' tool did not compare the encrypted tally with the ballots before
// its version 3.1: whoever computes it decides it. Here a server with the
// authority's key posts aggregates in which one voter's ciphertexts are
// replaced. To leave them out would not do: number and weight of the ballots
// are published, and the totals must stay within them.
//
// The second way comes after a first trustee has answered. A ciphertext with
// the same α and another β is the same to every factor d = xα, and another
// vote: T·G = β − Σλ_jd_j. So the shares given for the true aggregates and
// those for the others add up.
//
// What weak.tally.noRecompute accepts: an aggregate of a cell that is due, with
// its units, number of ballots and weight, whatever its ciphertexts are as
// long as they are elements; also after shares were given, and the last one of
// a cell stands. Shares that were taken before stay.
//
// What weak.close.nonAtomic accepts: a cast or challenge after the last online
// channel has closed and before the participation. Its ballot counts.

// ReplacedAggregates are the aggregates of the sealed board with one voter's
// ballot replaced by another for these choices.
func (a Authority) ReplacedAggregates(v *View, victim Line, choices Choices, r io.Reader) ([]Parcel, error) {
	if v.Seal == nil || v.Election == nil {
		return nil, ErrNotReady
	}
	ballots := v.CountedSet()
	i := slices.IndexFunc(ballots, func(b message.Ballot) bool { return b.Caster.Credential == victim.Key })
	if i < 0 {
		return nil, fmt.Errorf("credential %s has no ballot that counts", victim.Key)
	}
	plain, err := v.Election.plaintexts(victim.Style, choices)
	if err != nil {
		return nil, err
	}
	d, err := v.Election.draft(victim, plain, r)
	if err != nil {
		return nil, err
	}
	ballots[i] = d.ballot
	var bodies []message.Aggregate
	cells := Cells(&v.Manifest, ballots)
	for k := range cells {
		if cells[k].Decrypted() {
			bodies = append(bodies, cells[k].aggregate(&v.Manifest))
		}
	}
	return a.aggregates(v.Election, bodies)
}

// ShiftedAggregates are the aggregates of the sealed board with some votes of
// one contest moved by β alone, in its first cell.
func (a Authority) ShiftedAggregates(v *View, contest string, deltas Deltas) ([]Parcel, error) {
	if v.Seal == nil || v.Election == nil {
		return nil, ErrNotReady
	}
	bodies := v.expected()
	i := slices.IndexFunc(bodies, func(b message.Aggregate) bool { return b.Contest == contest })
	if i < 0 {
		return nil, fmt.Errorf("contest %q has no cell that is decrypted", contest)
	}
	for k := range bodies[i].Ciphertexts {
		c := &bodies[i].Ciphertexts[k]
		beta, err := decodeElement(c.Beta)
		if err != nil {
			return nil, err
		}
		c.Beta = element(plus(beta, base(newScalar().SetInt64(deltas[c.Option]))))
	}
	return a.aggregates(v.Election, bodies)
}

func (a Authority) aggregates(e *Election, bodies []message.Aggregate) ([]Parcel, error) {
	var out []Parcel
	for _, body := range bodies {
		p, err := a.Signer().Entry(message.TypeAggregate, e.Fingerprint, &body)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

// SealedBy is the board with a participation and the seal that the authority
// puts after it, as a view and as the entries to be posted.
func (a Authority) SealedBy(board []Parcel, participation []byte) (*View, []Parcel, error) {
	v := &View{Trusting: true}
	all := append(slices.Clone(board), Parcel{Entry: participation})
	fetch := Fetcher(all...)
	for _, p := range all {
		_ = v.Add(p.Entry, fetch) // faults are the view's
	}
	seal, err := a.Seal(v)
	if err != nil {
		return nil, nil, err
	}
	_ = v.Add(seal.Entry, nil)
	return v, append(all, seal), nil
}
