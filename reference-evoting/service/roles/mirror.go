package roles

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"sync/atomic"

	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/board"
	"scrutineer/reference-evoting/mirror"
	"scrutineer/reference-evoting/service/api"
	"scrutineer/reference-evoting/service/client"
	"scrutineer/reference-evoting/service/web"
	"scrutineer/reference-evoting/verify"
)

// MirrorConfig is what a mirror in the field is made of.
type MirrorConfig struct {
	Manifest message.Manifest
	Client   *client.Client
	Store    MirrorStore
	Listener net.Listener // serves the copy
	Manage   net.Listener
	Logger   *slog.Logger
}

// MirrorStore is where the copy lies, and how it is served: a tiles.Log opened
// as a copy.
type MirrorStore interface {
	mirror.Store
	api.Board
}

// RunMirror copies the board and serves the copy until ctx ends.
func RunMirror(ctx context.Context, cfg MirrorConfig) error {
	if err := require(string(manage.RoleMirror), map[string]bool{
		"client": cfg.Client != nil, "store": cfg.Store != nil, "listener": cfg.Listener != nil,
	}); err != nil {
		return err
	}
	quorum, err := verify.Quorum(&cfg.Manifest)
	if err != nil {
		return err
	}
	cfg.Logger = logged(cfg.Logger, manage.RoleMirror, "")
	m := mirror.New(cfg.Client.Reader(), cfg.Store, quorum, chunksOf)
	var problem atomic.Value
	routes := func(stop context.CancelFunc) []web.Route {
		return managed{
			test: cfg.Manifest.Test, plant: noWeaknesses, stop: stop,
			status: func(context.Context) (manage.Status, error) {
				fault, _ := problem.Load().(string)
				size := cfg.Store.Size()
				return manage.Status{
					Board: size, Fault: fault, Phase: message.PhaseEmpty, Planted: []string{}, Role: manage.RoleMirror,
					Size: size, Test: cfg.Manifest.Test,
				}, nil
			},
		}.routes()
	}
	return withPort(ctx, cfg.Manage, cfg.Logger, routes, func(ctx context.Context) error {
		server := web.NewServer(web.NewRouter(api.BoardRoutes(cfg.Store), nil, cfg.Logger, portTimeout), web.Limits{}, cfg.Logger).Within(ctx)
		served := make(chan error, 1)
		go func() { served <- server.Serve(cfg.Listener) }()
		copyBoard(ctx, m, &problem, cfg.Logger)
		end, release := context.WithTimeout(context.WithoutCancel(ctx), portTimeout)
		defer release()
		return errors.Join(server.Shutdown(end), <-served)
	})
}

// copyBoard follows the board. After a fork it goes on serving what it has.
func copyBoard(ctx context.Context, m *mirror.Mirror, problem *atomic.Value, logger *slog.Logger) {
	size := uint64(0)
	for ctx.Err() == nil {
		head, err := m.Sync(ctx, size)
		if err == nil {
			size = head.Size + 1
			problem.Store("")
			continue
		}
		if ctx.Err() == nil {
			problem.Store(err.Error())
			logger.Warn("mirroring", "err", err)
			_ = pause(ctx, retryAfter)
		}
	}
}

// chunksOf implements mirror.ChunksOf. What is no entry names none.
func chunksOf(raw []byte) ([]board.Hash, error) {
	e, err := message.DecodeEntry(raw)
	if err != nil {
		return nil, nil
	}
	out := make([]board.Hash, len(e.Chunks))
	for i, d := range e.Chunks {
		out[i] = board.Hash(d)
	}
	return out, nil
}
