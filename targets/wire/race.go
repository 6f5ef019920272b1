package wire

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
	"time"

	"scrutineer/targets"
)

// errAbandoned is why nobody waited for an answer.
var errAbandoned = errors.New("the connection was cut before the answer")

// Race implements targets.Racer: each body on a connection of its own, with
// its last byte held back until every other connection is as far.
func (e *Public) Race(ctx context.Context, name string, bodies [][]byte, abandon int) ([]targets.Answer, error) {
	k, err := kinds(name)
	switch {
	case err != nil:
		return nil, err
	case len(bodies) > e.limits.Racers:
		return nil, fmt.Errorf("%w: %d requests at once, the bound is %d", targets.ErrUnable, len(bodies), e.limits.Racers)
	}
	one := e.racer
	if e.liars.get() != nil {
		one = e.racerPastLiar
	} else if err := e.limits.pace(ctx, len(bodies)); err != nil {
		return nil, err
	}
	start := newBarrier(len(bodies))
	out := make([]targets.Answer, len(bodies))
	var wg sync.WaitGroup
	for i, body := range bodies {
		wg.Go(func() {
			a, err := one(ctx, k, body, start, i < abandon)
			if err != nil {
				out[i] = unknown(err)
				return
			}
			out[i] = k.outcome(a)
		})
	}
	wg.Wait()
	return out, nil
}

// barrier lets nobody through before all have come.
type barrier struct {
	mu      sync.Mutex
	missing int
	open    chan struct{}
}

func newBarrier(n int) *barrier { return &barrier{missing: n, open: make(chan struct{})} }

// reached is called once by each, also by one who will not go through.
func (b *barrier) reached() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.missing--; b.missing == 0 {
		close(b.open)
	}
}

// pass waits until all have reached the barrier.
func (b *barrier) pass(ctx context.Context) error {
	select {
	case <-b.open:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// racer is one connection of a race. What it does before the barrier takes at
// most half of the time of a request, so that those who wait have the rest.
func (e *Public) racer(ctx context.Context, k kind, body []byte, start *barrier, abandon bool) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, e.limits.Request)
	defer cancel()
	run := &lane{message: append(e.clients.at.head(k, len(body)), body...)}
	early, err := run.approach(ctx, e.clients.at, e.limits.Request/2)
	start.reached()
	if err != nil || early != nil {
		return early.value(), err
	}
	defer run.conn.Close()
	defer context.AfterFunc(ctx, func() { run.conn.Close() })()
	if err := start.pass(ctx); err != nil {
		return answer{}, err
	}
	return run.finish(ctx, abandon)
}

// racerPastLiar is a request of a race that a liar sees. Of a connection he
// knows nothing, so that nothing can be held back.
func (e *Public) racerPastLiar(ctx context.Context, k kind, body []byte, start *barrier, abandon bool) (answer, error) {
	start.reached()
	if err := start.pass(ctx); err != nil {
		return answer{}, err
	}
	a, err := e.clients.do(ctx, request{path: k.path, post: true, body: body})
	if err == nil && abandon {
		err = errAbandoned
	}
	return a, err
}

// head is the header of a request as it goes over the wire.
func (p parsed) head(k kind, length int) []byte {
	_, host, _ := strings.Cut(p.base, "://")
	return fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n",
		k.path, host, typeJSON, length)
}

// lane is the connection of one racer.
type lane struct {
	message  []byte // header and body
	conn     net.Conn
	answered chan result
}

type result struct {
	answer answer
	err    error
}

// value is the answer, or none.
func (r *result) value() answer {
	if r == nil {
		return answer{}
	}
	return r.answer
}

// errEarly is a server that did not take a request to its end.
var errEarly = errors.New("the request was not taken")

// approach connects and sends all but the last byte. The answer is read from
// the beginning: a server that answers before it has read everything must not
// have to wait for us. If it then hangs up, the answer is returned.
func (l *lane) approach(ctx context.Context, at parsed, patience time.Duration) (*result, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	conn, err := at.connect(ctx)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	l.conn, l.answered = conn, make(chan result, 1)
	go func() {
		a, err := readRaced(conn)
		l.answered <- result{a, err}
	}()
	_, err = conn.Write(l.message[:len(l.message)-1])
	if stop() && err == nil {
		return nil, nil
	}
	conn.Close()
	early := <-l.answered
	if early.err == nil {
		return &early, nil
	}
	return nil, errors.Join(errEarly, err, ctx.Err(), early.err)
}

// finish sends the last byte and waits for the answer, unless it cuts the
// connection at once.
func (l *lane) finish(ctx context.Context, abandon bool) (answer, error) {
	_, err := l.conn.Write(l.message[len(l.message)-1:])
	if abandon {
		l.conn.Close()
		<-l.answered
		return answer{}, errAbandoned
	}
	got := <-l.answered // its connection is closed when ctx ends
	switch {
	case got.err == nil:
		return got.answer, nil // an answer counts, also to half a request
	case ctx.Err() != nil:
		return answer{}, ctx.Err()
	}
	return answer{}, errors.Join(err, got.err)
}

// readRaced reads one response within the bounds of this package.
func readRaced(conn net.Conn) (answer, error) {
	r := bufio.NewReader(io.LimitReader(conn, maxHeader+2*maxAnswer))
	for {
		resp, err := http.ReadResponse(r, &http.Request{Method: http.MethodPost})
		if err != nil {
			return answer{}, err
		}
		if resp.StatusCode >= 200 {
			return readAnswer(resp, maxAnswer)
		}
		resp.Body.Close()
	}
}
