package crashtest

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/rfc6962"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/board"
	"scrutineer/reference-evoting/entry"
	"scrutineer/reference-evoting/service/client"
	"scrutineer/reference-evoting/service/roles"
	"scrutineer/reference-evoting/weakness"
)

// head is a tree that somebody was shown.
type head struct {
	size uint64
	root board.Hash
}

// heads keeps every head that the authority showed, cosigned or waiting to be.
type heads struct {
	mu   sync.Mutex
	seen map[head]bool
}

// follow asks for heads until ctx ends.
func (h *heads) follow(ctx context.Context, c *client.Client) error {
	reader := c.Reader()
	for pause(ctx, again) == nil {
		for _, ask := range []func(context.Context) ([]byte, error){reader.Checkpoint, reader.Pending} {
			raw, err := ask(ctx)
			if err != nil {
				continue // it is dead, or has none
			}
			c, err := board.PeekCheckpoint(raw)
			if err != nil {
				return fmt.Errorf("a head that nobody can read: %w", err)
			}
			h.mu.Lock()
			h.seen[head{c.Size, c.Root}] = true
			h.mu.Unlock()
		}
	}
	return ctx.Err()
}

// finished is a board that was read to its end.
type finished struct {
	roots   []board.Hash // by size
	places  map[message.Digest][]uint64
	trees   *compact.Range
	results []message.Result
}

func (f *finished) add(ctx context.Context, raw []byte, chunks entry.Chunks) error {
	index := uint64(len(f.roots) - 1)
	if err := f.trees.Append(rfc6962.DefaultHasher.HashLeaf(raw), nil); err != nil {
		return err
	}
	root, err := f.trees.GetRootHash(nil)
	if err != nil {
		return err
	}
	f.roots = append(f.roots, board.Hash(root))
	e, body, err := entry.Open(ctx, weakness.View{}, raw, chunks)
	if err != nil {
		return err
	}
	switch e.Type {
	case message.TypeCast:
		c, err := codec.Decode[message.Cast](body, codec.Limits{Size: message.MaxBody})
		if err != nil {
			return err
		}
		f.places[c.Decision.Tracker] = append(f.places[c.Decision.Tracker], index)
	case message.TypeResult:
		result, err := codec.Decode[message.Result](body, codec.Limits{Size: message.MaxBody})
		if err != nil {
			return err
		}
		f.results = append(f.results, result)
	}
	return nil
}

// audit holds the finished board to what the tester knows.
func (e *election) audit(ctx context.Context, r *Report) error {
	st, err := e.client.Status(ctx)
	if err != nil {
		return err
	}
	if _, err := e.client.Await(ctx, st.Size); err != nil {
		return fmt.Errorf("waiting for the last head: %w", err)
	}
	reader := e.client.Reader()
	factory := compact.RangeFactory{Hash: rfc6962.DefaultHasher.HashChildren}
	f := &finished{roots: []board.Hash{board.EmptyRoot()}, places: map[message.Digest][]uint64{}, trees: factory.NewEmptyRange(0)}
	if err := reader.Entries(ctx, 0, st.Size, func(_ uint64, raw []byte) error { return f.add(ctx, raw, reader) }); err != nil {
		return fmt.Errorf("reading the finished board: %w", err)
	}
	e.compareHeads(f, r)
	e.compareCasts(f, r)
	if e.cfg.Open {
		return nil
	}
	return e.verify(ctx, st.Fingerprint, r)
}

// compareHeads finds heads that the board does not extend.
func (e *election) compareHeads(f *finished, r *Report) {
	e.heads.mu.Lock()
	defer e.heads.mu.Unlock()
	for h := range e.heads.seen {
		r.Heads++
		if h.size >= uint64(len(f.roots)) || f.roots[h.size] != h.root {
			r.Forked++
		}
	}
}

// compareCasts looks for every ballot and adds up what must have been counted.
func (e *election) compareCasts(f *finished, r *Report) {
	for _, places := range f.places {
		if len(places) > 1 {
			r.Doubled += len(places) - 1
		}
	}
	totals := make([]uint64, len(options))
	known := 0
	for _, v := range e.voters {
		r.Faults = append(r.Faults, v.refused...)
		last, at := -1, uint64(0)
		for _, c := range v.acknowledged {
			r.Acknowledged++
			known++
			promised := c.prepared.Receipt().Index
			if !slices.Contains(f.places[c.prepared.Tracker], promised) {
				r.Lost++
				continue
			}
			r.OnBoard++
			if last < 0 || promised > at {
				last, at = c.choice, promised
			}
		}
		if v.lost != nil {
			r.Unknown++
			if places := f.places[v.lost.prepared.Tracker]; len(places) > 0 {
				r.Landed++
				known++
				last = v.lost.choice // it came after all others of its voter
			}
		}
		if last >= 0 {
			totals[last]++
		}
	}
	if onBoard := len(f.places); onBoard != known {
		r.Faults = append(r.Faults, fmt.Sprintf("%d ballots on the board, of which the voters know %d", onBoard, known))
	}
	if e.cfg.Open {
		return
	}
	if len(f.results) != 1 {
		r.Faults = append(r.Faults, fmt.Sprintf("%d results on the board", len(f.results)))
		return
	}
	got := f.results[0].Contests[0].Totals
	for _, n := range got {
		r.Counted += int(n)
	}
	if !slices.Equal(got, totals) {
		r.Faults = append(r.Faults, fmt.Sprintf("the result is %v, the voters' last ballots are %v", got, totals))
	}
}

// verify runs the system's own verifier over the record, and asks again for
// the answers that were given before the crashes.
func (e *election) verify(ctx context.Context, fingerprint message.Digest, r *Report) error {
	x, err := e.client.Export(ctx)
	if err != nil {
		return err
	}
	record, _, err := x.Memory()
	if err != nil {
		return err
	}
	verdict, err := roles.Audit(ctx, record, fingerprint, weakness.Set{})
	if err != nil {
		return err
	}
	for _, found := range verdict.Findings {
		r.Faults = append(r.Faults, fmt.Sprintf("the verifier: %s: %s", found.Check, found.Detail))
	}
	for _, v := range e.voters {
		if len(v.acknowledged) == 0 {
			continue
		}
		if err := e.sameAnswer(ctx, v.acknowledged[len(v.acknowledged)-1], r); err != nil {
			return err
		}
	}
	return nil
}

// sameAnswer asks for a decision's answer again.
func (e *election) sameAnswer(ctx context.Context, c cast, r *Report) error {
	answer, err := e.client.Cast(ctx, c.decision)
	if err != nil {
		return fmt.Errorf("asking again after the result: %w", err)
	}
	if !bytes.Equal(answer, c.receipt) {
		r.Faults = append(r.Faults, fmt.Sprintf("ballot %s: another answer than before the crashes", c.prepared.Tracker))
	}
	return nil
}
