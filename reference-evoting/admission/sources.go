package admission

import (
	"net/netip"
	"sync"
	"time"
)

// sources are token buckets, one a source. A source may run into debt: what it
// asked for is known to be nobody's only after it was looked at.
type sources struct {
	limits Limits

	mu     sync.Mutex
	by     map[netip.Prefix]*bucket
	beyond bucket // of all that the table has no room for
	swept  time.Time
}

type bucket struct {
	tokens float64
	at     time.Time // when they were counted; zero: never, the bucket is full
}

func newSources(l Limits) *sources {
	return &sources{limits: l, by: map[netip.Prefix]*bucket{}}
}

// may says whether a source has a token, and if it has none when it will. It
// takes none.
func (s *sources) may(source netip.Prefix, now time.Time) (ok bool, after time.Duration) {
	if s.limits.PerSecond < 0 {
		return true, 0
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.fill(source, now)
	if b.tokens >= 1 {
		return true, 0
	}
	return false, time.Duration((1 - b.tokens) / s.limits.PerSecond * float64(time.Second))
}

// take takes tokens. The debt is bounded by the burst, so that a source shared
// by many is not shut out for long after one of them stops.
func (s *sources) take(source netip.Prefix, tokens float64, now time.Time) {
	if s.limits.PerSecond < 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.fill(source, now)
	b.tokens = max(b.tokens-tokens, -s.most())
}

func (s *sources) most() float64 { return float64(max(s.limits.Burst, 1)) }

// fill finds a source's bucket and adds what has flowed in.
func (s *sources) fill(source netip.Prefix, now time.Time) *bucket {
	b := s.by[source]
	if b == nil && s.limits.Sources > 0 && len(s.by) >= s.limits.Sources {
		s.sweep(now)
	}
	switch {
	case b != nil:
	case s.limits.Sources > 0 && len(s.by) >= s.limits.Sources:
		b = &s.beyond
	default:
		b = &bucket{}
		s.by[source] = b
	}
	switch {
	case b.at.IsZero():
		b.tokens, b.at = s.most(), now
	case now.After(b.at):
		b.tokens, b.at = min(s.most(), b.tokens+now.Sub(b.at).Seconds()*s.limits.PerSecond), now
	}
	return b
}

// sweep forgets sources whose buckets are full again, at most once a second.
func (s *sources) sweep(now time.Time) {
	if now.Sub(s.swept) < time.Second {
		return
	}
	s.swept = now
	whole := time.Duration(2 * s.most() / s.limits.PerSecond * float64(time.Second))
	for source, b := range s.by {
		if now.Sub(b.at) > whole {
			delete(s.by, source)
		}
	}
}
