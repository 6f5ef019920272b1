package run

import (
	"cmp"
	"errors"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"time"

	"scrutineer/reports/event"
)

// History sums up the operations of one election.
type History struct {
	// Path is relative to the run folder, with slashes.
	Path string
	// Ops counts by role and operation, sorted by role and first appearance.
	Ops []OpCount
	// Operations is the number of invocations, Findings that of findings.
	Operations int
	Findings   int
	// Duration is from the first line to the last.
	Duration time.Duration
	// Flow is how casting went.
	Flow Flow
}

// OpCount counts the operations of one kind by outcome. Unknown includes
// those that never completed.
type OpCount struct {
	Role, Op             string
	OK, Refused, Unknown int
	// Adversary is true where at least one was the adversary's.
	Adversary bool
}

// maxKinds bounds the kinds of operations that are told apart.
const maxKinds = 200

// history sums up one file. It returns nil without an error where there is
// no file: an election may have broken before its first operation.
func (l *loader) history(path string) (*History, error) {
	f, err := l.open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return summarise(f, filepath.ToSlash(path))
}

func summarise(f io.Reader, path string) (*History, error) {
	h := &History{Path: path}
	kinds := map[[2]string]int{}
	open := map[string]int{} // operation id to kind
	var first, last time.Time
	var flow FlowGatherer
	var failed error
	for e, err := range event.NewReader(f, path, event.History).All() {
		if err != nil {
			failed = err
			break
		}
		if first.IsZero() {
			first = e.Time
		}
		last = e.Time
		if e.Operation == nil {
			h.Findings++
			continue
		}
		h.count(e.Operation, kinds, open)
		flow.Add(e.Time.Sub(first), "", e.Operation)
	}
	for _, kind := range open {
		h.Ops[kind].Unknown++
	}
	h.Duration, h.Flow = last.Sub(first), flow.Flow()
	slices.SortStableFunc(h.Ops, func(a, b OpCount) int { return cmp.Compare(a.Role, b.Role) })
	return h, failed
}

func (h *History) count(o *event.Operation, kinds map[[2]string]int, open map[string]int) {
	key := [2]string{o.Role, o.Op}
	kind, ok := kinds[key]
	if !ok {
		if len(h.Ops) == maxKinds {
			key = [2]string{"", "other operations"}
		}
		if kind, ok = kinds[key]; !ok {
			kind = len(h.Ops)
			kinds[key] = kind
			h.Ops = append(h.Ops, OpCount{Role: key[0], Op: key[1]})
		}
	}
	c := &h.Ops[kind]
	c.Adversary = c.Adversary || o.Adversary
	if o.Type == event.Invoke {
		h.Operations++
		open[o.ID] = kind
		return
	}
	delete(open, o.ID)
	switch o.Type {
	case event.OpOK:
		c.OK++
	case event.OpRefused:
		c.Refused++
	default:
		c.Unknown++
	}
}
