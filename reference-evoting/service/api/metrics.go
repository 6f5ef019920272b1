package api

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"scrutineer/reference-evoting/admission"
	"scrutineer/reference-evoting/service/web"
)

// The rules by which traffic is odd. Each is a value of the label rule of
// scrutineer_anomalies_total.
const (
	anomalySource     = "source-rate"   // one source asks too often
	anomalyRate       = "overall-rate"  // all together do
	anomalyCrowded    = "crowded"       // too many at a time
	anomalyMalformed  = "malformed"     // not what the route takes
	anomalyOversized  = "oversized"     // header or body
	anomalySlow       = "slow"          // header or body did not come in time
	anomalyForged     = "bad-signature" // of a credential
	anomalyProbing    = "unknown-route"
	anomalyRule       = "broken-rule" // well-formed, but against the election's rules
	anomalyRefused    = "refused"     // a signed refusal
	anomalyUnreadable = "no-request"  // what came was no HTTP request
)

// metrics are the server's, in a registry of its own.
type metrics struct {
	requests  *prometheus.CounterVec
	seconds   *prometheus.HistogramVec
	anomalies *prometheus.CounterVec
	rule      func(route *web.Route, status int, code string) string // empty for none
}

// newMetrics is the authority's.
func newMetrics(registry *prometheus.Registry, a *API, e *entrance) *metrics {
	m := metricsOf(registry, rule, append(admissionRules(),
		anomalyCrowded, anomalyMalformed, anomalyOversized, anomalySlow, anomalyForged,
		anomalyProbing, anomalyRule, anomalyRefused, anomalyUnreadable)...)
	of := func(f func(*served) float64) func() float64 {
		return func() float64 {
			if s := a.current(); s != nil {
				return f(s)
			}
			return 0
		}
	}
	registry.MustRegister(
		prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "scrutineer_ballots_checked_total", Help: "Ballots whose proofs were looked at."},
			of(func(s *served) float64 { return float64(s.Authority.Checked()) })),
		gauge("known_waiting", "Requests of credentials that wait for a worker.", of(func(s *served) float64 { k, _ := s.Admission.Waiting(); return float64(k) })),
		gauge("strangers_waiting", "Requests for which nobody vouches that wait for a worker.", of(func(s *served) float64 { _, n := s.Admission.Waiting(); return float64(n) })),
		gauge("board_entries", "Entries of the board.", func() float64 { return float64(a.current().Board.Size()) }),
		gauge("casts", "Casts on the board.", func() float64 { return float64(a.current().Authority.Counts().Casts) }),
		gauge("challenges", "Challenges on the board.", func() float64 { return float64(a.current().Authority.Counts().Challenges) }),
		gauge("waiting", "Long polls under way.", func() float64 { return float64(len(e.waiting)) }),
		gauge("flying", "Other requests under way.", func() float64 { return float64(len(e.flying)) }),
		gauge("ready", "1 while entries and ballots are taken.", func() float64 {
			if a.draining.Load() || a.current().Authority.Err() != nil {
				return 0
			}
			return 1
		}),
	)
	return m
}

// admissionRules are the labels of what the admission does not serve.
func admissionRules() []string {
	var out []string
	for _, r := range admission.Rules() {
		out = append(out, string(r))
	}
	return out
}

func gauge(name, help string, value func() float64) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "scrutineer_" + name, Help: help}, value)
}

// metricsOf counts requests, and those that rule finds odd by each of rules.
func metricsOf(registry *prometheus.Registry, rule func(*web.Route, int, string) string, rules ...string) *metrics {
	m := &metrics{
		rule: rule,
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "scrutineer_requests_total", Help: "Requests by route, status and code of the problem answered.",
		}, []string{"route", "status", "code"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "scrutineer_request_seconds", Help: "Time from a request's header to its answer; long polls wait on purpose.",
			Buckets: []float64{.001, .003, .01, .03, .1, .3, 1, 3, 10, 30},
		}, []string{"route"}),
		anomalies: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "scrutineer_anomalies_total", Help: "Odd requests by the rule that they met.",
		}, []string{"rule"}),
	}
	for _, r := range rules {
		m.anomalies.WithLabelValues(r)
	}
	registry.MustRegister(m.requests, m.seconds, m.anomalies)
	return m
}

func (m *metrics) anomaly(rule string) { m.anomalies.WithLabelValues(rule).Inc() }

// request counts one that was answered. Routes are those of the table, codes
// a closed list, so that strangers cannot make up series.
func (m *metrics) request(route *web.Route, status int, code string, took time.Duration) {
	name := "none"
	if route != nil {
		name = route.Method + " " + route.Path
	}
	m.requests.WithLabelValues(name, strconv.Itoa(status), code).Inc()
	m.seconds.WithLabelValues(name).Observe(took.Seconds())
	if rule := m.rule(route, status, code); rule != "" {
		m.anomaly(rule)
	}
}

// rule is what an answer counts as; those of the gate are counted there.
func rule(route *web.Route, status int, _ string) string {
	switch status {
	case http.StatusNotFound, http.StatusMethodNotAllowed:
		if route == nil {
			return anomalyProbing
		}
	case http.StatusBadRequest, http.StatusUnsupportedMediaType:
		return anomalyMalformed
	case http.StatusRequestEntityTooLarge:
		return anomalyOversized
	case http.StatusRequestTimeout:
		return anomalySlow
	case http.StatusUnauthorized:
		return anomalyForged
	case http.StatusUnprocessableEntity:
		return anomalyRule
	}
	return ""
}

// Unreadable implements web.Watcher.
func (a *API) Unreadable(code string) { a.gate.metrics.unreadable(code) }

// unreadable counts what no handler saw.
func (m *metrics) unreadable(code string) {
	rule := anomalyUnreadable
	switch code {
	case web.CodeSlow:
		rule = anomalySlow
	case web.CodeHeader:
		rule = anomalyOversized
	case web.CodeCrowded:
		rule = anomalyCrowded
	}
	m.anomaly(rule)
}
