package crashtest_test

import (
	"errors"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"scrutineer/internal/need"
	"scrutineer/reference-evoting/service/crashtest"
	"scrutineer/reference-evoting/service/crashtest/disk"
)

// program builds the authority that runs in production.
func program(t *testing.T) func(args ...string) *exec.Cmd {
	t.Helper()
	path := filepath.Join(t.TempDir(), "reference-evoting")
	build := exec.Command("go", "build", "-o", path, "scrutineer/cmd/reference-evoting")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return func(args ...string) *exec.Cmd { return exec.Command(path, append([]string{"serve"}, args...)...) }
}

// aDiskThatFails skips where nobody may change the kernel's answers.
func aDiskThatFails(t *testing.T) {
	t.Helper()
	d, err := disk.New(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	wait, err := d.Start(exec.Command("true"))
	if err == nil {
		err = wait()
	}
	if err != nil {
		need.Tracing(t, err)
	}
}

// TestDiskFails is `go run ./scripts/crashtest -faults` with every ninth point, and
// its controls: an authority that is known to be unsound must be found out.
func TestDiskFails(t *testing.T) {
	if testing.Short() {
		t.Skip("an authority on a failing disk, for half a minute")
	}
	aDiskThatFails(t)
	start := program(t)
	run := func(t *testing.T, which crashtest.Faults, planted ...string) *crashtest.FaultReport {
		report, err := crashtest.RunFaults(t.Context(), crashtest.Config{
			Start: start, Dir: t.TempDir(), Seed: uint64(time.Now().UnixNano()) >> 10, Planted: planted, Open: len(planted) > 0,
		}, which)
		if report != nil {
			if err := report.Print(t.Output()); err != nil {
				t.Error(err)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
		return report
	}
	t.Run("sound", func(t *testing.T) {
		report := run(t, crashtest.Faults{Stride: 9})
		if !report.Sound() {
			t.Error("see the figures above")
		}
		if report.Faults() < 15 || report.Refused < 15 {
			t.Errorf("only %d faults and %d refusals: the figures show nothing", report.Faults(), report.Refused)
		}
	})
	t.Run("eager", func(t *testing.T) {
		report := run(t, crashtest.Faults{Kinds: []disk.Kind{disk.Full}, Stride: 4}, "weak.cast.asyncPersist")
		if report.Sound() || report.Lost == 0 {
			t.Errorf("the authority answers before its disk does: %d ballots lost, %d acknowledged in vain", report.Lost, report.Undurable)
		}
	})
	t.Run("forgetful", func(t *testing.T) {
		report := run(t, crashtest.Faults{Kinds: []disk.Kind{disk.WriteFails}, Stride: 5}, "weak.count.atLeastOnce", "weak.bb.noWeeding")
		if report.Sound() || report.Doubled == 0 {
			t.Errorf("the authority casts again what it finds unsettled: %d ballots doubled", report.Doubled)
		}
	})
}

// TestFindsLossByKilling kills the eager authority until a ballot is lost.
func TestFindsLossByKilling(t *testing.T) {
	if testing.Short() {
		t.Skip("kills an authority until it loses a ballot")
	}
	start := program(t)
	for seed := range uint64(8) {
		report, err := crashtest.Run(t.Context(), crashtest.Config{
			Start: start, Dir: t.TempDir(), Seed: seed, Kills: 8, Casting: 8, Planted: []string{"weak.cast.asyncPersist"}, Open: true,
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%d kills, %d acknowledged, %d lost", report.AllKills(), report.Acknowledged, report.Lost)
		if !report.Sound() && report.Lost > 0 {
			return
		}
	}
	t.Error("the authority answers before its disk does, and no ballot is ever lost")
}

func TestDiskThatFailsIsTold(t *testing.T) {
	d, err := disk.New(filepath.Join(t.TempDir(), "missing"))
	if err == nil || d != nil || errors.Is(err, disk.ErrUnable) {
		t.Errorf("a folder that is not there: %v, %v", d, err)
	}
}
