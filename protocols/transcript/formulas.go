package transcript

import (
	"crypto/sha256"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
)

// BodyDigest is hb(m) of SPEC.md §1: SHA-256 of the canonical bytes.
func BodyDigest(canonical []byte) [32]byte { return sha256.Sum256(canonical) }

// EntrySignature is what a role signs with Ed25519 (SPEC.md §1).
func EntrySignature(e message.Entry, body [32]byte) [32]byte {
	return New("entry-signature").
		String(string(e.Type)).Uint(e.Version).
		String(string(e.Role)).String(e.ID).
		Digest(e.Context).Digest(body).Sum()
}

// CredentialSignature is D of the challenge of a credential's signature; the
// challenge is it, reduced modulo l.
func CredentialSignature(key, commitment [32]byte, purpose string, fingerprint, h [32]byte) [32]byte {
	return New("credential-signature").
		Point(key).Point(commitment).String(purpose).
		Digest(fingerprint).Digest(h).Sum()
}

// The purposes of credential signatures.
const (
	PurposeBallotBody = "ballot-body"
	PurposeDecision   = "decision"
	// Of the identity service's authorisation, over what the decision's
	// signature is over (S-41).
	PurposeAuthorisation = "authorisation"
	// Of a login, by the credential that is to be bound (S-40).
	PurposeLogin = "login"
)

type signer struct {
	role message.Role
	id   string
	key  message.Key
}

func signers(m *message.Manifest) []signer {
	s := []signer{
		{message.RoleAuthority, "", m.Authority},
		{message.RoleBoard, m.Board.Origin, m.Board.Key},
		{message.RoleRegistrar, "", m.Registrar},
	}
	if m.Identity != (message.Key{}) {
		s = append(s, signer{message.RoleIdentity, "", m.Identity})
	}
	for _, w := range m.Witnesses {
		s = append(s, signer{message.RoleWitness, w.ID, w.Key})
	}
	for _, o := range m.Officers {
		s = append(s, signer{message.RoleOfficer, o.ID, o.Key})
	}
	for _, d := range m.Devices {
		s = append(s, signer{message.RoleDevice, d.ID, d.Key})
	}
	if m.CountCentre != (message.Key{}) {
		s = append(s, signer{message.RoleCountCentre, "", m.CountCentre})
	}
	for _, p := range m.Places {
		s = append(s, signer{message.RolePollBook, p.ID, p.PollBook})
		for _, o := range p.Officers {
			s = append(s, signer{message.RolePlaceOfficer, o.ID, o.Key})
		}
	}
	if p := m.Publishing; p != nil {
		s = append(s, signer{message.RolePublisher, message.ChannelOfficial, p.Official.Key},
			signer{message.RolePublisher, message.ChannelBackup, p.Backup.Key})
	}
	return s
}

// SetupID binds the proofs of the ceremony (SPEC.md §2).
func SetupID(m *message.Manifest, ceremony uint64) ([32]byte, error) {
	canonical, err := codec.Encode(m)
	if err != nil {
		return [32]byte{}, err
	}
	roles := signers(m)
	t := New("setup").Bytes(canonical).String(m.Suite).Uint(ceremony).List(len(roles))
	for _, s := range roles {
		t.String(string(s.role)).String(s.id).Bytes(s.key[:])
	}
	t.List(len(m.Trustees))
	for _, tr := range m.Trustees {
		t.Uint(tr.Index).Bytes(tr.Signing[:]).Point(tr.Encryption)
	}
	return t.Sum(), nil
}

// Fingerprint binds everything after the ceremony (SPEC.md §2). Commitments
// are the trustees' coefficients by index.
func Fingerprint(setupID, electionKey [32]byte, commitments [][]message.Element, root [32]byte, count uint64) [32]byte {
	t := New("fingerprint").Digest(setupID).Point(electionKey).List(len(commitments))
	for _, coefficients := range commitments {
		t.points(coefficients)
	}
	return t.Digest(root).Uint(count).Sum()
}

func (t *Transcript) points(ps []message.Element) *Transcript {
	t.List(len(ps))
	for _, p := range ps {
		t.Point(p)
	}
	return t
}

func (t *Transcript) scalars(ss []message.Scalar) *Transcript {
	t.List(len(ss))
	for _, s := range ss {
		t.Scalar(s)
	}
	return t
}

// Knowledge is D of the challenge of S-02 for coefficient k of trustee index.
func Knowledge(setupID [32]byte, index, k uint64, a, r [32]byte) [32]byte {
	return New("dkg-knowledge").Digest(setupID).Uint(index).Uint(k).Point(a).Point(r).Sum()
}

// Commitment is the hash of the first round (S-02).
func Commitment(setupID [32]byte, reveal *message.DKGReveal) [32]byte {
	t := New("dkg-commitment").Digest(setupID).Uint(reveal.Index).points(reveal.Commitments)
	t.List(len(reveal.Proofs))
	for _, p := range reveal.Proofs {
		t.Scalar(p.Challenge).Scalar(p.Response)
	}
	return t.Sum()
}

// ShareKey is the AEAD key of one encrypted share (S-04).
func ShareKey(setupID [32]byte, dealer, recipient uint64, ephemeral, shared [32]byte) [32]byte {
	return New("share-key").Digest(setupID).Uint(dealer).Uint(recipient).Point(ephemeral).Point(shared).Sum()
}

// ShareData is the associated data of one encrypted share (S-04).
func ShareData(setupID [32]byte, dealer, recipient uint64, commitments []message.Element) [32]byte {
	return New("share-data").Digest(setupID).Uint(dealer).Uint(recipient).points(commitments).Sum()
}

// Complaint is D of the challenge of S-05.
func Complaint(setupID [32]byte, dealer, recipient uint64, key, ephemeral, shared, a, b [32]byte) [32]byte {
	return New("complaint-proof").Digest(setupID).Uint(dealer).Uint(recipient).
		Point(key).Point(ephemeral).Point(shared).Point(a).Point(b).Sum()
}

// Voter is one line of the roll: a voter id and its credential's key.
type Voter struct {
	ID  string
	Key message.Element
}

// Roll is the salted commitment of S-07 to the voters, sorted by id.
func Roll(salt [32]byte, voters []Voter) [32]byte {
	t := New("roll").Bytes(salt[:]).List(len(voters))
	for _, v := range voters {
		t.String(v.ID).Point(v.Key)
	}
	return t.Sum()
}

// Caster is the digest of S-11. It is the zero digest for a caster that is
// neither credential nor device, which no ballot may have.
func Caster(c message.Caster) [32]byte {
	switch {
	case c.Credential != (message.Element{}):
		return New("caster").String("credential").Point(c.Credential).Sum()
	case c.Device != "":
		return New("caster").String("device").String(c.Device).Uint(c.Sequence).Sum()
	}
	return [32]byte{}
}

// Ciphertexts is hct of S-10.
func Ciphertexts(fingerprint [32]byte, style string, contests []message.BallotContest) [32]byte {
	return addCiphertexts(New("ciphertexts").Digest(fingerprint), style, contests).Sum()
}

func addCiphertexts(t *Transcript, style string, contests []message.BallotContest) *Transcript {
	t.String(style).List(len(contests))
	for _, c := range contests {
		t.String(c.Contest).List(len(c.Selections))
		for _, s := range c.Selections {
			t.String(s.Option).Point(s.Alpha).Point(s.Beta)
		}
	}
	return t
}

// OpenedCiphertexts is hct of S-10 for a challenge.
func OpenedCiphertexts(c *message.Challenge) [32]byte {
	t := New("ciphertexts").Digest(c.Fingerprint).String(c.Style).List(len(c.Contests))
	for _, contest := range c.Contests {
		t.String(contest.Contest).List(len(contest.Selections))
		for _, s := range contest.Selections {
			t.String(s.Option).Point(s.Alpha).Point(s.Beta)
		}
	}
	return t.Sum()
}

// Proofs is hpr of S-14.
func Proofs(caster [32]byte, contests []message.BallotContest) [32]byte {
	t := New("proofs").Digest(caster).List(len(contests))
	for _, c := range contests {
		t.String(c.Contest).List(len(c.Selections))
		for _, s := range c.Selections {
			t.scalars(s.Proof.Challenges).scalars(s.Proof.Responses)
		}
		var sum message.Branches
		if c.Sum != nil {
			sum = *c.Sum
		}
		t.scalars(sum.Challenges).scalars(sum.Responses)
	}
	return t.Sum()
}

// TrackerOf is the tracker of S-15 from its parts.
func TrackerOf(fingerprint [32]byte, style string, ciphertexts, proofs [32]byte) [32]byte {
	return New("tracker").Digest(fingerprint).String(style).Digest(ciphertexts).Digest(proofs).Sum()
}

// Tracker is the tracker of a whole ballot (S-15).
func Tracker(b *message.Ballot) [32]byte {
	return TrackerOf(b.Fingerprint, b.Style,
		Ciphertexts(b.Fingerprint, b.Style, b.Contests),
		Proofs(Caster(b.Caster), b.Contests))
}

// Statement is the part that all selection proofs of one contest share: it is
// hashed once and cloned for each.
type Statement struct {
	Fingerprint [32]byte
	ElectionKey [32]byte
	Style       string
	Contest     string
	Caster      [32]byte
	Ciphertexts [32]byte
}

// Selection starts the challenge of S-12; the caller adds with Branch the
// commitments of each branch, two of them.
func (s Statement) Selection(option string, alpha, beta [32]byte) *Transcript {
	return s.selection(option, alpha, beta).List(2)
}

func (s Statement) selection(option string, alpha, beta [32]byte) *Transcript {
	return New("selection-proof").Digest(s.Fingerprint).Point(s.ElectionKey).
		String(s.Style).String(s.Contest).String(option).
		Digest(s.Caster).Digest(s.Ciphertexts).
		Point(alpha).Point(beta)
}

// Sum starts the challenge of S-13 with max−min+1 branches.
func (s Statement) Sum(min, max uint64, a, b [32]byte) *Transcript {
	return s.sum(min, max, a, b).List(int(max - min + 1))
}

func (s Statement) sum(min, max uint64, a, b [32]byte) *Transcript {
	return New("sum-proof").Digest(s.Fingerprint).Point(s.ElectionKey).
		String(s.Style).String(s.Contest).Uint(min).Uint(max).
		Digest(s.Caster).Digest(s.Ciphertexts).
		Point(a).Point(b)
}

// Branch adds one branch's commitments.
func (t *Transcript) Branch(a, b [32]byte) *Transcript { return t.Point(a).Point(b) }

// DecisionDigest is hd of S-19 over the canonical bytes of the decision's
// content or of the challenge.
func DecisionDigest(canonical []byte) [32]byte {
	return New("decision").Bytes(canonical).Sum()
}

// ReceiptDigest is what the board's key signs in a receipt (S-19).
func ReceiptDigest(r message.Receipt) [32]byte {
	credential := ""
	if r.Credential != (message.Element{}) {
		credential = r.Credential.String()
	}
	return New("receipt").Digest(r.Fingerprint).Digest(r.Decision).String(credential).
		Digest(r.Tracker).Uint(r.Index).Sum()
}

// RefusalDigest is what the board's key signs in a refusal (S-20).
func RefusalDigest(r message.Refusal) [32]byte {
	return New("refusal").Digest(r.Fingerprint).Digest(r.Decision).String(string(r.Reason)).
		Uint(r.Size).String(r.Head).Sum()
}

// Login is what a credential signs when somebody logs in with it (S-40).
func Login(fingerprint [32]byte, voter string) [32]byte {
	return New("login").Digest(fingerprint).String(voter).Sum()
}

// NoticeDigest is what the identity service signs in a notice (S-42).
func NoticeDigest(n message.Notice) [32]byte {
	return New("notice").Digest(n.Fingerprint).Point(n.Credential).Uint(n.Number).
		String(n.Predecessor).Digest(n.Tracker).Sum()
}

// Decryption is the subject of a decryption proof (S-35).
type Decryption struct {
	Fingerprint [32]byte
	Root        [32]byte
	Index       uint64
	Contest     string
	Unit        string
	Option      string
	Key         [32]byte
	Alpha       [32]byte
	Beta        [32]byte
	Factor      [32]byte
}

// Challenge is D of the challenge of S-35 for the commitments a and b.
func (d Decryption) Challenge(a, b [32]byte) [32]byte {
	return New("decryption-proof").Digest(d.Fingerprint).Digest(d.Root).Uint(d.Index).
		String(d.Contest).String(d.Unit).String(d.Option).
		Point(d.Key).Point(d.Alpha).Point(d.Beta).Point(d.Factor).
		Point(a).Point(b).Sum()
}
