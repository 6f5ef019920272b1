// Package prover makes the keys, ciphertexts, proofs and signatures that go
// into test vectors, straight from the formulas of SPEC.md.
//
// It proves what it is told to, true or not, about whatever statement it is
// handed: a vector of a wrong proof is made by the same equations as one of a
// right proof, with one of them wrong. Everything follows from a [Seed], so
// that the same vectors come out every time. The keys are public; nothing
// here is made for secrets.
package prover

import (
	"crypto/ed25519"
	"crypto/sha512"
	"encoding/binary"

	"go.dedis.ch/kyber/v3"

	"scrutineer/protocols/message"
	"scrutineer/protocols/ristretto"
)

// Seed is what all keys and nonces are derived from.
type Seed string

// uniform is SHA-512 over the seed, a label and parts, each with its length
// before it.
func (s Seed) uniform(label string, parts ...[]byte) [64]byte {
	h := sha512.New()
	for _, part := range append([][]byte{[]byte(s), []byte(label)}, parts...) {
		var length [8]byte
		binary.BigEndian.PutUint64(length[:], uint64(len(part)))
		h.Write(length[:])
		h.Write(part)
	}
	return [64]byte(h.Sum(nil))
}

// Scalar is the secret with this label. Parts keep nonces of different
// statements apart that share a label.
func (s Seed) Scalar(label string, parts ...[]byte) kyber.Scalar {
	return ristretto.ScalarFromUniform(s.uniform(label, parts...))
}

// Bytes is 32 bytes with this label: a salt, or a digest of nothing.
func (s Seed) Bytes(label string) [32]byte {
	wide := s.uniform(label)
	return [32]byte(wide[:32])
}

// Signing is the Ed25519 key with this label.
func (s Seed) Signing(label string) ed25519.PrivateKey {
	seed := s.Bytes("ed25519 " + label)
	return ed25519.NewKeyFromSeed(seed[:])
}

// Public is the public half of an Ed25519 key.
func Public(k ed25519.PrivateKey) message.Key { return message.Key(k.Public().(ed25519.PublicKey)) }
