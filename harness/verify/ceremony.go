package verify

import (
	"fmt"

	"golang.org/x/crypto/chacha20poly1305"

	"scrutineer/harness/verify/challenge"
	"scrutineer/harness/verify/point"
	"scrutineer/protocols/message"
)

// ceremony follows the key ceremony (V-10..V-13) and gives the election key.
// Trustees are counted from 0 here, from 1 in messages.
type ceremony struct {
	x       *index
	setupID [32]byte
	t       *ledger

	hashes  []*[32]byte
	reveals []*message.DKGReveal
	coeffs  [][]point.Point // decoded, of those that revealed soundly
	dealt   []*message.DKGShares
	faulty  []bool // a message of this trustee failed V-10..V-13
	blamed  string // whom the complaint shows to be at fault
}

func newCeremony(x *index, setupID [32]byte, t *ledger) *ceremony {
	n := len(x.m.Trustees)
	return &ceremony{x: x, setupID: setupID, t: t,
		hashes: make([]*[32]byte, n), reveals: make([]*message.DKGReveal, n), coeffs: make([][]point.Point, n),
		dealt: make([]*message.DKGShares, n), faulty: make([]bool, n)}
}

// fail records a fault of trustee i.
func (c *ceremony) fail(i int, it *item, f *Finding) {
	c.faulty[i] = true
	id := c.x.m.Trustees[i].ID
	c.t.add(it.raw.place(f.trustee(id)).blame(trustee(id)))
}

// signer is the position of the trustee that an entry names.
func (c *ceremony) signer(it *item) (int, bool) {
	i, ok := c.x.trustees[it.entry.ID]
	return i, ok
}

// commit takes a hash of the first round.
func (c *ceremony) commit(it *item, m *message.DKGCommit) {
	i, ok := c.signer(it)
	if !ok {
		return // V-07 says so
	}
	if m.Index != uint64(i+1) {
		c.fail(i, it, found(DKGCommitments, "hash under index %d of trustee %d", m.Index, i+1).counts(i+1, m.Index))
		return
	}
	h := [32]byte(m.Hash)
	c.hashes[i] = &h
}

// reveal takes the coefficients of the second round (V-10, V-11, V-12).
func (c *ceremony) reveal(it *item, m *message.DKGReveal) {
	i, ok := c.signer(it)
	if !ok {
		return
	}
	c.t.see(DKGCommitments, 1)
	want := challenge.Commitment(c.setupID, m)
	switch {
	case m.Index != uint64(i+1):
		c.fail(i, it, found(DKGCommitments, "reveal under index %d of trustee %d", m.Index, i+1).counts(i+1, m.Index))
	case c.hashes[i] == nil:
		c.fail(i, it, found(DKGCommitments, "reveal without a hash before it"))
	case *c.hashes[i] != want:
		c.fail(i, it, found(DKGCommitments, "reveal does not match its hash").
			sides("hash = D(\"dkg-commitment\"; …)", *c.hashes[i], want))
	}
	c.reveals[i] = m
	if points, ok := c.coefficients(i, it, m); ok {
		c.knowledge(i, it, m, points)
		c.coeffs[i] = points
	}
}

// coefficients makes V-11 for one trustee; false where they are of no use.
func (c *ceremony) coefficients(i int, it *item, m *message.DKGReveal) ([]point.Point, bool) {
	t := int(c.x.m.Threshold)
	if len(m.Commitments) != t {
		c.fail(i, it, found(Coefficients, "%d coefficients, not %d", len(m.Commitments), t).counts(t, len(m.Commitments)))
		return nil, false
	}
	points := make([]point.Point, t)
	good := true
	for k, a := range m.Commitments {
		c.t.see(Coefficients, 1)
		var ok bool
		if points[k], ok = point.Decode(a); !ok {
			good = false
			c.fail(i, it, found(Decoding, "coefficient %d is no element", k).sides("canonical element", a, [32]byte{}))
		}
	}
	if !good {
		return nil, false
	}
	if points[0].IsIdentity() {
		c.fail(i, it, found(Coefficients, "constant term is the identity").
			sides("A_i0 ≠ identity", m.Commitments[0], [32]byte{}))
	}
	for j, other := range c.reveals {
		if j != i && other != nil && len(other.Commitments) > 0 && other.Commitments[0] == m.Commitments[0] {
			c.fail(i, it, found(Coefficients, "constant term is that of trustee %s", c.x.m.Trustees[j].ID).
				sides("A_i0 ≠ A_j0", m.Commitments[0], other.Commitments[0]))
		}
	}
	return points, true
}

// knowledge makes V-12: R = zG - cA_ik gives c again.
func (c *ceremony) knowledge(i int, it *item, m *message.DKGReveal, points []point.Point) {
	if len(m.Proofs) != len(points) {
		c.fail(i, it, found(Knowledge, "%d proofs for %d coefficients", len(m.Proofs), len(points)).counts(len(points), len(m.Proofs)))
		return
	}
	g := point.Generator()
	for k, p := range m.Proofs {
		c.t.see(Knowledge, 1)
		ch, okC := point.ParseScalar(p.Challenge)
		z, okZ := point.ParseScalar(p.Response)
		if !okC || !okZ {
			c.fail(i, it, found(Decoding, "proof of coefficient %d is not canonical", k))
			continue
		}
		r := point.Combine([]point.Scalar{z, ch.Negate()}, []point.Point{g, points[k]})
		want := challenge.Knowledge(c.setupID, uint64(i+1), uint64(k), m.Commitments[k]).Pt(r.Encode()).Scalar()
		if !ch.Equal(&want) {
			c.fail(i, it, found(Knowledge, "proof of knowledge of coefficient %d fails", k).
				sides("c = C(\"dkg-knowledge\"; …)", ch.Bytes(), want.Bytes()))
		}
	}
}

// deal takes the encrypted shares of the third round (V-13).
func (c *ceremony) deal(it *item, m *message.DKGShares) {
	i, ok := c.signer(it)
	if !ok {
		return
	}
	c.t.see(Dealing, 1)
	c.dealt[i] = m
	n := len(c.x.m.Trustees)
	if m.Dealer != uint64(i+1) || len(m.Shares) != n {
		c.fail(i, it, found(Dealing, "dealer %d with %d shares, signed by trustee %d", m.Dealer, len(m.Shares), i+1).
			counts(n, len(m.Shares)))
		return
	}
	for j := range m.Shares {
		s := &m.Shares[j]
		e, element := point.Decode(s.Ephemeral)
		switch {
		case s.Recipient != uint64(j+1):
			c.fail(i, it, found(Dealing, "share %d is for recipient %d", j+1, s.Recipient).counts(j+1, s.Recipient))
		case !element || e.IsIdentity():
			c.fail(i, it, found(Decoding, "ephemeral key of share %d is no element other than the identity", j+1).
				sides("canonical element ≠ identity", s.Ephemeral, [32]byte{}))
		case len(s.Ciphertext) != point.Size+chacha20poly1305.Overhead:
			c.fail(i, it, found(Dealing, "share %d has %d bytes", j+1, len(s.Ciphertext)).
				counts(point.Size+chacha20poly1305.Overhead, len(s.Ciphertext)))
		}
	}
}

// complaint finds out who lies (V-13, S-05).
func (c *ceremony) complaint(it *item, m *message.DKGComplaint) {
	c.t.both(Dealing, 1)
	i, ok := c.signer(it)
	if !ok {
		return
	}
	n := uint64(len(c.x.m.Trustees))
	if m.Recipient != uint64(i+1) || m.Dealer < 1 || m.Dealer > n {
		c.blamed = it.entry.ID
		c.fail(i, it, found(Dealing, "complaint of recipient %d against dealer %d, signed by trustee %d", m.Recipient, m.Dealer, i+1))
		return
	}
	dealer := int(m.Dealer - 1)
	if c.dealt[dealer] == nil || i >= len(c.dealt[dealer].Shares) || c.reveals[dealer] == nil {
		c.fail(i, it, found(Dealing, "complaint against a dealer who has not dealt"))
		c.blamed = it.entry.ID
		return
	}
	// Either way the complaint is in order; the abort has to name this one.
	if !c.proven(i, m) || c.shareHolds(dealer, i, m) {
		c.blamed = it.entry.ID
	} else {
		c.blamed = c.x.m.Trustees[dealer].ID
	}
}

// proven checks the proof that S = sk_j·E: a = zG - c·EK_j, b = zE - c·S.
func (c *ceremony) proven(i int, m *message.DKGComplaint) bool {
	s := &c.dealt[m.Dealer-1].Shares[i]
	key := c.x.m.Trustees[i].Encryption
	ek, ok1 := point.Decode(key)
	e, ok2 := point.Decode(s.Ephemeral)
	sh, ok3 := point.Decode(m.Shared)
	ch, ok4 := point.ParseScalar(m.Proof.Challenge)
	z, ok5 := point.ParseScalar(m.Proof.Response)
	if !ok1 || !ok2 || !ok3 || !ok4 || !ok5 {
		return false
	}
	minus := ch.Negate()
	a := point.Combine([]point.Scalar{z, minus}, []point.Point{point.Generator(), ek})
	b := point.Combine([]point.Scalar{z, minus}, []point.Point{e, sh})
	want := challenge.Complaint(c.setupID, m.Dealer, m.Recipient, key, s.Ephemeral, m.Shared).
		Pt(a.Encode()).Pt(b.Encode()).Scalar()
	return ch.Equal(&want)
}

// shareHolds opens the ciphertext with S and checks the share against the
// coefficients.
func (c *ceremony) shareHolds(dealer, i int, m *message.DKGComplaint) bool {
	s := &c.dealt[dealer].Shares[i]
	key := challenge.ShareKey(c.setupID, m.Dealer, m.Recipient, s.Ephemeral, m.Shared)
	data := challenge.ShareData(c.setupID, m.Dealer, m.Recipient, c.reveals[dealer].Commitments)
	aead, err := chacha20poly1305.New(key[:])
	if err != nil {
		return false
	}
	plain, err := aead.Open(nil, make([]byte, chacha20poly1305.NonceSize), s.Ciphertext, data[:])
	if err != nil || len(plain) != point.Size || len(c.coeffs[dealer]) == 0 {
		return false
	}
	share, ok := point.ParseScalar([32]byte(plain))
	if !ok {
		return false
	}
	g := point.Generator()
	left, right := point.Mul(&share, &g), evaluateAt(c.coeffs[dealer], uint64(i+1))
	return left.Equal(&right)
}

// evaluateAt is Σ_k j^k·A_k (Horner).
func evaluateAt(coefficients []point.Point, j uint64) point.Point {
	sum := point.Identity()
	for k := len(coefficients) - 1; k >= 0; k-- {
		sum = point.MulUint(j, &sum)
		sum.Add(&sum, &coefficients[k])
	}
	return sum
}

// abort checks that the abort names somebody whom the board shows to be at
// fault or silent.
func (c *ceremony) abort(it *item, m *message.Abort, o *order, registrarFaulty bool) {
	c.t.both(Dealing, 1)
	fail := func(format string, args ...any) {
		c.t.add(it.raw.place(found(Dealing, format, args...)).blame(authority))
	}
	i, isTrustee := c.x.trustees[m.Culprit]
	switch {
	case c.blamed != "" && m.Culprit != c.blamed:
		fail("abort blames %q, the complaint shows %s", m.Culprit, c.blamed)
	case c.blamed != "":
	case !isTrustee && m.Culprit != registrar:
		fail("abort blames %q, who is neither a trustee nor the registrar", m.Culprit)
	case isTrustee && !c.faulty[i] && !c.silent(i, o):
		fail("abort blames %s, of whom nothing is missing", m.Culprit)
	case !isTrustee && !registrarFaulty && (o.counts[stageDeal] < len(c.x.m.Trustees) || o.counts[stageElectorate] > 0):
		fail("abort blames the registrar, whose turn it is not")
	}
}

// silent reports whether a message of trustee i is missing where the board
// stands: in the first round that is not complete, or among the confirmations.
func (c *ceremony) silent(i int, o *order) bool {
	n := len(c.x.m.Trustees)
	switch {
	case o.counts[stageCommit] < n:
		return c.hashes[i] == nil
	case o.counts[stageReveal] < n:
		return c.reveals[i] == nil
	case o.counts[stageDeal] < n:
		return c.dealt[i] == nil
	case o.counts[stageElectorate] > 0:
		return !o.posted[c.x.m.Trustees[i].ID]
	}
	return false
}

// key is Y and the verification keys, once all trustees have revealed.
func (c *ceremony) key() (y point.Point, verification []point.Point, err error) {
	y = point.Identity()
	if c.x.m.Threshold > uint64(len(c.coeffs)) {
		return y, nil, fmt.Errorf("threshold %d of %d trustees", c.x.m.Threshold, len(c.coeffs))
	}
	sums := make([]point.Point, c.x.m.Threshold)
	for k := range sums {
		sums[k] = point.Identity()
	}
	for i, coefficients := range c.coeffs {
		if len(coefficients) == 0 || len(coefficients) != len(sums) {
			return y, nil, fmt.Errorf("trustee %s has no usable coefficients", c.x.m.Trustees[i].ID)
		}
		y.Add(&y, &coefficients[0])
		for k := range sums {
			sums[k].Add(&sums[k], &coefficients[k])
		}
	}
	for j := range c.coeffs {
		verification = append(verification, evaluateAt(sums, uint64(j+1)))
	}
	return y, verification, nil
}
