package scrutineer

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"go.dedis.ch/kyber/v3"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
)

// Trustee plays one trustee honestly. It acts on what cosigned heads cover and
// refuses to go on when the board has a fault. It says everything once: who
// posts for it tries again with the same bytes. It is for one goroutine.
type Trustee struct {
	keys   TrusteeKeys
	random io.Reader

	constant kyber.Scalar // chosen beforehand by a conspiracy; nil draws it
	ceremony *ceremonyState
	sealed   *message.Digest // the one sealed root it decrypts for
}

// ceremonyState is what a trustee keeps from one round to the next.
type ceremonyState struct {
	setupID      message.Digest
	coefficients []kyber.Scalar
	reveal       *message.DKGReveal
	commit       *message.DKGCommit
	deal         *message.DKGShares
	share        kyber.Scalar // x_j, once all shares are checked
	revealed     bool
	confirmed    bool
	complained   bool
}

// Errors of a trustee that refuses.
var (
	ErrRefused  = errors.New("the trustee refuses")
	ErrNotReady = errors.New("the board is not there yet")
)

// NewTrustee is a trustee before the ceremony.
func NewTrustee(keys TrusteeKeys, random io.Reader) *Trustee {
	return &Trustee{keys: keys, random: random}
}

// Signer signs entries as this trustee.
func (t *Trustee) Signer() Signer {
	return Signer{Role: message.RoleTrustee, ID: t.keys.ID, Key: t.keys.Signing}
}

// Index is the trustee's index.
func (t *Trustee) Index() uint64 { return t.keys.Index }

// Next is what the trustee posts now: nothing, the message of a round, a
// complaint, its confirmation, or its decryption shares. The error wraps
// ErrRefused where the board has a fault; the trustee then posts nothing more.
func (t *Trustee) Next(v *View) ([]Parcel, error) {
	if v.Phase == "" || v.Phase == message.PhaseEmpty || v.Phase == message.PhaseAborted {
		return nil, nil
	}
	if err := v.Sound(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	if v.Opened != nil {
		if v.Seal == nil || t.sealed != nil {
			return nil, nil
		}
		return t.tally(v)
	}
	p, err := t.round(v)
	if err != nil || p.Entry == nil {
		return nil, err
	}
	return []Parcel{p}, nil
}

// tally gives the shares when the board is ready for them.
func (t *Trustee) tally(v *View) ([]Parcel, error) {
	shares, err := t.Shares(v)
	if errors.Is(err, ErrNotReady) {
		return nil, nil
	}
	return shares, err
}

// round is the message of the round that is due; an empty parcel if none is.
func (t *Trustee) round(v *View) (Parcel, error) {
	s := t.ceremony
	if s == nil {
		return t.Commit(v)
	}
	if err := t.mine(v); err != nil {
		return Parcel{}, err
	}
	switch {
	case s.complained || s.confirmed:
		return Parcel{}, nil
	case !s.revealed && allCosigned(v, v.Commits):
		return t.Reveal()
	case s.deal == nil && allCosigned(v, v.Reveals):
		return t.Deal(v)
	case s.share == nil && allCosigned(v, v.Deals):
		return t.Receive(v)
	case s.share != nil && v.Electorate != nil && v.cosigned(v.Electorate.Index):
		return t.Confirm(v)
	}
	return Parcel{}, nil
}

func (t *Trustee) place() int { return int(t.keys.Index) - 1 }

func (t *Trustee) signed(kind message.Type, body any) (Parcel, error) {
	return t.Signer().Entry(kind, t.ceremony.setupID, body)
}

// allCosigned reports that all n messages of a round are in a cosigned head.
func allCosigned[T any](v *View, list []*At[T]) bool {
	if !full(list) {
		return false
	}
	for _, m := range list {
		if !v.cosigned(m.Index) {
			return false
		}
	}
	return true
}

// mine is the trustee's own part of S-08: what stands under its name is what
// it posted.
func (t *Trustee) mine(v *View) error {
	s := t.ceremony
	if s.setupID != v.SetupID {
		return fmt.Errorf("%w: the board is another ceremony's", ErrRefused)
	}
	i := t.place()
	commit, reveal, deal := v.Commits[i], v.Reveals[i], v.Deals[i]
	switch {
	case commit != nil && !sameBody(&commit.Body, s.commit),
		reveal != nil && !sameBody(&reveal.Body, s.reveal),
		deal != nil && !sameBody(&deal.Body, s.deal):
		return fmt.Errorf("%w: an entry under its name is not its own", ErrRefused)
	}
	return nil
}

// sameBody compares canonical bytes; a nil message equals nothing.
func sameBody[T any](a, b *T) bool {
	if a == nil || b == nil {
		return false
	}
	x, err := codec.Encode(a)
	if err != nil {
		return false
	}
	y, err := codec.Encode(b)
	return err == nil && bytes.Equal(x, y)
}

// Commit is S-02. A commitment that stands under its name already is not its
// own, and it takes no part.
func (t *Trustee) Commit(v *View) (Parcel, error) {
	line := t.line(v)
	if line != t.keys.Line() {
		return Parcel{}, fmt.Errorf("%w: the manifest has other keys of it", ErrRefused)
	}
	if v.Commits[t.place()] != nil {
		return Parcel{}, fmt.Errorf("%w: an entry under its name is not its own", ErrRefused)
	}
	coefficients, err := drawAll(t.random, int(v.Manifest.Threshold))
	if err != nil {
		return Parcel{}, err
	}
	if t.constant != nil {
		coefficients[0] = t.constant
	}
	s := &ceremonyState{setupID: v.SetupID, coefficients: coefficients}
	if s.reveal, err = reveal(v.SetupID, t.keys.Index, coefficients, t.random); err != nil {
		return Parcel{}, err
	}
	s.commit = &message.DKGCommit{Hash: transcript.Commitment(v.SetupID, s.reveal), Index: t.keys.Index}
	t.ceremony = s
	return t.signed(message.TypeDKGCommit, s.commit)
}

// Reveal is S-03.
func (t *Trustee) Reveal() (Parcel, error) {
	t.ceremony.revealed = true
	return t.signed(message.TypeDKGReveal, t.ceremony.reveal)
}

// line is the trustee's line of the manifest.
func (t *Trustee) line(v *View) message.TrusteeLine {
	if i := t.place(); i >= 0 && i < len(v.Manifest.Trustees) {
		return v.Manifest.Trustees[i]
	}
	return message.TrusteeLine{}
}

// Deal is S-04.
func (t *Trustee) Deal(v *View) (Parcel, error) {
	s := t.ceremony
	deal := &message.DKGShares{Dealer: t.keys.Index}
	for _, to := range v.Manifest.Trustees {
		key, err := decodeElement(to.Encryption)
		if err != nil {
			return Parcel{}, err
		}
		share, err := sealShare(v.SetupID, t.keys.Index, to.Index, key, s.reveal.Commitments,
			evaluate(s.coefficients, to.Index), t.random)
		if err != nil {
			return Parcel{}, err
		}
		deal.Shares = append(deal.Shares, share)
	}
	s.deal = deal
	return t.signed(message.TypeDKGShares, deal)
}

// Receive is S-05 and S-06: it opens what was dealt to it. If a share is
// wrong the parcel is a complaint; otherwise it is empty.
func (t *Trustee) Receive(v *View) (Parcel, error) {
	s, sum := t.ceremony, newScalar()
	for i, d := range v.Deals {
		if len(d.Body.Shares) <= t.place() {
			return Parcel{}, fmt.Errorf("%w: V-13: dealer %d deals %d shares", ErrRefused, i+1, len(d.Body.Shares))
		}
		dealt := d.Body.Shares[t.place()]
		ephemeral, err := decodeElement(dealt.Ephemeral)
		if err != nil {
			return Parcel{}, fmt.Errorf("%w: V-13: %w", ErrRefused, err)
		}
		shared := element(times(t.keys.Decryption, ephemeral))
		share, err := OpenShare(v.SetupID, uint64(i)+1, v.Reveals[i].Body.Commitments, dealt, shared)
		if err != nil {
			return t.complain(v, uint64(i)+1, dealt)
		}
		sum = add(sum, share)
	}
	s.share = sum
	return Parcel{}, nil
}

func (t *Trustee) complain(v *View, dealer uint64, dealt message.EncryptedShare) (Parcel, error) {
	c, err := complain(v.SetupID, dealer, t.keys.Index, t.keys.Decryption, dealt, t.random)
	if err != nil {
		return Parcel{}, err
	}
	t.ceremony.complained = true
	return t.signed(message.TypeDKGComplaint, c)
}

// Confirm is S-08.
func (t *Trustee) Confirm(v *View) (Parcel, error) {
	if v.Election == nil {
		return Parcel{}, ErrNotReady
	}
	t.ceremony.confirmed = true
	return t.signed(message.TypeConfirm, &message.Confirm{
		ElectionKey: v.Election.Key, Fingerprint: v.Election.Fingerprint})
}

// Shares is S-35: the factors of every aggregate, once the seal and all
// aggregates are cosigned and as recomputed. The sealed root is kept before
// anything is returned; another one is refused ever after.
func (t *Trustee) Shares(v *View) ([]Parcel, error) {
	if v.Seal == nil || len(v.Aggregates) < len(v.expected()) || !v.cosigned(v.Seal.Index) {
		return nil, ErrNotReady
	}
	if err := v.Aggregated(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	if t.ceremony == nil || t.ceremony.share == nil {
		return nil, fmt.Errorf("%w: it has no share of the key", ErrRefused)
	}
	root := v.Seal.Body.Root
	if t.sealed != nil && *t.sealed != root {
		return nil, fmt.Errorf("%w: it has decrypted for root %s", ErrRefused, *t.sealed)
	}
	t.sealed = &root
	var out []Parcel
	for i := range v.Aggregates {
		b, err := decryptionShare(v.Election, root, &v.Aggregates[i].Body, t.keys.Index, t.ceremony.share, t.random)
		if err != nil {
			return nil, err
		}
		p, err := t.Signer().Entry(message.TypeDecryptionShare, v.Election.Fingerprint, b)
		if err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, nil
}

// Share is x_j, the trustee's part of the decryption key; nil before all was
// dealt. A forger who plays this trustee needs it.
func (t *Trustee) Share() kyber.Scalar {
	if t.ceremony == nil {
		return nil
	}
	return t.ceremony.share
}

// decryptionShare is the body of S-35 for one aggregate.
func decryptionShare(e *Election, root message.Digest, a *message.Aggregate, index uint64, x kyber.Scalar, r io.Reader) (*message.DecryptionShare, error) {
	b := &message.DecryptionShare{Contest: a.Contest, Index: index, Root: root, Unit: a.Unit}
	for _, c := range a.Ciphertexts {
		f, err := factorOf(e, b, c, x, r)
		if err != nil {
			return nil, err
		}
		b.Shares = append(b.Shares, f)
	}
	return b, nil
}

// factorOf is d = xα with its proof, for the ciphertext and option named.
func factorOf(e *Election, b *message.DecryptionShare, c message.Ciphertext, x kyber.Scalar, r io.Reader) (message.Factor, error) {
	alpha, err := decodeElement(c.Alpha)
	if err != nil {
		return message.Factor{}, fmt.Errorf("aggregate of option %q: %w", c.Option, err)
	}
	v, err := draw(r)
	if err != nil {
		return message.Factor{}, err
	}
	f := message.Factor{Alpha: c.Alpha, Beta: c.Beta, Option: c.Option, Factor: element(times(x, alpha))}
	challenge := reduce(e.subject(e.Fingerprint, b, f).Challenge(element(base(v)), element(times(v, alpha))))
	f.Proof = message.Compact{Challenge: encodeScalar(challenge), Response: encodeScalar(add(v, mul(challenge, x)))}
	return f, nil
}
