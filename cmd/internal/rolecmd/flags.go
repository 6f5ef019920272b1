package rolecmd

import (
	"crypto/cipher"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"scrutineer/cmd/internal/exit"
	"scrutineer/cmd/internal/shell"
	"scrutineer/cmd/internal/ui"
	"scrutineer/protocols/message"
	"scrutineer/protocols/ristretto"
	"scrutineer/reference-evoting/keys"
	"scrutineer/reference-evoting/service/client"
	"scrutineer/reference-evoting/service/folder"
	"scrutineer/reference-evoting/weakness"
)

// secretFlags say where keys come from.
type secretFlags struct {
	seed       uint64
	word       string // a seed that is no number
	passphrase string
}

func (f *secretFlags) bind(cmd *cobra.Command) {
	cmd.Flags().Uint64Var(&f.seed, "seed", 0, "derive the keys of all roles from this seed, in a test election (default: key files)")
	cmd.Flags().StringVar(&f.word, "seed-word", "", "derive them from this word")
	// For a host, whose elections have seeds that are no numbers.
	_ = cmd.Flags().MarkHidden("seed-word")
	cmd.Flags().StringVar(&f.passphrase, "passphrase-file", "", "the key files are under the passphrase in this `file`")
}

// secrets is for RunE, when the settings have been read.
func (f *secretFlags) secrets(cmd *cobra.Command) (folder.Secrets, error) {
	var s folder.Secrets
	if cmd.Flags().Changed("seed") {
		s.Seed = keys.Seed(strconv.FormatUint(f.seed, 10))
	}
	if f.word != "" {
		s.Seed = keys.Seed(f.word)
	}
	if f.passphrase != "" {
		raw, err := os.ReadFile(f.passphrase)
		if err != nil {
			return s, exit.Wrap(exit.Usage, err)
		}
		if s.Passphrase = strings.TrimRight(string(raw), "\r\n"); s.Passphrase == "" {
			return s, exit.Errorf(exit.Usage, "%s holds no passphrase", f.passphrase)
		}
	}
	return s, nil
}

// roleFlags are those of every role.
type roleFlags struct {
	secretFlags
	election string
	state    string
	manage   string
	weak     []string
	insider  bool
	parent   bool
}

func (f *roleFlags) bind(cmd *cobra.Command, state string) {
	f.secretFlags.bind(cmd)
	cmd.Flags().StringVar(&f.election, "election", "", "the `folder` of the election, as init makes it")
	if state != "" {
		cmd.Flags().StringVar(&f.state, "state", "", state)
	}
	cmd.Flags().StringVar(&f.manage, "manage", "", "listen for management on this `address` of the loopback, such as 127.0.0.1:0 (default: nowhere)")
	cmd.Flags().StringSliceVar(&f.weak, "weak", nil, "plant these weaknesses, in a test election")
	cmd.Flags().BoolVar(&f.insider, "insider", false, "hand out this role's keys on the management port, in a test election")
	cmd.Flags().BoolVar(&f.parent, "until-stdin-closes", false, "end when standard input ends")
	// For who starts roles and may be killed.
	_ = cmd.Flags().MarkHidden("until-stdin-closes")
}

// setting is what a role is run with.
type setting struct {
	folder *folder.Folder
	weak   weakness.Set
	manage net.Listener
	test   bool // keys and randomness come from a seed
}

// open reads the election and opens the management port. The caller closes
// nothing: the role does.
func (f *roleFlags) open(cmd *cobra.Command, a *shell.App) (*setting, error) {
	if f.election == "" {
		return nil, needs("election")
	}
	secrets, err := f.secrets(cmd)
	if err != nil {
		return nil, err
	}
	s := &setting{test: secrets.Seed != ""}
	if s.folder, err = folder.Open(f.election, secrets); err != nil {
		return nil, classify(err)
	}
	if s.weak, err = weakness.Parse(f.weak); err != nil {
		return nil, exit.Wrap(exit.Usage, err)
	}
	if !s.weak.Empty() && !s.folder.Manifest.Test {
		return nil, exit.Errorf(exit.Usage, "weaknesses are for test elections, and the manifest does not say test")
	}
	if f.manage == "" {
		return s, nil
	}
	if err := onLoopback(f.manage); err != nil {
		return nil, err
	}
	if s.manage, err = net.Listen("tcp", f.manage); err != nil {
		return nil, exit.Wrap(exit.Target, err)
	}
	a.UI.Printf("manage http://%s", s.manage.Addr().String())
	return s, nil
}

// seed is what this role's keys derive from.
func (s *setting) seed(role message.Role, id string) (keys.Seed, error) {
	seed, err := s.folder.Seed(role, id)
	return seed, classify(err)
}

// random is a role's randomness: the same each time from a seed, else the
// system's.
func (s *setting) random(seed keys.Seed, role message.Role, id string) cipher.Stream {
	if s.test {
		return seed.Stream(role, id, s.folder.Manifest.Board.Origin)
	}
	return ristretto.Stream(nil)
}

// onLoopback refuses an address that others can reach.
func onLoopback(address string) error {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return exit.Wrap(exit.Usage, err)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return ui.WithHint(exit.Errorf(exit.Usage, "%s is not on the loopback", address),
			"a management port has no locks: let nobody near it")
	}
	return nil
}

// clientFlags are those of who talks to the authority.
type clientFlags struct {
	authority string
	ca        string
}

func (f *clientFlags) bind(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.authority, "authority", "http://127.0.0.1:8080", "the `URL` of the authority")
	cmd.Flags().StringVar(&f.ca, "ca", "", "trust the TLS certificates in this PEM `file`, instead of the system's")
}

func (f *clientFlags) client() (*client.Client, error) { return f.at(f.authority) }

// at makes a client of another server, with the same trust.
func (f *clientFlags) at(url string) (*client.Client, error) {
	transport := &http.Transport{
		DialContext:         (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
		TLSHandshakeTimeout: 10 * time.Second, MaxIdleConnsPerHost: 64, IdleConnTimeout: time.Minute,
		DisableCompression: true,
	}
	if f.ca != "" {
		pem, err := os.ReadFile(f.ca)
		if err != nil {
			return nil, exit.Wrap(exit.Usage, err)
		}
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM(pem) {
			return nil, exit.Errorf(exit.Usage, "%s holds no certificate", f.ca)
		}
		transport.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS13}
	}
	c, err := client.New(client.Config{URL: url, Transport: transport})
	return c, exit.Wrap(exit.Usage, err)
}

// listenFlags are those of who serves strangers.
type listenFlags struct {
	address   string
	cert, key string
	plain     bool
}

func (f *listenFlags) bind(cmd *cobra.Command, address string) {
	cmd.Flags().StringVar(&f.address, "listen", address, "serve on this `address`; port 0 is any free one")
	cmd.Flags().StringVar(&f.cert, "tls-cert", "", "serve TLS with the certificate in this PEM `file`")
	cmd.Flags().StringVar(&f.key, "tls-key", "", "the certificate's key in this PEM `file`")
	cmd.Flags().BoolVar(&f.plain, "plain", false, "serve without TLS beyond the loopback: somebody else sees to it")
}

// listen opens the socket and tells where.
func (f *listenFlags) listen(a *shell.App) (net.Listener, error) {
	secure := f.cert != "" || f.key != ""
	if !secure && !f.plain {
		if err := onLoopback(f.address); err != nil {
			return nil, ui.WithHint(exit.Errorf(exit.Usage, "%s is reached from elsewhere and has no TLS", f.address),
				"give --tls-cert and --tls-key, or --plain behind a proxy that has them")
		}
	}
	l, err := net.Listen("tcp", f.address)
	if err != nil {
		return nil, exit.Wrap(exit.Target, err)
	}
	scheme := "http"
	if secure {
		pair, err := tls.LoadX509KeyPair(f.cert, f.key)
		if err != nil {
			l.Close()
			return nil, exit.Wrap(exit.Usage, fmt.Errorf("TLS: %w", err))
		}
		l, scheme = tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS13}), "https"
	}
	a.UI.Printf("public %s://%s", scheme, l.Addr().String())
	return l, nil
}

// untilClosed ends when r does.
func untilClosed(r io.Reader, stop func()) {
	_, _ = io.Copy(io.Discard, r)
	stop()
}
