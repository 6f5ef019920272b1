// Command mutants changes one thing at a time in an election record and has a
// verifier judge every copy: each must be rejected, or be of a kind that is
// known to be harmless, with the reason.
//
//	go run ./scripts/mutants                          600 mutants of an election that it plays itself
//	go run ./scripts/mutants -n 0 -page docs/mutants.md
//	go run ./scripts/mutants -n 2000 RECORD           plain mutants of a record; others need its keys
//	go run ./scripts/mutants -keys 7 RECORD           all kinds, of a test election with this seed
//	go run ./scripts/mutants -only 'NAME' -write DIR  one mutant, as a folder
//	go run ./scripts/mutants demo -- VERIFIER ARG…    another's verifier, with the record as last argument
//
// The status is 0 where every mutant is rejected or harmless, 1 where one
// survives, 3 where something else went wrong. Another's verifier rejects with
// status 1 and accepts with 0.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"

	"scrutineer/harness/mutate"
	"scrutineer/protocols/record"
	"scrutineer/reference-evoting/keys"
)

type options struct {
	n           int
	seed        uint64
	keys        string
	page        string
	only, write string
	record      string
	verifier    []string
	workers     int
}

func main() {
	var o options
	flag.IntVar(&o.n, "n", 600, "how many mutants; 0 is one of each kind")
	flag.Uint64Var(&o.seed, "seed", 1, "chooses bits, neighbours and what comes first")
	flag.StringVar(&o.keys, "keys", "", "seed of the keys of the record's test election")
	flag.StringVar(&o.page, "page", "", "write the findings to this Markdown file")
	flag.StringVar(&o.only, "only", "", "make the mutant of this name and no other")
	flag.StringVar(&o.write, "write", "", "write the mutant of -only to this folder")
	flag.IntVar(&o.workers, "workers", runtime.GOMAXPROCS(0), "verifiers at a time")
	flag.Parse()
	for i, arg := range flag.Args() {
		if arg == "--" {
			o.verifier = flag.Args()[i+1:]
			break
		}
		o.record = arg
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	switch survived, err := run(ctx, o); {
	case err != nil:
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(3)
	case survived > 0:
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) (survived int, err error) {
	source, err := open(ctx, o)
	if err != nil {
		return 0, err
	}
	if o.only != "" && o.write != "" {
		return 0, writeOne(source, o)
	}
	s := survey{judge: ours, workers: o.workers}
	if len(o.verifier) > 0 {
		s.judge = command(o.verifier)
	}
	if err := s.run(ctx, chosen(source, o)); err != nil {
		return 0, err
	}
	s.print(os.Stdout)
	if o.page != "" {
		if err := s.writePage(o.page); err != nil {
			return 0, err
		}
	}
	return len(s.survivors()), nil
}

// open reads the record, or plays the demo election, with another of the same
// form to transplant from.
func open(ctx context.Context, o options) (*mutate.Source, error) {
	if o.record == "" || o.record == "demo" {
		return demoSource(ctx, o.seed)
	}
	folder, err := record.OpenFolder(o.record)
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	files, err := memory(folder)
	if err != nil {
		return nil, err
	}
	opts := mutate.Options{Seed: o.seed}
	if o.keys != "" {
		opts.Keys = keys.Seed(o.keys)
	}
	return mutate.New(files, opts)
}

func demoSource(ctx context.Context, seed uint64) (*mutate.Source, error) {
	files, secrets, err := demo(ctx, "mutants 1")
	if err != nil {
		return nil, err
	}
	donor, _, err := demo(ctx, "mutants 2")
	if err != nil {
		return nil, err
	}
	return mutate.New(files, mutate.Options{Keys: secrets, Donor: donor, Seed: seed})
}

// memory reads a whole record.
func memory(src record.Source) (record.Memory, error) {
	files := record.Memory{}
	var failure error
	err := src.List(func(f record.File) bool {
		p, err := record.Parse(f.Path)
		if err == nil {
			files[f.Path], err = src.Read(f.Path, p.Limit())
		}
		failure = err
		return err == nil
	})
	return files, errors.Join(err, failure)
}

// chosen are the mutants to judge.
func chosen(source *mutate.Source, o options) []*mutate.Mutant {
	if o.only != "" {
		for m := range source.All() {
			if m.Name == o.only {
				return []*mutate.Mutant{m}
			}
		}
		return nil
	}
	if o.n > 0 {
		return made(source.Sample(2*o.n), o.n)
	}
	kinds := map[string]bool{}
	for m := range source.All() {
		kinds[m.Power.String()+m.Class()] = true
	}
	return source.Sample(len(kinds))
}

// made keeps the first n mutants that can be made: a list of one item has no
// reverse.
func made(list []*mutate.Mutant, n int) (out []*mutate.Mutant) {
	for _, m := range list {
		if len(out) == n {
			break
		}
		if _, err := m.Make(); err == nil {
			out = append(out, m)
		}
	}
	return out
}

func writeOne(source *mutate.Source, o options) error {
	list := chosen(source, o)
	if len(list) == 0 {
		return fmt.Errorf("there is no mutant %q", o.only)
	}
	files, err := list[0].Make()
	if err != nil {
		return err
	}
	return writeFolder(files, o.write)
}
