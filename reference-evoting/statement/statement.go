// Package statement signs and checks what the roles of a polling place say
// apart from the board: activations, check-ins, reports, packs, cards, minutes
// (SPEC.md §1 and S-50 to S-59; protocols/message lists who signs what).
//
// It knows no rule of its own: whether a signed statement is true is for the
// rules and for the count centre.
package statement

import (
	"crypto/ed25519"
	"errors"
	"fmt"

	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
	"scrutineer/reference-evoting/manifest"
	"scrutineer/reference-evoting/recall"
)

// ErrSignature is wrapped by errors about a signature that does not hold.
var ErrSignature = errors.New("the signature does not hold")

// Single is a statement of one signer.
type Single[T any] interface {
	Author() message.Author
	Content() T
}

// Joint is a statement that several sign, each under its own id.
type Joint[T any] interface {
	Author(id string) message.Author
	Content() T
}

// Sign signs a statement of one signer for the election of the fingerprint.
func Sign[T Single[T]](s T, fingerprint message.Digest, key ed25519.PrivateKey) (message.Signature, error) {
	return sign(s.Author(), fingerprint, s.Content(), key)
}

// SignJointly is one officer's signature under a statement that several sign.
func SignJointly[T Joint[T]](s T, id string, fingerprint message.Digest, key ed25519.PrivateKey) (message.OfficerSignature, error) {
	signature, err := sign(s.Author(id), fingerprint, s.Content(), key)
	return message.OfficerSignature{ID: id, Signature: signature}, err
}

func sign(a message.Author, fingerprint message.Digest, content any, key ed25519.PrivateKey) (message.Signature, error) {
	digest, err := transcript.StatementDigest(a, fingerprint, content)
	if err != nil {
		return message.Signature{}, fmt.Errorf("sign %s: %w", a.Type, err)
	}
	return message.Signature(ed25519.Sign(key, digest[:])), nil
}

// Verify checks the signature of a statement by the manifest's key of its
// author.
func Verify[T Single[T]](m *recall.Memory, e *manifest.Election, fingerprint message.Digest, s T, signature message.Signature) error {
	return verify(m, e, fingerprint, s.Author(), s.Content(), signature)
}

// VerifyJointly checks that at least two signed, each once, and that every
// signature holds. Among limits who may sign.
func VerifyJointly[T Joint[T]](m *recall.Memory, e *manifest.Election, fingerprint message.Digest, s T, signatures []message.OfficerSignature, among []message.Officer) error {
	seen := map[string]bool{}
	for _, o := range among {
		seen[o.ID] = false
	}
	for _, one := range signatures {
		twice, known := seen[one.ID]
		if !known || twice {
			return fmt.Errorf("%s: %w: %q may not sign or signs twice", s.Author("").Type, ErrSignature, one.ID)
		}
		seen[one.ID] = true
		if err := verify(m, e, fingerprint, s.Author(one.ID), s.Content(), one.Signature); err != nil {
			return err
		}
	}
	if len(signatures) < 2 {
		return fmt.Errorf("%s: %w: signed by %d, want two", s.Author("").Type, ErrSignature, len(signatures))
	}
	return nil
}

func verify(m *recall.Memory, e *manifest.Election, fingerprint message.Digest, a message.Author, content any, signature message.Signature) error {
	key, ok := e.KeyOf(a.Role, a.ID)
	if !ok {
		return fmt.Errorf("%s: %w: there is no %s %q", a.Type, ErrSignature, a.Role, a.ID)
	}
	digest, err := transcript.StatementDigest(a, fingerprint, content)
	if err != nil {
		return fmt.Errorf("%s: %w", a.Type, err)
	}
	if !recall.Ed25519(m, key[:], digest[:], signature[:]) {
		return fmt.Errorf("%s: %w: of %s %s", a.Type, ErrSignature, a.Role, a.ID)
	}
	return nil
}

// SignBallot signs the device-ballot entry that a ballot of a device becomes
// (S-52), for ballots.jsonl of its pack.
func SignBallot(b message.DeviceBallot, device string, fingerprint message.Digest, key ed25519.PrivateKey) (message.SignedBallot, error) {
	signature, err := sign(BallotAuthor(device), fingerprint, b, key)
	return message.SignedBallot{Ballot: b, Signature: signature}, err
}

// BallotAuthor is as what a device signs its ballots.
func BallotAuthor(device string) message.Author {
	return message.Author{Type: message.TypeDeviceBallot, Role: message.RoleDevice, ID: device}
}

// VerifyBallot checks a device's signature of a ballot.
func VerifyBallot(m *recall.Memory, e *manifest.Election, fingerprint message.Digest, device string, b message.SignedBallot) error {
	return verify(m, e, fingerprint, BallotAuthor(device), b.Ballot, b.Signature)
}
