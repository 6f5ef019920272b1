package ristretto

import (
	"bytes"
	"errors"
	"math"
	"math/big"
	"testing"

	"go.dedis.ch/kyber/v3"
	"pgregory.net/rapid"
)

// Arithmetic against math/big, with every receiver aliasing every argument.
func TestScalarArithmetic(t *testing.T) {
	l := Order()
	binary := []struct {
		name string
		do   func(r, a, b kyber.Scalar) kyber.Scalar
		want func(a, b *big.Int) *big.Int
	}{
		{"Add", kyber.Scalar.Add, func(a, b *big.Int) *big.Int { return new(big.Int).Add(a, b) }},
		{"Sub", kyber.Scalar.Sub, func(a, b *big.Int) *big.Int { return new(big.Int).Sub(a, b) }},
		{"Mul", kyber.Scalar.Mul, func(a, b *big.Int) *big.Int { return new(big.Int).Mul(a, b) }},
		{"Div", kyber.Scalar.Div, func(a, b *big.Int) *big.Int { return new(big.Int).Mul(a, inverse(b)) }},
		{"Neg", func(r, a, _ kyber.Scalar) kyber.Scalar { return r.Neg(a) }, func(a, _ *big.Int) *big.Int { return new(big.Int).Neg(a) }},
		{"Inv", func(r, a, _ kyber.Scalar) kyber.Scalar { return r.Inv(a) }, func(a, _ *big.Int) *big.Int { return inverse(a) }},
		{"Set", func(r, a, _ kyber.Scalar) kyber.Scalar { return r.Set(a) }, func(a, _ *big.Int) *big.Int { return a }},
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b := scalars().Draw(t, "a"), scalars().Draw(t, "b")
		if rapid.Bool().Draw(t, "a = b") {
			b = a
		}
		op := rapid.SampledFrom(binary).Draw(t, "operation")
		want := op.want(integer(a), integer(b))
		want.Mod(want, l)
		for alias, r := range map[string]kyber.Scalar{"fresh": new(Scalar), "a": a.Clone(), "b": b.Clone()} {
			x, y := kyber.Scalar(a), kyber.Scalar(b)
			switch alias {
			case "a":
				x = r
			case "b":
				y = r
			}
			got := op.do(r, x, y)
			if got != r {
				t.Fatalf("%s does not return its receiver", op.name)
			}
			if integer(r.(*Scalar)).Cmp(want) != 0 {
				t.Fatalf("%s(%v, %v), receiver %s: %v, want %v", op.name, a, b, alias, r, want)
			}
		}
	})
}

// inverse returns 1/a mod ℓ, and 0 for 0.
func inverse(a *big.Int) *big.Int {
	if a.Sign() == 0 {
		return new(big.Int)
	}
	return new(big.Int).ModInverse(a, Order())
}

func TestScalarEncoding(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := scalars().Draw(t, "s")
		b, err := s.MarshalBinary()
		if err != nil || len(b) != s.MarshalSize() {
			t.Fatalf("MarshalBinary: %d bytes, %v", len(b), err)
		}
		decoded := new(Scalar)
		if err := decoded.UnmarshalBinary(b); err != nil {
			t.Fatalf("own encoding refused: %v", err)
		}
		if !decoded.Equal(s) || decoded.String() != s.String() {
			t.Fatalf("%v comes back as %v", s, decoded)
		}
	})
}

// Whatever 32 bytes decode, they are below ℓ and come back.
func TestScalarDecodingIsCanonical(t *testing.T) {
	l := Order()
	check := func(b []byte) (accepted bool) {
		s := new(Scalar).SetInt64(42).(*Scalar)
		err := s.UnmarshalBinary(b)
		reversed := bytes.Clone(b)
		reverse((*[32]byte)(reversed))
		below := new(big.Int).SetBytes(reversed).Cmp(l) < 0
		if (err == nil) != below {
			t.Fatalf("%x: below ℓ is %v, error is %v", b, below, err)
		}
		back, _ := s.MarshalBinary()
		switch {
		case err == nil && !bytes.Equal(back, b):
			t.Fatalf("%x comes back as %x", b, back)
		case err != nil && !errors.Is(err, ErrScalar):
			t.Fatalf("%x: error %v does not wrap ErrScalar", b, err)
		case err != nil && !s.Equal(new(Scalar).SetInt64(42)):
			t.Fatalf("%x: refused, yet the receiver changed", b)
		}
		return err == nil
	}
	top := new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 256), big.NewInt(1))
	for _, c := range []struct {
		value *big.Int
		ok    bool
	}{
		{big.NewInt(0), true},
		{new(big.Int).Sub(l, big.NewInt(1)), true},
		{l, false},
		{new(big.Int).Add(l, big.NewInt(1)), false},
		{new(big.Int).Lsh(l, 1), false},
		{new(big.Int).Lsh(big.NewInt(1), 255), false},
		{top, false},
	} {
		var b [32]byte
		copy(b[:], littleEndian(c.value))
		if check(b[:]) != c.ok {
			t.Errorf("%v: accepted is %v", c.value, !c.ok)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		check(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "bytes"))
	})
}

func TestScalarLengths(t *testing.T) {
	for _, n := range []int{0, 1, 31, 33, 64} {
		s := new(Scalar).SetInt64(42).(*Scalar)
		if err := s.UnmarshalBinary(make([]byte, n)); !errors.Is(err, ErrScalar) {
			t.Errorf("%d bytes: error %v does not wrap ErrScalar", n, err)
		}
		if !s.Equal(new(Scalar).SetInt64(42)) {
			t.Errorf("%d bytes: refused, yet the receiver changed", n)
		}
	}
}

func TestScalarSetBytesReduces(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 130).Draw(t, "length")
		b := rapid.SliceOfN(rapid.SampledFrom([]byte{0, 1, 0x7f, 0xed, 0xff}), n, n).Draw(t, "bytes")
		before := bytes.Clone(b)
		got := integer(new(Scalar).SetBytes(b).(*Scalar))
		if !bytes.Equal(b, before) {
			t.Fatal("the argument was changed")
		}
		if want := reduced(b); got.Cmp(want) != 0 {
			t.Fatalf("SetBytes(%x) = %v, want %v", b, got, want)
		}
		var b32 [32]byte
		var b64 [64]byte
		copy(b32[:], b)
		copy(b64[:], b)
		if got := integer(ReduceScalar(b32)); got.Cmp(reduced(b32[:])) != 0 {
			t.Fatalf("ReduceScalar(%x) = %v", b32, got)
		}
		if got := integer(ScalarFromUniform(b64)); got.Cmp(reduced(b64[:])) != 0 {
			t.Fatalf("ScalarFromUniform(%x) = %v", b64, got)
		}
	})
}

// reduced is the little-endian integer b mod ℓ by math/big.
func reduced(b []byte) *big.Int {
	n := new(big.Int)
	for i := len(b) - 1; i >= 0; i-- {
		n.Lsh(n, 8)
		n.Add(n, big.NewInt(int64(b[i])))
	}
	return n.Mod(n, Order())
}

func TestScalarSetInt64(t *testing.T) {
	for _, v := range []int64{0, 1, -1, 2, -8, math.MaxInt64, math.MinInt64, math.MinInt64 + 1} {
		want := new(big.Int).Mod(big.NewInt(v), Order())
		if got := integer(new(Scalar).SetInt64(v).(*Scalar)); got.Cmp(want) != 0 {
			t.Errorf("SetInt64(%d) = %v, want %v", v, got, want)
		}
	}
	var s Scalar
	if !s.Equal(s.Clone().Zero()) || !new(Scalar).One().Equal(new(Scalar).SetInt64(1)) {
		t.Error("the zero value is not 0, or One is not 1")
	}
}
