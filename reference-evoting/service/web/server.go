package web

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"
)

// Limits bound what a server gives to its clients. Zero fields stand for the
// defaults, negative times and PerSource for no limit.
type Limits struct {
	Header      time.Duration  // for a request's header; default 10 s
	Read        time.Duration  // for a whole request; default 30 s
	Write       time.Duration  // for an answer; default 60 s
	Idle        time.Duration  // between requests; default 120 s
	HeaderBytes int            // default 16 KiB
	Connections int            // at a time; default 4,096
	PerSource   int            // of them from one source; default as many as there are
	Peers       []netip.Prefix // sources that PerSource is not for
}

// Strangers fills zero fields with what a server gives that anybody can reach:
// a header of 8 KiB in 5 s, a request in 10 s, 30 s between requests, 2,048
// connections, 64 from one source.
func (l Limits) Strangers() Limits {
	def := func(d *time.Duration, v time.Duration) {
		if *d == 0 {
			*d = v
		}
	}
	def(&l.Header, 5*time.Second)
	def(&l.Read, 10*time.Second)
	def(&l.Idle, 30*time.Second)
	for field, value := range map[*int]int{&l.HeaderBytes: 8 << 10, &l.Connections: 2048, &l.PerSource: 64} {
		if *field == 0 {
			*field = value
		}
	}
	return l.WithDefaults()
}

// Patient is the limits without those of time and of source, which is a
// weakness.
func (l Limits) Patient() Limits {
	l.Header, l.Read, l.Write, l.Idle, l.PerSource = -1, -1, -1, -1, -1
	return l
}

// WithDefaults fills zero fields.
func (l Limits) WithDefaults() Limits {
	def := func(d *time.Duration, v time.Duration) {
		if *d == 0 {
			*d = v
		}
	}
	def(&l.Header, 10*time.Second)
	def(&l.Read, 30*time.Second)
	def(&l.Write, 60*time.Second)
	def(&l.Idle, 2*time.Minute)
	if l.HeaderBytes == 0 {
		l.HeaderBytes = 16 << 10
	}
	if l.Connections == 0 {
		l.Connections = 4096
	}
	return l
}

// Watcher is a handler that wants to hear of requests that cannot be read and
// therefore never reach it.
type Watcher interface {
	Unreadable(code string)
}

// Server is an http.Server with bounds on everything, and with the connections
// of this package.
type Server struct {
	http   *http.Server
	limits Limits
	watch  func(code string)

	mu     sync.Mutex
	silent map[net.Conn]bool // connections that have not sent a byte
}

// NewServer serves handler, a Router or a stack on top of one.
func NewServer(handler http.Handler, limits Limits, logger *slog.Logger) *Server {
	s := &Server{limits: limits.WithDefaults(), silent: map[net.Conn]bool{}, watch: func(string) {}}
	if w, ok := handler.(Watcher); ok {
		s.watch = w.Unreadable
	}
	s.http = &http.Server{
		Handler:                      handler,
		ReadHeaderTimeout:            s.limits.Header,
		ReadTimeout:                  s.limits.Read,
		WriteTimeout:                 s.limits.Write,
		IdleTimeout:                  s.limits.Idle,
		MaxHeaderBytes:               s.limits.HeaderBytes,
		DisableGeneralOptionsHandler: true,
		ErrorLog:                     slog.NewLogLogger(logger.Handler(), slog.LevelDebug),
		ConnContext:                  withConn,
		ConnState:                    s.state,
	}
	return s
}

func (s *Server) state(c net.Conn, state http.ConnState) {
	s.mu.Lock()
	if state == http.StateNew {
		s.silent[c] = true
	} else {
		delete(s.silent, c)
	}
	s.mu.Unlock()
	if own, ok := c.(*conn); ok && state == http.StateIdle {
		own.idle()
	}
}

// Within ends the contexts of all requests when ctx ends. It is called before
// Serve.
func (s *Server) Within(ctx context.Context) *Server {
	s.http.BaseContext = func(net.Listener) context.Context { return ctx }
	return s
}

// Serve takes connections until Shutdown, and then returns nil.
func (s *Server) Serve(l net.Listener) error {
	err := s.http.Serve(newListener(l, s.limits, s.watch))
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// Shutdown takes no more connections and waits for the requests under way;
// when ctx ends first it cuts them off.
func (s *Server) Shutdown(ctx context.Context) error {
	done := make(chan error, 1)
	go func() { done <- s.http.Shutdown(ctx) }()
	// net/http gives a connection without a request five seconds to send one.
	s.mu.Lock()
	for c := range s.silent {
		c.Close()
	}
	s.mu.Unlock()
	if err := <-done; err != nil {
		return errors.Join(err, s.http.Close())
	}
	return nil
}
