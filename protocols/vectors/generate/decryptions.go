package main

import (
	"slices"
	"strings"

	"go.dedis.ch/kyber/v3"

	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
	"scrutineer/protocols/vectors"
	"scrutineer/protocols/vectors/internal/election"
	"scrutineer/protocols/vectors/internal/prover"
)

// evening is the ward after everybody has voted and the tally.
func evening() *election.Election {
	return election.Play(election.Script{Manifest: election.Ward(), Voting: []election.Action{
		{Name: "cast 1", Voter: "voter-1", Choices: map[string][]string{"council": {"ada", "cyd"}, "motion": {"no"}}},
		{Name: "cast 2", Voter: "voter-2", Choices: map[string][]string{"council": {"ada"}, "motion": {"yes"}, "panel": {"eli"}}},
		{Name: "cast 3", Voter: "voter-3", Choices: map[string][]string{"council": {"blank"}}},
		{Name: "cast 4", Voter: "voter-5", Choices: map[string][]string{"council": {"ben"}, "motion": {"yes"}, "panel": {"dana", "eli"}}},
	}})
}

type decryptionSuite = suite[vectors.ShareSubject, vectors.DecryptionInput]

func decryptionVectors(b *book) {
	s := newSuite[vectors.ShareSubject, vectors.DecryptionInput](b, "decryptions",
		"Is this the trustee's share of the cell?",
		"A decryption-share of the signer for the cell of the context in the sealed election (V-17, V-36, V-37).")
	e := evening()
	c := e.Contest("motion")
	a := e.Aggregate(c, e.Cells("motion")[1])
	x := e.Secret(3)
	ctx := vectors.ShareSubject{
		Aggregate: a, Fingerprint: e.Fingerprint, Root: e.Sealed(), Signer: 3, VerificationKey: prover.Element(prover.Base(x)),
	}
	s.group("trustee 3, contest motion, unit "+a.Unit, ctx)
	honest := func() message.DecryptionShare { return election.Decrypt(x, 3, e.Fingerprint, e.Sealed(), a) }
	s.valid("honest", vectors.DecryptionInput{Share: honest()})
	shareSubjects(s, e, honest)
	factorFaults(s, honest)
	factorProofs(s, e, x, a, honest)
	s.finish()
}

// shareSubjects are shares of something else (V-36).
func shareSubjects(s *decryptionSuite, e *election.Election, honest func() message.DecryptionShare) {
	bad := func(flag, comment string, change func(m *message.DecryptionShare)) {
		m := honest()
		change(&m)
		s.invalid("V-36", comment, vectors.DecryptionInput{Share: m}, flag)
	}
	bad("WrongIndex", "index of another trustee", func(m *message.DecryptionShare) { m.Index = 1 })
	bad("WrongIndex", "index 0", func(m *message.DecryptionShare) { m.Index = 0 })
	bad("ForeignShare", "another contest", func(m *message.DecryptionShare) { m.Contest = "panel" })
	bad("ForeignShare", "another unit", func(m *message.DecryptionShare) { m.Unit = "north" })
	bad("ForeignShare", "another root", func(m *message.DecryptionShare) { m.Root[0] ^= 1 })
	bad("ForeignShare", "one option missing", func(m *message.DecryptionShare) { m.Shares = m.Shares[:1] })
	bad("ForeignShare", "no options", func(m *message.DecryptionShare) { m.Shares = []message.Factor{} })
	bad("ForeignShare", "one option twice", func(m *message.DecryptionShare) { m.Shares = append(m.Shares, m.Shares[0]) })
	bad("ForeignShare", "options in another order", func(m *message.DecryptionShare) { slices.Reverse(m.Shares) })
	bad("ForeignShare", "labels of two options exchanged", func(m *message.DecryptionShare) {
		m.Shares[0].Option, m.Shares[1].Option = m.Shares[1].Option, m.Shares[0].Option
	})
	bad("ChosenCiphertext", "right factors of the other cell", func(m *message.DecryptionShare) {
		other := e.Aggregate(e.Contest("motion"), e.Cells("motion")[0])
		*m = election.Decrypt(e.Secret(3), 3, e.Fingerprint, e.Sealed(), other)
		m.Unit = "south"
	})
	bad("ChosenCiphertext", "right factor of one voter's ciphertext", func(m *message.DecryptionShare) {
		ballot := e.Posted("cast 3").Ballot.Contests[1].Selections[0]
		m.Shares[0] = election.Factor(e.Secret(3), subject(e, m), message.Ciphertext{Alpha: ballot.Alpha, Beta: ballot.Beta, Option: "yes"})
	})
	bad("ChosenCiphertext", "α·g^k in place of α, proven", func(m *message.DecryptionShare) {
		f := m.Shares[0]
		alpha := prover.Add(election.Point(f.Alpha), prover.Base(prover.Integer(5)))
		m.Shares[0] = election.Factor(e.Secret(3), subject(e, m), message.Ciphertext{Alpha: prover.Element(alpha), Beta: f.Beta, Option: f.Option})
	})
	bad("ChosenCiphertext", "another β", func(m *message.DecryptionShare) {
		f := m.Shares[0]
		beta := prover.Add(election.Point(f.Beta), prover.Base(prover.Integer(1)))
		m.Shares[0] = election.Factor(e.Secret(3), subject(e, m), message.Ciphertext{Alpha: f.Alpha, Beta: prover.Element(beta), Option: f.Option})
	})
}

func subject(e *election.Election, m *message.DecryptionShare) election.Subject {
	return election.Subject{Fingerprint: e.Fingerprint, Root: m.Root, Index: m.Index, Contest: m.Contest, Unit: m.Unit}
}

// factorFaults are wrong factors and proofs (V-17, V-37).
func factorFaults(s *decryptionSuite, honest func() message.DecryptionShare) {
	bad := func(checks, flag, comment string, change func(f *message.Factor)) {
		m := honest()
		change(&m.Shares[0])
		s.invalid(checks, comment, vectors.DecryptionInput{Share: m}, flag)
	}
	type factor = *message.Factor
	bad("V-37", "WrongFactor", "factor plus G: one vote less", func(f factor) {
		f.Factor = prover.Element(prover.Add(election.Point(f.Factor), prover.Base(prover.Integer(1))))
	})
	bad("V-37", "WrongFactor", "factor that is the identity", func(f factor) { f.Factor = message.Element{} })
	bad("V-37", "MissingProof", "proof of zeros", func(f factor) { f.Proof = message.Compact{} })
	bad("V-17", "NoElement", "factor that is no element", func(f factor) { f.Factor = notAnElement() })
	bad("V-17", "NegativeElement", "factor in its negative encoding", func(f factor) { f.Factor = prover.Negative(f.Factor) })
	scalarFaults(honest().Shares[0].Proof, func(check, flag, comment string, p message.Compact) {
		bad(strings.TrimSpace(check+" V-37"), flag, comment, func(f factor) { f.Proof = p })
	})
	swapped := honest()
	swapped.Shares[0].Factor, swapped.Shares[1].Factor = swapped.Shares[1].Factor, swapped.Shares[0].Factor
	swapped.Shares[0].Proof, swapped.Shares[1].Proof = swapped.Shares[1].Proof, swapped.Shares[0].Proof
	s.invalid("V-37", "factors and proofs of two options exchanged", vectors.DecryptionInput{Share: swapped}, "WrongFactor")
}

// factorProofs are right factors, or wrong ones, with proofs of something
// else (V-37).
func factorProofs(s *decryptionSuite, e *election.Election, x kyber.Scalar, a message.Aggregate, honest func() message.DecryptionShare) {
	right := transcript.Decryption{
		Fingerprint: e.Fingerprint, Root: e.Sealed(), Index: 3, Contest: a.Contest, Unit: a.Unit, Option: a.Ciphertexts[0].Option,
		Key: prover.Element(prover.Base(x)), Alpha: a.Ciphertexts[0].Alpha, Beta: a.Ciphertexts[0].Beta,
		Factor: honest().Shares[0].Factor,
	}
	prove := func(flag, comment string, hash func(a, b [32]byte) [32]byte) {
		m := honest()
		m.Shares[0].Proof = prover.Equal(election.Seed, comment, x, election.Point(right.Alpha), hash)
		s.invalid("V-37", comment, vectors.DecryptionInput{Share: m}, flag)
	}
	for _, c := range []struct {
		comment string
		change  func(d *transcript.Decryption)
	}{
		{"proof for another election", func(d *transcript.Decryption) { d.Fingerprint[0] ^= 1 }},
		{"proof for another root", func(d *transcript.Decryption) { d.Root[0] ^= 1 }},
		{"proof for another trustee's index", func(d *transcript.Decryption) { d.Index = 2 }},
		{"proof for another contest", func(d *transcript.Decryption) { d.Contest = "panel" }},
		{"proof for another unit", func(d *transcript.Decryption) { d.Unit = "north" }},
		{"proof for another option", func(d *transcript.Decryption) { d.Option = "no" }},
		{"proof for another key", func(d *transcript.Decryption) { d.Key = d.Alpha }},
		{"proof for another β", func(d *transcript.Decryption) { d.Beta = d.Alpha }},
	} {
		d := right
		c.change(&d)
		prove("TransplantedProof", c.comment, d.Challenge)
	}
	prove("WeakFiatShamir", "challenge of the commitments alone", func(a, b [32]byte) [32]byte {
		return transcript.WeakCommitments(1).Branch(a, b).Sum()
	})
	prove("WeakFiatShamir", "challenge without the factor", func(a, b [32]byte) [32]byte {
		return transcript.New("decryption-proof").Digest(right.Fingerprint).Digest(right.Root).Uint(3).
			String(right.Contest).String(right.Unit).String(right.Option).Point(right.Key).Point(right.Alpha).Point(right.Beta).
			Point(a).Point(b).Sum()
	})
	s.invalid("V-37", "proof made first, factor afterwards", vectors.DecryptionInput{Share: forgedFactor(x, right, honest())}, "WeakFiatShamir")
	m := honest()
	other := e.Secret(2)
	m.Shares[0] = election.Factor(other, subject(e, &m), a.Ciphertexts[0])
	s.invalid("V-37", "factor by another trustee's key, proven for that key", vectors.DecryptionInput{Share: m}, "WrongFactor")
}

// forgedFactor passes a verifier whose challenge hashes the commitments alone.
// With a = uG and b = wG fixed first, c is known; z = u + c·x satisfies the
// first equation and d = (zα − b)/c the second. It is xα plus (ur − w)/c votes
// for α = rG, and who encrypts last chooses r.
func forgedFactor(x kyber.Scalar, d transcript.Decryption, m message.DecryptionShare) message.DecryptionShare {
	u, w := election.Seed.Scalar("forged u"), election.Seed.Scalar("forged w")
	a, b := prover.Base(u), prover.Base(w)
	c := prover.Challenge(transcript.WeakCommitments(1).Branch(prover.Element(a), prover.Element(b)).Sum())
	z := prover.Plus(u, prover.Times(c, x))
	factor := prover.Mul(prover.Over(prover.Integer(1), c), prover.Sub(prover.Mul(z, election.Point(d.Alpha)), b))
	m.Shares = slices.Clone(m.Shares)
	m.Shares[0].Factor = prover.Element(factor)
	m.Shares[0].Proof = message.Compact{Challenge: prover.Scalar(c), Response: prover.Scalar(z)}
	return m
}

func totalsVectors(b *book) {
	s := newSuite[vectors.TotalsContext, vectors.TotalsInput](b, "totals",
		"Do these factors give these totals, and may they?",
		"Totals of a cell by the factors of some trustees, whose proofs count as checked (S-36, V-38 to V-40): of those given take the lowest indices, as many as the threshold.")
	e := evening()
	for _, contest := range []string{"council", "panel"} {
		c := e.Contest(contest)
		for _, cell := range e.Cells(contest) {
			a := e.Aggregate(c, cell)
			s.group("contest "+contest+", unit "+a.Unit, vectors.TotalsContext{Aggregate: a, Contest: c, Threshold: 2})
			published := e.Published(contest, a.Unit)
			in := func(totals []uint64, trustees ...uint64) vectors.TotalsInput {
				out := vectors.TotalsInput{Shares: []vectors.Factors{}, Totals: totals}
				for _, j := range trustees {
					f := vectors.Factors{Index: j}
					for _, share := range election.Decrypt(e.Secret(j), j, e.Fingerprint, e.Sealed(), a).Shares {
						f.Factors = append(f.Factors, share.Factor)
					}
					out.Shares = append(out.Shares, f)
				}
				return out
			}
			totalsOf(s, contest+" "+a.Unit, published, a, in)
		}
	}
	s.finish()
}

func totalsOf(s *suite[vectors.TotalsContext, vectors.TotalsInput], name string, published []uint64, a message.Aggregate,
	in func([]uint64, ...uint64) vectors.TotalsInput) {
	changed := func(change func(t []uint64)) []uint64 {
		t := slices.Clone(published)
		change(t)
		return t
	}
	s.valid(name+": trustees 1 and 3", in(published, 1, 3))
	s.valid(name+": trustees 2 and 3", in(published, 2, 3))
	s.valid(name+": all trustees", in(published, 1, 2, 3))
	s.valid(name+": all trustees, in another order", in(published, 3, 1, 2))
	s.invalid("V-38", name+": one trustee", in(published, 2), "TooFewTrustees")
	s.invalid("V-38", name+": one trustee twice", in(published, 2, 2), "TooFewTrustees")
	s.invalid("V-38", name+": no trustee", in(published), "TooFewTrustees")
	s.invalid("V-39", name+": one vote moved", in(changed(func(t []uint64) {
		from := slices.IndexFunc(t, func(n uint64) bool { return n > 0 })
		t[from]--
		t[(from+1)%len(t)]++
	}), 1, 3), "WrongTotal")
	s.invalid("V-39 V-40", name+": one vote less", in(changed(func(t []uint64) {
		t[slices.IndexFunc(t, func(n uint64) bool { return n > 0 })]--
	}), 1, 3), "WrongTotal")
	s.invalid("V-40 V-39", name+": one more than the weight of all", in(changed(func(t []uint64) { t[0] = a.Weight + 1 }), 1, 3), "ImpossibleTotal")
	wrong := in(published, 1, 3)
	wrong.Shares[1].Factors = slices.Clone(wrong.Shares[0].Factors)
	s.invalid("V-39", name+": factors of trustee 1 twice, under two indices", wrong, "WrongFactor")
	wrong = in(published, 1, 3)
	wrong.Shares[0].Index, wrong.Shares[1].Index = 2, 3
	s.invalid("V-39", name+": factors of trustee 1 under index 2", wrong, "WrongFactor")
}
