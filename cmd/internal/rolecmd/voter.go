package rolecmd

import (
	"crypto/cipher"

	"github.com/spf13/cobra"

	"scrutineer/cmd/internal/shell"
	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/keys"
	"scrutineer/reference-evoting/service/folder"
	"scrutineer/reference-evoting/service/roles"
)

// voterFlags are those of the voting client alone.
type voterFlags struct {
	credentials string
	identity    string
	codes       string
}

func newVoterCommand(a *shell.App) *cobra.Command {
	var f roleFlags
	var c clientFlags
	var v voterFlags
	cmd := &cobra.Command{
		Use:   "voter",
		Short: "run the voting client",
		Long: `The voting client encrypts, shows the tracker before the decision, casts or
challenges, keeps receipts, and checks the board for its voters. It is asked on
its management port; one client serves many voters. Where the election has an
identity service it logs in there, and reads the notices of its voters.`,
		Example: `  scrutineer reference voter --election election --credentials mine.json --manage 127.0.0.1:9000
  scrutineer reference voter --election election --credentials mine.json --manage 127.0.0.1:9000 \
    --identity-url https://persons.example --codes letters/codes.json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if f.manage == "" {
				return needs("manage")
			}
			return classify(runVoter(cmd, a, &f, &c, &v))
		},
	}
	f.bind(cmd, "")
	c.bind(cmd)
	cmd.Flags().StringVar(&v.credentials, "credentials", "", "the credentials of its voters, in this `file`")
	cmd.Flags().StringVar(&v.identity, "identity-url", "", "the `URL` of the identity service, where the election has one")
	cmd.Flags().StringVar(&v.codes, "codes", "", "what its voters log in with there, in this `file`")
	return shell.Server(cmd)
}

func runVoter(cmd *cobra.Command, a *shell.App, f *roleFlags, c *clientFlags, v *voterFlags) error {
	s, err := f.open(cmd, a)
	if err != nil {
		return err
	}
	list, err := v.list()
	if err != nil {
		return err
	}
	authority, err := c.client()
	if err != nil {
		return err
	}
	defer authority.Close()
	cfg := roles.VoterConfig{
		Manifest: s.folder.Manifest, Client: authority, Voters: list, Weak: s.weak, Manage: s.manage, Logger: a.Log,
	}
	if v.identity != "" {
		if cfg.Identity, err = c.at(v.identity); err != nil {
			return err
		}
		defer cfg.Identity.Close()
	}
	secrets, err := f.secrets(cmd)
	if err != nil {
		return err
	}
	cfg.Random = voterRandom(s, secrets.Seed)
	ctx, stop := f.life(cmd, a)
	defer stop()
	return roles.RunVoter(ctx, cfg)
}

// list is the voters with what each was handed: a credential by the registrar,
// a code by the identity service.
func (v *voterFlags) list() (list manage.Credentials, err error) {
	if v.credentials != "" {
		if list, err = folder.Credentials(v.credentials); err != nil {
			return list, err
		}
	}
	if v.codes == "" {
		return list, nil
	}
	sent, err := folder.Codes(v.codes)
	if err != nil {
		return list, err
	}
	codes := make(map[string]string, len(sent.Voters))
	for _, c := range sent.Voters {
		codes[c.Voter] = c.Code
	}
	for i := range list.Voters {
		if code, there := codes[list.Voters[i].Voter]; there {
			list.Voters[i].Code = code
		}
	}
	return list, nil
}

func voterRandom(s *setting, seed keys.Seed) func(string) cipher.Stream {
	return func(voter string) cipher.Stream { return s.random(seed, message.RoleAuthority, "voter/"+voter) }
}
