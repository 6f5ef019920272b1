package store

import (
	"context"
	"fmt"

	"scrutineer/reference-evoting/board"
)

// Log is what Resolve looks into.
type Log interface {
	board.EntryReader
	Size() uint64
}

// Resolve settles every unfinished decision by what the log holds: one that is
// there is finished with the receipt that answer makes for its index, one that is
// not is forgotten. It is for the start of the authority, before anything is
// appended, and reads the log from the oldest unfinished decision on.
func (s *Store) Resolve(ctx context.Context, log Log, answer func(d Decision, index uint64) ([]byte, error)) (finished, forgotten int, err error) {
	open, err := s.Unfinished(ctx)
	if err != nil || len(open) == 0 {
		return 0, 0, err
	}
	// A log that is shorter than it was has lost acknowledged entries: that is
	// not for this function to settle.
	size := log.Size()
	if last := open[len(open)-1].Since; last > size {
		return 0, 0, fmt.Errorf("the log has %d entries, had %d: %w", size, last, board.ErrOutOfRange)
	}
	at, err := find(ctx, log, open, size)
	if err != nil {
		return 0, 0, err
	}
	for _, d := range open {
		index, ok := at[d.Hash]
		err := s.Commit(ctx, func(tx *Tx) error {
			if !ok {
				return tx.Forget(d.Hash)
			}
			receipt, err := answer(d, index)
			if err != nil {
				return err
			}
			return tx.Finish(ctx, d.Hash, index, receipt)
		})
		if err != nil {
			return finished, forgotten, fmt.Errorf("resolving decision %x: %w", d.Hash[:8], err)
		}
		if ok {
			finished++
		} else {
			forgotten++
		}
	}
	return finished, forgotten, nil
}

// find maps the hash of each decision that is on the log to the index of its
// entry. No two decisions have one leaf: the entry contains the decision.
func find(ctx context.Context, log Log, open []Decision, size uint64) (map[[32]byte]uint64, error) {
	byLeaf := map[board.Hash]Decision{}
	for _, d := range open {
		byLeaf[d.Leaf] = d
	}
	at := map[[32]byte]uint64{}
	err := log.Entries(ctx, open[0].Since, size, func(i uint64, b []byte) error {
		if d, ok := byLeaf[board.LeafHash(b)]; ok && i >= d.Since {
			if _, seen := at[d.Hash]; !seen {
				at[d.Hash] = i
			}
		}
		return nil
	})
	return at, err
}
