package web

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync"
)

// conn is a connection on which net/http's own answers, to what it cannot
// read as a request, become problems: it writes them as plain text, and says
// nothing at all where a header does not come in time.
type conn struct {
	net.Conn
	closing sync.Once
	release func()
	watch   func(code string) // told of what no handler sees

	mu      sync.Mutex
	handled bool // a request is with its handler, or its answer on the way
	begun   bool // bytes have come that no handler has seen
}

// connKey finds the conn of a request.
type connKey struct{}

// withConn is http.Server.ConnContext.
func withConn(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, c)
}

// enter notes that a handler has the request: from now on what is written is
// ours.
func enter(ctx context.Context) {
	if c, ok := ctx.Value(connKey{}).(*conn); ok {
		c.mu.Lock()
		c.handled = true
		c.mu.Unlock()
	}
}

// idle notes that the answer is out and the next request may come.
func (c *conn) idle() {
	c.mu.Lock()
	c.handled, c.begun = false, false
	c.mu.Unlock()
}

// Read answers a header that stopped coming, and returns the error all the
// same.
func (c *conn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.mu.Lock()
	c.begun = c.begun || n > 0
	late := err != nil && errors.Is(err, os.ErrDeadlineExceeded) && c.begun && !c.handled
	c.mu.Unlock()
	if late {
		c.watch(CodeSlow)
		p := &Problem{Status: http.StatusRequestTimeout, Code: CodeSlow, Detail: "the header did not come in time"}
		_, _ = c.Conn.Write(p.raw())
	}
	return n, err
}

// Write replaces what net/http says by itself.
func (c *conn) Write(b []byte) (int, error) {
	c.mu.Lock()
	own := !c.handled
	c.mu.Unlock()
	if !own || !bytes.HasPrefix(b, []byte("HTTP/1.1 ")) {
		return c.Conn.Write(b)
	}
	p := unreadable(b)
	c.watch(p.Code)
	if _, err := c.Conn.Write(p.raw()); err != nil {
		return 0, err
	}
	return len(b), nil
}

// unreadable is the problem in place of net/http's answer.
func unreadable(answer []byte) *Problem {
	status := http.StatusBadRequest
	if len(answer) >= 12 {
		if n, err := strconv.Atoi(string(answer[9:12])); err == nil && n >= 400 && n < 600 {
			status = n
		}
	}
	p := &Problem{Status: status, Code: CodeBadRequest, Detail: "this is no HTTP request"}
	switch status {
	case http.StatusRequestHeaderFieldsTooLarge:
		p.Code, p.Detail = CodeHeader, "the header is too large"
	case http.StatusNotImplemented:
		p.Code, p.Detail = CodeEncoding, "this transfer encoding is not taken"
	case http.StatusExpectationFailed:
		p.Code, p.Detail = CodeExpectation, "the only expectation taken is 100-continue"
	case http.StatusHTTPVersionNotSupported:
		p.Code, p.Detail = CodeVersion, "HTTP/1.1 is spoken here"
	}
	return p
}

// CloseWrite lets net/http end a connection gently where it can be.
func (c *conn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// Close gives back the connection's place.
func (c *conn) Close() error {
	c.closing.Do(c.release)
	return c.Conn.Close()
}
