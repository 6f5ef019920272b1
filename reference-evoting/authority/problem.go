package authority

import (
	"errors"
	"fmt"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/rules"
)

// Problem is a request that was not granted, with a stable code and the HTTP
// status that fits it. Nothing was stored.
type Problem struct {
	Status int
	Code   string
	Detail string
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
