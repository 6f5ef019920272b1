package rolecmd

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"scrutineer/cmd/internal/exit"
	"scrutineer/cmd/internal/shell"
	"scrutineer/reference-evoting/service/node"
)

func newNodeCommand(a *shell.App) *cobra.Command {
	var name, address, state, secrets string
	cmd := &cobra.Command{
		Use:   "node",
		Short: "play one role in as many test elections as somebody asks for, in a container",
		Long: `Node is what runs in the containers of --target container: a machine that plays
the role it is told to in any number of test elections, each apart from the
others. It is told so at its control port.

The variable that --tls names holds JSON with four texts in PEM: cert and key,
with which it serves; ca, which it trusts as a client; and managers: only who
has a certificate of those reaches the control port and the management ports of
its roles.`,
		Example: `  scrutineer reference node --name authority --state /data --tls NODE_TLS`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			for flag, value := range map[string]string{"name": name, "state": state, "tls": secrets} {
				if value == "" {
					return needs(flag)
				}
			}
			t, err := readTransport(variable(a.Environ, secrets))
			if err != nil {
				return exit.Wrap(exit.Usage, err)
			}
			host, _, err := net.SplitHostPort(address)
			if err != nil {
				return exit.Wrap(exit.Usage, err)
			}
			control, err := listenTLS(address, t.managed())
			if err != nil {
				return exit.Wrap(exit.Target, err)
			}
			at := func(port uint64) string { return net.JoinHostPort(host, strconv.FormatUint(port, 10)) }
			a.UI.Printf("control https://%s", control.Addr().String())
			return classify(node.Run(cmd.Context(), node.Config{
				Name: name, Dir: filepath.Join(state, "elections"), Control: control,
				Public:    func(port uint64) (net.Listener, error) { return listenTLS(at(port), t.served()) },
				Manage:    func(port uint64) (net.Listener, error) { return listenTLS(at(port), t.managed()) },
				Transport: t.transport, Clock: a.Now, Logger: a.Log,
			}))
		},
	}
	cmd.Flags().StringVar(&name, "name", "", "what the machine is called")
	cmd.Flags().StringVar(&address, "control", ":9000", "be told what to play at this `address`; parts listen beside it, at any port")
	cmd.Flags().StringVar(&state, "state", "", "keep the elections in this `folder`")
	cmd.Flags().StringVar(&secrets, "tls", "", "certificates and key are in this `variable` of the environment")
	return shell.Server(cmd)
}

// transportSecrets are what a node has of the run's TLS. It protects transport
// only: messages are judged by the keys of the manifest.
type transportSecrets struct {
	pair         tls.Certificate
	ca, managers *x509.CertPool
}

// variable is the value of a variable of the environment.
func variable(environ []string, name string) string {
	for _, line := range environ {
		if value, found := strings.CutPrefix(line, name+"="); found {
			return value
		}
	}
	return ""
}

func readTransport(text string) (*transportSecrets, error) {
	var in struct{ Cert, Key, CA, Managers string }
	if err := json.Unmarshal([]byte(text), &in); err != nil {
		return nil, fmt.Errorf("TLS: %w", err)
	}
	t := &transportSecrets{ca: x509.NewCertPool(), managers: x509.NewCertPool()}
	var err error
	if t.pair, err = tls.X509KeyPair([]byte(in.Cert), []byte(in.Key)); err != nil {
		return nil, fmt.Errorf("TLS: %w", err)
	}
	if !t.ca.AppendCertsFromPEM([]byte(in.CA)) || !t.managers.AppendCertsFromPEM([]byte(in.Managers)) {
		return nil, errors.New("TLS: no certificate of whom to trust")
	}
	return t, nil
}

// served is for strangers.
func (t *transportSecrets) served() *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{t.pair}, MinVersion: tls.VersionTLS13}
}

// managed is for who has a manager's certificate.
func (t *transportSecrets) managed() *tls.Config {
	c := t.served()
	c.ClientAuth, c.ClientCAs = tls.RequireAndVerifyClientCert, t.managers
	return c
}

func (t *transportSecrets) transport() *http.Transport {
	return &http.Transport{
		DialContext:         (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
		TLSClientConfig:     &tls.Config{RootCAs: t.ca, MinVersion: tls.VersionTLS13, ClientSessionCache: tls.NewLRUClientSessionCache(64)},
		TLSHandshakeTimeout: 10 * time.Second, MaxIdleConnsPerHost: 64, IdleConnTimeout: time.Minute,
		DisableCompression: true,
	}
}

func listenTLS(address string, c *tls.Config) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	return tls.NewListener(l, c), nil
}
