package main

import (
	"path/filepath"

	"github.com/spf13/cobra"

	"scrutineer/cmd/internal/doctor"
	"scrutineer/cmd/internal/exit"
	"scrutineer/cmd/internal/version"
)

func newDoctorCommand(a *app) *cobra.Command {
	var asJSON bool
	var needs doctor.Needs
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "say what this machine can and cannot do",
		Long: `Doctor looks at the machine and says for each thing that is missing what is
left out without it. It installs and changes nothing. The exit status is 3
where no election can be run at all, and 0 otherwise.`,
		Example: `  scrutineer doctor
  scrutineer doctor --json --out /var/lib/scrutineer`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return examine(a, needs, asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.Flags().StringVar(&needs.Out, "out", defaultOut, "the `folder` that runs would be written to")
	cmd.Flags().StringVar(&needs.Data, "data", filepath.Join("..", "shared", "data"), "the `folder` with real election data")
	return cmd
}

func examine(a *app, needs doctor.Needs, asJSON bool) error {
	report := doctor.Examine(doctor.This(), needs)
	if asJSON {
		err := writeJSON(a.Stdout, struct {
			Build version.Build `json:"build"`
			doctor.Report
		}{version.Current(), report})
		if err != nil {
			return err
		}
	} else {
		for _, c := range report.Checks {
			a.UI.Printf("%-7s  %-20s  %s", string(c.Status), c.Name, c.Detail)
			if c.Without != "" {
				a.UI.Printf("%-7s  %-20s  left out: %s", "", "", c.Without)
			}
		}
	}
	if !report.Able {
		return exit.Errorf(exit.Target, "this machine cannot run an election")
	}
	return nil
}
