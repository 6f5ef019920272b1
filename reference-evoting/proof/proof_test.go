package proof_test

import (
	"math/rand/v2"
	"testing"

	"go.dedis.ch/kyber/v3"
	"pgregory.net/rapid"

	"scrutineer/protocols/message"
	"scrutineer/protocols/ristretto"
	"scrutineer/protocols/transcript"
	"scrutineer/reference-evoting/proof"
)

var random = ristretto.Stream(nil)

func key() (kyber.Scalar, *proof.ElectionKey) {
	x := proof.Random(random)
	return x, proof.NewElectionKey(ristretto.NewPoint().Mul(x, nil).(*ristretto.Point))
}

func statement(k *proof.ElectionKey) func(alpha, beta *ristretto.Point) func([]proof.Branch) [32]byte {
	s := transcript.Statement{ElectionKey: k.Encoded, Style: "s", Contest: "c"}
	return func(alpha, beta *ristretto.Point) func([]proof.Branch) [32]byte {
		return func(branches []proof.Branch) [32]byte {
			t := s.Sum(0, uint64(len(branches)-1), alpha.Bytes(), beta.Bytes())
			for _, b := range branches {
				t.Branch(b.A, b.B)
			}
			return t.Sum()
		}
	}
}

func TestRangeProofs(t *testing.T) {
	_, k := key()
	hash := statement(k)
	rapid.Check(t, func(t *rapid.T) {
		lo := rapid.Uint64Range(0, 3).Draw(t, "lo")
		hi := lo + rapid.Uint64Range(0, 4).Draw(t, "width")
		m := rapid.Uint64Range(lo, hi).Draw(t, "m")
		r := proof.Random(random)
		alpha, beta := k.Encrypt(m, r)
		p := k.ProveRange(m, r, lo, hi, hash(alpha, beta), random)
		opened, err := k.OpenRange(alpha, beta, lo, hi, p)
		if err != nil || !opened.Is(hash(alpha, beta)(opened.Branches)) {
			t.Fatalf("an honest proof of %d in %d..%d was refused: %v", m, lo, hi, err)
		}
		other, _ := k.Encrypt(m, proof.Random(random))
		opened, err = k.OpenRange(other, beta, lo, hi, p)
		if err != nil || opened.Is(hash(other, beta)(opened.Branches)) {
			t.Fatal("a proof for another ciphertext was taken")
		}
	})
}

func TestRangeProofOfAnotherValue(t *testing.T) {
	_, k := key()
	hash := statement(k)
	r := proof.Random(random)
	alpha, beta := k.Encrypt(2, r)
	p := k.ProveRange(1, r, 0, 1, hash(alpha, beta), random)
	opened, err := k.OpenRange(alpha, beta, 0, 1, p)
	if err != nil || opened.Is(hash(alpha, beta)(opened.Branches)) {
		t.Fatal("2 was proven to be 0 or 1")
	}
}

func TestOpenRangeRefusesForm(t *testing.T) {
	_, k := key()
	alpha, beta := k.Encrypt(0, proof.Random(random))
	var high message.Scalar
	for i := range high {
		high[i] = 0xff
	}
	for name, p := range map[string]message.Branches{
		"no branches":   {},
		"one response":  {Challenges: make([]message.Scalar, 2), Responses: make([]message.Scalar, 1)},
		"three":         {Challenges: make([]message.Scalar, 3), Responses: make([]message.Scalar, 3)},
		"above l":       {Challenges: []message.Scalar{{}, high}, Responses: make([]message.Scalar, 2)},
		"response high": {Challenges: make([]message.Scalar, 2), Responses: []message.Scalar{high, {}}},
	} {
		if _, err := k.OpenRange(alpha, beta, 0, 1, p); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

func TestSignatures(t *testing.T) {
	x, k := key()
	f, h := [32]byte{1}, [32]byte{2}
	s := proof.Sign(x, transcript.PurposeDecision, f, h, random)
	check := func(name string, want bool, key message.Element, purpose string, f, h [32]byte, s message.SchnorrSignature) {
		got, err := proof.Signed(nil, key, purpose, f, h, s)
		if got != want || (want && err != nil) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	check("honest", true, k.Encoded, transcript.PurposeDecision, f, h, s)
	check("other purpose", false, k.Encoded, transcript.PurposeBallotBody, f, h, s)
	check("other election", false, k.Encoded, transcript.PurposeDecision, h, h, s)
	check("other message", false, k.Encoded, transcript.PurposeDecision, f, f, s)
	_, other := key()
	check("other key", false, other.Encoded, transcript.PurposeDecision, f, h, s)
	check("identity key", false, message.Element{}, transcript.PurposeDecision, f, h, message.SchnorrSignature{})
}

func TestKnowledgeAndEquality(t *testing.T) {
	x, k := key()
	hash := func(c ...[32]byte) [32]byte {
		t := transcript.New("test").List(len(c))
		for _, p := range c {
			t.Point(p)
		}
		return t.Sum()
	}
	if ok, err := proof.Knows(nil, k.Point, proof.Know(x, hash, random), hash); !ok || err != nil {
		t.Errorf("knowledge refused: %v", err)
	}
	b := ristretto.NewPoint().Pick(random)
	d := ristretto.NewPoint().Mul(x, b)
	p := proof.Equal(x, b, hash, random)
	if ok, err := proof.IsEqual(nil, k.Point, b, d, p, hash); !ok || err != nil {
		t.Errorf("equality refused: %v", err)
	}
	if ok, _ := proof.IsEqual(nil, k.Point, b, b, p, hash); ok {
		t.Error("another image was taken")
	}
	if ok, _ := proof.IsEqual(nil, b, b, d, p, hash); ok {
		t.Error("another key was taken")
	}
}

func BenchmarkEncryptAndProve(b *testing.B) {
	_, k := key()
	hash := statement(k)
	for b.Loop() {
		r := proof.Random(random)
		alpha, beta := k.Encrypt(1, r)
		k.ProveRange(1, r, 0, 1, hash(alpha, beta), random)
	}
}

func BenchmarkCheck(b *testing.B) {
	_, k := key()
	hash := statement(k)
	r := proof.Random(random)
	alpha, beta := k.Encrypt(1, r)
	p := k.ProveRange(1, r, 0, 1, hash(alpha, beta), random)
	for b.Loop() {
		opened, err := k.OpenRange(alpha, beta, 0, 1, p)
		if err != nil || !opened.Is(hash(alpha, beta)(opened.Branches)) {
			b.Fatal(err)
		}
	}
}

// The same randomness twice, as after a restart from a seed, gives another
// nonce for another message: two signatures with one nonce give the key away.
func TestNonceIsHedged(t *testing.T) {
	x, _ := key()
	seed := [32]byte{7}
	sign := func(x kyber.Scalar, purpose string, print, h [32]byte) message.SchnorrSignature {
		return proof.Sign(x, purpose, print, h, ristretto.Stream(rand.NewChaCha8(seed)))
	}
	first := sign(x, transcript.PurposeDecision, [32]byte{1}, [32]byte{2})
	if again := sign(x, transcript.PurposeDecision, [32]byte{1}, [32]byte{2}); again != first {
		t.Error("the same signature differs from itself")
	}
	other, _ := key()
	for name, s := range map[string]message.SchnorrSignature{
		"digest":      sign(x, transcript.PurposeDecision, [32]byte{1}, [32]byte{3}),
		"fingerprint": sign(x, transcript.PurposeDecision, [32]byte{4}, [32]byte{2}),
		"purpose":     sign(x, transcript.PurposeLogin, [32]byte{1}, [32]byte{2}),
		"key":         sign(other, transcript.PurposeDecision, [32]byte{1}, [32]byte{2}),
	} {
		if s.Commitment == first.Commitment {
			t.Errorf("another %s is signed with the same nonce", name)
		}
	}
}
