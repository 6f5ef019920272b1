package scrutineer

import (
	"errors"
	"fmt"

	"go.dedis.ch/kyber/v3"

	"scrutineer/protocols/message"
	"scrutineer/protocols/ristretto"
	"scrutineer/protocols/transcript"
)

// Errors about ballots and openings, each the number of its check.
var (
	ErrDecoding  = errors.New("V-17: not a canonical element or scalar, or the identity")
	ErrShape     = errors.New("V-18: ballot of another shape than its style's")
	ErrCaster    = errors.New("V-19: the ballot's caster is not the one who casts it")
	ErrSelection = errors.New("V-20: a selection proof does not hold")
	ErrSum       = errors.New("V-21: a sum proof does not hold")
	ErrOpening   = errors.New("V-28: an opening does not hold")
)

// CheckBallot is V-17 to V-21 for a ballot that the credential casts.
func (e *Election) CheckBallot(b *message.Ballot, credential message.Element) error {
	if err := e.checkShape(b); err != nil {
		return err
	}
	if b.Caster != (message.Caster{Credential: credential}) {
		return fmt.Errorf("%w: %s", ErrCaster, b.Caster.Credential)
	}
	return e.eachProof(b, func(p proof) error {
		if !p.sum.Equal(p.challenge) {
			return fmt.Errorf("%w: contest %q, option %q", p.fault, p.contest, p.option)
		}
		return nil
	})
}

// checkShape is V-18.
func (e *Election) checkShape(b *message.Ballot) error {
	if b.Fingerprint != e.Fingerprint {
		return fmt.Errorf("%w: fingerprint %s", ErrShape, b.Fingerprint)
	}
	contests, err := e.contests(b.Style)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrShape, err)
	}
	if len(b.Contests) != len(contests) {
		return fmt.Errorf("%w: %d contests", ErrShape, len(b.Contests))
	}
	for i, c := range contests {
		if err := checkAnswer(c, &b.Contests[i]); err != nil {
			return err
		}
	}
	return nil
}

// checkAnswer is V-18 for one contest.
func checkAnswer(c *message.Contest, a *message.BallotContest) error {
	if a.Contest != c.ID {
		return fmt.Errorf("%w: contest %q instead of %q", ErrShape, a.Contest, c.ID)
	}
	if err := checkOptions(c, a); err != nil {
		return err
	}
	branches := 0
	if NeedsSum(c) {
		branches = int(c.Max - c.Min + 1)
	}
	if (a.Sum != nil) != (branches > 0) || a.Sum != nil && !hasBranches(*a.Sum, branches) {
		return fmt.Errorf("%w: contest %q: sum proof", ErrShape, c.ID)
	}
	return nil
}

// checkOptions is the part of V-18 about selections.
func checkOptions(c *message.Contest, a *message.BallotContest) error {
	ids := Selections(c)
	if len(a.Selections) != len(ids) {
		return fmt.Errorf("%w: contest %q: %d selections", ErrShape, c.ID, len(a.Selections))
	}
	for k, id := range ids {
		if s := a.Selections[k]; s.Option != id || !hasBranches(s.Proof, 2) {
			return fmt.Errorf("%w: contest %q: selection %q", ErrShape, c.ID, s.Option)
		}
	}
	return nil
}

func hasBranches(b message.Branches, n int) bool {
	return len(b.Challenges) == n && len(b.Responses) == n
}

// proof is one proof of a ballot with what was recomputed of it. It holds if
// the sum of its challenges is the challenge.
type proof struct {
	fault           error // ErrSelection or ErrSum
	contest, option string
	commitments     []pair
	sum             kyber.Scalar // Σ c_j
	challenge       kyber.Scalar // C of S-12 or S-13
}

// eachProof recomputes every proof of a ballot of right shape, under the
// caster that the ballot names.
func (e *Election) eachProof(b *message.Ballot, visit func(proof) error) error {
	st := transcript.Statement{
		Fingerprint: e.Fingerprint, ElectionKey: e.Key, Style: b.Style,
		Caster:      transcript.Caster(b.Caster),
		Ciphertexts: transcript.Ciphertexts(e.Fingerprint, b.Style, b.Contests),
	}
	for i := range b.Contests {
		if err := e.eachProofOf(st, &b.Contests[i], visit); err != nil {
			return err
		}
	}
	return nil
}

// eachProofOf is eachProof for one contest. The contest is the one that the
// answer names.
func (e *Election) eachProofOf(st transcript.Statement, a *message.BallotContest, visit func(proof) error) error {
	c := Contest(e.Manifest, a.Contest)
	st.Contest = a.Contest
	var sumAlpha, sumBeta kyber.Point = ristretto.NewPoint(), ristretto.NewPoint()
	for k, s := range a.Selections {
		alpha, beta, err := decodeCiphertext(s.Alpha, s.Beta)
		if err != nil {
			return fmt.Errorf("contest %q, option %q: %w", a.Contest, s.Option, err)
		}
		p := proof{fault: ErrSelection, contest: a.Contest, option: s.Option}
		if err := e.recompute(&p, alpha, beta, 0, s.Proof, st.Selection(s.Option, s.Alpha, s.Beta)); err != nil {
			return err
		}
		if err := visit(p); err != nil {
			return err
		}
		if k == len(c.Options) { // blank counts max times
			alpha, beta = times(integer(c.Max), alpha), times(integer(c.Max), beta)
		}
		sumAlpha, sumBeta = plus(sumAlpha, alpha), plus(sumBeta, beta)
	}
	if a.Sum == nil {
		return nil
	}
	p := proof{fault: ErrSum, contest: a.Contest}
	start := st.Sum(c.Min, c.Max, element(sumAlpha), element(sumBeta))
	if err := e.recompute(&p, sumAlpha, sumBeta, c.Min, *a.Sum, start); err != nil {
		return err
	}
	return visit(p)
}

// recompute fills in commitments, sum and challenge.
func (e *Election) recompute(p *proof, alpha, beta kyber.Point, first uint64, b message.Branches, start *transcript.Transcript) error {
	var err error
	if p.commitments, p.sum, err = e.commitments(alpha, beta, first, b); err != nil {
		return fmt.Errorf("%w: contest %q, option %q: %w", ErrDecoding, p.contest, p.option, err)
	}
	for _, c := range p.commitments {
		start.Branch(c.a, c.b)
	}
	p.challenge = reduce(start.Sum())
	return nil
}

// decodeCiphertext is V-17 for a ciphertext of a ballot.
func decodeCiphertext(a, b message.Element) (alpha, beta kyber.Point, err error) {
	alpha, err = decodeElement(a)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrDecoding, err)
	}
	if beta, err = decodeElement(b); err != nil {
		return nil, nil, fmt.Errorf("%w: %w", ErrDecoding, err)
	}
	if isIdentity(alpha) {
		return nil, nil, ErrDecoding
	}
	return alpha, beta, nil
}

// CheckChallenge is V-28: the openings of a challenge hold, in a ballot of
// right shape and within the rules. It is what another device runs to audit a
// client; the result is what the ballot would have counted for.
func (e *Election) CheckChallenge(c *message.Challenge) (Choices, error) {
	contests, err := e.contests(c.Style)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrOpening, err)
	}
	if c.Fingerprint != e.Fingerprint || len(c.Contests) != len(contests) {
		return nil, fmt.Errorf("%w: fingerprint or number of contests", ErrOpening)
	}
	found := make(Choices)
	for i, contest := range contests {
		if found[contest.ID], err = e.checkOpened(contest, &c.Contests[i]); err != nil {
			return nil, err
		}
	}
	return found, nil
}

func (e *Election) checkOpened(c *message.Contest, o *message.OpenedContest) ([]string, error) {
	ids := Selections(c)
	if o.Contest != c.ID || len(o.Selections) != len(ids) {
		return nil, fmt.Errorf("%w: contest %q", ErrOpening, o.Contest)
	}
	chosen, sum := []string{}, uint64(0)
	for k, s := range o.Selections {
		r, err := decodeScalar(s.Randomness)
		if err != nil || s.Option != ids[k] || s.Plaintext > 1 {
			return nil, fmt.Errorf("%w: contest %q, option %q", ErrOpening, c.ID, s.Option)
		}
		alpha, beta := e.seal(opening{integer(s.Plaintext), r})
		if alpha != s.Alpha || beta != s.Beta || isZero(r) {
			return nil, fmt.Errorf("%w: contest %q, option %q: another plaintext", ErrOpening, c.ID, s.Option)
		}
		if s.Plaintext == 0 {
			continue
		}
		chosen = append(chosen, s.Option)
		if s.Option == message.BlankOption {
			sum += c.Max
		} else {
			sum++
		}
	}
	if sum < c.Min || sum > c.Max {
		return nil, fmt.Errorf("%w: contest %q: %d marks", ErrOpening, c.ID, sum)
	}
	return chosen, nil
}
