// Command loadbearing shows that every numbered check is needed: it builds the
// project with one check switched off, in the reference system or in the
// independent verifier, and expects a test or a scenario to fail. The check is
// taken out of a copy of its file that `go test -overlay` puts in the file's
// place; the code has no switch for it.
//
//	go run ./scripts/loadbearing                     every check of both
//	go run ./scripts/loadbearing -checks V-07,V-22   some
//	go run ./scripts/loadbearing -sample 3 -seed 7   a few, drawn by the seed
//	go run ./scripts/loadbearing -places             one place of a check at a time
//	go run ./scripts/loadbearing -page docs/loadbearing.md
//
// The packages nearest to the check are tried first, and the first failure
// ends a mutant. The last lines list the survivors; the status is 1 where one
// of them is not explained in survivors.go. A check that is made at several
// places may be needed although one of them is not (another place sees what
// that one sees): -places lists these and asks for no explanation.
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
	flag.BoolVar(&o.places, "places", false, "switch off one place of a check at a time")
	flag.StringVar(&o.page, "page", "", "write the outcome of a full run into this page")
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
	places  bool
	page    string
}

// mutant is the project without one check of one side.
type mutant struct {
	side  *side
	check string
	sites []site
}

// name is what survivors.go calls the mutant.
func (m mutant) name() string { return m.side.name + " " + m.check }

// outcome is what became of a mutant.
type outcome struct {
	mutant
	by   string // what failed; "" where nothing did
	took time.Duration
}

func run(ctx context.Context, o options, out io.Writer) (int, error) {
	root, err := filepath.Abs(".")
	if err != nil {
		return 0, err
	}
	if o.page != "" && (o.side != "both" || len(o.checks) > 0 || o.sample > 0 || o.places) {
		return 0, fmt.Errorf("-page is for a full run: leave -side, -checks, -sample and -places away")
	}
	all, err := mutants(root, o)
	if err != nil {
		return 0, err
	}
	if o.list {
		list(all, out)
		return 0, nil
	}
	var done []outcome
	begun := time.Now()
	for _, m := range all {
		start := time.Now()
		by, err := m.kill(ctx, root, o.timeout)
		if err != nil {
			return 0, err
		}
		r := outcome{m, by, time.Since(start)}
		done = append(done, r)
		r.print(out, o.places)
	}
	var open []string
	killed := 0
	for _, r := range done {
		switch {
		case r.by != "":
			killed++
		case survivors[r.name()] == "":
			open = append(open, r.name())
		}
	}
	fmt.Fprintf(out, "%d of %d mutants killed, %d survivors explained, %d not, in %s\n", killed, len(done),
		len(done)-killed-len(open), len(open), time.Since(begun).Round(time.Second))
	if o.page != "" {
		if err := os.WriteFile(o.page, page(done), 0o644); err != nil {
			return 0, err
		}
	}
	if len(open) > 0 && !o.places {
		fmt.Fprintf(out, "not explained: %s\n", strings.Join(open, ", "))
		return 1, nil
	}
	return 0, nil
}

// print writes the line of a mutant.
func (r outcome) print(out io.Writer, places bool) {
	what := fmt.Sprintf("%2d places", len(r.sites))
	if places && len(r.sites) == 1 {
		what = fmt.Sprintf("%s:%d", r.sites[0].file, r.sites[0].line)
	}
	text := "killed by " + r.by
	switch why := survivors[r.name()]; {
	case r.by != "":
	case why != "":
		text = "SURVIVES: " + why
	case places:
		text = "SURVIVES while the check's other places stand"
	default:
		text = "SURVIVES, unexplained"
	}
	fmt.Fprintf(out, "%-9s %s  %s  %5.1f s  %s\n", r.side.name, r.check, what, r.took.Seconds(), text)
}

// list writes the places that would be changed.
func list(all []mutant, out io.Writer) {
	for _, m := range all {
		for _, s := range m.sites {
			note := ""
			if len(s.edits) == 0 {
				note = "  (not switched off: it hangs on no condition)"
			}
			fmt.Fprintf(out, "%s %s:%d%s\n", m.name(), s.file, s.line, note)
		}
	}
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
			if !o.places || len(m.sites) < 2 {
				out = append(out, m)
				continue
			}
			for _, p := range m.sites {
				out = append(out, mutant{s, check, []site{p}})
			}
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
