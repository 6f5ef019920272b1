// Package ceremony is the distributed key generation of SPEC.md S-02..S-06:
// Pedersen's t-of-n over the board, with kyber's polynomials and messages of
// our own. Public is what everybody can check; Dealer is a trustee's secret
// side.
package ceremony

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"go.dedis.ch/kyber/v3"
	"go.dedis.ch/kyber/v3/share"
	"golang.org/x/crypto/chacha20poly1305"

	"scrutineer/protocols/message"
	"scrutineer/protocols/ristretto"
	"scrutineer/protocols/transcript"
	"scrutineer/reference-evoting/proof"
	"scrutineer/reference-evoting/recall"
	"scrutineer/reference-evoting/weakness"
)

// Fault is a violated check of the ceremony; the trustee that sent the
// message is to blame.
type Fault struct {
	Check  string
	Detail string
}

func (f *Fault) Error() string { return f.Check + ": " + f.Detail }

func fault(check, format string, args ...any) error {
	return &Fault{check, fmt.Sprintf(format, args...)}
}

// Public is the published side of one ceremony. Its methods check a message
// and take it up only if it is sound.
type Public struct {
	setupID   [32]byte
	threshold int
	keys      []kyber.Point // encryption keys
	weak      weakness.View
	memory    *recall.Memory
	suite     *ristretto.Suite

	// indices are what the trustees go by, in the manifest's order: 1..n. Under
	// weak.dkg.indexUnchecked a trustee goes by what its first message says.
	indices []uint64
	hashes  []*message.Digest
	reveals []*message.DKGReveal
	polys   []*share.PubPoly
	deals   []*message.DKGShares
}

// NewPublic starts a ceremony of len(keys) trustees.
func NewPublic(m *recall.Memory, setupID [32]byte, threshold int, keys []kyber.Point, weak weakness.View) *Public {
	n := len(keys)
	indices := make([]uint64, n)
	for i := range indices {
		indices[i] = uint64(i) + 1
	}
	return &Public{
		setupID: setupID, threshold: threshold, keys: keys, weak: weak, memory: m,
		suite:   ristretto.NewSuite(nil),
		indices: indices,
		hashes:  make([]*message.Digest, n),
		reveals: make([]*message.DKGReveal, n),
		polys:   make([]*share.PubPoly, n),
		deals:   make([]*message.DKGShares, n),
	}
}

// SetupID is the context that the proofs of this ceremony are bound to.
func (p *Public) SetupID() [32]byte { return p.setupID }

// Clone is a copy that shares nothing which later messages change.
func (p *Public) Clone() *Public {
	c := *p
	c.indices = slices.Clone(p.indices)
	c.hashes = slices.Clone(p.hashes)
	c.reveals = slices.Clone(p.reveals)
	c.polys = slices.Clone(p.polys)
	c.deals = slices.Clone(p.deals)
	return &c
}

// Rebind takes another setup's id before the first message: what a replayed
// ceremony names (weak.trustee.keyReuse).
func (p *Public) Rebind(setupID [32]byte) { p.setupID = setupID }

// Index is what the trustee goes by to which the manifest gives the index
// signer. Only a weak ceremony knows another.
func (p *Public) Index(signer uint64) uint64 { return p.indices[signer-1] }

// slot is V-10: a trustee speaks under the index that the manifest gives it,
// and once. It returns the trustee's place.
func (p *Public) slot(signer, named uint64, taken func(int) bool) (int, error) {
	if signer < 1 || signer > uint64(len(p.keys)) {
		return 0, fault("V-10", "index %d is not one of 1..%d", signer, len(p.keys))
	}
	i := int(signer) - 1
	if !p.weak.Widen(weakness.IndexUnchecked, named == signer, func() bool { return p.hashes[i] == nil || named == p.indices[i] }) {
		return 0, fault("V-10", "names index %d, its signer has %d", named, signer)
	}
	if taken(i) {
		return 0, fault("V-10", "index %d has been used", named)
	}
	return i, nil
}

// Commit takes a hash of the first round from the trustee with the index
// signer in the manifest.
func (p *Public) Commit(signer uint64, m message.DKGCommit) error {
	i, err := p.slot(signer, m.Index, func(i int) bool { return p.hashes[i] != nil })
	if err != nil {
		return err
	}
	p.hashes[i], p.indices[i] = &m.Hash, m.Index
	return nil
}

// Reveal checks a message of the second round: V-10, V-11, V-12.
func (p *Public) Reveal(signer uint64, m message.DKGReveal) error {
	i, err := p.slot(signer, m.Index, func(i int) bool { return p.reveals[i] != nil })
	if err != nil {
		return err
	}
	committed := p.hashes[i] != nil && *p.hashes[i] == transcript.Commitment(p.setupID, &m)
	if !p.weak.Widen(weakness.NoCommitRound, committed, func() bool { return true }) {
		return fault("V-10", "what trustee %d reveals does not match its hash", m.Index)
	}
	if len(m.Commitments) != p.threshold {
		return fault("V-11", "trustee %d reveals %d coefficients, want %d", m.Index, len(m.Commitments), p.threshold)
	}
	points := make([]kyber.Point, len(m.Commitments))
	for k, e := range m.Commitments {
		if points[k], err = proof.Point(e); err != nil {
			return fault("V-17", "coefficient %d of trustee %d: %v", k, m.Index, err)
		}
	}
	if m.Commitments[0] == (message.Element{}) {
		return fault("V-11", "constant term of trustee %d is the identity", m.Index)
	}
	for _, other := range p.reveals {
		if other != nil && other.Commitments[0] == m.Commitments[0] {
			return fault("V-11", "constant term of trustee %d is that of trustee %d too", m.Index, other.Index)
		}
	}
	if !p.weak.Widen(weakness.NoPoK, p.knows(m, points), func() bool { return true }) {
		return fault("V-12", "trustee %d does not prove that it knows its coefficients", m.Index)
	}
	p.reveals[i] = &m
	p.polys[i] = share.NewPubPoly(p.suite, nil, points)
	return nil
}

func (p *Public) knows(m message.DKGReveal, points []kyber.Point) bool {
	if len(m.Proofs) != len(points) {
		return false
	}
	for k, pt := range points {
		ok, err := proof.Knows(p.memory, pt, m.Proofs[k], func(c ...[32]byte) [32]byte {
			return transcript.Knowledge(p.setupID, m.Index, uint64(k), m.Commitments[k], c[0])
		})
		if err != nil || !ok {
			return false
		}
	}
	return true
}

// Deal checks the form of a message of the third round (V-13); whether the
// shares are right is for their recipients.
func (p *Public) Deal(signer uint64, m message.DKGShares) error {
	i, err := p.slot(signer, m.Dealer, func(i int) bool { return p.deals[i] != nil })
	if err != nil {
		return err
	}
	if len(m.Shares) != len(p.keys) {
		return fault("V-13", "trustee %d deals %d shares, want %d", m.Dealer, len(m.Shares), len(p.keys))
	}
	for j, s := range m.Shares {
		if s.Recipient != p.indices[j] {
			return fault("V-13", "share %d of trustee %d is for %d", j+1, m.Dealer, s.Recipient)
		}
		if len(s.Ciphertext) != 32+chacha20poly1305.Overhead {
			return fault("V-13", "share for %d of trustee %d has %d bytes", s.Recipient, m.Dealer, len(s.Ciphertext))
		}
		if _, err := proof.Point(s.Ephemeral); err != nil || s.Ephemeral == (message.Element{}) {
			return fault("V-17", "share for %d of trustee %d has no proper ephemeral key", s.Recipient, m.Dealer)
		}
	}
	p.deals[i] = &m
	return nil
}

// Complete reports how many messages of each round are there.
func (p *Public) Complete() (hashes, reveals, deals int) {
	for i := range p.keys {
		if p.hashes[i] != nil {
			hashes++
		}
		if p.reveals[i] != nil {
			reveals++
		}
		if p.deals[i] != nil {
			deals++
		}
	}
	return hashes, reveals, deals
}

// Commitments are the coefficients of all trustees, by index.
func (p *Public) Commitments() [][]message.Element {
	out := make([][]message.Element, len(p.reveals))
	for i, r := range p.reveals {
		if r != nil {
			out[i] = r.Commitments
		}
	}
	return out
}

// Key is Y = ΣA_i0 (S-06). All reveals must be there.
func (p *Public) Key() *ristretto.Point {
	y := ristretto.NewPoint().Null()
	for _, poly := range p.polys {
		y.Add(y, poly.Commit())
	}
	return y.(*ristretto.Point)
}

// VerificationKey is X_j = Σ_i Σ_k j^k·A_ik for the index that a trustee goes
// by (S-06).
func (p *Public) VerificationKey(index uint64) *ristretto.Point {
	inputs := [][]byte{binary.BigEndian.AppendUint64(nil, index)}
	for _, r := range p.reveals {
		var all []byte
		for _, a := range r.Commitments {
			all = append(all, a[:]...)
		}
		inputs = append(inputs, all)
	}
	x := recall.Of(p.memory, "ceremony: verification key", func() *ristretto.Point {
		x := ristretto.NewPoint().Null()
		for _, poly := range p.polys {
			x.Add(x, poly.Eval(int(index)-1).V)
		}
		return x.(*ristretto.Point)
	}, inputs...)
	return x.Clone().(*ristretto.Point)
}

// errShare tells that a share does not open or does not fit.
var errShare = errors.New("share does not fit the dealer's commitments")

// open decrypts one share with the shared point S and checks it against the
// dealer's commitments (S-05). Dealer and recipient are the manifest's indices.
func (p *Public) open(dealer, recipient uint64, shared message.Element) (kyber.Scalar, error) {
	d, r := p.deals[dealer-1], p.reveals[dealer-1]
	if d == nil || r == nil {
		return nil, fmt.Errorf("dealer %d has not dealt", dealer)
	}
	enc := d.Shares[recipient-1]
	from, to := p.indices[dealer-1], p.indices[recipient-1]
	key := transcript.ShareKey(p.setupID, from, to, enc.Ephemeral, shared)
	aead, err := chacha20poly1305.New(key[:])
	if err != nil {
		return nil, fmt.Errorf("share key: %w", err)
	}
	data := transcript.ShareData(p.setupID, from, to, r.Commitments)
	plain, err := aead.Open(nil, make([]byte, chacha20poly1305.NonceSize), enc.Ciphertext, data[:])
	if err != nil || len(plain) != 32 {
		return nil, errShare
	}
	v, err := proof.Scalar(message.Scalar(plain))
	if err != nil {
		return nil, errShare
	}
	if !p.polys[dealer-1].Check(&share.PriShare{I: int(to) - 1, V: v}) {
		return nil, errShare
	}
	return v, nil
}

// Judge settles a complaint (S-05) and returns the index of the culprit: the
// dealer if its share is wrong, else the complainer.
func (p *Public) Judge(m message.DKGComplaint) (uint64, error) {
	n := uint64(len(p.keys))
	if m.Recipient < 1 || m.Recipient > n || m.Dealer < 1 || m.Dealer > n {
		return 0, fault("V-13", "a complaint of %d about %d", m.Recipient, m.Dealer)
	}
	if p.deals[m.Dealer-1] == nil {
		return 0, fault("V-13", "a complaint about %d, which has not dealt", m.Dealer)
	}
	e := p.deals[m.Dealer-1].Shares[m.Recipient-1].Ephemeral
	ephemeral, err := proof.Point(e)
	if err != nil {
		return 0, err
	}
	shared, err := proof.Point(m.Shared)
	if err != nil {
		return m.Recipient, nil
	}
	key := p.keys[m.Recipient-1]
	ok, err := proof.IsEqual(p.memory, key, ephemeral, shared, m.Proof, func(c ...[32]byte) [32]byte {
		return transcript.Complaint(p.setupID, m.Dealer, m.Recipient, proof.Element(key), e, m.Shared, c[0], c[1])
	})
	if err != nil || !ok {
		return m.Recipient, nil
	}
	if _, err := p.open(m.Dealer, m.Recipient, m.Shared); err != nil {
		return m.Dealer, nil
	}
	return m.Recipient, nil
}

// Given tells which messages of a trustee stand.
func (p *Public) Given(index uint64) (commit, reveal, deal bool) {
	i := index - 1
	return p.hashes[i] != nil, p.reveals[i] != nil, p.deals[i] != nil
}
