package roles

import "context"

// desk lets others act within a role's own goroutine, between its steps: a
// role is not safe for concurrent use, and its management port asks at any
// time.
type desk struct{ jobs chan job }

// job is what somebody wants done.
type job struct {
	f func()
	// acts says that f changes what the role has to do, so that its waiting
	// must be cut short.
	acts bool
}

func newDesk() desk { return desk{make(chan job)} }

// do runs f in the role's goroutine and waits for it; the role then looks
// again at what it has to do. When ctx ends first, f has not run or its
// outcome is not waited for.
func (d desk) do(ctx context.Context, f func()) error { return d.hand(ctx, job{f: f, acts: true}) }

// look is do for an f that changes nothing: the role goes on with its waiting.
// Many may look at a time, and again and again.
func (d desk) look(ctx context.Context, f func()) error { return d.hand(ctx, job{f: f}) }

func (d desk) hand(ctx context.Context, j job) error {
	done := make(chan struct{})
	f := j.f
	j.f = func() { defer close(done); f() }
	select {
	case d.jobs <- j:
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// during is for the role's goroutine: it waits within wait and serves those
// who come to the desk meanwhile. One who wants something done cuts the
// waiting short.
func (d desk) during(ctx context.Context, wait func(ctx context.Context) error) error {
	c, cancel := context.WithCancel(ctx)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- wait(c) }()
	for {
		select {
		case err := <-done:
			return err
		case j := <-d.jobs:
			if !j.acts {
				j.f()
				continue
			}
			cancel()
			err := <-done
			j.f()
			return err
		}
	}
}
