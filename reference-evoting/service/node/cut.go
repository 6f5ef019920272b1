package node

import (
	"net"
	"sync"
)

// cuttable is a listener whose connections can all be broken at once, as those
// to a machine without power are.
type cuttable struct {
	net.Listener
	mu    sync.Mutex
	off   bool
	conns map[*cutConn]bool
}

func newCuttable(l net.Listener) *cuttable { return &cuttable{Listener: l, conns: map[*cutConn]bool{}} }

// Accept implements net.Listener.
func (l *cuttable) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	k := &cutConn{Conn: c, of: l}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.off {
		_ = c.Close()
		return nil, net.ErrClosed
	}
	l.conns[k] = true
	return k, nil
}

// cut breaks them, and takes no more.
func (l *cuttable) cut() {
	_ = l.Listener.Close()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.off = true
	for k := range l.conns {
		_ = k.Conn.Close()
	}
	clear(l.conns)
}

type cutConn struct {
	net.Conn
	of *cuttable
}

// Close implements net.Conn.
func (k *cutConn) Close() error {
	k.of.mu.Lock()
	delete(k.of.conns, k)
	k.of.mu.Unlock()
	return k.Conn.Close()
}
