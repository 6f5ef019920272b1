// Package api is the authority's public HTTP interface: the board as files,
// the ways in for ballots, decisions, entries and cosignatures, and what says
// how the server is. openapi.yaml describes it; a test holds the two together.
//
// Everything that changes the election is signed by somebody, in the body:
// the server knows no sessions, cookies or passwords. What anybody may send is
// bounded in size, time and number before it is looked at.
package api

import (
	"context"
	_ "embed"
	"errors"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"scrutineer/protocols/record"
	"scrutineer/reference-evoting/admission"
	"scrutineer/reference-evoting/authority"
	"scrutineer/reference-evoting/board"
	"scrutineer/reference-evoting/cosign"
	"scrutineer/reference-evoting/manifest"
	"scrutineer/reference-evoting/service/web"
)

// Description is the OpenAPI 3.1 document of this interface.
//
//go:embed openapi.yaml
var Description []byte

// Board is the log as the server hands it out.
type Board interface {
	// File returns a file of the log by its path in the tlog-tiles layout, or
	// an error that wraps fs.ErrNotExist.
	File(ctx context.Context, path string) ([]byte, error)
	// Await returns the newest cosigned checkpoint of at least size entries.
	Await(ctx context.Context, size uint64) ([]byte, error)
	Size() uint64
}

// Moments are the kept checkpoints of the record (SPEC.md §5).
type Moments interface {
	// Moment returns one, or an error that wraps board.ErrNoCheckpoint.
	Moment(m record.Moment) ([]byte, error)
}

// Election is what is served. All fields are required.
type Election struct {
	Authority *authority.Authority
	Manifest  *manifest.Election
	Board     Board
	Collector *cosign.Collector
	Moments   Moments
	Admission *admission.Control
}

// Config is what a server is made of; zero fields stand for the defaults.
type Config struct {
	Limits   Limits
	Logger   *slog.Logger
	Registry *prometheus.Registry // for metrics; default a new one
	Clock    func() time.Time
}

// API serves one election at a time.
type API struct {
	cfg      Config
	election atomic.Pointer[served]
	router   *web.Router
	gate     *entrance
	draining atomic.Bool
	stop     context.CancelFunc // ends the long polls
	life     context.Context
}

// New serves e.
func New(cfg Config, e *Election) *API {
	cfg.Limits = cfg.Limits.withDefaults()
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.Registry == nil {
		cfg.Registry = prometheus.NewRegistry()
	}
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	a := &API{cfg: cfg}
	a.life, a.stop = context.WithCancel(context.Background())
	a.gate = newEntrance(a)
	a.Use(e)
	a.router = web.NewRouter(a.routes(), a.gate, cfg.Logger, cfg.Limits.Handler)
	return a
}

// served is an election while it is served.
type served struct {
	*Election
	life context.Context // ends when it is no longer
	end  context.CancelFunc
}

// Use serves another election from now on.
func (a *API) Use(e *Election) {
	s := &served{Election: e}
	s.life, s.end = context.WithCancel(context.Background())
	e.Admission.Watch(func(r admission.Rule) { a.gate.metrics.anomaly(string(r)) })
	a.election.Store(s)
}

// Suspend ends the requests that the election of the moment has under way,
// with an outcome that is unknown: it is about to be replaced, and will not
// answer them.
func (a *API) Suspend() { a.election.Load().end() }

// within is the request's context, which ends with the election as well.
func (s *served) within(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(s.life, cancel)
	return ctx, func() { stop(); cancel() }
}

// Routes lists what is served.
func (a *API) Routes() []web.Route { return a.router.Routes() }

// ServeHTTP implements http.Handler.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.router.ServeHTTP(w, r) }

// Server makes the HTTP server of this interface.
func (a *API) Server() *web.Server { return web.NewServer(a, a.cfg.Limits.Server, a.cfg.Logger) }

// Drain makes the server say that it is not ready, and ends the long polls:
// the first step of a shutdown.
func (a *API) Drain() {
	a.draining.Store(true)
	a.stop()
}

func (a *API) current() *served { return a.election.Load() }

// routes is the table; openapi.yaml says the same.
func (a *API) routes() []web.Route {
	l := a.cfg.Limits
	get := func(path string, h func(http.ResponseWriter, *http.Request) error) web.Route {
		return web.Route{Method: http.MethodGet, Path: path, Class: classRead, Handle: own(read(h))}
	}
	post := func(path, class, takes string, limit int64, h func(http.ResponseWriter, *http.Request) error) web.Route {
		return web.Route{Method: http.MethodPost, Path: path, Class: class, Takes: takes, Limit: limit, Handle: own(h)}
	}
	wait := get("/v1/wait", nil)
	wait.Handle = own(a.wait)
	wait.Query, wait.Class, wait.Timeout = []string{"size", "head"}, classWait, l.Wait+l.Handler
	return []web.Route{
		get("/checkpoint", a.ofBoard(checkpoint)),
		get("/checkpoint.pending", a.pending),
		get("/checkpoints/{moment}", a.moment),
		get("/tile/{path...}", a.ofBoard(tile)),
		get("/chunk/{digest}", a.ofBoard(chunk)),
		wait,
		post("/v1/cosignatures", classRole, web.TypeNote, maxNote, a.cosign),
		post("/v1/entries", classRole, web.TypeJSON, maxEntry, a.entry),
		post("/v1/entries/long", classLong, web.TypeJSON, maxLong, a.longEntry),
		post("/v1/ballots", classSubmit, web.TypeJSON, l.Ballot, a.submit),
		post("/v1/casts", classDecide, web.TypeJSON, maxDecision, a.cast),
		post("/v1/challenges", classChallenge, web.TypeJSON, l.Ballot, a.challenge),
		get("/v1/chains/{credential}", a.chain),
		get("/v1/ballots/{tracker}", a.find),
		get("/v1/status", a.status),
		get("/watch", a.watch),
		get("/openapi.yaml", a.describe),
		get("/healthz", a.healthy),
		get("/readyz", a.ready),
		{Method: http.MethodGet, Path: "/metrics", Class: classFree, Handle: a.metrics},
	}
}

// ofBoard serves from the board of the moment.
func (a *API) ofBoard(h func(http.ResponseWriter, *http.Request, Board) error) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error { return h(w, r, a.current().Board) }
}

// own gives errors of the core their HTTP status.
func own(h func(http.ResponseWriter, *http.Request) error) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		err := h(w, r)
		var p *authority.Problem
		var turned *admission.Refusal
		switch {
		case errors.As(err, &p) && p.Code == web.CodeTooLarge:
			return web.Errorf(http.StatusRequestEntityTooLarge, p.Code, "%s", p.Detail)
		case errors.As(err, &p):
			return &web.Problem{Status: p.Status, Code: p.Code, Detail: p.Detail, Retry: retry(p.Status, p.After)}
		case errors.As(err, &turned):
			return notServed(turned)
		case errors.Is(err, board.ErrClosed):
			return &web.Problem{Status: http.StatusServiceUnavailable, Code: web.CodeDraining, Detail: "the board is closed", Retry: 1}
		}
		return err
	}
}

// retry is in how many seconds to ask again.
func retry(status int, after time.Duration) int {
	if status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests {
		return max(1, int((after+time.Second-1)/time.Second))
	}
	return 0
}

func notServed(r *admission.Refusal) error {
	p := &web.Problem{Status: http.StatusTooManyRequests, Code: web.CodeTooMany, Detail: r.Error()}
	if r.Busy() {
		p.Status, p.Code = http.StatusServiceUnavailable, web.CodeBusy
	}
	p.Retry = retry(p.Status, r.After)
	return p
}
