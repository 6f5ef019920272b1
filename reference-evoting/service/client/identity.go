package client

import (
	"context"
	"net/http"

	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/service/web"
)

// Login opens a session with an identity service (S-40). Where that asks for
// the answer to a puzzle first it gets one, once.
func (c *Client) Login(ctx context.Context, login []byte) (message.Session, error) {
	q := request{method: http.MethodPost, path: "/v1/sessions", body: login, limit: maxAnswer}
	a, err := c.do(ctx, q)
	if a.status == http.StatusPreconditionRequired && a.puzzle != "" {
		q.answer = a.puzzle + ":" + web.SolvePuzzle(a.puzzle)
		a, err = c.do(ctx, q)
	}
	if err != nil {
		return message.Session{}, err
	}
	return decode[message.Session](a)
}

// Authorise has a decision authorised (S-41). The caller checks the answer.
func (c *Client) Authorise(ctx context.Context, q []byte) ([]byte, error) {
	a, err := c.do(ctx, request{method: http.MethodPost, path: "/v1/authorisations", body: q, limit: maxAnswer})
	return a.body, err
}

// Notices reads the outbox of a session (S-42). The caller checks the answer.
func (c *Client) Notices(ctx context.Context, q []byte) ([]byte, error) {
	a, err := c.do(ctx, request{method: http.MethodPost, path: "/v1/notices", body: q, limit: 4 * maxAnswer})
	return a.body, err
}
