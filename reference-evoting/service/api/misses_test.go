package api

import (
	"bytes"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"time"
)

// TestMisses: one line a source and minute, with what came in between in the
// next, and nothing lost at the end.
func TestMisses(t *testing.T) {
	var log bytes.Buffer
	now := time.Unix(1_800_000_000, 0)
	m := newMisses(slog.New(slog.NewTextHandler(&log, nil)), func() time.Time { return now }, 2)
	one, two, three := netip.MustParsePrefix("192.0.2.1/32"), netip.MustParsePrefix("192.0.2.2/32"), netip.MustParsePrefix("192.0.2.3/32")
	for range 100 {
		m.note(one)
	}
	m.note(two)
	if got := strings.Count(log.String(), "failed logins"); got != 2 {
		t.Fatalf("%d lines:\n%s", got, &log)
	}
	now = now.Add(perLine)
	m.note(one)
	if !strings.Contains(log.String(), "192.0.2.1/32 count=100") {
		t.Errorf("the minute's count is not told:\n%s", &log)
	}
	m.note(three) // the second's minute is over
	m.note(three)
	if len(m.sources) > 2 || !strings.Contains(log.String(), "192.0.2.3/32") {
		t.Errorf("%d sources:\n%s", len(m.sources), &log)
	}
	m.note(two) // there is no room
	(&Identity{misses: m, cfg: IdentityConfig{Clock: m.clock}}).Flush()
	if !strings.Contains(log.String(), "192.0.2.3/32 count=1\n") || strings.Count(log.String(), "failed logins") != 6 {
		t.Errorf("at the end:\n%s", &log)
	}
}
