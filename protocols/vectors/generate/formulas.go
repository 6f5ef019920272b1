package main

import (
	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
	"scrutineer/protocols/vectors/internal/election"
	"scrutineer/protocols/vectors/internal/prover"
)

// formula is a label of SPEC.md with lists of fields as its formula asks for,
// and the digests that package transcript gives for them.
type formula struct {
	label, step string
	fields      []fields
	digests     [][32]byte
}

func (f *formula) add(list fields, digest [32]byte) {
	f.fields = append(f.fields, list)
	f.digests = append(f.digests, digest)
}

// formulas has an example of every formula of SPEC.md, from one election.
func formulas() []*formula {
	e := election.Open(election.Script{Manifest: election.Ward()})
	p := e.Prepare(election.Action{Name: "example", Voter: "voter-1", Choices: map[string][]string{
		"council": {"ada", "cyd"}, "motion": {"no"}, "panel": {},
	}})
	var out []*formula
	formula := func(label, step string) *formula {
		f := &formula{label: label, step: step}
		out = append(out, f)
		return f
	}
	signatureFormulas(e, p, formula)
	setupFormulas(e, formula)
	ceremonyFormulas(e, formula)
	ballotFormulas(e, p, formula)
	decisionFormulas(e, p, formula)
	decryptionFormula(e, formula)
	return out
}

type newFormula func(label, step string) *formula

func signatureFormulas(e *election.Election, p *election.Prepared, formula newFormula) {
	entry := election.Sign(message.RoleTrustee, "trustee-2", message.TypeDKGCommit, e.SetupID, []byte("{}"))
	hb := transcript.BodyDigest(entry.Body)
	formula("entry-signature", "the signature of an entry").add(
		fields{}.str("dkg-commit").uint(1).str("trustee").str("trustee-2").dig(e.SetupID).dig(hb),
		transcript.EntrySignature(entry, hb))
	key, r, h := p.Voter.Credential.Key, election.Seed.Bytes("R"), election.Seed.Bytes("h")
	f := formula("credential-signature", "the signature of a credential")
	for _, purpose := range []string{transcript.PurposeDecision, transcript.PurposeBallotBody,
		transcript.PurposeAuthorisation, transcript.PurposeLogin} {
		f.add(fields{}.pt(key).pt(r).str(purpose).dig(e.Fingerprint).dig(h),
			transcript.CredentialSignature(key, r, purpose, e.Fingerprint, h))
	}
}

func setupFormulas(e *election.Election, formula newFormula) {
	f := formula("setup", "setupID")
	f.add(setupFields(&e.Manifest, 1), e.SetupID)
	m := election.Village()
	m.Identity = prover.Public(election.Signing(message.RoleIdentity, ""))
	m.Officers = []message.Officer{{ID: "officer-1", Key: prover.Public(election.Signing(message.RoleOfficer, "officer-1"))}}
	m.Devices = []message.Device{{
		ID: "device-1", Key: prover.Public(election.Signing(message.RoleDevice, "device-1")),
		Place: "north", Opens: election.Opens, Closes: election.Closes,
	}}
	id, err := transcript.SetupID(&m, 12)
	if err != nil {
		panic("generate: " + err.Error())
	}
	f.add(setupFields(&m, 12), id)
	trustees := []fields{}
	for _, t := range e.Trustees {
		trustees = append(trustees, points(t.Revealed.Commitments))
	}
	formula("fingerprint", "fingerprint").add(
		fields{}.dig(e.SetupID).pt(e.EncodedKey()).join(trustees...).dig(e.Root).uint(uint64(len(e.Voters))),
		e.Fingerprint)
}

func setupFields(m *message.Manifest, ceremony uint64) fields {
	role := func(r message.Role, id string, key message.Key) fields {
		return fields{}.str(string(r)).str(id).bytes(key[:])
	}
	roles := []fields{
		role(message.RoleAuthority, "", m.Authority),
		role(message.RoleBoard, m.Board.Origin, m.Board.Key),
		role(message.RoleRegistrar, "", m.Registrar),
	}
	if m.Identity != (message.Key{}) {
		roles = append(roles, role(message.RoleIdentity, "", m.Identity))
	}
	for _, w := range m.Witnesses {
		roles = append(roles, role(message.RoleWitness, w.ID, w.Key))
	}
	for _, o := range m.Officers {
		roles = append(roles, role(message.RoleOfficer, o.ID, o.Key))
	}
	for _, d := range m.Devices {
		roles = append(roles, role(message.RoleDevice, d.ID, d.Key))
	}
	trustees := []fields{}
	for _, t := range m.Trustees {
		trustees = append(trustees, fields{}.uint(t.Index).bytes(t.Signing[:]).pt(t.Encryption))
	}
	return fields{}.bytes(election.Encode(m)).str(m.Suite).uint(ceremony).join(roles...).join(trustees...)
}

// points is a list of elements.
func points(list []message.Element) fields {
	items := []fields{}
	for _, p := range list {
		items = append(items, fields{}.pt(p))
	}
	return fields{}.join(items...)
}

func scalars(list []message.Scalar) fields {
	items := []fields{}
	for _, s := range list {
		items = append(items, fields{}.sc(s))
	}
	return fields{}.join(items...)
}

// and is one list of fields after another.
func (f fields) and(g fields) fields { return append(append(fields{}, f...), g...) }

func ceremonyFormulas(e *election.Election, formula newFormula) {
	t := e.Trustees[1]
	a, r := t.Revealed.Commitments[1], election.Seed.Bytes("R")
	formula("dkg-knowledge", "S-02").add(
		fields{}.dig(e.SetupID).uint(2).uint(1).pt(a).pt(r), transcript.Knowledge(e.SetupID, 2, 1, a, r))
	proofs := []fields{}
	for _, p := range t.Revealed.Proofs {
		proofs = append(proofs, fields{}.sc(p.Challenge).sc(p.Response))
	}
	formula("dkg-commitment", "S-02").add(
		fields{}.dig(e.SetupID).uint(2).and(points(t.Revealed.Commitments)).join(proofs...),
		transcript.Commitment(e.SetupID, &t.Revealed))
	x, shared := election.Seed.Bytes("E"), election.Seed.Bytes("S")
	formula("share-key", "S-04").add(
		fields{}.dig(e.SetupID).uint(2).uint(3).pt(x).pt(shared), transcript.ShareKey(e.SetupID, 2, 3, x, shared))
	formula("share-data", "S-04").add(
		fields{}.dig(e.SetupID).uint(2).uint(3).and(points(t.Revealed.Commitments)),
		transcript.ShareData(e.SetupID, 2, 3, t.Revealed.Commitments))
	key, c, d := e.Manifest.Trustees[2].Encryption, election.Seed.Bytes("a"), election.Seed.Bytes("b")
	formula("complaint-proof", "S-05").add(
		fields{}.dig(e.SetupID).uint(2).uint(3).pt(key).pt(x).pt(shared).pt(c).pt(d),
		transcript.Complaint(e.SetupID, 2, 3, key, x, shared, c, d))
	salt := election.Seed.Bytes("salt")
	voters, lines := []transcript.Voter{}, []fields{}
	for _, id := range []string{"voter-1", "voter-2"} {
		k := e.Voter(id).Credential.Key
		voters = append(voters, transcript.Voter{ID: id, Key: k})
		lines = append(lines, fields{}.str(id).pt(k))
	}
	formula("roll", "S-07").add(fields{}.bytes(salt[:]).join(lines...), transcript.Roll(salt, voters))
}

func ballotFormulas(e *election.Election, p *election.Prepared, formula newFormula) {
	contests, proofs := []fields{}, []fields{}
	for _, c := range p.Ballot.Contests {
		selections, branches := []fields{}, []fields{}
		for _, s := range c.Selections {
			selections = append(selections, fields{}.str(s.Option).pt(s.Alpha).pt(s.Beta))
			branches = append(branches, scalars(s.Proof.Challenges).and(scalars(s.Proof.Responses)))
		}
		contests = append(contests, fields{}.str(c.Contest).join(selections...))
		sum := message.Branches{}
		if c.Sum != nil {
			sum = *c.Sum
		}
		proofs = append(proofs, fields{}.str(c.Contest).join(branches...).and(scalars(sum.Challenges)).and(scalars(sum.Responses)))
	}
	s := p.Statement
	formula("ciphertexts", "S-10").add(fields{}.dig(e.Fingerprint).str("full").join(contests...), s.Ciphertexts)
	caster := formula("caster", "S-11")
	caster.add(fields{}.str("credential").pt(p.Voter.Credential.Key), s.Caster)
	caster.add(fields{}.str("device").str("device-1").uint(42), transcript.Caster(message.Caster{Device: "device-1", Sequence: 42}))
	a, b := election.Seed.Bytes("a"), election.Seed.Bytes("b")
	branch := fields{}.pt(a).pt(b)
	s.Contest = "council"
	first := p.Ballot.Contests[0].Selections[0]
	common := fields{}.dig(e.Fingerprint).pt(e.EncodedKey()).str("full").str("council")
	digests := fields{}.dig(s.Caster).dig(s.Ciphertexts)
	formula("selection-proof", "S-12").add(
		common.str("ada").and(digests).pt(first.Alpha).pt(first.Beta).join(branch, branch),
		s.Selection("ada", first.Alpha, first.Beta).Branch(a, b).Branch(a, b).Sum())
	formula("sum-proof", "S-13").add(
		common.uint(1).uint(2).and(digests).pt(a).pt(b).join(branch, branch),
		s.Sum(1, 2, a, b).Branch(a, b).Branch(a, b).Sum())
	hpr := transcript.Proofs(s.Caster, p.Ballot.Contests)
	formula("proofs", "S-14").add(fields{}.dig(s.Caster).join(proofs...), hpr)
	formula("tracker", "S-15").add(fields{}.dig(e.Fingerprint).str("full").dig(s.Ciphertexts).dig(hpr), p.Tracker)
}

func decisionFormulas(e *election.Election, p *election.Prepared, formula newFormula) {
	content := election.Encode(e.Decide(p).Decision.Content())
	hd := transcript.DecisionDigest(content)
	formula("decision", "S-19").add(fields{}.bytes(content), hd)
	r := message.Receipt{Credential: p.Voter.Credential.Key, Decision: hd, Fingerprint: e.Fingerprint, Index: 19, Tracker: p.Tracker}
	receipt := formula("receipt", "S-19")
	receipt.add(fields{}.dig(e.Fingerprint).dig(hd).str(r.Credential.String()).dig(p.Tracker).uint(19), transcript.ReceiptDigest(r))
	r.Credential = message.Element{}
	receipt.add(fields{}.dig(e.Fingerprint).dig(hd).str("").dig(p.Tracker).uint(19), transcript.ReceiptDigest(r))
	formula("login", "S-40").add(fields{}.dig(e.Fingerprint).str("voter-4"), transcript.Login(e.Fingerprint, "voter-4"))
	n := message.Notice{Credential: p.Voter.Credential.Key, Fingerprint: e.Fingerprint, Number: 2, Predecessor: message.None, Tracker: p.Tracker}
	formula("notice", "S-42").add(
		fields{}.dig(e.Fingerprint).pt(n.Credential).uint(2).str("none").dig(p.Tracker), transcript.NoticeDigest(n))
	no := message.Refusal{Decision: hd, Fingerprint: e.Fingerprint, Head: message.None, Reason: message.ReasonNotHead, Size: 20}
	formula("refusal", "S-20").add(
		fields{}.dig(e.Fingerprint).dig(hd).str("not-head").uint(20).str("none"), transcript.RefusalDigest(no))
}

func decryptionFormula(e *election.Election, formula newFormula) {
	point := func(label string) [32]byte { return prover.Element(prover.Base(election.Seed.Scalar(label))) }
	d := transcript.Decryption{
		Fingerprint: e.Fingerprint, Root: election.Seed.Bytes("root"), Index: 3, Contest: "council", Unit: "north", Option: "ben",
		Key: point("X"), Alpha: point("α"), Beta: point("β"), Factor: point("d"),
	}
	a, b := point("a"), point("b")
	formula("decryption-proof", "S-35").add(
		fields{}.dig(d.Fingerprint).dig(d.Root).uint(3).str("council").str("north").str("ben").
			pt(d.Key).pt(d.Alpha).pt(d.Beta).pt(d.Factor).pt(a).pt(b),
		d.Challenge(a, b))
}
