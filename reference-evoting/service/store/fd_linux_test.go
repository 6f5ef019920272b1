package store_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"scrutineer/reference-evoting/service/store"
)

// A store that is closed keeps no file open: a harness opens thousands of them
// in one process.
func TestCloseLetsGoOfItsFiles(t *testing.T) {
	for range 20 {
		path := filepath.Join(t.TempDir(), "box.db")
		s, err := store.Open(context.Background(), path)
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			if err := s.Commit(context.Background(), func(tx *store.Tx) error { return nil }); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		links, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range links {
			if to, err := os.Readlink("/proc/self/fd/" + l.Name()); err == nil && strings.HasPrefix(to, path) {
				t.Errorf("still open: %s", filepath.Base(to))
			}
		}
	}
}
