package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"scrutineer/cmd/internal/exit"
	"scrutineer/cmd/internal/render"
	"scrutineer/cmd/internal/ui"
	"scrutineer/reports/run"
)

func newReportCommand(a *app) *cobra.Command {
	var formats []string
	cmd := &cobra.Command{
		Use:   "report RUN",
		Short: "write the reports of a run again",
		Long: `Report makes reports from the files of a run, which may be an old one or one
from somebody else. The text report goes to standard output, the others into the
folder of the run. The status tells whether the reports were made, not what they
say.`,
		Example: `  scrutineer report runs/latest
  scrutineer report runs/latest --format html,json`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return report(a, args[0], formats)
		},
	}
	cmd.AddCommand(newDiffCommand(a), newBundleCommand(a), newCheckBundleCommand(a), newExpectedCommand(a))
	cmd.Flags().StringSliceVar(&formats, "format", []string{"text"}, "reports to write: "+strings.Join(render.Formats(), ", "))
	return cmd
}

func report(a *app, dir string, formats []string) error {
	if err := render.Check(formats); err != nil {
		return ui.WithHint(exit.Wrap(exit.Usage, err), "the formats are %s", strings.Join(render.Formats(), ", "))
	}
	r, err := run.Open(dir)
	if err != nil {
		return exit.Wrap(exit.Usage, err)
	}
	rest := slices.DeleteFunc(slices.Clone(formats), func(f string) bool { return f == "text" })
	if len(rest) < len(formats) {
		if err := render.To(a.Stdout, r, "text", coloured(a)); err != nil {
			return exit.Wrap(exit.Target, err)
		}
	}
	paths, err := render.Into(dir, r, rest)
	for _, path := range paths {
		a.UI.Printf("report: %s", path)
	}
	return exit.Wrap(exit.Target, err)
}
