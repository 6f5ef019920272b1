// Command reference-evoting runs the roles of the reference election system.
// It is `scrutineer reference` as a program of its own.
package main

import (
	"context"
	"io"
	"log"
	"os"

	"github.com/go-logr/logr"
	"github.com/spf13/cobra"
	"k8s.io/klog/v2"

	"scrutineer/cmd/internal/rolecmd"
	"scrutineer/cmd/internal/shell"
	"scrutineer/cmd/internal/version"
)

func main() {
	// The log library below writes to klog, past all of ours, and its errors to
	// standard error wherever its output goes.
	klog.SetLogger(logr.Discard())
	// So does net/http when a server sends what nobody asked for: its words are
	// the target's.
	log.SetOutput(io.Discard)
	a := shell.New()
	os.Exit(int(a.Execute(context.Background(), newRootCommand(a), os.Args[1:])))
}

func newRootCommand(a *shell.App) *cobra.Command {
	group := rolecmd.Group(a)
	root := &cobra.Command{
		Use:     "reference-evoting",
		Short:   group.Short,
		Long:    group.Long,
		Example: "  reference-evoting demo",
		Version: version.Current().Version,
	}
	root.AddCommand(group.Commands()...)
	return root
}
