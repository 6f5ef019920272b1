package scrutineer

import (
	"fmt"
	"io"
	"slices"

	"go.dedis.ch/kyber/v3"

	"scrutineer/protocols/message"
)

// A07: only the sum is proven.
//
// Folklore, known as the reason for the proofs of single selections since
// Benaloh and Cramer, Gennaro, Schoenmakers 1997. The exponents of three or
// more options are
//
//	gain: 1 + n, lose: −n, all others: 0
//
// so that they add up to 1 and the sum proof is honest. n votes move.
//
// What weak.ballot.skipIndividualProofs accepts: the proof of a selection may
// have any number of challenges and responses, none included, and is not
// looked at (V-18, V-20). Sum proofs and totals stay: to get through to the
// result there must be n honest votes for the loser, and as many ballots as
// the winner's total.

// RangeForm is what stands where the proofs of single selections belong.
type RangeForm uint8

// The forms of A07. The zero RangeForm is none.
const (
	RangeJunk      RangeForm = iota + 1 // right shape, random scalars: only V-20 can see it
	RangeAbsent                         // empty lists
	RangeTruncated                      // the first branch only
	RangeCopied                         // the honest proof of an option with 0 stands at every option
	RangeReordered                      // the honest proofs of the options with 0 stand at those that lie
)

// ForgeExponents is A07 for one contest of a ballot: n votes move from lose
// to gain, besides the one vote for gain. The other contests are voted on
// honestly as choices say.
func (e *Election) ForgeExponents(form RangeForm, line Line, contest, gain, lose string, n uint64, choices Choices, r io.Reader) (*Prepared, error) {
	rest := make(Choices)
	for id, chosen := range choices {
		if id != contest {
			rest[id] = chosen
		}
	}
	plain, err := e.plaintexts(line.Style, rest)
	if err != nil {
		return nil, err
	}
	d, at, err := e.exponents(line, plain, contest, map[string]kyber.Scalar{gain: integer(n + 1), lose: neg(integer(n))}, r)
	if err != nil {
		return nil, err
	}
	ids := Selections(d.contests[at])
	liars := []int{slices.Index(ids, gain), slices.Index(ids, lose)}
	for i, c := range d.ballot.Contests {
		for k := range c.Selections {
			if i == at && slices.Contains(liars, k) {
				continue
			}
			if err := d.proveSelection(i, k, r); err != nil {
				return nil, err
			}
		}
	}
	if err := d.misprove(form, at, liars, r); err != nil {
		return nil, fmt.Errorf("contest %q: %w", contest, err)
	}
	if err := d.proveSums(r); err != nil {
		return nil, err
	}
	return d.finish(), nil
}

// exponents drafts a ballot in which options of one contest hold numbers that
// need not be 0 or 1.
func (e *Election) exponents(line Line, plain [][]kyber.Scalar, contest string, numbers map[string]kyber.Scalar, r io.Reader) (*draft, int, error) {
	contests, err := e.contests(line.Style)
	if err != nil {
		return nil, 0, err
	}
	at := slices.IndexFunc(contests, func(c *message.Contest) bool { return c.ID == contest })
	if at < 0 {
		return nil, 0, fmt.Errorf("style %q has no contest %q", line.Style, contest)
	}
	ids := Selections(contests[at])
	for id, number := range numbers {
		k := slices.Index(ids, id)
		if k < 0 {
			return nil, 0, fmt.Errorf("contest %q has no option %q", contest, id)
		}
		plain[at][k] = number
	}
	d, err := e.draft(line, plain, r)
	return d, at, err
}

// misprove puts the form where the proofs of the liars belong.
func (d *draft) misprove(form RangeForm, at int, liars []int, r io.Reader) error {
	list := d.ballot.Contests[at].Selections
	var honest []message.Branches
	for k := range list {
		if !slices.Contains(liars, k) {
			honest = append(honest, list[k].Proof)
		}
	}
	if len(honest) == 0 {
		return fmt.Errorf("every option of %d lies; one must be honest", len(list))
	}
	for i, k := range liars {
		junk, err := junkProof(2, r)
		if err != nil {
			return err
		}
		switch form {
		case RangeJunk:
		case RangeAbsent:
			junk = message.Branches{Challenges: []message.Scalar{}, Responses: []message.Scalar{}}
		case RangeTruncated:
			junk.Challenges, junk.Responses = junk.Challenges[:1], junk.Responses[:1]
		case RangeCopied:
			junk = honest[0]
		case RangeReordered:
			from := (i + 1) % len(honest)
			junk, honest[from] = honest[from], junk
		default:
			return fmt.Errorf("no form %d", form)
		}
		list[k].Proof = junk
	}
	if form != RangeReordered {
		return nil
	}
	for k := range list {
		if !slices.Contains(liars, k) {
			list[k].Proof, honest = honest[0], honest[1:]
		}
	}
	return nil
}

// junkProof has the shape of a proof with n branches, and random scalars.
func junkProof(n int, r io.Reader) (message.Branches, error) {
	s, err := drawAll(r, 2*n)
	if err != nil {
		return message.Branches{}, err
	}
	return respond(s[:n], s[n:], newScalar()), nil
}
