package proof

import (
	"crypto/cipher"
	"crypto/sha512"

	"go.dedis.ch/kyber/v3"

	"scrutineer/protocols/message"
	"scrutineer/protocols/ristretto"
	"scrutineer/protocols/transcript"
	"scrutineer/reference-evoting/recall"
)

// Sign makes a credential's signature over digest h (SPEC.md §1).
func Sign(x kyber.Scalar, purpose string, fingerprint, h [32]byte, random cipher.Stream) message.SchnorrSignature {
	k := nonce(x, purpose, fingerprint, h, random)
	key, r := base(x).Bytes(), base(k).Bytes()
	c := Challenge(transcript.CredentialSignature(key, r, purpose, fingerprint, h))
	s := new(ristretto.Scalar).Mul(c, x)
	s.Add(s, k)
	return message.SchnorrSignature{Commitment: r, Response: EncodeScalar(s)}
}

// nonce is a fresh scalar that depends on key and message as well as on the
// randomness: a role that is started again with the stream of a seed signs
// other messages with other nonces, and does not give its key away (hedged, as
// in RFC 6979, 3.6).
func nonce(x kyber.Scalar, purpose string, fingerprint, h [32]byte, random cipher.Stream) kyber.Scalar {
	var fresh [64]byte
	random.XORKeyStream(fresh[:], fresh[:])
	secret := EncodeScalar(x)
	d := sha512.New()
	for _, part := range [][]byte{[]byte("scrutineer nonce"), secret[:], fresh[:], fingerprint[:], h[:], []byte(purpose)} {
		d.Write(part) // all but the last have one length
	}
	return new(ristretto.Scalar).SetBytes(d.Sum(nil))
}

// Signed checks it: sG = R + cK, with K and R other than the identity.
func Signed(m *recall.Memory, key message.Element, purpose string, fingerprint, h [32]byte, sig message.SchnorrSignature) (bool, error) {
	k, err := Point(key)
	if err != nil {
		return false, err
	}
	if _, err := Point(sig.Commitment); err != nil {
		return false, err
	}
	s, err := Scalar(sig.Response)
	if err != nil {
		return false, err
	}
	if key == (message.Element{}) || sig.Commitment == (message.Element{}) {
		return false, nil
	}
	c := Challenge(transcript.CredentialSignature(key, sig.Commitment, purpose, fingerprint, h))
	// An element has one encoding, and this one is the encoding of an element.
	return sig.Commitment == difference(m, s, nil, c, k), nil
}
