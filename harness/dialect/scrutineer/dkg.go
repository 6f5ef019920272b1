package scrutineer

import (
	"errors"
	"fmt"
	"io"

	"go.dedis.ch/kyber/v3"
	"golang.org/x/crypto/chacha20poly1305"

	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
)

// Errors about the ceremony.
var (
	ErrKnowledge = errors.New("V-12: a proof of knowledge does not hold")
	ErrShare     = errors.New("S-05: a share is wrong or does not open")
)

// sealedShare is the length of an encrypted share: 32 bytes and a tag.
const sealedShare = 32 + chacha20poly1305.Overhead

// reveal is S-02: the coefficients' images with a proof of knowledge each.
func reveal(setupID message.Digest, index uint64, coefficients []kyber.Scalar, r io.Reader) (*message.DKGReveal, error) {
	out := &message.DKGReveal{Index: index}
	for k, a := range coefficients {
		v, err := draw(r)
		if err != nil {
			return nil, err
		}
		image := element(base(a))
		c := reduce(transcript.Knowledge(setupID, index, uint64(k), image, element(base(v))))
		out.Commitments = append(out.Commitments, image)
		out.Proofs = append(out.Proofs, message.Compact{
			Challenge: encodeScalar(c), Response: encodeScalar(add(v, mul(c, a)))})
	}
	return out, nil
}

// checkCoefficients is V-17 and V-11 for one reveal: elements, the constant
// term not the identity.
func checkCoefficients(b *message.DKGReveal) error {
	points, err := decodeElements(b.Commitments)
	if err != nil {
		return err
	}
	if len(points) == 0 || isIdentity(points[0]) {
		return fmt.Errorf("the constant term of trustee %d is missing or the identity", b.Index)
	}
	return nil
}

// CheckKnowledge is V-12: R = zG − cA gives the challenge again, for every
// coefficient.
func CheckKnowledge(setupID message.Digest, b *message.DKGReveal) error {
	if len(b.Proofs) != len(b.Commitments) {
		return fmt.Errorf("%w: %d proofs for %d coefficients", ErrKnowledge, len(b.Proofs), len(b.Commitments))
	}
	points, err := decodeElements(b.Commitments)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrKnowledge, err)
	}
	for k, p := range b.Proofs {
		cz, err := decodeScalars([]message.Scalar{p.Challenge, p.Response})
		if err != nil {
			return fmt.Errorf("%w: %w", ErrKnowledge, err)
		}
		r := element(minus(base(cz[1]), times(cz[0], points[k])))
		if !reduce(transcript.Knowledge(setupID, b.Index, uint64(k), b.Commitments[k], r)).Equal(cz[0]) {
			return fmt.Errorf("%w: trustee %d, coefficient %d", ErrKnowledge, b.Index, k)
		}
	}
	return nil
}

// sealShare is S-04 for one recipient.
func sealShare(setupID message.Digest, dealer, recipient uint64, key kyber.Point, commitments []message.Element, share kyber.Scalar, r io.Reader) (message.EncryptedShare, error) {
	e, err := draw(r)
	if err != nil {
		return message.EncryptedShare{}, err
	}
	ephemeral := element(base(e))
	box, err := shareBox(setupID, dealer, recipient, ephemeral, element(times(e, key)))
	if err != nil {
		return message.EncryptedShare{}, err
	}
	plain, data := encodeScalar(share), transcript.ShareData(setupID, dealer, recipient, commitments)
	return message.EncryptedShare{
		Ciphertext: box(nil, plain[:], data[:]), Ephemeral: ephemeral, Recipient: recipient,
	}, nil
}

// shareBox seals under the key of S-04, which is used once; hence nonce zero.
func shareBox(setupID message.Digest, dealer, recipient uint64, ephemeral, shared message.Element) (func(dst, plain, data []byte) []byte, error) {
	key := transcript.ShareKey(setupID, dealer, recipient, ephemeral, shared)
	aead, err := chacha20poly1305.New(key[:])
	if err != nil {
		return nil, err
	}
	return func(dst, plain, data []byte) []byte {
		return aead.Seal(dst, make([]byte, aead.NonceSize()), plain, data)
	}, nil
}

// OpenShare decrypts a share with S = sk·E and checks f(j)G = Σ j^k·A_k (S-05).
// Who has a complaint has S, too, and judges with this.
func OpenShare(setupID message.Digest, dealer uint64, commitments []message.Element, s message.EncryptedShare, shared message.Element) (kyber.Scalar, error) {
	key := transcript.ShareKey(setupID, dealer, s.Recipient, s.Ephemeral, shared)
	aead, err := chacha20poly1305.New(key[:])
	if err != nil {
		return nil, err
	}
	data := transcript.ShareData(setupID, dealer, s.Recipient, commitments)
	plain, err := aead.Open(nil, make([]byte, aead.NonceSize()), s.Ciphertext, data[:])
	if err != nil || len(plain) != 32 {
		return nil, fmt.Errorf("%w: dealer %d, recipient %d: does not open", ErrShare, dealer, s.Recipient)
	}
	share, err := decodeScalar(message.Scalar(plain))
	if err != nil {
		return nil, fmt.Errorf("%w: dealer %d, recipient %d: %w", ErrShare, dealer, s.Recipient, err)
	}
	points, err := decodeElements(commitments)
	if err != nil {
		return nil, fmt.Errorf("%w: dealer %d: %w", ErrShare, dealer, err)
	}
	if !base(share).Equal(evaluatePoints(points, s.Recipient)) {
		return nil, fmt.Errorf("%w: dealer %d, recipient %d: not on the polynomial", ErrShare, dealer, s.Recipient)
	}
	return share, nil
}

// complain is the proof of S-05 that shared = sk·ephemeral, for EK = sk·G.
func complain(setupID message.Digest, dealer, recipient uint64, sk kyber.Scalar, s message.EncryptedShare, r io.Reader) (*message.DKGComplaint, error) {
	ephemeral, err := decodeElement(s.Ephemeral)
	if err != nil {
		return nil, err
	}
	v, err := draw(r)
	if err != nil {
		return nil, err
	}
	shared := element(times(sk, ephemeral))
	c := reduce(transcript.Complaint(setupID, dealer, recipient, element(base(sk)), s.Ephemeral, shared,
		element(base(v)), element(times(v, ephemeral))))
	return &message.DKGComplaint{Dealer: dealer, Recipient: recipient, Shared: shared,
		Proof: message.Compact{Challenge: encodeScalar(c), Response: encodeScalar(add(v, mul(c, sk)))}}, nil
}

// Culprit judges a complaint about what a dealer dealt (S-05): the id of the
// dealer if the share is indeed wrong, otherwise of the one who complains.
func Culprit(m *message.Manifest, setupID message.Digest, reveal *message.DKGReveal, deal *message.DKGShares, c *message.DKGComplaint) (string, error) {
	n := uint64(len(m.Trustees))
	if c.Dealer < 1 || c.Dealer > n || c.Recipient < 1 || c.Recipient > n || uint64(len(deal.Shares)) < c.Recipient {
		return "", fmt.Errorf("complaint of %d about %d: no such share", c.Recipient, c.Dealer)
	}
	dealer, complainer := m.Trustees[c.Dealer-1], m.Trustees[c.Recipient-1]
	s := deal.Shares[c.Recipient-1]
	points, err := decodeElements([]message.Element{complainer.Encryption, s.Ephemeral, c.Shared})
	if err != nil {
		return complainer.ID, nil
	}
	cz, err := decodeScalars([]message.Scalar{c.Proof.Challenge, c.Proof.Response})
	if err != nil {
		return complainer.ID, nil
	}
	a := element(minus(base(cz[1]), times(cz[0], points[0])))
	b := element(minus(times(cz[1], points[1]), times(cz[0], points[2])))
	want := reduce(transcript.Complaint(setupID, c.Dealer, c.Recipient, complainer.Encryption, s.Ephemeral, c.Shared, a, b))
	if !want.Equal(cz[0]) {
		return complainer.ID, nil
	}
	if _, err := OpenShare(setupID, c.Dealer, reveal.Commitments, s, c.Shared); err != nil {
		return dealer.ID, nil
	}
	return complainer.ID, nil
}
