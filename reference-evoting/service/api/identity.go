package api

import (
	"context"
	_ "embed"
	"errors"
	"net/http"
	"time"

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

// IdentityRoutes is the public interface of an identity service;
// identity.yaml says the same.
func IdentityRoutes(s *identity.Service) []web.Route {
	return []web.Route{
		identified("/v1/sessions", s.Login),
		identified("/v1/authorisations", s.Authorise),
		identified("/v1/notices", s.Notices),
		{Method: http.MethodGet, Path: "/openapi.yaml", Handle: func(w http.ResponseWriter, _ *http.Request) error {
			return web.ReplyBytes(w, http.StatusOK, "application/yaml", IdentityDescription)
		}},
		{Method: http.MethodGet, Path: "/healthz", Handle: func(w http.ResponseWriter, _ *http.Request) error {
			return web.Reply(w, http.StatusOK, message.Health{Status: "ok"})
		}},
	}
}

func identified[T any](path string, to func(context.Context, []byte) (T, error)) web.Route {
	return web.Route{Method: http.MethodPost, Path: path, Takes: web.TypeJSON, Limit: maxIdentity,
		Handle: func(w http.ResponseWriter, r *http.Request) error {
			raw, err := web.Body(r)
			if err != nil {
				return err
			}
			out, err := to(r.Context(), raw)
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
