package scrutineer

import (
	"fmt"
	"io"
	"slices"

	"go.dedis.ch/kyber/v3"

	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
)

// A09: structural faults in the check of a disjunction.
//
// Ronald Cramer, Ivan Damgård, Berry Schoenmakers, CRYPTO 1994, for the proof;
// Thomas Haines, Sarah Jamie Lewis, Olivier Pereira, Vanessa Teague, "How not
// to prove your election outcome", IEEE S&P 2020, for errors in such proofs.
// A proof is sent as c_j, z_j, and the commitments are recomputed from them, so
// that every branch by itself always holds. What makes it a proof are two
// things that a checker can forget.
//
// Σ c_j = hash. Without it any c_j, z_j will do for any plaintext.
//
//	weak.or.noSumCheck accepts a selection or sum proof of the right number of
//	branches, with reduced scalars, whatever its challenges add up to.
//
// Branch j stands for the value that the rules name, 0 or 1, min … max. With
// values out of the proof the prover proves of any plaintext that it is one of
// his own choice.
//
//	weak.or.branchFromProof accepts, besides the sound shape, a selection or
//	sum proof of n ≥ 1 responses z_j and 2n challenges, the second half of
//	which are the values v_j that the branches stand for: a_j = z_jG − c_jα,
//	b_j = z_jY − c_j(β − v_jG), Σ c_j = the hash of S-12 or S-13 with n
//	branches instead of 2 or max−min+1. As there, the values are not hashed.

// BranchFault is one row of the table of A09.
type BranchFault struct {
	Name string
	// Values are what the branches stand for; nil where the proof names none.
	Values []int64
	// Plain is what the first option holds, or the sum where Sum is set.
	Plain int64
	// Sum says that the sum proof is at fault: every option holds 1.
	Sum bool
	// spoil makes the proof of a right shape; it is given an honest one where
	// the plaintext has a branch.
	spoil func(d *draft, p message.Branches, r io.Reader) (message.Branches, error)
}

// Named says whether the proof names the values of its branches.
func (f BranchFault) Named() bool { return f.Values != nil }

// BranchFaults is the table of A09.
func BranchFaults() []BranchFault {
	return []BranchFault{
		{Name: "free", Plain: 1000, spoil: freeScalars},
		{Name: "zeros", Plain: 1000, spoil: func(*draft, message.Branches, io.Reader) (message.Branches, error) {
			return respond([]kyber.Scalar{newScalar(), newScalar()}, []kyber.Scalar{newScalar(), newScalar()}, newScalar()), nil
		}},
		{Name: "opposite", Plain: -10, spoil: func(_ *draft, _ message.Branches, r io.Reader) (message.Branches, error) {
			s, err := drawAll(r, 3)
			if err != nil {
				return message.Branches{}, err
			}
			return respond(s[:2], []kyber.Scalar{s[2], neg(s[2])}, newScalar()), nil
		}},
		{Name: "first-only", Plain: 1, spoil: dropReal},
		{Name: "off-by-one", Plain: 1, spoil: offByOne},
		{Name: "exchanged", Plain: 1, spoil: func(_ *draft, p message.Branches, _ io.Reader) (message.Branches, error) {
			slices.Reverse(p.Challenges)
			slices.Reverse(p.Responses)
			return p, nil
		}},
		{Name: "foreign", Plain: 1000, spoil: func(d *draft, _ message.Branches, _ io.Reader) (message.Branches, error) {
			return d.ballot.Contests[0].Selections[1].Proof, nil
		}},
		{Name: "free-sum", Sum: true, spoil: freeScalars},

		{Name: "named-thousand", Plain: 1000, Values: []int64{0, 1000}},
		{Name: "named-third", Plain: 1000, Values: []int64{0, 1, 1000}},
		{Name: "named-next", Plain: 2, Values: []int64{0, 1, 2}},
		{Name: "named-alone", Plain: 1000, Values: []int64{1000}},
		{Name: "named-zeros", Plain: 0, Values: []int64{0, 0}},
		{Name: "named-ones", Plain: 1, Values: []int64{1, 1, 0}},
		{Name: "named-swapped", Plain: 1, Values: []int64{1, 0}},
		{Name: "named-negative", Plain: -10, Values: []int64{-10, 1}},
		{Name: "named-sum", Sum: true, Values: []int64{0, 1, 2, 3}},
	}
}

func freeScalars(_ *draft, p message.Branches, r io.Reader) (message.Branches, error) {
	return junkProof(max(2, len(p.Challenges)), r)
}

// dropReal leaves the simulated branch as it is and gives the real one the
// challenge 0: whoever looks at one branch sees nothing wrong.
func dropReal(_ *draft, p message.Branches, _ io.Reader) (message.Branches, error) {
	p.Challenges[1] = message.Scalar{}
	return p, nil
}

// offByOne adds 1 to the challenge of the branch that is true, and answers it:
// c + 1, z + r.
func offByOne(d *draft, p message.Branches, _ io.Reader) (message.Branches, error) {
	cz, err := decodeScalars([]message.Scalar{p.Challenges[1], p.Responses[1]})
	if err != nil {
		return p, err
	}
	p.Challenges[1] = encodeScalar(add(cz[0], integer(1)))
	p.Responses[1] = encodeScalar(add(cz[1], d.openings[0][0].r))
	return p, nil
}

// errBranches: the election does not suit the row.
func errBranches(f BranchFault, what string) error { return fmt.Errorf("fault %s: %s", f.Name, what) }

// ForgeBranches is one row of A09, on the first contest of the ballot for a
// fault of selections, on the first one with a sum proof for one of sums. The
// first contest must have no sum proof and two options or more. The rest is
// left empty, which must be allowed.
func (e *Election) ForgeBranches(f BranchFault, line Line, r io.Reader) (*Prepared, error) {
	plain, err := e.plaintexts(line.Style, nil)
	if err != nil {
		return nil, err
	}
	contests, err := e.contests(line.Style)
	if err != nil {
		return nil, err
	}
	at := 0
	if f.Sum {
		at = slices.IndexFunc(contests, NeedsSum)
	}
	switch {
	case at < 0 || f.Sum && len(contests[at].Options) < 3:
		return nil, errBranches(f, "no contest has a sum proof and three options")
	case !f.Sum && (NeedsSum(contests[0]) || len(contests[0].Options) < 2):
		return nil, errBranches(f, "the first contest has a sum proof or one option")
	case f.Sum:
		for k := range contests[at].Options {
			plain[at][k] = integer(1)
		}
	default:
		plain[0][0] = signed(f.Plain)
	}
	d, err := e.draft(line, plain, r)
	if err != nil {
		return nil, err
	}
	if err := d.proveBut(f, at, r); err != nil {
		return nil, errBranches(f, err.Error())
	}
	return d.finish(), nil
}

// signed is n modulo l for small n of either sign.
func signed(n int64) kyber.Scalar { return newScalar().SetInt64(n) }

// proveBut proves everything honestly but what is at fault, and that last,
// since it may copy another proof.
func (d *draft) proveBut(f BranchFault, at int, r io.Reader) error {
	for i, c := range d.ballot.Contests {
		for k := range c.Selections {
			if !f.Sum && i == 0 && k == 0 {
				continue
			}
			if err := d.proveSelection(i, k, r); err != nil {
				return err
			}
		}
		if NeedsSum(d.contests[i]) && !(f.Sum && i == at) {
			if err := d.proveSum(i, r); err != nil {
				return err
			}
		}
	}
	if f.Sum {
		proof, err := d.faultySum(f, at, r)
		d.ballot.Contests[at].Sum = &proof
		return err
	}
	proof, err := d.faultySelection(f, r)
	d.ballot.Contests[0].Selections[0].Proof = proof
	return err
}

func (d *draft) faultySum(f BranchFault, at int, r io.Reader) (message.Branches, error) {
	c, o := d.contests[at], d.total(at)
	a, b := d.election.seal(o)
	if f.Named() {
		return d.election.proveNamed(o, f.Values, d.statement(at).NamedSum(c.Min, c.Max, a, b, len(f.Values)), r)
	}
	return f.spoil(d, message.Branches{Challenges: make([]message.Scalar, c.Max-c.Min+1)}, r)
}

func (d *draft) faultySelection(f BranchFault, r io.Reader) (message.Branches, error) {
	s, o := &d.ballot.Contests[0].Selections[0], d.openings[0][0]
	if f.Named() {
		return d.election.proveNamed(o, f.Values, d.statement(0).NamedSelection(s.Option, s.Alpha, s.Beta, len(f.Values)), r)
	}
	var honest message.Branches
	if f.Plain == 0 || f.Plain == 1 {
		if err := d.proveSelection(0, 0, r); err != nil {
			return honest, err
		}
		honest = s.Proof
	}
	return f.spoil(d, honest, r)
}

// proveNamed is a sound proof that the opened ciphertext holds one of the
// values, with the values behind the challenges.
func (e *Election) proveNamed(o opening, values []int64, start *transcript.Transcript, r io.Reader) (message.Branches, error) {
	list := make([]kyber.Scalar, len(values))
	for j, v := range values {
		list[j] = signed(v)
	}
	p, err := e.proveOneOf(o, list, func(commitments ...[32]byte) [32]byte {
		for _, c := range commitments {
			start.Point(c)
		}
		return start.Sum()
	}, r)
	for _, v := range list {
		p.Challenges = append(p.Challenges, encodeScalar(v))
	}
	return p, err
}
