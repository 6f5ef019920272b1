package main

import (
	"fmt"
	"slices"

	"go.dedis.ch/kyber/v3"

	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
	"scrutineer/protocols/vectors"
	"scrutineer/protocols/vectors/internal/election"
	"scrutineer/protocols/vectors/internal/prover"
)

func signatureVectors(b *book) {
	s := newSuite[vectors.None, vectors.SignatureInput](b, "signatures",
		"Did the credential sign the digest for this purpose?",
		"A credential's signature of SPEC.md §1: sG = R + cK, K not the identity. Whether R may be the identity is a matter of V-17.")
	x, h, f := election.VoterSecret("voter-1"), election.Seed.Bytes("h"), election.Seed.Bytes("fingerprint")
	sign := func(purpose string) vectors.SignatureInput {
		return vectors.SignatureInput{
			Digest: h, Fingerprint: f, Key: prover.Element(prover.Base(x)), Purpose: purpose,
			Signature: prover.Sign(election.Seed, x, purpose, f, h),
		}
	}
	s.group("of one credential", vectors.None{})
	s.valid("a decision", sign(transcript.PurposeDecision))
	s.valid("a ballot on its way to the box", sign(transcript.PurposeBallotBody))
	bad := func(check, flag, comment string, change func(in *vectors.SignatureInput)) {
		in := sign(transcript.PurposeDecision)
		change(&in)
		s.invalid(check, comment, in, flag)
	}
	type input = *vectors.SignatureInput
	bad("V-24", "WrongSignature", "another digest", func(in input) { in.Digest[31] ^= 1 })
	bad("V-24", "ContextConfusion", "signature for another election", func(in input) { in.Fingerprint[0] ^= 1 })
	bad("V-24", "ContextConfusion", "signature of a ballot as that of a decision", func(in input) {
		in.Signature = sign(transcript.PurposeBallotBody).Signature
	})
	bad("V-24", "WrongSignature", "another credential", func(in input) {
		in.Key = prover.Element(prover.Base(election.VoterSecret("voter-2")))
	})
	bad("V-24", "WrongSignature", "one bit of s", func(in input) { in.Signature.Response[0] ^= 1 })
	bad("V-24", "WrongSignature", "R and s of two signatures", func(in input) {
		in.Signature.Commitment = prover.Sign(election.Seed, x, in.Purpose, f, election.Seed.Bytes("h2")).Commitment
	})
	bad("V-24", "WrongSignature", "negative of s", func(in input) {
		in.Signature.Response = prover.Scalar(prover.Minus(prover.Integer(0), scalarOf(in.Signature.Response)))
	})
	bad("V-17 V-24", "UnreducedScalar", "s plus l", func(in input) { in.Signature.Response = prover.AddOrder(in.Signature.Response) })
	bad("V-17 V-24", "NegativeElement", "negative encoding of R", func(in input) { in.Signature.Commitment = prover.Negative(in.Signature.Commitment) })
	bad("V-17", "NegativeElement", "negative encoding of K", func(in input) { in.Key = prover.Negative(in.Key) })
	bad("V-17 V-24", "NoElement", "R that is no element", func(in input) { in.Signature.Commitment = notAnElement() })
	bad("V-24", "IdentityElement", "K is the identity, anybody signs", func(in input) {
		in.Key = message.Element{}
		in.Signature = prover.Sign(election.Seed, prover.Integer(0), in.Purpose, f, h)
	})
	weakSignatures(bad, x)
	s.finish()
}

// scalarOf decodes a scalar that the generator made itself: s = 2s/2.
func scalarOf(s message.Scalar) kyber.Scalar { return prover.Challenge(s) }

// weakSignatures have challenges that leave something out.
func weakSignatures(bad func(check, flag, comment string, change func(in *vectors.SignatureInput)), x kyber.Scalar) {
	weak := func(comment string, hash func(in *vectors.SignatureInput, r [32]byte) *transcript.Transcript) {
		bad("V-24", "WeakFiatShamir", comment, func(in *vectors.SignatureInput) {
			k := election.Seed.Scalar("weak signature", []byte(comment))
			r := prover.Element(prover.Base(k))
			c := prover.Challenge(hash(in, r).Sum())
			in.Signature = message.SchnorrSignature{Commitment: r, Response: prover.Scalar(prover.Plus(k, prover.Times(c, x)))}
		})
	}
	weak("challenge without the key", func(in *vectors.SignatureInput, r [32]byte) *transcript.Transcript {
		return transcript.New("credential-signature").Point(r).String(in.Purpose).Digest(in.Fingerprint).Digest(in.Digest)
	})
	weak("challenge without R", func(in *vectors.SignatureInput, _ [32]byte) *transcript.Transcript {
		return transcript.New("credential-signature").Point(in.Key).String(in.Purpose).Digest(in.Fingerprint).Digest(in.Digest)
	})
	weak("challenge without purpose and election", func(in *vectors.SignatureInput, r [32]byte) *transcript.Transcript {
		return transcript.New("credential-signature").Point(in.Key).Point(r).Digest(in.Digest)
	})
	bad("V-24", "SimulatedProof", "s chosen first, R = sG − cK for a challenge without R", func(in *vectors.SignatureInput) {
		z := election.Seed.Scalar("simulated s")
		c := prover.Challenge(transcript.New("credential-signature").Point(in.Key).String(in.Purpose).Digest(in.Fingerprint).Digest(in.Digest).Sum())
		r := prover.Sub(prover.Base(z), prover.Mul(c, election.Point(in.Key)))
		in.Signature = message.SchnorrSignature{Commitment: prover.Element(r), Response: prover.Scalar(z)}
	})
}

// statement is the context of a statement.
func statement(s transcript.Statement) vectors.StatementContext {
	return vectors.StatementContext{
		Caster: s.Caster, Ciphertexts: s.Ciphertexts, Contest: s.Contest, ElectionKey: s.ElectionKey,
		Fingerprint: s.Fingerprint, Style: s.Style,
	}
}

// strange is a change to each field of a statement that a proof might have
// been made for.
func strange() []struct {
	comment string
	change  func(s *transcript.Statement)
} {
	return []struct {
		comment string
		change  func(s *transcript.Statement)
	}{
		{"another election", func(s *transcript.Statement) { s.Fingerprint[0] ^= 1 }},
		{"another election key", func(s *transcript.Statement) {
			s.ElectionKey = prover.Element(prover.Base(election.Seed.Scalar("another key")))
		}},
		{"another style", func(s *transcript.Statement) { s.Style = "long" }},
		{"another contest", func(s *transcript.Statement) { s.Contest = "panel" }},
		{"another voter", func(s *transcript.Statement) {
			s.Caster = transcript.Caster(message.Caster{Credential: prover.Element(prover.Base(election.VoterSecret("voter-2")))})
		}},
		{"other ciphertexts beside it", func(s *transcript.Statement) { s.Ciphertexts[0] ^= 1 }},
	}
}

type selectionSuite = suite[vectors.SelectionContext, vectors.SelectionInput]

// selection is one ciphertext with what its maker knows.
type selection struct {
	statement transcript.Statement
	option    string
	key       kyber.Point
	plain     uint64
	coins     kyber.Scalar
}

func (c selection) pair() prover.Pair {
	return prover.Encrypt(c.key, prover.Integer(c.plain), c.coins)
}

func (c selection) input(proof message.Branches) vectors.SelectionInput {
	p := c.pair()
	return vectors.SelectionInput{Alpha: prover.Element(p.Alpha), Beta: prover.Element(p.Beta), Proof: proof}
}

// prove makes the proof with a transcript of the caller's.
func (c selection) prove(start func(alpha, beta [32]byte) *transcript.Transcript) vectors.SelectionInput {
	p := c.pair()
	return c.input(prover.Range{Y: c.key, Pair: p, Plain: c.plain, R: c.coins, Low: 0, High: 1,
		Start: func() *transcript.Transcript { return start(prover.Element(p.Alpha), prover.Element(p.Beta)) },
	}.Prove(election.Seed, "selection"))
}

func (c selection) honest() vectors.SelectionInput {
	return c.prove(func(alpha, beta [32]byte) *transcript.Transcript { return c.statement.Selection(c.option, alpha, beta) })
}

func selectionVectors(b *book) {
	s := newSuite[vectors.SelectionContext, vectors.SelectionInput](b, "selections",
		"Does this ciphertext hold 0 or 1?",
		"The proof of S-12 for the ciphertext, in the statement of the context. hct is given, so the ciphertext need not be among those it is made of.",
		"α must not be the identity (V-17).")
	e := ward()
	p := e.Prepare(election.Action{Name: "selections", Voter: "voter-1"})
	st := p.Statement
	st.Contest = "motion"
	c := selection{statement: st, option: "yes", key: e.Key, coins: election.Seed.Scalar("selection r")}
	s.group("option yes of contest motion", vectors.SelectionContext{Option: "yes", Statement: statement(st)})
	s.valid("zero", c.honest())
	one := c
	one.plain = 1
	s.valid("one", one.honest())
	selectionFaults(s, c)
	selectionStatements(s, one)
	selectionForgeries(s, e, one)
	s.finish()
}

func selectionFaults(s *selectionSuite, c selection) {
	for _, m := range []uint64{2, 3, 1000} {
		wrong := c
		wrong.plain = m
		s.invalid("V-20", fmt.Sprintf("%d, and the motions of a proof", m), wrong.honest(), "OutOfRange")
	}
	minus := c.honest()
	pair := prover.Encrypt(c.key, prover.Minus(prover.Integer(0), prover.Integer(1)), c.coins)
	minus.Beta = prover.Element(pair.Beta)
	s.invalid("V-20", "minus one, with the proof of zero", minus, "OutOfRange")
	bad := func(check, flag, comment string, change func(in *vectors.SelectionInput)) {
		in := c.honest()
		in.Proof.Challenges, in.Proof.Responses = slices.Clone(in.Proof.Challenges), slices.Clone(in.Proof.Responses)
		change(&in)
		s.invalid(check, comment, in, flag)
	}
	type input = *vectors.SelectionInput
	bad("V-20", "WrongProof", "one bit of a response", func(in input) { in.Proof.Responses[1][0] ^= 1 })
	bad("V-20", "WrongProof", "one bit of a challenge", func(in input) { in.Proof.Challenges[1][0] ^= 1 })
	bad("V-20", "WrongProof", "challenges swapped", func(in input) { slices.Reverse(in.Proof.Challenges) })
	bad("V-20", "WrongProof", "branches swapped", func(in input) {
		slices.Reverse(in.Proof.Challenges)
		slices.Reverse(in.Proof.Responses)
	})
	bad("V-20", "SimulatedProof", "all branches simulated, challenges that add up to nothing", func(in input) {
		in.Proof.Challenges[0] = prover.Scalar(election.Seed.Scalar("free challenge"))
	})
	bad("V-20", "SimulatedProof", "zeros", func(in input) {
		in.Proof = message.Branches{Challenges: make([]message.Scalar, 2), Responses: make([]message.Scalar, 2)}
	})
	bad("V-18", "BranchCount", "no branches", func(in input) {
		in.Proof = message.Branches{Challenges: []message.Scalar{}, Responses: []message.Scalar{}}
	})
	bad("V-18", "BranchCount", "one branch", func(in input) {
		in.Proof.Challenges, in.Proof.Responses = in.Proof.Challenges[:1], in.Proof.Responses[:1]
	})
	bad("V-18", "BranchCount", "one response missing", func(in input) { in.Proof.Responses = in.Proof.Responses[:1] })
	bad("V-18", "BranchCount", "one response too many", func(in input) {
		in.Proof.Responses = append(in.Proof.Responses, in.Proof.Responses[0])
	})
	bad("V-17 V-20", "UnreducedScalar", "response plus l", func(in input) { in.Proof.Responses[0] = prover.AddOrder(in.Proof.Responses[0]) })
	bad("V-17 V-20", "UnreducedScalar", "challenge plus l", func(in input) { in.Proof.Challenges[0] = prover.AddOrder(in.Proof.Challenges[0]) })
	bad("V-17", "NegativeElement", "negative encoding of α", func(in input) { in.Alpha = prover.Negative(in.Alpha) })
	bad("V-17", "NegativeElement", "negative encoding of β", func(in input) { in.Beta = prover.Negative(in.Beta) })
	bad("V-17", "NoElement", "α that is no element", func(in input) { in.Alpha = notAnElement() })
	bad("V-17", "NoElement", "β that is no element", func(in input) { in.Beta = notAnElement() })
	bad("V-20", "WrongProof", "α and β swapped", func(in input) { in.Alpha, in.Beta = in.Beta, in.Alpha })
	bad("V-20", "MalleatedCiphertext", "β + G, with the proof of what it was", func(in input) {
		in.Beta = prover.Element(prover.Add(election.Point(in.Beta), prover.Base(prover.Integer(1))))
	})
	bad("V-20", "MalleatedCiphertext", "encrypted again, with the proof of what it was", func(in input) {
		r := election.Seed.Scalar("again")
		in.Alpha = prover.Element(prover.Add(election.Point(in.Alpha), prover.Base(r)))
		in.Beta = prover.Element(prover.Add(election.Point(in.Beta), prover.Mul(r, c.key)))
	})
	zero := c
	zero.coins = prover.Integer(0)
	s.invalid("V-17", "α is the identity: the vote in the open", zero.honest(), "IdentityElement")
}

// selectionStatements are proofs for other statements, and with challenges
// that lack a field.
func selectionStatements(s *selectionSuite, c selection) {
	for _, o := range strange() {
		other := c
		o.change(&other.statement)
		s.invalid("V-20", "proof for "+o.comment, other.honest(), "TransplantedProof")
	}
	option := c
	option.option = "no"
	s.invalid("V-20", "proof for another option", option.honest(), "TransplantedProof")
	st := c.statement
	common := func() *transcript.Transcript {
		return transcript.New("selection-proof").Digest(st.Fingerprint).Point(st.ElectionKey)
	}
	weak := func(comment string, start func(alpha, beta [32]byte) *transcript.Transcript) {
		s.invalid("V-20", comment, c.prove(start), "WeakFiatShamir")
	}
	weak("challenge of the commitments alone", func(_, _ [32]byte) *transcript.Transcript { return transcript.WeakCommitments(2) })
	weak("challenge without α and β", func(_, _ [32]byte) *transcript.Transcript {
		return common().String(st.Style).String(st.Contest).String("yes").Digest(st.Caster).Digest(st.Ciphertexts).List(2)
	})
	weak("challenge without the voter", func(alpha, beta [32]byte) *transcript.Transcript {
		return common().String(st.Style).String(st.Contest).String("yes").Digest(st.Ciphertexts).Point(alpha).Point(beta).List(2)
	})
	weak("challenge without the other ciphertexts", func(alpha, beta [32]byte) *transcript.Transcript {
		return common().String(st.Style).String(st.Contest).String("yes").Digest(st.Caster).Point(alpha).Point(beta).List(2)
	})
	weak("challenge without contest and option", func(alpha, beta [32]byte) *transcript.Transcript {
		return common().String(st.Style).Digest(st.Caster).Digest(st.Ciphertexts).Point(alpha).Point(beta).List(2)
	})
	weak("challenge without the election key", func(alpha, beta [32]byte) *transcript.Transcript {
		return transcript.New("selection-proof").Digest(st.Fingerprint).String(st.Style).String(st.Contest).String("yes").
			Digest(st.Caster).Digest(st.Ciphertexts).Point(alpha).Point(beta).List(2)
	})
	weak("challenge with style and contest joined", func(alpha, beta [32]byte) *transcript.Transcript {
		return common().String(st.Style + st.Contest + "yes").Digest(st.Caster).Digest(st.Ciphertexts).Point(alpha).Point(beta).List(2)
	})
	weak("challenge under the label of sum proofs", func(alpha, beta [32]byte) *transcript.Transcript {
		return transcript.New("sum-proof").Digest(st.Fingerprint).Point(st.ElectionKey).
			String(st.Style).String(st.Contest).String("yes").Digest(st.Caster).Digest(st.Ciphertexts).Point(alpha).Point(beta).List(2)
	})
}

// selectionForgeries are computed by somebody who aims at a weak verifier.
func selectionForgeries(s *selectionSuite, e *election.Election, c selection) {
	forged := prover.ForgeWeak(election.Seed, "selection", e.Key)
	s.invalid("V-20", "proof made first, ciphertext of a huge number afterwards", vectors.SelectionInput{
		Alpha: prover.Element(forged.Pair.Alpha), Beta: prover.Element(forged.Pair.Beta), Proof: forged.Proof,
	}, "WeakFiatShamir")
	// Both branches simulated with challenges of the forger's choice: each
	// equation holds, their sum is no hash.
	in := c.honest()
	for j := range 2 {
		in.Proof.Challenges[j] = prover.Scalar(election.Seed.Scalar("chosen c", []byte{byte(j)}))
		in.Proof.Responses[j] = prover.Scalar(election.Seed.Scalar("chosen z", []byte{byte(j)}))
	}
	s.invalid("V-20", "both challenges chosen freely", in, "SimulatedProof")
	three := prover.Encrypt(e.Key, prover.Integer(2), c.coins)
	wide := vectors.SelectionInput{Alpha: prover.Element(three.Alpha), Beta: prover.Element(three.Beta)}
	wide.Proof = prover.Range{Y: e.Key, Pair: three, Plain: 2, R: c.coins, Low: 0, High: 2, Start: func() *transcript.Transcript {
		return c.statement.Selection("yes", wide.Alpha, wide.Beta)
	}}.Prove(election.Seed, "three branches")
	s.invalid("V-18", "a third branch, for 2", wide, "BranchCount")
	shifted := vectors.SelectionInput{Alpha: wide.Alpha, Beta: wide.Beta}
	shifted.Proof = prover.Range{Y: e.Key, Pair: three, Plain: 2, R: c.coins, Low: 1, High: 2, Start: func() *transcript.Transcript {
		return c.statement.Selection("yes", wide.Alpha, wide.Beta)
	}}.Prove(election.Seed, "shifted branches")
	s.invalid("V-20", "two branches, for 1 and 2", shifted, "OutOfRange")
}
