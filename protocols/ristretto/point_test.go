package ristretto

import (
	"bytes"
	"errors"
	"testing"

	"filippo.io/edwards25519"
	"go.dedis.ch/kyber/v3"
	"go.dedis.ch/kyber/v3/share"
	"pgregory.net/rapid"
)

func TestGroupLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, q, r := points().Draw(t, "p"), points().Draw(t, "q"), points().Draw(t, "r")
		a, b := scalars().Draw(t, "a"), scalars().Draw(t, "b")
		g := NewPoint
		for _, law := range []struct {
			name        string
			left, right kyber.Point
		}{
			{"p+q = q+p", g().Add(p, q), g().Add(q, p)},
			{"(p+q)+r = p+(q+r)", g().Add(g().Add(p, q), r), g().Add(p, g().Add(q, r))},
			{"p+0 = p", g().Add(p, g().Null()), p},
			{"p-q = p+(-q)", g().Sub(p, q), g().Add(p, g().Neg(q))},
			{"p-p = 0", g().Sub(p, p), g().Null()},
			{"(a+b)p = ap+bp", g().Mul(new(Scalar).Add(a, b), p), g().Add(g().Mul(a, p), g().Mul(b, p))},
			{"(ab)p = a(bp)", g().Mul(new(Scalar).Mul(a, b), p), g().Mul(a, g().Mul(b, p))},
			{"a(p+q) = ap+aq", g().Mul(a, g().Add(p, q)), g().Add(g().Mul(a, p), g().Mul(a, q))},
			{"0p = 0", g().Mul(new(Scalar), p), g().Null()},
			{"1p = p", g().Mul(new(Scalar).One(), p), p},
			{"(-1)p = -p", g().Mul(new(Scalar).SetInt64(-1), p), g().Neg(p)},
			{"a·nil = aG", g().Mul(a, nil), g().Mul(a, g().Base())},
		} {
			if !law.left.Equal(law.right) {
				t.Fatalf("%s: %v ≠ %v", law.name, law.left, law.right)
			}
		}
	})
}

// Receivers may alias arguments, are returned, and arguments stay as they are.
func TestPointAliasing(t *testing.T) {
	operations := map[string]func(r, p, q kyber.Point, s kyber.Scalar) kyber.Point{
		"Add": func(r, p, q kyber.Point, _ kyber.Scalar) kyber.Point { return r.Add(p, q) },
		"Sub": func(r, p, q kyber.Point, _ kyber.Scalar) kyber.Point { return r.Sub(p, q) },
		"Neg": func(r, p, _ kyber.Point, _ kyber.Scalar) kyber.Point { return r.Neg(p) },
		"Set": func(r, p, _ kyber.Point, _ kyber.Scalar) kyber.Point { return r.Set(p) },
		"Mul": func(r, p, _ kyber.Point, s kyber.Scalar) kyber.Point { return r.Mul(s, p) },
	}
	rapid.Check(t, func(t *rapid.T) {
		p, q, s := points().Draw(t, "p"), points().Draw(t, "q"), scalars().Draw(t, "s")
		for name, do := range operations {
			fresh := new(Point)
			if do(fresh, p, q, s) != kyber.Point(fresh) {
				t.Fatalf("%s does not return its receiver", name)
			}
			first, second := p.Clone(), q.Clone()
			do(first, first, q, s)
			do(second, p, second, s)
			if !first.Equal(fresh) || !second.Equal(fresh) {
				t.Fatalf("%s depends on aliasing", name)
			}
		}
	})
}

// Decoding undoes encoding, for every representative of the element.
func TestPointEncoding(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := points().Draw(t, "p")
		want := p.Bytes()
		for i := range 4 {
			if got := shifted(p, i).Bytes(); got != want {
				t.Fatalf("representative %d encodes as %x, another as %x", i, got, want)
			}
			if !shifted(p, i).Equal(p) {
				t.Fatalf("representative %d is not equal", i)
			}
		}
		b, err := p.MarshalBinary()
		if err != nil || len(b) != p.MarshalSize() || !bytes.Equal(b, want[:]) {
			t.Fatalf("MarshalBinary: %x, %v", b, err)
		}
		q := new(Point)
		if err := q.UnmarshalBinary(b); err != nil {
			t.Fatalf("own encoding refused: %v", err)
		}
		if !q.Equal(p) || q.String() != p.String() {
			t.Fatalf("%v comes back as %v", p, q)
		}
	})
}

// Equal compares elements as their encodings do.
func TestPointEquality(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, q := points().Draw(t, "p"), points().Draw(t, "q")
		if p.Equal(q) != (p.Bytes() == q.Bytes()) {
			t.Fatalf("Equal says %v of %v and %v", p.Equal(q), p, q)
		}
	})
}

// Whatever decodes encodes to the same bytes; whatever does not leaves the
// receiver alone. Half of the inputs are one bit away from a point.
func TestPointDecodingIsCanonical(t *testing.T) {
	accepted, refused := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		b := rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "bytes")
		if rapid.Bool().Draw(t, "near a point") {
			encoding := points().Draw(t, "p").Bytes()
			b = encoding[:]
			bit := rapid.IntRange(0, 255).Draw(t, "bit")
			b[bit/8] ^= 1 << (bit % 8)
		}
		p := NewPoint().Base().(*Point)
		before := UnsafeEdwardsBytes(p)
		if err := p.UnmarshalBinary(b); err != nil {
			refused++
			if !errors.Is(err, ErrPoint) || UnsafeEdwardsBytes(p) != before {
				t.Fatalf("%x: error %v, receiver changed: %v", b, err, UnsafeEdwardsBytes(p) != before)
			}
			return
		}
		accepted++
		if got := p.Bytes(); !bytes.Equal(got[:], b) {
			t.Fatalf("%x comes back as %x", b, got)
		}
	})
	if accepted == 0 || refused == 0 {
		t.Errorf("%d accepted, %d refused: the inputs show nothing", accepted, refused)
	}
}

// Multiplication and addition against the curve arithmetic below, compared on
// the curve, torsion and all.
func TestPointAgainstCurve(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, q := points().Draw(t, "p"), points().Draw(t, "q")
		s := scalars().Draw(t, "s")
		for name, c := range map[string]struct {
			got  kyber.Point
			want *edwards25519.Point
		}{
			"Add":      {NewPoint().Add(p, q), new(edwards25519.Point).Add(&p.e, &q.e)},
			"Sub":      {NewPoint().Sub(p, q), new(edwards25519.Point).Subtract(&p.e, &q.e)},
			"Neg":      {NewPoint().Neg(p), new(edwards25519.Point).Negate(&p.e)},
			"Mul":      {NewPoint().Mul(s, p), new(edwards25519.Point).ScalarMultSlow(&s.s, &p.e)},
			"Mul base": {NewPoint().Mul(s, nil), new(edwards25519.Point).ScalarMultSlow(&s.s, edwards25519.NewGeneratorPoint())},
		} {
			if c.want.Equal(&c.got.(*Point).e) != 1 {
				t.Fatalf("%s differs from the curve", name)
			}
		}
	})
}

func TestEmbed(t *testing.T) {
	suite := NewSuite(nil)
	rapid.Check(t, func(t *rapid.T) {
		data := rapid.SliceOfN(rapid.Byte(), 0, 40).Draw(t, "data")
		p := suite.Point().Embed(data, suite.RandomStream())
		got, err := p.Data()
		if err != nil {
			t.Fatalf("no data in an embedding: %v", err)
		}
		if want := data[:min(len(data), p.EmbedLen())]; !bytes.Equal(got, want) {
			t.Fatalf("embedded %x, extracted %x", want, got)
		}
	})
}

// Elements whose encoding starts with a length beyond the limit carry nothing.
func TestEmbedLengths(t *testing.T) {
	for n := range 128 {
		p := NewPoint()
		var encoding [32]byte
		encoding[0] = byte(n) << 1
		for encoding[20] = 1; p.UnmarshalBinary(encoding[:]) != nil; encoding[20]++ {
		}
		data, err := p.Data()
		switch {
		case n <= embedLen && (err != nil || len(data) != n):
			t.Errorf("length %d: %d bytes, %v", n, len(data), err)
		case n > embedLen && (!errors.Is(err, ErrPoint) || data != nil):
			t.Errorf("length %d: %d bytes, %v", n, len(data), err)
		}
	}
}

// The polynomials that threshold keys are made of run over the group unchanged.
func TestKyberShares(t *testing.T) {
	suite := NewSuite(nil)
	private := share.NewPriPoly(suite, 3, nil, suite.RandomStream())
	public := private.Commit(nil)
	shares := private.Shares(5)
	for _, s := range shares {
		if !public.Check(s) {
			t.Errorf("share %d does not match the commitments", s.I)
		}
	}
	secret, err := share.RecoverSecret(suite, shares[1:4], 3, 5)
	if err != nil || !secret.Equal(private.Secret()) {
		t.Errorf("recovered %v instead of %v: %v", secret, private.Secret(), err)
	}
	commit, err := share.RecoverCommit(suite, public.Shares(5)[2:], 3, 5)
	if err != nil || !commit.Equal(suite.Point().Mul(private.Secret(), nil)) {
		t.Errorf("recovered commitment %v: %v", commit, err)
	}
}
