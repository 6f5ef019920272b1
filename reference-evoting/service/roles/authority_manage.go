package roles

import (
	"context"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strconv"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/authority"
	"scrutineer/reference-evoting/service/web"
	"scrutineer/reference-evoting/weakness"
)

func (h *host) routes(stop context.CancelFunc) []web.Route {
	m := managed{test: h.cfg.Manifest.Test, status: h.manageStatus, plant: h.plant, stop: stop}
	if h.cfg.Insider {
		m.insider = []manage.Key{
			{Role: message.RoleAuthority, Signing: message.Digest(h.cfg.Key.Seed())},
			{Role: message.RoleBoard, Signing: message.Digest(h.cfg.BoardKey.Seed())},
		}
	}
	return append(m.routes(),
		postRoute(manage.PathClose, h.closeChannel),
		postRoute(manage.PathAbort, h.abort),
		web.Route{
			Method: http.MethodPost, Path: manage.PathImport, Takes: web.TypeJSON, Limit: manage.MaxImport,
			Handle: func(w http.ResponseWriter, r *http.Request) error {
				if err := m.forInsiders(); err != nil {
					return err
				}
				return h.replace(w, r)
			},
		})
}

func (h *host) current() *authority.Authority {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.gen.authority
}

func (h *host) closeChannel(w http.ResponseWriter, r *http.Request) error {
	q, err := web.JSON[message.CloseChannel](r, codec.Limits{Size: manage.MaxRequest})
	if err != nil {
		return err
	}
	appended, err := h.current().CloseChannel(r.Context(), q.Channel)
	if err != nil {
		return refused(err)
	}
	return web.Reply(w, http.StatusOK, appended)
}

func (h *host) abort(w http.ResponseWriter, r *http.Request) error {
	q, err := web.JSON[message.Abort](r, codec.Limits{Size: manage.MaxRequest})
	if err != nil {
		return err
	}
	appended, err := h.current().Abort(r.Context(), q.Culprit, q.Reason)
	if err != nil {
		return refused(err)
	}
	return web.Reply(w, http.StatusOK, appended)
}

// refused gives a problem of the core its status.
func refused(err error) error {
	var p *authority.Problem
	if errors.As(err, &p) {
		return &web.Problem{Status: p.Status, Code: p.Code, Detail: p.Detail}
	}
	return err
}

// plant makes the authority anew with other weaknesses, before the opening.
func (h *host) plant(ctx context.Context, weak weakness.Set) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !phaseIsBeforeOpening(h.gen.authority.Status().Phase) {
		return web.Errorf(http.StatusConflict, "already-open", "weaknesses are planted before the opening")
	}
	if err := saveWeaknesses(h.cfg.Dir, weak); err != nil {
		return err
	}
	h.api.Suspend()
	h.gen.halt()
	err := h.gen.plant(context.WithoutCancel(ctx), weak)
	h.gen.run()
	h.api.Use(h.gen.election())
	return err
}

// replace serves a board that an insider brings.
func (h *host) replace(w http.ResponseWriter, r *http.Request) error {
	q, err := web.JSON[manage.Import](r, codec.Limits{Size: manage.MaxImport})
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	// Once begun it is carried through, or undone.
	ctx := context.WithoutCancel(r.Context())
	old := h.gen
	// What an import left behind that was interrupted.
	if err := os.RemoveAll(filepath.Join(h.cfg.Dir, strconv.Itoa(old.number+1))); err != nil {
		return err
	}
	next, err := openGeneration(ctx, &h.cfg, old.number+1, plainBytes(q.Entries), plainBytes(q.Chunks), old.weak)
	if err != nil {
		return errors.Join(web.Errorf(http.StatusUnprocessableEntity, "bad-import", "%v", err), os.RemoveAll(next.dir()))
	}
	if err := makeCurrent(h.cfg.Dir, next.number); err != nil {
		return errors.Join(err, next.release(ctx))
	}
	h.api.Suspend()
	next.run()
	h.gen = next
	h.api.Use(next.election())
	h.cfg.Logger.Warn("an insider replaced the board", "entries", next.log.Size())
	size := next.log.Size()
	// The log of the board before may look at its folder once more; the one
	// before that is quiet by now.
	if err := errors.Join(old.close(ctx), os.RemoveAll(filepath.Join(h.cfg.Dir, strconv.Itoa(old.number-1)))); err != nil {
		h.cfg.Logger.Error("letting go of the board before", "err", err)
	}
	return web.Reply(w, http.StatusOK, manage.Imported{Size: size})
}

func plainBytes(list []codec.HexBytes) [][]byte {
	out := make([][]byte, len(list))
	for i, b := range list {
		out[i] = b
	}
	return out
}
