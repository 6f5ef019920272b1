// Package shell is what every program of ours does around its commands: it
// finds the settings, hands over streams, clock and logs, lets ctrl-C end the
// work, and turns what came of it into one exit status. It knows no command.
//
// A command is a constructor New…(a *App) *cobra.Command in a file of its own.
// What it may rely on:
//
//   - Its flags have their final values when RunE begins (settings.Sources);
//     PreRun hooks and MarkFlagRequired come too early for that and are not
//     used. A flag of one name means the same in every command.
//   - cmd.Context() ends on ctrl-C or SIGTERM. The command stops, tells what it
//     has learnt so far, and returns; the status is then 130 whatever it
//     returns. A server ends in no other way: mark it with Server, and a stop
//     is its normal end.
//   - It returns an error with a code (package exit). An error without one is
//     taken for our own bug. Where the command has already told the outcome,
//     it returns exit.Status(code). It never ends the process.
//   - It speaks through a.UI and a.Out only, reads a.Stdin, asks a.Now for the
//     time, takes randomness from a.Random, and logs to a.Log.
package shell

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"scrutineer/cmd/internal/exit"
	"scrutineer/cmd/internal/settings"
	"scrutineer/cmd/internal/ui"
)

// App is what commands share. Its fields are set before Execute and do not
// change afterwards, except Log, which Execute makes from --log.
type App struct {
	Stdin    io.Reader
	Stdout   io.Writer // results; what is hostile in them goes through ui.Safe
	UI       *ui.UI
	Log      *slog.Logger
	Now      func() time.Time
	Random   io.Reader // for what needs no replay; everything else has --seed
	Environ  []string
	ReadFile func(name string) ([]byte, error) // reads --config

	level   string
	quiet   bool
	reached bool // the command line was understood
	started bool // so were the settings
}

// New returns the App of a real process.
func New() *App {
	return &App{
		Stdin: os.Stdin, Stdout: os.Stdout, UI: ui.New(os.Stdout, os.Stderr),
		Log: slog.New(slog.DiscardHandler), Now: time.Now, Random: rand.Reader,
		Environ: os.Environ(), ReadFile: os.ReadFile,
	}
}

// server marks commands that end by being stopped.
const server = "server"

// Server marks a command that runs until it is stopped: ctrl-C is its normal
// end, and its status is its own. It returns cmd.
func Server(cmd *cobra.Command) *cobra.Command {
	if cmd.Annotations == nil {
		cmd.Annotations = map[string]string{}
	}
	cmd.Annotations[server] = "true"
	return cmd
}

// Execute runs the command of root that args name, tells its error, and
// returns the status of the process.
func (a *App) Execute(ctx context.Context, root *cobra.Command, args []string) exit.Code {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	// The second ctrl-C does not ask.
	defer context.AfterFunc(ctx, stop)()

	a.prepare(root, args)
	root.SetArgs(args)
	cmd, err := a.call(ctx, root)
	interrupted := ctx.Err() != nil && cmd.Annotations[server] == ""
	return a.conclude(cmd, err, interrupted)
}

// call turns a panic into an error, so that it has a status and a last line
// that says what to do.
func (a *App) call(ctx context.Context, root *cobra.Command) (cmd *cobra.Command, err error) {
	cmd = root
	defer func() {
		if p := recover(); p != nil {
			fmt.Fprintf(a.UI.Err(), "%s\n", debug.Stack())
			a.reached, a.started = true, true
			err = ui.WithHint(exit.Errorf(exit.Bug, "internal error: %v", p),
				"this is a bug of scrutineer: please report it with the lines above and the seed")
		}
	}()
	return root.ExecuteContextC(ctx)
}

func (a *App) conclude(cmd *cobra.Command, err error, interrupted bool) exit.Code {
	code := exit.Of(err)
	if err != nil && !a.started {
		code = exit.Usage
	}
	if interrupted {
		code = exit.Worst(code, exit.Interrupted)
	}
	switch {
	case err == nil || exit.Silent(err):
	case interrupted && errors.Is(err, context.Canceled):
		// That the work was cancelled is no news to who cancelled it.
	default:
		a.UI.Error(err)
		if !a.reached && !hasHint(err) {
			a.UI.Hintf("%s --help shows how it is called", cmd.CommandPath())
		}
	}
	if interrupted {
		a.UI.Infof("interrupted")
	}
	return code
}

func hasHint(err error) bool {
	var h interface{ Hint() string }
	return errors.As(err, &h)
}

// begin gives the flags their values before the first line of a command.
func (a *App) begin(cmd *cobra.Command, known []string) error {
	a.reached = true
	err := settings.Sources{
		Known:    known,
		Reserved: []string{settings.Prefix + "DATA", settings.Prefix + "REQUIRE"},
		Environ:  a.Environ,
		ReadFile: a.ReadFile,
	}.Apply(cmd.Flags())
	if err != nil {
		return err
	}
	var level slog.Level
	if err := level.UnmarshalText([]byte(strings.ToUpper(a.level))); err != nil {
		return ui.WithHint(fmt.Errorf("--log: %q is no level", a.level), "the levels are debug, info, warn and error")
	}
	a.Log = slog.New(slog.NewTextHandler(a.UI.Err(), &slog.HandlerOptions{Level: level}))
	a.UI.SetQuiet(a.quiet)
	a.started = true
	return nil
}
