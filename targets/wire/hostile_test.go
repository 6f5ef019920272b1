package wire_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"scrutineer/targets"
	"scrutineer/targets/wire"
)

// quick are limits that end what never ends within a test's patience.
var quick = wire.Limits{Request: 200 * time.Millisecond, Poll: 200 * time.Millisecond, Await: 400 * time.Millisecond, Bytes: 1 << 20}

// raw serves connections by hand; what f does with one is up to it.
func raw(t *testing.T, f func(c net.Conn)) wire.Port {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() { l.Close(); <-done })
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				_ = c.SetDeadline(time.Now().Add(20 * time.Second))
				f(c)
			}()
		}
	}()
	return wire.Port{URL: "http://" + l.Addr().String()}
}

// afterRequest answers each request of a connection with what write writes.
func afterRequest(write func(w io.Writer) error) func(net.Conn) {
	return func(c net.Conn) {
		r := bufio.NewReader(c)
		for {
			q, err := http.ReadRequest(r)
			if err != nil {
				return
			}
			if _, err := io.Copy(io.Discard, q.Body); err != nil {
				return
			}
			if write(c) != nil {
				return
			}
		}
	}
}

func says(text string) func(net.Conn) {
	return afterRequest(func(w io.Writer) error { _, err := io.WriteString(w, text); return err })
}

func forever(head, text string, every time.Duration) func(net.Conn) {
	return afterRequest(func(w io.Writer) error {
		if _, err := io.WriteString(w, head); err != nil {
			return err
		}
		for {
			if _, err := io.WriteString(w, text); err != nil {
				return err
			}
			if every > 0 {
				time.Sleep(every) // the server under test is slow
			}
		}
	})
}

func response(status int, media, body string) string {
	return fmt.Sprintf("HTTP/1.1 %d X\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s", status, media, len(body), body)
}

// hostile servers, by what they do.
func hostile() map[string]func(net.Conn) {
	ok := "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
	return map[string]func(net.Conn){
		"hangs up":                  func(net.Conn) {},
		"hangs up after a request":  afterRequest(func(io.Writer) error { return io.EOF }),
		"says nothing":              func(c net.Conn) { _, _ = io.Copy(io.Discard, c) },
		"never reads":               func(c net.Conn) { time.Sleep(2 * time.Second) },
		"is no HTTP server":         says("220 mail.example ESMTP\r\n"),
		"is binary":                 says("\x00\xff\x16\x03\x01"),
		"endless header line":       forever(ok, "x", 0),
		"endless header":            forever(ok, "X-More: more\r\n", 0),
		"endless interim answers":   forever("", "HTTP/1.1 100 Continue\r\n\r\n", 0),
		"endless hints":             forever("", "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n", 0),
		"endless body":              forever(ok+"\r\n", strings.Repeat("x", 1<<12), 0),
		"endless chunks":            forever(ok+"Transfer-Encoding: chunked\r\n\r\n", "4\r\nnull\r\n", 0),
		"endless chunk extension":   forever(ok+"Transfer-Encoding: chunked\r\n\r\n4;", "x", 0),
		"endless trailer":           forever(ok+"Transfer-Encoding: chunked\r\n\r\n0\r\n", "X-More: more\r\n", 0),
		"a byte at a time":          forever(ok+"Content-Length: 1000\r\n\r\n", "x", 20*time.Millisecond),
		"a header byte at a time":   forever("", "H", 20*time.Millisecond),
		"announces too much":        says(ok + "Content-Length: 999999999999\r\n\r\n"),
		"announces nonsense":        says(ok + "Content-Length: -1\r\n\r\n"),
		"announces twice":           says(ok + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx"),
		"breaks off":                afterRequest(func(w io.Writer) error { _, _ = io.WriteString(w, ok+"Content-Length: 100\r\n\r\n{"); return io.EOF }),
		"another kind of answer":    says(response(200, "text/html", "<html>hello</html>")),
		"null":                      says(response(200, "application/json", "null")),
		"a list":                    says(response(200, "application/json", "[]")),
		"not canonical":             says(response(200, "application/json", `{"size" : 1}`)),
		"deep":                      says(response(200, "application/json", strings.Repeat("[", 30000)+strings.Repeat("]", 30000))),
		"numbers without end":       says(response(200, "application/json", `{"size":`+strings.Repeat("9", 60000)+`}`)),
		"redirects":                 says("HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"),
		"asks for a password":       says("HTTP/1.1 401 X\r\nWWW-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n"),
		"switches protocols":        says("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n"),
		"compresses":                says("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8b\x08\x00"),
		"status 999":                says(response(999, "application/json", "{}")),
		"an error without problem":  says(response(500, "text/plain", "oops")),
		"a problem that is none":    says(response(400, "application/problem+json", "{}")),
		"acts on the terminal":      says(response(500, "application/problem+json", `{"code":"\u001b[2J","detail":"\u001b]0;owned\u0007","status":500,"title":"t","type":"t"}`)),
		"nothing to see":            says("HTTP/1.1 204 No Content\r\n\r\n"),
		"a head that is none":       says(response(200, "text/plain; charset=utf-8", "origin\nmany\nroot\n")),
		"a head of all the entries": says(response(200, "text/plain; charset=utf-8", "origin\n1099511627776\nroot\n")),
		"a head of even more":       says(response(200, "text/plain; charset=utf-8", "origin\n18446744073709551615\nroot\n")),
	}
}

// calls are all calls of an election, by name. Each returns whether the target
// was found out: an error, or an outcome that is unknown.
func calls() map[string]func(ctx context.Context, e *wire.Managed) (unknown bool, err error) {
	type f = func(ctx context.Context, e *wire.Managed) (bool, error)
	only := func(call func(ctx context.Context, e *wire.Managed) error) f {
		return func(ctx context.Context, e *wire.Managed) (bool, error) { return false, call(ctx, e) }
	}
	outcome := func(a targets.Answer, err error) (bool, error) { return a.Outcome == targets.Unknown, err }
	return map[string]f{
		"Info":    only(func(ctx context.Context, e *wire.Managed) error { _, err := e.Info(ctx); return err }),
		"Await":   only(func(ctx context.Context, e *wire.Managed) error { _, err := e.Await(ctx, 1<<41); return err }),
		"Entries": only(func(ctx context.Context, e *wire.Managed) error { _, err := e.Entries(ctx, 0, 3); return err }),
		"Record":  only(func(ctx context.Context, e *wire.Managed) error { _, err := e.Record(ctx); return err }),
		"Opened":  only(func(ctx context.Context, e *wire.Managed) error { return e.Opened(ctx) }),
		"Follow":  only(func(ctx context.Context, e *wire.Managed) error { _, err := e.Follow(ctx, 1); return err }),
		"Witness": only(func(ctx context.Context, e *wire.Managed) error { _, err := e.WitnessHead(ctx, "w"); return err }),
		"Keys":    only(func(ctx context.Context, e *wire.Managed) error { _, err := e.Keys(ctx, "board"); return err }),
		"Credential": only(func(ctx context.Context, e *wire.Managed) error {
			_, err := e.Credential(ctx, "v")
			return err
		}),
		"Voter": only(func(ctx context.Context, e *wire.Managed) error { _, err := e.Voter(ctx, "v"); return err }),
		"VerifyRecord": only(func(ctx context.Context, e *wire.Managed) error {
			_, err := e.VerifyRecord(ctx, map[string][]byte{"checkpoint": {1}})
			return err
		}),
		"Submit ballot": func(ctx context.Context, e *wire.Managed) (bool, error) {
			return outcome(e.Submit(ctx, "ballot", []byte("{}")))
		},
		"Submit cast": func(ctx context.Context, e *wire.Managed) (bool, error) {
			return outcome(e.Submit(ctx, "cast", []byte("{}")))
		},
		"CloseVoting": func(ctx context.Context, e *wire.Managed) (bool, error) { return outcome(e.CloseVoting(ctx)) },
		"Decrypt": func(ctx context.Context, e *wire.Managed) (bool, error) {
			a, _, err := e.Decrypt(ctx, 1)
			return outcome(a, err)
		},
		"Race": func(ctx context.Context, e *wire.Managed) (bool, error) {
			out, err := e.Race(ctx, "cast", [][]byte{[]byte("{}"), []byte(strings.Repeat("x", 1<<20)), []byte("{}")}, 1)
			for _, a := range out {
				if a.Outcome != targets.Unknown {
					return false, err
				}
			}
			return len(out) == 3, err
		},
	}
}

// managed is an election all of whose ports are one.
func managed(t *testing.T, p wire.Port, limits wire.Limits) *wire.Managed {
	t.Helper()
	public, err := wire.NewPublic(p, limits, nil)
	if err != nil {
		t.Fatal(err)
	}
	e, err := wire.NewManaged(public, wire.Ports{
		Authority: &p, Registrar: &p, Voter: &p, Auditor: &p,
		Trustees: map[int]wire.Port{1: p}, Witnesses: map[string]wire.Port{"w": p},
	}, []string{"online"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// harmless are calls that a hostile server may answer with what passes for an
// answer: bytes are handed on, and who gets them checks them.
func harmless(server, call string) bool {
	head := strings.HasPrefix(server, "a head of")
	switch call {
	case "Submit ballot", "Submit cast", "CloseVoting", "Race":
		// Any JSON with status 200 counts as an answer.
		return server == "null" || server == "a list" || server == "not canonical" || server == "deep" || server == "numbers without end" || server == "compresses"
	case "Entries", "Record":
		return head
	}
	return false
}

func TestHostileServers(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	for server, behave := range hostile() {
		t.Run(server, func(t *testing.T) {
			t.Parallel()
			e := managed(t, raw(t, behave), quick)
			var wg sync.WaitGroup
			for call, f := range calls() {
				wg.Go(func() { foundOut(t, e, server, call, f) })
			}
			wg.Wait()
		})
	}
}

// foundOut makes one call of a hostile server.
func foundOut(t *testing.T, e *wire.Managed, server, call string, f func(context.Context, *wire.Managed) (bool, error)) {
	began := time.Now()
	unknown, err := f(t.Context(), e)
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("%s took %s", call, took)
	}
	if !unknown && err == nil && !harmless(server, call) {
		t.Errorf("%s: nothing was found wrong", call)
	}
	if err != nil && !errors.Is(err, targets.ErrTarget) && !errors.Is(err, targets.ErrSetup) && !errors.Is(err, targets.ErrUnable) {
		t.Errorf("%s: %v is no error of the target", call, err)
	}
	if err != nil && strings.ContainsAny(err.Error(), "\x1b\x07") {
		t.Errorf("%s: the error acts on the terminal: %q", call, err)
	}
}

// What a server never answers ends when its caller has had enough.
func TestEverythingEndsWithItsCaller(t *testing.T) {
	p := raw(t, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) })
	e := managed(t, p, wire.Limits{})
	for call, f := range calls() {
		t.Run(call, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			began := time.Now()
			unknown, err := f(ctx, e)
			if took := time.Since(began); took > 3*time.Second {
				t.Errorf("it took %s", took)
			}
			if !unknown && !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestPorts(t *testing.T) {
	for _, url := range []string{"", "x", "ftp://host", "http://", "http://host/path", "http://user@host", "http://host?q=1", "http://host#f", "://", "http://ho st"} {
		if _, err := wire.NewPublic(wire.Port{URL: url}, wire.Limits{}, nil); err == nil {
			t.Errorf("%q is accepted", url)
		}
	}
	for _, url := range []string{"http://host", "https://host:8443/", "http://[::1]:80", "http://127.0.0.1:1"} {
		if _, err := wire.NewPublic(wire.Port{URL: url}, wire.Limits{}, nil); err != nil {
			t.Errorf("%q: %v", url, err)
		}
	}
}
