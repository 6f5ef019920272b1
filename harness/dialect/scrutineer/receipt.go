package scrutineer

import (
	"crypto/ed25519"
	"errors"
	"fmt"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
)

// ErrReceipt: an answer is not the board's promise or refusal for what was
// sent; the outcome is unknown.
var ErrReceipt = errors.New("S-19: not a receipt or refusal for this decision")

// SignReceipt signs a promise with the board's key. Signature is filled in.
func SignReceipt(r message.Receipt, board ed25519.PrivateKey) message.Receipt {
	digest := transcript.ReceiptDigest(r)
	r.Signature = message.Signature(ed25519.Sign(board, digest[:]))
	return r
}

// SignRefusal signs a refusal with the board's key. Signature is filled in.
func SignRefusal(r message.Refusal, board ed25519.PrivateKey) message.Refusal {
	digest := transcript.RefusalDigest(r)
	r.Signature = message.Signature(ed25519.Sign(board, digest[:]))
	return r
}

// CheckReceipt checks the signature of a promise, by whomever it is used as
// evidence.
func CheckReceipt(m *message.Manifest, r message.Receipt) error {
	digest := transcript.ReceiptDigest(r)
	if !ed25519.Verify(m.Board.Key[:], digest[:], r.Signature[:]) {
		return fmt.Errorf("%w: the board's signature does not hold", ErrReceipt)
	}
	return nil
}

// CheckRefusal checks the signature of a refusal.
func CheckRefusal(m *message.Manifest, r message.Refusal) error {
	digest := transcript.RefusalDigest(r)
	if !ed25519.Verify(m.Board.Key[:], digest[:], r.Signature[:]) {
		return fmt.Errorf("%w: the board's signature does not hold", ErrReceipt)
	}
	switch r.Reason {
	case message.ReasonUnknownCredential, message.ReasonUnknownTracker, message.ReasonNotHead,
		message.ReasonNoRevote, message.ReasonClosed, message.ReasonDuplicate, message.ReasonChallenged:
		return nil
	}
	return fmt.Errorf("%w: reason %q", ErrReceipt, r.Reason)
}

// DecisionDigest is hd of S-19 for a cast.
func DecisionDigest(d message.Decision) (message.Digest, error) {
	canonical, err := codec.Encode(d.Content())
	if err != nil {
		return message.Digest{}, err
	}
	return transcript.DecisionDigest(canonical), nil
}

// ChallengeDigest is hd of S-19 for a challenge.
func ChallengeDigest(c *message.Challenge) (message.Digest, error) {
	canonical, err := codec.Encode(c)
	if err != nil {
		return message.Digest{}, err
	}
	return transcript.DecisionDigest(canonical), nil
}
