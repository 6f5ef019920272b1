package rolecmd

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"scrutineer/cmd/internal/exit"
	"scrutineer/cmd/internal/shell"
	"scrutineer/protocols/card"
	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/ristretto"
	"scrutineer/reference-evoting/device"
	"scrutineer/reference-evoting/service/roles"
)

// deviceFlags are those of a device alone.
type deviceFlags struct {
	secretFlags
	state  string
	socket string
	media  []string
	parent bool
}

func newDeviceCommand(a *shell.App) *cobra.Command {
	var f deviceFlags
	cmd := &cobra.Command{
		Use:   "device ID",
		Short: "run a polling-place device, which has no network",
		Long: `A device makes its key on its first start, is installed with the definition that
a poll book hands out, shows zero at its opening, and takes one ballot for each
activation. It is asked over a Unix socket, in the JSON of the management ports;
GET /manage/device shows its screen. Killed at any moment it loses no ballot that
it has confirmed.

Packs are written to every medium and read back from there.`,
		Example: `  scrutineer reference device d1 --state d1 --socket d1/socket --media usb1 --media usb2
  curl --unix-socket d1/socket http://device/manage/device`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return classify(runDevice(cmd, a, &f, args[0]))
		},
	}
	f.bind(cmd)
	cmd.Flags().StringVar(&f.state, "state", "", "keep key, journal and packs in this `folder`")
	cmd.Flags().StringVar(&f.socket, "socket", "", "listen on this Unix socket, a `file` (default: socket in the state folder)")
	cmd.Flags().StringArrayVar(&f.media, "media", nil, "write packs to this `folder`; give it twice for two media")
	cmd.Flags().BoolVar(&f.parent, "until-stdin-closes", false, "end when standard input ends")
	_ = cmd.Flags().MarkHidden("until-stdin-closes")
	return shell.Server(cmd)
}

func runDevice(cmd *cobra.Command, a *shell.App, f *deviceFlags, id string) (err error) {
	if f.state == "" {
		return needs("state")
	}
	secrets, err := f.secrets(cmd)
	if err != nil {
		return err
	}
	store, err := device.OpenFolder(f.state)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	var key ed25519.PrivateKey
	if secrets.Seed != "" {
		key = secrets.Seed.Signing(message.RoleDevice, id)
	}
	if f.socket == "" {
		f.socket = f.state + "/socket"
	}
	listener, err := listenSocket(a, f.socket)
	if err != nil {
		return err
	}
	flags := roleFlags{parent: f.parent}
	ctx, stop := flags.life(cmd, a)
	defer stop()
	return roles.RunDevice(ctx, roles.DeviceConfig{
		// Ballots never come from a seed: after a restart the same randomness
		// would encrypt another choice.
		Device: device.Config{ID: id, Store: store, Key: key, Random: ristretto.Stream(nil), Clock: a.Now},
		Media:  f.media, Manage: listener, Logger: a.Log,
	})
}

// listenSocket listens on a Unix socket that only this user may ask. What a
// killed process left there is taken away, unless somebody answers.
func listenSocket(a *shell.App, path string) (net.Listener, error) {
	if c, err := net.Dial("unix", path); err == nil {
		c.Close()
		return nil, exit.Errorf(exit.Usage, "%s is in use: a device runs there already", path)
	}
	if info, err := os.Lstat(path); err == nil && info.Mode()&os.ModeSocket != 0 {
		if err := os.Remove(path); err != nil {
			return nil, err
		}
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return nil, exit.Wrap(exit.Usage, err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	a.UI.Printf("manage unix:%s", path)
	return l, nil
}

func newSocketCommand(a *shell.App) *cobra.Command {
	return &cobra.Command{
		Use:   "socket FILE",
		Short: "join standard input and output with a Unix socket",
		Long: `Socket is for who drives a device in a container without a network: one long
exec of this command carries the bytes of its management port.`,
		Example: `  docker exec -i d1 scrutineer reference socket /data/socket`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := net.Dial("unix", args[0])
			if err != nil {
				return exit.Wrap(exit.Target, err)
			}
			defer c.Close()
			go func() {
				_, _ = io.Copy(c, a.Stdin)
				_ = c.(*net.UnixConn).CloseWrite()
			}()
			if _, err := io.Copy(cmd.OutOrStdout(), c); err != nil {
				return exit.Wrap(exit.Target, err)
			}
			return nil
		},
	}
}

func newPollBookCommand(a *shell.App) *cobra.Command {
	var f roleFlags
	var c clientFlags
	cmd := &cobra.Command{
		Use:   "poll-book PLACE",
		Short: "run the poll book of a polling place: who came",
		Long: `A poll book checks each voter of its place in once and signs an activation for
one of the place's devices. It reads the board up to the opening, and hands out
the definition with which the devices are installed; then it needs no network.`,
		Example: `  scrutineer reference poll-book hall --election election --state hall --authority https://vote.example --manage 127.0.0.1:9010`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case f.state == "":
				return needs("state")
			case f.manage == "":
				return needs("manage")
			}
			return classify(runPollBook(cmd, a, &f, &c, args[0]))
		},
	}
	f.bind(cmd, "keep who was checked in in this `folder`")
	c.bind(cmd)
	return shell.Server(cmd)
}

func runPollBook(cmd *cobra.Command, a *shell.App, f *roleFlags, c *clientFlags, place string) (err error) {
	s, err := f.open(cmd, a)
	if err != nil {
		return err
	}
	seed, err := s.seed(message.RolePollBook, place)
	if err != nil {
		return err
	}
	store, err := device.OpenFolder(f.state)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	authority, err := c.client()
	if err != nil {
		return err
	}
	defer authority.Close()
	ctx, stop := f.life(cmd, a)
	defer stop()
	return roles.RunPollBook(ctx, roles.PollBookConfig{
		Place: place, Manifest: s.folder.Manifest, Client: authority, Key: seed.Signing(message.RolePollBook, place),
		Store: store, Random: ristretto.Stream(nil), Weak: s.weak, Manage: s.manage, Logger: a.Log,
	})
}

func newScannerCommand(a *shell.App) *cobra.Command {
	var f roleFlags
	var fingerprint string
	cmd := &cobra.Command{
		Use:   "scanner CARD...",
		Short: "read ballot cards: the code of a picture, the text and the code of a drawing",
		Long: `The scanner reads the code of a card from the pixels of a PNG, and from an SVG the
text that people see as well. It holds the card to the election: its rules, and
the signature of the device that the card names. A card that was scanned before,
and a drawing whose text and code differ, are refused.`,
		Example: `  scrutineer reference scanner --election election --fingerprint 5f2c… cards/*.png cards/*.svg`,
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return classify(scan(cmd, a, &f, fingerprint, args))
		},
	}
	f.secretFlags.bind(cmd)
	cmd.Flags().StringVar(&f.election, "election", "", "the `folder` of the election, as init makes it")
	cmd.Flags().StringVar(&fingerprint, "fingerprint", "", "the election's fingerprint, as the devices show it")
	return cmd
}

func scan(cmd *cobra.Command, a *shell.App, f *roleFlags, fingerprint string, paths []string) error {
	print, err := codec.ParseHex32(fingerprint)
	if err != nil {
		return exit.Errorf(exit.Usage, "--fingerprint: %w", err)
	}
	s, err := f.open(cmd, a)
	if err != nil {
		return err
	}
	scanner := card.NewScanner(&s.folder.Manifest, print)
	refused := 0
	for _, path := range paths {
		c, err := scanFile(scanner, path)
		if err != nil {
			refused++
			a.UI.Printf("%s: refused: %s", path, err)
			continue
		}
		a.UI.Printf("%s: %s", path, says(c))
	}
	if refused > 0 {
		return exit.Errorf(exit.Finding, "%d of %d cards were refused", refused, len(paths))
	}
	return nil
}

func scanFile(scanner *card.Scanner, path string) (message.Card, error) {
	file, err := os.Open(path)
	if err != nil {
		return message.Card{}, err
	}
	defer file.Close()
	raw, err := io.ReadAll(io.LimitReader(file, card.MaxBytes+1))
	if err != nil {
		return message.Card{}, err
	}
	if strings.HasSuffix(path, ".svg") {
		return scanner.Drawing(raw)
	}
	return scanner.Picture(raw)
}

// says is a card in a line.
func says(c message.Card) string {
	var out []string
	for _, x := range c.Contests {
		chosen := "no choice"
		if len(x.Options) > 0 {
			chosen = strings.Join(x.Options, ", ")
		}
		out = append(out, x.Contest+": "+chosen)
	}
	return fmt.Sprintf("unit %s, style %s, weight %d; %s", c.Unit, c.Style, c.Weight, strings.Join(out, "; "))
}
