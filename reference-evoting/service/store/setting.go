package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
)

// Set stores a value under a name, in place of the one before.
func (tx *Tx) Set(name string, value []byte) error {
	return tx.run(`INSERT INTO setting (name, value) VALUES (?, ?)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, nonNil(value))
}

// SetOnce stores a value under a name for ever. The same value again is no error;
// another one gives ErrExists.
func (tx *Tx) SetOnce(ctx context.Context, name string, value []byte) error {
	had, err := tx.Setting(ctx, name)
	if err == nil && !bytes.Equal(had, value) {
		return fmt.Errorf("setting %s: %w", name, ErrExists)
	}
	if !errors.Is(err, ErrNotFound) {
		return err
	}
	return tx.Set(name, value)
}

// Setting returns the value under a name, or ErrNotFound.
func (q queries) Setting(ctx context.Context, name string) (value []byte, err error) {
	err = q.one(ctx, "SELECT value FROM setting WHERE name = ?", []any{name}, &value)
	return value, err
}

// Cell is one setting by itself: what a witness keeps its last head in.
type Cell struct {
	store *Store
	name  string
}

// Cell returns the setting called name as a cell.
func (s *Store) Cell(name string) Cell { return Cell{s, name} }

// Load returns the value, nil if there is none.
func (c Cell) Load(ctx context.Context) ([]byte, error) {
	value, err := c.store.Setting(ctx, c.name)
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	return value, err
}

// Save replaces the value, durably when it returns.
func (c Cell) Save(ctx context.Context, value []byte) error {
	return c.store.Commit(ctx, func(tx *Tx) error { return tx.Set(c.name, value) })
}
