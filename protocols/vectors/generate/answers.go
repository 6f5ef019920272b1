package main

import (
	"crypto/ed25519"

	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
	"scrutineer/protocols/vectors"
	"scrutineer/protocols/vectors/internal/election"
	"scrutineer/protocols/vectors/internal/prover"
)

// boardKey is the key that signs receipts.
func boardKey() ed25519.PrivateKey { return election.Signing(message.RoleBoard, election.Origin) }

// decisionDigest is hd of a decision (S-19).
func decisionDigest(d message.Decision) message.Digest {
	return transcript.DecisionDigest(election.Encode(d.Content()))
}

// waiting is what a voter knows who has cast.
func waiting(e *election.Election, p *election.Prepared) vectors.ReceiptContext {
	d := e.Decide(p).Decision
	return vectors.ReceiptContext{
		BoardKey: prover.Public(boardKey()), Credential: p.Voter.Credential.Key, Decided: &d,
		Decision: decisionDigest(d), Fingerprint: e.Fingerprint, Tracker: p.Tracker,
	}
}

func receipt(r message.Receipt, key ed25519.PrivateKey) message.Receipt {
	digest := transcript.ReceiptDigest(r)
	r.Signature = message.Signature(ed25519.Sign(key, digest[:]))
	return r
}

// malleated is a signature with l added to its second half: the same number
// modulo l, which RFC 8032 refuses.
func malleated(s message.Signature) message.Signature {
	half := prover.AddOrder(message.Scalar(s[32:]))
	copy(s[32:], half[:])
	return s
}

func receiptVectors(b *book) {
	s := newSuite[vectors.ReceiptContext, vectors.ReceiptInput](b, "receipts",
		"Does the board promise a place for my decision?",
		"The answer to a decision or to a challenge. The context says what the voter knows; a valid receipt is signed by the board and names just that (S-19, S-21). Any index is a promise.")
	e := ward()
	p := e.Prepare(election.Action{Name: "receipt", Voter: "voter-1", Choices: full()})
	ctx := waiting(e, p)
	promise := func(c vectors.ReceiptContext) message.Receipt {
		return message.Receipt{Credential: c.Credential, Decision: c.Decision, Fingerprint: c.Fingerprint, Index: 19, Tracker: c.Tracker}
	}
	s.group("for a cast", ctx)
	s.valid("at index 19", vectors.ReceiptInput{Receipt: receipt(promise(ctx), boardKey())})
	zero := promise(ctx)
	zero.Index = 0
	s.valid("at index 0", vectors.ReceiptInput{Receipt: receipt(zero, boardKey())})
	// about a statement that is signed rightly, about one that was changed
	named := func(flag, comment string, change func(r *message.Receipt)) {
		r := promise(ctx)
		change(&r)
		s.invalid("S-21", comment, vectors.ReceiptInput{Receipt: receipt(r, boardKey())}, flag)
	}
	forged := func(flag, comment string, change func(r *message.Receipt)) {
		r := receipt(promise(ctx), boardKey())
		change(&r)
		s.invalid("S-21", comment, vectors.ReceiptInput{Receipt: r}, flag)
	}
	named("ForeignReceipt", "for another decision", func(r *message.Receipt) { r.Decision[0] ^= 1 })
	named("ForeignReceipt", "for another tracker", func(r *message.Receipt) { r.Tracker[0] ^= 1 })
	named("ForeignReceipt", "for another credential", func(r *message.Receipt) { r.Credential = e.Voter("voter-2").Credential.Key })
	named("ForeignReceipt", "without a credential", func(r *message.Receipt) { r.Credential = message.Element{} })
	named("ContextConfusion", "for another election", func(r *message.Receipt) { r.Fingerprint[0] ^= 1 })
	forged("WrongSignature", "no signature", func(r *message.Receipt) { r.Signature = message.Signature{} })
	forged("WrongSignature", "one bit of the signature", func(r *message.Receipt) { r.Signature[40] ^= 1 })
	forged("WrongSignature", "another index than was signed", func(r *message.Receipt) { r.Index = 20 })
	forged("MalleableSignature", "S plus l", func(r *message.Receipt) { r.Signature = malleated(r.Signature) })
	forged("WrongSignature", "by the authority", func(r *message.Receipt) { *r = receipt(*r, election.Signing(message.RoleAuthority, "")) })
	forged("ContextConfusion", "signature of a refusal", func(r *message.Receipt) {
		digest := transcript.RefusalDigest(message.Refusal{Decision: r.Decision, Fingerprint: r.Fingerprint, Size: r.Index})
		r.Signature = message.Signature(ed25519.Sign(boardKey(), digest[:]))
	})
	open := ctx
	open.Credential, open.Decided = message.Element{}, nil
	open.Decision = transcript.DecisionDigest(election.Encode(p.Open()))
	s.group("for a challenge", open)
	s.valid("without a credential, for a challenge", vectors.ReceiptInput{Receipt: receipt(promise(open), boardKey())})
	r := promise(open)
	r.Credential = ctx.Credential
	s.invalid("S-21", "names the voter who challenged", vectors.ReceiptInput{Receipt: receipt(r, boardKey())}, "ForeignReceipt")
	s.finish()
}

func refusalVectors(b *book) {
	s := newSuite[vectors.ReceiptContext, vectors.RefusalInput](b, "refusals",
		"Has the board refused my decision for good?",
		"The other answer to a decision (S-20): signed by the board, for this election and decision, with a reason of the list. Whether the reason is true only the board shows.")
	e := ward()
	p := e.Prepare(election.Action{Name: "refusal", Voter: "voter-1", Choices: full()})
	ctx := waiting(e, p)
	refuse := func(change func(r *message.Refusal)) message.Refusal {
		r := message.Refusal{
			Decision: ctx.Decision, Fingerprint: ctx.Fingerprint, Head: message.None, Reason: message.ReasonUnknownTracker, Size: 17,
		}
		if change != nil {
			change(&r)
		}
		digest := transcript.RefusalDigest(r)
		r.Signature = message.Signature(ed25519.Sign(boardKey(), digest[:]))
		return r
	}
	s.group("of a cast", ctx)
	for _, reason := range []message.Reason{
		message.ReasonUnknownCredential, message.ReasonUnknownTracker, message.ReasonNotHead, message.ReasonNoRevote,
		message.ReasonClosed, message.ReasonDuplicate, message.ReasonChallenged,
	} {
		s.valid("reason "+string(reason), vectors.RefusalInput{Refusal: refuse(func(r *message.Refusal) { r.Reason = reason })})
	}
	s.valid("with a standing ballot", vectors.RefusalInput{Refusal: refuse(func(r *message.Refusal) {
		r.Reason, r.Head = message.ReasonNotHead, p.Tracker.String()
	})})
	named := func(flag, comment string, change func(r *message.Refusal)) {
		s.invalid("S-20", comment, vectors.RefusalInput{Refusal: refuse(change)}, flag)
	}
	named("ForeignReceipt", "of another decision", func(r *message.Refusal) { r.Decision[0] ^= 1 })
	named("ContextConfusion", "in another election", func(r *message.Refusal) { r.Fingerprint[0] ^= 1 })
	named("UnknownVariant", "reason that there is not", func(r *message.Refusal) { r.Reason = "busy" })
	named("UnknownVariant", "no reason", func(r *message.Refusal) { r.Reason = "" })
	named("UnknownVariant", "head that is no tracker", func(r *message.Refusal) { r.Head = "first" })
	forged := func(flag, comment string, change func(r *message.Refusal)) {
		r := refuse(nil)
		change(&r)
		s.invalid("S-20", comment, vectors.RefusalInput{Refusal: r}, flag)
	}
	forged("WrongSignature", "another reason than was signed", func(r *message.Refusal) { r.Reason = message.ReasonClosed })
	forged("WrongSignature", "another size than was signed", func(r *message.Refusal) { r.Size++ })
	forged("WrongSignature", "another head than was signed", func(r *message.Refusal) { r.Head = p.Tracker.String() })
	forged("WrongSignature", "unsigned", func(r *message.Refusal) { r.Signature = message.Signature{} })
	forged("MalleableSignature", "S plus l", func(r *message.Refusal) { r.Signature = malleated(r.Signature) })
	forged("WrongSignature", "by the authority", func(r *message.Refusal) {
		digest := transcript.RefusalDigest(*r)
		r.Signature = message.Signature(ed25519.Sign(election.Signing(message.RoleAuthority, ""), digest[:]))
	})
	s.finish()
}
