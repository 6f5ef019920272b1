// Package rolecmd has the commands that run the roles of the reference system,
// for both programs that have them: `scrutineer reference …` and
// `reference-evoting …`. They read files and flags, open sockets, and hand all
// of it to service/roles.
//
// A role that serves prints where, one line each, before it takes the first
// request:
//
//	public http://127.0.0.1:8080
//	manage http://127.0.0.1:8081
package rolecmd

import (
	"errors"
	"os"

	"github.com/spf13/cobra"

	"scrutineer/cmd/internal/exit"
	"scrutineer/cmd/internal/shell"
	"scrutineer/cmd/internal/ui"
	"scrutineer/reference-evoting/identity"
	"scrutineer/reference-evoting/service/folder"
	"scrutineer/reference-evoting/service/keystore"
	"scrutineer/reference-evoting/service/roles"
)

// Commands are all of them.
func Commands(a *shell.App) []*cobra.Command {
	return []*cobra.Command{
		newInitCommand(a), newServeCommand(a), newTrusteeCommand(a), newRegistrarCommand(a), newWitnessCommand(a),
		newIdentityCommand(a), newCodesCommand(a), newVoterCommand(a), newMirrorCommand(a), newPollBookCommand(a), newDeviceCommand(a), newSocketCommand(a), newScannerCommand(a), newAuditorCommand(a), newVerifyCommand(a), newRecoverCommand(a), newHealthCommand(a), newDemoCommand(a), newHostCommand(a), newNodeCommand(a),
	}
}

// Group is the command that holds them in scrutineer.
func Group(a *shell.App) *cobra.Command {
	group := &cobra.Command{
		Use:   "reference",
		Short: "run the roles of the reference system",
		Long: `The reference is the election system that scrutineer brings along: a real one,
with all its roles, and with weaknesses that can be planted for test elections.
Each role is a process of its own. The authority serves; trustees, registrar,
witnesses, mirrors, the identity service of an election that has one, and voters
are its clients.

` + "`reference demo`" + ` shows a whole election on one screen.`,
		Example: `  scrutineer reference demo
  scrutineer reference init election --draft draft.json
  scrutineer reference serve --election election --state authority`,
	}
	group.AddCommand(Commands(a)...)
	return group
}

// classify gives an error its exit status: what is wrong with our files and
// flags is usage, everything else the environment's.
func classify(err error) error {
	var done *exit.Error
	switch {
	case err == nil || errors.As(err, &done):
		return err
	case errors.Is(err, identity.ErrPersons), errors.Is(err, folder.ErrFile), errors.Is(err, folder.ErrExists), errors.Is(err, roles.ErrConfig), errors.Is(err, os.ErrNotExist):
		return exit.Wrap(exit.Usage, err)
	case errors.Is(err, keystore.ErrPassphrase):
		return ui.WithHint(exit.Wrap(exit.Usage, err), "--passphrase-file names the file that holds the passphrase")
	case errors.Is(err, keystore.ErrNotFound):
		return ui.WithHint(exit.Wrap(exit.Usage, err), "in a test election --seed gives the keys of all roles")
	}
	return exit.Wrap(exit.Target, err)
}

// needs is a usage error for a flag that was not given.
func needs(flag string) error {
	return ui.WithHint(exit.Errorf(exit.Usage, "--%s is needed", flag), "--help tells what it is for")
}
