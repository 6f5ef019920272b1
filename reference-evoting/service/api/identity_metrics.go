package api

import (
	"net/http"
	"slices"

	"github.com/prometheus/client_golang/prometheus"

	"scrutineer/reference-evoting/identity"
	"scrutineer/reference-evoting/service/web"
)

// identityCodes are the problems of an identity service that are rules of
// their own for the metrics.
var identityCodes = []string{
	identity.CodeLogin, identity.CodeToken, identity.CodeSignature, identity.CodeBound, identity.CodeSlowDown,
	identity.CodeQueue, identity.CodeMany, identity.CodeNotYours, web.CodePuzzle,
}

func identityMetrics(registry *prometheus.Registry, i *Identity) *metrics {
	m := metricsOf(registry, identityRule, append(slices.Clone(identityCodes),
		anomalySource, anomalyRate, anomalyCrowded, anomalyMalformed, anomalyOversized, anomalySlow,
		anomalyProbing, anomalyRule, anomalyUnreadable)...)
	registry.MustRegister(
		gauge("logins", "Logins worked on or waiting for their turn.", func() float64 { return float64(i.service.Waiting()) }),
		gauge("flying", "Requests under way.", func() float64 { return float64(len(i.gate.flying)) }),
		gauge("ready", "1 while voters can log in.", func() float64 {
			if i.service.Ready() {
				return 1
			}
			return 0
		}),
	)
	return m
}

// identityRule is what an answer counts as.
func identityRule(route *web.Route, status int, code string) string {
	switch {
	case slices.Contains(identityCodes, code):
		return code
	case status == http.StatusUnauthorized:
		return "" // every refusal of that status has a code of its own
	}
	return rule(route, status, code)
}
