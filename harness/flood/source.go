package flood

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"time"
)

// Source is a place from which requests come.
type Source interface {
	// Name is for people: an address, a container.
	Name() string
	// Dial connects to a host and port from there.
	Dial(ctx context.Context, address string) (net.Conn, error)
}

// Loopback is an address of this machine, 127.0.0.n.
type Loopback struct{ address netip.Addr }

var _ Source = Loopback{}

// NewLoopback is 127.0.0.n.
func NewLoopback(n byte) Loopback { return Loopback{netip.AddrFrom4([4]byte{127, 0, 0, n})} }

// Name implements Source.
func (l Loopback) Name() string { return l.address.String() }

// Dial implements Source.
func (l Loopback) Dial(ctx context.Context, address string) (net.Conn, error) {
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: l.address.AsSlice()}}
	return d.DialContext(ctx, "tcp", address)
}

// ErrNotOurs is an address that nobody allowed us to flood.
var ErrNotOurs = errors.New("this address is neither on this machine nor of this run")

// Allowed refuses a host and port that is neither on the loopback nor in one of
// the networks of this run, unless somebody said that it is his own.
func Allowed(address string, run []netip.Prefix, own bool) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("%w: %q is no address with a port", ErrNotOurs, address)
	}
	ip := at.Addr().Unmap()
	if own || ip.IsLoopback() || slices.ContainsFunc(run, func(p netip.Prefix) bool { return p.Contains(ip) }) {
		return nil
	}
	return fmt.Errorf("%w: %s (--i-own-this-target says that it is yours)", ErrNotOurs, address)
}

// Client sends requests from one source to one server.
type Client struct {
	base string
	http *http.Client
}

// NewClient is a client that keeps at most so many connections.
func NewClient(s Source, address string, connections int) *Client {
	return &Client{base: "http://" + address, http: &http.Client{
		Transport: &http.Transport{
			DialContext:            func(ctx context.Context, _, _ string) (net.Conn, error) { return s.Dial(ctx, address) },
			DisableCompression:     true,
			MaxConnsPerHost:        connections,
			MaxIdleConnsPerHost:    connections,
			MaxResponseHeaderBytes: 32 << 10,
			IdleConnTimeout:        10 * time.Second,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Close lets go of the connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Answer is what came back; Body is bounded.
type Answer struct {
	Status int
	After  time.Duration // Retry-After
	Body   []byte
}

// maxBody bounds what is read of an answer in bytes.
const maxBody = 64 << 10

// Ask sends a GET, or a POST of JSON where there is a body.
func (c *Client) Ask(ctx context.Context, path string, body []byte) (Answer, error) {
	method := http.MethodGet
	if body != nil {
		method = http.MethodPost
	}
	r, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(body))
	if err != nil {
		return Answer{}, err
	}
	if body == nil {
		r.Body, r.ContentLength = nil, 0
	} else {
		r.Header.Set("Content-Type", "application/json")
	}
	resp, err := c.http.Do(r)
	if err != nil {
		return Answer{}, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(io.LimitReader(resp.Body, maxBody))
	if err != nil {
		return Answer{}, err
	}
	a := Answer{Status: resp.StatusCode, Body: b}
	if n, err := strconv.ParseUint(resp.Header.Get("Retry-After"), 10, 16); err == nil {
		a.After = time.Duration(n) * time.Second
	}
	return a, nil
}
