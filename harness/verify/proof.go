package verify

import (
	"scrutineer/harness/verify/challenge"
	"scrutineer/harness/verify/point"
	"scrutineer/protocols/message"
)

// proofs makes V-20 and V-21. The commitments of all proofs of the ballot are
// recomputed in one go.
func (b *ballotCheck) proofs() {
	statement := challenge.Statement{
		Fingerprint: b.s.fingerprint, Key: b.s.electionKey, Style: b.c.Ballot.Style,
		Caster: b.casting,
		HCT:    challenge.Ciphertexts(b.c.Ballot.Fingerprint, b.c.Ballot.Style, b.c.Ballot.Contests),
	}
	var work disjunctions
	for i, at := range b.s.index.ballots[b.style] {
		for j := range b.decoded[i] {
			s := &b.decoded[i][j]
			work.add(&s.alpha, &s.beta, 0, s.challenges, s.response)
		}
		if want := &b.s.index.shapes[at]; want.branches > 0 {
			sum := &b.sums[i]
			sum.a, sum.b = sumOf(b.decoded[i], want.contest)
			work.add(&sum.a, &sum.b, want.contest.Min, sum.challenges, sum.responses)
		}
	}
	commitments := b.s.evaluate.Evaluate(nil, work.terms, work.points)
	for i, at := range b.s.index.ballots[b.style] {
		c := &b.c.Ballot.Contests[i]
		statement.Contest = c.Contest
		for j := range c.Selections {
			commitments = b.selectionProof(&statement, &c.Selections[j], b.decoded[i][j].challenges, commitments)
		}
		if want := &b.s.index.shapes[at]; want.branches > 0 {
			commitments = b.sumProof(&statement, want.contest, i, commitments)
		}
	}
}

// selectionProof checks one selection (S-12) and returns the commitments that
// are left.
func (b *ballotCheck) selectionProof(s *challenge.Statement, sel *message.Selection, challenges []point.Scalar, commitments [][32]byte) [][32]byte {
	b.t.see(Selections, 1)
	text := s.Selection(sel.Option, sel.Alpha, sel.Beta)
	want, rest := finish(text, 2, commitments)
	if got := total(challenges); !got.Equal(&want) {
		b.fail(found(Selections, "selection %s of contest %s is not proven to be 0 or 1", sel.Option, s.Contest).
			contest(s.Contest).option(sel.Option).
			sides("c_0 + c_1 = C(\"selection-proof\"; …)", got.Bytes(), want.Bytes()))
	}
	return rest
}

// sumProof checks one contest's sum (S-13).
func (b *ballotCheck) sumProof(s *challenge.Statement, c *message.Contest, i int, commitments [][32]byte) [][32]byte {
	b.t.see(Sums, 1)
	sum := &b.sums[i]
	text := s.Sum(c.Min, c.Max, sum.a.Encode(), sum.b.Encode())
	want, rest := finish(text, len(sum.challenges), commitments)
	if got := total(sum.challenges); !got.Equal(&want) {
		b.fail(found(Sums, "contest %s is not proven to have %d to %d votes", s.Contest, c.Min, c.Max).
			contest(s.Contest).
			sides("Σ c_j = C(\"sum-proof\"; …)", got.Bytes(), want.Bytes()))
	}
	return rest
}

// finish adds the commitments of n branches to a challenge's text.
func finish(text challenge.Text, n int, commitments [][32]byte) (point.Scalar, [][32]byte) {
	for j := range n {
		text = text.Pt(commitments[2*j]).Pt(commitments[2*j+1])
	}
	return text.Scalar(), commitments[2*n:]
}

func total(scalars []point.Scalar) (sum point.Scalar) {
	for i := range scalars {
		sum = sum.Add(&scalars[i])
	}
	return sum
}

// sumOf is (A, B) of S-13: the sums over the options, and max times blank.
func sumOf(list []selection, c *message.Contest) (a, b point.Point) {
	a, b = point.Identity(), point.Identity()
	for j := range list {
		if j == len(c.Options) {
			blankA, blankB := times(c.Max, &list[j].alpha), times(c.Max, &list[j].beta)
			a.Add(&a, &blankA)
			b.Add(&b, &blankB)
			continue
		}
		a.Add(&a, &list[j].alpha)
		b.Add(&b, &list[j].beta)
	}
	return a, b
}

// disjunctions collects the terms of proofs that one of several plaintexts
// low, low+1 … is encrypted in (α, β): for the branch of plaintext m
//
//	a = zG - cα,  b = zY - c(β - mG) = zY + (cm)G - cβ.
//
// Commitments come out in the order a, b of each branch.
type disjunctions struct {
	points []point.Point
	terms  []point.Linear
}

func (d *disjunctions) add(alpha, beta *point.Point, low uint64, challenges, responses []point.Scalar) {
	at := len(d.points)
	d.points = append(d.points, *alpha, *beta)
	for j := range challenges {
		m := point.ScalarOf(low + uint64(j))
		d.terms = append(d.terms,
			point.Linear{U: responses[j], C: challenges[j], P: at},
			point.Linear{V: responses[j], U: challenges[j].Mul(&m), C: challenges[j], P: at + 1})
	}
}
