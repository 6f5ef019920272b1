package crashtest_test

import (
	"testing"
	"time"

	"scrutineer/reference-evoting/service/crashtest"
)

// TestKilled is `go run ./scripts/crashtest` with fewer kills, at other moments
// each time; the seed is told.
func TestKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("kills an authority for half a minute")
	}
	report, err := crashtest.Run(t.Context(), crashtest.Config{
		Start: program(t),
		Dir:   t.TempDir(), Seed: uint64(time.Now().UnixNano()) >> 10, Kills: 30, Casting: 22, Closing: 8,
	})
	if report != nil {
		if err := report.Print(t.Output()); err != nil {
			t.Error(err)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	if !report.Sound() {
		t.Error("see the figures above")
	}
	if report.Acknowledged < 30 {
		t.Errorf("only %d ballots were acknowledged: the figures show nothing", report.Acknowledged)
	}
}
