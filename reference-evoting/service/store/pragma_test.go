package store

import (
	"database/sql"
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
		check(tx.queries, map[string]string{"synchronous": "2", "journal_mode": "wal", "busy_timeout": "10000", "foreign_keys": "1"})
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
