package web_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/service/web"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// serve runs routes behind a pipe.
func serve(t *testing.T, logger *slog.Logger, limits web.Limits, routes ...web.Route) (*http.Client, *web.Pipe, *web.Server) {
	t.Helper()
	pipe := web.NewPipe()
	server := web.NewServer(web.NewRouter(routes, nil, logger, time.Second), limits, logger)
	done := make(chan error, 1)
	go func() { done <- server.Serve(pipe) }()
	transport := &http.Transport{DialContext: pipe.DialContext}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := errors.Join(server.Shutdown(ctx), <-done); err != nil {
			t.Error(err)
		}
	})
	return &http.Client{Transport: transport}, pipe, server
}

func ask(t *testing.T, c *http.Client, path string) (int, message.Problem) {
	t.Helper()
	resp, err := c.Get("http://pipe" + path)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	p, _ := codec.Decode[message.Problem](b, codec.Limits{})
	return resp.StatusCode, p
}

func get(path string, h func(http.ResponseWriter, *http.Request) error) web.Route {
	return web.Route{Method: http.MethodGet, Path: path, Handle: h}
}

// What goes wrong inside is logged in full and told in general.
func TestOurOwnFaultsAreNotTold(t *testing.T) {
	var log bytes.Buffer
	c, _, _ := serve(t, slog.New(slog.NewTextHandler(&log, nil)), web.Limits{},
		get("/panic", func(http.ResponseWriter, *http.Request) error { panic("the secret is 42") }),
		get("/error", func(http.ResponseWriter, *http.Request) error { return errors.New("the secret is 43") }),
		get("/late", func(_ http.ResponseWriter, r *http.Request) error { <-r.Context().Done(); return r.Context().Err() }),
		get("/fine", func(w http.ResponseWriter, _ *http.Request) error { w.WriteHeader(204); return nil }),
	)
	for path, want := range map[string]struct {
		status int
		code   string
	}{
		"/panic": {500, web.CodeInternal}, "/error": {500, web.CodeInternal}, "/late": {504, web.CodeUnknown}, "/fine": {204, ""},
	} {
		status, p := ask(t, c, path)
		if status != want.status || p.Code != want.code || strings.Contains(p.Detail, "secret") {
			t.Errorf("%s: %d %+v", path, status, p)
		}
	}
	for _, want := range []string{"secret is 42", "secret is 43", "web_test.go"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log does not say %q:\n%s", want, log.String())
		}
	}
}

// An answer that breaks off must not be taken for whole.
func TestBrokenAnswerEndsTheConnection(t *testing.T) {
	c, _, _ := serve(t, slog.New(slog.DiscardHandler), web.Limits{},
		get("/half", func(w http.ResponseWriter, _ *http.Request) error {
			_, _ = w.Write(make([]byte, 1<<16))
			return errors.New("the disk is gone")
		}))
	resp, err := c.Get("http://pipe/half")
	if err != nil {
		return
	}
	defer resp.Body.Close()
	if _, err := io.ReadAll(resp.Body); err == nil {
		t.Error("the whole answer came")
	}
}

// Who is answered knows how much is to come.
func TestAnswersAnnounceTheirLength(t *testing.T) {
	c, _, _ := serve(t, slog.New(slog.DiscardHandler), web.Limits{},
		get("/long", func(w http.ResponseWriter, _ *http.Request) error {
			return web.ReplyBytes(w, 200, web.TypeBytes, make([]byte, 1<<16))
		}))
	resp, err := c.Get("http://pipe/long")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if b, err := io.ReadAll(resp.Body); err != nil || resp.ContentLength != 1<<16 || len(b) != 1<<16 {
		t.Errorf("%d bytes of %d: %v", len(b), resp.ContentLength, err)
	}
}

func TestRoutes(t *testing.T) {
	name := func(name string, values ...string) web.Route {
		return get(name, func(w http.ResponseWriter, r *http.Request) error {
			out := name
			for _, v := range values {
				out += " " + r.PathValue(v)
			}
			return web.Reply(w, 200, message.Health{Status: out})
		})
	}
	c, _, _ := serve(t, slog.New(slog.DiscardHandler), web.Limits{}, name("/a"), name("/a/{x}", "x"), name("/a/b/{y...}", "y"))
	for path, want := range map[string]string{
		"/a": "/a", "/a/b": "/a/{x} b", "/a/b/c": "/a/b/{y...} c", "/a/b/c/d": "/a/b/{y...} c/d", "/": "", "/a/c/d": "", "/b": "", "/a/": "",
	} {
		resp, err := c.Get("http://pipe" + path)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		h, bad := codec.Decode[message.Health](b, codec.Limits{})
		if err != nil || h.Status != want || (bad == nil) != (want != "") {
			t.Errorf("%s: %d %s, want %q", path, resp.StatusCode, b, want)
		}
	}
}

// Who has all places makes others wait, and gives them free when he goes.
func TestConnectionsHaveALimit(t *testing.T) {
	c, pipe, _ := serve(t, slog.New(slog.DiscardHandler), web.Limits{Connections: 1},
		get("/a", func(w http.ResponseWriter, _ *http.Request) error { w.WriteHeader(204); return nil }))
	first, err := pipe.DialContext(t.Context(), "", "")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	// The pipe accepts one more into the listener's hands, and then none.
	second, err := pipe.DialContext(ctx, "", "")
	if err == nil {
		defer second.Close()
		if _, err := pipe.DialContext(ctx, "", ""); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("third connection: %v", err)
		}
		second.Close()
	}
	first.Close()
	if status, _ := ask(t, c, "/a"); status != 204 {
		t.Errorf("status %d", status)
	}
}

// A connection without a request does not hold up the end.
func TestSilentConnectionsDoNotHoldUpTheEnd(t *testing.T) {
	_, pipe, server := serve(t, slog.New(slog.DiscardHandler), web.Limits{}, get("/a", nil))
	conn, err := pipe.DialContext(t.Context(), "", "")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		t.Error(err)
	}
	if _, err := pipe.DialContext(ctx, "", ""); !errors.Is(err, net.ErrClosed) {
		t.Errorf("dialling a closed pipe: %v", err)
	}
}

// A source that has all its connections is hung up on, and does not hold up
// others; when one of its own ends it may come again.
func TestConnectionsOfASourceHaveALimit(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := web.NewServer(web.NewRouter([]web.Route{
		get("/a", func(w http.ResponseWriter, _ *http.Request) error { w.WriteHeader(204); return nil }),
	}, nil, slog.New(slog.DiscardHandler), time.Second), web.Limits{PerSource: 2}, slog.New(slog.DiscardHandler))
	done := make(chan error, 1)
	go func() { done <- server.Serve(l) }()
	from := func(address string) *http.Client {
		d := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(address)}}
		c := &http.Client{Transport: &http.Transport{DialContext: d.DialContext}}
		t.Cleanup(c.CloseIdleConnections)
		return c
	}
	ok := func(c *http.Client) error {
		resp, err := c.Get("http://" + l.Addr().String() + "/a")
		if err == nil {
			err = resp.Body.Close()
		}
		return err
	}
	one, two, three, other := from("127.0.0.1"), from("127.0.0.1"), from("127.0.0.1"), from("127.0.0.2")
	if err := errors.Join(ok(one), ok(two)); err != nil {
		t.Fatal(err)
	}
	if ok(three) == nil {
		t.Error("a third connection of the source is served")
	}
	// Elsewhere the loopback has one address.
	if err := ok(other); err != nil && runtime.GOOS == "linux" {
		t.Errorf("another source: %v", err)
	}
	one.CloseIdleConnections()
	for ok(three) != nil { // until the server has noticed
		if t.Context().Err() != nil {
			t.Fatal("the place of a connection that ended is not given back")
		}
	}
	for _, c := range []*http.Client{two, three, other} {
		c.CloseIdleConnections()
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := errors.Join(server.Shutdown(ctx), <-done); err != nil {
		t.Error(err)
	}
}
