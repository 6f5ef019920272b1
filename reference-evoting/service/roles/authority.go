package roles

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/authority"
	"scrutineer/reference-evoting/recall"
	"scrutineer/reference-evoting/service/api"
	"scrutineer/reference-evoting/weakness"
)

// AuthorityConfig is what the authority in the field is made of. Zero limits
// stand for the defaults.
type AuthorityConfig struct {
	Manifest message.Manifest
	Ceremony uint64
	Key      ed25519.PrivateKey // the authority's
	BoardKey ed25519.PrivateKey
	Dir      string // everything durable; made if it does not exist
	Entries  [][]byte
	Weak     weakness.Set
	Insider  bool
	Listener net.Listener // the public interface
	Manage   net.Listener // nil: no management port
	Limits   api.Limits
	Box      authority.Limits
	Drain    time.Duration // for requests under way at the end; default 10 s
	Clock    func() time.Time
	Logger   *slog.Logger
	Registry *prometheus.Registry
	At       func(authority.Point) error // tests: where the machine may stop
	Recall   *recall.Memory              // shared with other roles of the process; nil: none
}

func (cfg *AuthorityConfig) check() error {
	err := require(string(message.RoleAuthority), map[string]bool{
		"ceremony": cfg.Ceremony > 0, "key": cfg.Key != nil, "board key": cfg.BoardKey != nil, "folder": cfg.Dir != "",
		"listener": cfg.Listener != nil, "clock": cfg.Clock != nil,
		"test election for its weaknesses": cfg.Manifest.Test || cfg.Weak.Empty(),
		"test election for given entries":  cfg.Manifest.Test || cfg.Entries == nil,
	})
	if err != nil {
		return err
	}
	if message.Key(cfg.Key.Public().(ed25519.PublicKey)) != cfg.Manifest.Authority ||
		message.Key(cfg.BoardKey.Public().(ed25519.PublicKey)) != cfg.Manifest.Board.Key {
		return fmt.Errorf("authority: %w: the keys are not those of the manifest", ErrConfig)
	}
	if cfg.Drain == 0 {
		cfg.Drain = 10 * time.Second
	}
	return nil
}

// RunAuthority keeps an election until ctx ends, and then ends in order:
// nobody new is taken, what is under way is answered, the board is closed. An
// election that was begun in the folder is continued.
func RunAuthority(ctx context.Context, cfg AuthorityConfig) error {
	if err := cfg.check(); err != nil {
		return err
	}
	cfg.Logger = logged(cfg.Logger, message.RoleAuthority, "")
	h := &host{cfg: cfg}
	if err := h.start(ctx); err != nil {
		return fmt.Errorf("authority: %w", err)
	}
	return withPort(ctx, cfg.Manage, cfg.Logger, h.routes, h.run)
}

// host holds the election that is served, which an insider may replace.
type host struct {
	cfg AuthorityConfig
	api *api.API

	mu  sync.Mutex // of changes to what follows
	gen *generation
}

// start opens what is in the folder, or begins.
func (h *host) start(ctx context.Context) error {
	number, err := currentGeneration(h.cfg.Dir)
	if err != nil {
		return err
	}
	weak := h.cfg.Weak
	if weak.Empty() {
		if weak, err = loadWeaknesses(h.cfg.Dir, h.cfg.Manifest.Test); err != nil {
			return err
		}
	}
	if h.gen, err = openGeneration(ctx, &h.cfg, number, h.cfg.Entries, nil, weak); err != nil {
		return err
	}
	limits := h.cfg.Limits
	if weak.For(weakness.Box).Has(weakness.NoTimeouts) {
		limits.Server = limits.Server.Patient()
	}
	if weak.For(weakness.Box).Has(weakness.NoAdmission) {
		limits.Server.PerSource = -1
	}
	for _, d := range limits.Differs() {
		h.cfg.Logger.Warn("a limit is not that of the field", "limit", d)
	}
	h.api = api.New(api.Config{
		Limits: limits, Logger: h.cfg.Logger, Registry: h.cfg.Registry, Clock: h.cfg.Clock,
	}, h.gen.election())
	return nil
}

// run serves until ctx ends.
func (h *host) run(ctx context.Context) error {
	h.gen.run()
	server := h.api.Server()
	served := make(chan error, 1)
	go func() { served <- server.Serve(h.cfg.Listener) }()
	sweeping, stopSweeping := context.WithCancel(ctx)
	defer stopSweeping()
	go h.sweep(sweeping)
	h.cfg.Logger.Info("the authority serves", "address", h.cfg.Listener.Addr().String(), "phase", h.status().Phase)

	var err error
	select {
	case <-ctx.Done():
	case err = <-served:
		err = fmt.Errorf("public interface: %w", err)
	}
	h.cfg.Logger.Info("the authority ends")
	h.api.Drain()
	end, release := context.WithTimeout(context.WithoutCancel(ctx), h.cfg.Drain)
	defer release()
	err = errors.Join(err, server.Shutdown(end))
	h.mu.Lock()
	defer h.mu.Unlock()
	return errors.Join(err, h.gen.close(end))
}

// sweepEvery is how often ballots whose time is over are forgotten.
const sweepEvery = time.Minute

func (h *host) sweep(ctx context.Context) {
	for pause(ctx, sweepEvery) == nil {
		h.mu.Lock()
		n, err := h.gen.box.Sweep(ctx, h.cfg.Clock())
		h.mu.Unlock()
		if err != nil && ctx.Err() == nil {
			h.cfg.Logger.Error("forgetting ballots", "err", err)
		} else if n > 0 {
			h.cfg.Logger.Info("ballots forgotten whose time was over", "count", n)
		}
	}
}

func (h *host) status() message.Status {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.gen.authority.Status()
}

// manageStatus implements what managed asks.
func (h *host) manageStatus(ctx context.Context) (manage.Status, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	s := h.gen.authority.Status()
	out := manage.Status{
		Fingerprint: s.Fingerprint, Phase: s.Phase, Planted: h.gen.weak.Strings(), Role: message.RoleAuthority,
		Limits: h.cfg.Limits.Differs(), SetupID: s.SetupID, Size: s.Size, Test: h.cfg.Manifest.Test,
	}
	if err := h.gen.authority.Err(); err != nil {
		out.Fault = err.Error()
	}
	out.Board = h.gen.published(ctx)
	return out, nil
}
