// Package liar has handlers that stand between the clients of an election and
// its server and lie: a corrupted server that is still alive. Each implements
// the function type targets.Liar with a method, holds what keys it needs, and
// passes on whatever it does not lie about.
package liar

import (
	"context"
	"errors"
	"strings"
	"sync"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/targets"
)

// ErrLost is what a client sees of an answer that never arrived.
var ErrLost = errors.New("the answer was lost on the way")

// decisionPath is where decisions to cast go.
const decisionPath = "/casts"

// decision reads the decision in a request; false where there is none.
func decision(r targets.Request) (message.Decision, bool) {
	if r.Method != "POST" || !strings.HasSuffix(r.Path, decisionPath) {
		return message.Decision{}, false
	}
	d, err := codec.Decode[message.Decision](r.Body, codec.Limits{Size: 4096})
	return d, err == nil
}

// Forgetful is an honest server behind a bad line: it loses the first answer
// to each of the decisions that it is told of, after the decision was stored.
// The zero Forgetful loses nothing. It is safe for concurrent use.
type Forgetful struct {
	mu   sync.Mutex
	lose map[string]bool
}

// Lose has the next answer to the decision for this tracker lost.
func (f *Forgetful) Lose(tracker string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.lose == nil {
		f.lose = map[string]bool{}
	}
	f.lose[tracker] = true
}

// Answer is a targets.Liar.
func (f *Forgetful) Answer(ctx context.Context, r targets.Request, next targets.Next) (targets.Response, error) {
	answer, err := next(ctx, r)
	if d, ok := decision(r); ok && f.lost(d.Tracker.String()) {
		return targets.Response{}, ErrLost
	}
	return answer, err
}

func (f *Forgetful) lost(tracker string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	lost := f.lose[tracker]
	delete(f.lose, tracker)
	return lost
}
