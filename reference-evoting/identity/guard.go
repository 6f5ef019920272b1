package identity

import (
	"context"
	"sync"
	"time"
)

// The slow-down: after free misses one try every pause; after many in a day
// one every longPause, which are as many again in a day. There is always a
// next try, so that nobody is locked out by somebody else's guesses.
const (
	free      = 5
	pause     = 30 * time.Second
	many      = 100
	longPause = 24 * time.Hour / many
	day       = 24 * time.Hour
	retryBusy = 2 * time.Second

	// maxStrangers bounds the ids that nobody has and that are remembered.
	maxStrangers = 4096
)

// Miss is what is kept of one voter id's wrong codes.
type Miss struct {
	Voter  string
	Misses int       // since the last right code
	Day    int       // since Began
	Began  time.Time // of that day
	Next   time.Time // no try before this; zero: at once
}

// Misses keeps them over a restart. A Store may be one.
type Misses interface {
	// Misses lists what is kept.
	Misses(ctx context.Context) ([]Miss, error)
	// KeepMiss keeps one in the place of the same voter id's; where Misses and
	// Day are 0 it forgets it. It is durable when it returns.
	KeepMiss(ctx context.Context, m Miss) error
}

// guard counts wrong codes by voter id, whether somebody has that id or not.
type guard struct {
	mu        *sync.Mutex
	tries     map[string]*tries
	strangers []string // oldest first
}

type tries struct {
	misses int       // since the last right code
	day    int       // misses since dayBegan
	began  time.Time // of that day
	next   time.Time // not before this
	kept   bool      // in a store
}

func newGuard() guard { return guard{mu: &sync.Mutex{}, tries: map[string]*tries{}} }

// begin takes a try, or says how long to wait. A try that has to wait is none:
// it does not make the wait longer.
func (g *guard) begin(voter string, known bool, now time.Time) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	t := g.tries[voter]
	if t == nil {
		t = &tries{began: now}
		g.tries[voter] = t
		if !known {
			g.forget(voter)
		}
	}
	if now.Sub(t.began) >= day {
		t.day, t.began = 0, now
	}
	if wait := t.next.Sub(now); wait > 0 {
		return wait
	}
	// It counts as a miss until end says otherwise, so that many at once are
	// not all the first.
	t.misses, t.day = t.misses+1, t.day+1
	switch {
	case t.day >= many:
		t.next = now.Add(longPause)
	case t.misses >= free:
		t.next = now.Add(pause)
	}
	return 0
}

// end says how the try went. A right code clears the misses. What is to be
// kept of it is returned, and false where nothing is.
func (g *guard) end(voter string, good bool) (Miss, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	t := g.tries[voter]
	if t == nil {
		return Miss{}, false
	}
	if good {
		t.misses, t.next = 0, time.Time{}
		t.day--
	}
	changed := t.kept || !good
	t.kept = t.misses > 0 || t.day > 0
	return Miss{Voter: voter, Misses: t.misses, Day: t.day, Began: t.began, Next: t.next}, changed
}

// restore takes up what was kept.
func (g *guard) restore(list []Miss, known func(voter string) bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, m := range list {
		g.tries[m.Voter] = &tries{misses: m.Misses, day: m.Day, began: m.Began, next: m.Next, kept: true}
		if !known(m.Voter) {
			g.forget(m.Voter)
		}
	}
}

// forget makes room for a stranger's id.
func (g *guard) forget(voter string) {
	g.strangers = append(g.strangers, voter)
	if len(g.strangers) > maxStrangers {
		delete(g.tries, g.strangers[0])
		g.strangers = g.strangers[1:]
	}
}
