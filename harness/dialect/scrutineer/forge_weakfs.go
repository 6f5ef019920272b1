package scrutineer

import (
	"errors"
	"fmt"
	"io"
	"math/big"
	"slices"

	"go.dedis.ch/kyber/v3"

	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
)

// A03: weak Fiat–Shamir, a valid proof for a vote that is out of range.
//
// David Bernhard, Olivier Pereira, Bogdan Warinschi, "How not to prove
// yourself: pitfalls of the Fiat–Shamir heuristic and applications to Helios",
// ASIACRYPT 2012. Helios hashed the commitments of a proof but not its
// statement, so that the statement could be chosen after the challenge.
//
// What weak.fs.commitmentsOnly accepts: for each selection proof and each sum
// proof by itself, a_j and b_j recomputed as in S-12 and S-13,
//
//	Σ c_j = C("weak-fs"; list(branches: pt a_j, pt b_j))
//
// besides the sound challenge. Branch counts, canonical scalars and all other
// checks stay.
//
// The forgery, in the signs of SPEC.md. Choose u_j, v_j for j = 0, 1 and
//
//	a_j = u_jG,  b_j = v_jG + u_jY,  c = C("weak-fs"; a_0, b_0, a_1, b_1).
//
// For a ciphertext α = rG, β = mG + rY the checks a_j = z_jG − c_jα and
// b_j = z_jY − c_j(β − jG) hold exactly if
//
//	z_j = u_j + c_j·r  and  v_j = c_j(j − m), so c_0 = −v_0/m, c_1 = v_1/(1−m).
//
// c_0 + c_1 = c is then a quadratic in m,
//
//	c·m² + (v_0 + v_1 − c)·m − v_0 = 0,
//
// solvable for every second choice. m is a number of 252 bits that nobody
// chooses: added to a total it makes the logarithm unfindable.
//
// With v_1 = −v_0 the two roots m, m′ add to 1. Two options that hold m and m′
// (same a_j, b_j, so the same c; own c_0, c_1) leave an honest sum of 1.
// Without a sum proof a single root will do. And where the contest's range is
// {k, k+1}, one root beside k honest marks sums to m + k, for which the very
// same a_j, b_j, c_j are a sum proof: only z_j = u_j + c_j·R takes the total's
// randomness R instead of r.

// WeakFS says how a proof out of range is hidden from the sum proof.
type WeakFS uint8

// The ways of A03. The zero WeakFS is none.
const (
	WeakFSPair   WeakFS = iota + 1 // m and 1−m on two options, the sum proof honest; needs min ≤ 1 ≤ max
	WeakFSSingle                   // m on one option of a contest without sum proof
	WeakFSReused                   // m on one option, its proof used again for the sum; needs max = min + 1
)

// OutOfRange is a forged ballot of A03 with the plaintexts that it hides.
type OutOfRange struct {
	Prepared
	Contest string
	Options []string         // the forged ones
	Values  []message.Scalar // their plaintexts modulo l
}

// errNoRoot: this choice of commitments has no solution; take another.
var errNoRoot = errors.New("the quadratic has no usable root")

// ForgeWeakFS is A03 for one contest of a ballot. Options of that contest are
// used in their order; the other contests are voted on honestly as choices
// say, and choices for the forged one are ignored.
func (e *Election) ForgeWeakFS(way WeakFS, line Line, contest string, choices Choices, r io.Reader) (*OutOfRange, error) {
	at, c, err := e.forgeable(way, line.Style, contest)
	if err != nil {
		return nil, err
	}
	w, err := e.weakRoots(way == WeakFSPair, r)
	if err != nil {
		return nil, err
	}
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
	forged := 1
	plain[at][0] = w.roots[0]
	switch way {
	case WeakFSPair:
		forged, plain[at][1] = 2, w.roots[1]
	case WeakFSReused:
		for k := range c.Min {
			plain[at][1+k] = integer(1)
		}
	}
	d, err := e.draft(line, plain, r)
	if err != nil {
		return nil, err
	}
	if err := d.proveAround(at, forged, w, way == WeakFSReused, r); err != nil {
		return nil, err
	}
	out := &OutOfRange{Prepared: *d.finish(), Contest: contest, Options: Selections(c)[:forged]}
	for _, m := range plain[at][:forged] {
		out.Values = append(out.Values, encodeScalar(m))
	}
	return out, nil
}

// forgeable finds the contest in the style and checks that the way fits it.
func (e *Election) forgeable(way WeakFS, style, contest string) (int, *message.Contest, error) {
	contests, err := e.contests(style)
	if err != nil {
		return 0, nil, err
	}
	at := slices.IndexFunc(contests, func(c *message.Contest) bool { return c.ID == contest })
	if at < 0 {
		return 0, nil, fmt.Errorf("style %q has no contest %q", style, contest)
	}
	c := contests[at]
	fits := false
	switch way {
	case WeakFSPair:
		fits = len(c.Options) >= 2 && (!NeedsSum(c) || c.Min <= 1)
	case WeakFSSingle:
		fits = !NeedsSum(c)
	case WeakFSReused:
		fits = NeedsSum(c) && c.Max == c.Min+1
	}
	if !fits {
		return 0, nil, fmt.Errorf("contest %q (min %d, max %d of %d) does not suit this forgery", contest, c.Min, c.Max, len(c.Options))
	}
	return at, c, nil
}

// weakProof is commitments with the plaintexts for which they prove 0 or 1.
type weakProof struct {
	u, v  [2]kyber.Scalar
	roots []kyber.Scalar
}

// weakRoots draws commitments until the quadratic has roots other than 0 and
// 1; opposite makes them add to 1.
func (e *Election) weakRoots(opposite bool, r io.Reader) (*weakProof, error) {
	for {
		s, err := drawAll(r, 4)
		if err != nil {
			return nil, err
		}
		w := &weakProof{u: [2]kyber.Scalar{s[0], s[1]}, v: [2]kyber.Scalar{s[2], s[3]}}
		if opposite {
			w.v[1] = neg(w.v[0])
		}
		hash := transcript.WeakCommitments(2)
		for j := range 2 {
			hash.Branch(e.commit(w.u[j], w.v[j]))
		}
		c := reduce(hash.Sum())
		w.roots, err = quadratic(c, sub(add(w.v[0], w.v[1]), c), neg(w.v[0]))
		if err == nil && !trivial(w.roots[0]) && !trivial(w.roots[1]) {
			return w, nil
		}
	}
}

// trivial reports m = 0 or m = 1, for which a c_j has no value.
func trivial(m kyber.Scalar) bool { return isZero(m) || isZero(sub(m, integer(1))) }

// branches is the proof for the plaintext m with randomness r:
// c_j = v_j/(j − m), z_j = u_j + c_j·r.
func (w *weakProof) branches(m, r kyber.Scalar) message.Branches {
	c := []kyber.Scalar{div(w.v[0], neg(m)), div(w.v[1], sub(integer(1), m))}
	return respond(w.u[:], c, r)
}

// proveAround proves everything honestly but the first selections of one
// contest, and its sum where the proof is to serve twice.
func (d *draft) proveAround(at, forged int, w *weakProof, reuse bool, r io.Reader) error {
	for i, c := range d.ballot.Contests {
		for k := range c.Selections {
			if i == at && k < forged {
				o := d.openings[i][k]
				c.Selections[k].Proof = w.branches(o.m, o.r)
				continue
			}
			if err := d.proveSelection(i, k, r); err != nil {
				return err
			}
		}
		switch {
		case !NeedsSum(d.contests[i]):
		case i == at && reuse:
			proof := w.branches(d.openings[i][0].m, d.total(i).r)
			d.ballot.Contests[i].Sum = &proof
		default:
			if err := d.proveSum(i, r); err != nil {
				return err
			}
		}
	}
	return nil
}

// quadratic solves a·x² + b·x + c = 0 modulo l: x = (−b ± √(b² − 4ac))/2a.
// All of it is the forger's own; time does not matter.
func quadratic(a, b, c kyber.Scalar) ([]kyber.Scalar, error) {
	square := sub(mul(b, b), mul(integer(4), mul(a, c)))
	root, err := squareRoot(square)
	if err != nil || isZero(a) {
		return nil, errNoRoot
	}
	twice := mul(integer(2), a)
	return []kyber.Scalar{div(sub(root, b), twice), div(sub(neg(root), b), twice)}, nil
}

// squareRoot is a root of s modulo l.
func squareRoot(s kyber.Scalar) (kyber.Scalar, error) {
	order, _ := new(big.Int).SetString("7237005577332262213973186563042994240857116359379907606001950938285454250989", 10)
	encoded := encodeScalar(s)
	slices.Reverse(encoded[:])
	root := new(big.Int).ModSqrt(new(big.Int).SetBytes(encoded[:]), order)
	if root == nil {
		return nil, errNoRoot
	}
	var out message.Scalar
	root.FillBytes(out[:])
	slices.Reverse(out[:])
	return decodeScalar(out)
}
