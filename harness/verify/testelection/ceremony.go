package testelection

import (
	"bytes"
	"fmt"
	"slices"

	"golang.org/x/crypto/chacha20poly1305"

	"scrutineer/harness/verify/challenge"
	"scrutineer/harness/verify/merkle"
	"scrutineer/harness/verify/point"
	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/record"
)

type trustee struct {
	line       message.TrusteeLine
	secret     point.Scalar // of the encryption key
	polynomial []point.Scalar
	reveal     message.DKGReveal
	share      point.Scalar // x_j
}

// Decryption is the secret of a trustee's encryption key; zero for no trustee.
func (e *Election) Decryption(id string) [32]byte {
	for _, t := range e.trustees {
		if t.line.ID == id {
			return t.secret.Bytes()
		}
	}
	return [32]byte{}
}

type voter struct {
	Voter
	id     string
	secret point.Scalar
	key    [32]byte
	head   string
	last   *castBallot
}

// Setup plays everything up to the opening, and takes its checkpoint.
func (e *Election) Setup() {
	e.PostManifest()
	e.PostCommits()
	e.PostReveals()
	e.PostDealings()
	e.PostCredentials()
	e.PostConfirmations()
	e.PostOpening()
}

// PostManifest fills in the keys and posts the manifest.
func (e *Election) PostManifest() {
	m := e.Config.Manifest
	m.Protocol, m.Suite = message.Protocol, message.Suite
	m.Stages = []string{"aggregate", "decrypt", "count"}
	m.Authority = public(e.Key("authority", ""))
	m.Registrar = public(e.Key("registrar", ""))
	if m.Board.Origin == "" {
		m.Board.Origin = "test.example/board"
	}
	m.Board.Key = public(e.Key("board", m.Board.Origin))
	if m.PollInterval == 0 {
		m.PollInterval = 60
	}
	if len(m.Channels) == 0 {
		m.Channels = []message.Channel{{ID: "web", Kind: message.ChannelOnline, Opens: Opens, Closes: Closes}}
	}
	e.placeKeys(&m)
	for i := range e.Config.Trustees {
		t := &trustee{secret: e.random.scalar()}
		ek := e.g.Mul(&t.secret)
		id := fmt.Sprintf("t%d", i+1)
		t.line = message.TrusteeLine{ID: id, Index: uint64(i + 1), Signing: public(e.Key("trustee", id)), Encryption: ek.Encode()}
		m.Trustees = append(m.Trustees, t.line)
		e.trustees = append(e.trustees, t)
	}
	for i := range e.Witness {
		id := fmt.Sprintf("w%d", i+1)
		m.Witnesses = append(m.Witnesses, message.WitnessLine{ID: id, Key: public(e.Key("witness", id))})
	}
	e.identity(&m)
	body := &message.ManifestBody{Ceremony: 1, Manifest: m}
	e.Append(message.TypeManifest, message.RoleAuthority, "", [32]byte{}, body)
	e.Manifest = body.Manifest
	e.SetupID = challenge.SetupID(&e.Manifest, must(codec.Encode(&e.Manifest)), body.Ceremony)
}

// PostCommits draws the polynomials and posts the hashes (S-02).
func (e *Election) PostCommits() {
	for i, t := range e.trustees {
		t.reveal = message.DKGReveal{Index: t.line.Index}
		for range e.Manifest.Threshold {
			t.polynomial = append(t.polynomial, e.random.scalar())
		}
		if e.Polynomial != nil {
			e.Polynomial(i, t.polynomial)
		}
		for k, a := range t.polynomial {
			p := e.g.Mul(&a)
			t.reveal.Commitments = append(t.reveal.Commitments, p.Encode())
			t.reveal.Proofs = append(t.reveal.Proofs, e.Knowledge(i, k, a))
		}
		if e.Reveal != nil {
			e.Reveal(i, &t.reveal)
		}
		e.Append(message.TypeDKGCommit, message.RoleTrustee, t.line.ID, e.SetupID,
			&message.DKGCommit{Index: t.line.Index, Hash: challenge.Commitment(e.SetupID, &t.reveal)})
	}
}

// Knowledge proves knowledge of coefficient k of trustee i.
func (e *Election) Knowledge(i, k int, a point.Scalar) message.Compact {
	v := e.random.scalar()
	r, p := e.g.Mul(&v), e.g.Mul(&a)
	c := challenge.Knowledge(e.SetupID, uint64(i+1), uint64(k), p.Encode()).Pt(r.Encode()).Scalar()
	return compact(c, v, a)
}

// compact is (c, z) with z = v + c·x.
func compact(c, v, x point.Scalar) message.Compact {
	cx := c.Mul(&x)
	z := v.Add(&cx)
	return message.Compact{Challenge: c.Bytes(), Response: z.Bytes()}
}

// PostReveals posts the coefficients (S-03).
func (e *Election) PostReveals() {
	for _, t := range e.trustees {
		e.Append(message.TypeDKGReveal, message.RoleTrustee, t.line.ID, e.SetupID, &t.reveal)
	}
}

// PostDealings posts the encrypted shares (S-04).
func (e *Election) PostDealings() {
	for i, t := range e.trustees {
		m := &message.DKGShares{Dealer: t.line.Index}
		for j := range e.trustees {
			m.Shares = append(m.Shares, e.Encrypt(i, j, e.at(t, uint64(j+1))))
		}
		e.Append(message.TypeDKGShares, message.RoleTrustee, t.line.ID, e.SetupID, m)
	}
	for j, t := range e.trustees {
		t.share = point.Scalar{}
		for _, dealer := range e.trustees {
			s := e.at(dealer, uint64(j+1))
			t.share = t.share.Add(&s)
		}
	}
}

// at is f_i(j).
func (e *Election) at(t *trustee, j uint64) point.Scalar {
	x, sum := point.ScalarOf(j), point.Scalar{}
	for k := len(t.polynomial) - 1; k >= 0; k-- {
		sum = sum.Mul(&x)
		sum = sum.Add(&t.polynomial[k])
	}
	return sum
}

// Encrypt is the share of dealer i for trustee j.
func (e *Election) Encrypt(i, j int, share point.Scalar) message.EncryptedShare {
	r := e.random.scalar()
	eph := e.g.Mul(&r)
	ek, _ := point.Decode(e.trustees[j].line.Encryption)
	shared := point.Mul(&r, &ek)
	dealer, recipient := uint64(i+1), uint64(j+1)
	key := challenge.ShareKey(e.SetupID, dealer, recipient, eph.Encode(), shared.Encode())
	data := challenge.ShareData(e.SetupID, dealer, recipient, e.trustees[i].reveal.Commitments)
	plain := share.Bytes()
	sealed := must(chacha20poly1305.New(key[:])).Seal(nil, make([]byte, chacha20poly1305.NonceSize), plain[:], data[:])
	return message.EncryptedShare{Ciphertext: sealed, Ephemeral: eph.Encode(), Recipient: recipient}
}

// Complain posts trustee j's complaint about what dealer i sent it (S-05).
func (e *Election) Complain(i, j int, dealt *message.DKGShares) {
	t := e.trustees[j]
	eph, _ := point.Decode(dealt.Shares[j].Ephemeral)
	shared := point.Mul(&t.secret, &eph)
	v := e.random.scalar()
	a, b := e.g.Mul(&v), point.Mul(&v, &eph)
	c := challenge.Complaint(e.SetupID, uint64(i+1), uint64(j+1), t.line.Encryption, dealt.Shares[j].Ephemeral, shared.Encode()).
		Pt(a.Encode()).Pt(b.Encode()).Scalar()
	e.Append(message.TypeDKGComplaint, message.RoleTrustee, t.line.ID, e.SetupID, &message.DKGComplaint{
		Dealer: uint64(i + 1), Recipient: uint64(j + 1), Shared: shared.Encode(), Proof: compact(c, v, t.secret)})
}

// Abort posts the end of a ceremony.
func (e *Election) Abort(culprit string) {
	e.Append(message.TypeAbort, message.RoleAuthority, "", e.SetupID, &message.Abort{Culprit: culprit, Reason: "test"})
}

// PostCredentials draws the voters' keys and posts the list (S-07), and computes
// fingerprint and election key.
func (e *Election) PostCredentials() {
	for i, v := range e.Voters {
		x := &voter{Voter: v, id: fmt.Sprintf("voter-%05d", i), secret: e.random.scalar(), head: message.None}
		k := e.g.Mul(&x.secret)
		x.key = k.Encode()
		e.voters = append(e.voters, x)
	}
	sorted := slices.Clone(e.voters)
	slices.SortFunc(sorted, func(a, b *voter) int { return bytes.Compare(a.key[:], b.key[:]) })
	var tree merkle.Range
	sum := uint64(0)
	chunk := &message.Credentials{}
	flush := func() {
		if len(chunk.List) > 0 {
			e.Append(message.TypeCredentials, message.RoleRegistrar, "", e.SetupID, chunk)
			for _, c := range chunk.List {
				tree.Append(merkle.Leaf(must(codec.Encode(c))))
				sum += c.Weight
			}
			chunk = &message.Credentials{Chunk: chunk.Chunk + 1}
		}
	}
	for _, v := range sorted {
		chunk.List = append(chunk.List, message.Credential{Key: v.key, Style: v.Style, Unit: v.Unit, Weight: v.Weight})
		if len(chunk.List) == message.CredentialChunk {
			flush()
		}
	}
	flush()
	body := &message.Electorate{Chunks: chunk.Chunk, Count: tree.Size(), Root: tree.Root(), Weight: sum, Roll: e.random.digest()}
	e.Append(message.TypeElectorate, message.RoleRegistrar, "", e.SetupID, body)
	y := point.Identity()
	var commitments [][]message.Element
	for _, t := range e.trustees {
		if a, ok := point.Decode(t.reveal.Commitments[0]); ok {
			y.Add(&y, &a)
		}
		commitments = append(commitments, t.reveal.Commitments)
	}
	e.y, e.ElectionKey = point.NewTable(&y), y.Encode()
	e.Fingerprint = challenge.Fingerprint(e.SetupID, e.ElectionKey, commitments, tree.Root(), tree.Size())
}

// PostConfirmations posts the trustees' word (S-08).
func (e *Election) PostConfirmations() {
	for _, t := range e.trustees {
		e.Append(message.TypeConfirm, message.RoleTrustee, t.line.ID, e.SetupID,
			&message.Confirm{ElectionKey: e.ElectionKey, Fingerprint: e.Fingerprint})
	}
}

// PostOpening opens the voting.
func (e *Election) PostOpening() {
	e.Append(message.TypeOpen, message.RoleAuthority, "", e.Fingerprint, &message.Open{ElectionKey: e.ElectionKey})
	e.Checkpoint(record.Opened)
}
