package liar

import (
	"bytes"
	"context"
	"sync"

	"scrutineer/protocols/message"
	"scrutineer/targets"
)

// Courier is the way between one voter's client and an honest server, in the
// hands of an adversary (D05): he keeps a copy of every body and decision that
// passes, and may hold the first decision back. It is safe for concurrent use.
type Courier struct {
	// Voter is whose messages these are.
	Voter message.Element
	// Hold has the first decision held back; its sender hears nothing.
	Hold bool
	// Overtake delivers what is held right behind the next decision, whose
	// answer waits until then.
	Overtake bool

	mu        sync.Mutex
	bodies    map[message.Digest]targets.Request
	decisions []message.Decision
	requests  []targets.Request
	first     targets.Response
	late      targets.Response
}

// Answer is a targets.Liar.
func (c *Courier) Answer(ctx context.Context, r targets.Request, next targets.Next) (targets.Response, error) {
	if b, d, ok := c.keep(r); ok {
		switch {
		case b:
		case d == 0 && c.Hold:
			return targets.Response{}, ErrLost
		case d == 0:
			return c.answered(ctx, r, next)
		case d == 1 && c.Hold && c.Overtake:
			return c.overtaken(ctx, r, next)
		}
	}
	return next(ctx, r)
}

// keep copies a message of the voter; body says which kind, n which decision
// it is. Decisions sent again are no new ones.
func (c *Courier) keep(r targets.Request) (body bool, n int, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if b, is := Body(r); is && b.Caster.Credential == c.Voter {
		if c.bodies == nil {
			c.bodies = map[message.Digest]targets.Request{}
		}
		c.bodies[tracker(&b)] = r
		return true, 0, true
	}
	d, is := decision(r)
	if !is || d.Credential != c.Voter {
		return false, 0, false
	}
	for i, known := range c.decisions {
		if known.Content() == d.Content() {
			return false, i, true
		}
	}
	c.decisions, c.requests = append(c.decisions, d), append(c.requests, r)
	return false, len(c.decisions) - 1, true
}

// answered passes the first decision on and copies the answer.
func (c *Courier) answered(ctx context.Context, r targets.Request, next targets.Next) (targets.Response, error) {
	answer, err := next(ctx, r)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.first.Status == 0 {
		c.first = answer
	}
	return answer, err
}

// Same reports that an answer is the one that the first decision had.
func (c *Courier) Same(answer []byte) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.first.Status != 0 && bytes.Equal(c.first.Body, answer)
}

// overtaken delivers a decision and at once the one that was held.
func (c *Courier) overtaken(ctx context.Context, r targets.Request, next targets.Next) (targets.Response, error) {
	answer, err := next(ctx, r)
	if err != nil {
		return answer, err
	}
	c.mu.Lock()
	first := c.requests[0]
	c.mu.Unlock()
	late, err := next(ctx, first)
	c.mu.Lock()
	c.late = late
	c.mu.Unlock()
	return answer, err
}

// Late is the answer to the decision that was overtaken; false where none
// was.
func (c *Courier) Late() (targets.Response, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.late, c.late.Status != 0
}

// First is the copy of the first decision, and of the body that it is about;
// false where nothing passed.
func (c *Courier) First() (body, cast []byte, d message.Decision, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.decisions) == 0 {
		return nil, nil, d, false
	}
	d = c.decisions[0]
	b, ok := c.bodies[d.Tracker]
	return b.Body, c.requests[0].Body, d, ok
}
