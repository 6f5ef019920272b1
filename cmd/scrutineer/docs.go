package main

import (
	"github.com/spf13/cobra"

	"scrutineer/cmd/internal/docs"
	"scrutineer/cmd/internal/exit"
	"scrutineer/harness/vocabulary"
)

func newDocsCommand(a *app) *cobra.Command {
	var out string
	cmd := &cobra.Command{
		Use:     "docs",
		Short:   "write the pages of the documentation that are made from the code",
		Example: `  scrutineer docs --out docs`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			all, err := loadScenarios("")
			if err != nil {
				return exit.Wrap(exit.Bug, err)
			}
			pages, err := docs.Pages(newRootCommand(a), all, vocabulary.Standard())
			if err != nil {
				return exit.Wrap(exit.Bug, err)
			}
			paths, err := docs.Write(out, pages)
			for _, path := range paths {
				a.UI.Printf("%s", path)
			}
			return exit.Wrap(exit.Target, err)
		},
	}
	cmd.Flags().StringVar(&out, "out", "docs", "write the pages into this `folder`")
	return cmd
}
