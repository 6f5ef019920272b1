package api

import (
	"context"
	"crypto/cipher"
	_ "embed"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/identity"
	"scrutineer/reference-evoting/service/web"
)

// IdentityDescription is the OpenAPI 3.1 document of the identity service.
//
//go:embed identity.yaml
var IdentityDescription []byte

// maxIdentity bounds a body in bytes.
const maxIdentity = 8 << 10

// classLogin and classSession have rates of their own, beside classRead.
const (
	classLogin   = "login"
	classSession = "session"
)

// headerForwarded is what proxies tell a server behind them of who is logged
// in. Nobody is told by it here.
const headerForwarded = "X-Forwarded-User"

// IdentityLimits bound what strangers get of an identity service. Zero fields
// stand for the defaults. A source is what it is in Limits. How many logins
// are worked on and wait is in identity.Limits: the service counts them.
type IdentityLimits struct {
	Server  web.Limits    // default header 8 KiB in 5 s, request in 10 s, idle 30 s, 2,048 connections, 64 of a source
	Handler time.Duration // for a request's work, waiting included; default 8 s
	Flying  int           // requests at a time; default 256
	Sources int           // sources that are told apart; default 65,536
	Rate    Pair          // of logins, of what sessions ask, and of reading, each; default 20 a second and 40 at once, of all 50 times that
}

func (l IdentityLimits) withDefaults() IdentityLimits {
	l.Server = l.Server.Strangers()
	setDefault(&l.Handler, 8*time.Second)
	setDefault(&l.Flying, 256)
	setDefault(&l.Sources, 1<<16)
	setDefault(&l.Rate.Source, Rate{PerSecond: 20, Burst: 40})
	setDefault(&l.Rate.All, Rate{PerSecond: 1000, Burst: 2000})
	return l
}

// Times is the limits with the rates multiplied by factor; 0 takes them away
// and leaves the other bounds.
func (l IdentityLimits) Times(factor float64) IdentityLimits {
	l = l.withDefaults()
	for _, r := range []*Rate{&l.Rate.Source, &l.Rate.All} {
		if factor <= 0 {
			r.PerSecond = -1
			continue
		}
		r.PerSecond *= factor
		r.Burst = int(math.Ceil(2 * max(r.PerSecond, 1)))
	}
	return l
}

// IdentityConfig is what the port of an identity service is made of; zero
// fields stand for the defaults, but Random is needed.
type IdentityConfig struct {
	Limits   IdentityLimits
	Logger   *slog.Logger
	Registry *prometheus.Registry // for metrics; default a new one
	Clock    func() time.Time
	Random   cipher.Stream // for the key of the puzzles; read once
}

// Identity serves an identity service.
type Identity struct {
	cfg     IdentityConfig
	service *identity.Service
	router  *web.Router
	gate    *gate
	puzzles puzzles
	misses  misses
}

// NewIdentity serves s.
func NewIdentity(cfg IdentityConfig, s *identity.Service) *Identity {
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
	i := &Identity{cfg: cfg, service: s, puzzles: newPuzzles(cfg.Random, cfg.Clock), misses: newMisses(cfg.Logger, cfg.Clock, cfg.Limits.Sources)}
	r := cfg.Limits.Rate
	i.gate = gateOf(map[string]Pair{classRead: r, classLogin: r, classSession: r},
		cfg.Limits.Sources, cfg.Limits.Flying, cfg.Clock, identityMetrics(cfg.Registry, i))
	i.router = web.NewRouter(i.routes(), i.gate, cfg.Logger, cfg.Limits.Handler)
	return i
}

// Routes lists what is served.
func (i *Identity) Routes() []web.Route { return i.router.Routes() }

// ServeHTTP implements http.Handler.
func (i *Identity) ServeHTTP(w http.ResponseWriter, r *http.Request) { i.router.ServeHTTP(w, r) }

// Unreadable implements web.Watcher.
func (i *Identity) Unreadable(code string) { i.gate.metrics.unreadable(code) }

// Server makes the HTTP server of this interface.
func (i *Identity) Server() *web.Server {
	return web.NewServer(i, i.cfg.Limits.Server, i.cfg.Logger)
}

// routes is the table; identity.yaml says the same.
func (i *Identity) routes() []web.Route {
	get := func(path string, h func(http.ResponseWriter, *http.Request) error) web.Route {
		return web.Route{Method: http.MethodGet, Path: path, Class: classRead, Handle: h}
	}
	login := identified("/v1/sessions", classLogin, i.service.Login)
	login.Handle = i.puzzled(i.missed(login.Handle))
	metrics := get("/metrics", i.metrics)
	metrics.Class = classFree
	return []web.Route{
		login,
		identified("/v1/authorisations", classSession, i.service.Authorise),
		identified("/v1/notices", classSession, i.service.Notices),
		get("/openapi.yaml", func(w http.ResponseWriter, _ *http.Request) error {
			return web.ReplyBytes(w, http.StatusOK, typeYAML, IdentityDescription)
		}),
		get("/healthz", func(w http.ResponseWriter, _ *http.Request) error {
			return web.Reply(w, http.StatusOK, message.Health{Status: "ok"})
		}),
		get("/readyz", i.ready),
		metrics,
	}
}

// ready: it has seen the election open, and logs voters in.
func (i *Identity) ready(w http.ResponseWriter, _ *http.Request) error {
	if !i.service.Ready() {
		return &web.Problem{Status: http.StatusServiceUnavailable, Code: "not-open", Detail: "the service has not seen the election open", Retry: 1}
	}
	return web.Reply(w, http.StatusOK, message.Health{Status: "ready"})
}

func (i *Identity) metrics(w http.ResponseWriter, r *http.Request) error {
	promhttp.HandlerFor(i.cfg.Registry, promhttp.HandlerOpts{DisableCompression: true}).ServeHTTP(w, r)
	return nil
}

// puzzled asks for the answer to a puzzle while many logins wait, before a
// body is read.
func (i *Identity) puzzled(h func(http.ResponseWriter, *http.Request) error) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		source := web.Source(r.RemoteAddr)
		if i.service.Crowded() && !i.puzzles.solved(source, r.Header.Get(web.HeaderAnswer)) {
			w.Header().Set(web.HeaderPuzzle, i.puzzles.question(source))
			return web.Errorf(http.StatusPreconditionRequired, web.CodePuzzle,
				"many logins are waiting: ask again with an answer to the puzzle in the header %s", web.HeaderAnswer)
		}
		return h(w, r)
	}
}

func identified[T any](path, class string, to func(context.Context, []byte) (T, error)) web.Route {
	return web.Route{Method: http.MethodPost, Path: path, Class: class, Takes: web.TypeJSON, Limit: maxIdentity,
		Handle: func(w http.ResponseWriter, r *http.Request) error {
			raw, err := web.Body(r)
			if err != nil {
				return err
			}
			out, err := to(identity.Forwarded(r.Context(), r.Header.Get(headerForwarded)), raw)
			var p *identity.Problem
			if errors.As(err, &p) {
				return &web.Problem{Status: p.Status, Code: p.Code, Detail: p.Detail, Retry: int((p.After + time.Second - 1) / time.Second)}
			}
			if err != nil {
				return err
			}
			body, err := codec.Encode(out)
			if err != nil {
				return err
			}
			return web.ReplyBytes(w, http.StatusOK, web.TypeJSON, body)
		}}
}
