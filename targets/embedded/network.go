package embedded

import (
	"errors"
	"net"
	"net/netip"
	"sync"

	"scrutineer/reference-evoting/service/api"
	"scrutineer/targets"
)

// network is the loopback, beside the pipe by which the election's own roles
// come. It outlives an authority that loses its power.
type network struct {
	listener net.Listener
	conns    chan net.Conn
	done     chan struct{}
	once     sync.Once
	wg       sync.WaitGroup
}

func newNetwork() (*network, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	n := &network{listener: l, conns: make(chan net.Conn), done: make(chan struct{})}
	n.wg.Go(n.accept)
	return n, nil
}

func (n *network) accept() {
	for {
		c, err := n.listener.Accept()
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				return
			}
			continue
		}
		select {
		case n.conns <- c:
		case <-n.done:
			c.Close()
		}
	}
}

func (n *network) close() {
	n.once.Do(func() { close(n.done) })
	n.listener.Close()
	n.wg.Wait()
}

// beside is a listener that takes what comes by the network as well; that of a
// nil network is the pipe.
func (n *network) beside(pipe net.Listener) net.Listener {
	if n == nil {
		return pipe
	}
	b := &both{Listener: pipe, network: n, piped: make(chan net.Conn), ended: make(chan struct{})}
	go b.pipe()
	return b
}

// both takes connections of a pipe and of the network.
type both struct {
	net.Listener
	network *network
	piped   chan net.Conn
	ended   chan struct{} // closed when the pipe is
	err     error
}

func (b *both) pipe() {
	defer close(b.ended)
	for {
		c, err := b.Listener.Accept()
		if err != nil {
			b.err = err
			return
		}
		select {
		case b.piped <- c:
		case <-b.network.done:
			c.Close()
		}
	}
}

// Accept implements net.Listener.
func (b *both) Accept() (net.Conn, error) {
	select {
	case c := <-b.piped:
		return c, nil
	case c := <-b.network.conns:
		return c, nil
	case <-b.ended:
		return nil, b.err
	}
}

// limits are those of the field where the definition asks for it: everybody who
// comes by the pipe is one of the election's own roles.
func (s *stage) limits() api.Limits {
	field := s.plan.definition.Field
	if field == nil {
		return *s.cfg.Server
	}
	l := api.Limits{}
	l.Admission.Peers, l.Admission.CPU = []netip.Prefix{{}}, field.CPU
	return l
}

var _ targets.Networked = (*election)(nil)

// Address implements targets.Networked.
func (e *election) Address() string {
	if e.machine.network == nil {
		return ""
	}
	return e.machine.network.listener.Addr().String()
}
