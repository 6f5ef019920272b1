package rolecmd

import (
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"scrutineer/cmd/internal/exit"
	"scrutineer/cmd/internal/shell"
	"scrutineer/cmd/internal/ui"
	"scrutineer/protocols/message"
	"scrutineer/protocols/ristretto"
	"scrutineer/reference-evoting/identity"
	"scrutineer/reference-evoting/service/api"
	"scrutineer/reference-evoting/service/roles"
)

func newIdentityCommand(a *shell.App) *cobra.Command {
	var f roleFlags
	var c clientFlags
	var l listenFlags
	factor := 1.0
	cmd := &cobra.Command{
		Use:   "identity",
		Short: "run the identity service: who is who, and what each has cast",
		Long: `The identity service of an election that has one knows the voters by id and
code, and not which credential the registrar gave to whom. Who logs in binds his
credential to his id for good. It authorises each cast, keeps a notice of it for
the voter, and after the close signs which ballot was the last of each.

Its state folder holds persons.json, which ` + "`codes`" + ` makes, and its store.
Killed at any moment it loses no binding, no authorisation and no notice. Wrong
codes are counted since it started. GET /openapi.yaml describes its interface,
GET /metrics counts what is odd by the rule that it met.`,
		Example: `  scrutineer reference codes --election election --state persons --letters letters
  scrutineer reference identity --election election --state persons --authority https://vote.example`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if f.state == "" {
				return needs("state")
			}
			return classify(runIdentity(cmd, a, &f, &c, &l, factor))
		},
	}
	f.bind(cmd, "persons.json and the store lie in this `folder`")
	c.bind(cmd)
	l.bind(cmd, "127.0.0.1:8081")
	cmd.Flags().Float64Var(&factor, "rate-factor", 1, "multiply the rates that strangers are given; 0 leaves the other bounds alone")
	// This role gives its keys to nobody: those who would use them are others.
	_ = cmd.Flags().MarkHidden("insider")
	return shell.Server(cmd)
}

func runIdentity(cmd *cobra.Command, a *shell.App, f *roleFlags, c *clientFlags, l *listenFlags, factor float64) error {
	if f.insider {
		return exit.Errorf(exit.Usage, "--insider: the identity service hands out no keys")
	}
	s, err := f.open(cmd, a)
	if err != nil {
		return err
	}
	if s.folder.Manifest.Identity == (message.Key{}) {
		return ui.WithHint(exit.Errorf(exit.Usage, "%s is an election without an identity service", f.election), "init --identity makes one that has it")
	}
	persons, err := readPersons(f.state, s.folder.Manifest.Test)
	if err != nil {
		return err
	}
	seed, err := s.seed(message.RoleIdentity, "")
	if err != nil {
		return err
	}
	authority, err := c.client()
	if err != nil {
		return err
	}
	defer authority.Close()
	listener, err := l.listen(a)
	if err != nil {
		return err
	}
	ctx, stop := f.life(cmd, a)
	defer stop()
	return roles.RunIdentity(ctx, roles.IdentityConfig{
		Manifest: s.folder.Manifest, Client: authority, Key: seed.Signing(message.RoleIdentity, ""),
		Authorisation: seed.Authorisation(), Persons: persons, Dir: f.state,
		// Never from the seed: after a restart the same nonce would sign another
		// decision, and the two would give the key away.
		Random: ristretto.Stream(nil), Weak: s.weak, Clock: a.Now, Limited: api.IdentityLimits{}.Times(factor),
		Listener: listener, Manage: s.manage, Logger: a.Log,
	})
}

// readPersons reads who may log in.
func readPersons(state string, test bool) (*identity.Persons, error) {
	path := filepath.Join(state, personsFile)
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, ui.WithHint(exit.Wrap(exit.Usage, err), "codes makes it")
	}
	persons, err := identity.Decode(raw)
	if err != nil {
		return nil, exit.Errorf(exit.Usage, "%s: %w", path, err)
	}
	if persons.Cheap() && !test {
		return nil, exit.Errorf(exit.Usage, "%s: a look at a code costs too little for a real election", path)
	}
	return persons, nil
}
