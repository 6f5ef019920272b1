package scrutineer

import (
	"fmt"
	"io"
	"slices"

	"go.dedis.ch/kyber/v3"

	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
)

// Choices are the ids of the options chosen in each contest, by contest id; a
// contest that is not there is left empty. "blank" is the blank vote.
type Choices map[string][]string

// Prepared is an encrypted ballot before the decision, with what only the
// client knows.
type Prepared struct {
	Ballot  message.Ballot
	Tracker message.Digest // to be shown before the decision (S-15)
	Opening message.Challenge
}

// draft is a ballot in the making: ciphertexts first, proofs after them,
// because every proof covers all ciphertexts.
type draft struct {
	election *Election
	contests []*message.Contest
	openings [][]opening
	ballot   message.Ballot

	caster      [32]byte
	ciphertexts [32]byte
}

// plaintexts are the numbers to encrypt for each selection of a ballot.
func (e *Election) plaintexts(style string, choices Choices) ([][]kyber.Scalar, error) {
	contests, err := e.contests(style)
	if err != nil {
		return nil, err
	}
	out, used := make([][]kyber.Scalar, len(contests)), 0
	for i, c := range contests {
		chosen, ids := choices[c.ID], Selections(c)
		for _, o := range chosen {
			if !slices.Contains(ids, o) {
				return nil, fmt.Errorf("contest %q has no option %q", c.ID, o)
			}
		}
		for _, id := range ids {
			m := uint64(0)
			if slices.Contains(chosen, id) {
				m = 1
			}
			out[i] = append(out[i], integer(m))
		}
		if _, ok := choices[c.ID]; ok {
			used++
		}
	}
	if used != len(choices) {
		return nil, fmt.Errorf("choices for contests that style %q has not", style)
	}
	return out, nil
}

// draft encrypts plaintexts with fresh randomness as a ballot of the style.
func (e *Election) draft(line Line, plain [][]kyber.Scalar, r io.Reader) (*draft, error) {
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
	contests, err := e.contests(line.Style)
	if err != nil {
		return nil, err
	}
	return e.draftOf(line, contests, openings)
}

// draftOf encrypts given openings, an answer for each of the contests.
func (e *Election) draftOf(line Line, contests []*message.Contest, openings [][]opening) (*draft, error) {
	if len(openings) != len(contests) {
		return nil, fmt.Errorf("%d answers for %d contests", len(openings), len(contests))
	}
	d := &draft{election: e, contests: contests, openings: openings, ballot: message.Ballot{
		Caster:      message.Caster{Credential: line.Key},
		Fingerprint: e.Fingerprint,
		Style:       line.Style,
		Unit:        line.Unit,
		Weight:      line.Weight,
	}}
	for i, c := range contests {
		answer, ids := message.BallotContest{Contest: c.ID}, Selections(c)
		if len(openings[i]) != len(ids) {
			return nil, fmt.Errorf("contest %q: %d plaintexts for %d selections", c.ID, len(openings[i]), len(ids))
		}
		for k, id := range ids {
			s := message.Selection{Option: id}
			s.Alpha, s.Beta = e.seal(openings[i][k])
			answer.Selections = append(answer.Selections, s)
		}
		d.ballot.Contests = append(d.ballot.Contests, answer)
	}
	d.caster = transcript.Caster(d.ballot.Caster)
	d.ciphertexts = d.hct()
	return d, nil
}

// hct is S-10.
func (d *draft) hct() [32]byte {
	return transcript.Ciphertexts(d.election.Fingerprint, d.ballot.Style, d.ballot.Contests)
}

// statement is what the proofs of one contest share.
func (d *draft) statement(contest int) transcript.Statement {
	return transcript.Statement{
		Fingerprint: d.election.Fingerprint,
		ElectionKey: d.election.Key,
		Style:       d.ballot.Style,
		Contest:     d.contests[contest].ID,
		Caster:      d.caster,
		Ciphertexts: d.ciphertexts,
	}
}

// proveSelection is S-12.
func (d *draft) proveSelection(contest, selection int, r io.Reader) error {
	s := &d.ballot.Contests[contest].Selections[selection]
	start := d.statement(contest).Selection(s.Option, s.Alpha, s.Beta)
	var err error
	s.Proof, err = d.election.prove(d.openings[contest][selection], 0, 2, start, r)
	return err
}

// total is the opening of the statement of S-13: all options and max times
// the blank selection.
func (d *draft) total(contest int) opening {
	c, sum := d.contests[contest], opening{newScalar(), newScalar()}
	for k, o := range d.openings[contest] {
		if k == len(c.Options) {
			o = o.scaled(c.Max)
		}
		sum = sum.plus(o)
	}
	return sum
}

// proveSum is S-13 with the contest's own range.
func (d *draft) proveSum(contest int, r io.Reader) error {
	c := d.contests[contest]
	return d.proveRange(contest, c.Min, c.Max, r)
}

// proveRange is S-13 with any range.
func (d *draft) proveRange(contest int, low, high uint64, r io.Reader) error {
	sum := d.total(contest)
	a, b := d.election.seal(sum)
	proof, err := d.election.prove(sum, low, int(high-low+1), d.statement(contest).Sum(low, high, a, b), r)
	if err != nil {
		return err
	}
	d.ballot.Contests[contest].Sum = &proof
	return nil
}

// proveSelections is S-12 for every selection of the ballot.
func (d *draft) proveSelections(r io.Reader) error {
	for i, c := range d.ballot.Contests {
		for k, s := range c.Selections {
			if err := d.proveSelection(i, k, r); err != nil {
				return fmt.Errorf("selection %q of contest %q: %w", s.Option, c.Contest, err)
			}
		}
	}
	return nil
}

// proveSums is S-13 for every contest that wants it.
func (d *draft) proveSums(r io.Reader) error {
	for i, c := range d.contests {
		if !NeedsSum(c) {
			continue
		}
		if err := d.proveSum(i, r); err != nil {
			return fmt.Errorf("sum of contest %q: %w", c.ID, err)
		}
	}
	return nil
}

// finish computes the tracker and the opening.
func (d *draft) finish() *Prepared {
	p := &Prepared{Ballot: d.ballot, Tracker: transcript.Tracker(&d.ballot)}
	p.Opening = message.Challenge{
		Commitment:  transcript.Proofs(d.caster, d.ballot.Contests),
		Fingerprint: d.ballot.Fingerprint,
		Style:       d.ballot.Style,
	}
	for i, c := range d.ballot.Contests {
		opened := message.OpenedContest{Contest: c.Contest}
		for k, s := range c.Selections {
			m := uint64(0) // a forged plaintext cannot be opened and stays 0
			if !isZero(d.openings[i][k].m) {
				m = 1
			}
			opened.Selections = append(opened.Selections, message.OpenedSelection{
				Alpha: s.Alpha, Beta: s.Beta, Option: s.Option,
				Plaintext: m, Randomness: encodeScalar(d.openings[i][k].r)})
		}
		p.Opening.Contests = append(p.Opening.Contests, opened)
	}
	return p
}

// Prepare encrypts and proves a ballot (S-10 to S-15). It refuses choices that
// the rules of a contest do not allow.
func (e *Election) Prepare(line Line, choices Choices, r io.Reader) (*Prepared, error) {
	plain, err := e.plaintexts(line.Style, choices)
	if err != nil {
		return nil, err
	}
	d, err := e.draft(line, plain, r)
	if err != nil {
		return nil, err
	}
	if err := d.proveSelections(r); err != nil {
		return nil, err
	}
	if err := d.proveSums(r); err != nil {
		return nil, err
	}
	return d.finish(), nil
}
