package tiles_test

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"k8s.io/klog/v2"

	"scrutineer/reference-evoting/board/boardtest"
	"scrutineer/reference-evoting/service/tiles"
)

// childFolder, if set, makes the test binary a process that appends to the log in
// that folder until it is killed.
const childFolder = "SCRUTINEER_TEST_TILES_FOLDER"

func TestMain(m *testing.M) {
	klog.SetSlogLogger(slog.New(slog.DiscardHandler))
	if dir := os.Getenv(childFolder); dir != "" {
		appendForEver(dir)
	}
	os.Exit(m.Run())
}

// appendForEver is the child of TestKill: eight writers print each entry that was
// acknowledged.
func appendForEver(dir string) {
	signer, err := boardtest.Signer()
	if err != nil {
		panic(err)
	}
	ctx := context.Background()
	l, err := tiles.Open(ctx, tiles.Config{Dir: dir, Signer: signer})
	if err != nil {
		panic(err)
	}
	start := l.Size()
	for w := range 8 {
		go func() {
			for i := 0; ; i++ {
				entry := fmt.Sprintf("%d/%d/%d", start, w, i)
				index, err := l.Append(ctx, []byte(entry))
				if err != nil {
					panic(err)
				}
				// One write, so that lines do not mix.
				if _, err := os.Stdout.WriteString(fmt.Sprintf("%d %s\n", index, entry)); err != nil {
					return
				}
			}
		}()
	}
	select {}
}

// TestKill kills a process that appends, several times, at moments that differ,
// and expects every acknowledged entry in its place.
func TestKill(t *testing.T) {
	dir := t.TempDir()
	acknowledged := map[uint64]string{}
	for round := range 4 {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), childFolder+"="+dir)
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
			index, entry, _ := strings.Cut(lines.Text(), " ")
			i, err := strconv.ParseUint(index, 10, 64)
			if err != nil {
				continue // the last line may be cut short
			}
			if had, ok := acknowledged[i]; ok && had != entry {
				t.Errorf("index %d promised to %q and to %q", i, had, entry)
			}
			acknowledged[i] = entry
			if n == 40+37*round {
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
			}
		}
		_ = cmd.Wait() // killed
	}
	l := open(t, dir)
	defer closeLog(t, l)
	publish(t, l, l.Size())
	entries := follows(t, l, l.Size())
	seen := map[string]bool{}
	for i, e := range entries {
		if want, ok := acknowledged[uint64(i)]; ok && want != e {
			t.Errorf("entry %d is %q, want %q", i, e, want)
		}
		if seen[e] {
			t.Errorf("%q is there twice", e)
		}
		seen[e] = true
	}
	for i, e := range acknowledged {
		if !seen[e] {
			t.Errorf("entry %d, %q, is lost", i, e)
		}
	}
}
