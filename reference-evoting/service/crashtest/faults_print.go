package crashtest

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"text/tabwriter"
	"time"
)

// Print writes the figures.
func (r *FaultReport) Print(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	row := func(what string, n any) { fmt.Fprintf(t, "%s\t%v\n", what, n) }
	row("seed", r.Seed)
	row("points on the way of a ballot", len(r.Way))
	way := map[string]int{}
	for _, p := range r.Way {
		way[string(p.Call)+" of "+place(p.Path)]++
	}
	for _, at := range slices.Sorted(maps.Keys(way)) {
		row("  "+at, way[at])
	}
	row("faults", r.Faults())
	for _, kind := range slices.Sorted(maps.Keys(r.Injected)) {
		row("  "+string(kind), sum(r.Injected[kind]))
		for _, at := range slices.Sorted(maps.Keys(r.Injected[kind])) {
			row("    "+at, r.Injected[kind][at])
		}
	}
	row("ballots taken in spite of the fault", r.Acked)
	row("ballots refused after it, unsigned", r.Refused)
	row("ballots acknowledged after it that are not safe", r.Undurable)
	row("ready after a fault that matters", r.NotRed)
	row("reads that failed", r.Blind)
	row("acknowledged", r.Acknowledged)
	row("on board, once, where promised", r.OnBoard)
	row("lost", r.Lost)
	row("doubled", r.Doubled)
	row("counted in the results", r.Counted)
	row("heads seen", r.Heads)
	row("  not extended by the finished board", r.Forked)
	row("other faults found", len(r.Report.Faults))
	row("time", r.Took.Round(time.Second))
	if err := t.Flush(); err != nil {
		return err
	}
	for _, f := range r.Report.Faults {
		fmt.Fprintln(w, "found:", f)
	}
	return nil
}

func sum(places map[string]int) (n int) {
	for _, k := range places {
		n += k
	}
	return n
}
