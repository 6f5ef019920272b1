package node

import (
	"fmt"
	"net/http"
	"net/url"
	"sync/atomic"
)

// way is a role's way to the authority, which may lead through somebody else
// for a while.
type way struct {
	direct *http.Transport
	via    atomic.Pointer[url.URL]
}

// through leads the way through the server at a URL; directly where it is empty.
func (w *way) through(to string) error {
	if to == "" {
		w.via.Store(nil)
		return nil
	}
	u, err := url.Parse(to)
	if err != nil {
		return err
	}
	if u.Scheme != "https" || u.Host == "" {
		return fmt.Errorf("%.80q: want https://host:port", to)
	}
	w.via.Store(u)
	return nil
}

// RoundTrip implements http.RoundTripper.
func (w *way) RoundTrip(r *http.Request) (*http.Response, error) {
	if via := w.via.Load(); via != nil {
		r = r.Clone(r.Context())
		r.URL.Scheme, r.URL.Host, r.Host = via.Scheme, via.Host, ""
	}
	return w.direct.RoundTrip(r)
}

// CloseIdleConnections is what http.Client looks for.
func (w *way) CloseIdleConnections() { w.direct.CloseIdleConnections() }
