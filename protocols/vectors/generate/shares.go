package main

import (
	"fmt"
	"slices"

	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
	"scrutineer/protocols/vectors"
	"scrutineer/protocols/vectors/internal/election"
	"scrutineer/protocols/vectors/internal/prover"
)

// dealing is the context of trustee i as a dealer.
func dealing(e *election.Election, i int) vectors.DealingContext {
	ctx := vectors.DealingContext{
		Commitments: e.Trustees[i].Revealed.Commitments, Dealer: uint64(i) + 1, SetupID: e.SetupID,
	}
	for _, line := range e.Manifest.Trustees {
		ctx.Keys = append(ctx.Keys, line.Encryption)
	}
	return ctx
}

func dealingVectors(b *book) {
	s := newSuite[vectors.DealingContext, vectors.DealingInput](b, "dealings",
		"Has this dealer dealt a share to everybody?",
		"What everybody can check of a dkg-shares message of this dealer (V-13). Whether the shares are right is for their recipients: see shares and complaints.")
	e := ward()
	s.group("trustee 2 deals to three", dealing(e, 1))
	deal := func(change func(m *message.DKGShares)) vectors.DealingInput {
		m := e.Trustees[1].Deal(e.SetupID, e.Manifest.Trustees)
		change(&m)
		return vectors.DealingInput{Dealing: m}
	}
	s.valid("honest", deal(func(*message.DKGShares) {}))
	s.valid("shares that nobody can open", deal(func(m *message.DKGShares) {
		for i := range m.Shares {
			m.Shares[i].Ciphertext[0] ^= 1
		}
	}))
	bad := func(flag, comment string, change func(m *message.DKGShares)) {
		s.invalid("V-13", comment, deal(change), flag)
	}
	bad("MissingShare", "no share for trustee 3", func(m *message.DKGShares) { m.Shares = m.Shares[:2] })
	bad("MissingShare", "no shares", func(m *message.DKGShares) { m.Shares = []message.EncryptedShare{} })
	bad("MissingShare", "no share for itself", func(m *message.DKGShares) { m.Shares = slices.Delete(m.Shares, 1, 2) })
	bad("MissingShare", "two shares for trustee 1, none for trustee 3", func(m *message.DKGShares) { m.Shares[2] = m.Shares[0] })
	bad("MissingShare", "a fourth share", func(m *message.DKGShares) {
		more := m.Shares[0]
		more.Recipient = 4
		m.Shares = append(m.Shares, more)
	})
	bad("WrongIndex", "share for index 0", func(m *message.DKGShares) { m.Shares[0].Recipient = 0 })
	bad("WrongIndex", "recipients in another order", func(m *message.DKGShares) { slices.Reverse(m.Shares) })
	bad("WrongIndex", "under the index of trustee 1", func(m *message.DKGShares) { m.Dealer = 1 })
	bad("WrongIndex", "under index 0", func(m *message.DKGShares) { m.Dealer = 0 })
	bad("MissingShare", "ciphertext without its tag", func(m *message.DKGShares) { m.Shares[1].Ciphertext = m.Shares[1].Ciphertext[:32] })
	bad("MissingShare", "empty ciphertext", func(m *message.DKGShares) { m.Shares[1].Ciphertext = []byte{} })
	s.invalid("V-17", "ephemeral key that is the identity: the share in the open", deal(func(m *message.DKGShares) {
		m.Shares[0].Ephemeral = message.Element{}
	}), "IdentityElement")
	s.invalid("V-17", "ephemeral key that is no element", deal(func(m *message.DKGShares) { m.Shares[1].Ephemeral = notAnElement() }), "NoElement")
	s.finish()
}

func shareVectors(b *book) {
	s := newSuite[vectors.ShareContext, vectors.ShareInput](b, "shares",
		"Is this the recipient's share of the dealer's polynomial?",
		"The recipient decrypts with S = secret·E and holds the 32 bytes against the dealer's commitments (S-04, S-05). An invalid one is to be complained about.")
	e := ward()
	dealer, line := e.Trustees[1], e.Manifest.Trustees[2]
	s.group("from trustee 2 to trustee 3", vectors.ShareContext{
		Commitments: dealer.Revealed.Commitments, Dealer: 2, Recipient: 3,
		Secret: prover.Scalar(e.Trustees[2].Decryption), SetupID: e.SetupID,
	})
	share := func(plain message.Scalar) vectors.ShareInput {
		return vectors.ShareInput{Share: dealer.Share(e.SetupID, line, plain)}
	}
	right := prover.Scalar(dealer.At(3))
	s.valid("honest", share(right))
	bad := func(flag, comment string, in vectors.ShareInput) { s.invalid("S-05", comment, in, flag) }
	bad("WrongShare", "value at 2", share(prover.Scalar(dealer.At(2))))
	bad("WrongShare", "value at 0, the dealer's secret", share(prover.Scalar(dealer.At(0))))
	bad("WrongShare", "one more than the value", share(prover.Scalar(prover.Plus(dealer.At(3), prover.Integer(1)))))
	bad("WrongShare", "zero", share(message.Scalar{}))
	bad("UnreducedScalar", "the right value plus l", share(prover.AddOrder(right)))
	opened := share(right)
	opened.Share.Ciphertext[0] ^= 1
	bad("BrokenSeal", "one bit of the ciphertext", opened)
	opened = share(right)
	opened.Share.Ciphertext[47] ^= 1
	bad("BrokenSeal", "one bit of the tag", opened)
	opened = share(right)
	opened.Share.Ephemeral = prover.Element(prover.Base(election.Seed.Scalar("another E")))
	bad("BrokenSeal", "another ephemeral key", opened)
	sealed(e, bad)
	s.finish()
}

// sealed are shares with the right value under another key or other data.
func sealed(e *election.Election, bad func(flag, comment string, in vectors.ShareInput)) {
	dealer, recipient := e.Trustees[1], e.Trustees[2]
	x := election.Seed.Scalar("vector E")
	ephemeral, shared := prover.Element(prover.Base(x)), prover.Element(prover.Mul(x, prover.Base(recipient.Decryption)))
	plain, commitments := prover.Scalar(dealer.At(3)), dealer.Revealed.Commitments
	key := transcript.ShareKey(e.SetupID, 2, 3, ephemeral, shared)
	data := transcript.ShareData(e.SetupID, 2, 3, commitments)
	other := election.Seed.Bytes("another setup")
	for _, c := range []struct {
		comment   string
		key, data [32]byte
	}{
		{"sealed for another ceremony", transcript.ShareKey(other, 2, 3, ephemeral, shared), transcript.ShareData(other, 2, 3, commitments)},
		{"data of another ceremony", key, transcript.ShareData(other, 2, 3, commitments)},
		{"data of another dealer", key, transcript.ShareData(e.SetupID, 1, 3, commitments)},
		{"data of another recipient", key, transcript.ShareData(e.SetupID, 2, 1, commitments)},
		{"data with another dealer's commitments", key, transcript.ShareData(e.SetupID, 2, 3, e.Trustees[0].Revealed.Commitments)},
		{"key of another recipient's index", transcript.ShareKey(e.SetupID, 2, 1, ephemeral, shared), data},
		{"key without the ephemeral element", transcript.New("share-key").Digest(e.SetupID).Uint(2).Uint(3).Point(shared).Sum(), data},
		{"shared element itself as key", shared, data},
	} {
		bad("TransplantedShare", c.comment, vectors.ShareInput{Share: message.EncryptedShare{
			Ciphertext: election.Seal(c.key, c.data, plain), Ephemeral: ephemeral, Recipient: 3,
		}})
	}
}

func complaintVectors(b *book) {
	s := newSuite[vectors.ComplaintContext, vectors.ComplaintInput](b, "complaints",
		"Does this complaint show that the dealer is to blame?",
		"Anybody opens the share with the published S, if its proof holds (S-05). A complaint is valid if the dealer is to blame then; otherwise the complainer is, or the message is not one of his.")
	e := ward()
	line := e.Manifest.Trustees[2]
	wrong := e.Trustees[1].Deal(e.SetupID, e.Manifest.Trustees)
	wrong.Shares[2] = e.Trustees[1].Share(e.SetupID, line, prover.Scalar(e.Trustees[1].At(1)))
	complain := func(about message.DKGShares, change func(c *message.DKGComplaint)) vectors.ComplaintInput {
		c := e.Trustees[2].Complain(e.SetupID, about)
		if change != nil {
			change(&c)
		}
		return vectors.ComplaintInput{Complaint: c}
	}
	s.group("the share of trustee 3 is wrong", vectors.ComplaintContext{Dealing: dealing(e, 1), Shares: wrong, Signer: 3})
	s.valid("share with another value", complain(wrong, nil))
	wrongComplaints(s, e, wrong, complain)
	unreadable := e.Trustees[1].Deal(e.SetupID, e.Manifest.Trustees)
	unreadable.Shares[2].Ciphertext[5] ^= 0x10
	s.group("the share of trustee 3 does not open", vectors.ComplaintContext{Dealing: dealing(e, 1), Shares: unreadable, Signer: 3})
	s.valid("share that does not open", complain(unreadable, nil))
	honest := e.Trustees[1].Deal(e.SetupID, e.Manifest.Trustees)
	s.group("all shares are right", vectors.ComplaintContext{Dealing: dealing(e, 1), Shares: honest, Signer: 3})
	s.invalid("V-13", "about a right share", complain(honest, nil), "FalseComplaint")
	s.invalid("V-13", "about a right share, with another S and no proof", complain(honest, func(c *message.DKGComplaint) {
		c.Shared = prover.Element(prover.Base(election.Seed.Scalar("false S")))
	}), "FalseComplaint")
	s.finish()
}

func wrongComplaints(s *suite[vectors.ComplaintContext, vectors.ComplaintInput], e *election.Election, wrong message.DKGShares,
	complain func(message.DKGShares, func(*message.DKGComplaint)) vectors.ComplaintInput) {
	bad := func(flag, comment string, change func(c *message.DKGComplaint)) {
		s.invalid("V-13", comment, complain(wrong, change), flag)
	}
	bad("WrongProof", "proof that does not hold", func(c *message.DKGComplaint) { c.Proof.Response[0] ^= 1 })
	bad("WrongProof", "another S", func(c *message.DKGComplaint) {
		c.Shared = prover.Element(prover.Base(election.Seed.Scalar("false S")))
	})
	bad("WrongIndex", "recipient is not the signer", func(c *message.DKGComplaint) { c.Recipient = 1 })
	bad("WrongIndex", "recipient 0", func(c *message.DKGComplaint) { c.Recipient = 0 })
	bad("WrongIndex", "dealer that there is not", func(c *message.DKGComplaint) { c.Dealer = 4 })
	bad("TransplantedProof", "proof of another ceremony", func(c *message.DKGComplaint) {
		*c = e.Trustees[2].Complain(election.Seed.Bytes("another setup"), wrong)
	})
	bad("WeakFiatShamir", "challenge of the commitments alone", func(c *message.DKGComplaint) {
		enc := wrong.Shares[2]
		c.Proof = prover.Equal(election.Seed, "weak complaint", e.Trustees[2].Decryption, election.Point(enc.Ephemeral), func(a, b [32]byte) [32]byte {
			return transcript.WeakCommitments(1).Branch(a, b).Sum()
		})
	})
	for _, d := range []uint64{1, 3} {
		bad("TransplantedProof", fmt.Sprintf("proof about dealer %d", d), func(c *message.DKGComplaint) {
			moved := wrong
			moved.Dealer = d
			*c = e.Trustees[2].Complain(e.SetupID, moved)
			c.Dealer = 2
		})
	}
	s.invalid("V-17", "S that is no element", complain(wrong, func(c *message.DKGComplaint) { c.Shared = notAnElement() }), "NoElement")
	s.invalid("V-17", "response plus l", complain(wrong, func(c *message.DKGComplaint) {
		c.Proof.Response = prover.AddOrder(c.Proof.Response)
	}), "UnreducedScalar")
}
