// Package box keeps the authority's ballot box in the SQLite store: it is an
// authority.Store over a store.Store, and nothing besides.
//
// The authority appends an entry before it settles the decision, and after a
// crash settles from the log what it finds there. A decision is therefore
// begun and finished here in one step.
package box

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/authority"
	"scrutineer/reference-evoting/service/store"
)

// Store is a ballot box on disk. It is safe for concurrent use.
type Store struct{ db *store.Store }

var _ authority.Store = (*Store)(nil)

// New keeps the box in db.
func New(db *store.Store) *Store { return &Store{db} }

// Failed implements authority.Failing.
func (s *Store) Failed() error { return s.db.Failed() }

// PutBody implements authority.Store. The head that stood when the ballot
// first came in is kept.
func (s *Store) PutBody(ctx context.Context, b authority.Body) error {
	return s.db.Commit(ctx, func(tx *store.Tx) error {
		packed := pack(b.Head, b.Ballot)
		had, err := tx.Body(ctx, b.Tracker)
		switch {
		case err == nil:
			if _, ballot, err := unpack(had.Bytes); err == nil && bytes.Equal(ballot, b.Ballot) {
				packed = had.Bytes
			}
		case !errors.Is(err, store.ErrNotFound):
			return err
		}
		return tx.PutBody(ctx, store.Body{
			Hash: sha256.Sum256(packed), Tracker: b.Tracker, Credential: b.Credential[:], Bytes: packed, Expires: b.Expires,
		})
	})
}

// pack puts a head (a tracker in hex, or none) before a ballot.
func pack(head string, ballot []byte) []byte {
	return append(append([]byte{byte(len(head))}, head...), ballot...)
}

func unpack(b []byte) (head string, ballot []byte, err error) {
	if len(b) == 0 || len(b) < 1+int(b[0]) {
		return "", nil, errors.New("a stored ballot is damaged")
	}
	n := 1 + int(b[0])
	return string(b[1:n]), b[n:], nil
}

// Body implements authority.Store.
func (s *Store) Body(ctx context.Context, tracker message.Digest, now time.Time) (authority.Body, error) {
	b, err := s.db.Body(ctx, tracker)
	if err != nil {
		return authority.Body{}, known(err)
	}
	if now.After(b.Expires) {
		return authority.Body{}, authority.ErrNotFound
	}
	out := authority.Body{Tracker: tracker, Expires: b.Expires}
	copy(out.Credential[:], b.Credential)
	out.Head, out.Ballot, err = unpack(b.Bytes)
	return out, err
}

// Waiting implements authority.Store.
func (s *Store) Waiting(ctx context.Context, credential message.Element, now time.Time) (int, error) {
	return s.db.CountBodies(ctx, credential[:], now)
}

// Settle implements authority.Store.
func (s *Store) Settle(ctx context.Context, list []authority.Answer) error {
	return s.db.Commit(ctx, func(tx *store.Tx) error {
		for _, a := range list {
			if err := settle(ctx, tx, a); err != nil {
				return fmt.Errorf("settle decision %s: %w", a.Decision, err)
			}
		}
		return nil
	})
}

func settle(ctx context.Context, tx *store.Tx, a authority.Answer) error {
	if !a.Accepted {
		if err := tx.Refuse(ctx, a.Decision, a.Tracker, a.Bytes); err != nil || a.KeepBody {
			return err
		}
		return tx.DropBody(a.Tracker)
	}
	if _, err := tx.Decision(ctx, a.Decision); errors.Is(err, store.ErrNotFound) {
		if err := tx.Begin(ctx, a.Decision, a.Tracker, [32]byte{}, a.Index); err != nil {
			return err
		}
	}
	if a.KeepBody {
		return tx.FinishKeeping(ctx, a.Decision, a.Index, a.Bytes)
	}
	return tx.Finish(ctx, a.Decision, a.Index, a.Bytes)
}

// Answer implements authority.Store.
func (s *Store) Answer(ctx context.Context, decision message.Digest) (authority.Answer, error) {
	d, err := s.db.Decision(ctx, decision)
	if err != nil {
		return authority.Answer{}, known(err)
	}
	return authority.Answer{
		Decision: decision, Tracker: d.Tracker, Index: d.Index, Accepted: d.State == store.Accepted, Bytes: d.Answer,
	}, nil
}

// Index implements authority.Store.
func (s *Store) Index(ctx context.Context, tracker message.Digest) (uint64, error) {
	index, err := s.db.Index(ctx, tracker)
	return index, known(err)
}

// Sweep forgets ballots whose time is over and counts them.
func (s *Store) Sweep(ctx context.Context, now time.Time) (n int, err error) {
	err = s.db.Commit(ctx, func(tx *store.Tx) (err error) {
		n, err = tx.SweepBodies(now)
		return err
	})
	return n, err
}

func known(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return authority.ErrNotFound
	}
	return err
}
