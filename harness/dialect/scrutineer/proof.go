package scrutineer

import (
	"errors"
	"fmt"
	"io"

	"go.dedis.ch/kyber/v3"

	"scrutineer/protocols/message"
	"scrutineer/protocols/ristretto"
	"scrutineer/protocols/transcript"
)

// opening is the plaintext and the randomness of a ciphertext:
// α = rG, β = mG + rY. Honest plaintexts are 0 or 1; a forger's are not.
type opening struct{ m, r kyber.Scalar }

func (o opening) plus(p opening) opening { return opening{add(o.m, p.m), add(o.r, p.r)} }

func (o opening) scaled(n uint64) opening {
	return opening{mul(integer(n), o.m), mul(integer(n), o.r)}
}

// seal is the ciphertext of an opening.
func (e *Election) seal(o opening) (alpha, beta message.Element) {
	return element(base(o.r)), element(plus(base(o.m), e.timesKey(o.r)))
}

// errNoBranch: an honest proof was asked for of a plaintext outside the range.
var errNoBranch = errors.New("the plaintext has no branch")

// prove is the disjunctive proof of S-12 and S-13 that the opened ciphertext
// holds one of first, first+1, …, first+n−1. The challenge continues start.
//
// Who knows r computes the commitments from G and Y alone: with
// z_j = w_j + c_j·r,
//
//	a_j = z_jG − c_jα = w_jG
//	b_j = z_jY − c_j(β − jG) = w_jY + c_j(j − m)G.
//
// For j = m the challenge cancels, so that branch's may come last.
func (e *Election) prove(o opening, first uint64, n int, start *transcript.Transcript, r io.Reader) (message.Branches, error) {
	values := make([]kyber.Scalar, n)
	for j := range values {
		values[j] = integer(first + uint64(j))
	}
	return e.proveOneOf(o, values, func(commitments ...[32]byte) [32]byte {
		for _, c := range commitments {
			start.Point(c)
		}
		return start.Sum()
	}, r)
}

// proveOneOf is prove for branches that stand for any values. hash is given
// a_0, b_0, a_1, b_1, …
func (e *Election) proveOneOf(o opening, values []kyber.Scalar, hash func(commitments ...[32]byte) [32]byte, r io.Reader) (message.Branches, error) {
	n := len(values)
	w, err := drawAll(r, n)
	if err != nil {
		return message.Branches{}, err
	}
	c, err := drawAll(r, n)
	if err != nil {
		return message.Branches{}, err
	}
	real := -1
	var commitments [][32]byte
	for j := range n {
		distance := sub(values[j], o.m)
		if isZero(distance) {
			real = j
		}
		a, b := e.commit(w[j], mul(c[j], distance))
		commitments = append(commitments, a, b)
	}
	if real < 0 {
		return message.Branches{}, errNoBranch
	}
	rest := reduce(hash(commitments...))
	for j := range n {
		if j != real {
			rest = sub(rest, c[j])
		}
	}
	c[real] = rest
	return respond(w, c, o.r), nil
}

// commit is a_j = uG, b_j = vG + uY.
func (e *Election) commit(u, v kyber.Scalar) (a, b message.Element) {
	return element(base(u)), element(plus(base(v), e.timesKey(u)))
}

// respond closes the branches: z_j = w_j + c_j·r.
func respond(w, c []kyber.Scalar, r kyber.Scalar) message.Branches {
	var out message.Branches
	for j := range c {
		out.Challenges = append(out.Challenges, encodeScalar(c[j]))
		out.Responses = append(out.Responses, encodeScalar(add(w[j], mul(c[j], r))))
	}
	return out
}

// pair is the commitments a_j, b_j of a branch.
type pair struct{ a, b message.Element }

// commitments recomputes a_j = z_jG − c_jα and b_j = z_jY − c_j(β − jG) for
// the branches first, first+1, … of a ciphertext. All of it is public.
func (e *Election) commitments(alpha, beta kyber.Point, first uint64, b message.Branches) ([]pair, kyber.Scalar, error) {
	c, err := decodeScalars(b.Challenges)
	if err != nil {
		return nil, nil, err
	}
	z, err := decodeScalars(b.Responses)
	if err != nil {
		return nil, nil, err
	}
	if len(z) != len(c) {
		return nil, nil, fmt.Errorf("%d challenges, %d responses", len(c), len(z))
	}
	g, sum := ristretto.GeneratorTable(), newScalar()
	left, right := ristretto.Shared{Point: alpha}, ristretto.Shared{Point: beta}
	for j := range c {
		sum = add(sum, c[j])
		minus := neg(c[j])
		left.Sums = append(left.Sums, ristretto.Sum{Scalar: minus,
			Terms: []ristretto.Term{{Table: g, Scalar: z[j]}}})
		right.Sums = append(right.Sums, ristretto.Sum{Scalar: minus,
			Terms: []ristretto.Term{{Table: e.table, Scalar: z[j]},
				{Table: g, Scalar: mul(c[j], integer(first+uint64(j)))}}})
	}
	points := ristretto.NewSuite(nil).CombineBytes(left, right)
	out := make([]pair, len(c))
	for j := range out {
		out[j] = pair{points[j], points[len(c)+j]}
	}
	return out, sum, nil
}
