package shell

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"scrutineer/cmd/internal/exit"
	"scrutineer/cmd/internal/settings"
	"scrutineer/cmd/internal/ui"
	"scrutineer/harness/nearest"
)

// prepare gives root the flags that every command has, and every command the
// behaviour that the package comment promises.
func (a *App) prepare(root *cobra.Command, args []string) {
	flags := root.PersistentFlags()
	flags.String(settings.ConfigFlag, "", "read settings from this YAML `file`")
	flags.BoolVarP(&a.quiet, "quiet", "q", false, "tell warnings, errors and results only")
	flags.StringVar(&a.level, "log", "warn", "log from this `level` on: debug, info, warn, error")

	root.SilenceErrors = true
	root.SilenceUsage = true
	root.SetIn(a.Stdin)
	root.SetOut(a.Stdout)
	root.SetErr(a.UI.Err())
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return flagError(cmd, args, err) })

	known := names(root)
	each(root, func(cmd *cobra.Command) {
		if cmd.RunE == nil && cmd.Run == nil {
			group(cmd)
		}
		run := cmd.RunE
		cmd.RunE = func(cmd *cobra.Command, args []string) error {
			if err := a.begin(cmd, known); err != nil {
				return err
			}
			return run(cmd, args)
		}
	})
}

func each(cmd *cobra.Command, do func(*cobra.Command)) {
	do(cmd)
	for _, sub := range cmd.Commands() {
		each(sub, do)
	}
}

// names returns the flags of all commands that have a value of their own.
func names(root *cobra.Command) []string {
	seen := map[string]bool{"help": true, "version": true, settings.ConfigFlag: true}
	var list []string
	each(root, func(cmd *cobra.Command) {
		add := func(f *pflag.Flag) {
			if !seen[f.Name] {
				seen[f.Name] = true
				list = append(list, f.Name)
			}
		}
		cmd.Flags().VisitAll(add)
		cmd.PersistentFlags().VisitAll(add)
	})
	return list
}

// group makes a command that only holds others ask for one of them. Left to
// itself cobra prints the help and counts that as success, so that a CI job
// with a misspelt command would pass.
func group(cmd *cobra.Command) {
	cmd.Args = cobra.ArbitraryArgs
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			fmt.Fprint(cmd.ErrOrStderr(), cmd.UsageString())
			return exit.Errorf(exit.Usage, "%s needs to know which command", cmd.CommandPath())
		}
		return unknownCommand(cmd, args[0])
	}
}

func unknownCommand(cmd *cobra.Command, name string) error {
	var known []string
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() {
			known = append(known, sub.Name())
		}
	}
	err := exit.Errorf(exit.Usage, "%s has no command %q", cmd.CommandPath(), name)
	if near := nearest.Name(name, known); near != "" {
		return ui.WithHint(err, "did you mean %s?", near)
	}
	return ui.WithHint(err, "%s --help lists its commands", cmd.CommandPath())
}

// flagError mends what is said of a flag that cannot be used. Where the command
// itself is misspelt, its flags are read as those of the group around it, and
// the command is what must be told.
func flagError(cmd *cobra.Command, args []string, err error) error {
	if cmd.HasAvailableSubCommands() {
		words := slices.DeleteFunc(slices.Clone(args), func(arg string) bool { return strings.HasPrefix(arg, "-") })
		if path := strings.Fields(cmd.CommandPath())[1:]; len(words) > len(path) {
			return unknownCommand(cmd, words[len(path)])
		}
	}
	var unknown *pflag.NotExistError
	if errors.As(err, &unknown) {
		var known []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { known = append(known, f.Name) })
		if name := nearest.Name(unknown.GetSpecifiedName(), known); name != "" {
			return ui.WithHint(err, "did you mean --%s?", name)
		}
	}
	return err
}
