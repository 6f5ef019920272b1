package challenge

import (
	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
)

// Purposes of credential signatures (SPEC.md §1).
const (
	PurposeBallot   = "ballot-body"
	PurposeDecision = "decision"
	// Of the identity service's authorisation (S-41).
	PurposeAuthorisation = "authorisation"
)

// Credential is the text of c of a credential's signature by key with
// commitment r over h.
func Credential(key, r Digest, purpose string, fingerprint, h Digest) Text {
	return Start("credential-signature").Pt(key).Pt(r).Str(purpose).Dig(fingerprint).Dig(h)
}

// Caster is caster of S-11 for a credential.
func Caster(key Digest) Digest { return Start("caster").Str("credential").Pt(key).Sum() }

// Ciphertexts is hct of S-10.
func Ciphertexts(fingerprint Digest, style string, contests []message.BallotContest) Digest {
	t := Start("ciphertexts").Dig(fingerprint).Str(style).List(len(contests))
	for i := range contests {
		t = t.Str(contests[i].Contest).List(len(contests[i].Selections))
		for j := range contests[i].Selections {
			s := &contests[i].Selections[j]
			t = t.Str(s.Option).Pt(s.Alpha).Pt(s.Beta)
		}
	}
	return t.Sum()
}

// OpenedCiphertexts is hct of S-10 over the ciphertexts of a challenge.
func OpenedCiphertexts(c *message.Challenge) Digest {
	t := Start("ciphertexts").Dig(c.Fingerprint).Str(c.Style).List(len(c.Contests))
	for i := range c.Contests {
		t = t.Str(c.Contests[i].Contest).List(len(c.Contests[i].Selections))
		for j := range c.Contests[i].Selections {
			s := &c.Contests[i].Selections[j]
			t = t.Str(s.Option).Pt(s.Alpha).Pt(s.Beta)
		}
	}
	return t.Sum()
}

// Proofs is hpr of S-14.
func Proofs(caster Digest, contests []message.BallotContest) Digest {
	t := Start("proofs").Dig(caster).List(len(contests))
	for i := range contests {
		c := &contests[i]
		t = t.Str(c.Contest).List(len(c.Selections))
		for j := range c.Selections {
			t = t.branches(&c.Selections[j].Proof)
		}
		if c.Sum != nil {
			t = t.branches(c.Sum)
		} else {
			t = t.branches(&message.Branches{})
		}
	}
	return t.Sum()
}

func (t Text) branches(b *message.Branches) Text {
	return t.scalars(hexes(b.Challenges)).scalars(hexes(b.Responses))
}

// Tracker is tracker of S-15.
func Tracker(fingerprint Digest, style string, hct, hpr Digest) Digest {
	return Start("tracker").Dig(fingerprint).Str(style).Dig(hct).Dig(hpr).Sum()
}

// Statement is what the challenges of S-12 and S-13 have in common for one
// contest of one ballot.
type Statement struct {
	Fingerprint, Key Digest
	Style, Contest   string
	Caster, HCT      Digest
}

// Selection starts the challenge of S-12; add a_j and b_j of each branch and
// take the Scalar.
func (s *Statement) Selection(option string, alpha, beta Digest) Text {
	return Start("selection-proof").Dig(s.Fingerprint).Pt(s.Key).
		Str(s.Style).Str(s.Contest).Str(option).
		Dig(s.Caster).Dig(s.HCT).Pt(alpha).Pt(beta).List(2)
}

// Sum starts the challenge of S-13; add a_j and b_j of each of the max-min+1
// branches and take the Scalar.
func (s *Statement) Sum(least, most uint64, a, b Digest) Text {
	return Start("sum-proof").Dig(s.Fingerprint).Pt(s.Key).
		Str(s.Style).Str(s.Contest).Uint(least).Uint(most).
		Dig(s.Caster).Dig(s.HCT).Pt(a).Pt(b).List(int(most - least + 1))
}

// Decision is hd of S-19 over canonical bytes.
func Decision(canonical []byte) Digest { return Start("decision").Bytes(canonical).Sum() }

// Receipt is what the board signs in a receipt (S-19).
func Receipt(r *message.Receipt) Digest {
	credential := ""
	if r.Credential != (codec.Hex32{}) {
		credential = r.Credential.String()
	}
	return Start("receipt").Dig(r.Fingerprint).Dig(r.Decision).Str(credential).
		Dig(r.Tracker).Uint(r.Index).Sum()
}

// Refusal is what the board signs in a refusal (S-20).
func Refusal(r *message.Refusal) Digest {
	return Start("refusal").Dig(r.Fingerprint).Dig(r.Decision).Str(string(r.Reason)).
		Uint(r.Size).Str(r.Head).Sum()
}
