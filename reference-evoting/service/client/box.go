package client

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/entry"
)

// Post sends the entry of a role, with its body where that is long, and
// returns its index. The entry is durable then.
func (c *Client) Post(ctx context.Context, p entry.Packed) (uint64, error) {
	q := request{method: http.MethodPost, path: "/v1/entries", body: p.Raw, limit: maxAnswer}
	if len(p.Chunks) > 0 {
		e, err := message.DecodeEntry(p.Raw)
		if err != nil {
			return 0, fmt.Errorf("post %s: %w", p.Type, err)
		}
		q.path = "/v1/entries/long"
		if q.body, err = codec.Encode(message.LongEntry{Body: slices.Concat(p.Chunks...), Entry: e}); err != nil {
			return 0, fmt.Errorf("post %s: %w", p.Type, err)
		}
	}
	a, err := c.do(ctx, q)
	if err != nil {
		return 0, fmt.Errorf("post %s: %w", p.Type, err)
	}
	appended, err := decode[message.Appended](a)
	return appended.Index, err
}

// Submit brings a ballot body to the box (S-16).
func (c *Client) Submit(ctx context.Context, submission []byte) (message.Accepted, error) {
	a, err := c.do(ctx, request{method: http.MethodPost, path: "/v1/ballots", body: submission, limit: maxAnswer})
	if err != nil {
		return message.Accepted{}, err
	}
	return decode[message.Accepted](a)
}

// Cast sends a decision (S-17). It returns the bytes of a receipt or of a
// signed refusal, which the voter checks; any error leaves the outcome
// unknown.
func (c *Client) Cast(ctx context.Context, decision []byte) ([]byte, error) {
	return c.decide(ctx, "/v1/casts", decision)
}

// Challenge sends the openings of a waiting ballot (S-18); it answers as Cast.
func (c *Client) Challenge(ctx context.Context, challenge []byte) ([]byte, error) {
	return c.decide(ctx, "/v1/challenges", challenge)
}

func (c *Client) decide(ctx context.Context, path string, body []byte) ([]byte, error) {
	a, err := c.do(ctx, request{method: http.MethodPost, path: path, body: body, limit: maxAnswer})
	return a.body, err
}

// Chain tells the standing ballot of a credential.
func (c *Client) Chain(ctx context.Context, credential message.Element) (message.Chain, error) {
	return Call[message.Chain](ctx, c, http.MethodGet, "/v1/chains/"+credential.String(), nil)
}

// Find tells the index of the entry with a tracker.
func (c *Client) Find(ctx context.Context, tracker message.Digest) (uint64, error) {
	a, err := Call[message.Appended](ctx, c, http.MethodGet, "/v1/ballots/"+tracker.String(), nil)
	return a.Index, err
}

// Status tells where the election stands.
func (c *Client) Status(ctx context.Context) (message.Status, error) {
	return Call[message.Status](ctx, c, http.MethodGet, "/v1/status", nil)
}

// Healthy is nil if the process answers, Ready if it takes entries.
func (c *Client) Healthy(ctx context.Context) error { return c.asked(ctx, "/healthz") }

// Ready is nil if the server takes entries and ballots.
func (c *Client) Ready(ctx context.Context) error { return c.asked(ctx, "/readyz") }

func (c *Client) asked(ctx context.Context, path string) error {
	_, err := Call[message.Health](ctx, c, http.MethodGet, path, nil)
	return err
}
