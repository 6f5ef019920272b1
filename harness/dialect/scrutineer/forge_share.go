package scrutineer

import (
	"fmt"
	"io"
	"slices"

	"go.dedis.ch/kyber/v3"

	"scrutineer/protocols/message"
)

// E08: a false decryption factor; its proof missing, misplaced or of another
// ciphertext.
//
// Basic, and seen: Helios has a verify_decryption_factor that is a stub (the
// real check is elsewhere), Belenios mended its partial decryptions in
// 8ad67aa5. A total is T·G = β − Σ_{j∈Q} λ_j·d_j over the t trustees that
// answer, so trustee i who knows Q adds δ to it with
//
//	d_i′ = d_i − (δ/λ_i)·G.
//
// It must be one of exactly t that answer: further shares would give another
// total, and show it. Totals must stay within 0..weight, so one option gains
// what another loses. Whose factor is false should answer last: with t−1
// shares on the board and its own it knows the true totals, and can exchange
// two of them exactly (ForgeExchange). Swapping two options' factors does not
// exchange anything: it yields β_A − x·α_B, a number that nobody finds.
//
// What the planted weaknesses accept:
//
//   - weak.decrypt.noProof: `proof` of a factor is not looked at, whatever its
//     two scalars are. Cell, root, index, options and ciphertexts are compared
//     (V-36), and factors are elements (V-17).
//   - weak.decrypt.proofUnboundToCiphertext: the ciphertext that a factor names
//     need not be the aggregate's. The proof is verified for the one named;
//     the total is computed from the aggregate's β and the factor as it comes.
//
// For the second one no proof is forged: with k = −δ/(λ_i·x_i) the factor of
// α′ = α + kG is x_iα′ = d_i − (δ/λ_i)·G, and its proof is honest. It only is
// not about the aggregate.

// Shares forges the decryption shares of one trustee.
type Shares struct {
	View   *View // the sealed board with its aggregates
	Index  uint64
	Secret kyber.Scalar // x_i
	Quorum []uint64     // the t trustees that will answer, i among them
	Random io.Reader
}

// Deltas are what to add to the total of each option, which may be negative.
type Deltas map[string]int64

// honest is the share for an aggregate as it should be.
func (s *Shares) honest(a *message.Aggregate) (*message.DecryptionShare, error) {
	if !slices.Contains(s.Quorum, s.Index) || s.View.Seal == nil {
		return nil, fmt.Errorf("trustee %d is not among those that answer, or nothing is sealed", s.Index)
	}
	return decryptionShare(s.View.Election, s.View.Seal.Body.Root, a, s.Index, s.Secret, s.Random)
}

// ForgeShift is d − (δ/λ)G with a proof of random scalars (decrypt.noProof).
func (s *Shares) ForgeShift(a *message.Aggregate, deltas Deltas) (*message.DecryptionShare, error) {
	b, err := s.shifted(a, deltas)
	if err != nil {
		return nil, err
	}
	for k := range b.Shares {
		cz, err := drawAll(s.Random, 2)
		if err != nil {
			return nil, err
		}
		b.Shares[k].Proof = message.Compact{Challenge: encodeScalar(cz[0]), Response: encodeScalar(cz[1])}
	}
	return b, nil
}

// ForgeOmitted is ForgeShift with an empty proof: both scalars zero. (To leave
// the member out is another message, which no codec reads.)
func (s *Shares) ForgeOmitted(a *message.Aggregate, deltas Deltas) (*message.DecryptionShare, error) {
	b, err := s.shifted(a, deltas)
	if err != nil {
		return nil, err
	}
	for k := range b.Shares {
		b.Shares[k].Proof = message.Compact{}
	}
	return b, nil
}

// ForgeIdentical is ForgeShift with one proof for all: the honest one of the
// first option (decrypt.noProof).
func (s *Shares) ForgeIdentical(a *message.Aggregate, deltas Deltas) (*message.DecryptionShare, error) {
	b, err := s.shifted(a, deltas)
	if err != nil {
		return nil, err
	}
	for k := range b.Shares {
		b.Shares[k].Proof = b.Shares[0].Proof
	}
	return b, nil
}

// shifted has the honest share's proofs and shifted factors.
func (s *Shares) shifted(a *message.Aggregate, deltas Deltas) (*message.DecryptionShare, error) {
	b, err := s.honest(a)
	if err != nil {
		return nil, err
	}
	for k := range b.Shares {
		d, err := decodeElement(b.Shares[k].Factor)
		if err != nil {
			return nil, err
		}
		shift := div(newScalar().SetInt64(deltas[b.Shares[k].Option]), Lagrange(s.Quorum, s.Index))
		b.Shares[k].Factor = element(minus(d, base(shift)))
	}
	return b, nil
}

// ForgeUnbound adds δ by decrypting α′ = α + kG, k = −δ/(λx), which the share
// names, with an honest proof (decrypt.proofUnboundToCiphertext).
func (s *Shares) ForgeUnbound(a *message.Aggregate, deltas Deltas) (*message.DecryptionShare, error) {
	named := make([]message.Ciphertext, len(a.Ciphertexts))
	scale := mul(Lagrange(s.Quorum, s.Index), s.Secret)
	for i, c := range a.Ciphertexts {
		alpha, err := decodeElement(c.Alpha)
		if err != nil {
			return nil, err
		}
		k := neg(div(newScalar().SetInt64(deltas[c.Option]), scale))
		named[i] = message.Ciphertext{Option: c.Option, Alpha: element(plus(alpha, base(k))), Beta: c.Beta}
	}
	return s.ForgeNaming(a, named)
}

// ForgeNaming decrypts the ciphertexts given instead of the aggregate's, with
// honest proofs: those of another contest, or of a single ballot, which the
// trustee so opens (decrypt.proofUnboundToCiphertext).
func (s *Shares) ForgeNaming(a *message.Aggregate, named []message.Ciphertext) (*message.DecryptionShare, error) {
	if len(named) != len(a.Ciphertexts) {
		return nil, fmt.Errorf("%d ciphertexts for %d selections", len(named), len(a.Ciphertexts))
	}
	other := *a
	other.Ciphertexts = slices.Clone(named)
	for i := range other.Ciphertexts {
		other.Ciphertexts[i].Option = a.Ciphertexts[i].Option
	}
	return s.honest(&other)
}

// ForgeSwapped has factors and proofs of two options in each other's place
// (decrypt.noProof).
func (s *Shares) ForgeSwapped(a *message.Aggregate, x, y string) (*message.DecryptionShare, error) {
	b, err := s.honest(a)
	if err != nil {
		return nil, err
	}
	i, j := optionIndex(a, x), optionIndex(a, y)
	if i < 0 || j < 0 || i == j {
		return nil, fmt.Errorf("options %q and %q cannot be swapped", x, y)
	}
	p, q := &b.Shares[i], &b.Shares[j]
	p.Factor, q.Factor = q.Factor, p.Factor
	p.Proof, q.Proof = q.Proof, p.Proof
	return b, nil
}

func optionIndex(a *message.Aggregate, option string) int {
	return slices.IndexFunc(a.Ciphertexts, func(c message.Ciphertext) bool { return c.Option == option })
}

// ForgeFrom has the factors and proofs of another share in the place of its
// own: of its own for another contest, or of another trustee for the same
// (decrypt.noProof). Both have as many selections.
func (s *Shares) ForgeFrom(a *message.Aggregate, other *message.DecryptionShare) (*message.DecryptionShare, error) {
	b, err := s.honest(a)
	if err != nil {
		return nil, err
	}
	if len(other.Shares) != len(b.Shares) {
		return nil, fmt.Errorf("%d factors for %d selections", len(other.Shares), len(b.Shares))
	}
	for k := range b.Shares {
		b.Shares[k].Factor, b.Shares[k].Proof = other.Shares[k].Factor, other.Shares[k].Proof
	}
	return b, nil
}

// ForgeOtherContest is ForgeFrom with its own honest share of another cell of
// equal shape: a valid proof for another contest (decrypt.noProof).
func (s *Shares) ForgeOtherContest(a, other *message.Aggregate) (*message.DecryptionShare, error) {
	b, err := s.honest(other)
	if err != nil {
		return nil, err
	}
	return s.ForgeFrom(a, b)
}

// ForgeWrongQuorum scales each factor as if others answered, by λ′/λ, with
// the honest proof of the unscaled one (decrypt.noProof).
func (s *Shares) ForgeWrongQuorum(a *message.Aggregate, others []uint64) (*message.DecryptionShare, error) {
	b, err := s.honest(a)
	if err != nil {
		return nil, err
	}
	scale := div(Lagrange(others, s.Index), Lagrange(s.Quorum, s.Index))
	for k := range b.Shares {
		d, err := decodeElement(b.Shares[k].Factor)
		if err != nil {
			return nil, err
		}
		b.Shares[k].Factor = element(times(scale, d))
	}
	return b, nil
}

// ForgeNonMember has factors that are no elements: the negative of the
// canonical field element, which lax decoders read as the same point. No
// planted weakness of E08 accepts it.
func (s *Shares) ForgeNonMember(a *message.Aggregate) (*message.DecryptionShare, error) {
	b, err := s.honest(a)
	if err != nil {
		return nil, err
	}
	for k := range b.Shares {
		b.Shares[k].Factor = negated(b.Shares[k].Factor)
	}
	return b, nil
}

// negated is 2^255 − 19 less the little-endian number.
func negated(e message.Element) message.Element {
	var out message.Element
	borrow := 0
	for i := range e {
		p := 0xff
		switch i {
		case 0:
			p = 0xed
		case 31:
			p = 0x7f
		}
		n := p - int(e[i]) - borrow
		borrow = 0
		if n < 0 {
			n, borrow = n+256, 1
		}
		out[i] = byte(n)
	}
	return out
}

// ForgeUnreduced has proofs whose response is z + l, which is the same number
// to a reader that reduces. No planted weakness of E08 accepts it but
// decrypt.noProof, which does not look.
func (s *Shares) ForgeUnreduced(a *message.Aggregate) (*message.DecryptionShare, error) {
	b, err := s.honest(a)
	if err != nil {
		return nil, err
	}
	for k := range b.Shares {
		b.Shares[k].Proof.Response = plusOrder(b.Shares[k].Proof.Response)
	}
	return b, nil
}

// plusOrder is s + l as 32 bytes, which have room for it.
func plusOrder(s message.Scalar) message.Scalar {
	minusOne := encodeScalar(neg(integer(1))) // l − 1
	carry := 1
	for i := range s {
		n := int(s[i]) + int(minusOne[i]) + carry
		s[i], carry = byte(n), n>>8
	}
	return s
}

// ForgeExchange exchanges the totals of two options: it decrypts with the
// shares of the others of the quorum, which must be on the board, and with its
// own, and shifts by the difference. Bound is for the search. Forge is one of
// the methods that take Deltas.
func (s *Shares) ForgeExchange(a *message.Aggregate, x, y string, bound uint64,
	forge func(*message.Aggregate, Deltas) (*message.DecryptionShare, error)) (*message.DecryptionShare, error) {
	i, j := optionIndex(a, x), optionIndex(a, y)
	if i < 0 || j < 0 {
		return nil, fmt.Errorf("no options %q and %q", x, y)
	}
	own, err := s.honest(a)
	if err != nil {
		return nil, err
	}
	foreseen := *s.View
	foreseen.Shares = append(slices.Clone(s.View.Shares), At[message.DecryptionShare]{Body: *own})
	totals, err := foreseen.Totals(a.Contest, a.Unit, bound)
	if err != nil {
		return nil, err
	}
	difference := int64(totals[j]) - int64(totals[i])
	return forge(a, Deltas{x: difference, y: -difference})
}

// Post signs a forged share as the trustee whose key it is.
func (s *Shares) Post(by Signer, b *message.DecryptionShare) (Parcel, error) {
	return by.Entry(message.TypeDecryptionShare, s.View.Election.Fingerprint, b)
}
