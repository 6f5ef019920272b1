package roles

import (
	"context"
	"crypto/cipher"
	"crypto/ed25519"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"time"

	"go.dedis.ch/kyber/v3"

	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/identity"
	"scrutineer/reference-evoting/recall"
	"scrutineer/reference-evoting/rules"
	"scrutineer/reference-evoting/service/api"
	"scrutineer/reference-evoting/service/bindings"
	"scrutineer/reference-evoting/service/client"
	"scrutineer/reference-evoting/service/web"
	"scrutineer/reference-evoting/weakness"
)

// IdentityConfig is what an identity service in the field is made of. Sent are
// the codes, where its management port is to tell them: in test elections.
type IdentityConfig struct {
	Manifest      message.Manifest
	Client        *client.Client
	Key           ed25519.PrivateKey
	Authorisation kyber.Scalar
	Persons       *identity.Persons
	Sent          []identity.Sent
	Dir           string // of its store
	Random        cipher.Stream
	Limits        identity.Limits
	Weak          weakness.Set
	Clock         func() time.Time
	Listener      net.Listener // public
	Manage        net.Listener
	Limited       api.IdentityLimits // of the public interface
	Logger        *slog.Logger
	Recall        *recall.Memory // shared with other roles of the process; nil: none
}

// RunIdentity runs the identity service until ctx ends.
func RunIdentity(ctx context.Context, cfg IdentityConfig) (err error) {
	if err := require(string(message.RoleIdentity), map[string]bool{
		"client": cfg.Client != nil, "key": cfg.Key != nil, "authorisation key": cfg.Authorisation != nil,
		"persons": cfg.Persons != nil, "folder": cfg.Dir != "", "randomness": cfg.Random != nil, "listener": cfg.Listener != nil,
		"test election for its weaknesses": cfg.Manifest.Test || cfg.Weak.Empty(),
	}); err != nil {
		return err
	}
	cfg.Logger = logged(cfg.Logger, message.RoleIdentity, "")
	// An end that comes early is an end, and no error.
	store, err := bindings.Open(context.WithoutCancel(ctx), filepath.Join(cfg.Dir, "identity.db"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	// Its puzzles draw from the source before the service has it for itself.
	public := api.IdentityConfig{Limits: cfg.Limited, Logger: cfg.Logger, Clock: cfg.Clock, Random: cfg.Random}
	service := identity.New(identity.Config{
		Key: cfg.Key, Authorisation: cfg.Authorisation, Persons: cfg.Persons, Store: store,
		Random: cfg.Random, Clock: cfg.Clock, Limits: cfg.Limits, Recall: cfg.Recall,
	})
	if err := service.Restore(context.WithoutCancel(ctx)); err != nil {
		return err
	}
	port := api.NewIdentity(public, service)
	defer port.Flush()
	f, err := newFollower(message.RoleIdentity, "", &cfg.Manifest, cfg.Client, cfg.Logger, cfg.Recall)
	if err != nil {
		return err
	}
	f.play = func(weak weakness.Set, source rules.Source) player {
		service.Begin(weak, source)
		return service
	}
	f.begin(cfg.Weak)
	routes := func(stop context.CancelFunc) []web.Route {
		m := managed{test: cfg.Manifest.Test, status: f.status, plant: f.plant, stop: stop}
		return append(m.routes(),
			getRoute(manage.PathFindings, f.tell),
			getRoute(manage.PathCodes, func(w http.ResponseWriter, _ *http.Request) error {
				if !cfg.Manifest.Test {
					return notTest()
				}
				out := manage.Codes{Voters: []manage.Code{}}
				for _, s := range cfg.Sent {
					out.Voters = append(out.Voters, manage.Code{Code: s.Code, Voter: s.Voter})
				}
				return web.Reply(w, http.StatusOK, out)
			}))
	}
	server := port.Server().Within(ctx)
	served := make(chan error, 1)
	go func() { served <- server.Serve(cfg.Listener) }()
	err = withPort(ctx, cfg.Manage, cfg.Logger, routes, f.run)
	end, release := context.WithTimeout(context.WithoutCancel(ctx), portTimeout)
	defer release()
	return errors.Join(err, server.Shutdown(end), <-served)
}
