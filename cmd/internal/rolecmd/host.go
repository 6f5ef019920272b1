package rolecmd

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"scrutineer/cmd/internal/exit"
	"scrutineer/cmd/internal/shell"
	"scrutineer/cmd/internal/version"
	"scrutineer/protocols/codec"
	"scrutineer/protocols/manage"
	"scrutineer/reference-evoting/service/web"
)

func newHostCommand(a *shell.App) *cobra.Command {
	h := &host{a: a, running: map[string]*hosted{}}
	var address string
	var parent bool
	cmd := &cobra.Command{
		Use:   "host",
		Short: "set up elections whenever somebody asks, to be attacked from elsewhere",
		Long: `Host sets up a test election of the reference for whoever asks on its port, with
every role in a process of its own, and ends it when it is told to. It is what
scrutineer run --target remote --url … drives, and an example for who wants his
own system driven like that: docs/targets.md has the messages.

Like every management port it has no locks, and listens on the loopback alone.`,
		Example: `  scrutineer reference host --listen 127.0.0.1:9100`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			h.prefix = prefix(cmd)
			ctx, stop := context.WithCancel(cmd.Context())
			defer stop()
			if parent {
				go untilClosed(a.Stdin, stop)
			}
			return classify(h.run(ctx, address))
		},
	}
	cmd.Flags().StringVar(&address, "listen", "127.0.0.1:9100", "listen on this `address` of the loopback; port 0 is any free one")
	cmd.Flags().StringVar(&h.tls.cert, "tls-cert", "", "have authorities serve TLS with the certificate in this PEM `file`")
	cmd.Flags().StringVar(&h.tls.key, "tls-key", "", "the certificate's key in this PEM `file`")
	cmd.Flags().StringVar(&h.ca, "ca", "", "the roles trust the TLS certificates in this PEM `file`, instead of the system's")
	cmd.Flags().BoolVar(&parent, "until-stdin-closes", false, "end when standard input ends")
	_ = cmd.Flags().MarkHidden("until-stdin-closes")
	return shell.Server(cmd)
}

// host is what sets up elections.
type host struct {
	a      *shell.App
	prefix []string
	tls    listenFlags
	ca     string
	dir    string

	mu      sync.Mutex
	began   int
	running map[string]*hosted
}

// hostTimeout bounds a request to a host: an election takes some processes.
const hostTimeout = 2 * time.Minute

// run serves until ctx ends, and then ends every election.
func (h *host) run(ctx context.Context, address string) (err error) {
	if err := onLoopback(address); err != nil {
		return err
	}
	if h.dir, err = os.MkdirTemp("", "reference-host-"); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(h.dir)) }()
	l, err := net.Listen("tcp", address)
	if err != nil {
		return exit.Wrap(exit.Target, err)
	}
	router := web.NewRouter([]web.Route{
		{Method: http.MethodGet, Path: manage.PathHost, Handle: h.about},
		{Method: http.MethodPost, Path: manage.PathElections, Takes: web.TypeJSON, Limit: manage.MaxImport, Handle: h.start},
		{Method: http.MethodPost, Path: manage.PathEnd, Takes: web.TypeJSON, Limit: manage.MaxRequest, Handle: h.end},
	}, nil, h.a.Log, hostTimeout)
	server := web.NewServer(router, web.Limits{Read: hostTimeout, Write: hostTimeout}, h.a.Log).Within(ctx)
	done := make(chan error, 1)
	go func() { done <- server.Serve(l) }()
	h.a.UI.Printf("host http://%s", l.Addr().String())
	select {
	case <-ctx.Done():
	case err := <-done:
		return errors.Join(err, h.endAll())
	}
	late, cancel := context.WithTimeout(context.WithoutCancel(ctx), endTime)
	defer cancel()
	return errors.Join(server.Shutdown(late), <-done, h.endAll())
}

func (h *host) endAll() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	var errs []error
	for name, e := range h.running {
		errs = append(errs, e.stop())
		delete(h.running, name)
	}
	return errors.Join(errs...)
}

func (h *host) about(w http.ResponseWriter, _ *http.Request) error {
	return web.Reply(w, http.StatusOK, manage.Host{
		Name: "the reference, a process for each role", Version: version.Current().Version, Dialect: "scrutineer", Test: true,
		Abilities: []string{"ceremony", "open", "submit", "board", "close", "tally", "publish", "client", "trustee", "witness", "verify", "insider", "front"},
		Lacks: []manage.Lack{
			{Ability: "announce", Why: "its roles are not told of an announcement"},
			{Ability: "identity", Why: "it starts no identity service"},
			{Ability: "fault", Why: "its processes are not crashed on request"},
			{Ability: "inspect", Why: "an election is many processes"},
		},
	})
}

// start sets up an election. What is wrong with the request is said as such;
// everything else is our own fault.
func (h *host) start(w http.ResponseWriter, r *http.Request) error {
	q, err := web.JSON[manage.Hosting](r, codec.Limits{Size: manage.MaxImport})
	if err != nil {
		return err
	}
	e, err := h.hosted(q)
	if err != nil {
		return web.Errorf(http.StatusUnprocessableEntity, manage.CodeNotSetUp, "%v", err)
	}
	if err := e.play(r.Context(), q); err != nil {
		return errors.Join(err, e.stop())
	}
	h.mu.Lock()
	h.running[e.name] = e
	h.mu.Unlock()
	return web.Reply(w, http.StatusOK, manage.Hosted{Election: e.name, Ports: e.ports(), Public: e.public})
}

func (h *host) end(w http.ResponseWriter, r *http.Request) error {
	q, err := web.JSON[manage.End](r, codec.Limits{Size: manage.MaxRequest})
	if err != nil {
		return err
	}
	h.mu.Lock()
	e := h.running[q.Election]
	delete(h.running, q.Election)
	h.mu.Unlock()
	if e == nil {
		return web.Errorf(http.StatusNotFound, "no-election", "there is no such election")
	}
	if err := e.stop(); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// firstEntries reads what a board begins with: one entry a line, in hex.
func firstEntries(path string, test bool) ([][]byte, error) {
	if path == "" {
		return nil, nil
	}
	if !test {
		return nil, exit.Errorf(exit.Usage, "--first-entries is for test elections, and the manifest does not say test")
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, exit.Wrap(exit.Usage, err)
	}
	var out [][]byte
	for line := range bytes.Lines(raw) {
		entry, err := hex.DecodeString(string(bytes.TrimSpace(line)))
		if err != nil {
			return nil, exit.Wrap(exit.Usage, err)
		}
		out = append(out, entry)
	}
	return out, nil
}

// writeEntries is what firstEntries reads.
func writeEntries(path string, entries []codec.HexBytes) error {
	var b bytes.Buffer
	for _, e := range entries {
		b.WriteString(hex.EncodeToString(e) + "\n")
	}
	return os.WriteFile(path, b.Bytes(), 0o600)
}

// stateOf is where a role of an election keeps what it must not forget.
func stateOf(dir, role string) string { return filepath.Join(dir, filepath.FromSlash("state-"+role)) }
