// Command crashtest kills a real authority at random moments, while it takes
// ballots, while it closes and while it tallies, and prints what became of the
// ballots that it had acknowledged.
//
//	go run ./scripts/crashtest [-kills 300] [-seed N] [-program PATH]
//	go run ./scripts/crashtest -faults [-stride 1] [-seed N] [-program PATH]
//
// With -faults nobody is killed at random: the authority's disk fails at each
// write, sync and naming of a ballot's way, in each of five ways (Linux on amd64).
//
// Without -program it builds ./cmd/reference-evoting. The status is 0 if
// nothing was lost, doubled or forked, 1 if something was, 3 if the test could
// not be carried out.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"time"

	"scrutineer/reference-evoting/service/crashtest"
)

func main() {
	kills := flag.Int("kills", 300, "how often the authority is killed")
	seed := flag.Uint64("seed", uint64(time.Now().UnixNano())>>10, "seed of the moments, keys and choices")
	program := flag.String("program", "", "the reference-evoting program; built where empty")
	dir := flag.String("dir", "", "where the elections lie; a temporary folder where empty")
	faults := flag.Bool("faults", false, "let the disk fail, rather than kill at random")
	stride := flag.Int("stride", 1, "with -faults: take each so many-th point")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	report, err := run(ctx, *program, *dir, *seed, func(ctx context.Context, cfg crashtest.Config) (figures, error) {
		if *faults {
			return crashtest.RunFaults(ctx, cfg, crashtest.Faults{Stride: *stride})
		}
		cfg.Kills = *kills
		return crashtest.Run(ctx, cfg)
	})
	if report != nil {
		err = errors.Join(err, report.Print(os.Stdout))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "crashtest:", err)
		os.Exit(3)
	}
	if !report.Sound() {
		os.Exit(1)
	}
}

// figures are what a test found.
type figures interface {
	Print(w io.Writer) error
	Sound() bool
}

func run(ctx context.Context, program, dir string, seed uint64, test func(context.Context, crashtest.Config) (figures, error)) (_ figures, err error) {
	temporary, err := os.MkdirTemp(dir, "scrutineer-crashtest-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temporary)) }()
	if program == "" {
		program = filepath.Join(temporary, "reference-evoting")
		build := exec.CommandContext(ctx, "go", "build", "-o", program, "./cmd/reference-evoting")
		build.Stderr = os.Stderr
		if err := build.Run(); err != nil {
			return nil, fmt.Errorf("building the reference: %w", err)
		}
	}
	fmt.Printf("seed %d\n", seed)
	return test(ctx, crashtest.Config{
		Start: func(args ...string) *exec.Cmd { return exec.Command(program, append([]string{"serve"}, args...)...) },
		Dir:   temporary, Seed: seed,
		Log: func(format string, args ...any) { fmt.Printf(format+"\n", args...) },
	})
}
