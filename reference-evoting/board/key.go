package board

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"golang.org/x/mod/sumdb/note"

	"scrutineer/reference-evoting/recall"
)

// algEd25519 is the signature type of a plain Ed25519 note signature (C2SP
// signed-note).
const algEd25519 = 0x01

// KeyHash is the key ID of the signed-note format: the first four bytes of
// SHA-256(name || 0x0A || alg || key), big-endian.
func KeyHash(name string, alg byte, key []byte) uint32 {
	b := make([]byte, 0, len(name)+2+len(key))
	b = append(b, name...)
	b = append(b, '\n', alg)
	b = append(b, key...)
	sum := sha256.Sum256(b)
	return binary.BigEndian.Uint32(sum[:4])
}

// NewSigner signs checkpoints as origin. Ed25519 is deterministic: the same key
// and the same head give the same bytes.
func NewSigner(origin string, key ed25519.PrivateKey) (note.Signer, error) {
	if !ValidName(origin) || len(key) != ed25519.PrivateKeySize {
		return nil, fmt.Errorf("signer of %q: malformed name or key", origin)
	}
	public := key.Public().(ed25519.PublicKey)
	return signer{verifier{name: origin, hash: KeyHash(origin, algEd25519, public), key: public}, key}, nil
}

// NewVerifier checks the board's own signature on checkpoints of origin.
func NewVerifier(origin string, key ed25519.PublicKey) (note.Verifier, error) {
	if !ValidName(origin) || len(key) != ed25519.PublicKeySize {
		return nil, fmt.Errorf("verifier of %q: malformed name or key", origin)
	}
	return verifier{name: origin, hash: KeyHash(origin, algEd25519, key), key: key}, nil
}

type verifier struct {
	name string
	hash uint32
	key  ed25519.PublicKey

	memory *recall.Memory
}

// Remembering is a verifier made by NewVerifier with a memory. Others are
// returned as they are.
func Remembering(v note.Verifier, m *recall.Memory) note.Verifier {
	own, ok := v.(verifier)
	if !ok {
		return v
	}
	own.memory = m
	return own
}

func (v verifier) Name() string    { return v.name }
func (v verifier) KeyHash() uint32 { return v.hash }
func (v verifier) Verify(msg, sig []byte) bool {
	return len(sig) == ed25519.SignatureSize && recall.Ed25519(v.memory, v.key, msg, sig)
}

type signer struct {
	verifier
	key ed25519.PrivateKey
}

func (s signer) Sign(msg []byte) ([]byte, error) { return ed25519.Sign(s.key, msg), nil }

var (
	_ note.Signer   = signer{}
	_ note.Verifier = verifier{}
)
