package main

import (
	"slices"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
	"scrutineer/protocols/vectors"
	"scrutineer/protocols/vectors/internal/election"
	"scrutineer/protocols/vectors/internal/prover"
)

// manifestMutants are built on manifests that are not sound (V-08).
func manifestMutants() []mutant {
	manifest := func(flag, comment string, change func(m *message.Manifest)) mutant {
		return mutant{"V-08", flag, comment, func(s *election.Script) { change(&s.Manifest) }}
	}
	return []mutant{
		manifest("WeakThreshold", "a quorum of one witness in three", func(m *message.Manifest) { m.Quorum = 1 }),
		manifest("UnknownVariant", "manifest of another protocol", func(m *message.Manifest) { m.Protocol = "scrutineer/0" }),
		manifest("SharedKey", "an officer with the registrar's key", func(m *message.Manifest) {
			m.Officers = []message.Officer{{ID: "officer-1", Key: m.Registrar}}
		}),
	}
}

// ceremonyMutants are about commits and reveals: V-06, V-07, V-10 to V-12 and
// V-17.
func ceremonyMutants() []mutant {
	dealer := func(checks, flag, comment string, change func(t *election.Trustee)) mutant {
		return mutant{checks, flag, comment, func(s *election.Script) {
			s.Dealer = func(t *election.Trustee) {
				if t.Index == 2 {
					change(t)
				}
			}
		}}
	}
	reveal := func(checks, flag, comment string, change func(r *message.DKGReveal)) mutant {
		return mutant{checks, flag, comment, func(s *election.Script) {
			s.Reveal = func(r *message.DKGReveal) {
				if r.Index == 2 {
					change(r)
				}
			}
		}}
	}
	return []mutant{
		{"V-06 V-10", "BrokenCommitment", "a trustee commits after another has revealed", func(s *election.Script) {
			s.Deeds["dkg-commit/trustee-3"] = election.Deed{Skip: true}
			s.Deeds["dkg-reveal/trustee-1"] = election.Deed{After: func(e *election.Election) {
				t := e.Trustees[2]
				e.Post(message.RoleTrustee, t.ID, message.TypeDKGCommit, e.SetupID, &message.DKGCommit{
					Hash: transcript.Commitment(e.SetupID, &t.Revealed), Index: t.Index,
				})
			}}
		}},
		deed("V-06", "OutOfOrder", "a trustee confirms twice, another never", "confirm/trustee-2", election.Deed{
			Skip: true, After: func(e *election.Election) { e.Again("confirm/trustee-1") },
		}),
		deed("V-07", "WrongSignature", "a reveal signed by another trustee", "dkg-reveal/trustee-2", election.Deed{Entry: func(e *message.Entry) {
			election.Resign(e, e.Body, election.Signing(message.RoleTrustee, "trustee-1"))
		}}),
		body("V-10", "BrokenCommitment", "a hash that fits no reveal", "dkg-commit/trustee-2", func(m *message.DKGCommit) { m.Hash[0] ^= 1 }),
		body("V-10", "WrongIndex", "a commit under another trustee's index", "dkg-commit/trustee-2", func(m *message.DKGCommit) { m.Index = 3 }),
		dealer("V-11", "WrongDegree", "a polynomial of higher degree", func(t *election.Trustee) {
			t.Coefficients = append(t.Coefficients, election.Seed.Scalar("one more"))
		}),
		dealer("V-11", "IdentityElement", "a constant term of zero", func(t *election.Trustee) { t.Coefficients[0] = prover.Integer(0) }),
		dealer("V-11", "CopiedKey", "the constant term of another trustee", func(t *election.Trustee) {
			t.Coefficients[0] = election.Seed.Scalar("coefficient", []byte("trustee-1"), []byte{0})
		}),
		reveal("V-12", "WrongProof", "a proof of knowledge that does not hold", func(r *message.DKGReveal) { r.Proofs[0].Response[0] ^= 1 }),
		reveal("V-12", "MissingProof", "a proof of knowledge missing", func(r *message.DKGReveal) { r.Proofs = r.Proofs[:1] }),
		reveal("V-17", "NoElement", "a coefficient that is no element", func(r *message.DKGReveal) { r.Commitments[1] = notAnElement() }),
	}
}

// confirmMutants are about what follows the coefficients: V-13, V-14, V-16.
func confirmMutants() []mutant {
	return []mutant{
		body("V-13", "MissingShare", "a dealing without a share for trustee 3", "dkg-shares/trustee-2", func(m *message.DKGShares) { m.Shares = m.Shares[:2] }),
		body("V-13 V-10", "WrongIndex", "a dealing under another trustee's index", "dkg-shares/trustee-2", func(m *message.DKGShares) { m.Dealer = 1 }),
		body("V-17", "IdentityElement", "a dealing with an ephemeral key that is the identity", "dkg-shares/trustee-2", func(m *message.DKGShares) {
			m.Shares[0].Ephemeral = message.Element{}
		}),
		body("V-14", "WrongKey", "a trustee confirms another key", "confirm/trustee-2", func(m *message.Confirm) {
			m.ElectionKey = prover.Element(prover.Base(election.Seed.Scalar("another key")))
		}),
		body("V-14", "WrongKey", "opened with another key", "open", func(m *message.Open) {
			m.ElectionKey = prover.Element(prover.Base(election.Seed.Scalar("another key")))
		}),
		body("V-16", "WrongFingerprint", "a trustee confirms another fingerprint", "confirm/trustee-2", func(m *message.Confirm) { m.Fingerprint[0] ^= 1 }),
	}
}

// listMutants are about the credential list (V-15).
func listMutants() []mutant {
	list := func(flag, comment string, change func(m *message.Credentials)) mutant {
		return body("V-15", flag, comment, "credentials", change)
	}
	electorate := func(comment string, change func(m *message.Electorate)) mutant {
		return body("V-15", "WrongSummary", comment, "electorate", change)
	}
	return []mutant{
		list("Disorder", "credentials in another order", func(m *message.Credentials) { slices.Reverse(m.List) }),
		list("DuplicateCredential", "a credential twice", func(m *message.Credentials) { m.List[1] = m.List[0] }),
		list("IdentityElement", "a credential that is the identity", func(m *message.Credentials) { m.List[0].Key = message.Element{} }),
		list("ForeignWeight", "a credential with a weight that the manifest lacks", func(m *message.Credentials) { m.List[0].Weight = 2 }),
		electorate("electorate with another count", func(m *message.Electorate) { m.Count++ }),
		electorate("electorate with another weight", func(m *message.Electorate) { m.Weight++ }),
		electorate("electorate with another root", func(m *message.Electorate) { m.Root[0] ^= 1 }),
	}
}

// abortRecords are records of ceremonies that failed (V-13).
func abortRecords(s *recordSuite) {
	wrongShare := election.Deed{Body: func(body any) {
		m := body.(*message.DKGShares)
		m.Shares[2].Ciphertext[3] ^= 1
	}}
	complain := func(culprit string, change func(c *message.DKGComplaint)) election.Deed {
		return election.Deed{After: func(e *election.Election) {
			dealing, err := codec.Decode[message.DKGShares](decoded(e.Entries[e.Step("dkg-shares/trustee-2")]).Body, codec.Limits{})
			if err != nil {
				panic("generate: " + err.Error())
			}
			c := e.Trustees[2].Complain(e.SetupID, dealing)
			if change != nil {
				change(&c)
			}
			e.Abort(e.Trustees[2], &c, message.Abort{Culprit: culprit, Reason: "complaint"})
		}}
	}
	after := func(step, culprit string) map[string]election.Deed {
		return map[string]election.Deed{step: {After: func(e *election.Election) {
			e.Abort(nil, nil, message.Abort{Culprit: culprit, Reason: "silence"})
		}}}
	}
	play := func(deeds map[string]election.Deed) vectors.RecordInput {
		return played(s, election.Script{Manifest: election.Village(), Deeds: deeds})
	}
	dealt := func(d election.Deed, last election.Deed) map[string]election.Deed {
		return map[string]election.Deed{"dkg-shares/trustee-2": d, "dkg-shares/trustee-3": last}
	}
	s.valid("a complaint about a share that does not open names the dealer", play(dealt(wrongShare, complain("trustee-2", nil))))
	s.valid("a false complaint names the complainer", play(dealt(election.Deed{}, complain("trustee-3", nil))))
	s.valid("a complaint with a wrong proof names the complainer", play(dealt(wrongShare, complain("trustee-3", func(c *message.DKGComplaint) {
		c.Proof.Response[0] ^= 1
	}))))
	s.valid("a trustee that does not commit is named", play(after("dkg-commit/trustee-2", "trustee-3")))
	s.valid("a trustee that does not confirm is named", play(after("confirm/trustee-1", "trustee-2")))
	s.valid("the registrar, who lists nobody, is named", play(after("dkg-shares/trustee-3", "registrar")))
	bad := func(checks, flag, comment string, deeds map[string]election.Deed) {
		s.invalid(checks, comment, play(deeds), flag)
	}
	bad("V-13", "WrongBlame", "a right complaint, and the complainer is named", dealt(wrongShare, complain("trustee-3", nil)))
	bad("V-13", "WrongBlame", "a false complaint, and the dealer is named", dealt(election.Deed{}, complain("trustee-2", nil)))
	bad("V-13", "WrongBlame", "a complaint, and somebody else is named", dealt(wrongShare, complain("trustee-1", nil)))
	bad("V-13", "WrongBlame", "a trustee is named that has committed", after("dkg-commit/trustee-2", "trustee-1"))
	bad("V-13", "WrongBlame", "somebody is named who has no part in it", after("dkg-commit/trustee-2", "trustee-4"))
	bad("V-13", "WrongBlame", "the registrar is named before its turn", after("dkg-commit/trustee-2", "registrar"))
	unsigned := after("dkg-commit/trustee-2", "trustee-3")
	unsigned["abort"] = election.Deed{Entry: func(e *message.Entry) { e.Signature[0] ^= 1 }}
	bad("V-07", "WrongSignature", "an abort without a signature that holds", unsigned)
	more := after("dkg-commit/trustee-2", "trustee-3")
	more["abort"] = election.Deed{After: func(e *election.Election) { e.Again("dkg-commit/trustee-1") }}
	bad("V-06", "OutOfOrder", "an entry after the abort", more)
	other := dealt(wrongShare, complain("trustee-2", func(c *message.DKGComplaint) { c.Recipient = 1 }))
	bad("V-13", "WrongIndex", "a complaint for another recipient", other)
}
