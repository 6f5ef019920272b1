// Package boardtest is a board with witnesses for tests of packages that need
// one: all keys are derived from names, heads are cosigned on demand, the time
// stands still until it is moved.
package boardtest

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"fmt"
	"time"

	"golang.org/x/mod/sumdb/note"

	"scrutineer/reference-evoting/board"
	"scrutineer/reference-evoting/cosign"
)

// Origin names the boards of this package.
const Origin = "board.example"

// Key is the Ed25519 key that belongs to name, always the same.
func Key(name string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte(name))
	return ed25519.NewKeyFromSeed(seed[:])
}

// Signer is the board's signer.
func Signer() (note.Signer, error) { return board.NewSigner(Origin, Key("board")) }

// Verifier is the board's verifier.
func Verifier() (note.Verifier, error) {
	return board.NewVerifier(Origin, Key("board").Public().(ed25519.PublicKey))
}

// Scene is a board with witnesses w1, w2, … of whom a majority is the quorum.
type Scene struct {
	Log       *board.Memory
	Quorum    *cosign.Quorum
	Witnesses []*cosign.Signer
	Now       time.Time // the time of the next cosignatures
}

// New returns an empty board with so many witnesses.
func New(witnesses int) (*Scene, error) {
	signer, err := Signer()
	if err != nil {
		return nil, err
	}
	verifier, err := Verifier()
	if err != nil {
		return nil, err
	}
	s := &Scene{Log: board.NewMemory(signer), Now: time.Date(2026, 5, 3, 12, 0, 0, 0, time.UTC)}
	var keys []cosign.Key
	for i := range witnesses {
		name := fmt.Sprintf("w%d", i+1)
		w, err := cosign.NewSigner(name, Key(name))
		if err != nil {
			return nil, err
		}
		s.Witnesses, keys = append(s.Witnesses, w), append(keys, w.Key())
	}
	s.Quorum, err = cosign.NewQuorum(verifier, keys, witnesses/2+1)
	return s, err
}

// Cosign returns raw with the lines of a quorum of witnesses.
func (s *Scene) Cosign(raw []byte) ([]byte, error) {
	for _, w := range s.Witnesses[:s.Quorum.Need()] {
		var err error
		if raw, err = w.Cosign(raw, s.Now); err != nil {
			return nil, err
		}
	}
	return raw, nil
}

// Publish cosigns and publishes the newest head of the log.
func (s *Scene) Publish(ctx context.Context) (*cosign.Head, error) {
	raw, err := s.Log.Pending(ctx)
	if err != nil {
		return nil, err
	}
	if raw, err = s.Cosign(raw); err != nil {
		return nil, err
	}
	if err := s.Log.Publish(ctx, raw); err != nil {
		return nil, err
	}
	return s.Quorum.Open(raw)
}

// Append appends entries and publishes the head that covers them.
func (s *Scene) Append(ctx context.Context, entries ...[]byte) (*cosign.Head, error) {
	if _, err := s.Log.Append(ctx, entries...); err != nil {
		return nil, err
	}
	return s.Publish(ctx)
}
