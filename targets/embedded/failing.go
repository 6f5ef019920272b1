package embedded

import (
	"context"
	"errors"
	"net"
	"sync"
	"syscall"

	"scrutineer/targets"
)

// failing is a way to a server that fails those who take it.
type failing struct {
	dial func(ctx context.Context, network, address string) (net.Conn, error)

	mu      sync.Mutex
	how     targets.Failure
	changed chan struct{} // closed when how is another
	conns   map[net.Conn]bool
	writes  int
}

// nth is the request in so many that breaks.
const nth = 20

var errBroken = errors.New("the connection broke")

func newFailing(dial func(ctx context.Context, network, address string) (net.Conn, error)) *failing {
	return &failing{dial: dial, changed: make(chan struct{}), conns: map[net.Conn]bool{}}
}

// Fail implements targets.Dependent.
func (e *election) Fail(_ context.Context, how targets.Failure) error {
	if e.failing == nil {
		return targets.ErrUnable
	}
	e.failing.turn(how)
	return nil
}

// turn changes how it fails. Connections that stand are cut.
func (f *failing) turn(how targets.Failure) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.how = how
	close(f.changed)
	f.changed = make(chan struct{})
	for c := range f.conns {
		c.Close()
	}
	clear(f.conns)
}

// DialContext connects, if it does.
func (f *failing) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	for {
		f.mu.Lock()
		how, changed := f.how, f.changed
		f.mu.Unlock()
		switch how {
		case targets.Refuses:
			return nil, &net.OpError{Op: "dial", Net: network, Err: syscall.ECONNREFUSED}
		case targets.Hangs:
			select {
			case <-changed:
				continue
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		case targets.Garbage:
			return babble(), nil
		}
		c, err := f.dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		f.mu.Lock()
		k := &brittle{Conn: c, way: f}
		if f.how == how {
			f.conns[c] = true
			f.mu.Unlock()
			return k, nil
		}
		f.mu.Unlock()
		c.Close()
	}
}

// babble is a connection to somebody who speaks no HTTP.
func babble() net.Conn {
	ours, theirs := net.Pipe()
	go func() {
		defer theirs.Close()
		if _, err := theirs.Read(make([]byte, 4096)); err == nil {
			_, _ = theirs.Write([]byte("\x16\x03\x01 what?\r\n\r\n"))
		}
	}()
	return ours
}

// brittle is a connection on which one write in so many breaks.
type brittle struct {
	net.Conn
	way *failing
}

// Write implements net.Conn.
func (b *brittle) Write(p []byte) (int, error) {
	b.way.mu.Lock()
	b.way.writes++
	broken := b.way.how == targets.Errors && b.way.writes%nth == 0
	b.way.mu.Unlock()
	if broken {
		b.Close()
		return 0, errBroken
	}
	return b.Conn.Write(p)
}

// Close implements net.Conn.
func (b *brittle) Close() error {
	b.way.mu.Lock()
	delete(b.way.conns, b.Conn)
	b.way.mu.Unlock()
	return b.Conn.Close()
}
