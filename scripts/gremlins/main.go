// Command gremlins runs mutation testing on packages, one after the other, and
// prints the score of each: github.com/go-gremlins/gremlins changes one
// operator or condition at a time and runs the tests of the package.
//
//	make mutation                                    the packages of the list below
//	make mutation PACKAGES="reference-evoting/tally"  some
//
// Efficacy is the share of tried mutants that a test kills, coverage the share
// of mutants that a test reaches. A package that takes longer than -limit is
// stopped, and the score is of the mutants that were tried by then.
//
// gremlins 0.6.0 takes a mutant that does not compile for a killed one, because
// `go test` ends with status 1 in both cases. So it is given a `go` that ends
// with status 2 there: this program under another name.
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

// packages are those whose own tests are fast enough to be run for each mutant.
func packages() []string {
	return []string{
		"harness/verify/canonical", "harness/verify/challenge", "harness/verify/head",
		"harness/verify/merkle", "harness/verify/point",
		"reference-evoting/ceremony", "reference-evoting/cosign", "reference-evoting/entry",
		"reference-evoting/manifest", "reference-evoting/proof", "reference-evoting/reading",
		"reference-evoting/rules", "reference-evoting/tally",
	}
}

// realGo is the environment variable that tells the other `go` where the first is.
const realGo = "SCRUTINEER_REAL_GO"

func main() {
	if path := os.Getenv(realGo); path != "" && strings.HasPrefix(filepath.Base(os.Args[0]), "go") {
		os.Exit(passOn(path, os.Args[1:], os.Stdout))
	}
	tool := flag.String("gremlins", "bin/gremlins", "the program, built by make bin/gremlins")
	limit := flag.Duration("limit", 10*time.Minute, "how long one package may take")
	flag.Parse()
	list := flag.Args()
	if len(list) == 0 {
		list = packages()
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	self, err := os.Executable()
	if err == nil {
		err = run(ctx, self, *tool, *limit, list, os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "gremlins:", err)
		os.Exit(1)
	}
}

// passOn runs the real go, and tells a build that failed from a test that did.
func passOn(path string, args []string, out io.Writer) int {
	raw, err := exec.Command(path, args...).CombinedOutput()
	fmt.Fprintf(out, "%s", raw)
	var exited *exec.ExitError
	switch {
	case err == nil:
		return 0
	case strings.Contains(string(raw), "[build failed]"), !errors.As(err, &exited):
		return 2
	default:
		return exited.ExitCode()
	}
}

// run tries the packages. self becomes the `go` that gremlins finds.
func run(ctx context.Context, self, tool string, limit time.Duration, list []string, out io.Writer) error {
	tool, err := filepath.Abs(tool)
	if err != nil {
		return err
	}
	env, clean, err := environment(self)
	if err != nil {
		return err
	}
	defer clean()
	total := score{pkg: "total"}
	fmt.Fprintln(out, "| package | killed | lived | not covered | timed out | not viable | efficacy | coverage | took |")
	fmt.Fprintln(out, "|---|---|---|---|---|---|---|---|---|")
	for _, pkg := range list {
		s, err := try(ctx, tool, limit, filepath.ToSlash(filepath.Clean(pkg)), env)
		if err != nil {
			return fmt.Errorf("%s: %w", pkg, err)
		}
		fmt.Fprintln(out, s.row())
		for status, mutants := range s.mutants {
			total.add(status, mutants...)
		}
		total.took += s.took
		total.stopped = total.stopped || s.stopped
	}
	fmt.Fprintf(out, "%s\n\n", total.row())
	for _, m := range slices.Sorted(slices.Values(total.mutants["LIVED"])) {
		fmt.Fprintf(out, "- %s\n", m)
	}
	return nil
}

// environment puts self in front of the real go.
func environment(self string) (env []string, clean func(), err error) {
	path, err := exec.LookPath("go")
	if err != nil {
		return nil, nil, err
	}
	dir, err := os.MkdirTemp("", "gremlins-go")
	if err != nil {
		return nil, nil, err
	}
	if err := os.Symlink(self, filepath.Join(dir, filepath.Base(path))); err != nil {
		os.RemoveAll(dir)
		return nil, nil, err
	}
	return append(os.Environ(), realGo+"="+path,
		"PATH="+dir+string(os.PathListSeparator)+os.Getenv("PATH"),
		// A test result out of the cache would make the time limit of the
		// mutants nothing; -trimpath lets their copies share the build cache.
		"GOFLAGS=-count=1 -trimpath -vet=off"), func() { os.RemoveAll(dir) }, nil
}

// score is what became of the mutants of a package.
type score struct {
	pkg     string
	mutants map[string][]string // by status
	took    time.Duration
	stopped bool
}

func (s *score) add(status string, mutants ...string) {
	if s.mutants == nil {
		s.mutants = map[string][]string{}
	}
	s.mutants[status] = append(s.mutants[status], mutants...)
}

// line is how gremlins reports a mutant.
var line = regexp.MustCompile(`^\s*(KILLED|LIVED|NOT COVERED|TIMED OUT|NOT VIABLE) (\w+) at (\S+)$`)

func try(ctx context.Context, tool string, limit time.Duration, pkg string, env []string) (score, error) {
	s := score{pkg: pkg}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, tool, "unleash", "--workers", "1", "--timeout-coefficient", "8", "./"+pkg)
	cmd.Env = env
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = time.Minute
	var rest strings.Builder
	cmd.Stderr = &rest
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		return s, err
	}
	start := time.Now()
	if err := cmd.Start(); err != nil {
		return s, fmt.Errorf("%w (make bin/gremlins builds it)", err)
	}
	for lines := bufio.NewScanner(pipe); lines.Scan(); {
		if m := line.FindStringSubmatch(lines.Text()); m != nil {
			s.add(m[1], pkg+"/"+m[3]+" "+m[2])
			if m[1] == "LIVED" {
				fmt.Fprintf(os.Stderr, "gremlins: %s/%s %s lived\n", pkg, m[3], m[2])
			}
		} else {
			fmt.Fprintln(&rest, lines.Text())
		}
	}
	err = cmd.Wait()
	s.took = time.Since(start)
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		s.stopped = true
		return s, nil
	case ctx.Err() != nil:
		return s, ctx.Err()
	case err != nil:
		return s, fmt.Errorf("%w\n%s", err, rest.String())
	}
	return s, nil
}

// row is a line of the Markdown table.
func (s score) row() string {
	n := func(status string) int { return len(s.mutants[status]) }
	took := s.took.Round(time.Second).String()
	if s.stopped {
		took += ", stopped"
	}
	tried := n("KILLED") + n("LIVED")
	return fmt.Sprintf("| %s | %d | %d | %d | %d | %d | %s | %s | %s |", s.pkg, n("KILLED"), n("LIVED"), n("NOT COVERED"),
		n("TIMED OUT"), n("NOT VIABLE"), percent(n("KILLED"), tried), percent(tried, tried+n("NOT COVERED")), took)
}

func percent(n, of int) string {
	if of == 0 {
		return "–"
	}
	return fmt.Sprintf("%.1f %%", 100*float64(n)/float64(of))
}
