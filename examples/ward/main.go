// Command ward casts the real first preferences of a Scottish council ward
// through an encrypted election of the reference system, one voter a ballot,
// and compares the decrypted totals with the officially declared ones. It
// leaves the election record behind, for `scrutineer verify`.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"golang.org/x/sync/errgroup"

	"scrutineer/protocols/ballots/blt"
	"scrutineer/targets"
	"scrutineer/targets/core"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "ward:", err)
		os.Exit(1)
	}
}

// options are the flags.
type options struct {
	data, ward, out, seed string
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var o options
	flags := flag.NewFlagSet("ward", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.data, "data", "../shared/data/scottish", "folder with official.json and the ballot files")
	flags.StringVar(&o.ward, "ward", "blt/sc_borders_2017_ward11.blt", "the ward's ballot file in that folder")
	flags.StringVar(&o.out, "out", "runs/ward", "where the record goes; a record that is there is replaced")
	flags.StringVar(&o.seed, "seed", "ward", "seed of the test election's keys")
	if err := flags.Parse(args); err != nil {
		return err
	}
	w, err := load(o)
	if err != nil {
		return err
	}
	fmt.Fprintf(stderr, "%s: %d ballots with a first preference, %d candidates\n", w.Election.Title, w.valid(), len(w.Election.Candidates))
	totals, err := elect(ctx, o, w, stderr)
	if err != nil {
		return err
	}
	return compare(stdout, w, totals)
}

// ward is a ballot file with what was declared of it: first preferences by
// candidate.
type ward struct {
	Election *blt.Election
	Declared []uint64
	first    []int
}

func (w *ward) valid() int {
	n := 0
	for _, t := range w.first {
		n += t
	}
	return n
}

// load reads the ballots and their declaration.
func load(o options) (*ward, error) {
	f, err := os.Open(filepath.Join(o.data, o.ward))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	e, err := blt.Read(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", o.ward, err)
	}
	w := &ward{Election: e}
	w.first, _ = e.First()
	raw, err := os.ReadFile(filepath.Join(o.data, "official.json"))
	if err != nil {
		return nil, err
	}
	var all []struct {
		BLT    string               `json:"blt"`
		Stages []map[string]float64 `json:"stages"`
	}
	if err := json.Unmarshal(raw, &all); err != nil {
		return nil, fmt.Errorf("official.json: %w", err)
	}
	for _, d := range all {
		if d.BLT != o.ward || len(d.Stages) == 0 {
			continue
		}
		for i := range e.Candidates {
			w.Declared = append(w.Declared, uint64(math.Round(d.Stages[0][strconv.Itoa(i)])))
		}
		return w, nil
	}
	return nil, fmt.Errorf("official.json declares nothing of %s", o.ward)
}

// system is what the example needs of a target.
type system interface {
	targets.Election
	targets.Voters
	targets.Trustees
	targets.Closer
	targets.BoardReader
	targets.Verifier
}

// elect runs the election and returns the decrypted totals by candidate.
func elect(ctx context.Context, o options, w *ward, stderr io.Writer) ([]uint64, error) {
	draft, err := draft(w)
	if err != nil {
		return nil, err
	}
	e, err := core.New(time.Now).Open(ctx, targets.Definition{ID: "ward", Draft: draft, Seed: o.seed})
	if err != nil {
		return nil, err
	}
	s, ok := e.(system)
	if !ok {
		return nil, errors.Join(targets.ErrUnable, e.Close())
	}
	totals, err := held(ctx, o, s, w, stderr)
	return totals, errors.Join(err, e.Close())
}

func held(ctx context.Context, o options, s system, w *ward, stderr io.Writer) ([]uint64, error) {
	start := time.Now()
	if err := vote(ctx, s, w); err != nil {
		return nil, err
	}
	fmt.Fprintf(stderr, "cast after %s\n", time.Since(start).Round(100*time.Millisecond))
	if a, err := s.CloseVoting(ctx); err != nil || a.Outcome != targets.OK {
		return nil, fmt.Errorf("close: %s %w", a.Detail, err)
	}
	for _, trustee := range []int{1, 2} {
		if a, _, err := s.Decrypt(ctx, trustee); err != nil || a.Outcome != targets.OK {
			return nil, fmt.Errorf("trustee %d: %s %w", trustee, a.Detail, err)
		}
	}
	record, err := s.Record(ctx)
	if err != nil {
		return nil, err
	}
	findings, err := s.VerifyRecord(ctx, record)
	if err != nil {
		return nil, err
	}
	if len(findings) > 0 {
		return nil, fmt.Errorf("the system's own verifier: %s: %s", findings[0].Check, findings[0].Detail)
	}
	if err := save(o.out, record); err != nil {
		return nil, err
	}
	fmt.Fprintf(stderr, "result after %s, record in %s\n", time.Since(start).Round(100*time.Millisecond), o.out)
	return totals(ctx, s, len(w.Election.Candidates))
}

// vote casts one encrypted ballot for each first preference.
func vote(ctx context.Context, s system, w *ward) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(8 * runtime.NumCPU())
	voter := 0
	for candidate, n := range w.first {
		for range n {
			id := voterID(voter)
			voter++
			g.Go(func() error { return castOne(ctx, s, id, optionID(candidate)) })
		}
	}
	return g.Wait()
}

func castOne(ctx context.Context, s system, id, option string) error {
	v, err := s.Voter(ctx, id)
	if err != nil {
		return err
	}
	handle, _, err := v.Encrypt(ctx, map[string][]string{contestID: {option}})
	if err != nil {
		return fmt.Errorf("%s: %w", id, err)
	}
	a, err := v.Cast(ctx, handle)
	if err != nil || a.Outcome != targets.OK {
		return fmt.Errorf("%s: %s %s %w", id, a.Outcome, a.Detail, err)
	}
	return nil
}

// save writes the record in place of an older one.
func save(dir string, record map[string][]byte) error {
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	for path, content := range record {
		name := filepath.Join(dir, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(name, content, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// compare prints both columns and fails where they differ.
func compare(out io.Writer, w *ward, totals []uint64) error {
	t := tabwriter.NewWriter(out, 0, 4, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "declared\tdecrypted\t\tcandidate\t")
	var wrong []string
	for i, name := range w.Election.Candidates {
		mark := "="
		if totals[i] != w.Declared[i] {
			mark = "≠"
			wrong = append(wrong, name)
		}
		fmt.Fprintf(t, "%d\t%d\t%s\t%s\t\n", w.Declared[i], totals[i], mark, name)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if len(wrong) > 0 {
		return fmt.Errorf("totals differ for %s", strings.Join(wrong, ", "))
	}
	fmt.Fprintln(out, "every decrypted total equals the declared one")
	return nil
}
