package action

import (
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"slices"
	"sync"
	"time"

	"scrutineer/harness/flood"
	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
)

// bodies makes the requests of an adversary who has one voter's credential.
func (d *deluge) bodies(ctx context.Context, kind, adversary string) (func(context.Context, *flood.Client, int) (flood.Answer, error), error) {
	v, err := d.election.own(ctx, adversary)
	if err != nil {
		return nil, err
	}
	_, want, err := d.election.want(adversary, nil)
	if err != nil {
		return nil, err
	}
	prepared, err := v.prepare(ctx, choices(want))
	if err != nil {
		return nil, err
	}
	honest, err := v.Submission(prepared)
	if err != nil {
		return nil, err
	}
	base, err := codec.Decode[message.Submission](honest, codec.Limits{Size: message.MaxBody})
	if err != nil {
		return nil, err
	}
	if kind == "mixed" {
		large, err := codec.Encode(enlarged(base))
		if err != nil {
			return nil, err
		}
		return func(ctx context.Context, c *flood.Client, i int) (flood.Answer, error) {
			switch i % 10 {
			case 0:
				return c.Ask(ctx, "/openapi.yaml", nil)
			case 1:
				return c.Ask(ctx, "/v1/status", nil)
			case 2:
				return c.Ask(ctx, "/checkpoint", nil)
			}
			return c.Ask(ctx, pathBallots, large)
		}, nil
	}
	// No two bodies are the same: a server may remember one that it refused.
	list := make([][]byte, d.count())
	for i := range list {
		wrong, err := spoilt(base.Ballot, uint32(i+1))
		if err != nil {
			return nil, err
		}
		out := message.Submission{Ballot: wrong, Signature: base.Signature}
		if kind == "signed" {
			if list[i], err = v.Credential.Submission(v.Election.Fingerprint, &wrong, v.Random); err != nil {
				return nil, err
			}
			continue
		}
		if list[i], err = codec.Encode(out); err != nil {
			return nil, err
		}
	}
	return func(ctx context.Context, c *flood.Client, i int) (flood.Answer, error) {
		return c.Ask(ctx, pathBallots, list[i%len(list)])
	}, nil
}

// count is how many requests there will be, or enough of them.
func (d *deluge) count() int {
	n := 0.0
	for _, g := range d.hostile() {
		n += min(g.times*d.capacity, largest) * (g.to - g.from).Seconds()
	}
	return min(int(n)+attackers, 20_000)
}

// spoilt is a ballot whose last response is another by n.
func spoilt(b message.Ballot, n uint32) (message.Ballot, error) {
	b.Contests = slices.Clone(b.Contests)
	if len(b.Contests) == 0 {
		return b, errNoBodies
	}
	c := &b.Contests[len(b.Contests)-1]
	last := c.Sum
	if last == nil {
		c.Selections = slices.Clone(c.Selections)
		if len(c.Selections) == 0 {
			return b, errNoBodies
		}
		last = &c.Selections[len(c.Selections)-1].Proof
	} else {
		sum := *last
		c.Sum, last = &sum, &sum
	}
	last.Responses = slices.Clone(last.Responses)
	if len(last.Responses) == 0 {
		return b, errNoBodies
	}
	r := &last.Responses[len(last.Responses)-1]
	binary.LittleEndian.PutUint32(r[:4], binary.LittleEndian.Uint32(r[:4])+n)
	return b, nil
}

// enlarged is a submission of as many selections as one may have.
func enlarged(s message.Submission) message.Submission {
	s.Ballot.Contests = slices.Clone(s.Ballot.Contests)
	c := &s.Ballot.Contests[0]
	one := c.Selections[0]
	c.Selections = slices.Repeat([]message.Selection{one}, 250)
	return s
}

// reopen is how long after it was closed a connection is opened again. At once
// would be another attack.
const reopen = 5 * time.Second

// sockets are the addresses from which connections are held.
const sockets = 4

// holding holds so many connections open, from a second on until the end, and
// opens each again that the server closes.
func (d *deluge) holding(kind string, n int) func(context.Context) []flooded {
	return func(ctx context.Context) []flooded {
		var wg sync.WaitGroup
		for i := range n {
			source := flood.NewLoopback(byte(2 + i%sockets))
			wg.Go(func() {
				pause(ctx, time.Second+time.Duration(i)*time.Second/time.Duration(n))
				for ctx.Err() == nil {
					if d.hold(ctx, source, kind) {
						d.turned.Add(1)
					}
					pause(ctx, reopen)
				}
			})
		}
		wg.Wait()
		return nil
	}
}

func pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// hold is one connection; it reports that the server ended it.
func (d *deluge) hold(ctx context.Context, source flood.Source, kind string) bool {
	c, err := source.Dial(ctx, d.address)
	if err != nil {
		return false
	}
	defer c.Close()
	defer context.AfterFunc(ctx, func() { c.Close() })()
	if kind == "unread" {
		return d.unread(ctx, c)
	}
	if _, err := fmt.Fprintf(c, "POST %s HTTP/1.1\r\nHost: %s\r\nX-Slow: ", pathBallots, d.address); err != nil {
		return ctx.Err() == nil
	}
	for ctx.Err() == nil {
		pause(ctx, time.Second)
		_ = c.SetReadDeadline(time.Now().Add(time.Millisecond))
		if _, err := c.Read(make([]byte, 1)); err == nil || !timedOut(err) {
			return ctx.Err() == nil
		}
		if _, err := c.Write([]byte("a")); err != nil {
			return ctx.Err() == nil
		}
	}
	return false
}

// unread asks for more and more and reads none of it.
func (d *deluge) unread(ctx context.Context, c net.Conn) bool {
	if t, ok := c.(*net.TCPConn); ok {
		_ = t.SetReadBuffer(4 << 10)
	}
	for ctx.Err() == nil {
		_ = c.SetWriteDeadline(time.Now().Add(time.Second))
		if _, err := fmt.Fprintf(c, "GET /openapi.yaml HTTP/1.1\r\nHost: %s\r\n\r\n", d.address); err != nil && !timedOut(err) {
			return ctx.Err() == nil
		}
	}
	return false
}

func timedOut(err error) bool {
	t, ok := err.(net.Error) //nolint:errorlint // it comes from the connection itself
	return ok && t.Timeout()
}
