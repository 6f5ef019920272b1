package main

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Environment variables that tell the other `go` what the command wants.
const (
	realGo   = "SCRUTINEER_REAL_GO"  // where the first go is
	outcomes = "SCRUTINEER_OUTCOMES" // the file that what became of each mutant is added to
	sampling = "SCRUTINEER_SAMPLE"   // seed and share of the mutants that are tried
	patience = "SCRUTINEER_PATIENCE" // how much CPU the short tests of a mutant may take
)

// What becomes of a mutant. The last is said by gremlins, which then does not
// ask for a test.
const (
	killed     = "killed"
	lived      = "lived"
	timedOut   = "timed out"
	notViable  = "not viable"
	notTried   = "not tried"
	notCovered = "not covered"
)

// other is the `go` that gremlins finds. Of its commands two are other than the
// real ones: the run that measures coverage is of the package alone and made
// once, and the run for a mutant is built here and judged here.
type other struct {
	real     string
	patience time.Duration
	seed     string
	share    float64
	outcomes string
	dir      string // where tests run; empty is the working directory
}

func otherFrom(getenv func(string) string) (*other, error) {
	o := &other{real: getenv(realGo), share: 1, outcomes: getenv(outcomes)}
	if text := getenv(sampling); text != "" {
		seed, share, _ := strings.Cut(text, " ")
		f, err := strconv.ParseFloat(share, 64)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", sampling, err)
		}
		o.seed, o.share = seed, f
	}
	var err error
	if o.patience, err = time.ParseDuration(getenv(patience)); err != nil {
		return nil, fmt.Errorf("%s: %w", patience, err)
	}
	return o, nil
}

// run does what gremlins asks for, and returns the status to end with.
func (o *other) run(args []string, out io.Writer) int {
	if len(args) > 0 && args[0] == "test" && slices.Contains(args, "-failfast") {
		became, building, testing := o.mutant(args[len(args)-1], out)
		if err := o.tell(became, building, testing); err != nil {
			fmt.Fprintln(out, err)
			return 2
		}
		// gremlins calls status 1 killed, 2 not viable, and everything else
		// lived; run reads the file instead.
		return map[string]int{killed: 1, timedOut: 1, notViable: 2, notTried: 2}[became]
	}
	if len(args) > 0 && args[0] == "test" {
		return o.coverage(args, out)
	}
	return o.do(args, out)
}

// coverage leaves out the packages below, and keeps the profile: gremlins is
// run twice, the first time to count the mutants.
func (o *other) coverage(args []string, out io.Writer) int {
	args = slices.Clone(args)
	last := len(args) - 1
	args[last] = strings.TrimSuffix(args[last], "/...")
	kept := o.outcomes + ".cover"
	at := slices.Index(args, "-coverprofile")
	if at < 0 || at == last {
		return o.do(args, out)
	}
	if data, err := os.ReadFile(kept); err == nil {
		if err := os.WriteFile(args[at+1], data, 0o600); err != nil {
			fmt.Fprintln(out, err)
			return 2
		}
		return 0
	}
	status := o.do(args, out)
	if data, err := os.ReadFile(args[at+1]); err == nil && status == 0 {
		if err := os.WriteFile(kept, data, 0o600); err != nil {
			fmt.Fprintln(out, err)
			return 2
		}
	}
	return status
}

// do is the real go.
func (o *other) do(args []string, out io.Writer) int {
	cmd := exec.Command(o.real, args...)
	cmd.Stdout, cmd.Stderr = out, out
	var exited *exec.ExitError
	switch err := cmd.Run(); {
	case err == nil:
		return 0
	case errors.As(err, &exited):
		return exited.ExitCode()
	default:
		fmt.Fprintln(out, err)
		return 2
	}
}

// mutant builds the tests of the package in the working directory, of which
// gremlins has changed one operator, and runs the short ones, and all of them
// where those find nothing. It returns what became of the mutant and the seconds
// of CPU for building and testing.
func (o *other) mutant(pkg string, out io.Writer) (became string, building, testing float64) {
	if in, err := o.chosen("."); err != nil {
		fmt.Fprintln(out, err)
		return notViable, 0, 0
	} else if !in {
		return notTried, 0, 0
	}
	dir, err := os.MkdirTemp("", "mutant")
	if err != nil {
		fmt.Fprintln(out, err)
		return notViable, 0, 0
	}
	defer os.RemoveAll(dir)
	binary := filepath.Join(dir, "tests")
	building, err = o.build(pkg, binary, out)
	if err != nil {
		return notViable, building, 0
	}
	became, testing = o.test(binary, true, o.patience, out)
	if became == lived {
		var more float64
		became, more = o.test(binary, false, longest, out)
		testing += more
	}
	return became, building, testing
}

// build makes the binary of a package's tests. Without symbols linking is half
// the work; -trimpath lets the copies of gremlins share the build cache.
func (o *other) build(pkg, binary string, out io.Writer) (seconds float64, err error) {
	cmd := exec.Command(o.real, "test", "-c", "-trimpath", "-vet=off", "-ldflags=-s -w", "-o", binary, pkg)
	cmd.Stdout, cmd.Stderr = out, out
	err = cmd.Run()
	return spent(cmd), err
}

// longest is how much CPU all the tests of a package may take.
const longest = 5 * time.Minute

// test runs a binary of tests, which may take so much CPU: on a busy machine the
// clock says nothing. Tests that wait for what does not come are stopped after
// three times as long, and those that ask for memory without end by a limit on
// their address space.
func (o *other) test(binary string, short bool, most time.Duration, out io.Writer) (became string, seconds float64) {
	clock := 3*most + time.Minute
	ctx, cancel := context.WithTimeout(context.Background(), clock+10*time.Second)
	defer cancel()
	var said head
	limit := int(math.Ceil(most.Seconds()))
	cmd := exec.CommandContext(ctx, "/bin/sh", "-c", fmt.Sprintf(`ulimit -v 8388608; ulimit -t %d; exec "$0" "$@"`, limit), binary,
		fmt.Sprintf("-test.short=%t", short), "-test.failfast", "-test.paniconexit0", "-test.timeout", clock.String())
	cmd.Stdout, cmd.Stderr = &said, &said
	cmd.Dir = o.dir
	cmd.WaitDelay = time.Second
	err := cmd.Run()
	out.Write(said.text)
	seconds = spent(cmd)
	switch {
	case err == nil:
		return lived, seconds
	case ctx.Err() != nil, seconds > float64(limit)-0.5, strings.Contains(string(said.text), "panic: test timed out after"):
		return timedOut, seconds
	default:
		return killed, seconds
	}
}

// chosen says whether the sample takes the mutant whose sources lie in dir. It
// depends on the seed and on the sources, the changed one among them, alone.
func (o *other) chosen(dir string) (bool, error) {
	if o.share >= 1 {
		return true, nil
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return false, err
	}
	h := sha256.New()
	fmt.Fprintf(h, "%s\n", o.seed)
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		data, err := os.ReadFile(file)
		if err != nil {
			return false, err
		}
		fmt.Fprintf(h, "%s %d\n%s", filepath.Base(file), len(data), data)
	}
	return float64(binary.BigEndian.Uint64(h.Sum(nil))) < o.share*math.MaxUint64, nil
}

// tell adds what became of a mutant to the file of outcomes.
func (o *other) tell(became string, building, testing float64) error {
	f, err := os.OpenFile(o.outcomes, os.O_APPEND|os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(f, "%.2f %.2f %s\n", building, testing, became)
	return errors.Join(err, f.Close())
}

// spent is the CPU time of a process and of those it waited for, in seconds.
func spent(cmd *exec.Cmd) float64 {
	if cmd.ProcessState == nil {
		return 0
	}
	return (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds()
}

// head keeps the first MiB of what is written: a mutant may print without end.
// The word of a time-out comes before the stacks.
type head struct{ text []byte }

func (h *head) Write(p []byte) (int, error) {
	const most = 1 << 20
	if room := most - len(h.text); room > 0 {
		h.text = append(h.text, p[:min(room, len(p))]...)
	}
	return len(p), nil
}
