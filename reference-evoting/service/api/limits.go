package api

import (
	"context"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"scrutineer/reference-evoting/service/web"
)

// Classes of requests.
const (
	classRead      = "read"      // the board and lookups
	classWait      = "wait"      // long polls
	classRole      = "role"      // entries and cosignatures
	classLong      = "long"      // entries with a body of up to 16 MiB
	classSubmit    = "submit"    // ballot bodies, whose proofs cost time
	classDecide    = "decide"    // casts
	classChallenge = "challenge" // challenges
	classFree      = "free"      // metrics: not limited
)

// Rate is how many requests a second, and how many at once after a pause.
// The zero value stands for the default; a negative PerSecond is no limit.
type Rate struct {
	PerSecond float64
	Burst     int
}

// Pair is a rate for each source and one for all together.
type Pair struct {
	Source Rate
	All    Rate
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

func (r Rate) limiter() *rate.Limiter {
	if r.PerSecond < 0 {
		return rate.NewLimiter(rate.Inf, 0)
	}
	return rate.NewLimiter(rate.Limit(r.PerSecond), r.Burst)
}

// gate admits the requests of an identity service and counts what is odd. It
// implements web.Observer.
type gate struct {
	most    int // sources that are told apart
	clock   func() time.Time
	metrics *metrics
	pairs   map[string]Pair
	all     map[string]*rate.Limiter
	flying  chan struct{}

	mu      sync.Mutex
	sources map[source]*visitor
	crowd   map[string]*visitor // of those beyond the table, by class
	swept   time.Time
}

type source struct {
	prefix netip.Prefix
	class  string
}

type visitor struct {
	limiter *rate.Limiter
	seen    time.Time
}

var _ web.Observer = (*gate)(nil)

// gateOf has a rate for each class, tells so many sources apart, and lets so
// many requests in at a time.
func gateOf(pairs map[string]Pair, sources, flying int, clock func() time.Time, m *metrics) *gate {
	g := &gate{
		most: sources, clock: clock, metrics: m, pairs: pairs,
		all: map[string]*rate.Limiter{}, sources: map[source]*visitor{}, crowd: map[string]*visitor{},
		flying: make(chan struct{}, flying),
	}
	for class, p := range g.pairs {
		g.all[class] = p.All.limiter()
		g.crowd[class] = &visitor{limiter: p.Source.limiter()}
	}
	return g
}

// Admit implements web.Observer: a place among those that are served at a
// time, and a share of the rates.
func (g *gate) Admit(r *http.Request, route *web.Route) (context.Context, func(), error) {
	ctx, class := r.Context(), classRead
	if route != nil {
		class = route.Class
	}
	if class == classFree {
		return ctx, nil, nil
	}
	now := g.clock()
	if !g.visitor(r, class, now).AllowN(now, 1) {
		g.metrics.anomaly(anomalySource)
		return ctx, nil, tooMany("too many requests from one source")
	}
	if !g.all[class].AllowN(now, 1) {
		g.metrics.anomaly(anomalyRate)
		return ctx, nil, tooMany("too many requests")
	}
	release, err := place(g.flying, g.metrics)
	return ctx, release, err
}

// place is one of so many requests at a time.
func place(places chan struct{}, m *metrics) (func(), error) {
	select {
	case places <- struct{}{}:
		return func() { <-places }, nil
	default:
		m.anomaly(anomalyCrowded)
		return nil, &web.Problem{Status: http.StatusServiceUnavailable, Code: web.CodeBusy, Detail: "too many requests at a time", Retry: 1}
	}
}

func tooMany(detail string) error {
	return &web.Problem{Status: http.StatusTooManyRequests, Code: web.CodeTooMany, Detail: detail, Retry: 1}
}

// Done implements web.Observer.
func (g *gate) Done(route *web.Route, status int, code string, took time.Duration) {
	g.metrics.request(route, status, code, took)
}

// visitor finds the rate of a request's source.
func (g *gate) visitor(r *http.Request, class string, now time.Time) *rate.Limiter {
	key := source{web.Source(r.RemoteAddr), class}
	g.mu.Lock()
	defer g.mu.Unlock()
	v := g.sources[key]
	if v == nil {
		if len(g.sources) >= g.most {
			g.sweep(now)
		}
		if len(g.sources) >= g.most {
			return g.crowd[class].limiter
		}
		v = &visitor{limiter: g.pairs[class].Source.limiter()}
		g.sources[key] = v
	}
	v.seen = now
	return v.limiter
}

// sweep forgets sources that have been away for longer than any burst takes to
// fill up again, at most once a second.
func (g *gate) sweep(now time.Time) {
	if now.Sub(g.swept) < time.Second {
		return
	}
	g.swept = now
	for key, v := range g.sources {
		if now.Sub(v.seen) > time.Minute {
			delete(g.sources, key)
		}
	}
}
