package wire

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"
	"time"
	"unicode"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/targets"
)

// Media types of the interface.
const (
	typeJSON    = "application/json"
	typeProblem = "application/problem+json"
	typeNote    = "text/plain; charset=utf-8"
)

// maxAnswer bounds small answers in bytes: receipts, refusals, problems.
const maxAnswer = 64 << 10

// client talks to one port. It is safe for concurrent use.
type client struct {
	at     parsed
	http   *http.Client
	limits Limits
}

// newClient sends through wrap's transport, where wrap is not nil.
func newClient(p Port, limits Limits, wrap func(http.RoundTripper) http.RoundTripper) (*client, error) {
	at, err := p.parse()
	if err != nil {
		return nil, err
	}
	var way http.RoundTripper = at.transport()
	if wrap != nil {
		way = wrap(way)
	}
	return &client{at: at, limits: limits, http: &http.Client{
		Transport:     way,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

func (c *client) close() { c.http.CloseIdleConnections() }

// request is one to be sent. It is a GET unless it has a body or is a post;
// its body is JSON unless it says otherwise.
type request struct {
	path      string // with query
	post      bool
	body      []byte
	mediaType string
	forwarded string        // whose it is, as a proxy would say
	limit     int64         // of the answer's body; default maxAnswer
	timeout   time.Duration // default the client's
}

func (q request) method() string {
	if q.post || q.body != nil {
		return http.MethodPost
	}
	return http.MethodGet
}

// answer is what came back, whole and within its bound.
type answer struct {
	status int
	media  string // without parameters
	header string // the media type as it was sent
	body   []byte
}

// do sends a request and reads the whole answer. Its errors are ErrTarget,
// or of ctx where that ended.
func (c *client) do(ctx context.Context, q request) (answer, error) {
	if q.timeout == 0 {
		q.timeout = c.limits.Request
	}
	if q.limit == 0 {
		q.limit = maxAnswer
	}
	if err := c.limits.pace(ctx, 1); err != nil {
		return answer{}, fmt.Errorf("%s: %w", cutQuery(q.path), err)
	}
	life, cancel := context.WithTimeout(ctx, q.timeout)
	defer cancel()
	a, err := c.exchange(life, q)
	switch {
	case err == nil:
		return a, nil
	case ctx.Err() != nil:
		return answer{}, fmt.Errorf("%s: %w", cutQuery(q.path), ctx.Err())
	}
	return answer{}, fmt.Errorf("%w: %s: %s", targets.ErrTarget, cutQuery(q.path), printable(err.Error()))
}

// errTooLong is an answer beyond its bound.
var errTooLong = errors.New("the answer is too long")

func (c *client) exchange(ctx context.Context, q request) (answer, error) {
	var body io.Reader
	if len(q.body) > 0 {
		body = bytes.NewReader(q.body)
	}
	r, err := http.NewRequestWithContext(ctx, q.method(), c.at.base+q.path, body)
	if err != nil {
		return answer{}, err
	}
	if body != nil {
		r.Header.Set("Content-Type", q.media())
	}
	if q.forwarded != "" {
		r.Header.Set("X-Forwarded-User", q.forwarded)
	}
	resp, err := c.http.Do(r)
	if err != nil {
		return answer{}, err
	}
	return readAnswer(resp, q.limit)
}

func (q request) media() string {
	if q.mediaType == "" {
		return typeJSON
	}
	return q.mediaType
}

// foreseen bounds how much memory an announced length is given in advance.
const foreseen = 1 << 20

// readAnswer reads a response to its end, or not at all where it announces
// more than limit, and closes it.
func readAnswer(resp *http.Response, limit int64) (answer, error) {
	defer resp.Body.Close()
	if resp.StatusCode == http.StatusSwitchingProtocols {
		// Its body is the connection, and no context ends that.
		return answer{}, errors.New("the server wants to speak another protocol")
	}
	if resp.ContentLength > limit {
		return answer{}, fmt.Errorf("%w: %d bytes are announced, %d allowed", errTooLong, resp.ContentLength, limit)
	}
	var b bytes.Buffer
	if n := min(resp.ContentLength, foreseen); n > 0 {
		b.Grow(int(n) + bytes.MinRead)
	}
	if _, err := b.ReadFrom(io.LimitReader(resp.Body, limit+1)); err != nil {
		return answer{}, err
	}
	if int64(b.Len()) > limit {
		return answer{}, fmt.Errorf("%w: above %d bytes", errTooLong, limit)
	}
	a := answer{status: resp.StatusCode, header: resp.Header.Get("Content-Type"), body: b.Bytes()}
	a.media, _, _ = mime.ParseMediaType(a.header)
	return a, nil
}

// problem is the problem of an answer, if it is one.
func (a answer) problem() (message.Problem, bool) {
	if a.media != typeProblem {
		return message.Problem{}, false
	}
	p, err := codec.Decode[message.Problem](a.body, codec.Limits{Size: maxAnswer})
	return p, err == nil
}

// unexpected says that an answer is not what was asked for.
func (a answer) unexpected(path string) error {
	if p, ok := a.problem(); ok {
		return &problemError{path: cutQuery(path), status: a.status, code: printable(p.Code), detail: printable(p.Detail)}
	}
	return fmt.Errorf("%w: %s: status %d, %s", targets.ErrTarget, cutQuery(path), a.status, printable(a.media))
}

// problemError is a problem where an answer was wanted.
type problemError struct {
	path         string
	status       int
	code, detail string
}

func (e *problemError) Error() string {
	return fmt.Sprintf("%s: %d %s: %s", e.path, e.status, e.code, e.detail)
}

// Unwrap is ErrTarget: the request was none that a sound server refuses.
func (e *problemError) Unwrap() error { return targets.ErrTarget }

// ask reads strict JSON with a GET, or sends in and reads what is answered.
func ask[T any](ctx context.Context, c *client, q request, in any) (T, error) {
	var zero T
	if in != nil {
		var err error
		if q.body, err = codec.Encode(in); err != nil {
			return zero, fmt.Errorf("%s: %w", q.path, err)
		}
	}
	a, err := c.do(ctx, q)
	if err != nil {
		return zero, err
	}
	if a.status < 200 || a.status > 299 || a.media != typeJSON {
		return zero, a.unexpected(q.path)
	}
	out, err := codec.Decode[T](a.body, codec.Limits{Size: int(max(q.limit, maxAnswer))})
	if err != nil {
		return zero, fmt.Errorf("%w: %s: %s", targets.ErrTarget, cutQuery(q.path), printable(err.Error()))
	}
	return out, nil
}

// tell posts without wanting to know more than that it was done.
func (c *client) tell(ctx context.Context, path string, in any) error {
	q := request{path: path, post: true}
	if in != nil {
		var err error
		if q.body, err = codec.Encode(in); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	a, err := c.do(ctx, q)
	if err == nil && (a.status < 200 || a.status > 299) {
		err = a.unexpected(path)
	}
	return err
}

func cutQuery(path string) string {
	path, _, _ = strings.Cut(path, "?")
	return path
}

// maxText bounds what is passed on of a target's own words, in bytes.
const maxText = 512

// printable makes text from a target harmless: bounded, and without what acts
// on a terminal, turns the direction of a line or cannot be seen.
func printable(s string) string {
	if len(s) > maxText {
		s = s[:maxText]
	}
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || r == unicode.ReplacementChar {
			return '.'
		}
		return r
	}, s)
}
