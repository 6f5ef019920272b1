package ristretto

import (
	"math/big"
	"testing"

	"filippo.io/edwards25519"
	"go.dedis.ch/kyber/v3"
	"pgregory.net/rapid"
)

func TestDigits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := scalars().Draw(t, "s")
		want := integer(s)

		naf := nonAdjacentForm(&s.s)
		sum, last := new(big.Int), -nafWidth
		for i, d := range naf {
			if d == 0 {
				continue
			}
			if d%2 == 0 || d >= 1<<(nafWidth-1) || d <= -1<<(nafWidth-1) || i-last < nafWidth {
				t.Fatalf("digit %d at %d, the one before at %d", d, i, last)
			}
			last = i
			sum.Add(sum, new(big.Int).Lsh(big.NewInt(int64(d)), uint(i)))
		}
		if sum.Cmp(want) != 0 {
			t.Fatalf("the non-adjacent form of %v is that of %v", want, sum)
		}

		sum.SetInt64(0)
		for i, d := range signedRadix16(&s.s) {
			if d < -8 || d > 8 {
				t.Fatalf("digit %d at %d", d, i)
			}
			sum.Add(sum, new(big.Int).Lsh(big.NewInt(int64(d)), uint(4*i)))
		}
		if sum.Cmp(want) != 0 {
			t.Fatalf("the digits of %v are those of %v", want, sum)
		}
	})
}

// Tables multiply as Mul does, on the curve, not only in the group.
func TestTables(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := points().Draw(t, "p")
		fixed, variable := NewFixedBase(p), NewVarTable(p)
		if !fixed.Point().Equal(p) || !variable.Point().Equal(p) {
			t.Fatal("a table forgot its point")
		}
		for range 4 {
			s := scalars().Draw(t, "s")
			want := new(edwards25519.Point).ScalarMultSlow(&s.s, &p.e)
			if got := fixed.Mul(new(Point), s); want.Equal(&got.(*Point).e) != 1 {
				t.Fatalf("FixedBase: %v·%v = %v", s, p, got)
			}
			if got := variable.MulVar(new(Point), s); want.Equal(&got.(*Point).e) != 1 {
				t.Fatalf("VarTable: %v·%v = %v", s, p, got)
			}
		}
	})
}

// A table does not follow its point when that changes.
func TestTablesAreSnapshots(t *testing.T) {
	p := NewPoint().Base()
	fixed, variable := NewFixedBase(p), NewVarTable(p)
	p.Null()
	fixed.Point().Null()
	variable.Point().Null()
	one := new(Scalar).One()
	base := NewPoint().Base()
	if !fixed.Mul(NewPoint(), one).Equal(base) || !variable.MulVar(NewPoint(), one).Equal(base) {
		t.Error("the table changed with the point")
	}
	if !fixed.Point().Equal(base) || !variable.Point().Equal(base) {
		t.Error("the table's point changed")
	}
}

func TestDoubleMul(t *testing.T) {
	var vt VarTime = NewSuite(nil)
	rapid.Check(t, func(t *rapid.T) {
		A := points().Draw(t, "A")
		a, b := scalars().Draw(t, "a"), scalars().Draw(t, "b")
		want := NewPoint().Add(NewPoint().Mul(a, A), NewPoint().Mul(b, nil))
		if got := vt.DoubleMul(new(Point), a, A, b); !got.Equal(want) {
			t.Fatalf("%v·%v + %v·G = %v, want %v", a, A, b, got, want)
		}
	})
}

// Combine and CombineBytes against the same sums in constant time.
func TestCombine(t *testing.T) {
	var vt VarTime = NewSuite(nil)
	key := PointFromUniform([64]byte{1})
	tables := []*VarTable{GeneratorTable(), NewVarTable(key), NewVarTable(NewPoint())}
	rapid.Check(t, func(t *rapid.T) {
		var groups []Shared
		var want []kyber.Point
		for range rapid.IntRange(0, 3).Draw(t, "groups") {
			g := Shared{Point: points().Draw(t, "point")}
			for range rapid.IntRange(0, 4).Draw(t, "sums") {
				sum := Sum{Scalar: scalars().Draw(t, "scalar")}
				expected := NewPoint().Mul(sum.Scalar, g.Point)
				for range rapid.IntRange(0, 2).Draw(t, "terms") {
					term := Term{rapid.SampledFrom(tables).Draw(t, "table"), scalars().Draw(t, "term")}
					sum.Terms = append(sum.Terms, term)
					expected.Add(expected, NewPoint().Mul(term.Scalar, term.Table.Point()))
				}
				g.Sums = append(g.Sums, sum)
				want = append(want, expected)
			}
			groups = append(groups, g)
		}
		got, encoded := vt.Combine(groups...), vt.CombineBytes(groups...)
		if len(got) != len(want) || len(encoded) != len(want) {
			t.Fatalf("%d sums, %d points, %d encodings", len(want), len(got), len(encoded))
		}
		for i := range want {
			if !got[i].Equal(want[i]) {
				t.Errorf("sum %d: %v, want %v", i, got[i], want[i])
			}
			if encoded[i] != want[i].(*Point).Bytes() {
				t.Errorf("sum %d encoded: %x, want %v", i, encoded[i], want[i])
			}
		}
	})
}

// The encoding of a double agrees with section 4.3.2 of the RFC for every point
// of the curve: each of the eight cosets of the prime-order subgroup, and the
// torsion points themselves, for which factors vanish.
func TestEncodeDoubles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var halves []extended
		var want [][32]byte
		for range rapid.IntRange(0, 5).Draw(t, "batch") {
			q := points().Draw(t, "Q")
			for range rapid.IntRange(0, 7).Draw(t, "torsion") {
				q.e.Add(&q.e, order8())
			}
			var half extended
			half.fromPoint(q)
			half.T.Zero() // it must not be read
			halves = append(halves, half)
			want = append(want, NewPoint().Add(q, q).(*Point).Bytes())
			exported := EncodeDoubles([]*Point{q, q})
			if len(exported) != 2 || exported[0] != want[len(want)-1] || exported[1] != exported[0] {
				t.Fatalf("EncodeDoubles: %x, want %x", exported, want[len(want)-1])
			}
		}
		for i, got := range encodeDoubles(halves) {
			if got != want[i] {
				t.Fatalf("double %d: %x, want %x", i, got, want[i])
			}
		}
	})
}
