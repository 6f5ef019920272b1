package embedded

import (
	"context"
	"errors"
	"net"
	"sync"

	"scrutineer/reference-evoting/service/web"
)

// door is a way to a server that may be away for a while: who knocks then waits
// until it is back. What passes through can be cut.
type door struct {
	mu      sync.Mutex
	pipe    *web.Pipe     // nil while the server is away
	changed chan struct{} // closed when pipe is another
	shutUp  bool
	conns   map[*kept]bool
}

func newDoor() *door { return &door{changed: make(chan struct{}), conns: map[*kept]bool{}} }

// open lets a server listen.
func (d *door) open() net.Listener {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.pipe = web.NewPipe()
	d.turn()
	return d.pipe
}

// cut takes the server away and breaks every connection to it.
func (d *door) cut() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.pipe != nil {
		d.pipe.Close()
		d.pipe = nil
	}
	for k := range d.conns {
		k.Conn.Close()
	}
	clear(d.conns)
	d.turn()
}

// shut is for good.
func (d *door) shut() {
	d.cut()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.shutUp = true
	d.turn()
}

// turn wakes who waits; mu is held.
func (d *door) turn() {
	close(d.changed)
	d.changed = make(chan struct{})
}

// DialContext connects to whoever serves.
func (d *door) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	for {
		d.mu.Lock()
		pipe, changed, shut := d.pipe, d.changed, d.shutUp
		d.mu.Unlock()
		if shut {
			return nil, net.ErrClosed
		}
		if pipe != nil {
			c, err := pipe.DialContext(ctx, network, address)
			if err == nil {
				if k := d.keep(c, pipe); k != nil {
					return k, nil
				}
				continue // cut at this moment
			}
			if !errors.Is(err, net.ErrClosed) {
				return nil, err
			}
			if d.is(pipe) {
				return nil, err // it does not listen any more and nobody cut it
			}
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (d *door) is(pipe *web.Pipe) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.pipe == pipe
}

// keep remembers a connection for as long as it is open; nil where its server
// has gone meanwhile.
func (d *door) keep(c net.Conn, through *web.Pipe) *kept {
	k := &kept{Conn: c, door: d}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.pipe != through {
		c.Close()
		return nil
	}
	d.conns[k] = true
	return k
}

type kept struct {
	net.Conn
	door *door
}

// Close implements net.Conn.
func (k *kept) Close() error {
	k.door.mu.Lock()
	defer k.door.mu.Unlock()
	delete(k.door.conns, k)
	return k.Conn.Close()
}
