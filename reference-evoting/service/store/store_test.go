package store_test

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"scrutineer/reference-evoting/board"
	"scrutineer/reference-evoting/board/boardtest"
	"scrutineer/reference-evoting/service/store"
	"scrutineer/reference-evoting/witness"
)

// childFile, if set, makes the test binary a process that writes to the store in
// that file until it is killed.
const childFile = "SCRUTINEER_TEST_STORE_FILE"

func TestMain(m *testing.M) {
	if path := os.Getenv(childFile); path != "" {
		writeForEver(path)
	}
	os.Exit(m.Run())
}

var _ witness.Store = store.Cell{}

func open(t testing.TB, path string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil && !errors.Is(err, store.ErrClosed) {
			t.Error(err)
		}
	})
	return s
}

func newStore(t testing.TB) *store.Store {
	t.Helper()
	return open(t, filepath.Join(t.TempDir(), "a ?#%b.db"))
}

func id(s string) [32]byte { return board.ChunkDigest([]byte(s)) }

func TestWritersShareTransactionsAndFailAlone(t *testing.T) {
	s := newStore(t)
	ctx := t.Context()
	odd := errors.New("odd")
	var wg sync.WaitGroup
	for w := range 64 {
		wg.Go(func() {
			for i := range 10 {
				name := fmt.Sprintf("%d/%d", w, i)
				err := s.Commit(ctx, func(tx *store.Tx) error {
					if err := tx.Set(name, []byte(name)); err != nil {
						return err
					}
					if i%2 == 1 {
						return odd
					}
					return nil
				})
				if want := map[int]error{1: odd}[i%2]; err != want {
					t.Errorf("%s: %v", name, err)
				}
				value, err := s.Setting(ctx, name)
				if i%2 == 1 && !errors.Is(err, store.ErrNotFound) || i%2 == 0 && string(value) != name {
					t.Errorf("%s: %q, %v", name, value, err)
				}
			}
		})
	}
	wg.Wait()
}

func TestPanicsReachTheirCallerOnly(t *testing.T) {
	s := newStore(t)
	func() {
		defer func() {
			if v := recover(); v != "oops" {
				t.Errorf("recovered %v", v)
			}
		}()
		_ = s.Commit(t.Context(), func(tx *store.Tx) error {
			if err := tx.Set("a", nil); err != nil {
				t.Error(err)
			}
			panic("oops")
		})
	}()
	if _, err := s.Setting(t.Context(), "a"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("half-done: %v", err)
	}
	if err := s.Commit(t.Context(), func(tx *store.Tx) error { return tx.Set("b", nil) }); err != nil {
		t.Error(err)
	}
}

func TestCommitHeedsContextAndClose(t *testing.T) {
	s := newStore(t)
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	never := func(*store.Tx) error { t.Error("was run"); return nil }
	if err := s.Commit(gone, never); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	// A function that was taken up is carried through.
	ctx, cancel := context.WithCancel(t.Context())
	err := s.Commit(ctx, func(tx *store.Tx) error {
		cancel()
		return tx.Set("a", []byte("b"))
	})
	if err != nil {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Commit(t.Context(), never); !errors.Is(err, store.ErrClosed) {
		t.Error(err)
	}
	if err := s.Close(); !errors.Is(err, store.ErrClosed) {
		t.Error(err)
	}
}

func TestReopenAndSchema(t *testing.T) {
	path := filepath.Join(t.TempDir(), "db")
	s := open(t, path)
	if err := s.Commit(t.Context(), func(tx *store.Tx) error { return tx.Set("a", []byte("b")) }); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, path)
	if v, err := s.Setting(t.Context(), "a"); err != nil || string(v) != "b" {
		t.Fatal(v, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("PRAGMA user_version = 99"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Open(t.Context(), path); !errors.Is(err, store.ErrSchema) {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("not a database, and long enough to be read as one"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Open(t.Context(), path); err == nil {
		t.Fatal("junk was opened")
	}
}

func TestBodies(t *testing.T) {
	s := newStore(t)
	ctx := t.Context()
	now := time.Date(2026, 5, 3, 12, 0, 0, 0, time.UTC)
	body := func(name string, expires time.Time) store.Body {
		return store.Body{Hash: id(name), Tracker: id("t" + name), Credential: []byte("V"), Bytes: []byte(name), Expires: expires}
	}
	put := func(b store.Body) error {
		return s.Commit(ctx, func(tx *store.Tx) error { return tx.PutBody(ctx, b) })
	}
	a, b := body("a", now.Add(time.Minute)), body("b", now.Add(time.Hour))
	for _, x := range []store.Body{a, b, a} {
		if err := put(x); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := s.Body(ctx, a.Tracker); err != nil || fmt.Sprint(got) != fmt.Sprint(a) {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := s.Body(ctx, id("unknown")); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("unknown: %v", err)
	}
	other := body("c", now)
	other.Tracker = a.Tracker
	if err := put(other); !errors.Is(err, store.ErrExists) {
		t.Errorf("other body, same tracker: %v", err)
	}
	for at, want := range map[time.Duration]int{0: 2, time.Minute: 1, time.Hour: 0} {
		if n, err := s.CountBodies(ctx, []byte("V"), now.Add(at)); err != nil || n != want {
			t.Errorf("after %v: %d bodies, %v", at, n, err)
		}
	}
	sweep := func(at time.Time) (n int) {
		err := s.Commit(ctx, func(tx *store.Tx) (err error) { n, err = tx.SweepBodies(at); return err })
		if err != nil {
			t.Error(err)
		}
		return n
	}
	if n := sweep(now); n != 0 {
		t.Errorf("swept %d early", n)
	}
	if err := s.Commit(ctx, func(tx *store.Tx) error { return tx.Begin(ctx, id("d"), a.Tracker, id("l"), 0) }); err != nil {
		t.Fatal(err)
	}
	if n := sweep(now.Add(2 * time.Hour)); n != 1 {
		t.Errorf("swept %d, one has a decision under way", n)
	}
	if err := s.Commit(ctx, func(tx *store.Tx) error { return tx.Forget(id("d")) }); err != nil {
		t.Fatal(err)
	}
	if n := sweep(now.Add(2 * time.Hour)); n != 1 {
		t.Errorf("swept %d", n)
	}
}

func TestDecisionsHaveOneAnswer(t *testing.T) {
	s := newStore(t)
	ctx := t.Context()
	do := func(f func(tx *store.Tx) error) error { return s.Commit(ctx, f) }
	begin := func(name string) error {
		return do(func(tx *store.Tx) error { return tx.Begin(ctx, id(name), id("t"+name), id("l"+name), 7) })
	}
	finish := func(name string, index uint64, receipt string) error {
		return do(func(tx *store.Tx) error { return tx.Finish(ctx, id(name), index, []byte(receipt)) })
	}
	refuse := func(name, refusal string) error {
		return do(func(tx *store.Tx) error { return tx.Refuse(ctx, id(name), id("t"+name), []byte(refusal)) })
	}
	for _, step := range []struct {
		name string
		err  error
		want error
	}{
		{"finish before begin", finish("a", 9, "r"), store.ErrNotFound},
		{"begin", begin("a"), nil},
		{"begin twice", begin("a"), store.ErrExists},
		{"refuse what is begun", refuse("a", "no"), store.ErrExists},
		{"finish", finish("a", 9, "r"), nil},
		{"finish in the same way", finish("a", 9, "r"), nil},
		{"finish with another index", finish("a", 8, "r"), store.ErrExists},
		{"finish with another receipt", finish("a", 9, "q"), store.ErrExists},
		{"begin what is finished", begin("a"), store.ErrExists},
		{"refuse what is finished", refuse("a", "no"), store.ErrExists},
		{"forget what is finished", do(func(tx *store.Tx) error { return tx.Forget(id("a")) }), nil},
		{"refuse", refuse("b", "no"), nil},
		{"refuse in the same way", refuse("b", "no"), nil},
		{"refuse in another way", refuse("b", "nay"), store.ErrExists},
		{"begin what is refused", begin("b"), store.ErrExists},
		{"finish what is refused", finish("b", 1, "r"), store.ErrExists},
		{"begin another", begin("c"), nil},
	} {
		if !errors.Is(step.err, step.want) || step.want == nil && step.err != nil {
			t.Errorf("%s: %v", step.name, step.err)
		}
	}
	a, err := s.Decision(ctx, id("a"))
	if err != nil || a.State != store.Accepted || a.Index != 9 || string(a.Answer) != "r" || a.Since != 7 || a.Leaf != id("la") {
		t.Errorf("%+v, %v", a, err)
	}
	b, err := s.Decision(ctx, id("b"))
	if err != nil || b.State != store.Refused || string(b.Answer) != "no" || b.Tracker != id("tb") {
		t.Errorf("%+v, %v", b, err)
	}
	if _, err := s.Decision(ctx, id("x")); !errors.Is(err, store.ErrNotFound) {
		t.Error(err)
	}
	if i, err := s.Index(ctx, id("ta")); err != nil || i != 9 {
		t.Error(i, err)
	}
	if open, err := s.Unfinished(ctx); err != nil || len(open) != 1 || open[0].Hash != id("c") || open[0].Answer != nil {
		t.Errorf("%+v, %v", open, err)
	}
}

func TestTrackersAndSettingsOnce(t *testing.T) {
	s := newStore(t)
	ctx := t.Context()
	tracker := func(i uint64) error {
		return s.Commit(ctx, func(tx *store.Tx) error { return tx.PutTracker(ctx, id("t"), i) })
	}
	once := func(v string) error {
		return s.Commit(ctx, func(tx *store.Tx) error { return tx.SetOnce(ctx, "sealed", []byte(v)) })
	}
	for name, f := range map[string]func(int) error{
		"tracker": func(i int) error { return tracker(uint64(i)) },
		"setting": func(i int) error { return once(fmt.Sprint(i)) },
	} {
		if err := f(1); err != nil {
			t.Error(name, err)
		}
		if err := f(1); err != nil {
			t.Error(name, "again", err)
		}
		if err := f(2); !errors.Is(err, store.ErrExists) {
			t.Error(name, "changed", err)
		}
	}
	cell := s.Cell("head")
	if v, err := cell.Load(ctx); v != nil || err != nil {
		t.Error(v, err)
	}
	for _, v := range []string{"one", "two"} {
		if err := cell.Save(ctx, []byte(v)); err != nil {
			t.Error(err)
		}
		if got, err := cell.Load(ctx); string(got) != v || err != nil {
			t.Errorf("%q, %v", got, err)
		}
	}
}

func TestResolveFollowsTheLog(t *testing.T) {
	s := newStore(t)
	ctx := t.Context()
	scene, err := boardtest.New(1)
	if err != nil {
		t.Fatal(err)
	}
	log := scene.Log
	begin := func(name string, since uint64) {
		err := s.Commit(ctx, func(tx *store.Tx) error {
			return tx.Begin(ctx, id(name), id("t"+name), board.LeafHash([]byte(name)), since)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	appendAll := func(names ...string) {
		for _, n := range names {
			if _, err := log.Append(ctx, []byte(n)); err != nil {
				t.Fatal(err)
			}
		}
	}
	appendAll("x", "y")
	begin("appended", 2)
	begin("lost", 2)
	begin("later", 3)
	begin("after all", 5)
	appendAll("z", "appended", "later")
	receipt := func(d store.Decision, index uint64) ([]byte, error) {
		return fmt.Appendf(nil, "%x at %d", d.Hash[:4], index), nil
	}
	finished, forgotten, err := s.Resolve(ctx, log, receipt)
	if err != nil || finished != 2 || forgotten != 2 {
		t.Fatal(finished, forgotten, err)
	}
	for name, want := range map[string]uint64{"appended": 3, "later": 4} {
		h := id(name)
		d, err := s.Decision(ctx, h)
		if err != nil || d.Index != want || string(d.Answer) != fmt.Sprintf("%x at %d", h[:4], want) {
			t.Errorf("%s: %+v, %v", name, d, err)
		}
	}
	for _, name := range []string{"lost", "after all"} {
		if _, err := s.Decision(ctx, id(name)); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if finished, forgotten, err := s.Resolve(ctx, log, receipt); err != nil || finished+forgotten != 0 {
		t.Error("again:", finished, forgotten, err)
	}
	begin("beyond", 6)
	if _, _, err := s.Resolve(ctx, log, receipt); !errors.Is(err, board.ErrOutOfRange) {
		t.Errorf("a log that lost entries: %v", err)
	}
}

// writeForEver is the child of TestKill: eight writers print what was committed.
func writeForEver(path string) {
	ctx := context.Background()
	s, err := store.Open(ctx, path)
	if err != nil {
		panic(err)
	}
	for w := range 8 {
		go func() {
			for i := 0; ; i++ {
				name := fmt.Sprintf("%d/%d/%d", os.Getpid(), w, i)
				err := s.Commit(ctx, func(tx *store.Tx) error {
					// Two rows: both are there or neither.
					return errors.Join(tx.Set(name+"+", nil), tx.Set(name, nil))
				})
				if err != nil {
					panic(err)
				}
				if _, err := os.Stdout.WriteString(name + "\n"); err != nil {
					return
				}
			}
		}()
	}
	select {}
}

// TestKill kills a process that writes, several times, and expects everything
// that was committed, whole.
func TestKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "db")
	var committed []string
	for round := range 4 {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), childFile+"="+path)
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for n := 0; lines.Scan(); n++ {
			committed = append(committed, lines.Text())
			if n == 50+71*round {
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
		_ = cmd.Wait() // killed
	}
	s := open(t, path)
	for _, name := range committed {
		for _, n := range []string{name, name + "+"} {
			if _, err := s.Setting(t.Context(), n); err != nil {
				t.Errorf("%s: %v", n, err)
			}
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	names := settings(t, path)
	for _, n := range names {
		if whole, half := strings.CutSuffix(n, "+"); half && !slices.Contains(names, whole) {
			t.Errorf("%s without its other half", n)
		}
	}
}

func settings(t *testing.T, path string) (names []string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query("SELECT name FROM setting")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var n string
		if err := rows.Scan(&n); err != nil {
			t.Fatal(err)
		}
		names = append(names, n)
	}
	return names
}
