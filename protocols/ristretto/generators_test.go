package ristretto

import (
	"math/big"
	"slices"
	"testing"

	"filippo.io/edwards25519"
	"pgregory.net/rapid"
)

// littleEndian returns the bytes of a non-negative integer, lowest first.
func littleEndian(n *big.Int) []byte {
	b := n.Bytes()
	slices.Reverse(b)
	return b
}

// integer returns the integer behind a scalar.
func integer(s *Scalar) *big.Int {
	b, _ := s.MarshalBinary()
	slices.Reverse(b)
	return new(big.Int).SetBytes(b)
}

func scalarOf(n *big.Int) *Scalar {
	return new(Scalar).SetBytes(littleEndian(new(big.Int).Mod(n, Order()))).(*Scalar)
}

// edgeScalars are values at which carries, signs and windows turn.
func edgeScalars() []*big.Int {
	l, one := Order(), big.NewInt(1)
	half := new(big.Int).Rsh(l, 1)
	edges := []*big.Int{
		big.NewInt(0), one, big.NewInt(2), big.NewInt(7), big.NewInt(8), big.NewInt(9), big.NewInt(15), big.NewInt(16),
		new(big.Int).Sub(l, one), new(big.Int).Sub(l, big.NewInt(2)), half, new(big.Int).Add(half, one),
	}
	for _, bit := range []uint{63, 64, 127, 128, 251, 252} {
		power := new(big.Int).Lsh(one, bit)
		edges = append(edges, power, new(big.Int).Sub(power, one), new(big.Int).Add(power, one))
	}
	// Digits all alike: 0x7f…, 0x80…, 0x88…, 0x55…, 0xff… below 2²⁵².
	for _, b := range []byte{0x7f, 0x80, 0x88, 0x55, 0xff} {
		alike := new(big.Int).SetBytes(slices.Repeat([]byte{b}, 31))
		edges = append(edges, alike)
	}
	return edges
}

// scalars draws from the edges as often as from everywhere.
func scalars() *rapid.Generator[*Scalar] {
	edges := edgeScalars()
	return rapid.OneOf(
		rapid.Map(rapid.IntRange(0, len(edges)-1), func(i int) *Scalar { return scalarOf(edges[i]) }),
		rapid.Map(rapid.Int64(), func(v int64) *Scalar { return new(Scalar).SetInt64(v).(*Scalar) }),
		uniformScalars(),
		uniformScalars(),
	)
}

func uniformScalars() *rapid.Generator[*Scalar] {
	return rapid.Map(rapid.SliceOfN(rapid.Byte(), 64, 64), func(b []byte) *Scalar {
		return ScalarFromUniform([64]byte(b))
	})
}

// order8 returns a point of order 8 of the curve.
func order8() *edwards25519.Point {
	torsion, err := UnsafeFromEdwards([32]byte{
		0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0,
		0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
	})
	if err != nil {
		panic(err)
	}
	return &torsion.e
}

// shifted returns p with i times a point of order 4 added inside: the same
// element, another of its representatives.
func shifted(p *Point, i int) *Point {
	order4 := new(edwards25519.Point).Double(order8())
	q := new(Point)
	q.e.Set(&p.e)
	for range i {
		q.e.Add(&q.e, order4)
	}
	return q
}

// points draws the identity, small multiples of the generator and random
// elements, each in any of its representatives, with Z = 1 and with Z ≠ 1.
func points() *rapid.Generator[*Point] {
	return rapid.Custom(func(t *rapid.T) *Point {
		p := rapid.OneOf(
			rapid.Just(NewPoint()),
			rapid.Map(rapid.Int64Range(-8, 8), func(v int64) *Point {
				return NewPoint().Mul(new(Scalar).SetInt64(v), nil).(*Point)
			}),
			uniformPoints(),
			uniformPoints(),
		).Draw(t, "element")
		if rapid.Bool().Draw(t, "Z = 1") {
			q := NewPoint()
			b := p.Bytes()
			if err := q.UnmarshalBinary(b[:]); err != nil {
				t.Fatalf("canonical bytes refused: %v", err)
			}
			p = q
		}
		return shifted(p, rapid.IntRange(0, 3).Draw(t, "representative"))
	})
}

func uniformPoints() *rapid.Generator[*Point] {
	return rapid.Map(rapid.SliceOfN(rapid.Byte(), 64, 64), func(b []byte) *Point {
		return PointFromUniform([64]byte(b))
	})
}

// A generator that misses the edges makes the properties worth little.
func TestGeneratorsReachTheEdges(t *testing.T) {
	seen := map[string]bool{}
	lMinusOne := scalarOf(big.NewInt(-1))
	for seed := range 2000 {
		s := scalars().Example(seed)
		seen["0"] = seen["0"] || s.Equal(new(Scalar))
		seen["1"] = seen["1"] || s.Equal(new(Scalar).One())
		seen["ℓ-1"] = seen["ℓ-1"] || s.Equal(lMinusOne)
		seen["above 2²⁵²"] = seen["above 2²⁵²"] || integer(s).BitLen() == 253
		p := points().Example(seed)
		seen["identity"] = seen["identity"] || p.Equal(NewPoint())
		seen["another representative of the identity"] = seen["another representative of the identity"] ||
			p.Equal(NewPoint()) && !UnsafeEdwardsEqual(p, NewPoint())
		seen["generator"] = seen["generator"] || p.Equal(NewPoint().Base())
	}
	for _, edge := range []string{"0", "1", "ℓ-1", "above 2²⁵²", "identity", "another representative of the identity", "generator"} {
		if !seen[edge] {
			t.Errorf("2000 draws without %s", edge)
		}
	}
}

func TestOrder8(t *testing.T) {
	p := order8()
	identity := edwards25519.NewIdentityPoint()
	for _, want := range []int{0, 0, 0, 1} {
		if p.Equal(identity) != want {
			t.Fatal("the torsion point does not have order 8")
		}
		p.Double(p)
	}
}
