package version

import (
	"runtime"
	"testing"
)

func TestUnstampedBuildSaysSo(t *testing.T) {
	b := Current()
	if b.Version != "dev" || b.Commit == "" || b.Date == "" {
		t.Errorf("Current() = %+v", b)
	}
	if b.Go != runtime.Version() {
		t.Errorf("Go = %q", b.Go)
	}
}

func TestStampWins(t *testing.T) {
	defer func(v, c, d string) { version, commit, date = v, c, d }(version, commit, date)
	version, commit, date = "v1.2.3", "abc", "2026-01-02T03:04:05Z"
	b := Current()
	if b.Version != "v1.2.3" || b.Commit != "abc" || b.Date != "2026-01-02T03:04:05Z" {
		t.Errorf("Current() = %+v", b)
	}
}
