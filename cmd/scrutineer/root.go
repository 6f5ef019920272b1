package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"scrutineer/cmd/internal/exit"
	"scrutineer/cmd/internal/version"
)

const (
	groupWork  = "work"
	groupAbout = "about"
)

func newRootCommand(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:   "scrutineer",
		Short: "attack an election system, and judge what it withstands",
		Long: `Scrutineer plays a whole election against a voting system: it sets it up, plays
voters, trustees and the adversary, and therefore knows the true result. It
judges from evidence alone what the system prevented, what its own defences
detected, and what got through.

Every flag can also be given as a variable (SCRUTINEER_SEED for --seed) or as a
key of the file that --config names. A flag wins over a variable, a variable
over the file.

Exit status, the same for every command:
` + exitCodes(),
		Example: `  scrutineer run
  scrutineer doctor`,
		Version: version.Current().Version,
	}
	root.AddGroup(
		&cobra.Group{ID: groupWork, Title: "Elections and attacks:"},
		&cobra.Group{ID: groupAbout, Title: "About this installation:"},
	)
	root.SetHelpCommandGroupID(groupAbout)
	root.SetCompletionCommandGroupID(groupAbout)
	add := func(group string, commands ...*cobra.Command) {
		for _, cmd := range commands {
			cmd.GroupID = group
			root.AddCommand(cmd)
		}
	}
	add(groupWork, newRunCommand(a), newMatrixCommand(a), newVerifyCommand(a), newResultsCommand(a), newTargetCommand(a), newReportCommand(a), newListCommand(a), newValidateCommand(a), newReferenceCommand(a))
	add(groupAbout, newBenchCommand(a), newDoctorCommand(a), newVersionCommand(a), newDocsCommand(a))
	return root
}

func exitCodes() string {
	var b strings.Builder
	codes := exit.Codes()
	for i := range codes {
		code := codes[len(codes)-1-i]
		fmt.Fprintf(&b, "  %3d  %s\n", code, code.Meaning())
	}
	return strings.TrimSuffix(b.String(), "\n")
}
