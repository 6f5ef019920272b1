// Package bench measures the speed and memory of the spine on this machine: a
// whole run of scrutineer, ballots against kyber's edwards25519 in the same
// run, casts against a real server on loopback, the tally of an election that
// trustees followed, and what authority and verifier hold in memory. It prints
// figures beside the bars that were set for them, and judges nothing.
package bench

import (
	"context"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"
)

// Options choose what is measured.
type Options struct {
	Ballots int   // of the election that is cast and tallied
	Clients int   // at once
	Memory  []int // sizes of the elections whose memory is measured
	Log     func(format string, args ...any)
}

// Figure is one measured value with its bar, both as text.
type Figure struct {
	What  string
	Value string
	Bar   string
}

// Part is a group of measurements.
type Part struct {
	Name string
	Run  func(ctx context.Context, o Options) ([]Figure, error)
}

// Parts lists them in the order in which they run.
func Parts() []Part {
	return []Part{
		{"run", runs},
		{"ballot", ballots},
		{"cast", casts},
		{"memory", memory},
	}
}

// Print writes figures as a table.
func Print(w io.Writer, figures []Figure) error {
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	fmt.Fprintln(t, "measured\tvalue\tbar")
	for _, f := range figures {
		fmt.Fprintf(t, "%s\t%s\t%s\n", f.What, f.Value, f.Bar)
	}
	return t.Flush()
}

// each times f n times and gives the median.
func each(n int, f func() error) (time.Duration, error) {
	times := make([]time.Duration, n)
	for i := range times {
		start := time.Now()
		if err := f(); err != nil {
			return 0, err
		}
		times[i] = time.Since(start)
	}
	slices.Sort(times)
	return times[n/2], nil
}

func micro(d time.Duration) string { return fmt.Sprintf("%.0f µs", float64(d.Nanoseconds())/1000) }
