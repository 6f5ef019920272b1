package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"scrutineer/cmd/internal/exit"
	"scrutineer/cmd/internal/ui"
	pythontarget "scrutineer/examples/python-target"
)

func newTargetExampleCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "example FOLDER",
		Short: "write the example of an adapter into a new folder",
		Long: `Example writes a voting service in Python and its adapter into a folder that is not
there yet: to try the command target on, and to begin one's own adapter from.`,
		Example: `  scrutineer target example my-adapter
  scrutineer target check --target command --command 'python3 my-adapter/adapter.py'`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			folder := args[0]
			if _, err := os.Lstat(folder); !errors.Is(err, fs.ErrNotExist) {
				return ui.WithHint(exit.Errorf(exit.Usage, "%s is there already", folder), "name a folder that is not there")
			}
			if err := os.CopyFS(folder, pythontarget.Files); err != nil {
				return exit.Wrap(exit.Target, fmt.Errorf("writing the example: %w", err))
			}
			a.UI.Printf("written: %s; try it with", folder)
			a.UI.Printf("  scrutineer target check --target command --command 'python3 %s/adapter.py'", folder)
			return nil
		},
	}
}
