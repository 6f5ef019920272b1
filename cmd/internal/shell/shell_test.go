package shell_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"

	"scrutineer/cmd/internal/exit"
	"scrutineer/cmd/internal/shell"
	"scrutineer/cmd/internal/ui"
)

// world is a process with a program of two commands: `tool run`, which does
// what the test says, and `tool group sub`.
type world struct {
	stdout, stderr bytes.Buffer
	app            *shell.App
	seed           uint64
}

func newWorld() *world {
	w := &world{}
	w.app = &shell.App{
		Stdin: strings.NewReader(""), Stdout: &w.stdout, UI: ui.New(&w.stdout, &w.stderr),
		Log: slog.New(slog.DiscardHandler), Now: time.Now,
		ReadFile: func(string) ([]byte, error) { return nil, fs.ErrNotExist },
	}
	return w
}

func (w *world) execute(ctx context.Context, run func(*cobra.Command) error, args ...string) exit.Code {
	root := &cobra.Command{Use: "tool"}
	cmd := &cobra.Command{Use: "run", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error { return run(cmd) }}
	cmd.Flags().Uint64Var(&w.seed, "seed", 1, "")
	group := &cobra.Command{Use: "group"}
	group.AddCommand(&cobra.Command{Use: "sub", RunE: func(cmd *cobra.Command, _ []string) error { return run(cmd) }})
	root.AddCommand(cmd, group)
	return w.app.Execute(ctx, root, args)
}

func TestStatusAndWords(t *testing.T) {
	ok := func(*cobra.Command) error { return nil }
	tests := map[string]struct {
		args []string
		run  func(*cobra.Command) error
		code exit.Code
		want string
	}{
		"pass":            {[]string{"run"}, ok, exit.Pass, ""},
		"a finding":       {[]string{"run"}, func(*cobra.Command) error { return exit.Status(exit.Finding) }, exit.Finding, ""},
		"a told finding":  {[]string{"run"}, func(*cobra.Command) error { return exit.Errorf(exit.Finding, "one ballot lost") }, exit.Finding, "scrutineer: error: one ballot lost\n"},
		"nobody's error":  {[]string{"run"}, func(*cobra.Command) error { return fs.ErrExist }, exit.Bug, "scrutineer: error: file already exists\n"},
		"no command":      {[]string{}, ok, exit.Usage, ""},
		"unknown command": {[]string{"rnu"}, ok, exit.Usage, "scrutineer: error: tool has no command \"rnu\"\nscrutineer: hint: did you mean run?\n"},
		"far command":     {[]string{"zzzzzzzz"}, ok, exit.Usage, "scrutineer: error: tool has no command \"zzzzzzzz\"\nscrutineer: hint: tool --help lists its commands\n"},
		"with its flags":  {[]string{"rnu", "--seed", "3"}, ok, exit.Usage, "scrutineer: error: tool has no command \"rnu\"\nscrutineer: hint: did you mean run?\n"},
		"deep with flags": {[]string{"group", "sbu", "--x"}, ok, exit.Usage, "scrutineer: error: tool group has no command \"sbu\"\nscrutineer: hint: did you mean sub?\n"},
		"flag of nobody":  {[]string{"--sede"}, ok, exit.Usage, "scrutineer: error: unknown flag: --sede\nscrutineer: hint: tool --help shows how it is called\n"},
		"in a group":      {[]string{"group", "sbu"}, ok, exit.Usage, "scrutineer: error: tool group has no command \"sbu\"\nscrutineer: hint: did you mean sub?\n"},
		"unknown flag":    {[]string{"run", "--sede", "2"}, ok, exit.Usage, "scrutineer: error: unknown flag: --sede\nscrutineer: hint: did you mean --seed?\n"},
		"bad value":       {[]string{"run", "--seed", "x"}, ok, exit.Usage, "scrutineer: error: invalid argument \"x\" for \"--seed\" flag: strconv.ParseUint: parsing \"x\": invalid syntax\nscrutineer: hint: tool run --help shows how it is called\n"},
		"too many args":   {[]string{"run", "x"}, ok, exit.Usage, "scrutineer: error: unknown command \"x\" for \"tool run\"\nscrutineer: hint: tool run --help shows how it is called\n"},
		"no such config":  {[]string{"run", "--config", "c.yaml"}, ok, exit.Usage, "scrutineer: error: reading the configuration: file does not exist\n"},
		"bad level":       {[]string{"run", "--log", "loud"}, ok, exit.Usage, "scrutineer: error: --log: \"loud\" is no level\nscrutineer: hint: the levels are debug, info, warn and error\n"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld()
			if code := w.execute(t.Context(), test.run, test.args...); code != test.code {
				t.Errorf("status %d, want %d", code, test.code)
			}
			if test.want != "" {
				if diff := cmp.Diff(test.want, w.stderr.String()); diff != "" {
					t.Errorf("(-want +got)\n%s", diff)
				}
			}
			if w.stdout.Len() > 0 {
				t.Errorf("standard output holds %q", &w.stdout)
			}
		})
	}
}

func TestHelpIsAResult(t *testing.T) {
	w := newWorld()
	if code := w.execute(t.Context(), nil, "run", "--help"); code != exit.Pass {
		t.Errorf("status %d", code)
	}
	if !strings.Contains(w.stdout.String(), "--seed") || w.stderr.Len() > 0 {
		t.Errorf("stdout %q, stderr %q", &w.stdout, &w.stderr)
	}
}

func TestSettingsReachTheCommand(t *testing.T) {
	w := newWorld()
	w.app.Environ = []string{"SCRUTINEER_SEED=9", "SCRUTINEER_REQUIRE=all"}
	code := w.execute(t.Context(), func(*cobra.Command) error {
		if w.seed != 9 {
			t.Errorf("seed %d", w.seed)
		}
		return nil
	}, "run")
	if code != exit.Pass {
		t.Errorf("status %d: %s", code, &w.stderr)
	}
}

func TestUnknownVariableStopsTheCommand(t *testing.T) {
	w := newWorld()
	w.app.Environ = []string{"SCRUTINEER_SEDE=9"}
	code := w.execute(t.Context(), func(*cobra.Command) error {
		t.Error("the command began")
		return nil
	}, "run")
	want := "scrutineer: error: SCRUTINEER_SEDE: no setting has this name\nscrutineer: hint: did you mean SCRUTINEER_SEED?\n"
	if code != exit.Usage || w.stderr.String() != want {
		t.Errorf("status %d: %s", code, &w.stderr)
	}
}

func TestPanicIsOurBug(t *testing.T) {
	w := newWorld()
	code := w.execute(t.Context(), func(*cobra.Command) error { panic("off by one") }, "run")
	if code != exit.Bug {
		t.Errorf("status %d", code)
	}
	for _, want := range []string{"shell_test.go", "error: internal error: off by one", "hint: this is a bug"} {
		if !strings.Contains(w.stderr.String(), want) {
			t.Errorf("%q is missing in %s", want, &w.stderr)
		}
	}
}

// interrupt sends this process what ctrl-C sends.
func interrupt(t *testing.T, cmd *cobra.Command) {
	t.Helper()
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if err := self.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	<-cmd.Context().Done()
}

func TestInterruptEndsTheCommandCleanly(t *testing.T) {
	outcomes := map[string]error{
		"nothing":         nil,
		"cancelled":       fmt.Errorf("waiting for the seal: %w", context.Canceled),
		"a finding":       exit.Status(exit.Finding),
		"our bug as well": errors.New("out of range"),
	}
	for name, outcome := range outcomes {
		t.Run(name, func(t *testing.T) {
			w := newWorld()
			code := w.execute(t.Context(), func(cmd *cobra.Command) error {
				interrupt(t, cmd)
				w.app.UI.Printf("learnt so far")
				return outcome
			}, "run")
			if code != exit.Interrupted {
				t.Errorf("status %d", code)
			}
			if w.stdout.String() != "learnt so far\n" || !strings.HasSuffix(w.stderr.String(), "scrutineer: interrupted\n") {
				t.Errorf("stdout %q, stderr %q", &w.stdout, &w.stderr)
			}
			if told := strings.Contains(w.stderr.String(), "error:"); told != (name == "our bug as well") {
				t.Errorf("stderr %q", &w.stderr)
			}
		})
	}
}

func TestServerEndsByBeingStopped(t *testing.T) {
	for want, outcome := range map[exit.Code]error{
		exit.Pass:   nil,
		exit.Target: exit.Errorf(exit.Target, "the log could not be closed"),
	} {
		w := newWorld()
		root := &cobra.Command{Use: "tool"}
		root.AddCommand(shell.Server(&cobra.Command{Use: "serve", RunE: func(cmd *cobra.Command, _ []string) error {
			interrupt(t, cmd)
			return outcome
		}}))
		if code := w.app.Execute(t.Context(), root, []string{"serve"}); code != want {
			t.Errorf("status %d, want %d", code, want)
		}
	}
}

func TestLogsGoToStandardErrorFromTheirLevelOn(t *testing.T) {
	w := newWorld()
	w.execute(t.Context(), func(*cobra.Command) error {
		w.app.Log.Info("opened", "name", "a\x1b[2J")
		w.app.Log.Debug("not told")
		return nil
	}, "run", "--log", "info")
	got := w.stderr.String()
	if !strings.Contains(got, `msg=opened name="a\x1b[2J"`) || strings.Contains(got, "not told") {
		t.Errorf("stderr %q", got)
	}
}

func TestQuiet(t *testing.T) {
	w := newWorld()
	w.execute(t.Context(), func(*cobra.Command) error {
		w.app.UI.Infof("begins")
		w.app.UI.Warnf("slow")
		return nil
	}, "run", "-q")
	if got := w.stderr.String(); got != "scrutineer: warning: slow\n" {
		t.Errorf("stderr %q", got)
	}
}
