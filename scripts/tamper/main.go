// Command tamper changes one bit at a time at random places of an election
// record and runs a verifier over each changed copy: every one must be
// rejected with status 1. The record is left as it was.
//
//	go run ./scripts/tamper -n 2000 RECORD [-- VERIFIER ARG…]
//
// The verifier is `bin/scrutineer verify`, with the record as last argument.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"sync"
)

func main() {
	n := flag.Int("n", 2000, "places to try")
	seed := flag.Uint64("seed", 1, "seed of the places")
	flag.Parse()
	if flag.NArg() < 1 {
		flag.Usage()
		os.Exit(64)
	}
	verifier := []string{"bin/scrutineer", "verify"}
	if flag.NArg() > 2 && flag.Arg(1) == "--" {
		verifier = flag.Args()[2:]
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, flag.Arg(0), verifier, *n, *seed); err != nil {
		fmt.Fprintln(os.Stderr, "tamper:", err)
		os.Exit(1)
	}
}

// place is one bit of one file.
type place struct {
	file string
	at   int
	bit  byte
}

func run(ctx context.Context, record string, verifier []string, n int, seed uint64) error {
	files, err := contents(record)
	if err != nil {
		return err
	}
	if code, err := verify(ctx, verifier, record); err != nil || code != 0 {
		return fmt.Errorf("the record as it is: status %d %w", code, err)
	}
	places := make(chan place)
	go func() {
		defer close(places)
		for _, p := range choose(files, n, seed) {
			select {
			case places <- p:
			case <-ctx.Done():
				return
			}
		}
	}()
	var mu sync.Mutex
	var wg sync.WaitGroup
	tried, missed := 0, 0
	var failure error
	for range runtime.NumCPU() {
		wg.Go(func() {
			err := worker(ctx, record, verifier, files, places, func(p place, code int) {
				mu.Lock()
				defer mu.Unlock()
				if tried++; code != 1 {
					missed++
					fmt.Printf("%s byte %d bit %#x: status %d\n", p.file, p.at, p.bit, code)
				}
			})
			mu.Lock()
			defer mu.Unlock()
			failure = errors.Join(failure, err)
		})
	}
	wg.Wait()
	fmt.Printf("%d places tried, %d rejected with status 1, %d not\n", tried, tried-missed, missed)
	if failure == nil && missed > 0 {
		failure = errors.New("a changed record was not rejected")
	}
	return errors.Join(failure, ctx.Err())
}

// contents reads all files of a record.
func contents(record string) (map[string][]byte, error) {
	out := map[string][]byte{}
	err := filepath.WalkDir(record, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(record, path)
		if err != nil {
			return err
		}
		out[name], err = os.ReadFile(path)
		return err
	})
	return out, err
}

// choose takes half of the places evenly over files, so that small ones are
// met, and half evenly over bytes.
func choose(files map[string][]byte, n int, seed uint64) []place {
	random := rand.New(rand.NewPCG(seed, 0))
	var names []string
	total := 0
	for name, content := range files {
		if len(content) > 0 {
			names, total = append(names, name), total+len(content)
		}
	}
	out := make([]place, n)
	for i := range out {
		p := place{bit: 1 << random.IntN(8)}
		if i%2 == 0 {
			p.file = names[random.IntN(len(names))]
			p.at = random.IntN(len(files[p.file]))
		} else {
			at := random.IntN(total)
			for _, name := range names {
				if at < len(files[name]) {
					p.file, p.at = name, at
					break
				}
				at -= len(files[name])
			}
		}
		out[i] = p
	}
	return out
}

// worker verifies changed records in a folder of its own, whose unchanged
// files are written once.
func worker(ctx context.Context, record string, verifier []string, files map[string][]byte, places <-chan place, tell func(place, int)) (err error) {
	dir, err := os.MkdirTemp("", "scrutineer-tamper-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := os.CopyFS(dir, os.DirFS(record)); err != nil {
		return err
	}
	for p := range places {
		name := filepath.Join(dir, p.file)
		changed := append([]byte{}, files[p.file]...)
		changed[p.at] ^= p.bit
		if err := os.WriteFile(name, changed, 0o644); err != nil {
			return err
		}
		code, err := verify(ctx, verifier, dir)
		if err != nil {
			return err
		}
		tell(p, code)
		if err := os.WriteFile(name, files[p.file], 0o644); err != nil {
			return err
		}
	}
	return nil
}

// verify runs the verifier and gives its status.
func verify(ctx context.Context, verifier []string, dir string) (int, error) {
	cmd := exec.CommandContext(ctx, verifier[0], append(verifier[1:len(verifier):len(verifier)], dir)...)
	err := cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.Exited() {
		return exit.ExitCode(), nil
	}
	return 0, err
}
