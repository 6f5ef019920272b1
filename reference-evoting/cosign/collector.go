package cosign

import (
	"context"
	"fmt"
	"sync"

	"scrutineer/reference-evoting/board"
)

// Collector gathers the cosignatures of a board's head and publishes it when
// the quorum is reached. The keeper of the board runs one for each log.
//
// It offers the witnesses one head at a time and, once one of them has cosigned
// it, offers the next only when that one is published. Otherwise, on a busy board,
// each witness would cosign another size and no head would ever reach the quorum.
type Collector struct {
	quorum *Quorum
	log    Log

	mu        sync.Mutex
	offered   *Head             // the head that is out for cosigning; nil at first
	collected map[string]string // witness to its line on offered
	published bool              // whether offered has been published
	reached   uint64            // one more than the size of the head published last
	next      chan struct{}     // closed when offered is published
}

// Log is the log whose heads are collected for.
type Log interface {
	board.Heads
	// Checkpoint is what was published last.
	Checkpoint(ctx context.Context) ([]byte, error)
}

// NewCollector publishes the heads of log under quorum.
func NewCollector(log Log, quorum *Quorum) *Collector {
	return &Collector{quorum: quorum, log: log, next: make(chan struct{})}
}

// Pending is the head to cosign: the newest of the log when it was first asked
// for, and then the same until it is published.
func (c *Collector) Pending(ctx context.Context) ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.waiting() {
		return c.offered.Raw, nil
	}
	raw, err := c.log.Pending(ctx)
	if err != nil {
		return nil, err
	}
	return c.offer(ctx, raw)
}

// AwaitPending returns the head to cosign as soon as it covers at least size
// entries. A witness passes one more than the size that it has handed in, and 0
// at first. Who waits for more than is on offer gives to understand that it will
// not cosign that: the offer is replaced if nobody else has either.
func (c *Collector) AwaitPending(ctx context.Context, size uint64) ([]byte, error) {
	for {
		raw, err := c.Pending(ctx)
		if err != nil {
			return nil, err
		}
		h, err := board.PeekCheckpoint(raw)
		if err != nil {
			return nil, err
		}
		if h.Size >= size {
			return raw, nil
		}
		if err := c.awaitNext(ctx, h.Size, size); err != nil {
			return nil, err
		}
	}
}

// awaitNext waits until the head of size have may be replaced and the log has
// reached size want, and then replaces it.
func (c *Collector) awaitNext(ctx context.Context, have, want uint64) error {
	c.mu.Lock()
	next, cosigned := c.next, c.waiting() && c.offered.Size == have && len(c.collected) > 0
	c.mu.Unlock()
	if cosigned {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-next:
		}
	}
	raw, err := c.log.AwaitPending(ctx, want)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.waiting() && c.offered.Size == have && len(c.collected) == 0 {
		_, err = c.offer(ctx, raw)
	}
	return err
}

// waiting reports whether a head is out for cosigning; mu is held.
func (c *Collector) waiting() bool { return c.offered != nil && !c.published }

// offer makes raw the head to cosign; mu is held.
func (c *Collector) offer(ctx context.Context, raw []byte) ([]byte, error) {
	if c.offered != nil && string(c.offered.Raw) == string(raw) {
		return raw, nil // the log has not grown
	}
	cp, err := board.OpenPending(raw, c.quorum.board)
	if err != nil {
		return nil, err
	}
	if c.offered != nil && cp.Size < c.offered.Size {
		return nil, fmt.Errorf("%w: the log fell back from size %d to %d", board.ErrCheckpoint, c.offered.Size, cp.Size)
	}
	c.offered, c.published = &Head{Checkpoint: cp, Raw: raw}, false
	c.collected, c.next = map[string]string{}, make(chan struct{})
	// A board that starts again has a cosigned head already, and witnesses that
	// know it will not cosign it once more.
	if had, err := c.log.Checkpoint(ctx); err == nil {
		if h, err := board.PeekCheckpoint(had); err == nil && h.Size >= cp.Size {
			c.published, c.reached = true, h.Size+1
			close(c.next)
		}
	}
	return raw, nil
}

// Add takes a note as Signer.Cosign returns it: the head on offer with the
// board's line and lines of one or more witnesses. It reports whether that head or
// a later one is published. A cosignature that comes after its head was published
// or replaced changes nothing and is no error.
func (c *Collector) Add(ctx context.Context, note []byte) (published bool, err error) {
	h, err := c.quorum.open(note)
	if err != nil {
		return false, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.offered != nil && h.Size < c.offered.Size {
		return h.Size < c.reached, nil
	}
	if c.offered == nil || h.Checkpoint != c.offered.Checkpoint {
		return false, fmt.Errorf("%w: size %d is not the head on offer", ErrCosignature, h.Size)
	}
	if c.published {
		return true, nil
	}
	for i, line := range lines(note)[1:] {
		// The first cosignature of a witness stands: a later time must not
		// replace the one that others may have seen.
		if name := h.Cosignatures[i].Witness; c.collected[name] == "" {
			c.collected[name] = line
		}
	}
	if len(c.collected) < c.quorum.need {
		return false, nil
	}
	if err := c.log.Publish(ctx, c.assemble()); err != nil {
		return false, fmt.Errorf("publishing the head of size %d: %w", h.Size, err)
	}
	c.published, c.reached = true, h.Size+1
	close(c.next)
	return true, nil
}

// assemble writes the cosigned checkpoint: the board's line and then the
// witnesses' in the order of the quorum's list; mu is held.
func (c *Collector) assemble() []byte {
	out := append([]byte(nil), c.offered.Raw...)
	for _, w := range c.quorum.witnesses {
		out = append(out, c.collected[w.Name()]...)
	}
	return out
}
