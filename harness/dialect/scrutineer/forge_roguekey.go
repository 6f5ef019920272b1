package scrutineer

import (
	"fmt"
	"io"

	"go.dedis.ch/kyber/v3"

	"scrutineer/protocols/message"
	"scrutineer/protocols/ristretto"
)

// E01: the rogue key. The last trustee cancels the others.
//
// Folklore; Helios asks for proofs of knowledge, over a weak hash. Trustee m
// waits for everybody else's coefficients, draws s, and announces
//
//	A_m0 = sG − Σ_{i≠m} A_i0, so that Y = Σ A_i0 = sG
//
// is a key that m alone knows.
//
// Pedersen's ceremony asks for shares besides. m does not know the logarithm
// of A_m0, hence no polynomial. But with t = n the polynomial has degree n−1,
// and n points fix it: A_m0 at 0, and at every j ≠ m a share s_j drawn at
// random. Interpolation in the exponent gives the coefficients,
//
//	A_mk = Σ_i ℓ_ik·P_i over the points (x_i, P_i) = (0, A_m0), (j, s_jG),
//
// ℓ_ik being the k-th coefficient of the i-th Lagrange polynomial. Every
// dealt share verifies: Σ_k j^k·A_mk = s_jG. What the polynomial is at m
// nobody knows, and nobody but m would look.
//
// What the planted weaknesses accept; either check alone stops m:
//
//   - weak.dkg.noCommitRound: a reveal that is not what its dkg-commit hashes
//     (V-10). The n hashes are still there before the first reveal.
//   - weak.setup.noPoK: `proofs` of a reveal are not looked at, whatever they
//     are and however many (V-12). t coefficients, the constant term neither
//     the identity nor a repeated one, are still asked for (V-11).
//
// m cannot prove a decryption share, so the attack ends before the tally: its
// damage is that one party reads ballots.

// Knowledge is what stands where the proofs of knowledge belong.
type Knowledge uint8

// The forms of E01. The zero Knowledge is none.
const (
	KnowledgeSimulated Knowledge = iota + 1 // right shape: simulated transcripts under a challenge of their own
	KnowledgeAbsent                         // an empty list
)

// RogueTrustee plays the last trustee of E01. It posts its messages when the
// caller says so; the others' are read from the View.
type RogueTrustee struct {
	keys   TrusteeKeys
	form   Knowledge
	random io.Reader

	secret kyber.Scalar   // s, with Y = sG
	shares []kyber.Scalar // s_j by index less one; at m's own place a number that is nobody's
	reveal *message.DKGReveal
}

// NewRogueTrustee is the adversary before the ceremony.
func NewRogueTrustee(keys TrusteeKeys, form Knowledge, random io.Reader) *RogueTrustee {
	return &RogueTrustee{keys: keys, form: form, random: random}
}

func (t *RogueTrustee) post(v *View, kind message.Type, body any) (Parcel, error) {
	return Signer{Role: message.RoleTrustee, ID: t.keys.ID, Key: t.keys.Signing}.Entry(kind, v.SetupID, body)
}

// Commit posts a hash of nothing: what it should hash is not known yet.
func (t *RogueTrustee) Commit(v *View) (Parcel, error) {
	h, err := drawBytes(t.random)
	if err != nil {
		return Parcel{}, err
	}
	return t.post(v, message.TypeDKGCommit, &message.DKGCommit{Hash: h, Index: t.keys.Index})
}

// Reveal computes the cancelling key once all others have revealed. The
// threshold must be the number of trustees.
func (t *RogueTrustee) Reveal(v *View) (Parcel, error) {
	n := uint64(len(v.Manifest.Trustees))
	if v.Manifest.Threshold != n {
		return Parcel{}, fmt.Errorf("threshold %d of %d: shares of a key that nobody knows need all trustees", v.Manifest.Threshold, n)
	}
	var err error
	if t.secret, err = draw(t.random); err != nil {
		return Parcel{}, err
	}
	if t.shares, err = drawAll(t.random, int(n)); err != nil {
		return Parcel{}, err
	}
	at, points := []kyber.Scalar{integer(0)}, []kyber.Point{base(t.secret)}
	for i, r := range v.Reveals {
		j := uint64(i) + 1
		if j == t.keys.Index {
			continue
		}
		if r == nil {
			return Parcel{}, ErrNotReady
		}
		others, err := decodeElement(r.Body.Commitments[0])
		if err != nil {
			return Parcel{}, err
		}
		points[0] = minus(points[0], others)
		at, points = append(at, integer(j)), append(points, base(t.shares[i]))
	}
	t.reveal = &message.DKGReveal{Index: t.keys.Index, Proofs: []message.Compact{}}
	for _, a := range interpolate(at, points) {
		t.reveal.Commitments = append(t.reveal.Commitments, element(a))
	}
	if t.form == KnowledgeSimulated {
		if err := t.simulate(); err != nil {
			return Parcel{}, err
		}
	}
	return t.post(v, message.TypeDKGReveal, t.reveal)
}

// simulate puts (c, z) drawn at random where proofs belong: R = zG − cA makes
// the equation true, and the challenge is not the hash.
func (t *RogueTrustee) simulate() error {
	for range t.reveal.Commitments {
		cz, err := drawAll(t.random, 2)
		if err != nil {
			return err
		}
		t.reveal.Proofs = append(t.reveal.Proofs, message.Compact{
			Challenge: encodeScalar(cz[0]), Response: encodeScalar(cz[1])})
	}
	return nil
}

// Deal posts the shares that were drawn.
func (t *RogueTrustee) Deal(v *View) (Parcel, error) {
	deal := &message.DKGShares{Dealer: t.keys.Index}
	for i, to := range v.Manifest.Trustees {
		key, err := decodeElement(to.Encryption)
		if err != nil {
			return Parcel{}, err
		}
		s, err := sealShare(v.SetupID, t.keys.Index, to.Index, key, t.reveal.Commitments, t.shares[i], t.random)
		if err != nil {
			return Parcel{}, err
		}
		deal.Shares = append(deal.Shares, s)
	}
	return t.post(v, message.TypeDKGShares, deal)
}

// Confirm posts what an honest trustee would.
func (t *RogueTrustee) Confirm(v *View) (Parcel, error) {
	if v.Election == nil {
		return Parcel{}, ErrNotReady
	}
	return t.post(v, message.TypeConfirm, &message.Confirm{
		ElectionKey: v.Election.Key, Fingerprint: v.Election.Fingerprint})
}

// Owns reports that the election key is the adversary's alone.
func (t *RogueTrustee) Owns(e *Election) bool {
	return t.secret != nil && element(base(t.secret)) == e.Key
}

// Read decrypts a ballot with s: β − sα is mG. It is the damage.
func (t *RogueTrustee) Read(b *message.Ballot) (Choices, error) { return readWith(t.secret, b) }

// readWith decrypts a ballot with the secret of the key that it was made for.
func readWith(secret kyber.Scalar, b *message.Ballot) (Choices, error) {
	found := make(Choices)
	for _, c := range b.Contests {
		found[c.Contest] = []string{}
		for _, s := range c.Selections {
			alpha, beta, err := decodeCiphertext(s.Alpha, s.Beta)
			if err != nil {
				return nil, err
			}
			m, err := Logarithm(minus(beta, times(secret, alpha)), 1)
			if err != nil {
				return nil, fmt.Errorf("contest %q, option %q: %w", c.Contest, s.Option, err)
			}
			if m == 1 {
				found[c.Contest] = append(found[c.Contest], s.Option)
			}
		}
	}
	return found, nil
}

// interpolate are the coefficients of the polynomial in the exponent through
// the points, of which no two are at the same place.
func interpolate(at []kyber.Scalar, points []kyber.Point) []kyber.Point {
	out := make([]kyber.Point, len(points))
	for k := range out {
		out[k] = ristretto.NewPoint()
	}
	for i := range points {
		for k, c := range lagrangePolynomial(at, i) {
			out[k] = plus(out[k], times(c, points[i]))
		}
	}
	return out
}

// lagrangePolynomial are the coefficients of Π_{k≠i} (x − x_k)/(x_i − x_k).
func lagrangePolynomial(at []kyber.Scalar, i int) []kyber.Scalar {
	poly := []kyber.Scalar{integer(1)}
	for k, x := range at {
		if k == i {
			continue
		}
		scale := div(integer(1), sub(at[i], x))
		next := make([]kyber.Scalar, len(poly)+1)
		next[0] = newScalar()
		for d, c := range poly {
			c = mul(c, scale)
			next[d+1] = c
			next[d] = sub(next[d], mul(c, x))
		}
		poly = next
	}
	return poly
}
