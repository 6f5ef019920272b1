package main

import (
	"github.com/spf13/cobra"

	"scrutineer/cmd/internal/version"
)

func newVersionCommand(a *app) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "version",
		Short: "tell which build this is",
		Example: `  scrutineer version
  scrutineer version --json`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			b := version.Current()
			if asJSON {
				return writeJSON(a.Stdout, b)
			}
			a.UI.Printf("scrutineer %s", b.Version)
			a.UI.Printf("commit %s of %s", b.Commit, b.Date)
			a.UI.Printf("built with %s for %s", b.Go, b.Platform)
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}
