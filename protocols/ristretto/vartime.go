package ristretto

import (
	"filippo.io/edwards25519"
	"go.dedis.ch/kyber/v3"
)

// VarTime is what a group may offer beyond kyber.Group for work on PUBLIC data:
// its running time tells the scalars and points. Whoever verifies asks for it
// by type assertion and falls back to kyber.Group where it is missing; whoever
// holds a secret never names it. Points made with UnsafeFromEdwards have no place
// here either: the results are right in the group, not on the curve below it.
type VarTime interface {
	// DoubleMul sets dst = a·A + b·G and returns dst.
	DoubleMul(dst kyber.Point, a kyber.Scalar, A kyber.Point, b kyber.Scalar) kyber.Point
	// NewVarTable prepares a point for many multiplications.
	NewVarTable(p kyber.Point) *VarTable
	// Combine computes every sum of every group, in order.
	Combine(groups ...Shared) []kyber.Point
	// CombineBytes is Combine with the canonical encodings as result.
	CombineBytes(groups ...Shared) [][32]byte
}

var _ VarTime = (*Suite)(nil)

// Shared is a number of sums that multiply the same point: its doublings are
// computed once for all of them.
//
// The check of a disjunctive proof has this form. With challenges c₀, c₁ and
// responses z₀, z₁ for a ciphertext (A, B) that shall encrypt 0 or 1 under Y,
// its commitments aⱼ = zⱼ·G - cⱼ·A and bⱼ = zⱼ·Y - cⱼ·(B - j·G) are
//
//	Shared{A, []Sum{{-c₀, []Term{{G, z₀}}}, {-c₁, []Term{{G, z₁}}}}}
//	Shared{B, []Sum{{-c₀, []Term{{Y, z₀}}}, {-c₁, []Term{{Y, z₁}, {G, c₁}}}}}
//
// with G and Y as tables. A ballot's proofs may all go into one call.
type Shared struct {
	Point kyber.Point
	Sums  []Sum
}

// Sum is Scalar times the shared point, plus all terms.
type Sum struct {
	Scalar kyber.Scalar
	Terms  []Term
}

// Term is Scalar times the point of a table.
type Term struct {
	Table  *VarTable
	Scalar kyber.Scalar
}

// DoubleMul implements VarTime: dst = a·A + b·G.
func (s *Suite) DoubleMul(dst kyber.Point, a kyber.Scalar, A kyber.Point, b kyber.Scalar) kyber.Point {
	toPoint(dst).e.VarTimeDoubleScalarBaseMult(&toScalar(a).s, &toPoint(A).e, &toScalar(b).s)
	return dst
}

// NewVarTable implements VarTime; see the function of the same name.
func (s *Suite) NewVarTable(p kyber.Point) *VarTable { return NewVarTable(p) }

// Combine implements VarTime: the sums of all groups, one after the other.
func (s *Suite) Combine(groups ...Shared) []kyber.Point {
	sums := combine(groups, func(a *edwards25519.Scalar) *edwards25519.Scalar { return a })
	points := make([]kyber.Point, len(sums))
	for i := range sums {
		p := new(Point)
		sums[i].toEdwards(&p.e)
		points[i] = p
	}
	return points
}

// CombineBytes implements VarTime: the encodings of the sums of all groups, one
// after the other. It is faster than Combine and then Bytes: with all scalars
// halved it computes halves of the sums, and the double of a point is encoded
// without a square root, for all sums together with one inversion.
func (s *Suite) CombineBytes(groups ...Shared) [][32]byte {
	return encodeDoubles(combine(groups, func(a *edwards25519.Scalar) *edwards25519.Scalar {
		return new(edwards25519.Scalar).Multiply(a, &oneHalf.s)
	}))
}

// oneHalf is 1/2 mod ℓ.
var oneHalf = new(Scalar).Inv(new(Scalar).SetInt64(2)).(*Scalar)

// combine computes all sums, with every scalar first mapped by scale.
func combine(groups []Shared, scale func(*edwards25519.Scalar) *edwards25519.Scalar) []extended {
	var sums []extended
	for _, g := range groups {
		scalars := make([]*edwards25519.Scalar, len(g.Sums))
		for i := range g.Sums {
			scalars[i] = scale(&toScalar(g.Sums[i].Scalar).s)
		}
		products := mulShared(toPoint(g.Point), scalars)
		for i := range g.Sums {
			for _, term := range g.Sums[i].Terms {
				term.Table.addProduct(&products[i], scale(&toScalar(term.Scalar).s))
			}
		}
		sums = append(sums, products...)
	}
	return sums
}
