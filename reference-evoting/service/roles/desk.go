package roles

import "context"

// desk lets others act within a role's own goroutine, between its steps: a
// role is not safe for concurrent use, and its management port asks at any
// time.
type desk struct{ jobs chan func() }

func newDesk() desk { return desk{make(chan func())} }

// do runs f in the role's goroutine and waits for it. When ctx ends first, f
// has not run or its outcome is not waited for.
func (d desk) do(ctx context.Context, f func()) error {
	done := make(chan struct{})
	select {
	case d.jobs <- func() { defer close(done); f() }:
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

// during is for the role's goroutine: it waits within wait, and when somebody
// comes to the desk meanwhile it cuts the waiting short and serves him.
func (d desk) during(ctx context.Context, wait func(ctx context.Context) error) error {
	c, cancel := context.WithCancel(ctx)
	defer cancel()
	done := make(chan error, 1)
	go func() { done <- wait(c) }()
	select {
	case err := <-done:
		return err
	case job := <-d.jobs:
		cancel()
		err := <-done
		job()
		return err
	}
}
