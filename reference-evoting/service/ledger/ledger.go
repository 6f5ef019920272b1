// Package ledger keeps the count centre's ledger in SQLite, with a write-ahead
// log that is synced at every commit: which archive came under which device and
// number, what was refused and why, and what officers signed. It decides
// nothing; see reference-evoting/countcentre.
package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"

	_ "modernc.org/sqlite" // the driver

	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/countcentre"
)

const schema = `
CREATE TABLE IF NOT EXISTS packs (
	device TEXT NOT NULL, sequence INTEGER NOT NULL, digest BLOB NOT NULL, archive BLOB NOT NULL,
	PRIMARY KEY (device, sequence, digest)) STRICT;
CREATE TABLE IF NOT EXISTS refused (digest BLOB PRIMARY KEY, reason TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS held (type TEXT NOT NULL, id TEXT NOT NULL, raw BLOB NOT NULL, PRIMARY KEY (type, id)) STRICT;`

// maxReason bounds what is kept of why an archive was refused, in bytes.
const maxReason = 1024

// maxRefused bounds how many refusals are kept: whoever presents garbage
// without end fills no disk.
const maxRefused = 4096

// Ledger is an open ledger.
type Ledger struct{ db *sql.DB }

var _ countcentre.Ledger = (*Ledger)(nil)

// Open opens the ledger in the file path or begins a new one. Only one process
// may have it open.
func Open(ctx context.Context, path string) (*Ledger, error) {
	pragmas := url.Values{"_pragma": {"journal_mode(WAL)", "synchronous(FULL)", "busy_timeout(5000)"}}
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("ledger: %w", err)
	}
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Path: path, RawQuery: pragmas.Encode()}).String())
	if err != nil {
		return nil, fmt.Errorf("ledger %s: %w", path, err)
	}
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(ctx, schema); err != nil {
		return nil, errors.Join(fmt.Errorf("ledger %s: %w", path, err), db.Close())
	}
	return &Ledger{db}, nil
}

// Close closes it.
func (l *Ledger) Close() error { return l.db.Close() }

// Keep implements countcentre.Ledger.
func (l *Ledger) Keep(ctx context.Context, line countcentre.Line, archive []byte) error {
	_, err := l.db.ExecContext(ctx, `INSERT INTO packs VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		line.Device, int64(line.Sequence), line.Digest[:], archive)
	return err
}

// Lines implements countcentre.Ledger.
func (l *Ledger) Lines(ctx context.Context, device string) (out []countcentre.Line, err error) {
	rows, err := l.db.QueryContext(ctx, `SELECT sequence, digest FROM packs WHERE device = ? ORDER BY sequence, digest`, device)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var sequence int64
		var digest []byte
		if err := rows.Scan(&sequence, &digest); err != nil {
			return nil, err
		}
		if len(digest) != len(message.Digest{}) {
			return nil, fmt.Errorf("pack %d of device %s has a digest of %d bytes", sequence, device, len(digest))
		}
		out = append(out, countcentre.Line{Device: device, Sequence: uint64(sequence), Digest: message.Digest(digest)})
	}
	return out, rows.Err()
}

// Archive implements countcentre.Ledger.
func (l *Ledger) Archive(ctx context.Context, digest message.Digest) ([]byte, error) {
	var archive []byte
	err := l.db.QueryRowContext(ctx, `SELECT archive FROM packs WHERE digest = ?`, digest[:]).Scan(&archive)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("archive %s is not in the ledger", digest)
	}
	return archive, err
}

// Refuse implements countcentre.Ledger.
func (l *Ledger) Refuse(ctx context.Context, digest message.Digest, reason string) error {
	_, err := l.db.ExecContext(ctx, `INSERT INTO refused SELECT ?, ? WHERE (SELECT count(*) FROM refused) < ? ON CONFLICT DO NOTHING`,
		digest[:], reason[:min(len(reason), maxReason)], maxRefused)
	return err
}

// Refused says why an archive was refused; empty where it was not.
func (l *Ledger) Refused(ctx context.Context, digest message.Digest) (string, error) {
	var reason string
	err := l.db.QueryRowContext(ctx, `SELECT reason FROM refused WHERE digest = ?`, digest[:]).Scan(&reason)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return reason, err
}

// Hold implements countcentre.Ledger.
func (l *Ledger) Hold(ctx context.Context, t message.Type, id string, raw []byte) error {
	_, err := l.db.ExecContext(ctx, `INSERT INTO held VALUES (?, ?, ?) ON CONFLICT DO NOTHING`, string(t), id, raw)
	return err
}

// Held implements countcentre.Ledger.
func (l *Ledger) Held(ctx context.Context, t message.Type, id string) ([]byte, error) {
	var raw []byte
	err := l.db.QueryRowContext(ctx, `SELECT raw FROM held WHERE type = ? AND id = ?`, string(t), id).Scan(&raw)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return raw, err
}
