// Command loadbearing shows that every numbered check is needed: it builds the
// project with one check switched off, in the reference system or in the
// independent verifier, and expects a test or a scenario to fail. The check is
// taken out of a copy of its file that `go test -overlay` puts in the file's
// place; the code has no switch for it.
//
//	go run ./scripts/loadbearing                     every check of both
//	go run ./scripts/loadbearing -checks V-07,V-22   some
//	go run ./scripts/loadbearing -sample 3 -seed 7   a few, drawn by the seed
//
// The packages nearest to the check are tried first, and the first failure
// ends a mutant. The last lines list the survivors; the status is 1 where one
// of them is not explained in survivors.go.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

func main() {
	var o options
	flag.StringVar(&o.side, "side", "both", "reference, verifier or both")
	checks := flag.String("checks", "", "these checks alone, with commas")
	flag.IntVar(&o.sample, "sample", 0, "only so many mutants, drawn by the seed")
	flag.Uint64Var(&o.seed, "seed", 1, "what the sample is drawn by")
	flag.DurationVar(&o.timeout, "timeout", 10*time.Minute, "how long one stage of one mutant may take")
	flag.BoolVar(&o.list, "list", false, "list the places that would be changed, and stop")
	flag.Parse()
	if *checks != "" {
		o.checks = strings.Split(*checks, ",")
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	code, err := run(ctx, o, os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "loadbearing:", err)
		code = 3
	}
	os.Exit(code)
}

type options struct {
	side    string
	checks  []string
	sample  int
	seed    uint64
	timeout time.Duration
	list    bool
}

// mutant is the project without one check of one side.
type mutant struct {
	side  *side
	check string
	sites []site
}

func run(ctx context.Context, o options, out io.Writer) (int, error) {
	root, err := filepath.Abs(".")
	if err != nil {
		return 0, err
	}
	all, err := mutants(root, o)
	if err != nil {
		return 0, err
	}
	if o.list {
		for _, m := range all {
			for _, s := range m.sites {
				note := ""
				if len(s.edits) == 0 {
					note = "  (not switched off: it hangs on no condition)"
				}
				fmt.Fprintf(out, "%s %s %s:%d%s\n", m.side.name, m.check, s.file, s.line, note)
			}
		}
		return 0, nil
	}
	killed, unexplained := 0, []string{}
	begun := time.Now()
	for _, m := range all {
		start := time.Now()
		by, err := m.kill(ctx, root, o.timeout)
		if err != nil {
			return 0, err
		}
		text := "killed by " + by
		switch why, known := survivors[m.side.name+" "+m.check]; {
		case by != "":
			killed++
		case known:
			text = "SURVIVES: " + why
		default:
			text = "SURVIVES, unexplained"
			unexplained = append(unexplained, m.side.name+" "+m.check)
		}
		fmt.Fprintf(out, "%-9s %s  %2d places  %5.1f s  %s\n", m.side.name, m.check, len(m.sites), time.Since(start).Seconds(), text)
	}
	fmt.Fprintf(out, "%d of %d mutants killed, %d survivors explained, %d not, in %s\n", killed, len(all),
		len(all)-killed-len(unexplained), len(unexplained), time.Since(begun).Round(time.Second))
	if len(unexplained) > 0 {
		fmt.Fprintf(out, "not explained: %s\n", strings.Join(unexplained, ", "))
		return 1, nil
	}
	return 0, nil
}

// mutants lists what is to be tried: every check of every side that was asked
// for, or a sample of that.
func mutants(root string, o options) ([]mutant, error) {
	var out []mutant
	for _, s := range sides() {
		if o.side != "both" && o.side != s.name {
			continue
		}
		if err := s.complete(root); err != nil {
			return nil, err
		}
		places, err := sites(root, s.dirs, s.constants)
		if err != nil {
			return nil, err
		}
		for _, check := range s.checks {
			if len(o.checks) > 0 && !slices.Contains(o.checks, check) {
				continue
			}
			m := mutant{side: s, check: check}
			for _, p := range places {
				if p.check == check {
					m.sites = append(m.sites, p)
				}
			}
			out = append(out, m)
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("nothing to try: -side is reference, verifier or both, -checks are numbers like V-07")
	}
	if o.sample > 0 && o.sample < len(out) {
		r := rand.New(rand.NewPCG(o.seed, 0))
		r.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
		out = out[:o.sample]
	}
	return out, nil
}
