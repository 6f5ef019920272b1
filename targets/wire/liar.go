package wire

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"

	"scrutineer/protocols/message"
	"scrutineer/protocols/record"
	"scrutineer/targets"
)

// maxPassed bounds what a liar is shown of a request or an answer, in bytes.
const maxPassed = max(record.MaxBundle, message.MaxBody+message.MaxEntry+64)

// Interposer is the place between the clients of one election and its server
// where a liar may stand. The zero value lets everything pass.
type Interposer struct {
	liar atomic.Pointer[targets.Liar]
}

// Set puts a liar there, or with nil takes him away. Requests under way are
// not called back.
func (i *Interposer) Set(f targets.Liar) {
	if f == nil {
		i.liar.Store(nil)
		return
	}
	i.liar.Store(&f)
}

func (i *Interposer) get() targets.Liar {
	if f := i.liar.Load(); f != nil {
		return *f
	}
	return nil
}

// Between is the way of a stranger to the server past the interposer.
func (i *Interposer) Between(server http.RoundTripper) http.RoundTripper { return i.Way("", server) }

// Way is Between for somebody whom the server knows.
func (i *Interposer) Way(from string, server http.RoundTripper) http.RoundTripper {
	return &between{from: from, interposer: i, server: server}
}

type between struct {
	from       string
	interposer *Interposer
	server     http.RoundTripper
}

// CloseIdleConnections is what http.Client looks for.
func (b *between) CloseIdleConnections() {
	if c, ok := b.server.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

// RoundTrip implements http.RoundTripper.
func (b *between) RoundTrip(r *http.Request) (*http.Response, error) {
	liar := b.interposer.get()
	if liar == nil {
		return b.server.RoundTrip(r)
	}
	var body []byte
	if r.Body != nil {
		var err error
		body, err = io.ReadAll(io.LimitReader(r.Body, maxPassed+1))
		if err = errors.Join(err, r.Body.Close()); err != nil {
			return nil, err
		}
		if len(body) > maxPassed {
			return nil, errTooLong
		}
	}
	next := func(ctx context.Context, q targets.Request) (targets.Response, error) { return b.pass(ctx, r, q) }
	told, err := liar(r.Context(), targets.Request{From: b.from, Method: r.Method, Path: r.URL.RequestURI(), Body: body}, next)
	if err != nil {
		return nil, fmt.Errorf("between client and server: %w", err)
	}
	if told.Status < 200 || told.Status > 599 {
		return nil, fmt.Errorf("between client and server: status %d", told.Status)
	}
	return toResponse(r, told), nil
}

// pass sends a request of the liar to the server that r was meant for.
func (b *between) pass(ctx context.Context, r *http.Request, q targets.Request) (targets.Response, error) {
	if !strings.HasPrefix(q.Path, "/") {
		return targets.Response{}, fmt.Errorf("path %q does not begin with a slash", q.Path)
	}
	var body io.Reader
	if len(q.Body) > 0 {
		body = bytes.NewReader(q.Body)
	}
	out, err := http.NewRequestWithContext(ctx, q.Method, r.URL.Scheme+"://"+r.URL.Host+q.Path, body)
	if err != nil {
		return targets.Response{}, err
	}
	if body != nil {
		out.Header.Set("Content-Type", mediaFor(q.Path))
	}
	resp, err := b.server.RoundTrip(out)
	if err != nil {
		return targets.Response{}, err
	}
	a, err := readAnswer(resp, maxPassed)
	return targets.Response{Status: a.status, ContentType: a.header, Body: a.body}, err
}

// mediaFor is the media type that a path takes.
func mediaFor(path string) string {
	if cutQuery(path) == "/v1/cosignatures" {
		return typeNote
	}
	return typeJSON
}

func toResponse(r *http.Request, t targets.Response) *http.Response {
	h := http.Header{}
	if t.ContentType != "" {
		h.Set("Content-Type", t.ContentType)
	}
	return &http.Response{
		Status: http.StatusText(t.Status), StatusCode: t.Status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: h, Body: io.NopCloser(bytes.NewReader(t.Body)), ContentLength: int64(len(t.Body)), Request: r,
	}
}
