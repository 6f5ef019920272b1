package challenge

import (
	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
)

func hexes(in []codec.Hex32) []Digest {
	out := make([]Digest, len(in))
	for i := range in {
		out[i] = in[i]
	}
	return out
}

// EntrySignature is what a role signs (SPEC.md §1); body is hb(body).
func EntrySignature(e *message.Entry, body Digest) Digest {
	return Start("entry-signature").
		Str(string(e.Type)).Uint(e.Version).Str(string(e.Role)).Str(e.ID).
		Dig(e.Context).Dig(body).Sum()
}

// SetupID is setupID of SPEC.md §2; canonical is the manifest's.
func SetupID(m *message.Manifest, canonical []byte, ceremony uint64) Digest {
	t := Start("setup").Bytes(canonical).Str(m.Suite).Uint(ceremony)
	n := 3 + len(m.Witnesses) + len(m.Officers) + len(m.Devices)
	if m.Identity != (message.Key{}) {
		n++
	}
	role := func(role, id string, key message.Key) { t = t.Str(role).Str(id).Bytes(key[:]) }
	if m.CountCentre != (message.Key{}) {
		n++
	}
	for _, p := range m.Places {
		n += 1 + len(p.Officers)
	}
	if m.Publishing != nil {
		n += 2
	}
	t = t.List(n)
	role("authority", "", m.Authority)
	role("board", m.Board.Origin, m.Board.Key)
	role("registrar", "", m.Registrar)
	if m.Identity != (message.Key{}) {
		role("identity", "", m.Identity)
	}
	for _, w := range m.Witnesses {
		role("witness", w.ID, w.Key)
	}
	for _, o := range m.Officers {
		role("officer", o.ID, o.Key)
	}
	for _, d := range m.Devices {
		role("device", d.ID, d.Key)
	}
	if m.CountCentre != (message.Key{}) {
		role("count-centre", "", m.CountCentre)
	}
	for _, p := range m.Places {
		role("poll-book", p.ID, p.PollBook)
		for _, o := range p.Officers {
			role("place-officer", o.ID, o.Key)
		}
	}
	if p := m.Publishing; p != nil {
		role("publisher", "official", p.Official.Key)
		role("publisher", "backup", p.Backup.Key)
	}
	t = t.List(len(m.Trustees))
	for _, j := range m.Trustees {
		t = t.Uint(j.Index).Bytes(j.Signing[:]).Pt(j.Encryption)
	}
	return t.Sum()
}

// Fingerprint is fingerprint of SPEC.md §2; commitments are A_ik by trustee.
func Fingerprint(setupID, electionKey Digest, commitments [][]message.Element, root Digest, count uint64) Digest {
	t := Start("fingerprint").Dig(setupID).Pt(electionKey).List(len(commitments))
	for _, a := range commitments {
		t = t.points(hexes(a))
	}
	return t.Dig(root).Uint(count).Sum()
}

// Knowledge starts c of S-02; add R and take the Scalar.
func Knowledge(setupID Digest, i, k uint64, a Digest) Text {
	return Start("dkg-knowledge").Dig(setupID).Uint(i).Uint(k).Pt(a)
}

// Commitment is hash of S-02.
func Commitment(setupID Digest, r *message.DKGReveal) Digest {
	t := Start("dkg-commitment").Dig(setupID).Uint(r.Index).points(hexes(r.Commitments)).List(len(r.Proofs))
	for _, p := range r.Proofs {
		t = t.Sc(p.Challenge).Sc(p.Response)
	}
	return t.Sum()
}

// ShareKey is key of S-04.
func ShareKey(setupID Digest, dealer, recipient uint64, e, s Digest) Digest {
	return Start("share-key").Dig(setupID).Uint(dealer).Uint(recipient).Pt(e).Pt(s).Sum()
}

// ShareData is the associated data of S-04.
func ShareData(setupID Digest, dealer, recipient uint64, commitments []message.Element) Digest {
	return Start("share-data").Dig(setupID).Uint(dealer).Uint(recipient).points(hexes(commitments)).Sum()
}

// Complaint starts c of S-05; add a and b and take the Scalar.
func Complaint(setupID Digest, dealer, recipient uint64, key, e, s Digest) Text {
	return Start("complaint-proof").Dig(setupID).Uint(dealer).Uint(recipient).Pt(key).Pt(e).Pt(s)
}

// Decryption starts c of S-35; add a and b and take the Scalar.
func Decryption(fingerprint Digest, s *message.DecryptionShare, f *message.Factor, key Digest) Text {
	return Start("decryption-proof").Dig(fingerprint).Dig(s.Root).Uint(s.Index).
		Str(s.Contest).Str(s.Unit).Str(f.Option).
		Pt(key).Pt(f.Alpha).Pt(f.Beta).Pt(f.Factor)
}
