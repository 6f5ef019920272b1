package scrutineer

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"go.dedis.ch/kyber/v3"

	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
)

// A04: weak Fiat–Shamir in the proof of decryption. A wrong factor with a
// valid proof.
//
// Bernhard, Pereira, Warinschi, ASIACRYPT 2012; Haines, Lewis, Pereira,
// Teague, "How not to prove your election outcome", IEEE S&P 2020, where iVote
// and the Swiss Post system are read; the latter's attack needs the randomness
// of the encryptions, as this one does. A proof (c, z) that X = xG and d = xα
// holds if
//
//	zG = a + cX, zα = b + c·d.
//
// Where c hashes a and b alone, the prover chooses a and b first, learns c, and
// takes z = c·x + (the logarithm of a) and d = (zα − b)/c. Two uses:
//
//   - Any total. With a the identity and b = uG the factor is d = xα − (u/c)G,
//     which moves the total by λu/c: a number of 252 bits that nobody finds.
//   - A chosen total. Fix a = vG, b = uG and so c before the voting. To add δ,
//     d must be xα − (δ/λ)G, that is b = vα + (cδ/λ)G; with α = RG,
//
//     R = (u − cδ/λ)/v.
//
//     R is the sum of the ballots' randomness. Who knows all but the last of
//     them, because clients leak or are the forger's, makes the last ballot
//     with what is missing. That ballot is honest in every other way: its
//     proofs hold, and it hides a lawful vote.
//
// λ is the trustee's Lagrange coefficient, so who answers is fixed before the
// last ballot. One option gains what another loses: totals stay in range.
//
// What weak.fs.decryptCommitmentsOnly accepts: a factor's proof under the
// challenge C("weak-fs-decryption"; pt a, pt b). All else of V-36 and V-37 is
// compared as ever.

// ChosenTotal is the trustee's plan for one cell of a contest.
type ChosenTotal struct {
	Contest string
	Deltas  Deltas   // what to add to each option's total
	Index   uint64   // the trustee's
	Quorum  []uint64 // the t trustees that will answer, Index among them

	fixed map[string]fixedProof // by option
}

// fixedProof is a = vG, b = uG with the challenge that they hash to.
type fixedProof struct{ v, u, c kyber.Scalar }

// Known is the randomness of a ballot that will count, as its client knows it.
type Known struct {
	Opening *message.Challenge
	Weight  uint64
}

// fix draws the commitments for the options to be moved.
func (p *ChosenTotal) fix(r io.Reader) error {
	if !slices.Contains(p.Quorum, p.Index) {
		return fmt.Errorf("trustee %d is not among those that answer", p.Index)
	}
	p.fixed = map[string]fixedProof{}
	for _, option := range slices.Sorted(maps.Keys(p.Deltas)) {
		if p.Deltas[option] == 0 {
			continue
		}
		s, err := drawAll(r, 2)
		if err != nil {
			return err
		}
		p.fixed[option] = fixedProof{s[0], s[1], weakDecryption(base(s[0]), base(s[1]))}
	}
	return nil
}

func weakDecryption(a, b kyber.Point) kyber.Scalar {
	return reduce(transcript.WeakDecryption(element(a), element(b)))
}

// randomness is the R of an option: (u − cδ/λ)/v.
func (p *ChosenTotal) randomness(option string) kyber.Scalar {
	f := p.fixed[option]
	shift := div(newScalar().SetInt64(p.Deltas[option]), Lagrange(p.Quorum, p.Index))
	return div(sub(f.u, mul(f.c, shift)), f.v)
}

// ForgeLast makes the last ballot of the plan's cell, given all others of it,
// and fixes the plan. The ballot is sound and hides what choices say.
func (e *Election) ForgeLast(p *ChosenTotal, line Line, choices Choices, others []Known, r io.Reader) (*Prepared, error) {
	at, c, err := e.contestAt(line.Style, p.Contest)
	if err != nil {
		return nil, err
	}
	if err := p.fix(r); err != nil {
		return nil, err
	}
	plain, err := e.plaintexts(line.Style, choices)
	if err != nil {
		return nil, err
	}
	openings := make([][]opening, len(plain))
	for i := range plain {
		for _, m := range plain[i] {
			x, err := draw(r)
			if err != nil {
				return nil, err
			}
			openings[i] = append(openings[i], opening{m, x})
		}
	}
	for k, option := range Selections(c) {
		if _, moved := p.fixed[option]; !moved {
			continue
		}
		sum, err := summed(others, p.Contest, k)
		if err != nil {
			return nil, err
		}
		openings[at][k].r = div(sub(p.randomness(option), sum), integer(line.Weight))
	}
	return e.sealed(line, openings, r)
}

// contestAt finds a contest and its place on the ballots of a style.
func (e *Election) contestAt(style, contest string) (int, *message.Contest, error) {
	contests, err := e.contests(style)
	if err != nil {
		return 0, nil, err
	}
	at := slices.IndexFunc(contests, func(c *message.Contest) bool { return c.ID == contest })
	if at < 0 {
		return 0, nil, fmt.Errorf("style %q has no contest %q", style, contest)
	}
	return at, contests[at], nil
}

// sealed is a ballot of given openings with honest proofs.
func (e *Election) sealed(line Line, openings [][]opening, r io.Reader) (*Prepared, error) {
	contests, err := e.contests(line.Style)
	if err != nil {
		return nil, err
	}
	d, err := e.draftOf(line, contests, openings)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(d.proveSelections(r), d.proveSums(r)); err != nil {
		return nil, err
	}
	return d.finish(), nil
}

// summed is Σ weight·r over the ballots that hold the contest, at one
// selection.
func summed(ballots []Known, contest string, selection int) (kyber.Scalar, error) {
	sum := newScalar()
	for _, b := range ballots {
		for _, c := range b.Opening.Contests {
			if c.Contest != contest {
				continue
			}
			if selection >= len(c.Selections) {
				return nil, fmt.Errorf("a ballot has %d selections in contest %q", len(c.Selections), contest)
			}
			r, err := decodeScalar(c.Selections[selection].Randomness)
			if err != nil {
				return nil, err
			}
			sum = add(sum, mul(integer(b.Weight), r))
		}
	}
	return sum, nil
}

// ErrRandomness: the aggregate is not of the ballots that the plan knows.
var ErrRandomness = errors.New("the randomness of the aggregate is not as planned")

// ForgeChosen is the share that adds the plan's deltas, with proofs that hold
// under the weak challenge; those of the other options are honest.
func (s *Shares) ForgeChosen(a *message.Aggregate, p *ChosenTotal) (*message.DecryptionShare, error) {
	b, err := s.honest(a)
	if err != nil {
		return nil, err
	}
	for k := range b.Shares {
		f := &b.Shares[k]
		plan, moved := p.fixed[f.Option]
		if !moved {
			continue
		}
		alpha, err := decodeElement(f.Alpha)
		if err != nil {
			return nil, err
		}
		if !alpha.Equal(base(p.randomness(f.Option))) {
			return nil, fmt.Errorf("%w: option %q", ErrRandomness, f.Option)
		}
		s.force(f, alpha, plan)
	}
	return b, nil
}

// force is z = v + cx, d = (zα − uG)/c.
func (s *Shares) force(f *message.Factor, alpha kyber.Point, plan fixedProof) {
	z := add(plan.v, mul(plan.c, s.Secret))
	d := times(div(integer(1), plan.c), minus(times(z, alpha), base(plan.u)))
	f.Factor = element(d)
	f.Proof = message.Compact{Challenge: encodeScalar(plan.c), Response: encodeScalar(z)}
}

// ForgeHuge moves the total of one option by a number of 252 bits. It needs no
// ballot and no randomness: a is the identity, b = uG.
func (s *Shares) ForgeHuge(a *message.Aggregate, option string) (*message.DecryptionShare, error) {
	b, err := s.honest(a)
	if err != nil {
		return nil, err
	}
	k := optionIndex(a, option)
	if k < 0 {
		return nil, fmt.Errorf("no option %q", option)
	}
	u, err := draw(s.Random)
	if err != nil {
		return nil, err
	}
	alpha, err := decodeElement(b.Shares[k].Alpha)
	if err != nil {
		return nil, err
	}
	nothing := newScalar()
	s.force(&b.Shares[k], alpha, fixedProof{nothing, u, weakDecryption(base(nothing), base(u))})
	return b, nil
}
