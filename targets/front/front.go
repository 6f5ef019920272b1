// Package front is the place between a target's own clients and its authority
// where a liar of the harness can stand: each client is told to go to an
// address of ours, by which it is known, and is passed on from there. Targets
// whose roles run in other processes use it.
package front

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

// Front listens for roles, each at an address of its own.
type Front struct {
	server http.Server
	doors  map[string]net.Listener // by role
	serve  sync.WaitGroup
	ready  chan struct{} // closed when it is known where to pass on to
	ways   map[string]*httputil.ReverseProxy
	idle   func()
}

// whose is the key of a connection's role in its context.
type whose struct{}

// New listens for these roles, where listen says. Requests wait until it is
// open.
func New(roles []string, listen func(role string) (net.Listener, error)) (*Front, error) {
	f := &Front{doors: map[string]net.Listener{}, ready: make(chan struct{}), ways: map[string]*httputil.ReverseProxy{}, idle: func() {}}
	by := map[string]string{} // address to role
	f.server = http.Server{
		Handler: http.HandlerFunc(f.pass), ReadHeaderTimeout: 10 * time.Second, MaxHeaderBytes: 32 << 10,
		ErrorLog: log.New(io.Discard, "", 0),
		BaseContext: func(l net.Listener) context.Context {
			return context.WithValue(context.Background(), whose{}, by[l.Addr().String()])
		},
	}
	for _, role := range roles {
		l, err := listen(role)
		if err != nil {
			return nil, errors.Join(err, f.Close())
		}
		f.doors[role] = l
		by[l.Addr().String()] = role
	}
	for _, l := range f.doors {
		f.serve.Go(func() { _ = f.server.Serve(l) }) // it ends when it is closed
	}
	return f, nil
}

// URLs say for each role where it is to go, with this scheme.
func (f *Front) URLs(scheme string) map[string]string {
	out := map[string]string{}
	for role, l := range f.doors {
		out[role] = scheme + "://" + l.Addr().String()
	}
	return out
}

// Open passes on to an authority, past the interposer.
func (f *Front) Open(p wire.Port, liars *wire.Interposer) error {
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

func (f *Front) pass(w http.ResponseWriter, r *http.Request) {
	select {
	case <-f.ready:
	case <-r.Context().Done():
		return
	}
	role, _ := r.Context().Value(whose{}).(string)
	f.ways[role].ServeHTTP(w, r)
}

// Close lets go of everybody.
func (f *Front) Close() error {
	err := f.server.Close()
	f.serve.Wait()
	for _, l := range f.doors {
		_ = l.Close() // those that were served are closed already
	}
	f.idle()
	return err
}
