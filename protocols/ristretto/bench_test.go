package ristretto

import (
	"testing"
	"time"

	"go.dedis.ch/kyber/v3"
	"go.dedis.ch/kyber/v3/group/edwards25519"
)

// zeroOneProof is a proof that (A, B) encrypts 0 or 1 under Y, as it arrives:
// the ciphertext encoded, the scalars decoded. The benchmarks compute its four
// commitments and their encodings, all that a check does but hashing.
type zeroOneProof struct {
	group kyber.Group
	Y     kyber.Point
	A, B  []byte
	c, z  [2]kyber.Scalar
}

func newZeroOneProof(group kyber.Group, random kyber.XOF) *zeroOneProof {
	point := func() kyber.Point {
		return group.Point().Mul(group.Scalar().Pick(random), nil)
	}
	p := &zeroOneProof{group: group, Y: point()}
	p.A, _ = point().MarshalBinary()
	p.B, _ = point().MarshalBinary()
	for j := range p.c {
		p.c[j] = group.Scalar().Pick(random)
		p.z[j] = group.Scalar().Pick(random)
	}
	return p
}

// viaKyber uses nothing but kyber's interfaces.
func (p *zeroOneProof) viaKyber() (commitments [4][]byte) {
	G := p.group.Point().Base()
	A, B := p.group.Point(), p.group.Point()
	if A.UnmarshalBinary(p.A) != nil || B.UnmarshalBinary(p.B) != nil {
		panic("benchmark: ciphertext does not decode")
	}
	for j := range p.c {
		a := p.group.Point().Mul(p.z[j], nil)
		a.Sub(a, p.group.Point().Mul(p.c[j], A))
		b := p.group.Point().Mul(p.z[j], p.Y)
		m := B
		if j == 1 {
			m = p.group.Point().Sub(B, G)
		}
		b.Sub(b, p.group.Point().Mul(p.c[j], m))
		commitments[j], _ = a.MarshalBinary()
		commitments[2+j], _ = b.MarshalBinary()
	}
	return commitments
}

// viaVarTime uses what VarTime offers, with tables made beforehand.
func (p *zeroOneProof) viaVarTime(vt VarTime, G, Y *VarTable) (commitments [4][]byte) {
	A, B := p.group.Point(), p.group.Point()
	if A.UnmarshalBinary(p.A) != nil || B.UnmarshalBinary(p.B) != nil {
		panic("benchmark: ciphertext does not decode")
	}
	c0 := p.group.Scalar().Neg(p.c[0])
	c1 := p.group.Scalar().Neg(p.c[1])
	encoded := vt.CombineBytes(
		Shared{A, []Sum{
			{c0, []Term{{G, p.z[0]}}},
			{c1, []Term{{G, p.z[1]}}},
		}},
		Shared{B, []Sum{
			{c0, []Term{{Y, p.z[0]}}},
			{c1, []Term{{Y, p.z[1]}, {G, p.c[1]}}},
		}},
	)
	for i := range encoded {
		commitments[i] = encoded[i][:]
	}
	return commitments
}

func TestZeroOneCommitmentsAgree(t *testing.T) {
	suite := NewSuite(nil)
	p := newZeroOneProof(suite, suite.XOF([]byte("agree")))
	plain := p.viaKyber()
	fast := p.viaVarTime(suite, GeneratorTable(), NewVarTable(p.Y))
	for i := range plain {
		if string(plain[i]) != string(fast[i]) {
			t.Errorf("commitment %d: %x through kyber, %x with shared doublings", i, plain[i], fast[i])
		}
	}
}

// BenchmarkZeroOneProof times the check of one 0/1 proof in three ways, turn by
// turn so that load on the machine hits them alike, and reports each in µs and
// their ratios to kyber's own edwards25519.
func BenchmarkZeroOneProof(b *testing.B) {
	suite := NewSuite(nil)
	edwards := edwards25519.NewBlakeSHA256Ed25519()
	seed := []byte("bench")
	ours := newZeroOneProof(suite, suite.XOF(seed))
	theirs := newZeroOneProof(edwards, edwards.XOF(seed))
	G, Y := GeneratorTable(), NewVarTable(ours.Y)

	var kyberTime, plainTime, fastTime time.Duration
	for b.Loop() {
		start := time.Now()
		theirs.viaKyber()
		afterKyber := time.Now()
		ours.viaKyber()
		afterPlain := time.Now()
		ours.viaVarTime(suite, G, Y)
		end := time.Now()
		kyberTime += afterKyber.Sub(start)
		plainTime += afterPlain.Sub(afterKyber)
		fastTime += end.Sub(afterPlain)
	}
	perProof := func(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e3 / float64(b.N) }
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(perProof(kyberTime), "kyber-µs")
	b.ReportMetric(perProof(plainTime), "plain-µs")
	b.ReportMetric(perProof(fastTime), "vartime-µs")
	b.ReportMetric(float64(kyberTime)/float64(plainTime), "plain-ratio")
	b.ReportMetric(float64(kyberTime)/float64(fastTime), "vartime-ratio")
}

// BenchmarkBaseMul times what a voter does with secrets: the generator, a fixed
// election key with and without its table.
func BenchmarkBaseMul(b *testing.B) {
	suite := NewSuite(nil)
	s := suite.Scalar().Pick(suite.RandomStream())
	Y := suite.Point().Pick(suite.RandomStream())
	table, public := NewFixedBase(Y), NewVarTable(Y)
	dst := suite.Point()
	b.Run("generator", func(b *testing.B) {
		for b.Loop() {
			dst.Mul(s, nil)
		}
	})
	b.Run("key", func(b *testing.B) {
		for b.Loop() {
			dst.Mul(s, Y)
		}
	})
	b.Run("key-FixedBase", func(b *testing.B) {
		for b.Loop() {
			table.Mul(dst, s)
		}
	})
	b.Run("key-VarTable", func(b *testing.B) {
		for b.Loop() {
			public.MulVar(dst, s)
		}
	})
}

func BenchmarkTables(b *testing.B) {
	Y := NewPoint().Base()
	b.Run("FixedBase", func(b *testing.B) {
		for b.Loop() {
			NewFixedBase(Y)
		}
	})
	b.Run("VarTable", func(b *testing.B) {
		for b.Loop() {
			NewVarTable(Y)
		}
	})
}

func BenchmarkEncoding(b *testing.B) {
	p := PointFromUniform([64]byte{1})
	encoding := p.Bytes()
	b.Run("encode", func(b *testing.B) {
		for b.Loop() {
			p.Bytes()
		}
	})
	batch := make([]*Point, 64)
	for i := range batch {
		batch[i] = p
	}
	b.Run("double-in-64", func(b *testing.B) {
		for b.Loop() {
			EncodeDoubles(batch)
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(batch)), "ns/point")
	})
	b.Run("decode", func(b *testing.B) {
		for b.Loop() {
			_ = p.UnmarshalBinary(encoding[:])
		}
	})
}
