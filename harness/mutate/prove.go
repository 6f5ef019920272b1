package mutate

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"

	"go.dedis.ch/kyber/v3"
	"golang.org/x/crypto/chacha20poly1305"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/ristretto"
	"scrutineer/protocols/transcript"
)

var errShares = errors.New("the trustees' shares cannot be made again")

// prove makes the proofs of a decryption share again (S-35), about what the
// share says now.
func (s *Source) prove(it *item) error {
	m, err := codec.Decode[message.DecryptionShare](it.body().bytes(), codec.Limits{Size: message.MaxBody})
	if err != nil {
		return fmt.Errorf("%w: %w", errShares, err)
	}
	x, err := s.secret(it.tree.get("id").str(), m.Index)
	if err != nil {
		return err
	}
	context, err := codec.ParseHex32(it.tree.get("context").str())
	if err != nil {
		return fmt.Errorf("%w: %w", errShares, err)
	}
	key := element(ristretto.NewPoint().Mul(x, nil))
	for k, f := range m.Shares {
		alpha := ristretto.NewPoint()
		if err := alpha.UnmarshalBinary(f.Alpha[:]); err != nil {
			return fmt.Errorf("%w: %w", errShares, err)
		}
		subject := transcript.Decryption{Fingerprint: context, Root: m.Root, Index: m.Index, Contest: m.Contest,
			Unit: m.Unit, Option: f.Option, Key: key, Alpha: f.Alpha, Beta: f.Beta, Factor: f.Factor}
		secret, err := x.MarshalBinary()
		if err != nil {
			return fmt.Errorf("%w: %w", errShares, err)
		}
		v := ristretto.ReduceScalar(transcript.New("mutate-nonce").Bytes(secret).Digest(subject.Challenge(key, key)).Sum())
		a, b := ristretto.NewPoint().Mul(v, nil), ristretto.NewPoint().Mul(v, alpha)
		c := ristretto.ReduceScalar(subject.Challenge(element(a), element(b)))
		z := new(ristretto.Scalar).Mul(c, x)
		z.Add(z, v)
		proof := it.body().get("shares").items[k].get("proof")
		proof.set("challenge", text(quoted(scalarText(c))))
		proof.set("response", text(quoted(scalarText(z))))
	}
	return nil
}

func element(p kyber.Point) [32]byte { return p.(*ristretto.Point).Bytes() }

func scalarText(s kyber.Scalar) string {
	b, err := s.MarshalBinary()
	if err != nil {
		panic("mutate: a scalar has no bytes") // ristretto's has
	}
	return hex.EncodeToString(b)
}

// secret is x_j of S-06: the sum of the shares that the trustee was dealt,
// opened with its decryption key.
func (s *Source) secret(id string, index uint64) (kyber.Scalar, error) {
	if x, known := s.secrets[id]; known {
		return x, nil
	}
	sum := new(ristretto.Scalar).Zero()
	for _, it := range s.board.entries {
		if it.typ != message.TypeDKGShares {
			continue
		}
		share, err := s.openShare(it, id, index)
		if err != nil {
			return nil, fmt.Errorf("%w: trustee %s: %w", errShares, id, err)
		}
		sum.Add(sum, share)
	}
	s.secrets[id] = sum
	return sum, nil
}

func (s *Source) openShare(it *item, id string, index uint64) (kyber.Scalar, error) {
	m, err := codec.Decode[message.DKGShares](it.body().bytes(), codec.Limits{Size: message.MaxBody})
	if err != nil || index < 1 || index > uint64(len(m.Shares)) {
		return nil, fmt.Errorf("dealing %d: %w", it.was, err)
	}
	commitments, err := s.commitments(m.Dealer)
	if err != nil {
		return nil, err
	}
	got := m.Shares[index-1]
	e := ristretto.NewPoint()
	if err := e.UnmarshalBinary(got.Ephemeral[:]); err != nil {
		return nil, err
	}
	setupID, err := codec.ParseHex32(it.tree.get("context").str())
	if err != nil {
		return nil, err
	}
	key := transcript.ShareKey(setupID, m.Dealer, index, got.Ephemeral, element(ristretto.NewPoint().Mul(s.keys.Decryption(id), e)))
	data := transcript.ShareData(setupID, m.Dealer, index, commitments)
	aead, err := chacha20poly1305.New(key[:])
	if err != nil {
		return nil, err
	}
	plain, err := aead.Open(nil, make([]byte, chacha20poly1305.NonceSize), got.Ciphertext, data[:])
	if err != nil {
		return nil, err
	}
	share := new(ristretto.Scalar)
	return share, share.UnmarshalBinary(plain)
}

// commitments are the coefficients that a dealer revealed.
func (s *Source) commitments(dealer uint64) ([]message.Element, error) {
	for _, it := range s.board.entries {
		if it.typ == message.TypeDKGReveal && it.body().get("index").text == strconv.FormatUint(dealer, 10) {
			m, err := codec.Decode[message.DKGReveal](it.body().bytes(), codec.Limits{Size: message.MaxBody})
			return m.Commitments, err
		}
	}
	return nil, fmt.Errorf("dealer %d has not revealed", dealer)
}
