package scrutineer

import (
	"errors"
	"fmt"
	"io"

	"scrutineer/protocols/message"
	"scrutineer/protocols/ristretto"
	"scrutineer/protocols/transcript"
)

// ErrCredentialSignature: a credential's signature does not hold.
var ErrCredentialSignature = errors.New("V-24: the credential's signature does not hold")

// Sign is the credential's signature of SPEC.md §1: R = kG, s = k + c·x. The
// nonce k comes from r.
func (c Credential) Sign(purpose string, fingerprint, h message.Digest, r io.Reader) (message.SchnorrSignature, error) {
	k, err := draw(r)
	if err != nil {
		return message.SchnorrSignature{}, err
	}
	commitment := element(base(k))
	e := reduce(transcript.CredentialSignature(c.Key, commitment, purpose, fingerprint, h))
	return message.SchnorrSignature{
		Commitment: commitment,
		Response:   encodeScalar(add(k, mul(e, c.Secret))),
	}, nil
}

// CheckCredentialSignature checks sG = R + cK for a key that is not the identity.
func CheckCredentialSignature(key message.Element, purpose string, fingerprint, h message.Digest, s message.SchnorrSignature) error {
	k, err := decodeElement(key)
	if err != nil {
		return err
	}
	if r, err := decodeElement(s.Commitment); err != nil || isIdentity(r) {
		return fmt.Errorf("%w: V-17: R is no element or the identity", ErrCredentialSignature)
	}
	z, err := decodeScalar(s.Response)
	if err != nil {
		return err
	}
	c := reduce(transcript.CredentialSignature(key, s.Commitment, purpose, fingerprint, h))
	got := ristretto.NewSuite(nil).DoubleMul(ristretto.NewPoint(), neg(c), k, z)
	if isIdentity(k) || element(got) != s.Commitment {
		return ErrCredentialSignature
	}
	return nil
}
