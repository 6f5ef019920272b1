// Package flood makes load by a schedule: what is due begins when it is due,
// whether what went before was answered or not, as strangers on a network do
// (an open model). Times are counted from when something was due and not from
// when it could begin, so that a server that makes the next one wait cannot hide
// it (Tene's coordinated omission).
//
// A schedule is bounded in number and time before it begins, and [Allowed]
// refuses to aim at anybody who has not asked for it. How well the schedule was
// kept is told with the result: where it was not, the result says nothing about
// the server.
package flood

import (
	"context"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Most is how many arrivals a stream may have at most.
const Most = 200_000

// Outcome is what became of one arrival.
type Outcome uint8

// The outcomes. The zero Outcome is none: it had not ended when all was over.
const (
	_       Outcome = iota
	Served          // what was asked for was granted
	Refused         // the server said no
	Failed          // there was no answer in time
	Held            // it did not begin: as many as were allowed were under way
)

// Stream is arrivals of one kind.
type Stream struct {
	// Due is when each is due after the start, ascending.
	Due []time.Duration
	// Patience is how long after it was due one may take; default 10 s.
	Patience time.Duration
	// Late is by how much one may begin late and be in time; default a tenth of
	// the patience.
	Late time.Duration
	// Flying is how many may be under way at a time; 0 is no bound but the
	// schedule's own.
	Flying int
	// Do is arrival i. Its context ends with its patience.
	Do func(ctx context.Context, i int) Outcome
}

func (s Stream) patience() time.Duration {
	if s.Patience == 0 {
		return 10 * time.Second
	}
	return s.Patience
}

func (s Stream) late() time.Duration {
	if s.Late == 0 {
		return s.patience() / 10
	}
	return s.Late
}

// Arrival is when one was due, when it began and ended, all after the start.
type Arrival struct {
	Due, Begun, Ended time.Duration
	Outcome           Outcome
}

// Even is arrivals at even distances, perSecond of them, in [from, to).
func Even(perSecond float64, from, to time.Duration) []time.Duration {
	var out []time.Duration
	for i := 0; perSecond > 0 && i < Most; i++ {
		at := from + time.Duration(float64(i)/perSecond*float64(time.Second))
		if at >= to {
			break
		}
		out = append(out, at)
	}
	return out
}

// Poisson is arrivals of people who do not know of each other, perSecond of them
// on average, in [from, to).
func Poisson(r *rand.Rand, perSecond float64, from, to time.Duration) []time.Duration {
	var out []time.Duration
	for at := from; perSecond > 0 && len(out) < Most; {
		at += time.Duration(r.ExpFloat64() / perSecond * float64(time.Second))
		if at >= to {
			break
		}
		out = append(out, at)
	}
	return out
}

// Run carries out streams at once and returns the arrivals of each when the last
// has ended. When ctx ends, what has not begun does not begin.
func Run(ctx context.Context, streams ...Stream) [][]Arrival {
	out := make([][]Arrival, len(streams))
	start := time.Now()
	var wg sync.WaitGroup
	for i, s := range streams {
		wg.Go(func() { out[i] = s.run(ctx, start) })
	}
	wg.Wait()
	return out
}

func (s Stream) run(ctx context.Context, start time.Time) []Arrival {
	due := s.Due[:min(len(s.Due), Most)]
	out := make([]Arrival, len(due))
	var wg sync.WaitGroup
	var flying atomic.Int64
	timer := time.NewTimer(0)
	defer timer.Stop()
	for i, at := range due {
		out[i].Due = at
		timer.Reset(time.Until(start.Add(at)))
		select {
		case <-timer.C:
		case <-ctx.Done():
			continue
		}
		out[i].Begun = time.Since(start)
		if s.Flying > 0 && flying.Load() >= int64(s.Flying) {
			out[i].Ended, out[i].Outcome = out[i].Begun, Held
			continue
		}
		flying.Add(1)
		wg.Go(func() {
			defer flying.Add(-1)
			one, cancel := context.WithDeadline(ctx, start.Add(at+s.patience()))
			defer cancel()
			out[i].Outcome = s.Do(one, i)
			out[i].Ended = time.Since(start)
		})
	}
	wg.Wait()
	return out
}

// Tally counts arrivals.
type Tally struct {
	Arrivals, Served, Refused, Failed, Held int
	// Missed are those that began late or never: the generator's own failing.
	Missed int
	// P50 and P99 are of the time from when an arrival was due to when it was
	// served; one that was not counts as long as its patience.
	P50, P99 time.Duration
}

// Count counts the arrivals that were due in [from, to).
func (s Stream) Count(list []Arrival, from, to time.Duration) Tally {
	var t Tally
	var took []time.Duration
	for _, a := range list {
		if a.Due < from || a.Due >= to {
			continue
		}
		t.Arrivals++
		wait := s.patience()
		switch a.Outcome {
		case Served:
			t.Served++
			wait = min(a.Ended-a.Due, wait)
		case Refused:
			t.Refused++
		case Held:
			t.Held++
		default:
			t.Failed++
		}
		if a.Begun == 0 && a.Due > 0 || a.Begun-a.Due > s.late() {
			t.Missed++
		}
		took = append(took, wait)
	}
	slices.Sort(took)
	if n := len(took); n > 0 {
		t.P50, t.P99 = took[n/2], took[n*99/100]
	}
	return t
}

// Kept says whether the generator kept its schedule: not more than a tenth was
// missed.
func (t Tally) Kept() bool { return t.Missed*10 <= t.Arrivals }
