package web

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"path"
	"runtime/debug"
	"slices"
	"strings"
	"time"
)

// Route is one thing that a server does. Path is of segments that stand for
// themselves, {name} for any one, or {name...} at its end for one or more.
type Route struct {
	Method  string
	Path    string
	Takes   string        // media type of the request's body; empty where it has none
	Limit   int64         // bytes of that body
	Query   []string      // parameters
	Class   string        // for the admission of requests
	Timeout time.Duration // of the handler; 0 is the router's
	Handle  func(w http.ResponseWriter, r *http.Request) error

	segments []string
}

// Observer is told what becomes of requests. Route is nil where none fits.
type Observer interface {
	// Admit may refuse a request before its body is read. If it does not, it
	// returns the context with which the request goes on, and what is to be
	// called when it is done; nil for nothing.
	Admit(r *http.Request, route *Route) (ctx context.Context, release func(), err error)
	// Done is called once for each request with the code of the problem that
	// was answered, empty for none.
	Done(route *Route, status int, code string, took time.Duration)
}

// Router serves a table of routes.
type Router struct {
	routes   []Route
	observer Observer
	logger   *slog.Logger
	timeout  time.Duration
}

// NewRouter serves routes; a handler that gives no timeout has timeout. The
// observer may be nil.
func NewRouter(routes []Route, observer Observer, logger *slog.Logger, timeout time.Duration) *Router {
	rt := &Router{routes: slices.Clone(routes), observer: observer, logger: logger, timeout: timeout}
	for i := range rt.routes {
		rt.routes[i].segments = strings.Split(rt.routes[i].Path, "/")
	}
	return rt
}

// Routes lists what is served.
func (rt *Router) Routes() []Route { return slices.Clone(rt.routes) }

// find returns the route of a request, or the Problem that there is none.
func (rt *Router) find(r *http.Request) (*Route, error) {
	var allow []string
	if p := r.URL.Path; p == path.Clean(p) && r.URL.RawPath == "" {
		segments := strings.Split(p, "/")
		for i := range rt.routes {
			route := &rt.routes[i]
			if !matches(route.segments, segments) {
				continue
			}
			if route.Method == r.Method {
				bind(r, route.segments, segments)
				return route, nil
			}
			allow = append(allow, route.Method)
		}
	}
	if allow == nil {
		return nil, Errorf(http.StatusNotFound, CodeNotFound, "there is nothing here")
	}
	return nil, &Problem{
		Status: http.StatusMethodNotAllowed, Code: CodeMethod, Allow: strings.Join(allow, ", "),
		Detail: "this takes " + strings.Join(allow, " or "),
	}
}

func matches(pattern, segments []string) bool {
	for i, p := range pattern {
		switch {
		case strings.HasSuffix(p, "...}"):
			return len(segments) > i
		case i >= len(segments):
			return false
		case p != segments[i] && !strings.HasPrefix(p, "{"):
			return false
		}
	}
	return len(segments) == len(pattern)
}

// bind sets the values of the placeholders.
func bind(r *http.Request, pattern, segments []string) {
	for i, p := range pattern {
		name, isValue := strings.CutPrefix(p, "{")
		if !isValue {
			continue
		}
		name = strings.TrimSuffix(name, "}")
		if name, rest := strings.CutSuffix(name, "..."); rest {
			r.SetPathValue(name, strings.Join(segments[i:], "/"))
			return
		}
		r.SetPathValue(name, segments[i])
	}
}

// ServeHTTP implements http.Handler.
func (rt *Router) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	enter(r.Context())
	begin := time.Now()
	rec := &recorder{ResponseWriter: w}
	secure(rec.Header())
	route, err := rt.find(r)
	if err == nil {
		err = rt.run(rec, r, route)
	} else if refused := rt.turnAway(r); refused != nil {
		err = refused
	}
	code := ""
	if err != nil {
		p, ours := outcome(r.Context(), err)
		code = p.Code
		if ours {
			rt.logger.Error("request failed", "route", name(route), "err", err)
		}
		if rec.status == 0 {
			p.write(rec)
		} else {
			// The answer broke off: the client must not take it for whole.
			defer panic(http.ErrAbortHandler)
		}
	}
	rt.done(route, rec, code, time.Since(begin))
}

func (rt *Router) done(route *Route, rec *recorder, code string, took time.Duration) {
	// The path is not logged: it may name a credential.
	rt.logger.Debug("request", "route", name(route), "status", rec.status, "code", code, "bytes", rec.bytes, "took", took)
	if rt.observer != nil {
		rt.observer.Done(route, rec.status, code, took)
	}
}

// turnAway admits a request that has no route: whoever looks for holes is
// counted and slowed down as well.
func (rt *Router) turnAway(r *http.Request) error {
	if rt.observer == nil {
		return nil
	}
	_, release, err := rt.observer.Admit(r, nil)
	if err == nil && release != nil {
		release()
	}
	return err
}

func name(route *Route) string {
	if route == nil {
		return "none"
	}
	return route.Method + " " + route.Path
}

// run makes the checks that all routes share, then handles. A panic becomes
// an error.
func (rt *Router) run(w *recorder, r *http.Request, route *Route) (err error) {
	defer func() {
		if p := recover(); p != nil {
			rt.logger.Error("panic", "route", name(route), "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			err = Errorf(http.StatusInternalServerError, CodeInternal, "the request failed for a reason of ours")
		}
	}()
	if rt.observer != nil {
		ctx, release, err := rt.observer.Admit(r, route)
		if err != nil {
			return err
		}
		if release != nil {
			defer release()
		}
		r = r.WithContext(ctx)
	}
	if err := checkQuery(r, route.Query); err != nil {
		return err
	}
	if err := checkMedia(r, route.Takes); err != nil {
		return err
	}
	if route.Takes != "" {
		if r.ContentLength > route.Limit {
			return Errorf(http.StatusRequestEntityTooLarge, CodeTooLarge, "the body is above %d bytes", route.Limit)
		}
		r.Body = http.MaxBytesReader(w.ResponseWriter, r.Body, route.Limit)
	}
	timeout := route.Timeout
	if timeout == 0 {
		timeout = rt.timeout
	}
	ctx, cancel := context.WithTimeout(r.Context(), timeout)
	defer cancel()
	return route.Handle(w, r.WithContext(ctx))
}

// secure sets what every answer has. Nothing here is meant for a browser.
func secure(h http.Header) {
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
}

// recorder notes what was answered.
type recorder struct {
	http.ResponseWriter
	status int
	bytes  int
}

func (w *recorder) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func (w *recorder) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(b)
	w.bytes += n
	return n, err
}

// Unwrap lets http.ResponseController find the connection.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }
