package admission

import (
	"context"
	"slices"
	"sync"
	"time"
)

// class is who waits for a worker.
type class int

const (
	known class = iota
	strangers
	classes
)

// workers are so many places for requests that compute. Who waits is served in
// turn: within a class each key after the other, and between the classes so
// that the known have their share of the time when they want it. Where the
// machine's time is bounded nobody begins who would be beyond it.
type workers struct {
	places, foreign int // foreign: those of the places that strangers may have; negative: no bound
	queue           int
	share           [classes]float64
	plain           bool // weak: one line for everybody, as long as it gets
	meter           *meter

	mu     sync.Mutex
	busy   [classes]int
	lines  [classes]line
	served [classes]float64 // seconds, each divided by the share
	wake   *time.Timer
}

func newWorkers(l Limits, plain bool) *workers {
	w := &workers{places: l.Workers, foreign: -1, queue: l.Queue, plain: plain}
	kept := float64(min(max(l.Kept, 1), 99)) / 100
	w.share = [classes]float64{known: kept, strangers: 1 - kept}
	if l.Workers > 0 {
		w.foreign = max(1, int(float64(l.Workers)*(1-kept)))
	}
	if plain {
		w.foreign = -1
	}
	if l.CPU > 0 {
		w.meter = &meter{rate: float64(l.CPU) / 1000}
	}
	return w
}

// enter waits for a place; leave gives it back and may be called again.
func (w *workers) enter(ctx context.Context, c class, key any) (leave func(), err error) {
	if w.plain {
		c, key = strangers, nil
	}
	t := &turn{ready: make(chan struct{}), class: c}
	w.mu.Lock()
	if pushed, ok := w.line(t, key); !ok {
		w.mu.Unlock()
		return nil, &Refusal{Rule: RuleQueue, After: time.Second}
	} else if pushed != nil {
		close(pushed.ready)
	}
	w.next()
	w.mu.Unlock()
	select {
	case <-t.ready:
	case <-ctx.Done():
		w.mu.Lock()
		waiting := w.lines[c].drop(t)
		w.mu.Unlock()
		if waiting {
			return nil, ctx.Err()
		}
		<-t.ready // its turn came at this moment
	}
	if t.began.IsZero() {
		return nil, &Refusal{Rule: RuleQueue, After: time.Second}
	}
	return sync.OnceFunc(func() { w.leave(t) }), nil
}

// line puts a turn into its line. Where that is full, the last of the longest
// key makes room for a key that waits for less.
func (w *workers) line(t *turn, key any) (pushed *turn, ok bool) {
	l := &w.lines[t.class]
	if l.n == 0 { // who was away has saved nothing up
		w.served[t.class] = max(w.served[t.class], w.served[1-t.class])
	}
	if w.queue >= 0 && !w.plain && l.n >= w.queue && !w.free(t.class) {
		if pushed = l.push(key); pushed == nil {
			return nil, false
		}
	}
	l.add(t, key)
	return pushed, true
}

// free says that a place could be had at once.
func (w *workers) free(c class) bool {
	all := w.busy[known] + w.busy[strangers]
	return (w.places < 0 || all < w.places) && (c == known || w.foreign < 0 || w.busy[strangers] < w.foreign)
}

// next lets begin whoever may.
func (w *workers) next() {
	for {
		c, ok := w.choose()
		if !ok {
			return
		}
		if pause := w.meter.pause(time.Now()); pause > 0 {
			if w.wake == nil {
				w.wake = time.AfterFunc(pause, w.woken)
			}
			return
		}
		t := w.lines[c].take()
		t.began = time.Now()
		w.busy[c]++
		close(t.ready)
	}
}

func (w *workers) woken() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.wake = nil
	w.next()
}

// choose is the class whose turn it is, of those that wait and could begin.
func (w *workers) choose() (class, bool) {
	var can []class
	for c := range classes {
		if w.lines[c].n > 0 && w.free(c) {
			can = append(can, c)
		}
	}
	if len(can) == 0 {
		return 0, false
	}
	if len(can) == 2 && w.served[strangers] < w.served[known] {
		return strangers, true
	}
	return can[0], true
}

func (w *workers) leave(t *turn) {
	now := time.Now()
	took := now.Sub(t.began)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.busy[t.class]--
	w.served[t.class] += took.Seconds() / w.share[t.class]
	w.meter.spend(took, now)
	w.next()
}

// waiting is how many of a class wait.
func (w *workers) waiting(c class) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.lines[c].n
}

// turn is one who waits. It is ready when it may begin, or, where it has not
// begun then, when it must go.
type turn struct {
	ready chan struct{}
	class class
	began time.Time
}

// line is first come, first served for each key, and the keys in turn.
type line struct {
	n    int
	keys []any // that wait, the next one first
	by   map[any][]*turn
}

func (l *line) add(t *turn, key any) {
	if l.by == nil {
		l.by = map[any][]*turn{}
	}
	if len(l.by[key]) == 0 {
		l.keys = append(l.keys, key)
	}
	l.by[key] = append(l.by[key], t)
	l.n++
}

func (l *line) take() *turn {
	key := l.keys[0]
	l.keys = l.keys[1:]
	t := l.by[key][0]
	l.n--
	if rest := l.by[key][1:]; len(rest) > 0 {
		l.by[key] = rest
		l.keys = append(l.keys, key)
	} else {
		delete(l.by, key)
	}
	return t
}

// push takes out the last of the key that waits for most, if that is for more
// than the one who comes would.
func (l *line) push(key any) *turn {
	longest, most := any(nil), len(l.by[key])+1
	for k, list := range l.by {
		if len(list) > most {
			longest, most = k, len(list)
		}
	}
	list := l.by[longest]
	if longest == nil || len(list) == 0 {
		return nil
	}
	t := list[len(list)-1]
	l.drop(t)
	return t
}

// drop takes a turn out, if it still waits.
func (l *line) drop(t *turn) bool {
	for key, list := range l.by {
		i := slices.Index(list, t)
		if i < 0 {
			continue
		}
		l.n--
		if len(list) > 1 {
			l.by[key] = slices.Delete(slices.Clone(list), i, i+1)
			return true
		}
		delete(l.by, key)
		l.keys = slices.DeleteFunc(l.keys, func(k any) bool { return k == key })
		return true
	}
	return false
}

// meter is the time of a machine that is smaller than the one at hand. A nil
// meter has no bound.
type meter struct {
	rate  float64 // seconds of work a second
	saved float64 // seconds
	at    time.Time
}

// period is the time within which unused work may be caught up, that of the
// kernel's own bandwidth control.
const period = 100 * time.Millisecond

func (m *meter) flow(now time.Time) {
	if m.at.IsZero() {
		m.at, m.saved = now, m.rate*period.Seconds()
	}
	m.saved, m.at = min(m.rate*period.Seconds(), m.saved+now.Sub(m.at).Seconds()*m.rate), now
}

// pause is how long nobody may begin.
func (m *meter) pause(now time.Time) time.Duration {
	if m == nil {
		return 0
	}
	if m.flow(now); m.saved > 0 {
		return 0
	}
	return time.Duration(-m.saved/m.rate*float64(time.Second)) + time.Microsecond
}

func (m *meter) spend(took time.Duration, now time.Time) {
	if m == nil {
		return
	}
	m.flow(now)
	m.saved -= took.Seconds()
}
