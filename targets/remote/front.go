package remote

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"sync"
	"time"

	"scrutineer/targets/wire"
)

// endTime is how long an election may take to end.
const endTime = time.Minute

// front stands between the target's own clients and its authority, so that a
// liar can: each client is told to go to an address of ours, by which it is
// known, and is passed on from there.
type front struct {
	server http.Server
	doors  map[string]net.Listener // by role
	serve  sync.WaitGroup
	ready  chan struct{} // closed when it is known where to pass on to
	ways   map[string]*httputil.ReverseProxy
	idle   func()
}

// whose is the key of a connection's role in its context.
type whose struct{}

// newFront listens for these roles. Requests wait until it is open.
func newFront(roles []string) (*front, error) {
	f := &front{doors: map[string]net.Listener{}, ready: make(chan struct{}), ways: map[string]*httputil.ReverseProxy{}, idle: func() {}}
	by := map[string]string{} // address to role
	f.server = http.Server{
		Handler: http.HandlerFunc(f.pass), ReadHeaderTimeout: 10 * time.Second, MaxHeaderBytes: 32 << 10,
		ErrorLog: log.New(io.Discard, "", 0),
		BaseContext: func(l net.Listener) context.Context {
			return context.WithValue(context.Background(), whose{}, by[l.Addr().String()])
		},
	}
	for _, role := range roles {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, errors.Join(err, f.close())
		}
		f.doors[role] = l
		by[l.Addr().String()] = role
	}
	for _, l := range f.doors {
		f.serve.Go(func() { _ = f.server.Serve(l) }) // it ends when it is closed
	}
	return f, nil
}

// urls say for each role where it is to go.
func (f *front) urls() map[string]string {
	out := map[string]string{}
	for role, l := range f.doors {
		out[role] = "http://" + l.Addr().String()
	}
	return out
}

// open passes on to an authority, past the interposer.
func (f *front) open(p wire.Port, liars *wire.Interposer) error {
	way, err := p.Transport()
	if err != nil {
		return err
	}
	to, err := url.Parse(p.URL)
	if err != nil {
		return err
	}
	f.idle = way.CloseIdleConnections
	for role := range f.doors {
		f.ways[role] = &httputil.ReverseProxy{
			Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(to) },
			Transport: liars.Way(role, way),
			ErrorLog:  f.server.ErrorLog,
			// A client sees a connection that broke, as it would without us.
			ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
		}
	}
	close(f.ready)
	return nil
}

func (f *front) pass(w http.ResponseWriter, r *http.Request) {
	select {
	case <-f.ready:
	case <-r.Context().Done():
		return
	}
	role, _ := r.Context().Value(whose{}).(string)
	f.ways[role].ServeHTTP(w, r)
}

func (f *front) close() error {
	err := f.server.Close()
	f.serve.Wait()
	for _, l := range f.doors {
		_ = l.Close() // those that were served are closed already
	}
	f.idle()
	return err
}
