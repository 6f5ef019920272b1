package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"
)

// Body is a ballot that waits for its decision.
type Body struct {
	Hash       [32]byte // SHA-256 of Bytes
	Tracker    [32]byte
	Credential []byte
	Bytes      []byte
	Expires    time.Time // whole milliseconds are kept
}

// PutBody stores a body. Storing the same one again moves its expiry; another
// body with the same tracker gives ErrExists.
func (tx *Tx) PutBody(ctx context.Context, b Body) error {
	had, err := tx.Body(ctx, b.Tracker)
	if err == nil {
		if had.Hash != b.Hash || !bytes.Equal(had.Bytes, b.Bytes) || !bytes.Equal(had.Credential, b.Credential) {
			return fmt.Errorf("body with tracker %x: %w", b.Tracker[:8], ErrExists)
		}
		return tx.run("UPDATE body SET expires = ? WHERE hash = ?", millis(b.Expires), b.Hash[:])
	}
	if !errors.Is(err, ErrNotFound) {
		return err
	}
	return tx.run("INSERT INTO body (hash, tracker, credential, bytes, expires) VALUES (?, ?, ?, ?, ?)",
		b.Hash[:], b.Tracker[:], nonNil(b.Credential), nonNil(b.Bytes), millis(b.Expires))
}

// Body returns the body with this tracker, expired or not, or ErrNotFound.
func (q queries) Body(ctx context.Context, tracker [32]byte) (Body, error) {
	b := Body{Tracker: tracker}
	var expires int64
	err := q.one(ctx, "SELECT hash, credential, bytes, expires FROM body WHERE tracker = ?",
		[]any{tracker[:]}, (*digest)(&b.Hash), &b.Credential, &b.Bytes, &expires)
	b.Expires = fromMillis(expires)
	return b, err
}

// CountBodies counts the bodies of a credential that have not expired at now.
func (q queries) CountBodies(ctx context.Context, credential []byte, now time.Time) (n int, err error) {
	err = q.one(ctx, "SELECT count(*) FROM body WHERE credential = ? AND expires > ?",
		[]any{nonNil(credential), millis(now)}, &n)
	return n, err
}

// DropBody removes the body with this tracker, if it is there.
func (tx *Tx) DropBody(tracker [32]byte) error {
	return tx.run("DELETE FROM body WHERE tracker = ?", tracker[:])
}

// SweepBodies removes all bodies that have expired at now and counts them. A body
// whose decision has begun stays until that is finished.
func (tx *Tx) SweepBodies(now time.Time) (int, error) {
	n, err := tx.ready.exec(`DELETE FROM body WHERE expires <= ?
		AND tracker NOT IN (SELECT tracker FROM decision WHERE state = 1)`, millis(now))
	return int(n), err
}

// nonNil keeps empty bytes from becoming NULL.
func nonNil(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}
