package api

import (
	"context"
	"errors"
	"math"
	"net/http"
	"time"

	"scrutineer/reference-evoting/admission"
	"scrutineer/reference-evoting/service/web"
)

// Limits bound what strangers get. Zero fields stand for the defaults, those of
// the field.
//
// A source is an IP address, of IPv6 its first 64 bits. Addresses in headers
// are not believed: behind a proxy all clients are one source, and the limits of
// a source must be raised.
type Limits struct {
	Server     web.Limits    // default those of strangers, see there
	Ballot     int64         // bytes of a submission or challenge; default 256 KiB
	Handler    time.Duration // for a request's work; default 20 s
	Wait       time.Duration // of a long poll; default 25 s
	Flying     int           // requests at a time; default 1,024
	Waiting    int           // long polls at a time; default 4,096
	LongFlying int           // long entries at a time; default 4
	Admission  admission.Limits
}

func (l Limits) withDefaults() Limits {
	l.Admission = l.Admission.Filled()
	if l.Server.Peers == nil {
		l.Server.Peers = l.Admission.Peers
	}
	l.Server = l.Server.Strangers()
	setDefault(&l.Ballot, 256<<10)
	setDefault(&l.Handler, 20*time.Second)
	setDefault(&l.Wait, 25*time.Second)
	setDefault(&l.Flying, 1024)
	setDefault(&l.Waiting, 4096)
	setDefault(&l.LongFlying, 4)
	return l
}

// Open is the limits without those that tell sources and credentials apart: for
// elections of the laboratory, whose voters all come from one place.
func (l Limits) Open() Limits {
	cpu, peers := l.Admission.CPU, l.Admission.Peers
	l.Admission, l.Server.PerSource = admission.Open(), -1
	l.Admission.CPU, l.Admission.Peers = cpu, peers
	return l
}

// Times is the limits with what sources and credentials may do multiplied by
// factor; 0 is Open.
func (l Limits) Times(factor float64) Limits {
	if factor <= 0 {
		return l.Open()
	}
	a := l.Admission.Filled()
	a.PerSecond *= factor
	for _, n := range []*int{&a.Burst, &a.Minute, &a.Hour, &a.Flying} {
		*n = int(math.Ceil(float64(*n) * factor))
	}
	l.Admission = a
	return l
}

// Differs lists the limits of admission that are not those of the field.
func (l Limits) Differs() []string { return l.Admission.Differs() }

// entrance is where the requests to an authority come in: it shows each to the
// election's admission and counts what is odd. It implements web.Observer.
type entrance struct {
	api                   *API
	metrics               *metrics
	flying, waiting, long chan struct{}
}

var _ web.Observer = (*entrance)(nil)

func newEntrance(a *API) *entrance {
	l := a.cfg.Limits
	e := &entrance{api: a, flying: make(chan struct{}, l.Flying), waiting: make(chan struct{}, l.Waiting), long: make(chan struct{}, l.LongFlying)}
	e.metrics = newMetrics(a.cfg.Registry, a, e)
	return e
}

// Admit implements web.Observer: a place among those that are served at a time,
// and the source's leave to ask.
func (e *entrance) Admit(r *http.Request, route *web.Route) (context.Context, func(), error) {
	ctx, class := r.Context(), classRead
	if route != nil {
		class = route.Class
	}
	if class == classFree {
		return ctx, nil, nil
	}
	places := e.flying
	switch class {
	case classWait:
		places = e.waiting
	case classLong:
		places = e.long
	}
	visit, err := e.api.current().Admission.Visit(web.Source(r.RemoteAddr), anonymous(class))
	if err != nil {
		var turned *admission.Refusal
		if errors.As(err, &turned) {
			err = notServed(turned)
		}
		return ctx, nil, err
	}
	leave, err := place(places, e.metrics)
	if err != nil {
		visit.End()
		return ctx, nil, err
	}
	return admission.With(ctx, visit), func() { visit.End(); leave() }, nil
}

// anonymous classes are those in which nothing vouches for a request.
func anonymous(class string) bool {
	return class == classRead || class == classWait || class == classChallenge
}

// Done implements web.Observer.
func (e *entrance) Done(route *web.Route, status int, code string, took time.Duration) {
	e.metrics.request(route, status, code, took)
}

// read handles what only reads: with a worker until the answer begins, since
// who reads it slowly must not keep one.
func read(h func(http.ResponseWriter, *http.Request) error) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		visit := admission.Of(r.Context())
		if err := visit.Begin(r.Context(), 0); err != nil {
			return err
		}
		return h(&resting{w, visit}, r)
	}
}

// resting gives the worker back before it writes.
type resting struct {
	http.ResponseWriter
	visit *admission.Visit
}

func (w *resting) WriteHeader(status int) {
	w.visit.Rest()
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController find the connection.
func (w *resting) Unwrap() http.ResponseWriter { return w.ResponseWriter }
