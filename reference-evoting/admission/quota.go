package admission

import (
	"sync"
	"time"
)

// Credential is who a signature vouches for.
type Credential [32]byte

// quota counts the ballots of each credential. It keeps the seconds in which
// they came for an hour: a few bytes for a voter who votes once.
type quota struct {
	limits Limits

	mu    sync.Mutex
	by    map[Credential]*brought
	swept time.Time
}

type brought struct {
	flying int
	at     []int64 // Unix seconds, ascending, of the last hour
}

func newQuota(l Limits) *quota { return &quota{limits: l, by: map[Credential]*brought{}} }

// begin takes a ballot into account, or says why not. Where it does, end is to
// be called.
func (q *quota) begin(c Credential, now time.Time) *Refusal {
	if q.limits.Flying < 0 && q.limits.Minute < 0 && q.limits.Hour < 0 {
		return nil
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.sweep(now)
	b := q.by[c]
	if b == nil {
		b = &brought{}
		q.by[c] = b
	}
	b.forget(now)
	switch second := now.Unix(); {
	case q.limits.Flying >= 0 && b.flying >= q.limits.Flying:
		return &Refusal{Rule: RuleFlying, After: time.Second}
	case q.limits.Minute >= 0 && b.since(second-60) >= q.limits.Minute:
		return &Refusal{Rule: RuleMinute, After: b.until(q.limits.Minute, 60, second)}
	case q.limits.Hour >= 0 && len(b.at) >= q.limits.Hour:
		return &Refusal{Rule: RuleHour, After: b.until(q.limits.Hour, 3600, second)}
	default:
		b.flying++
		b.at = append(b.at, second)
	}
	return nil
}

func (q *quota) end(c Credential) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if b := q.by[c]; b != nil && b.flying > 0 {
		b.flying--
	}
}

// since counts those after a second.
func (b *brought) since(second int64) (n int) {
	for _, at := range b.at {
		if at > second {
			n++
		}
	}
	return n
}

// until is when the last of so many will be older than span seconds.
func (b *brought) until(most, span int, now int64) time.Duration {
	if most == 0 || most > len(b.at) {
		return time.Duration(span) * time.Second
	}
	return time.Duration(b.at[len(b.at)-most]+int64(span)+1-now) * time.Second
}

func (b *brought) forget(now time.Time) {
	old := 0
	for old < len(b.at) && b.at[old] <= now.Unix()-3600 {
		old++
	}
	b.at = b.at[old:]
}

// sweep forgets credentials that have brought nothing for an hour, every ten
// minutes.
func (q *quota) sweep(now time.Time) {
	if now.Sub(q.swept) < 10*time.Minute {
		return
	}
	q.swept = now
	for c, b := range q.by {
		if b.forget(now); b.flying == 0 && len(b.at) == 0 {
			delete(q.by, c)
		}
	}
}
