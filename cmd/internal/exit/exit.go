// Package exit holds the exit codes, which are the same for every command,
// and the error that carries one. Commands return such errors; only main ends
// the process.
package exit

import (
	"context"
	"errors"
	"fmt"
)

// Code is the status with which a command ends.
type Code int

const (
	Pass         Code = 0   // everything was as it should be
	Finding      Code = 1   // a finding at or above --fail-on
	Inconclusive Code = 2   // inconclusive, or nothing was applicable
	Target       Code = 3   // the target or the environment failed
	Usage        Code = 64  // flags, configuration, or an input file of ours
	Bug          Code = 70  // our own bug
	Interrupted  Code = 130 // ctrl-C, with what was learnt so far
)

// Codes returns every code that a command can end with, the gravest first:
// where several hold, the first of them is the status.
func Codes() []Code {
	return []Code{Interrupted, Bug, Usage, Target, Finding, Inconclusive, Pass}
}

// Meaning returns a few words for people; "" for what is no code of ours.
func (c Code) Meaning() string {
	switch c {
	case Pass:
		return "pass"
	case Finding:
		return "a finding at or above --fail-on"
	case Inconclusive:
		return "inconclusive, or nothing applicable"
	case Target:
		return "target or environment error"
	case Usage:
		return "usage"
	case Bug:
		return "our own bug"
	case Interrupted:
		return "interrupted"
	}
	return ""
}

// Worst returns the gravest of codes, Pass for none. What is no code of ours
// is our own bug.
func Worst(codes ...Code) Code {
	worst := Pass
	for _, c := range codes {
		if c.Meaning() == "" {
			c = Bug
		}
		if rank(c) < rank(worst) {
			worst = c
		}
	}
	return worst
}

func rank(c Code) int {
	for i, known := range Codes() {
		if c == known {
			return i
		}
	}
	return -1
}

// Error says with which code the command ends, and why.
type Error struct {
	Code Code
	Err  error
}

var _ error = (*Error)(nil)

func (e *Error) Error() string {
	if e.Err == nil {
		return e.Code.Meaning()
	}
	return e.Err.Error()
}

func (e *Error) Unwrap() error { return e.Err }

// Wrap gives err a code. It returns nil for a nil error.
func Wrap(code Code, err error) error {
	if err == nil {
		return nil
	}
	return &Error{Code: code, Err: err}
}

// Errorf is fmt.Errorf with a code.
func Errorf(code Code, format string, args ...any) error {
	return &Error{Code: code, Err: fmt.Errorf(format, args...)}
}

// Status returns an error that carries only a code: the command has already
// told why, for example with a table of verdicts. It returns nil for Pass.
func Status(code Code) error {
	if code == Pass {
		return nil
	}
	return &Error{Code: code}
}

// Silent tells whether err carries nothing to be told.
func Silent(err error) bool {
	e, ok := err.(*Error)
	return ok && e.Err == nil
}

// Of returns the code of err: the gravest in its tree of the outermost codes,
// Pass for nil, Interrupted where the context was cancelled, and Bug for an
// error that nobody has classified.
func Of(err error) Code {
	if err == nil {
		return Pass
	}
	if e, ok := err.(*Error); ok {
		return Worst(e.Code)
	}
	switch wrapped := err.(type) {
	case interface{ Unwrap() []error }:
		return ofAll(wrapped.Unwrap())
	case interface{ Unwrap() error }:
		if inner := wrapped.Unwrap(); inner != nil {
			return Of(inner)
		}
	}
	if errors.Is(err, context.Canceled) {
		return Interrupted
	}
	return Bug
}

func ofAll(errs []error) Code {
	codes := make([]Code, 0, len(errs))
	for _, err := range errs {
		codes = append(codes, Of(err))
	}
	return Worst(codes...)
}
