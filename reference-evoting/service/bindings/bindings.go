// Package bindings is the identity service's store: who is bound to which
// credential, what was authorised, and whose codes were guessed at. It is SQLite with a write-ahead log,
// synced at every commit, so that a restart forgets neither.
package bindings

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"

	_ "modernc.org/sqlite" // the driver called sqlite

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/identity"
)

const schema = `
CREATE TABLE IF NOT EXISTS binding (
	voter      TEXT PRIMARY KEY,
	credential BLOB NOT NULL UNIQUE
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS authorisation (
	decision    BLOB PRIMARY KEY,
	credential  BLOB NOT NULL,
	number      INTEGER NOT NULL,
	tracker     BLOB NOT NULL,
	predecessor TEXT NOT NULL,
	signature   BLOB NOT NULL,
	UNIQUE (credential, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS miss (
	voter  TEXT PRIMARY KEY,
	misses INTEGER NOT NULL,
	day    INTEGER NOT NULL,
	began  INTEGER NOT NULL,
	next   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;`

// Store is an open store.
type Store struct{ db *sql.DB }

var (
	_ identity.Store  = (*Store)(nil)
	_ identity.Misses = (*Store)(nil)
)

// Open opens the store in the file path or begins a new one. Only one process
// may have it open.
func Open(ctx context.Context, path string) (*Store, error) {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	q := url.Values{"_pragma": {"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)"}, "_txlock": {"immediate"}}
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}).String())
	if err != nil {
		return nil, fmt.Errorf("bindings %s: %w", path, err)
	}
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(ctx, schema); err != nil {
		return nil, errors.Join(fmt.Errorf("bindings %s: %w", path, err), db.Close())
	}
	return &Store{db}, nil
}

// Close closes the file.
func (s *Store) Close() error { return s.db.Close() }

// Bind implements identity.Store.
func (s *Store) Bind(ctx context.Context, voter string, credential message.Element) error {
	return s.within(ctx, func(tx *sql.Tx) error {
		var n int
		err := tx.QueryRowContext(ctx, `SELECT count(*) FROM binding WHERE (voter = ?) <> (credential = ?)`, voter, credential[:]).Scan(&n)
		if err != nil {
			return err
		}
		if n > 0 {
			return identity.ErrBound
		}
		_, err = tx.ExecContext(ctx, `INSERT OR IGNORE INTO binding VALUES (?, ?)`, voter, credential[:])
		return err
	})
}

const columns = `SELECT decision, credential, number, tracker, predecessor, signature FROM authorisation `

// Keep implements identity.Store.
func (s *Store) Keep(ctx context.Context, a identity.Authorisation, most int) (identity.Authorisation, error) {
	signature, err := codec.Encode(a.Signature)
	if err != nil {
		return a, err
	}
	err = s.within(ctx, func(tx *sql.Tx) error {
		kept, err := read(tx.QueryRowContext(ctx, columns+`WHERE decision = ?`, a.Decision[:]))
		if !errors.Is(err, identity.ErrNotFound) {
			a = kept
			return err
		}
		if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM authorisation WHERE credential = ?`, a.Credential[:]).Scan(&a.Number); err != nil {
			return err
		}
		if a.Number >= uint64(most) {
			return identity.ErrFull
		}
		a.Number++
		_, err = tx.ExecContext(ctx, `INSERT INTO authorisation VALUES (?, ?, ?, ?, ?, ?)`,
			a.Decision[:], a.Credential[:], int64(a.Number), a.Tracker[:], a.Predecessor, signature)
		return err
	})
	return a, err
}

// Find implements identity.Store.
func (s *Store) Find(ctx context.Context, decision message.Digest) (identity.Authorisation, error) {
	return read(s.db.QueryRowContext(ctx, columns+`WHERE decision = ?`, decision[:]))
}

// List implements identity.Store.
func (s *Store) List(ctx context.Context, credential message.Element) ([]identity.Authorisation, error) {
	rows, err := s.db.QueryContext(ctx, columns+`WHERE credential = ? ORDER BY number`, credential[:])
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []identity.Authorisation
	for rows.Next() {
		a, err := read(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	return out, rows.Err()
}

func read(row interface{ Scan(...any) error }) (identity.Authorisation, error) {
	var a identity.Authorisation
	var decision, credential, tracker, signature []byte
	err := row.Scan(&decision, &credential, &a.Number, &tracker, &a.Predecessor, &signature)
	if errors.Is(err, sql.ErrNoRows) {
		return a, identity.ErrNotFound
	}
	if err != nil {
		return a, err
	}
	if len(decision) != 32 || len(credential) != 32 || len(tracker) != 32 {
		return a, errors.New("bindings: a line of another form")
	}
	a.Decision, a.Credential, a.Tracker = message.Digest(decision), message.Element(credential), message.Digest(tracker)
	a.Signature, err = codec.Decode[message.SchnorrSignature](signature, codec.Limits{Size: 1024})
	return a, err
}

// within runs f in a transaction.
func (s *Store) within(ctx context.Context, f func(tx *sql.Tx) error) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := f(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}
