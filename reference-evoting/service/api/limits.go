package api

import (
	"math"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"scrutineer/reference-evoting/authority"
	"scrutineer/reference-evoting/service/web"
)

// Classes of requests, each with rates of its own.
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

// Limits bound what strangers get. Zero fields stand for the defaults, which
// let 64 honest clients behind one address cast as fast as they can.
//
// A source is an IP address, of IPv6 its first 64 bits. Addresses in headers
// are not believed: behind a proxy all clients are one source, and the rates
// of a source must be raised.
type Limits struct {
	Server     web.Limits
	Ballot     int64         // bytes of a submission or challenge; default 1 MiB
	Handler    time.Duration // for a request's work; default 20 s
	Wait       time.Duration // of a long poll; default 25 s
	Flying     int           // requests at a time; default 1,024
	Waiting    int           // long polls at a time; default 4,096
	LongFlying int           // long entries at a time; default 4
	Sources    int           // sources that are told apart; default 65,536

	Read, Role, LongRate, Submit, Decide, Challenge Pair
}

func (l Limits) withDefaults() Limits {
	l.Server = l.Server.WithDefaults()
	setDefault(&l.Ballot, authority.MaxSubmission)
	setDefault(&l.Handler, 20*time.Second)
	setDefault(&l.Wait, 25*time.Second)
	setDefault(&l.Flying, 1024)
	setDefault(&l.Waiting, 4096)
	setDefault(&l.LongFlying, 4)
	setDefault(&l.Sources, 1<<16)
	l.Read = l.Read.withDefaults(5000)
	l.Role = l.Role.withDefaults(500)
	l.LongRate = l.LongRate.withDefaults(20)
	l.Submit = l.Submit.withDefaults(1000)
	l.Decide = l.Decide.withDefaults(1000)
	l.Challenge = l.Challenge.withDefaults(200)
	return l
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// withDefaults gives a source perSecond and everybody together four times
// that, with bursts of two seconds.
func (p Pair) withDefaults(perSecond float64) Pair {
	for _, r := range []struct {
		rate *Rate
		per  float64
	}{{&p.Source, perSecond}, {&p.All, 4 * perSecond}} {
		setDefault(&r.rate.PerSecond, r.per)
		setDefault(&r.rate.Burst, int(math.Ceil(2*max(r.rate.PerSecond, 1))))
	}
	return p
}

func (r Rate) limiter() *rate.Limiter {
	if r.PerSecond < 0 {
		return rate.NewLimiter(rate.Inf, 0)
	}
	return rate.NewLimiter(rate.Limit(r.PerSecond), r.Burst)
}

// gate admits requests and counts what is odd. It implements web.Observer.
type gate struct {
	most    int // sources that are told apart
	clock   func() time.Time
	metrics *metrics
	pairs   map[string]Pair
	all     map[string]*rate.Limiter
	flying  chan struct{}
	waiting chan struct{}
	long    chan struct{}

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

// newGate is the authority's.
func newGate(l Limits, clock func() time.Time, m *metrics) *gate {
	g := gateOf(map[string]Pair{
		classRead: l.Read, classWait: l.Read, classRole: l.Role, classLong: l.LongRate,
		classSubmit: l.Submit, classDecide: l.Decide, classChallenge: l.Challenge,
	}, l.Sources, l.Flying, clock, m)
	g.waiting, g.long = make(chan struct{}, l.Waiting), make(chan struct{}, l.LongFlying)
	return g
}

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
func (g *gate) Admit(r *http.Request, route *web.Route) (func(), error) {
	class := classRead
	if route != nil {
		class = route.Class
	}
	if class == classFree {
		return nil, nil
	}
	now := g.clock()
	if !g.visitor(r, class, now).AllowN(now, 1) {
		g.metrics.anomaly(anomalySource)
		return nil, tooMany("too many requests from one source")
	}
	if !g.all[class].AllowN(now, 1) {
		g.metrics.anomaly(anomalyRate)
		return nil, tooMany("too many requests")
	}
	places := g.flying
	switch class {
	case classWait:
		places = g.waiting
	case classLong:
		places = g.long
	}
	select {
	case places <- struct{}{}:
		return func() { <-places }, nil
	default:
		g.metrics.anomaly(anomalyCrowded)
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

// Times is the limits with all rates multiplied by factor; 0 takes the rates
// away and leaves the other bounds.
func (l Limits) Times(factor float64) Limits {
	l = l.withDefaults()
	for _, p := range []*Pair{&l.Read, &l.Role, &l.LongRate, &l.Submit, &l.Decide, &l.Challenge} {
		for _, r := range []*Rate{&p.Source, &p.All} {
			if factor <= 0 {
				r.PerSecond = -1
				continue
			}
			r.PerSecond *= factor
			r.Burst = int(math.Ceil(2 * max(r.PerSecond, 1)))
		}
	}
	return l
}
