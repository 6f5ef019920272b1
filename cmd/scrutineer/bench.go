package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"scrutineer/cmd/internal/bench"
	"scrutineer/cmd/internal/exit"
)

// newBenchCommand measures speed and memory of the spine on this machine.
func newBenchCommand(a *app) *cobra.Command {
	o := bench.Options{}
	var only []string
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "measure speed and memory on this machine, beside the bars set for them",
		Long: `Measures on this machine: a run of all scenarios, with the CPU seconds that an
election of it costs; making and checking a ballot, with the ratio to the same
equations on kyber's edwards25519 in the same run; casts against a real server
on loopback; the tally of an election that three trustees followed; and what
authority and verifier hold in memory. Figures go to stdout, and none of them
makes the command fail.`,
		Example: `  scrutineer bench
  scrutineer bench --only run,ballot
  scrutineer bench --only memory --memory 1000,10000`,
		Args: cobra.NoArgs,
	}
	flags := cmd.Flags()
	flags.StringSliceVar(&only, "only", nil, "parts to measure: run, ballot, cast, memory; default all")
	flags.IntVar(&o.Ballots, "ballots", 10_000, "ballots of the election that is cast and tallied")
	flags.IntVar(&o.Clients, "clients", 64, "clients that cast at once")
	flags.IntSliceVar(&o.Memory, "memory", []int{1_000, 10_000, 50_000}, "sizes of the elections whose memory is measured")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		o.Log = func(format string, args ...any) { a.UI.Infof(format, args...) }
		parts, err := chosenParts(only)
		if err != nil {
			return err
		}
		for _, p := range parts {
			figures, err := p.Run(cmd.Context(), o)
			if err != nil {
				return exit.Wrap(exit.Target, fmt.Errorf("%s: %w", p.Name, err))
			}
			if err := bench.Print(a.Stdout, figures); err != nil {
				return err
			}
		}
		return nil
	}
	return cmd
}

func chosenParts(only []string) ([]bench.Part, error) {
	all := bench.Parts()
	if len(only) == 0 {
		return all, nil
	}
	var out []bench.Part
	for _, name := range only {
		i := slices.IndexFunc(all, func(p bench.Part) bool { return p.Name == name })
		if i < 0 {
			var names []string
			for _, p := range all {
				names = append(names, p.Name)
			}
			return nil, exit.Errorf(exit.Usage, "there is no part %q; there are %s", name, strings.Join(names, ", "))
		}
		out = append(out, all[i])
	}
	return out, nil
}
