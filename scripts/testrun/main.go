// Command testrun runs `go test` and says what was tested and what was not.
//
// It prints the closing line of every package as `go test` does, the output
// of what failed, and then every test that skipped itself, with its reason.
// Ginkgo reports skipped and pending specs only in the text of its suite;
// they are counted as well. With SCRUTINEER_REQUIRE=all in the environment
// nothing comes from the cache of test results and a skipped test fails the
// run, so that a gate cannot pass by leaving things out.
//
// Its arguments are those of `go test`. It is no test framework: everything
// it reports is in the stream of `go test -json`.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
)

func main() {
	os.Exit(run(os.Args[1:], os.Getenv("SCRUTINEER_REQUIRE") == "all", os.Stdout, os.Stderr))
}

// run returns the exit status: 0 when all is well, 1 when a test failed or a
// required one was skipped, 2 when `go test` could not be run.
func run(args []string, requireAll bool, stdout, stderr io.Writer) int {
	testArgs := []string{"test", "-json"}
	if requireAll {
		testArgs = append(testArgs, "-count=1")
	}
	cmd := exec.Command("go", append(testArgs, args...)...)
	cmd.Stderr = stderr
	stream, err := cmd.StdoutPipe()
	if err != nil {
		fmt.Fprintf(stderr, "testrun: %v\n", err)
		return 2
	}
	if err := cmd.Start(); err != nil {
		fmt.Fprintf(stderr, "testrun: starting go test: %v\n", err)
		return 2
	}
	s := newSummary(stdout)
	readErr := s.read(stream)
	waitErr := cmd.Wait()
	s.print(requireAll)
	var exited *exec.ExitError
	switch {
	case readErr != nil:
		fmt.Fprintf(stderr, "testrun: %v\n", readErr)
		return 2
	case errors.As(waitErr, &exited), s.failed():
		return 1
	case waitErr != nil:
		fmt.Fprintf(stderr, "testrun: go test: %v\n", waitErr)
		return 2
	case requireAll && len(s.skipped) > 0:
		return 1
	}
	return 0
}
