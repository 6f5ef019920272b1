package main

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"scrutineer/cmd/internal/exit"
	"scrutineer/cmd/internal/rolecmd"
	"scrutineer/protocols/codec"
	"scrutineer/targets"
	"scrutineer/targets/container"
)

func newTargetUpCommand(a *app) *cobra.Command {
	var state string
	var voters int
	var seed uint64
	cmd := &cobra.Command{
		Use:   "up",
		Short: "start the reference in containers, with a test election, and leave it running",
		Long: `Up starts what --target container attacks, for work by hand: every role on a
machine of its own, and a small test election that is open for voting. The
authority is published on the loopback; GET /watch there shows where the election
stands. Into the folder of --state go the certificates: ca.pem for who talks to
the machines, manager.pem and manager-key.pem for who manages them.

It stays until target down, and there is one of it at a time.`,
		Example: `  scrutineer target up
  curl --cacert target/ca.pem https://127.0.0.1:8443/watch
  scrutineer target down`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := containerConfig()
			if err != nil {
				return err
			}
			draft, err := codec.Encode(rolecmd.Trial(voters, uint64(a.Now().Unix())))
			if err != nil {
				return exit.Wrap(exit.Bug, err)
			}
			s, err := container.Stand(cmd.Context(), cfg, targets.Definition{ID: "by-hand", Draft: draft, Seed: fmt.Sprint(seed)}, state)
			if err != nil {
				return failed(err)
			}
			a.UI.Printf("authority  %s  (watch it at %s/watch)", s.Public, s.Public)
			for _, role := range slices.Sorted(maps.Keys(s.Machines)) {
				a.UI.Printf("manage     %s  %s", s.Machines[role], role)
			}
			a.UI.Printf("trust      %s", filepath.Join(state, "ca.pem"))
			return nil
		},
	}
	cmd.Flags().StringVar(&state, "state", "target", "write the certificates into this `folder`")
	cmd.Flags().IntVar(&voters, "voters", 12, "how many voters the election has")
	cmd.Flags().Uint64Var(&seed, "seed", 1, "derive the keys of all roles from this seed")
	return cmd
}

func newTargetDownCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:     "down",
		Short:   "remove what target up started",
		Example: `  scrutineer target down`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := engineThere(cmd.Context()); err != nil {
				return err
			}
			n, err := container.Down(cmd.Context())
			if err != nil {
				return failed(err)
			}
			a.UI.Printf("%d machines were removed", n)
			return nil
		},
	}
}

func newTargetLogsCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "logs [machine]",
		Short: "print what the machines in containers have said",
		Example: `  scrutineer target logs
  scrutineer target logs trustee-2`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := engineThere(cmd.Context()); err != nil {
				return err
			}
			name := ""
			if len(args) > 0 {
				name = args[0]
			}
			return failed(container.Logs(cmd.Context(), name, func(machine, text string) { a.UI.Printf("%-12s %s", machine, text) }))
		},
	}
}
