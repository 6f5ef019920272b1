package scrutineer

import (
	"fmt"
	"io"

	"go.dedis.ch/kyber/v3"

	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
)

// E04: a trustee that announces an index of its own choice.
//
// Trail of Bits, "Disclosing Shamir's Secret Sharing vulnerabilities", 2021,
// on threshold libraries; ElectionGuard's Python code, which computed Lagrange
// coefficients with guardians' ids in the wrong places (#743). Dealer i gives
// the trustee with index j the value f_i(j), and the secret is Σ f_i(0). Who
// is believed that its index is 0 is dealt the secret itself:
//
//	Σ_i f_i(0) = Σ_i a_i0 = x.
//
// With an index that another trustee has, both get one share, and a Lagrange
// coefficient divides by j − j. An index out of range is none of 1..n, which
// the manifest fixes. An index of l or j + l, the same numbers modulo l, cannot
// be written: the protocol's numbers are JSON integers below 2^53; nor can
// negative ones or fractions.
//
// What weak.dkg.indexUnchecked accepts: the first message of a trustee (its
// dkg-commit) may name any index. Ever after it goes by it, as dealer and as
// recipient: its proofs of knowledge, its shares, and f_i(j) for whom others
// deal. The order in dkg-shares stays that of the manifest.

// IndexTrustee plays a trustee of E04: honest in all but its index. With its
// own index it is a trustee who believes what the others say of theirs.
type IndexTrustee struct {
	keys   TrusteeKeys
	named  uint64
	random io.Reader

	coefficients []kyber.Scalar
	reveal       *message.DKGReveal
	share        kyber.Scalar // Σ f_i(named)
}

// NewIndexTrustee is a trustee that will name this index.
func NewIndexTrustee(keys TrusteeKeys, named uint64, random io.Reader) *IndexTrustee {
	return &IndexTrustee{keys: keys, named: named, random: random}
}

func (t *IndexTrustee) post(v *View, kind message.Type, body any) (Parcel, error) {
	return Signer{Role: message.RoleTrustee, ID: t.keys.ID, Key: t.keys.Signing}.Entry(kind, v.SetupID, body)
}

// Commit is S-02 under the index it names.
func (t *IndexTrustee) Commit(v *View) (Parcel, error) {
	var err error
	if t.coefficients, err = drawAll(t.random, int(v.Manifest.Threshold)); err != nil {
		return Parcel{}, err
	}
	if t.reveal, err = reveal(v.SetupID, t.named, t.coefficients, t.random); err != nil {
		return Parcel{}, err
	}
	return t.post(v, message.TypeDKGCommit, &message.DKGCommit{Hash: transcript.Commitment(v.SetupID, t.reveal), Index: t.named})
}

// Reveal is S-03.
func (t *IndexTrustee) Reveal(v *View) (Parcel, error) {
	return t.post(v, message.TypeDKGReveal, t.reveal)
}

// Deal is S-04: each gets the share for the index that it goes by.
func (t *IndexTrustee) Deal(v *View) (Parcel, error) {
	deal := &message.DKGShares{Dealer: t.named}
	for i, to := range v.Manifest.Trustees {
		if v.Commits[i] == nil {
			return Parcel{}, ErrNotReady
		}
		index := v.Commits[i].Body.Index
		key, err := decodeElement(to.Encryption)
		if err != nil {
			return Parcel{}, err
		}
		s, err := sealShare(v.SetupID, t.named, index, key, t.reveal.Commitments, evaluate(t.coefficients, index), t.random)
		if err != nil {
			return Parcel{}, err
		}
		deal.Shares = append(deal.Shares, s)
	}
	return t.post(v, message.TypeDKGShares, deal)
}

// Receive opens what the others dealt to the index it named.
func (t *IndexTrustee) Receive(v *View) error {
	sum, place := newScalar(), int(t.keys.Index)-1
	for i, d := range v.Deals {
		if d == nil || len(d.Body.Shares) <= place {
			return fmt.Errorf("dealer %d: %w", i+1, ErrNotReady)
		}
		dealt := d.Body.Shares[place]
		ephemeral, err := decodeElement(dealt.Ephemeral)
		if err != nil {
			return err
		}
		shared := element(times(t.keys.Decryption, ephemeral))
		share, err := OpenShare(v.SetupID, d.Body.Dealer, v.Reveals[i].Body.Commitments, dealt, shared)
		if err != nil {
			return err
		}
		sum = add(sum, share)
	}
	t.share = sum
	return nil
}

// Confirm is S-08, once all have dealt.
func (t *IndexTrustee) Confirm(v *View) (Parcel, error) {
	if v.Election == nil {
		return Parcel{}, ErrNotReady
	}
	if err := t.Receive(v); err != nil {
		return Parcel{}, err
	}
	return t.post(v, message.TypeConfirm, &message.Confirm{ElectionKey: v.Election.Key, Fingerprint: v.Election.Fingerprint})
}

// Owns reports that the trustee's share is the whole key.
func (t *IndexTrustee) Owns(e *Election) bool {
	return t.share != nil && element(base(t.share)) == e.Key
}

// Read decrypts a ballot with the share: the damage where the index is 0.
func (t *IndexTrustee) Read(b *message.Ballot) (Choices, error) { return readWith(t.share, b) }
