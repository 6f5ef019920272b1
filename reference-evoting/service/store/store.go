// Package store keeps what the authority must not forget beside the log: ballot
// bodies that wait for a decision, decisions and their one answer, where a
// tracker stands on the board, and settings. It is SQLite with a write-ahead log,
// synced at every commit.
//
// # Writing
//
// There is one writer. Callers hand it functions (Commit); those that come while
// it is busy share the next transaction and its one sync to disk. A function that
// fails is undone alone. When Commit returns without error the change is durable.
//
// # Order against the log
//
// An answer may leave only when it will be the same after a crash at any moment:
//
//  1. Begin records the decision with the leaf that is going to be appended and
//     the size of the log at that time. Durable.
//  2. The entry is appended to the log. Durable.
//  3. Finish records index and answer. Durable. Then the answer leaves.
//
// A crash after 1 or 2 leaves an unfinished decision. At the next start, before
// anything else is appended, Resolve looks for its leaf in the log from the
// recorded size on. If it is there the decision is finished with that index; if
// not, it was never acknowledged and is forgotten, and the client may send it
// again. Refusals touch no log: Refuse records them in one step.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"time"
)

// Errors that callers tell apart.
var (
	// ErrNotFound: there is no such thing in the store.
	ErrNotFound = errors.New("not in the store")
	// ErrExists: it is there already, and not the same.
	ErrExists = errors.New("already in the store")
	// ErrClosed: the store was closed before the change was taken.
	ErrClosed = errors.New("store is closed")
	// ErrFailed: a write to the disk failed. The store takes no further change
	// until it is opened again; reading goes on.
	ErrFailed = errors.New("the store's disk has failed")
	// ErrSchema: the file was written by a newer version.
	ErrSchema = errors.New("store is of a newer version")
)

// readers is how many connections read at the same time.
const readers = 4

// Store is an open store. It is safe for concurrent use. Its reading methods see
// everything whose Commit has returned.
type Store struct {
	queries
	reading *sql.DB
	writing *sql.DB
	writer  *writer
}

// Open opens the store in the file path or begins a new one. Only one process may
// have it open.
func Open(ctx context.Context, path string) (*Store, error) {
	s := &Store{}
	if err := s.open(ctx, path); err != nil {
		s.close()
		return nil, fmt.Errorf("opening the store %s: %w", path, err)
	}
	return s, nil
}

func (s *Store) open(ctx context.Context, path string) (err error) {
	if s.writing, err = sql.Open("sqlite", dsn(path, "synchronous(FULL)", "wal_autocheckpoint(0)")); err != nil {
		return err
	}
	s.writing.SetMaxOpenConns(1)
	conn, err := s.writing.Conn(ctx)
	if err != nil {
		return err
	}
	if err := migrate(ctx, conn); err != nil {
		conn.Close()
		return err
	}
	if s.reading, err = sql.Open("sqlite", dsn(path, "query_only(1)")); err != nil {
		conn.Close()
		return err
	}
	s.reading.SetMaxOpenConns(readers)
	s.reading.SetMaxIdleConns(readers)
	s.queries = queries{s.reading}
	s.writer = startWriter(conn)
	return nil
}

// dsn names the file with the settings of every connection to it.
func dsn(path string, pragmas ...string) string {
	q := url.Values{"_pragma": append([]string{"busy_timeout(10000)", "journal_mode(WAL)", "foreign_keys(1)"}, pragmas...)}
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	return (&url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}).String()
}

// Commit runs f within a transaction, shared with the functions of other callers,
// and returns when the change is durable. An error of f undoes what f did and is
// returned as it is. f must not call Commit, nor keep tx.
//
// ctx is heeded until f is taken up. After ErrClosed and the errors of ctx nothing
// was changed; an error of the database itself leaves the outcome unknown, and
// is the last: from then on every Commit gives ErrFailed.
func (s *Store) Commit(ctx context.Context, f func(tx *Tx) error) error {
	return s.writer.commit(ctx, f)
}

// Failed is not nil once a write to the disk has failed.
func (s *Store) Failed() error { return s.writer.failed() }

// Close finishes what is under way and closes the file.
func (s *Store) Close() error {
	if s.writer != nil && !s.writer.stop() {
		return ErrClosed
	}
	return s.close()
}

func (s *Store) close() error {
	var errs []error
	for _, db := range []*sql.DB{s.reading, s.writing} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}

// migrations bring a file from version i to i+1. They are only ever added to.
var migrations = [...]string{
	`CREATE TABLE body (
		hash       BLOB PRIMARY KEY NOT NULL,  -- SHA-256 of the canonical body
		tracker    BLOB NOT NULL UNIQUE,
		credential BLOB NOT NULL,
		bytes      BLOB NOT NULL,
		expires    INTEGER NOT NULL            -- milliseconds since 1970
	) WITHOUT ROWID;
	CREATE INDEX body_expires ON body (expires);
	CREATE INDEX body_credential ON body (credential);

	CREATE TABLE decision (
		hash    BLOB PRIMARY KEY NOT NULL,
		tracker BLOB NOT NULL,
		leaf    BLOB NOT NULL,                 -- of the entry on the log; empty for a refusal
		since   INTEGER NOT NULL,              -- size of the log before it was appended
		state   INTEGER NOT NULL,              -- 1 begun, 2 accepted, 3 refused
		entry   INTEGER NOT NULL,              -- index on the log if accepted
		answer  BLOB NOT NULL                  -- receipt or refusal
	) WITHOUT ROWID;
	CREATE INDEX decision_begun ON decision (since) WHERE state = 1;

	CREATE TABLE tracker (
		tracker BLOB PRIMARY KEY NOT NULL,
		entry   INTEGER NOT NULL
	) WITHOUT ROWID;

	CREATE TABLE setting (
		name  TEXT PRIMARY KEY NOT NULL,
		value BLOB NOT NULL
	) WITHOUT ROWID;`,
}

// migrate brings the file to the newest version, each step in a transaction.
func migrate(ctx context.Context, conn *sql.Conn) error {
	var version int
	if err := conn.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
		return err
	}
	if version > len(migrations) {
		return fmt.Errorf("%w: %d, this program knows %d", ErrSchema, version, len(migrations))
	}
	for ; version < len(migrations); version++ {
		tx, err := conn.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, migrations[version])
		if err == nil {
			_, err = tx.ExecContext(ctx, fmt.Sprintf("PRAGMA user_version = %d", version+1))
		}
		if err != nil {
			return errors.Join(fmt.Errorf("migrating to version %d: %w", version+1, err), tx.Rollback())
		}
		if err := tx.Commit(); err != nil {
			return err
		}
	}
	return nil
}

// millis and fromMillis are the store's form of times.
func millis(t time.Time) int64     { return t.UnixMilli() }
func fromMillis(m int64) time.Time { return time.UnixMilli(m).UTC() }
