// Command gremlins runs mutation testing on packages, one after the other, and
// prints the score of each: github.com/go-gremlins/gremlins changes one
// operator or condition at a time and runs the tests of the package.
//
//	make mutation                                    the packages of the list below
//	make mutation PACKAGES="reference-evoting/tally"  some
//	go run ./scripts/gremlins -most 100 -seed 7 harness/verify
//
// Efficacy is the share of tried mutants that a test kills, coverage the share
// of mutants that a test reaches. A package that takes longer than -limit is
// stopped, and the score is of the mutants that were tried by then. Of a package
// with more than -most mutants a sample is tried, which depends on the seed and
// on the sources alone; the column "not tried" has the others.
//
// A mutant is tried by the short tests (testing.Short) of its own package, and
// where they let it live by all of them. gremlins alone would run all of them,
// takes a mutant that does not compile for a killed one, and knows no sample. So
// it is given another `go`, which is this program under another name.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// packages are what a verdict rests on: the verifier, and the reference's core.
func packages() []string {
	return []string{
		"harness/verify", "harness/verify/canonical", "harness/verify/challenge",
		"harness/verify/head", "harness/verify/merkle", "harness/verify/point",
		"reference-evoting/ceremony", "reference-evoting/cosign", "reference-evoting/entry",
		"reference-evoting/manifest", "reference-evoting/proof", "reference-evoting/reading",
		"reference-evoting/rules", "reference-evoting/tally",
	}
}

func main() {
	if os.Getenv(realGo) != "" && strings.HasPrefix(filepath.Base(os.Args[0]), "go") {
		o, err := otherFrom(os.Getenv)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(2)
		}
		os.Exit(o.run(os.Args[1:], os.Stdout))
	}
	var c command
	flag.StringVar(&c.tool, "gremlins", "bin/gremlins", "the program, built by make bin/gremlins")
	flag.DurationVar(&c.limit, "limit", 10*time.Minute, "how long one package may take")
	flag.IntVar(&c.most, "most", 150, "about how many mutants of a package are tried, 0 for all")
	flag.StringVar(&c.seed, "seed", "1", "which of them")
	flag.Parse()
	c.packages = flag.Args()
	if len(c.packages) == 0 {
		c.packages = packages()
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var err error
	if c.self, err = os.Executable(); err == nil {
		err = c.run(ctx, os.Stdout, os.Stderr)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "gremlins:", err)
		os.Exit(1)
	}
}

// command is what the flags say.
type command struct {
	self, tool string // self becomes the `go` that gremlins finds
	limit      time.Duration
	most       int
	seed       string
	packages   []string
}

// run tries the packages, and prints the table to out and what happens to log.
func (c *command) run(ctx context.Context, out, log io.Writer) error {
	var err error
	if c.tool, err = filepath.Abs(c.tool); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "gremlins-go")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	env, err := c.environment(dir)
	if err != nil {
		return err
	}
	total := score{pkg: "total"}
	fmt.Fprint(out, heading)
	for _, pkg := range c.packages {
		s := score{pkg: filepath.ToSlash(filepath.Clean(pkg)), share: 1}
		if err := c.try(ctx, &s, dir, env, log); err != nil {
			return fmt.Errorf("%s: %w", pkg, err)
		}
		fmt.Fprintln(out, s.row())
		total.join(s)
	}
	fmt.Fprintf(out, "%s\n\n", total.row())
	for _, what := range []string{lived, timedOut} {
		for _, m := range slices.Sorted(slices.Values(total.mutants[what])) {
			fmt.Fprintf(out, "- %s: %s\n", what, m)
		}
	}
	return nil
}

// environment puts self in front of the real go.
func (c *command) environment(dir string) ([]string, error) {
	path, err := exec.LookPath("go")
	if err != nil {
		return nil, err
	}
	if err := os.Symlink(c.self, filepath.Join(dir, filepath.Base(path))); err != nil {
		return nil, err
	}
	return append(os.Environ(), realGo+"="+path,
		"PATH="+dir+string(os.PathListSeparator)+os.Getenv("PATH"),
		"GOFLAGS=-count=1 -trimpath -vet=off"), nil
}

// try has gremlins change a package.
func (c *command) try(ctx context.Context, s *score, dir string, env []string, log io.Writer) error {
	start := time.Now()
	patient, err := c.patience(s.pkg, dir)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, c.limit)
	defer cancel()
	became := filepath.Join(dir, "outcomes")
	if err := os.WriteFile(became, nil, 0o600); err != nil {
		return err
	}
	defer os.Remove(became + ".cover")
	env = append(slices.Clone(env), outcomes+"="+became, patience+"="+patient.String())
	if c.most > 0 {
		n := 0
		err := c.unleash(ctx, s.pkg, env, func(status, mutant string) error {
			if status == "RUNNABLE" {
				n++
			}
			return nil
		}, "--dry-run")
		if err != nil && !errors.Is(err, context.DeadlineExceeded) {
			return err
		}
		s.share = min(1, float64(c.most)/float64(max(1, n)))
		env = append(env, fmt.Sprintf("%s=%s %g", sampling, c.seed, s.share))
	}
	f, err := os.Open(became)
	if err != nil {
		return err
	}
	defer f.Close()
	lines := bufio.NewReader(f)
	err = c.unleash(ctx, s.pkg, env, func(status, mutant string) error {
		if status == "NOT COVERED" {
			s.add(notCovered, mutant)
			return nil
		}
		if err := s.read(lines, mutant); err != nil {
			return err
		}
		if s.last == lived || s.last == timedOut {
			fmt.Fprintf(log, "gremlins: %s %s\n", mutant, s.last)
		}
		return nil
	})
	s.took = time.Since(start)
	if errors.Is(err, context.DeadlineExceeded) {
		s.stopped = true
		return nil
	}
	return err
}

// patience is how much CPU the short tests of a mutant may take: far more than
// those of the package as it is.
func (c *command) patience(pkg, dir string) (time.Duration, error) {
	var said head
	o := other{real: "go"}
	binary := filepath.Join(dir, "tests")
	defer os.Remove(binary)
	if _, err := o.build("./"+pkg, binary, &said); err != nil {
		return 0, fmt.Errorf("%w\n%s", err, said.text)
	}
	o.dir = pkg
	became, seconds := o.test(binary, true, longest, &said)
	if became != lived {
		return 0, fmt.Errorf("its tests fail without any change\n%s", said.text)
	}
	return 5*time.Second + time.Duration(10*seconds*float64(time.Second)), nil
}

// line is how gremlins reports a mutant.
var line = regexp.MustCompile(`^\s*(RUNNABLE|KILLED|LIVED|NOT COVERED|TIMED OUT|NOT VIABLE) (\w+) at (\S+)$`)

// unleash runs gremlins, which reports a mutant as soon as it has tried it: one
// worker, so in the order of the file of outcomes. Of time limits the other go
// takes care.
func (c *command) unleash(ctx context.Context, pkg string, env []string, each func(status, mutant string) error, args ...string) error {
	args = append([]string{"unleash", "--workers", "1", "--timeout-coefficient", "1000000", "--exclude-files", "/"}, args...)
	cmd := exec.CommandContext(ctx, c.tool, append(args, "./"+pkg)...)
	cmd.Env = env
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = longest
	var rest strings.Builder
	cmd.Stderr = &rest
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("%w (make bin/gremlins builds it)", err)
	}
	var failed error
	for lines := bufio.NewScanner(pipe); lines.Scan(); {
		if m := line.FindStringSubmatch(lines.Text()); m == nil {
			fmt.Fprintln(&rest, lines.Text())
		} else if failed == nil {
			failed = each(m[1], pkg+"/"+m[3]+" "+m[2])
		}
	}
	err = cmd.Wait()
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return fmt.Errorf("%w\n%s", err, rest.String())
	}
	return failed
}
