package main

import (
	"cmp"
	"strings"

	"github.com/spf13/cobra"

	"scrutineer/cmd/internal/exit"
	"scrutineer/harness/installation"
)

func newTargetNodesCommand(a *app) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "nodes FILE",
		Short: "check the file that lists the machines of a vendor's own system",
		Long: `Nodes reads the YAML file in which a vendor lists the machines of his system, with
image, ports, health path, networks and roles, and says what is wrong with it, at
which line, and how to mend it. It starts nothing. examples/installation has one.`,
		Example: `  scrutineer target nodes examples/installation/nodes.yaml`,
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			raw, err := a.ReadFile(args[0])
			if err != nil {
				return exit.Wrap(exit.Usage, err)
			}
			x, err := installation.Parse(args[0], raw)
			if err != nil {
				return exit.Wrap(exit.Usage, err)
			}
			if asJSON {
				return writeJSON(a.Stdout, x)
			}
			a.UI.Printf("%s: %d nodes, %d networks, driven by %s", x.Name, len(x.Nodes), len(x.Networks), x.Adapter)
			for _, n := range x.Nodes {
				a.UI.Printf("%-12s %-14s %s, networks: %s", n.Name, n.Role, source(n), cmp.Or(strings.Join(n.Networks, ", "), "none"))
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return cmd
}

// source says where a node's image comes from.
func source(n installation.Node) string {
	switch {
	case n.Archive != "":
		return n.Loads + " from " + n.Archive
	case n.Build != "":
		return "built from " + n.Build
	}
	return n.Image
}
