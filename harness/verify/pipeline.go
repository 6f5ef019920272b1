package verify

import (
	"bytes"
	"context"
	"fmt"
	"runtime/debug"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"
)

// pipeline has workers examine entries in batches and folds the results in
// the order of the board.
type pipeline struct {
	reader  *reader
	fold    *fold
	workers int
	keep    int
	room    *semaphore.Weighted // bytes that may still be read before some are folded
}

// The size of a batch: so many entries or bytes. Of all that is read and not
// yet folded there is at most flightBytes for each worker, whatever the size
// of a bundle, so that memory does not depend on how far the reader is ahead.
const (
	batchEntries = 64
	batchBytes   = 1 << 16
	flightBytes  = 4 * batchBytes
)

type batch struct {
	raws   []raw
	items  []*item
	weight int64 // of the room
	tally  tally
	done   chan struct{}
}

func (p *pipeline) run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	work := make(chan *batch)
	ordered := make(chan *batch, 4*p.workers+1) // never fuller than the room allows
	p.room = semaphore.NewWeighted(int64(p.workers) * flightBytes)
	group.Go(func() error {
		defer close(work)
		defer close(ordered)
		return p.produce(ctx, work, ordered)
	})
	for range p.workers {
		group.Go(func() error { return p.examine(ctx, work) })
	}
	group.Go(func() error { return p.consume(ctx, ordered) })
	return group.Wait()
}

// produce cuts the entries into batches. An entry whose body lies in chunks is
// a batch of its own that takes all the room, because it may be large.
func (p *pipeline) produce(ctx context.Context, work, ordered chan<- *batch) error {
	b, size := p.batch(), 0
	for {
		r, ok := p.reader.next()
		if !ok {
			break
		}
		large := bytes.HasPrefix(r.data, []byte(`{"chunks":`))
		if len(b.raws) > 0 && (large || len(b.raws) == batchEntries || size+len(r.data) > batchBytes) {
			if err := p.send(ctx, b, size, work, ordered); err != nil {
				return err
			}
			b, size = p.batch(), 0
		}
		r.data = bytes.Clone(r.data) // so that the bundle can go
		b.raws = append(b.raws, r)
		size += len(r.data)
		if large {
			size = p.workers * flightBytes
		}
	}
	if p.reader.err != nil {
		return p.reader.err
	}
	return p.send(ctx, b, size, work, ordered)
}

// send waits for room and hands a batch on.
func (p *pipeline) send(ctx context.Context, b *batch, size int, work, ordered chan<- *batch) error {
	b.weight = int64(min(size, p.workers*flightBytes))
	if err := p.room.Acquire(ctx, b.weight); err != nil {
		return err
	}
	for _, to := range []chan<- *batch{ordered, work} {
		select {
		case to <- b:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

func (p *pipeline) batch() *batch {
	return &batch{tally: tally{keep: p.keep}, done: make(chan struct{})}
}

// examine is one worker.
func (p *pipeline) examine(ctx context.Context, work <-chan *batch) (err error) {
	defer func() {
		if x := recover(); x != nil {
			err = fmt.Errorf("%w: %v\n%s", ErrInternal, x, debug.Stack())
		}
	}()
	for b := range work {
		for _, r := range b.raws {
			if err := ctx.Err(); err != nil {
				return err
			}
			it, err := p.fold.examine(r, &b.tally)
			if err != nil {
				return err
			}
			b.items = append(b.items, it)
		}
		close(b.done)
	}
	return nil
}

// consume folds the batches in order.
func (p *pipeline) consume(ctx context.Context, ordered <-chan *batch) (err error) {
	defer func() {
		if x := recover(); x != nil {
			err = fmt.Errorf("%w: %v\n%s", ErrInternal, x, debug.Stack())
		}
	}()
	for b := range ordered {
		select {
		case <-b.done:
		case <-ctx.Done():
			return ctx.Err()
		}
		p.fold.l.merge(&b.tally)
		for i, it := range b.items {
			b.items[i], b.raws[i] = nil, raw{}
			if err := p.fold.entry(it); err != nil {
				return err
			}
		}
		p.room.Release(b.weight)
	}
	return nil
}
