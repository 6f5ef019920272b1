package scrutineer

import (
	"errors"
	"testing"

	"scrutineer/protocols/message"
)

// Two boards with a common beginning: each head is the board's own, and only
// the one that witnesses saw is a head.
func TestFork(t *testing.T) {
	w := opened(t, Description{Contests: []message.Contest{Choose("c", 0, 1, false, "a", "b")}, Voters: voters("v", "u")})
	e, v := w.view.Election, w.voter("v")
	var common [][]byte
	for _, p := range w.parcels {
		common = append(common, p.Entry)
	}
	p, err := v.Prepare(Choices{"c": {"a"}})
	w.must(err)
	ticket, _, err := v.Cast(p, message.None)
	w.must(err)
	hers, err := w.authority.Cast(e, p.Ballot, *ticket.Decision)
	w.must(err)
	h1 := w.authority.Fork(w.manifest.Board.Origin, append(common, hers.Entry))
	w.vote(w.voter("u"), Choices{"c": {"b"}})
	h2 := w.authority.Checkpoint(w.view)
	for _, h := range [][]byte{h1, h2} {
		c, err := OpenBoardHead(&w.manifest, h)
		w.must(err)
		if c.Size != w.view.Size() {
			t.Errorf("a head of %d entries, want %d", c.Size, w.view.Size())
		}
		if _, err := OpenCheckpoint(&w.manifest, h); !errors.Is(err, ErrCheckpoint) {
			t.Errorf("without witnesses: %v", err)
		}
	}
	one, err := w.keys.Witnesses[0].Cosign(h1, noon)
	w.must(err)
	if _, err := OpenCheckpoint(&w.manifest, one); (err == nil) != (w.manifest.Quorum == 1) {
		t.Errorf("one witness: %v", err)
	}
	if c, err := OpenBoardHead(&w.manifest, one); err != nil || c.Root == w.view.Root() {
		t.Errorf("the evidence: %v", err)
	}
	if _, err := OpenBoardHead(&w.manifest, UnsignedHead(h1)); !errors.Is(err, ErrCheckpoint) {
		t.Errorf("an unsigned head: %v", err)
	}
}
