package web

import (
	"net"
	"net/netip"
	"slices"
	"sync"
)

// Source is where an address belongs: itself, or of IPv6 its first 64 bits.
// What has none, a pipe, is one source, whose prefix is not valid.
func Source(remote string) netip.Prefix {
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		return netip.Prefix{}
	}
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return netip.Prefix{}
	}
	addr = addr.Unmap().WithZone("")
	bits := 32
	if addr.Is6() {
		bits = 64
	}
	p, err := addr.Prefix(bits)
	if err != nil {
		return netip.Prefix{}
	}
	return p
}

// listener makes conns, so many at a time and so many of each source.
type listener struct {
	net.Listener
	places chan struct{}
	most   int // of one source; 0 or less is as many as there are places
	peers  []netip.Prefix
	watch  func(code string)
	done   chan struct{}
	once   sync.Once

	mu      sync.Mutex
	sources map[netip.Prefix]int
}

func newListener(l net.Listener, limits Limits, watch func(code string)) *listener {
	return &listener{
		Listener: l, places: make(chan struct{}, limits.Connections), most: limits.PerSource, peers: limits.Peers, watch: watch,
		done: make(chan struct{}), sources: map[netip.Prefix]int{},
	}
}

// Accept implements net.Listener. Without a free place nobody is accepted; a
// source that has all of its own is hung up on, so that it does not hold up
// the others.
func (l *listener) Accept() (net.Conn, error) {
	select {
	case l.places <- struct{}{}:
	case <-l.done:
		return nil, net.ErrClosed
	}
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			<-l.places
			return nil, err
		}
		source := Source(c.RemoteAddr().String())
		if l.enter(source) {
			return &conn{Conn: c, release: func() { l.leave(source) }, watch: l.watch}, nil
		}
		l.watch(CodeCrowded)
		c.Close()
	}
}

func (l *listener) enter(source netip.Prefix) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.most > 0 && source.IsValid() && l.sources[source] >= l.most && !l.peer(source) {
		return false
	}
	l.sources[source]++
	return true
}

// peer says that a source is one of the operator's own.
func (l *listener) peer(source netip.Prefix) bool {
	return slices.ContainsFunc(l.peers, func(p netip.Prefix) bool {
		return p.IsValid() && p.Bits() <= source.Bits() && p.Contains(source.Addr())
	})
}

func (l *listener) leave(source netip.Prefix) {
	l.mu.Lock()
	if l.sources[source]--; l.sources[source] == 0 {
		delete(l.sources, source)
	}
	l.mu.Unlock()
	<-l.places
}

// Close implements net.Listener.
func (l *listener) Close() error {
	l.once.Do(func() { close(l.done) })
	return l.Listener.Close()
}
