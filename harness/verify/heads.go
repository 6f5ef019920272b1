package verify

import (
	"scrutineer/harness/verify/head"
	"scrutineer/protocols/message"
	"scrutineer/protocols/record"
)

// headCheck holds the checkpoints against manifest and tree (V-02..V-04,
// V-34).
type headCheck struct {
	l     *ledger
	m     *message.Manifest
	heads map[record.Moment]*head.Head
	times map[record.Moment]uint64 // medians of those in order
	sound map[record.Moment]bool   // V-02 holds
}

// moments are the earlier checkpoints in order.
func earlier() []record.Moment { return []record.Moment{record.Opened, record.Closed, record.Sealed} }

// signatures makes V-02 for the checkpoints that the record must have.
func (h *headCheck) signatures(moments []record.Moment) {
	keys := keysOf(h.m)
	h.times, h.sound = map[record.Moment]uint64{}, map[record.Moment]bool{}
	for _, m := range moments {
		path := record.CheckpointPath(m)
		c := h.heads[m]
		if c == nil {
			if m != record.Final && !h.l.failed(Heads) && !h.l.failed(Files) {
				h.l.add(found(Files, "%s: %s", path, record.ErrNotFound).file(path))
			}
			continue
		}
		h.l.see(Heads, 1)
		times, problems := c.Check(keys)
		for _, p := range problems {
			h.l.add(found(Heads, "%s: %s", path, p.Detail).file(path))
		}
		h.sound[m] = len(problems) == 0
		if h.sound[m] {
			h.times[m] = head.Median(times)
		}
	}
}

// tree holds the final checkpoint against the root of all entries (V-03).
func (h *headCheck) tree(size uint64, root [32]byte) {
	c := h.heads[record.Final]
	if c == nil {
		h.l.block("there is no final checkpoint", Tree)
		return
	}
	if c.Size != size || c.Root != root {
		h.l.add(found(Tree, "the final checkpoint is not of these entries").file(record.CheckpointPath(record.Final)).
			sides("root = MTH(entries)", c.Root, root).counts(size, c.Size))
	}
}

// prefixes makes V-04. covers are the entries that the checkpoints must
// cover; roots the tree's at their sizes.
func (h *headCheck) prefixes(size uint64, roots map[uint64][32]byte, covers map[record.Moment]uint64) {
	before := uint64(0)
	for _, m := range earlier() {
		c := h.heads[m]
		if c == nil {
			continue
		}
		h.l.see(Prefixes, 1)
		path := record.CheckpointPath(m)
		// The board has signed two heads that do not fit: only then is it to
		// blame, and only where the tree is the final one's.
		fail := func(f *Finding) {
			if h.sound[m] && h.sound[record.Final] && !h.l.failed(Tree) {
				f.blame(board)
			}
			h.l.add(f.file(path))
		}
		switch root := roots[c.Size]; {
		case c.Size > size:
			fail(found(Prefixes, "%s is larger than the final checkpoint", path).counts(size, c.Size))
		case c.Root != root:
			fail(found(Prefixes, "%s is of another history", path).sides("root = MTH(entries 0..size-1)", c.Root, root))
		case c.Size <= covers[m]:
			fail(found(Prefixes, "%s does not cover entry %d", path, covers[m]).entry(covers[m]).counts(covers[m]+1, c.Size))
		case c.Size < before:
			fail(found(Prefixes, "%s is smaller than the one before it", path).counts(before, c.Size))
		}
		before = max(before, c.Size)
	}
}

// clock makes V-34.
func (h *headCheck) clock() {
	var before uint64
	for _, m := range append(earlier(), record.Final) {
		t, ok := h.times[m]
		if !ok {
			continue
		}
		h.l.see(Times, 1)
		if t < before {
			h.late(m, "not before the checkpoint before it", before, t)
		}
		before = max(before, t)
	}
	opens, closes, extended := ^uint64(0), uint64(0), uint64(0)
	for _, c := range h.m.Channels {
		opens = min(opens, c.Opens)
		closes = max(closes, c.Closes)
		extended = max(extended, c.Closes+c.MaxExtension)
	}
	poll := h.m.PollInterval
	if t, ok := h.times[record.Opened]; ok && t+poll < opens {
		h.late(record.Opened, "not before the first channel opens", opens, t)
	}
	if t, ok := h.times[record.Closed]; ok && t+poll < closes && !h.m.Test {
		h.late(record.Closed, "not before the last channel closes", closes, t)
	}
	if t, ok := h.times[record.Closed]; ok && t > extended+poll {
		h.late(record.Closed, "not after the last channel closes", extended, t)
	}
}

func (h *headCheck) late(m record.Moment, what string, want, got uint64) {
	path := record.CheckpointPath(m)
	h.l.add(found(Times, "%s: median time of the cosignatures is %d, must be %s (%d)", path, got, what, want).
		file(path).counts(want, got).blame(board))
}
