package roles

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/service/web"
	"scrutineer/reference-evoting/weakness"
)

// manageTimeout bounds a request on a management port: some wait for the
// board.
const manageTimeout = 11 * time.Minute

// managed is the part of a management port that all roles have.
type managed struct {
	test    bool         // the manifest says so
	insider []manage.Key // nil unless the role was started for insiders
	status  func(ctx context.Context) (manage.Status, error)
	plant   func(ctx context.Context, weak weakness.Set) error
	stop    context.CancelFunc
}

func (m managed) routes() []web.Route {
	return []web.Route{
		getRoute(manage.PathStatus, func(w http.ResponseWriter, r *http.Request) error {
			s, err := m.status(r.Context())
			if err != nil {
				return err
			}
			return web.Reply(w, http.StatusOK, s)
		}),
		postRoute(manage.PathWeaknesses, m.weaknesses),
		{Method: http.MethodGet, Path: manage.PathKeys, Query: []string{"role", "id"}, Handle: m.keys},
		commandRoute(manage.PathShutdown, func(w http.ResponseWriter, _ *http.Request) error {
			w.WriteHeader(http.StatusAccepted)
			m.stop()
			return nil
		}),
	}
}

func (m managed) weaknesses(w http.ResponseWriter, r *http.Request) error {
	q, err := web.JSON[manage.Weaknesses](r, codec.Limits{Size: manage.MaxRequest})
	if err != nil {
		return err
	}
	weak, err := weakness.Parse(q.Planted)
	if err != nil {
		return web.Errorf(http.StatusUnprocessableEntity, "unknown-weakness", "%v", err)
	}
	if !m.test {
		return notTest()
	}
	if err := m.plant(r.Context(), weak); err != nil {
		return err
	}
	s, err := m.status(r.Context())
	if err != nil {
		return err
	}
	return web.Reply(w, http.StatusOK, s)
}

func (m managed) keys(w http.ResponseWriter, r *http.Request) error {
	if err := m.forInsiders(); err != nil {
		return err
	}
	role, id := message.Role(r.URL.Query().Get("role")), r.URL.Query().Get("id")
	out := manage.Keys{Keys: []manage.Key{}}
	for _, k := range m.insider {
		if (role == "" || role == k.Role) && (id == "" || id == k.ID) {
			out.Keys = append(out.Keys, k)
		}
	}
	if len(out.Keys) == 0 {
		return web.Errorf(http.StatusNotFound, "no-key", "this process has no such key")
	}
	return web.Reply(w, http.StatusOK, out)
}

// forInsiders refuses what only an insider of a test election may do.
func (m managed) forInsiders() error {
	switch {
	case !m.test:
		return notTest()
	case m.insider == nil:
		return web.Errorf(http.StatusForbidden, "no-insiders", "this process was not started for insiders")
	}
	return nil
}

func notTest() error {
	return web.Errorf(http.StatusForbidden, "not-a-test", "the manifest does not say test")
}

func getRoute(path string, h func(http.ResponseWriter, *http.Request) error) web.Route {
	return web.Route{Method: http.MethodGet, Path: path, Handle: h}
}

func postRoute(path string, h func(http.ResponseWriter, *http.Request) error) web.Route {
	return web.Route{Method: http.MethodPost, Path: path, Takes: web.TypeJSON, Limit: manage.MaxRequest, Handle: h}
}

// commandRoute is a POST without a body.
func commandRoute(path string, h func(http.ResponseWriter, *http.Request) error) web.Route {
	return web.Route{Method: http.MethodPost, Path: path, Handle: h}
}

// servePort serves a management port until the function returned is called;
// without a listener there is none. Requests end with ctx.
func servePort(ctx context.Context, l net.Listener, routes []web.Route, logger *slog.Logger) (stop func(context.Context) error) {
	if l == nil {
		return func(context.Context) error { return nil }
	}
	router := web.NewRouter(routes, nil, logger, manageTimeout)
	server := web.NewServer(router, web.Limits{Read: manageTimeout, Write: manageTimeout}, logger).Within(ctx)
	done := make(chan error, 1)
	go func() { done <- server.Serve(l) }()
	return func(ctx context.Context) error {
		return errors.Join(server.Shutdown(ctx), <-done)
	}
}

// portTimeout is how long a management port may take to end; on a busy machine a
// request under way takes seconds.
const portTimeout = 30 * time.Second

// withPort runs a role with its management port, and ends when ctx does, when
// the port says so, or when the role ends by itself.
func withPort(ctx context.Context, l net.Listener, logger *slog.Logger, routes func(stop context.CancelFunc) []web.Route, run func(ctx context.Context) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stop := servePort(ctx, l, routes(cancel), logger)
	err := run(ctx)
	cancel()
	end, release := context.WithTimeout(context.WithoutCancel(ctx), portTimeout)
	defer release()
	return errors.Join(err, stop(end))
}
