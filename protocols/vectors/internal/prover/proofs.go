package prover

import (
	"go.dedis.ch/kyber/v3"

	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
)

// Pair is an exponential ElGamal ciphertext.
type Pair struct{ Alpha, Beta kyber.Point }

// Encrypt is α = rG, β = mG + rY.
func Encrypt(y kyber.Point, m, r kyber.Scalar) Pair {
	return Pair{Alpha: Base(r), Beta: Add(Base(m), Mul(r, y))}
}

// Plus is the ciphertext of the sum.
func (p Pair) Plus(q Pair) Pair { return Pair{Add(p.Alpha, q.Alpha), Add(p.Beta, q.Beta)} }

// Times is the ciphertext of n times the plaintext.
func (p Pair) Times(n uint64) Pair {
	if n == 1 {
		return p
	}
	return Pair{Mul(Integer(n), p.Alpha), Mul(Integer(n), p.Beta)}
}

// NoPair encrypts zero with randomness zero.
func NoPair() Pair { return Pair{Zero(), Zero()} }

// Range is what a disjunctive proof is about: that Pair encrypts Plain, one of
// Low..High, under Y with randomness R. Start begins the transcript of its
// challenge, up to the list of branches (S-12, S-13).
type Range struct {
	Y         kyber.Point
	Pair      Pair
	Plain     uint64
	R         kyber.Scalar
	Low, High uint64
	Start     func() *transcript.Transcript
}

// Prove simulates all branches but the one of the plaintext (Cramer, Damgård,
// Schoenmakers 1994). Where the plaintext has no branch it goes through the
// motions for the first one, and the proof is wrong.
func (p Range) Prove(seed Seed, label string) message.Branches {
	n := int(p.High - p.Low + 1)
	honest := 0
	if p.Plain >= p.Low && p.Plain <= p.High {
		honest = int(p.Plain - p.Low)
	}
	bound := p.Start().Sum()
	nonce := func(kind string, j int) kyber.Scalar {
		return seed.Scalar("nonce "+kind, []byte(label), bound[:], []byte{byte(j)})
	}
	challenges, responses := make([]kyber.Scalar, n), make([]kyber.Scalar, n)
	t := p.Start()
	v := nonce("commitment", honest)
	rest := Integer(0)
	for j := range n {
		if j == honest {
			t.Branch(Element(Base(v)), Element(Mul(v, p.Y)))
			continue
		}
		challenges[j], responses[j] = nonce("challenge", j), nonce("response", j)
		t.Branch(p.commitments(uint64(j), challenges[j], responses[j]))
		rest = Plus(rest, challenges[j])
	}
	challenges[honest] = Minus(Challenge(t.Sum()), rest)
	responses[honest] = Plus(v, Times(challenges[honest], p.R))
	return branches(challenges, responses)
}

// commitments are a_j = z_jG − c_jα and b_j = z_jY − c_j(β − jG).
func (p Range) commitments(j uint64, c, z kyber.Scalar) (a, b [32]byte) {
	shifted := Sub(p.Pair.Beta, Base(Integer(p.Low+j)))
	return Element(Sub(Base(z), Mul(c, p.Pair.Alpha))), Element(Sub(Mul(z, p.Y), Mul(c, shifted)))
}

func branches(challenges, responses []kyber.Scalar) message.Branches {
	var out message.Branches
	for j := range challenges {
		out.Challenges = append(out.Challenges, Scalar(challenges[j]))
		out.Responses = append(out.Responses, Scalar(responses[j]))
	}
	return out
}

// Know proves that somebody knows x with xG = X (S-02); hash gives the digest
// of the challenge for the commitment.
func Know(seed Seed, label string, x kyber.Scalar, hash func(r [32]byte) [32]byte) message.Compact {
	bound := hash([32]byte{})
	v := seed.Scalar("nonce knowledge", []byte(label), bound[:])
	c := Challenge(hash(Element(Base(v))))
	return message.Compact{Challenge: Scalar(c), Response: Scalar(Plus(v, Times(c, x)))}
}

// Equal proves that xG and xB have the same x (S-05, S-35); hash gives the
// digest of the challenge for the commitments.
func Equal(seed Seed, label string, x kyber.Scalar, b kyber.Point, hash func(a, b [32]byte) [32]byte) message.Compact {
	bound := hash([32]byte{}, [32]byte{})
	v := seed.Scalar("nonce equality", []byte(label), bound[:])
	c := Challenge(hash(Element(Base(v)), Element(Mul(v, b))))
	return message.Compact{Challenge: Scalar(c), Response: Scalar(Plus(v, Times(c, x)))}
}

// Sign is a credential's signature over h (SPEC.md §1).
func Sign(seed Seed, x kyber.Scalar, purpose string, fingerprint, h [32]byte) message.SchnorrSignature {
	secret := Scalar(x)
	k := seed.Scalar("nonce signature", secret[:], []byte(purpose), fingerprint[:], h[:])
	key, r := Element(Base(x)), Element(Base(k))
	c := Challenge(transcript.CredentialSignature(key, r, purpose, fingerprint, h))
	return message.SchnorrSignature{Commitment: r, Response: Scalar(Plus(k, Times(c, x)))}
}
