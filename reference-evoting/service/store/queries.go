package store

import (
	"context"
	"database/sql"
	"fmt"
)

// querier is a database or a transaction that can be asked.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// queries are the reading methods, the same in a Store and in a Tx. In a Tx they
// see what the transaction has changed.
type queries struct{ q querier }

// one asks for at most one row and scans it, or returns ErrNotFound.
func (q queries) one(ctx context.Context, query string, args []any, dest ...any) error {
	found := false
	err := q.each(ctx, query, args, func(rows *sql.Rows) error {
		found = true
		return rows.Scan(dest...)
	})
	if err == nil && !found {
		return ErrNotFound
	}
	return err
}

// each calls f for each row.
func (q queries) each(ctx context.Context, query string, args []any, f func(*sql.Rows) error) error {
	rows, err := q.q.QueryContext(ctx, query, args...)
	if err != nil {
		return fmt.Errorf("reading the store: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := f(rows); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("reading the store: %w", err)
	}
	return nil
}

// digest scans a column of 32 bytes.
type digest [32]byte

// Scan implements sql.Scanner.
func (d *digest) Scan(v any) error {
	b, ok := v.([]byte)
	if !ok || len(b) != len(d) {
		return fmt.Errorf("the store holds %T where a digest is due", v)
	}
	copy(d[:], b)
	return nil
}
