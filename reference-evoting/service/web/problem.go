package web

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
)

// The stable codes of this package. Those of the codec (a malformed body) and
// of the authority come beside them.
const (
	CodeBadRequest     = "bad-request"             // 400: no HTTP request
	CodeTruncated      = "truncated"               // 400: the body ends early
	CodeUnexpectedBody = "unexpected-body"         // 400
	CodeBadParameter   = "bad-parameter"           // 400: in the path or the query
	CodeNotFound       = "not-found"               // 404
	CodeMethod         = "method-not-allowed"      // 405
	CodeSlow           = "slow-request"            // 408
	CodeTooLarge       = "too-large"               // 413
	CodeMedia          = "unsupported-media-type"  // 415
	CodeExpectation    = "unsupported-expectation" // 417
	CodePuzzle         = "puzzle"                  // 428: with a question to be answered first
	CodeTooMany        = "too-many-requests"       // 429
	CodeHeader         = "header-too-large"        // 431
	CodeInternal       = "internal"                // 500
	CodeEncoding       = "unsupported-encoding"    // 501
	CodeBusy           = "busy"                    // 503
	CodeDraining       = "draining"                // 503: shutting down
	CodeUnknown        = "outcome-unknown"         // 504: may or may not have been done
	CodeVersion        = "unsupported-version"     // 505
)

// CodeCrowded is no answer: a source had too many connections and was hung up
// on.
const CodeCrowded = "too-many-connections"

// problemType precedes the code in a problem's type.
const problemType = "urn:scrutineer:problem:"

// Problem is an answer that is an error (RFC 9457): a status and a stable
// code. Retry, in seconds, tells when to ask again; 0 does not.
type Problem struct {
	Status int
	Code   string
	Detail string
	Retry  int
	Allow  string // the methods of a route, for 405
}

func (p *Problem) Error() string { return p.Code + ": " + p.Detail }

// Errorf makes a Problem.
func Errorf(status int, code, format string, args ...any) error {
	return &Problem{Status: status, Code: code, Detail: fmt.Sprintf(format, args...)}
}

// Malformed turns an error of the codec into a Problem with its code.
func Malformed(err error) error {
	var c *codec.Error
	if !errors.As(err, &c) {
		return Errorf(http.StatusBadRequest, CodeBadRequest, "%v", err)
	}
	if c.Code == codec.CodeTooLarge {
		return Errorf(http.StatusRequestEntityTooLarge, CodeTooLarge, "%v", err)
	}
	return Errorf(http.StatusBadRequest, string(c.Code), "%v", err)
}

// maxDetail bounds the detail of an answer in bytes.
const maxDetail = 512

// encode is the body of the answer.
func (p *Problem) encode() []byte {
	detail := p.Detail
	if len(detail) > maxDetail {
		detail = detail[:maxDetail]
	}
	m := message.Problem{
		Code: p.Code, Detail: detail, Status: uint64(p.Status), Title: http.StatusText(p.Status), Type: problemType + p.Code,
	}
	b, err := codec.Encode(m)
	if err != nil {
		// Text that is not UTF-8, cut or hostile: the code says enough.
		m.Detail = ""
		b, _ = codec.Encode(m)
	}
	return b
}

// write answers with the problem.
func (p *Problem) write(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Type", TypeProblem)
	h.Set("Cache-Control", "no-store")
	if p.Retry > 0 {
		h.Set("Retry-After", strconv.Itoa(p.Retry))
	}
	if p.Allow != "" {
		h.Set("Allow", p.Allow)
	}
	w.WriteHeader(p.Status)
	_, _ = w.Write(p.encode())
}

// raw is the whole HTTP response, for a connection without a request.
func (p *Problem) raw() []byte {
	body := p.encode()
	head := fmt.Sprintf("HTTP/1.1 %d %s\r\nContent-Type: %s\r\nX-Content-Type-Options: nosniff\r\nContent-Length: %d\r\nConnection: close\r\n\r\n",
		p.Status, http.StatusText(p.Status), TypeProblem, len(body))
	return append([]byte(head), body...)
}
