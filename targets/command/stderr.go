package command

import (
	"strconv"
	"strings"
	"sync"
)

const (
	// tailBytes is how much of the end of a standard error is kept.
	tailBytes = 8 << 10
	// tailLines is how many lines of it are shown, tailWidth how much of each.
	tailLines = 5
	tailWidth = 200
)

// tail takes all that is written and keeps the end.
type tail struct {
	limit   int64
	flooded func()

	mu    sync.Mutex
	kept  []byte
	total int64
}

// Write implements io.Writer; it never fails, so that an adapter that writes
// is not held up by us.
func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	before := t.total
	t.total += int64(len(b))
	t.kept = append(t.kept, b[max(0, len(b)-tailBytes):]...)
	if over := len(t.kept) - tailBytes; over > 0 {
		t.kept = append(t.kept[:0], t.kept[over:]...)
	}
	flood := before <= t.limit && t.total > t.limit
	t.mu.Unlock()
	if flood && t.flooded != nil {
		t.flooded()
	}
	return len(b), nil
}

// last is the last lines, quoted so that they cannot act on a terminal.
func (t *tail) last() string {
	t.mu.Lock()
	text := strings.TrimRight(string(t.kept), "\r\n")
	t.mu.Unlock()
	if text == "" {
		return ""
	}
	lines := strings.Split(text, "\n")
	lines = lines[max(0, len(lines)-tailLines):]
	for i, l := range lines {
		if len(l) > tailWidth {
			l = l[:tailWidth] + "…"
		}
		lines[i] = strconv.QuoteToASCII(l)
	}
	return strings.Join(lines, " ")
}
