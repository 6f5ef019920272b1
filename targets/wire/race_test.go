package wire_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"scrutineer/protocols/message"
	"scrutineer/targets"
	"scrutineer/targets/wire"
)

// starter is a server for a race. It looks from the racers' side at what is
// written when: of each connection all but the last byte, and then that.
type starter struct {
	port   wire.Port
	ready  atomic.Int32 // connections that have sent all but the last byte
	early  atomic.Int32 // last bytes that were sent before all were ready
	cut    atomic.Int32 // connections that ended without waiting for the answer
	bodies sync.Map
	wg     sync.WaitGroup
}

func newStarter(t *testing.T, n int) *starter {
	s := &starter{}
	s.wg.Add(n)
	s.port = raw(t, func(c net.Conn) {
		defer s.wg.Done()
		r := bufio.NewReader(c)
		q, err := http.ReadRequest(r)
		if err != nil {
			t.Error(err)
			return
		}
		body, err := io.ReadAll(q.Body)
		if err != nil {
			t.Error(err)
			return
		}
		s.bodies.Store(string(body), true)
		// Whoever waits for the answer keeps the connection.
		_ = c.SetReadDeadline(time.Now().Add(200 * time.Millisecond))
		if _, err := r.ReadByte(); errors.Is(err, io.EOF) {
			s.cut.Add(1)
		}
		_, _ = io.WriteString(c, response(200, "application/json", string(body)))
	})
	s.port.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := new(net.Dialer).DialContext(ctx, network, address)
		return &watched{Conn: c, starter: s, all: n}, err
	}
	return s
}

// watched is a racer's connection.
type watched struct {
	net.Conn
	starter *starter
	all     int
	writes  int
}

func (w *watched) Write(b []byte) (int, error) {
	if w.writes++; w.writes == 1 {
		n, err := w.Conn.Write(b)
		w.starter.ready.Add(1)
		return n, err
	}
	if len(b) != 1 || int(w.starter.ready.Load()) != w.all {
		w.starter.early.Add(1)
	}
	return w.Conn.Write(b)
}

func TestRaceHasABarrier(t *testing.T) {
	const n, abandon = 24, 5
	s := newStarter(t, n)
	bodies := make([][]byte, n)
	for i := range bodies {
		bodies[i] = fmt.Appendf(nil, "%s%d", strings.Repeat("x", 10_000*(i%3)), i)
	}
	answers, err := public(t, s.port, nil).Race(t.Context(), "cast", bodies, abandon)
	if err != nil {
		t.Fatal(err)
	}
	s.wg.Wait()
	for i, a := range answers {
		switch {
		case i < abandon && a.Outcome != targets.Unknown:
			t.Errorf("abandoned request %d: %+v", i, a)
		case i >= abandon && (a.Outcome != targets.OK || !bytes.Equal(a.Body, bodies[i])):
			t.Errorf("request %d: %s %d bytes", i, a.Outcome, len(a.Body))
		}
		if _, ok := s.bodies.Load(string(bodies[i])); !ok {
			t.Errorf("request %d did not arrive whole", i)
		}
	}
	if s.early.Load() > 0 || s.cut.Load() != abandon {
		t.Errorf("%d early, %d cut", s.early.Load(), s.cut.Load())
	}
}

// A racer that the server will not have keeps nobody waiting, and a no that
// comes before the whole request is an answer.
func TestRaceGoesOnWithoutSome(t *testing.T) {
	var seen atomic.Int32
	p := raw(t, func(c net.Conn) {
		q, err := http.ReadRequest(bufio.NewReader(c))
		if err != nil {
			return
		}
		switch n := seen.Add(1); {
		case n%4 == 1: // hangs up
		case n%4 == 2: // answers at once, and does not read
			body := encode(t, message.Problem{Code: "busy", Status: 503, Title: "t", Type: "x"})
			_, _ = io.WriteString(c, response(503, "application/problem+json", body))
		default:
			_, _ = io.Copy(io.Discard, q.Body)
			_, _ = io.WriteString(c, response(200, "application/json", "{}"))
		}
	})
	bodies := make([][]byte, 16)
	for i := range bodies {
		bodies[i] = bytes.Repeat([]byte("y"), 1<<16)
	}
	answers, err := public(t, p, nil).Race(t.Context(), "ballot", bodies, 0)
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for _, a := range answers {
		count[string(a.Outcome)+a.Code]++
	}
	if count["ok"] != 8 || count["unknown"]+count["unknownbusy"] != 8 {
		t.Errorf("%v", count)
	}
}

func TestRaceIsBounded(t *testing.T) {
	e, err := wire.NewPublic(wire.Port{URL: "http://127.0.0.1:1"}, wire.Limits{Racers: 3}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Race(t.Context(), "cast", make([][]byte, 4), 0); !errors.Is(err, targets.ErrUnable) {
		t.Error(err)
	}
	if _, err := e.Race(t.Context(), "nothing", nil, 0); !errors.Is(err, targets.ErrUnable) {
		t.Error(err)
	}
	answers, err := e.Race(t.Context(), "cast", make([][]byte, 2), 0)
	if err != nil || len(answers) != 2 || answers[0].Outcome != targets.Unknown {
		t.Errorf("%+v, %v", answers, err)
	}
}
