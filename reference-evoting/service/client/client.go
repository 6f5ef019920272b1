// Package client is how the reference's own roles reach the authority over
// HTTP: the board as a board.Reader that believes nothing, the ways in for
// entries, ballots and cosignatures, and the management ports of other roles.
//
// Every answer is read within a bound and a time. Nothing is retried here:
// who waits for the board asks again, who casts learns that the outcome is
// unknown.
package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/record"
	"scrutineer/reference-evoting/board/tiles"
	"scrutineer/reference-evoting/service/web"
)

// Bounds of answers in bytes.
const (
	maxFile   = record.MaxBundle
	maxAnswer = 1 << 20
)

// Config says where the server is and how to get there.
type Config struct {
	URL       string            // http://host:port or https://host:port
	Transport http.RoundTripper // http.DefaultTransport where nil
	Timeout   time.Duration     // of a request; default 30 s
	Poll      time.Duration     // of a long poll; default 60 s, above the server's
}

// Client talks to one server. It is safe for concurrent use.
type Client struct {
	base    string
	http    *http.Client
	timeout time.Duration
	poll    time.Duration
	reader  *tiles.Reader
}

var (
	_ tiles.Source  = (*Client)(nil)
	_ tiles.Awaiter = (*Client)(nil)
)

// ErrAnswer is wrapped for answers that are not what the interface promises.
var ErrAnswer = errors.New("unexpected answer")

// Problem is an error that the server answered.
type Problem struct {
	Status int
	Code   string
	Detail string
}

func (p *Problem) Error() string { return fmt.Sprintf("%d %s: %s", p.Status, p.Code, p.Detail) }

// New makes a client; it connects to nobody yet.
func New(cfg Config) (*Client, error) {
	u, err := url.Parse(cfg.URL)
	if err != nil {
		return nil, fmt.Errorf("server: %w", err)
	}
	if (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.User != nil {
		return nil, fmt.Errorf("server %q: want http://host:port or https://host:port", cfg.URL)
	}
	c := &Client{base: u.Scheme + "://" + u.Host, timeout: cfg.Timeout, poll: cfg.Poll}
	if c.timeout == 0 {
		c.timeout = 30 * time.Second
	}
	if c.poll == 0 {
		c.poll = time.Minute
	}
	c.http = &http.Client{
		Transport:     cfg.Transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	c.reader = tiles.NewReader(c, time.Second)
	return c, nil
}

// Reader is the board. What it returns is as untrusted as the server.
func (c *Client) Reader() *tiles.Reader { return c.reader }

// Close lets go of idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// Call sends in, strict JSON unless nil, and decodes the answer into out
// unless that is nil. It is for management ports and small questions.
func Call[T any](ctx context.Context, c *Client, method, path string, in any) (T, error) {
	var out T
	var body []byte
	if in != nil {
		var err error
		if body, err = codec.Encode(in); err != nil {
			return out, fmt.Errorf("encode request: %w", err)
		}
	}
	a, err := c.do(ctx, request{method: method, path: path, body: body, limit: maxFile})
	if err != nil {
		return out, err
	}
	return decode[T](a)
}

// Send is Call where there is no answer but that it was done.
func Send(ctx context.Context, c *Client, path string, in any) error {
	var body []byte
	if in != nil {
		var err error
		if body, err = codec.Encode(in); err != nil {
			return fmt.Errorf("encode request: %w", err)
		}
	}
	_, err := c.do(ctx, request{method: http.MethodPost, path: path, body: body, limit: maxAnswer})
	return err
}

func decode[T any](a answer) (T, error) {
	out, err := codec.Decode[T](a.body, codec.Limits{Size: maxFile})
	if err != nil {
		return out, fmt.Errorf("%w: %w", ErrAnswer, err)
	}
	return out, nil
}

// request is one to be sent. Its body is JSON unless it says otherwise.
type request struct {
	method, path string
	body         []byte
	mediaType    string
	answer       string // to a puzzle
	limit        int64
	timeout      time.Duration
}

type answer struct {
	status    int
	puzzle    string
	mediaType string
	body      []byte
}

// foreseen bounds how much of an answer is believed to come because it is announced.
const foreseen = 1 << 20

// readAll reads at most limit bytes, into one piece of memory where their number
// is announced.
func readAll(resp *http.Response, limit int64) ([]byte, error) {
	var b bytes.Buffer
	if n := min(resp.ContentLength, limit, foreseen); n > 0 {
		b.Grow(int(n) + bytes.MinRead)
	}
	_, err := b.ReadFrom(io.LimitReader(resp.Body, limit))
	return b.Bytes(), err
}

// do sends a request and reads the whole answer. A problem becomes an error;
// every other answer is returned, whatever its status.
func (c *Client) do(ctx context.Context, q request) (answer, error) {
	if q.timeout == 0 {
		q.timeout = c.timeout
	}
	ctx, cancel := context.WithTimeout(ctx, q.timeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, q.method, c.base+q.path, bytes.NewReader(q.body))
	if err != nil {
		return answer{}, fmt.Errorf("%s: %w", q.path, err)
	}
	if len(q.body) > 0 {
		if q.mediaType == "" {
			q.mediaType = "application/json"
		}
		r.Header.Set("Content-Type", q.mediaType)
	} else {
		r.Body, r.ContentLength = nil, 0
	}
	if q.answer != "" {
		r.Header.Set(web.HeaderAnswer, q.answer)
	}
	resp, err := c.http.Do(r)
	if err != nil {
		return answer{}, fmt.Errorf("%s: %w", q.path, err)
	}
	defer resp.Body.Close()
	b, err := readAll(resp, q.limit+1)
	if err != nil {
		return answer{}, fmt.Errorf("%s: %w", q.path, err)
	}
	if int64(len(b)) > q.limit {
		return answer{}, fmt.Errorf("%s: %w: above %d bytes", q.path, ErrAnswer, q.limit)
	}
	a := answer{status: resp.StatusCode, body: b, puzzle: resp.Header.Get(web.HeaderPuzzle)}
	a.mediaType, _, _ = mime.ParseMediaType(resp.Header.Get("Content-Type"))
	return a, a.problem(q.path)
}

// problem is nil for an answer that is none.
func (a answer) problem(path string) error {
	if a.mediaType == "application/problem+json" {
		p, err := codec.Decode[message.Problem](a.body, codec.Limits{Size: 1 << 14})
		if err != nil {
			return fmt.Errorf("%s: %w: %w", path, ErrAnswer, err)
		}
		return &Problem{Status: a.status, Code: p.Code, Detail: p.Detail}
	}
	if a.status == http.StatusConflict && a.mediaType == "application/json" {
		return nil // a signed refusal
	}
	if a.status < 200 || a.status > 299 {
		return fmt.Errorf("%s: %w: status %d without a problem", path, ErrAnswer, a.status)
	}
	return nil
}
