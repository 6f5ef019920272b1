package verify

import (
	"bytes"
	"context"
	"fmt"
	"runtime/debug"

	"golang.org/x/sync/errgroup"
)

// pipeline has workers examine entries in batches and folds the results in
// the order of the board.
type pipeline struct {
	reader  *reader
	fold    *fold
	workers int
	keep    int
}

// The size of a batch: so many entries or bytes. An entry whose body lies in
// chunks is a batch of its own, because it may be large.
const (
	batchEntries = 64
	batchBytes   = 1 << 20
)

type batch struct {
	raws  []raw
	items []*item
	tally tally
	done  chan struct{}
}

func (p *pipeline) run(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	work := make(chan *batch)
	ordered := make(chan *batch, p.workers+1) // bounds what is in memory
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

// produce cuts the entries into batches.
func (p *pipeline) produce(ctx context.Context, work, ordered chan<- *batch) error {
	send := func(b *batch) error {
		for _, to := range []chan<- *batch{ordered, work} {
			select {
			case to <- b:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	}
	b, size := p.batch(), 0
	for {
		r, ok := p.reader.next()
		if !ok {
			break
		}
		large := bytes.HasPrefix(r.data, []byte(`{"chunks":`))
		if len(b.raws) > 0 && (large || len(b.raws) == batchEntries || size+len(r.data) > batchBytes) {
			if err := send(b); err != nil {
				return err
			}
			b, size = p.batch(), 0
		}
		b.raws = append(b.raws, r)
		size += len(r.data)
		if large {
			size = batchBytes
		}
	}
	if p.reader.err != nil {
		return p.reader.err
	}
	return send(b)
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
			b.items[i] = nil
			if err := p.fold.entry(it); err != nil {
				return err
			}
		}
	}
	return nil
}
