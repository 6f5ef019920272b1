package api

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/authority"
	"scrutineer/reference-evoting/service/web"
)

// typeYAML is the media type of the description.
const typeYAML = "application/yaml"

// status tells where the election stands.
func (a *API) status(w http.ResponseWriter, _ *http.Request) error {
	return web.Reply(w, http.StatusOK, a.current().Authority.Status())
}

func (a *API) describe(w http.ResponseWriter, _ *http.Request) error {
	return web.ReplyBytes(w, http.StatusOK, typeYAML, Description)
}

// healthy: the process answers.
func (a *API) healthy(w http.ResponseWriter, _ *http.Request) error {
	return web.Reply(w, http.StatusOK, message.Health{Status: "ok"})
}

// ready: it takes ballots and entries, as far as the election lets it.
func (a *API) ready(w http.ResponseWriter, _ *http.Request) error {
	if a.draining.Load() {
		return &web.Problem{Status: http.StatusServiceUnavailable, Code: web.CodeDraining, Detail: "the server is shutting down"}
	}
	if a.current().Authority.Err() != nil {
		return authority.ErrFailed // a disk has failed
	}
	return web.Reply(w, http.StatusOK, message.Health{Status: "ready"})
}

// metrics answers in the format of Prometheus.
func (a *API) metrics(w http.ResponseWriter, r *http.Request) error {
	promhttp.HandlerFor(a.cfg.Registry, promhttp.HandlerOpts{DisableCompression: true}).ServeHTTP(w, r)
	return nil
}
