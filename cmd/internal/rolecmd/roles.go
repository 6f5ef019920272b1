package rolecmd

import (
	"context"
	"net/netip"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"scrutineer/cmd/internal/exit"
	"scrutineer/cmd/internal/shell"
	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/board"
	"scrutineer/reference-evoting/keys"
	"scrutineer/reference-evoting/service/api"
	"scrutineer/reference-evoting/service/keystore"
	"scrutineer/reference-evoting/service/roles"
	"scrutineer/reference-evoting/service/tiles"
)

// life is the context of a role: the command's, and if it is asked for that of
// standard input.
func (f *roleFlags) life(cmd *cobra.Command, a *shell.App) (context.Context, context.CancelFunc) {
	ctx, stop := context.WithCancel(cmd.Context())
	if f.parent {
		go untilClosed(a.Stdin, stop)
	}
	return ctx, stop
}

func newServeCommand(a *shell.App) *cobra.Command {
	var f roleFlags
	var l listenFlags
	var first string
	factor := 1.0
	var peers []string
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "run the authority: ballot box, board, public interface",
		Long: `Serve keeps an election: it takes ballots, decisions and the entries of roles,
and publishes the board once witnesses have cosigned it. It continues what it
finds in its state folder; killed at any moment it loses nothing that it has
acknowledged. GET /openapi.yaml describes its interface.`,
		Example: `  scrutineer reference serve --election election --state authority
  scrutineer reference serve --election election --state authority --listen :8443 --tls-cert c.pem --tls-key k.pem`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return classify(serve(cmd, a, &f, &l, limited{factor, peers}, first))
		},
	}
	f.bind(cmd, "keep the board and the ballot box in this `folder`")
	l.bind(cmd, "127.0.0.1:8080")
	cmd.Flags().Float64Var(&factor, "rate-factor", 1, "multiply what sources and credentials may do; 0 lets everybody do what he can, and the management port says so")
	cmd.Flags().StringSliceVar(&peers, "peers", nil, "addresses of the election's own roles, such as 10.1.0.0/16: what they ask is not counted against a source")
	cmd.Flags().StringVar(&first, "first-entries", "", "begin the board with the entries of this `file`, in a test election")
	// For a host: a corrupted server's own beginning.
	_ = cmd.Flags().MarkHidden("first-entries")
	return shell.Server(cmd)
}

func serve(cmd *cobra.Command, a *shell.App, f *roleFlags, l *listenFlags, bounds limited, first string) error {
	if f.state == "" {
		return needs("state")
	}
	limits, err := bounds.limits()
	if err != nil {
		return err
	}
	s, err := f.open(cmd, a)
	if err != nil {
		return err
	}
	own, err := s.seed(message.RoleAuthority, "")
	if err != nil {
		return err
	}
	board, err := s.seed(message.RoleBoard, "")
	if err != nil {
		return err
	}
	entries, err := firstEntries(first, s.folder.Manifest.Test)
	if err != nil {
		return err
	}
	listener, err := l.listen(a)
	if err != nil {
		return err
	}
	ctx, stop := f.life(cmd, a)
	defer stop()
	return roles.RunAuthority(ctx, roles.AuthorityConfig{
		Manifest: s.folder.Manifest, Ceremony: s.folder.Ceremony,
		Key: own.Signing(message.RoleAuthority, ""), BoardKey: board.Signing(message.RoleBoard, ""),
		Dir: f.state, Entries: entries, Weak: s.weak, Insider: f.insider, Listener: listener, Manage: s.manage,
		Limits: limits, Clock: a.Now, Logger: a.Log,
	})
}

// limited is what serve is told of its limits.
type limited struct {
	factor float64
	peers  []string
}

func (l limited) limits() (api.Limits, error) {
	out := api.Limits{}
	for _, text := range l.peers {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			return out, exit.Errorf(exit.Usage, "--peers: %q is no prefix such as 10.1.0.0/16", text)
		}
		out.Admission.Peers = append(out.Admission.Peers, p.Masked())
	}
	return out.Times(l.factor), nil
}

func newTrusteeCommand(a *shell.App) *cobra.Command {
	var f roleFlags
	var c clientFlags
	var onCommand bool
	cmd := &cobra.Command{
		Use:   "trustee ID",
		Short: "run a trustee: key ceremony, following, decryption",
		Long: `A trustee takes part in the key ceremony, checks the whole board while voting
goes on, and once the board is sealed gives its share of the decryption: of the
sums that it has recomputed itself, for one sealed board and never for another.
One that finds a fault posts nothing any more and stays to say why.`,
		Example: `  scrutineer reference trustee t1 --election election --state t1 --authority https://vote.example`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.state == "" {
				return needs("state")
			}
			s, err := f.open(cmd, a)
			if err != nil {
				return err
			}
			seed, err := s.seed(message.RoleTrustee, args[0])
			if err != nil {
				return err
			}
			secrets, err := f.secrets(cmd)
			if err != nil {
				return err
			}
			authority, err := c.client()
			if err != nil {
				return err
			}
			defer authority.Close()
			ctx, stop := f.life(cmd, a)
			defer stop()
			return classify(roles.RunTrustee(ctx, roles.TrusteeConfig{
				ID: args[0], Manifest: s.folder.Manifest, Client: authority,
				Signing: seed.Signing(message.RoleTrustee, args[0]), Decryption: seed.Decryption(args[0]),
				Keys:   keystore.Ceremonies{Store: keystore.New(f.state, secrets.Passphrase)},
				Random: s.random(seed, message.RoleTrustee, args[0]), Weak: s.weak,
				OnCommand: onCommand, Insider: f.insider, Manage: s.manage, Logger: a.Log,
			}))
		},
	}
	f.bind(cmd, "keep the secrets of the ceremony in this `folder`")
	c.bind(cmd)
	cmd.Flags().BoolVar(&onCommand, "on-command", false, "decrypt when told to on the management port, and not by itself")
	return shell.Server(cmd)
}

func newRegistrarCommand(a *shell.App) *cobra.Command {
	var f roleFlags
	var c clientFlags
	cmd := &cobra.Command{
		Use:   "registrar",
		Short: "run the registrar: who may vote, and who has voted",
		Long: `The registrar posts the credentials of all eligible voters at setup and, when
voting has ended, who took part. Who holds which credential only it knows.`,
		Example: `  scrutineer reference registrar --election election --authority https://vote.example`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := f.open(cmd, a)
			if err != nil {
				return err
			}
			seed, err := s.seed(message.RoleRegistrar, "")
			if err != nil {
				return err
			}
			roll, err := s.folder.Roll()
			if err != nil {
				return classify(err)
			}
			authority, err := c.client()
			if err != nil {
				return err
			}
			defer authority.Close()
			ctx, stop := f.life(cmd, a)
			defer stop()
			return classify(roles.RunRegistrar(ctx, roles.RegistrarConfig{
				Manifest: s.folder.Manifest, Client: authority, Key: seed.Signing(message.RoleRegistrar, ""), Roll: roll,
				Weak: s.weak, Insider: f.insider, Manage: s.manage, Logger: a.Log,
			}))
		},
	}
	f.bind(cmd, "")
	c.bind(cmd)
	return shell.Server(cmd)
}

func newWitnessCommand(a *shell.App) *cobra.Command {
	var f roleFlags
	var c clientFlags
	cmd := &cobra.Command{
		Use:   "witness ID",
		Short: "run a witness: one history of the board for everybody",
		Long: `A witness cosigns each head of the board that extends the one before, with the
time. It refuses any other, and keeps the evidence.`,
		Example: `  scrutineer reference witness w1 --election election --state w1 --authority https://vote.example`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.state == "" {
				return needs("state")
			}
			s, err := f.open(cmd, a)
			if err != nil {
				return err
			}
			seed, err := s.seed(message.RoleWitness, args[0])
			if err != nil {
				return err
			}
			if err := os.MkdirAll(f.state, 0o700); err != nil {
				return classify(err)
			}
			authority, err := c.client()
			if err != nil {
				return err
			}
			defer authority.Close()
			ctx, stop := f.life(cmd, a)
			defer stop()
			return classify(roles.RunWitness(ctx, roles.WitnessConfig{
				ID: args[0], Manifest: s.folder.Manifest, Client: authority, Key: seed.Signing(message.RoleWitness, args[0]),
				Store: roles.HeadFile(filepath.Join(f.state, "head")), Clock: a.Now, Insider: f.insider, Manage: s.manage, Logger: a.Log,
			}))
		},
	}
	f.bind(cmd, "keep the last head in this `folder`")
	c.bind(cmd)
	return shell.Server(cmd)
}

func newMirrorCommand(a *shell.App) *cobra.Command {
	var f roleFlags
	var c clientFlags
	var l listenFlags
	cmd := &cobra.Command{
		Use:   "mirror",
		Short: "run a mirror: a verified copy of the board",
		Long: `A mirror copies what it has verified: heads by the quorum of witnesses, entries by
their root. It goes on showing the last head that held.`,
		Example: `  scrutineer reference mirror --election election --state copy --authority https://vote.example --listen 127.0.0.1:8090`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if f.state == "" {
				return needs("state")
			}
			return classify(runMirror(cmd, a, &f, &c, &l))
		},
	}
	f.bind(cmd, "keep the copy in this `folder`")
	c.bind(cmd)
	l.bind(cmd, "127.0.0.1:8090")
	return shell.Server(cmd)
}

func runMirror(cmd *cobra.Command, a *shell.App, f *roleFlags, c *clientFlags, l *listenFlags) error {
	s, err := f.open(cmd, a)
	if err != nil {
		return err
	}
	authority, err := c.client()
	if err != nil {
		return err
	}
	defer authority.Close()
	// A copy is opened with a key of its own, which never signs: what it shows
	// is the board's.
	signer, err := board.NewSigner(s.folder.Manifest.Board.Origin, keys.Seed("mirror").Signing(manage.RoleMirror, ""))
	if err != nil {
		return err
	}
	store, err := tiles.Open(cmd.Context(), tiles.Config{Dir: f.state, Signer: signer, Copy: true})
	if err != nil {
		return err
	}
	defer store.Close(context.WithoutCancel(cmd.Context()))
	listener, err := l.listen(a)
	if err != nil {
		return err
	}
	ctx, stop := f.life(cmd, a)
	defer stop()
	return roles.RunMirror(ctx, roles.MirrorConfig{
		Manifest: s.folder.Manifest, Client: authority, Store: store, Listener: listener, Manage: s.manage, Logger: a.Log,
	})
}

func newAuditorCommand(a *shell.App) *cobra.Command {
	var f roleFlags
	cmd := &cobra.Command{
		Use:     "auditor",
		Short:   "serve the system's own verifier on a management port",
		Example: `  scrutineer reference auditor --election election --manage 127.0.0.1:9001`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if f.manage == "" {
				return needs("manage")
			}
			s, err := f.open(cmd, a)
			if err != nil {
				return err
			}
			ctx, stop := f.life(cmd, a)
			defer stop()
			return classify(roles.RunAuditor(ctx, roles.AuditorConfig{Weak: s.weak, Manage: s.manage, Logger: a.Log}))
		},
	}
	f.bind(cmd, "")
	return shell.Server(cmd)
}
