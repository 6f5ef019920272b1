// Package web is what the HTTP servers of all roles have in common: a table of
// routes, bodies and parameters read strictly and within bounds, errors as
// problem+json with a stable code, and a server whose every answer is one,
// also to what is no HTTP request at all.
//
// It knows no election. The public interface of the authority is in package
// api, the management ports are in package roles.
package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"

	"scrutineer/protocols/codec"
)

// Media types of requests and answers.
const (
	TypeJSON    = "application/json"
	TypeProblem = "application/problem+json"
	TypeNote    = "text/plain; charset=utf-8"
	TypeBytes   = "application/octet-stream"
)

// Body reads what a route takes: up to the route's limit, in its media type.
// The errors are Problems.
func Body(r *http.Request) ([]byte, error) {
	b, err := io.ReadAll(r.Body)
	var tooLarge *http.MaxBytesError
	switch {
	case err == nil:
		return b, nil
	case errors.As(err, &tooLarge):
		return nil, Errorf(http.StatusRequestEntityTooLarge, CodeTooLarge, "the body is above %d bytes", tooLarge.Limit)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, Errorf(http.StatusRequestTimeout, CodeSlow, "the body did not come in time")
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, Errorf(http.StatusBadRequest, CodeTruncated, "the body ends before its announced length")
	}
	return nil, Errorf(http.StatusBadRequest, CodeBadRequest, "the body cannot be read")
}

// JSON reads a body of strict JSON.
func JSON[T any](r *http.Request, limits codec.Limits) (T, error) {
	var zero T
	b, err := Body(r)
	if err != nil {
		return zero, err
	}
	v, err := codec.Decode[T](b, limits)
	if err != nil {
		return zero, Malformed(err)
	}
	return v, nil
}

// Reply writes an answer of strict JSON.
func Reply(w http.ResponseWriter, status int, v any) error {
	b, err := codec.Encode(v)
	if err != nil {
		return fmt.Errorf("encode answer: %w", err)
	}
	return ReplyBytes(w, status, TypeJSON, b)
}

// ReplyBytes writes an answer of any type, in one piece of a length that is
// announced.
func ReplyBytes(w http.ResponseWriter, status int, mediaType string, b []byte) error {
	w.Header().Set("Content-Type", mediaType)
	w.Header().Set("Content-Length", strconv.Itoa(len(b)))
	w.WriteHeader(status)
	// Whoever went away does not need to be told so.
	_, _ = w.Write(b)
	return nil
}

// checkMedia holds a request to the media type of its route.
func checkMedia(r *http.Request, want string) error {
	if r.Header.Get("Content-Encoding") != "" {
		return Errorf(http.StatusUnsupportedMediaType, CodeMedia, "content encodings are not taken")
	}
	if want == "" {
		if r.ContentLength != 0 {
			return Errorf(http.StatusBadRequest, CodeUnexpectedBody, "no body is expected here")
		}
		return nil
	}
	base, _, _ := strings.Cut(want, ";")
	got, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || got != base {
		return Errorf(http.StatusUnsupportedMediaType, CodeMedia, "the body must be %s", base)
	}
	for name, value := range params {
		if name != "charset" || !strings.EqualFold(value, "utf-8") {
			return Errorf(http.StatusUnsupportedMediaType, CodeMedia, "the only parameter taken is charset=utf-8")
		}
	}
	return nil
}

// checkQuery refuses parameters that the route does not have, and those given
// twice.
func checkQuery(r *http.Request, known []string) error {
	if r.URL.RawQuery == "" {
		return nil
	}
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return Errorf(http.StatusBadRequest, CodeBadParameter, "the query cannot be read")
	}
	for name, list := range values {
		if !slices.Contains(known, name) || len(list) != 1 {
			return Errorf(http.StatusBadRequest, CodeBadParameter, "parameter %.40q is unknown here or there twice", name)
		}
	}
	return nil
}

// outcome turns what a handler returned into the Problem to answer, and tells
// whether it is our own fault.
func outcome(ctx context.Context, err error) (p *Problem, ours bool) {
	switch {
	case errors.As(err, &p):
		return p, p.Status == http.StatusInternalServerError
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled), ctx.Err() != nil:
		return &Problem{Status: http.StatusGatewayTimeout, Code: CodeUnknown, Detail: "no outcome in time; ask again"}, false
	}
	return &Problem{Status: http.StatusInternalServerError, Code: CodeInternal, Detail: "the request failed for a reason of ours"}, true
}
