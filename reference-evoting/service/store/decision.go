package store

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// State is how far a decision has come.
type State int

// The states of a decision.
const (
	Begun    State = iota + 1 // it may or may not be on the log
	Accepted                  // on the log; the answer is the receipt
	Refused                   // for ever; the answer is the signed refusal
)

// Decision is a voter's decision, named by its hash, and what became of it.
type Decision struct {
	Hash    [32]byte
	Tracker [32]byte
	Leaf    [32]byte // leaf hash of its entry; zero if refused without one
	Since   uint64   // size of the log when it was begun: its entry is not before
	State   State
	Index   uint64 // of its entry, if accepted
	Answer  []byte // the one answer, nil while it is begun
}

// Begin records a decision before its entry is appended: the first of the three
// steps. A decision with this hash, in whatever state, gives ErrExists.
func (tx *Tx) Begin(ctx context.Context, hash, tracker, leaf [32]byte, since uint64) error {
	if _, err := tx.Decision(ctx, hash); !errors.Is(err, ErrNotFound) {
		return exists(hash, err)
	}
	return tx.insert(Decision{Hash: hash, Tracker: tracker, Leaf: leaf, Since: since, State: Begun})
}

// Finish records index and receipt of a decision that was begun, the index of its
// tracker, and drops the body that waited for it. Finishing it again in the same
// way is no error; in another way it gives ErrExists.
func (tx *Tx) Finish(ctx context.Context, hash [32]byte, index uint64, receipt []byte) error {
	d, err := tx.accept(ctx, hash, index, receipt)
	if err != nil || d.State == Accepted {
		return err
	}
	if err := tx.PutTracker(ctx, d.Tracker, index); err != nil {
		return err
	}
	return tx.DropBody(d.Tracker)
}

// FinishKeeping is Finish for a box that lets one body be decided on again: the
// body stays, and the tracker's index is that of the last decision.
func (tx *Tx) FinishKeeping(ctx context.Context, hash [32]byte, index uint64, receipt []byte) error {
	d, err := tx.accept(ctx, hash, index, receipt)
	if err != nil || d.State == Accepted {
		return err
	}
	return tx.run(`INSERT INTO tracker (tracker, entry) VALUES (?, ?)
		ON CONFLICT (tracker) DO UPDATE SET entry = excluded.entry`, d.Tracker[:], int64(index))
}

// accept records index and receipt of a decision that was begun and returns it
// as it was before.
func (tx *Tx) accept(ctx context.Context, hash [32]byte, index uint64, receipt []byte) (Decision, error) {
	d, err := tx.Decision(ctx, hash)
	if err != nil {
		return d, fmt.Errorf("finishing decision %x: %w", hash[:8], err)
	}
	if d.State != Begun {
		if d.State == Accepted && d.Index == index && bytes.Equal(d.Answer, receipt) {
			return d, nil
		}
		return d, exists(hash, nil)
	}
	return d, tx.run("UPDATE decision SET state = ?, entry = ?, answer = ? WHERE hash = ?",
		int(Accepted), int64(index), nonNil(receipt), hash[:])
}

// Refuse records the refusal of a decision that was not begun. The same refusal
// again is no error; any other answer on record gives ErrExists.
func (tx *Tx) Refuse(ctx context.Context, hash, tracker [32]byte, refusal []byte) error {
	d, err := tx.Decision(ctx, hash)
	if errors.Is(err, ErrNotFound) {
		return tx.insert(Decision{Hash: hash, Tracker: tracker, State: Refused, Answer: refusal})
	}
	if err == nil && d.State == Refused && bytes.Equal(d.Answer, refusal) {
		return nil
	}
	return exists(hash, err)
}

// Forget removes a decision that was begun and did not reach the log.
func (tx *Tx) Forget(hash [32]byte) error {
	return tx.run("DELETE FROM decision WHERE hash = ? AND state = ?", hash[:], int(Begun))
}

func (tx *Tx) insert(d Decision) error {
	leaf := d.Leaf[:]
	if d.State == Refused {
		leaf = []byte{}
	}
	return tx.run(`INSERT INTO decision (hash, tracker, leaf, since, state, entry, answer)
		VALUES (?, ?, ?, ?, ?, 0, ?)`,
		d.Hash[:], d.Tracker[:], leaf, int64(d.Since), int(d.State), nonNil(d.Answer))
}

func exists(hash [32]byte, err error) error {
	if err != nil {
		return err
	}
	return fmt.Errorf("decision %x: %w", hash[:8], ErrExists)
}

const decisionColumns = "SELECT hash, tracker, leaf, since, state, entry, answer FROM decision "

// Decision returns the decision with this hash, or ErrNotFound.
func (q queries) Decision(ctx context.Context, hash [32]byte) (Decision, error) {
	var d Decision
	found := false
	err := q.each(ctx, decisionColumns+"WHERE hash = ?", []any{hash[:]}, func(rows *sql.Rows) (err error) {
		d, err = scanDecision(rows)
		found = true
		return err
	})
	if err == nil && !found {
		err = ErrNotFound
	}
	return d, err
}

// Unfinished returns the decisions that were begun and are not finished.
func (q queries) Unfinished(ctx context.Context) (out []Decision, err error) {
	err = q.each(ctx, decisionColumns+"WHERE state = 1 ORDER BY since, hash", nil, func(rows *sql.Rows) error {
		d, err := scanDecision(rows)
		out = append(out, d)
		return err
	})
	return out, err
}

func scanDecision(rows *sql.Rows) (Decision, error) {
	var d Decision
	var leaf []byte
	var since, index int64
	err := rows.Scan((*digest)(&d.Hash), (*digest)(&d.Tracker), &leaf, &since, &d.State, &index, &d.Answer)
	copy(d.Leaf[:], leaf)
	d.Since, d.Index = uint64(since), uint64(index)
	if d.State == Begun {
		d.Answer = nil
	}
	return d, err
}

// PutTracker records at which index of the log a tracker stands. The same again is
// no error; another index gives ErrExists.
func (tx *Tx) PutTracker(ctx context.Context, tracker [32]byte, index uint64) error {
	had, err := tx.Index(ctx, tracker)
	if err == nil && had != index {
		return fmt.Errorf("tracker %x at %d: %w", tracker[:8], had, ErrExists)
	}
	if !errors.Is(err, ErrNotFound) {
		return err
	}
	return tx.run("INSERT INTO tracker (tracker, entry) VALUES (?, ?)", tracker[:], int64(index))
}

// Index returns the index of the entry with this tracker, or ErrNotFound.
func (q queries) Index(ctx context.Context, tracker [32]byte) (uint64, error) {
	var index int64
	err := q.one(ctx, "SELECT entry FROM tracker WHERE tracker = ?", []any{tracker[:]}, &index)
	return uint64(index), err
}
