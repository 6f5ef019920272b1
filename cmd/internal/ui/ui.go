// Package ui holds all text that scrutineer says to the person in front of
// it. The rules, which every caller relies on:
//
//   - Results go to standard output; everything about the run (progress,
//     warnings, errors, hints) goes to standard error.
//   - A line on standard error begins with "scrutineer: ", then perhaps with
//     "warning: ", "error: " or "hint: ". It is in lower case and ends
//     without a full stop.
//   - An error says what is wrong, a hint what to do about it. A hint has a
//     line of its own and follows its error.
//   - A format is ours; what it formats is not. Names, refusals and reports
//     of a target are hostile, so every argument is printed as visible text
//     on one line: a control character, an escape sequence or a character
//     that turns the direction of writing appears as its code.
//   - Progress is a bar on a terminal and plain lines elsewhere.
//
// It holds no logic: what is said is decided by who calls it.
package ui

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"golang.org/x/term"
)

const prefix = "scrutineer: "

// UI speaks to one person. It may be used by several goroutines at once.
type UI struct {
	out      io.Writer
	err      io.Writer
	terminal bool
	quiet    bool

	mu   sync.Mutex
	bars io.Writer // takes lines while bars are drawn; nil otherwise
}

// Option changes how a UI speaks.
type Option func(*UI)

// Terminal says whether standard error is a terminal, where New cannot know.
func Terminal(is bool) Option { return func(u *UI) { u.terminal = is } }

// New returns a UI that writes results to out and all else to err. Progress
// is drawn as a bar where err is a terminal.
func New(out, err io.Writer, options ...Option) *UI {
	u := &UI{out: out, err: err}
	if f, ok := err.(*os.File); ok {
		u.terminal = term.IsTerminal(int(f.Fd())) && os.Getenv("TERM") != "dumb"
	}
	for _, o := range options {
		o(u)
	}
	return u
}

// SetQuiet leaves out progress and information; warnings, errors and results
// remain.
func (u *UI) SetQuiet(quiet bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.quiet = quiet
}

// Out takes a result in a format of its own, such as JSON. Who writes text to
// it must pass what is hostile through Safe.
func (u *UI) Out() io.Writer { return u.out }

// Err takes whole lines for standard error from a source of its own, such as
// a log handler. They do not tear a progress bar.
func (u *UI) Err() io.Writer { return errWriter{u} }

type errWriter struct{ ui *UI }

func (w errWriter) Write(p []byte) (int, error) {
	w.ui.write(string(p))
	return len(p), nil
}

// Printf writes one line of the result.
func (u *UI) Printf(format string, args ...any) {
	fmt.Fprintln(u.out, sprintf(format, args))
}

// Infof tells how the run is going.
func (u *UI) Infof(format string, args ...any) {
	u.mu.Lock()
	quiet := u.quiet
	u.mu.Unlock()
	if !quiet {
		u.say("", sprintf(format, args))
	}
}

// Warnf tells of something that the person should know and that is no error.
func (u *UI) Warnf(format string, args ...any) { u.say("warning: ", sprintf(format, args)) }

// Hintf tells what the person could do.
func (u *UI) Hintf(format string, args ...any) { u.say("hint: ", sprintf(format, args)) }

// Error tells an error, each of several joined ones on its own line, and
// after it the hints that it carries.
func (u *UI) Error(err error) {
	for _, e := range split(err) {
		u.say("error: ", strings.TrimSuffix(Safe(e.Error()), "."))
		if hint := hintOf(e); hint != "" {
			u.say("hint: ", Safe(hint))
		}
	}
}

func (u *UI) say(kind, line string) { u.write(prefix + kind + line + "\n") }

func (u *UI) write(text string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.bars != nil {
		if _, err := io.WriteString(u.bars, text); err == nil {
			return
		}
	}
	// There is nobody left to tell that standard error is gone.
	_, _ = io.WriteString(u.err, text)
}

// hinted is an error with advice. Errors of other packages may carry advice
// as well: what counts is the method.
type hinted struct {
	error
	hint string
}

func (h hinted) Unwrap() error { return h.error }
func (h hinted) Hint() string  { return h.hint }

// WithHint adds to an error what the person could do about it. It returns nil
// for a nil error.
func WithHint(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	return hinted{err, fmt.Sprintf(format, args...)}
}

func hintOf(err error) string {
	var h interface{ Hint() string }
	if errors.As(err, &h) {
		return h.Hint()
	}
	return ""
}

// split returns the errors that errors.Join put together, also below wrappers
// that add nothing to the text.
func split(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok && strings.Contains(err.Error(), "\n") {
		var all []error
		for _, e := range joined.Unwrap() {
			all = append(all, split(e)...)
		}
		return all
	}
	if inner := errors.Unwrap(err); inner != nil && inner.Error() == err.Error() && hintOf(err) == hintOf(inner) {
		return split(inner)
	}
	return []error{err}
}
