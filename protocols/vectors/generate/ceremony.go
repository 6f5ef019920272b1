package main

import (
	"fmt"
	"slices"
	"strings"

	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
	"scrutineer/protocols/vectors"
	"scrutineer/protocols/vectors/internal/election"
	"scrutineer/protocols/vectors/internal/prover"
)

// ward is the election that most vectors are about, ready to vote.
func ward() *election.Election { return election.Open(election.Script{Manifest: election.Ward()}) }

// notAnElement is an encoding of nothing.
func notAnElement() message.Element { return message.Element(fromHex(refused()[2].encodings[0])) }

func knowledgeVectors(b *book) {
	s := newSuite[vectors.KnowledgeContext, vectors.KnowledgeInput](b, "knowledge",
		"Does this prove that the trustee knows the coefficient?",
		"The proof of S-02 for coefficient k of trustee i in the ceremony with this setupID: R = zG − cA, and c is the challenge of R.")
	e := ward()
	ctx := vectors.KnowledgeContext{Coefficient: 1, Index: 2, SetupID: e.SetupID}
	x := e.Trustees[1].Coefficients[1]
	a := prover.Element(prover.Base(x))
	prove := func(hash func(r [32]byte) [32]byte) vectors.KnowledgeInput {
		return vectors.KnowledgeInput{Element: a, Proof: prover.Know(election.Seed, "vector", x, hash)}
	}
	honest := prove(func(r [32]byte) [32]byte { return transcript.Knowledge(e.SetupID, 2, 1, a, r) })
	s.group("coefficient 1 of trustee 2", ctx)
	s.valid("honest", honest)
	s.valid("coefficient that is the identity", vectors.KnowledgeInput{Proof: prover.Know(election.Seed, "zero", prover.Integer(0),
		func(r [32]byte) [32]byte { return transcript.Knowledge(e.SetupID, 2, 1, message.Element{}, r) })})
	bad := func(flag, comment string, in vectors.KnowledgeInput) { s.invalid("V-12", comment, in, flag) }
	other := election.Seed.Bytes("another setup")
	bad("TransplantedProof", "of another ceremony", prove(func(r [32]byte) [32]byte { return transcript.Knowledge(other, 2, 1, a, r) }))
	bad("TransplantedProof", "of another trustee", prove(func(r [32]byte) [32]byte { return transcript.Knowledge(e.SetupID, 1, 1, a, r) }))
	bad("TransplantedProof", "of another coefficient", prove(func(r [32]byte) [32]byte { return transcript.Knowledge(e.SetupID, 2, 0, a, r) }))
	bad("WeakFiatShamir", "challenge without the element", prove(func(r [32]byte) [32]byte {
		return transcript.New("dkg-knowledge").Digest(e.SetupID).Uint(2).Uint(1).Point(r).Sum()
	}))
	bad("WeakFiatShamir", "challenge without ceremony and trustee", prove(func(r [32]byte) [32]byte {
		return transcript.New("dkg-knowledge").Point(a).Point(r).Sum()
	}))
	bad("WeakFiatShamir", "proof made first, element afterwards", forgedKnowledge(e.SetupID))
	bad("WrongProof", "of another element", vectors.KnowledgeInput{Element: e.Trustees[0].Revealed.Commitments[1], Proof: honest.Proof})
	scalarFaults(honest.Proof, func(check, flag, comment string, p message.Compact) {
		s.invalid(strings.TrimSpace(check+" V-12"), comment, vectors.KnowledgeInput{Element: a, Proof: p}, flag)
	})
	bad("SimulatedProof", "challenge and response zero", vectors.KnowledgeInput{Element: a})
	s.invalid("V-17", "no element", vectors.KnowledgeInput{Element: notAnElement(), Proof: honest.Proof}, "NoElement")
	s.finish()
}

// forgedKnowledge chooses R and z, takes the challenge of R alone, and then
// the element that fits: A = (zG − R)/c, whose logarithm nobody knows unless R
// is known. It passes a verifier whose challenge lacks the element.
func forgedKnowledge(setupID [32]byte) vectors.KnowledgeInput {
	r := prover.Base(election.Seed.Scalar("forged R"))
	z := election.Seed.Scalar("forged z")
	c := prover.Challenge(transcript.New("dkg-knowledge").Digest(setupID).Uint(2).Uint(1).Point(prover.Element(r)).Sum())
	a := prover.Mul(prover.Over(prover.Integer(1), c), prover.Sub(prover.Base(z), r))
	return vectors.KnowledgeInput{
		Element: prover.Element(a),
		Proof:   message.Compact{Challenge: prover.Scalar(c), Response: prover.Scalar(z)},
	}
}

// scalarFaults are the ways in which challenge and response of a compact
// proof go wrong. An empty check is that of the proof.
func scalarFaults(p message.Compact, bad func(check, flag, comment string, p message.Compact)) {
	flipped := p
	flipped.Response[0] ^= 1
	bad("", "WrongProof", "one bit of the response", flipped)
	flipped = p
	flipped.Challenge[0] ^= 1
	bad("", "WrongProof", "one bit of the challenge", flipped)
	bad("", "WrongProof", "challenge and response swapped", message.Compact{Challenge: p.Response, Response: p.Challenge})
	bad("V-17", "UnreducedScalar", "response plus l", message.Compact{Challenge: p.Challenge, Response: prover.AddOrder(p.Response)})
	bad("V-17", "UnreducedScalar", "challenge plus l", message.Compact{Challenge: prover.AddOrder(p.Challenge), Response: p.Response})
}

type revealSuite = suite[vectors.CeremonyContext, vectors.RevealInput]

// turn is a trustee's two messages, changed by how it draws and what it
// reveals.
func turn(e *election.Election, i int, draw func(t *election.Trustee), change func(r *message.DKGReveal)) vectors.RevealInput {
	t := *e.Trustees[i]
	t.Coefficients = slices.Clone(t.Coefficients)
	if draw != nil {
		draw(&t)
	}
	r := election.Reveal(&t, e.SetupID)
	if change != nil {
		change(&r)
	}
	return vectors.RevealInput{
		Commit: message.DKGCommit{Hash: transcript.Commitment(e.SetupID, &r), Index: r.Index},
		Reveal: r,
	}
}

func revealVectors(b *book) {
	s := newSuite[vectors.CeremonyContext, vectors.RevealInput](b, "reveals",
		"May this trustee have committed to this and now reveal it?",
		"All trustees have committed; the signer's commit is in the input. Some have revealed. The signer's reveal comes next (V-10 to V-12).")
	e := ward()
	ctx := vectors.CeremonyContext{SetupID: e.SetupID, Signer: 2, Threshold: 2, Trustees: 3, Reveals: []message.DKGReveal{e.Trustees[0].Revealed}}
	for _, i := range []int{0, 2} {
		ctx.Commits = append(ctx.Commits, turn(e, i, nil, nil).Commit)
	}
	s.group("trustee 2 of 3, threshold 2, after trustee 1", ctx)
	s.valid("honest", turn(e, 1, nil, nil))
	s.valid("second coefficient zero", turn(e, 1, func(t *election.Trustee) { t.Coefficients[1] = prover.Integer(0) }, nil))
	commitFaults(s, e)
	coefficientFaults(s, e)
	last := vectors.CeremonyContext{
		SetupID: e.SetupID, Signer: 3, Threshold: 2, Trustees: 3,
		Commits: []message.DKGCommit{turn(e, 0, nil, nil).Commit, turn(e, 1, nil, nil).Commit},
		Reveals: []message.DKGReveal{e.Trustees[0].Revealed, e.Trustees[1].Revealed},
	}
	s.group("the last trustee", last)
	s.valid("honest last trustee", turn(e, 2, nil, nil))
	s.invalid("V-12", "constant term that cancels the others", rogueKey(e), "RogueKey")
	s.finish()
}

func commitFaults(s *revealSuite, e *election.Election) {
	bad := func(flag, comment string, in vectors.RevealInput) { s.invalid("V-10", comment, in, flag) }
	in := turn(e, 1, nil, nil)
	in.Commit.Hash[0] ^= 1
	bad("BrokenCommitment", "hash of something else", in)
	in = turn(e, 1, nil, nil)
	in.Reveal = turn(e, 1, func(t *election.Trustee) { t.Coefficients[0] = election.Seed.Scalar("second thoughts") }, nil).Reveal
	bad("BrokenCommitment", "other coefficients than committed to", in)
	in = turn(e, 1, nil, nil)
	in.Commit.Hash = transcript.Commitment(election.Seed.Bytes("another setup"), &in.Reveal)
	bad("BrokenCommitment", "hash for another ceremony", in)
	in = turn(e, 1, nil, nil)
	in.Commit.Hash = transcript.New("dkg-commitment").Digest(e.SetupID).Uint(2).List(2).
		Point(in.Reveal.Commitments[0]).Point(in.Reveal.Commitments[1]).Sum()
	bad("BrokenCommitment", "hash without the proofs", in)
	for _, index := range []uint64{0, 1, 4, 1 << 32} {
		in = turn(e, 1, func(t *election.Trustee) { t.Index = index }, nil)
		bad("WrongIndex", fmt.Sprintf("index %d", index), in)
	}
}

func coefficientFaults(s *revealSuite, e *election.Election) {
	s.invalid("V-11", "one coefficient more than the threshold", turn(e, 1, func(t *election.Trustee) {
		t.Coefficients = append(t.Coefficients, election.Seed.Scalar("one more"))
	}, nil), "WrongDegree")
	s.invalid("V-11", "one coefficient less", turn(e, 1, func(t *election.Trustee) { t.Coefficients = t.Coefficients[:1] }, nil), "WrongDegree")
	s.invalid("V-11", "no coefficients", turn(e, 1, func(t *election.Trustee) { t.Coefficients = nil }, func(r *message.DKGReveal) {
		r.Commitments, r.Proofs = []message.Element{}, []message.Compact{}
	}), "WrongDegree")
	s.invalid("V-11", "constant term zero", turn(e, 1, func(t *election.Trustee) { t.Coefficients[0] = prover.Integer(0) }, nil), "IdentityElement")
	s.invalid("V-11", "constant term of trustee 1", turn(e, 1, func(t *election.Trustee) {
		t.Coefficients[0] = e.Trustees[0].Coefficients[0]
	}, nil), "CopiedKey")
	bad := func(flag, comment string, change func(r *message.DKGReveal)) {
		s.invalid("V-12", comment, turn(e, 1, nil, change), flag)
	}
	bad("WrongProof", "one bit of a response", func(r *message.DKGReveal) { r.Proofs[1].Response[0] ^= 1 })
	bad("WrongProof", "proofs in the other order", func(r *message.DKGReveal) { slices.Reverse(r.Proofs) })
	bad("MissingProof", "no proofs", func(r *message.DKGReveal) { r.Proofs = []message.Compact{} })
	bad("MissingProof", "proof of the constant term only", func(r *message.DKGReveal) { r.Proofs = r.Proofs[:1] })
	bad("MissingProof", "one proof too many", func(r *message.DKGReveal) { r.Proofs = append(r.Proofs, r.Proofs[0]) })
	bad("TransplantedProof", "proofs of trustee 1", func(r *message.DKGReveal) { r.Proofs = e.Trustees[0].Revealed.Proofs })
	s.invalid("V-17", "coefficient that is no element", turn(e, 1, nil, func(r *message.DKGReveal) { r.Commitments[1] = notAnElement() }), "NoElement")
	s.invalid("V-17", "coefficient in its negative encoding", turn(e, 1, nil, func(r *message.DKGReveal) {
		r.Commitments[0] = prover.Negative(r.Commitments[0])
	}), "NegativeElement")
	s.invalid("V-17 V-12", "response plus l", turn(e, 1, nil, func(r *message.DKGReveal) {
		r.Proofs[0].Response = prover.AddOrder(r.Proofs[0].Response)
	}), "UnreducedScalar")
}

// rogueKey makes the election key G: A_3 = G − A_1 − A_2 (the adversary then
// decrypts alone; it cannot prove that it knows the logarithm of A_3).
func rogueKey(e *election.Election) vectors.RevealInput {
	return turn(e, 2, nil, func(r *message.DKGReveal) {
		a := prover.Base(prover.Integer(1))
		for _, t := range e.Trustees[:2] {
			a = prover.Sub(a, prover.Base(t.Coefficients[0]))
		}
		r.Commitments[0] = prover.Element(a)
		c := transcript.Knowledge(e.SetupID, 3, 0, r.Commitments[0], election.Seed.Bytes("no R"))
		r.Proofs[0] = message.Compact{
			Challenge: prover.Scalar(prover.Challenge(c)),
			Response:  prover.Scalar(election.Seed.Scalar("no z")),
		}
	})
}
