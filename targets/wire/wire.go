// Package wire is the one HTTP client of all targets that are servers: the
// embedded one dials pipes with it, the container's and the remote's dial
// sockets. It carries bytes and faults, knows where messages go, and verifies
// nothing.
//
// [Public] is an election as every stranger sees it; [Managed] is one whose
// processes have management ports (protocols/manage) as well. Both are
// targets.Election with the abilities that their ports give.
//
// The server is the system under test and may be anything: every answer has a
// bound in bytes, every call one in time, and what is beyond them, or is no
// answer at all, is targets.ErrTarget, or an Unknown outcome where the request
// may have had an effect. Redirects are not followed, compressed answers are
// not unpacked, proxies and cookies are not known.
package wire

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// DialFunc opens a connection, as net.Dialer's DialContext does.
type DialFunc func(ctx context.Context, network, address string) (net.Conn, error)

// Port is where a server listens and the way there.
type Port struct {
	URL  string      // http://host:port, or https
	Dial DialFunc    // default: TCP
	TLS  *tls.Config // for https; default: the machine's roots
}

// Limits bound the calls of a client. Zero fields stand for the defaults.
type Limits struct {
	Request time.Duration // one request; default 30 s
	Poll    time.Duration // one long poll; default 60 s, to be above the server's
	Await   time.Duration // all the polls of one wait; default 5 min
	Stall   time.Duration // a ceremony without a new entry; default 30 s
	Bytes   int64         // entries and chunks of one call together; default 1 GiB
	Racers  int           // connections of one race; default 1,024
	// Pace, where not nil, is waited for before every request: a rate that
	// somebody set. Its error ends the request.
	Pace func(ctx context.Context) error
}

// pace waits until n requests may be sent.
func (l Limits) pace(ctx context.Context, n int) error {
	for range n {
		if l.Pace == nil {
			return nil
		}
		if err := l.Pace(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (l Limits) withDefaults() Limits {
	def := func(d *time.Duration, v time.Duration) {
		if *d == 0 {
			*d = v
		}
	}
	def(&l.Request, 30*time.Second)
	def(&l.Poll, time.Minute)
	def(&l.Await, 5*time.Minute)
	def(&l.Stall, 30*time.Second)
	if l.Bytes == 0 {
		l.Bytes = 1 << 30
	}
	if l.Racers == 0 {
		l.Racers = 1024
	}
	return l
}

// maxHeader bounds the header of an answer in bytes.
const maxHeader = 32 << 10

// parsed is a Port that was looked at.
type parsed struct {
	base    string // scheme and host
	address string // host:port
	secure  bool
	tls     *tls.Config
	dial    DialFunc
}

// parse refuses what is not the root of a server.
func (p Port) parse() (parsed, error) {
	u, err := url.Parse(p.URL)
	if err != nil {
		return parsed{}, fmt.Errorf("server: %w", err)
	}
	if (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" || u.User != nil {
		return parsed{}, fmt.Errorf("server %q: want http://host:port or https://host:port", p.URL)
	}
	out := parsed{base: u.Scheme + "://" + u.Host, secure: u.Scheme == "https", tls: p.TLS, dial: p.Dial}
	port := u.Port()
	if port == "" {
		port = map[bool]string{false: "80", true: "443"}[out.secure]
	}
	out.address = net.JoinHostPort(u.Hostname(), port)
	if out.dial == nil {
		out.dial = (&net.Dialer{Timeout: 10 * time.Second}).DialContext
	}
	if out.secure {
		out.tls = out.tls.Clone()
		if out.tls == nil {
			out.tls = &tls.Config{MinVersion: tls.VersionTLS12}
		}
		if out.tls.ServerName == "" {
			out.tls.ServerName = u.Hostname()
		}
		out.tls.NextProtos = []string{"http/1.1"}
	}
	return out, nil
}

// connect opens a connection for one request, through TLS where the port
// wants it.
func (p parsed) connect(ctx context.Context) (net.Conn, error) {
	c, err := p.dial(ctx, "tcp", p.address)
	if err != nil || !p.secure {
		return c, err
	}
	t := tls.Client(c, p.tls)
	if err := t.HandshakeContext(ctx); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return t, nil
}

// Transport is the way to a port for ordinary requests, with the bounds of
// this package on headers. The targets that run roles of their own in this
// process give it to them.
func (p Port) Transport() (*http.Transport, error) {
	at, err := p.parse()
	if err != nil {
		return nil, err
	}
	return at.transport(), nil
}

func (p parsed) transport() *http.Transport {
	return &http.Transport{
		DialContext:            p.dial,
		TLSClientConfig:        p.tls,
		TLSHandshakeTimeout:    10 * time.Second,
		DisableCompression:     true,
		MaxResponseHeaderBytes: maxHeader,
		MaxIdleConnsPerHost:    64,
		IdleConnTimeout:        30 * time.Second,
		WriteBufferSize:        16 << 10,
		ReadBufferSize:         16 << 10,
	}
}
