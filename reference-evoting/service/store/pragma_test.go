package store

import (
	"bytes"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// The durability that the package promises rests on these settings.
func TestPragmas(t *testing.T) {
	ctx := t.Context()
	s, err := Open(ctx, filepath.Join(t.TempDir(), "db"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	check := func(q queries, want map[string]string) {
		for name, value := range want {
			var got string
			err := q.each(ctx, "PRAGMA "+name, nil, func(r *sql.Rows) error { return r.Scan(&got) })
			if err != nil || got != value {
				t.Errorf("%s is %s, want %s, %v", name, got, value, err)
			}
		}
	}
	err = s.Commit(ctx, func(tx *Tx) error {
		check(tx.queries, map[string]string{"synchronous": "2", "journal_mode": "wal", "busy_timeout": "10000", "foreign_keys": "1", "wal_autocheckpoint": "0"})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	check(s.queries, map[string]string{"query_only": "1", "journal_mode": "wal", "busy_timeout": "10000"})
	if _, err := s.reading.Exec("INSERT INTO setting VALUES ('a', 'b')"); err == nil {
		t.Error("a reader wrote")
	}
}

// A transaction that SQLite has ended by itself fails for all who took part, and
// the next one is unharmed.
func TestLostTransaction(t *testing.T) {
	ctx := t.Context()
	s, err := Open(ctx, filepath.Join(t.TempDir(), "db"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	set := func(name string) func(*Tx) error {
		return func(tx *Tx) error { return tx.Set(name, nil) }
	}
	err = s.Commit(ctx, func(tx *Tx) error {
		if err := tx.Set("a", nil); err != nil {
			return err
		}
		return tx.run("ROLLBACK") // as it does when the disk is full
	})
	if err == nil {
		t.Error("committed what was rolled back")
	}
	if err := s.Commit(ctx, set("b")); err != nil {
		t.Error(err)
	}
	if _, err := s.Setting(ctx, "a"); err != ErrNotFound {
		t.Errorf("a: %v", err)
	}
	if _, err := s.Setting(ctx, "b"); err != nil {
		t.Errorf("b: %v", err)
	}
}

// A disk that is full, or that SQLite is told is full, ends all changes until the
// store is opened again.
func TestFailedDiskIsForGood(t *testing.T) {
	ctx, path := t.Context(), filepath.Join(t.TempDir(), "db")
	s, err := Open(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	set := func(name string, size int) error {
		return s.Commit(ctx, func(tx *Tx) error { return tx.Set(name, bytes.Repeat([]byte{1}, size)) })
	}
	if err := set("a", 1); err != nil || s.Failed() != nil {
		t.Fatal(err, s.Failed())
	}
	limit := func(tx *Tx) error {
		return tx.each(ctx, "PRAGMA max_page_count = 1", nil, func(*sql.Rows) error { return nil })
	}
	if err := s.Commit(ctx, limit); err != nil {
		t.Fatal(err)
	}
	if err := set("b", 1<<16); !errors.Is(err, ErrFailed) {
		t.Errorf("on a full disk: %v", err)
	}
	if err := set("c", 1); !errors.Is(err, ErrFailed) || s.Failed() == nil {
		t.Errorf("after it: %v, %v", err, s.Failed())
	}
	if _, err := s.Setting(ctx, "a"); err != nil {
		t.Errorf("reading: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if s, err = Open(ctx, path); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Setting(ctx, "a"); err != nil {
		t.Errorf("what was acknowledged: %v", err)
	}
	if err := set("c", 1); err != nil {
		t.Errorf("opened again: %v", err)
	}
}

// SQLite's log does not grow for ever.
func TestCheckpoints(t *testing.T) {
	ctx, path := t.Context(), filepath.Join(t.TempDir(), "db")
	s, err := Open(ctx, path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for range 8 {
		err := s.Commit(ctx, func(tx *Tx) error {
			for range checkpointAfter {
				if err := tx.Set("a", bytes.Repeat([]byte{1}, 10_000)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Size() < 10_000 {
		t.Errorf("nothing was copied to the file: %v, %v", info, err)
	}
	if wal, err := os.Stat(path + "-wal"); err != nil || wal.Size() > 1<<20 {
		t.Errorf("the log has %d bytes, %v", wal.Size(), err)
	}
}
