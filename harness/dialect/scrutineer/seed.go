package scrutineer

import (
	"crypto/ed25519"
	"io"

	"go.dedis.ch/kyber/v3"
	"golang.org/x/crypto/chacha20"

	"scrutineer/protocols/message"
	"scrutineer/protocols/ristretto"
	"scrutineer/protocols/transcript"
)

// Seed is what all keys and all randomness of a run come from. Each actor
// draws from a stream of its own, so that what one does never shifts what
// another one draws. Only test elections may use it.
type Seed [32]byte

// NewSeed makes the seed of a run from the number the user gives.
func NewSeed(n uint64) Seed { return transcript.New("harness-seed").Uint(n).Sum() }

// Child is the seed of a part of the run: a scenario, a sub-case, an election.
func (s Seed) Child(name string) Seed {
	return transcript.New("harness-child").Bytes(s[:]).String(name).Sum()
}

// Stream is the randomness of one actor: ChaCha20 under a key derived from
// seed and name, the same bytes each time it is asked for. The reader never
// fails and is for one goroutine.
func (s Seed) Stream(actor string) io.Reader {
	key := transcript.New("harness-stream").Bytes(s[:]).String(actor).Sum()
	var nonce [chacha20.NonceSize]byte
	c, err := chacha20.NewUnauthenticatedCipher(key[:], nonce[:])
	if err != nil {
		panic("scrutineer: " + err.Error()) // the lengths are fixed
	}
	return &stream{c}
}

type stream struct{ cipher *chacha20.Cipher }

func (s *stream) Read(p []byte) (int, error) {
	clear(p)
	s.cipher.XORKeyStream(p, p)
	return len(p), nil
}

// SigningKey is the Ed25519 key of an actor.
func (s Seed) SigningKey(actor string) ed25519.PrivateKey {
	var seed [ed25519.SeedSize]byte
	_, _ = s.Stream("signing/" + actor).Read(seed[:]) // never fails
	return ed25519.NewKeyFromSeed(seed[:])
}

// secret is a scalar of an actor.
func (s Seed) secret(actor string) kyber.Scalar {
	var uniform [64]byte
	_, _ = s.Stream("secret/" + actor).Read(uniform[:]) // never fails
	return ristretto.ScalarFromUniform(uniform)
}

// Credential is a voter's key pair.
type Credential struct {
	Secret kyber.Scalar
	Key    message.Element
}

// NewCredential is the key pair of a secret, which must not be zero.
func NewCredential(secret kyber.Scalar) Credential {
	return Credential{Secret: secret, Key: element(base(secret))}
}

// Credential is the key pair of the voter with this id.
func (s Seed) Credential(voter string) Credential {
	return NewCredential(s.secret("credential/" + voter))
}

// TrusteeKeys are a trustee's long-term secrets: what it signs with and what
// shares are encrypted to. Its part of the election key is made anew in each
// ceremony.
type TrusteeKeys struct {
	ID         string
	Index      uint64
	Signing    ed25519.PrivateKey
	Decryption kyber.Scalar
}

// Trustee is the keys of the trustee with this id.
func (s Seed) Trustee(id string, index uint64) TrusteeKeys {
	return TrusteeKeys{ID: id, Index: index,
		Signing: s.SigningKey("trustee/" + id), Decryption: s.secret("trustee/" + id)}
}

// Line is the trustee's line of the manifest.
func (k TrusteeKeys) Line() message.TrusteeLine {
	return message.TrusteeLine{ID: k.ID, Index: k.Index,
		Encryption: element(base(k.Decryption)), Signing: PublicKey(k.Signing)}
}

// PublicKey is the public half of an Ed25519 key.
func PublicKey(k ed25519.PrivateKey) message.Key { return message.Key(k.Public().(ed25519.PublicKey)) }
