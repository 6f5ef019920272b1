package scrutineer

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"scrutineer/protocols/message"
)

// A08: only the individual ranges are proven, not the sum.
//
// Folklore, seen in Helios: a question whose maximum is null is taken for an
// approval question, and no overall proof is asked for. Each selection is
// proven to be 0 or 1, honestly; what is wrong is how many there are.
//
// What weak.ballot.skipSumProof accepts: in every contest `sum` may be absent
// or present, with any number of challenges and responses up to 257, and is
// not looked at. Selections and their proofs stay. The tracker covers what is
// there. Openings (V-28) and totals (V-40) stay: to get through to the result
// the forged marks must be made up for by honest ones, so min < max and enough
// honest voters below max (or, for too few marks, above min).

// SumForm is what stands where the sum proof belongs.
type SumForm uint8

// The forms of A08. The zero SumForm is none.
const (
	SumAbsent SumForm = iota + 1 // the member is left out
	SumJunk                      // right shape, random scalars: only V-21 can see it
	SumWider                     // an honest proof for a range wide enough, as if under another rule
)

// errNotForged: the marks are within the rules, so there is nothing to forge.
var errNotForged = errors.New("these marks are allowed")

// ForgeMarks is A08 for one contest of a ballot: exactly these selections are
// 1 there, whatever its rules say. All options; blank and an option; none
// where min ≥ 1. The other contests are voted on honestly as choices say.
func (e *Election) ForgeMarks(form SumForm, line Line, contest string, marks []string, choices Choices, r io.Reader) (*Prepared, error) {
	all := make(Choices)
	for id, chosen := range choices {
		all[id] = chosen
	}
	all[contest] = marks
	plain, err := e.plaintexts(line.Style, all)
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
	for i, c := range d.contests {
		switch {
		case c.ID == contest:
			err = d.forgeSum(form, i, marks, r)
		case NeedsSum(c):
			err = d.proveSum(i, r)
		}
		if err != nil {
			return nil, fmt.Errorf("sum of contest %q: %w", c.ID, err)
		}
	}
	return d.finish(), nil
}

// forgeSum puts the form where the contest's sum proof belongs.
func (d *draft) forgeSum(form SumForm, at int, marks []string, r io.Reader) error {
	c := d.contests[at]
	sum := uint64(len(marks))
	if slices.Contains(marks, message.BlankOption) {
		sum += c.Max - 1
	}
	if sum >= c.Min && sum <= c.Max {
		return errNotForged
	}
	switch form {
	case SumAbsent:
		return nil
	case SumJunk:
		n := int(c.Max - c.Min + 1)
		s, err := drawAll(r, 2*n)
		if err != nil {
			return err
		}
		proof := respond(s[:n], s[n:], newScalar())
		d.ballot.Contests[at].Sum = &proof
		return nil
	case SumWider:
		return d.proveRange(at, min(c.Min, sum), max(c.Max, sum), r)
	}
	return fmt.Errorf("no form %d", form)
}
