package main

import (
	"github.com/spf13/cobra"

	"scrutineer/cmd/internal/exit"
	"scrutineer/reports/diff"
	"scrutineer/reports/run"
)

func newDiffCommand(a *app) *cobra.Command {
	var asJSON, history bool
	cmd := &cobra.Command{
		Use:   "diff RUN RUN",
		Short: "tell what changed between two runs",
		Long: `Diff compares the verdicts of two runs: what is worse, what is better, what ran in
one of them only. The status is 1 where anything differs.

--history also compares what happened, after times, ports, board indices and the
winners of races are taken out: two runs of one seed must not differ.`,
		Example: `  scrutineer report diff runs/yesterday runs/latest
  scrutineer report diff --history runs/one runs/two`,
		Args: cobra.ExactArgs(2),
		RunE: func(_ *cobra.Command, args []string) error {
			return reportDiff(a, args[0], args[1], asJSON, history)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the changed verdicts as JSON")
	cmd.Flags().BoolVar(&history, "history", false, "compare what happened, too")
	return cmd
}

func reportDiff(a *app, dirA, dirB string, asJSON, history bool) error {
	before, err := run.Open(dirA)
	if err != nil {
		return exit.Wrap(exit.Usage, err)
	}
	after, err := run.Open(dirB)
	if err != nil {
		return exit.Wrap(exit.Usage, err)
	}
	changes := diff.Verdicts(before, after)
	if asJSON {
		if changes == nil {
			changes = []diff.Change{}
		}
		err = writeJSON(a.Stdout, changes)
	} else {
		err = diff.Write(a.Stdout, changes)
	}
	if err != nil {
		return exit.Wrap(exit.Target, err)
	}
	differences := len(changes)
	if history {
		files, err := run.Compare(dirA, dirB)
		if err != nil {
			return exit.Wrap(exit.Usage, err)
		}
		for _, f := range files {
			a.UI.Printf("%s: %d lines only in the first, %d only in the second", f.File, len(f.OnlyA), len(f.OnlyB))
		}
		differences += len(files)
	}
	a.UI.Printf("%d differences", differences)
	if differences > 0 {
		return exit.Status(exit.Finding)
	}
	return nil
}
