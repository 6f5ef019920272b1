package embedded

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"scrutineer/targets"
)

// crew is everybody who works in one election. Who leaves because of an error
// is remembered.
type crew struct {
	// Clients leave before the server does, so that it has nobody to wait for.
	clients, server watch
}

// watch is a group that ends together.
type watch struct {
	ctx  context.Context
	stop context.CancelCauseFunc
	wg   sync.WaitGroup

	mu   sync.Mutex
	errs []error
}

// newCrew outlives the call that it is made in.
func newCrew(ctx context.Context) *crew {
	c := &crew{}
	for _, w := range []*watch{&c.clients, &c.server} {
		w.ctx, w.stop = context.WithCancelCause(context.WithoutCancel(ctx))
	}
	return c
}

// start runs one of them until he is told to leave.
func (w *watch) start(role string, run func(ctx context.Context) error) {
	w.wg.Go(func() {
		err := run(w.ctx)
		if err == nil && w.ctx.Err() == nil {
			err = errors.New("it left")
		}
		if err == nil {
			return
		}
		err = fmt.Errorf("%w: %s: %w", targets.ErrTarget, role, err)
		w.mu.Lock()
		w.errs = append(w.errs, err)
		w.mu.Unlock()
		w.stop(err)
	})
}

func (w *watch) failure() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return errors.Join(w.errs...)
}

// failure is why somebody left who should not have.
func (c *crew) failure() error { return errors.Join(c.server.failure(), c.clients.failure()) }

// within is ctx that ends as well when somebody leaves.
func (c *crew) within(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	one, two := context.AfterFunc(c.clients.ctx, cancel), context.AfterFunc(c.server.ctx, cancel)
	return ctx, func() { one(); two(); cancel() }
}

// leave sends everybody home and waits.
func (c *crew) leave() error {
	for _, w := range []*watch{&c.clients, &c.server} {
		w.stop(nil)
		w.wg.Wait()
	}
	return c.failure()
}
