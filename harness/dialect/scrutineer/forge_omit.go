package scrutineer

import (
	"fmt"
	"io"

	"go.dedis.ch/kyber/v3"

	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
)

// A06: a hash that covers almost the whole statement.
//
// Véronique Cortier, Pierrick Gaudry, Quentin Yang, "How to fake zero-knowledge
// proofs, again", E-Vote-ID 2020 (hal-02928953). What the challenge leaves out
// can be chosen, or altered, once the challenge is known.
//
// What weak.fs.omit.X accepts: for each selection proof and each sum proof by
// itself, a challenge as in transcript.Omission with X left out, or with X and
// other fields left out whose weakness is planted, too, besides the sound one.
// Branch counts, canonical scalars and all other checks stay.
//
//   - key: the proof comes first and the key is solved for, see forge_backward.go;
//   - election, voter: the ballot is proven for another election or caster, and
//     the field is altered when the proofs are done;
//   - siblings: all is proven, then the ballot's other ciphertexts are replaced
//     and only they are proven anew;
//   - branches: the challenge is known before there is any commitment. For any
//     plaintext c_0 is drawn, c_1 = c − c_0, and the responses are free.

// ForgeOmitted is A06 for a field other than the key. The first option of the
// ballot's first contest holds 5 where the commitments are left out; otherwise
// the ballot is for choices.
func (e *Election) ForgeOmitted(o transcript.Omission, line Line, choices Choices, r io.Reader) (*Prepared, error) {
	proven, header := e, line
	switch o {
	case transcript.OmitElection:
		other := *e
		var err error
		if other.Fingerprint, err = drawBytes(r); err != nil {
			return nil, err
		}
		proven = &other
	case transcript.OmitVoter:
		other, err := draw(r)
		if err != nil {
			return nil, err
		}
		header.Key = element(base(other))
	case transcript.OmitSiblings, transcript.OmitBranches:
	default:
		return nil, fmt.Errorf("no forgery for the omission %d", o)
	}
	plain, err := e.plaintexts(line.Style, choices)
	if err != nil {
		return nil, err
	}
	if o == transcript.OmitBranches {
		plain[0][0] = integer(5)
	}
	d, err := proven.draft(header, plain, r)
	if err != nil {
		return nil, err
	}
	if err := d.proveWithout(o, 0, r); err != nil {
		return nil, err
	}
	if o == transcript.OmitSiblings {
		if err := d.replaceSiblings(o, r); err != nil {
			return nil, err
		}
	}
	d.ballot.Fingerprint, d.ballot.Caster.Credential = e.Fingerprint, line.Key
	d.caster = transcript.Caster(d.ballot.Caster)
	return d.finish(), nil
}

// replaceSiblings encrypts everything but the first contest anew, for nothing
// chosen, and proves only that.
func (d *draft) replaceSiblings(o transcript.Omission, r io.Reader) error {
	if len(d.contests) < 2 {
		return fmt.Errorf("style %q has one contest: there are no siblings", d.ballot.Style)
	}
	for i := range d.contests {
		if i == 0 {
			continue
		}
		for k := range d.openings[i] {
			x, err := draw(r)
			if err != nil {
				return err
			}
			d.openings[i][k] = opening{newScalar(), x}
			s := &d.ballot.Contests[i].Selections[k]
			s.Alpha, s.Beta = d.election.seal(d.openings[i][k])
		}
	}
	return d.proveWithout(o, 1, r)
}

// partial is the statement of one contest for challenges with fields left out.
func (d *draft) partial(o transcript.Omission, contest int) transcript.Statement {
	s := d.statement(contest)
	s.Ciphertexts = o.Ciphertexts(s.Fingerprint, s.Style, d.ballot.Contests)
	return s
}

// proveWithout proves the contests from one on, with fields left out of the
// challenges.
func (d *draft) proveWithout(o transcript.Omission, from int, r io.Reader) error {
	for i := from; i < len(d.contests); i++ {
		s, c := d.partial(o, i), d.contests[i]
		list := d.ballot.Contests[i].Selections
		for k := range list {
			start := o.Selection(s, list[k].Option, list[k].Alpha, list[k].Beta)
			var err error
			if list[k].Proof, err = d.election.proveOmitting(o, d.openings[i][k], 0, 1, start, r); err != nil {
				return fmt.Errorf("selection %q of contest %q: %w", list[k].Option, c.ID, err)
			}
		}
		if !NeedsSum(c) {
			continue
		}
		total := d.total(i)
		a, b := d.election.seal(total)
		proof, err := d.election.proveOmitting(o, total, c.Min, c.Max, o.Sum(s, c.Min, c.Max, a, b), r)
		if err != nil {
			return fmt.Errorf("sum of contest %q: %w", c.ID, err)
		}
		d.ballot.Contests[i].Sum = &proof
	}
	return nil
}

// proveOmitting proves that the opened ciphertext holds one of low … high, or
// where the commitments are left out anything at all.
func (e *Election) proveOmitting(o transcript.Omission, plain opening, low, high uint64, start *transcript.Transcript, r io.Reader) (message.Branches, error) {
	n := int(high - low + 1)
	if !o.Has(transcript.OmitBranches) {
		values := make([]kyber.Scalar, n)
		for j := range values {
			values[j] = integer(low + uint64(j))
		}
		return e.proveOneOf(plain, values, func(commitments ...[32]byte) [32]byte {
			return o.Branches(start, commitments...).Sum()
		}, r)
	}
	s, err := drawAll(r, 2*n)
	if err != nil {
		return message.Branches{}, err
	}
	z, c := s[:n], s[n:]
	c[n-1] = reduce(start.Sum())
	for _, other := range c[:n-1] {
		c[n-1] = sub(c[n-1], other)
	}
	return respond(z, c, newScalar()), nil
}
