package authority

import (
	"errors"
	"fmt"
	"time"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/admission"
	"scrutineer/reference-evoting/rules"
)

// Problem is a request that was not granted, with a stable code and the HTTP
// status that fits it. Nothing was stored.
type Problem struct {
	Status int
	Code   string
	Detail string
	After  time.Duration // when to ask again; 0 does not say
}

func (p *Problem) Error() string { return p.Code + ": " + p.Detail }

func problem(status int, code, format string, args ...any) error {
	return &Problem{Status: status, Code: code, Detail: fmt.Sprintf(format, args...)}
}

// ErrBusy means that the queue is full; try again later.
var ErrBusy error = &Problem{Status: 503, Code: "busy", Detail: "too many requests are waiting"}

// ErrFailed means that the log or the ballot box failed and the authority takes
// nothing more. What became of a request that was under way is unknown.
var ErrFailed error = &Problem{Status: 503, Code: "log-failed", Detail: "the disk of the board or of the ballot box has failed"}

// malformed turns a fault of the codec into a problem that keeps its code.
func malformed(err error) error {
	var c *codec.Error
	if errors.As(err, &c) {
		return problem(400, string(c.Code), "%v", err)
	}
	return problem(400, "malformed", "%v", err)
}

// refusedBy turns a broken rule into a problem.
func refusedBy(f *rules.Fault) error {
	status := 422
	if f.Reason == message.ReasonClosed {
		status = 409
	}
	return problem(status, f.Check, "%s", f.Detail)
}

// notServed turns a refusal of the admission into a problem.
func notServed(err error) error {
	var r *admission.Refusal
	switch {
	case !errors.As(err, &r):
		return err
	case r.Busy():
		return &Problem{Status: 503, Code: "busy", Detail: r.Error(), After: r.After}
	}
	return &Problem{Status: 429, Code: "too-many-requests", Detail: r.Error(), After: r.After}
}
