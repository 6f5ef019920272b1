package main

import (
	"errors"

	"github.com/spf13/cobra"

	"scrutineer/cmd/internal/exit"
	"scrutineer/harness/scenario"
	"scrutineer/harness/vocabulary"
)

func newValidateCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "validate FILE...",
		Short: "check scenario files, without running them",
		Long: `Validate reads scenario files as a run would and says what is wrong with each:
file, line and column, what was found, and how to mend it. It runs nothing.`,
		Example: `  scrutineer validate my-scenarios/*.yaml`,
		Args:    cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return validate(a, args)
		},
	}
}

func validate(a *app, files []string) error {
	words := vocabulary.Standard()
	var faults []error
	for _, file := range files {
		s, err := scenario.LoadFile(file, words)
		if err != nil {
			faults = append(faults, exit.Wrap(exit.Usage, err))
			continue
		}
		a.UI.Printf("%s: %s, %d sub-cases", file, s.ID, len(s.Cases))
	}
	return errors.Join(faults...)
}
