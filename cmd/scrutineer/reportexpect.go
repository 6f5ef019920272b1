package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"scrutineer/cmd/internal/exit"
	"scrutineer/cmd/internal/ui"
	"scrutineer/harness/expect"
	"scrutineer/reports/event"
	"scrutineer/reports/run"
)

func newExpectedCommand(a *app) *cobra.Command {
	var reason, expires string
	cmd := &cobra.Command{
		Use:   "expect RUN",
		Short: "write the verdicts of a run as a file for --expect",
		Long: `Expect prints a file that expects of the next run what this one came to. What
ought to be better gets a waiver with a reason and the last day on which it holds;
edit both, one by one, before the file is taken for granted.`,
		Example: `  scrutineer report expect runs/latest --reason "known, see ticket 42" --expires 2027-01-31 >expected.yaml
  scrutineer run --expect expected.yaml`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return expected(a, args[0], reason, expires)
		},
	}
	cmd.Flags().StringVar(&reason, "reason", "", "why bad verdicts are put up with")
	cmd.Flags().StringVar(&expires, "expires", "", "the last `day` on which they are, such as 2027-01-31")
	return cmd
}

func expected(a *app, dir, reason, expires string) error {
	r, err := run.Open(dir)
	if err != nil {
		return exit.Wrap(exit.Usage, err)
	}
	var verdicts []event.Verdict
	for _, s := range r.Scenarios {
		for _, c := range s.SubCases {
			for _, e := range c.Elections {
				verdicts = append(verdicts, e.Verdict)
			}
		}
	}
	var day time.Time
	if expires != "" {
		if day, err = time.Parse(time.DateOnly, expires); err != nil {
			return ui.WithHint(exit.Wrap(exit.Usage, fmt.Errorf("--expires: %q is not a day", expires)), "write it like 2027-01-31")
		}
	}
	f := expect.Of(verdicts, reason, day)
	for _, e := range f.Verdicts {
		if e.Waiver != nil && (reason == "" || expires == "") {
			return ui.WithHint(exit.Wrap(exit.Usage, fmt.Errorf("%s/%s %s is %s, and a file that expects it must say why, and until when", e.Scenario, e.Case, e.Run, e.Verdict)),
				"give --reason and --expires")
		}
	}
	raw, err := f.Marshal()
	if err != nil {
		return exit.Wrap(exit.Bug, err)
	}
	_, err = a.Stdout.Write(raw)
	return exit.Wrap(exit.Target, err)
}
