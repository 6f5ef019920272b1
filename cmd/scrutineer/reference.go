package main

import (
	"github.com/spf13/cobra"

	"scrutineer/cmd/internal/rolecmd"
)

// newReferenceCommand holds the roles of the reference system.
func newReferenceCommand(a *app) *cobra.Command { return rolecmd.Group(a) }
