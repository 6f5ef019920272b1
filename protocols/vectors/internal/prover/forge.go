package prover

import (
	"math/big"

	"go.dedis.ch/kyber/v3"

	"scrutineer/protocols/message"
	"scrutineer/protocols/ristretto"
	"scrutineer/protocols/transcript"
)

// Forgery is a ciphertext with a proof that was there before it.
type Forgery struct {
	Pair  Pair
	Plain kyber.Scalar // what it encrypts; neither 0 nor 1
	R     kyber.Scalar
	Proof message.Branches
}

// ForgeWeak makes a proof that a ciphertext encrypts 0 or 1, and then the
// ciphertext, which does not. It passes a verifier whose challenge hashes the
// commitments alone (Bernhard, Pereira, Warinschi, "How not to prove
// yourself", ASIACRYPT 2012).
//
// With a_j = s_jG and b_j = s_jY + w_jG the equations of S-12 hold for α = rG,
// β = mG + rY, z_j = s_j + c_jr if w_j = −c_j(m − j). The challenge
// c = c_0 + c_1 is fixed by s and w, so m is a root of
//
//	c·m² + (w_0 + w_1 − c)·m − w_0 = 0.
func ForgeWeak(seed Seed, label string, y kyber.Point) Forgery {
	for try := byte(0); ; try++ {
		draw := func(kind string) kyber.Scalar {
			return seed.Scalar("forge "+kind, []byte(label), []byte{try})
		}
		s := [2]kyber.Scalar{draw("s0"), draw("s1")}
		w := [2]kyber.Scalar{draw("w0"), draw("w1")}
		t := transcript.WeakCommitments(2)
		for j := range 2 {
			t.Branch(Element(Base(s[j])), Element(Add(Mul(s[j], y), Base(w[j]))))
		}
		c := Challenge(t.Sum())
		m, ok := root(c, Minus(Plus(w[0], w[1]), c), Minus(Integer(0), w[0]))
		if !ok {
			continue
		}
		r := draw("r")
		c0 := Over(Minus(Integer(0), w[0]), m)
		challenges := []kyber.Scalar{c0, Minus(c, c0)}
		responses := []kyber.Scalar{Plus(s[0], Times(challenges[0], r)), Plus(s[1], Times(challenges[1], r))}
		return Forgery{Pair: Encrypt(y, m, r), Plain: m, R: r, Proof: branches(challenges, responses)}
	}
}

// root solves a·x² + b·x + c = 0 modulo l.
func root(a, b, c kyber.Scalar) (kyber.Scalar, bool) {
	discriminant := Minus(Times(b, b), Times(Integer(4), Times(a, c)))
	r := new(big.Int).ModSqrt(number(discriminant), order())
	if r == nil {
		return nil, false
	}
	return Over(Minus(scalar(r), b), Plus(a, a)), true
}

// order is l.
func order() *big.Int {
	l, _ := new(big.Int).SetString("27742317777372353535851937790883648493", 10)
	return l.Add(l, new(big.Int).Lsh(big.NewInt(1), 252))
}

func number(x kyber.Scalar) *big.Int {
	b := Scalar(x)
	return new(big.Int).SetBytes(reversed(b[:]))
}

func scalar(n *big.Int) kyber.Scalar {
	var b [32]byte
	copy(b[:], reversed(n.FillBytes(make([]byte, 32))))
	return ristretto.ReduceScalar(b)
}

func reversed(b []byte) []byte {
	out := make([]byte, len(b))
	for i := range b {
		out[len(b)-1-i] = b[i]
	}
	return out
}
