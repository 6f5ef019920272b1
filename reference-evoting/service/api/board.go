package api

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"strconv"
	"strings"
	"time"

	"scrutineer/protocols/record"
	"scrutineer/reference-evoting/admission"
	"scrutineer/reference-evoting/board"
	layout "scrutineer/reference-evoting/board/tiles"
	"scrutineer/reference-evoting/cosign"
	"scrutineer/reference-evoting/service/web"
)

// maxNote bounds a checkpoint with its signatures.
const maxNote = record.MaxCheckpoint

// mirrorWait is how long a poll of a mirror lasts.
const mirrorWait = 25 * time.Second

// BoardRoutes serve a board's files without an authority: what a mirror does.
func BoardRoutes(b Board) []web.Route {
	get := func(path string, h func(http.ResponseWriter, *http.Request) error) web.Route {
		return web.Route{Method: http.MethodGet, Path: path, Handle: h}
	}
	return []web.Route{
		get("/checkpoint", func(w http.ResponseWriter, r *http.Request) error { return checkpoint(w, r, b) }),
		get("/tile/{path...}", func(w http.ResponseWriter, r *http.Request) error { return tile(w, r, b) }),
		get("/chunk/{digest}", func(w http.ResponseWriter, r *http.Request) error { return chunk(w, r, b) }),
		{
			Method: http.MethodGet, Path: "/v1/wait", Query: []string{"size", "head"}, Timeout: 2 * mirrorWait,
			Handle: func(w http.ResponseWriter, r *http.Request) error {
				if head := r.URL.Query().Get("head"); head != "" && head != headCosigned {
					return web.Errorf(http.StatusBadRequest, web.CodeBadParameter, "a mirror has cosigned heads only")
				}
				return poll(r.Context(), w, r, b.Await, mirrorWait)
			},
		},
	}
}

func noCheckpoint() error {
	return web.Errorf(http.StatusNotFound, "no-checkpoint", "there is no such checkpoint yet")
}

func note(w http.ResponseWriter, raw []byte, err error) error {
	switch {
	case errors.Is(err, board.ErrNoCheckpoint), errors.Is(err, fs.ErrNotExist):
		return noCheckpoint()
	case err != nil:
		return err
	}
	return web.ReplyBytes(w, http.StatusOK, web.TypeNote, raw)
}

// checkpoint is the newest cosigned one.
func checkpoint(w http.ResponseWriter, r *http.Request, b Board) error {
	raw, err := b.File(r.Context(), layout.CheckpointPath)
	return note(w, raw, err)
}

// pending is the head that witnesses are to cosign.
func (a *API) pending(w http.ResponseWriter, r *http.Request) error {
	raw, err := a.current().Collector.Pending(r.Context())
	return note(w, raw, err)
}

// moment is one of the checkpoints that the record keeps.
func (a *API) moment(w http.ResponseWriter, r *http.Request) error {
	m := record.Moment(r.PathValue("moment"))
	switch m {
	case record.Opened, record.Closed, record.Sealed:
	default:
		return web.Errorf(http.StatusNotFound, web.CodeNotFound, "the moments are opened, closed and sealed")
	}
	raw, err := a.current().Moments.Moment(m)
	return note(w, raw, err)
}

// tile is a hash tile or an entry bundle.
func tile(w http.ResponseWriter, r *http.Request, b Board) error {
	path := "tile/" + r.PathValue("path")
	t, err := layout.ParseTile(path)
	if err != nil {
		return web.Errorf(http.StatusNotFound, web.CodeNotFound, "this is no path of a tile")
	}
	return file(w, r, b, path, t.Width == layout.Width)
}

// chunk is a piece of a long body.
func chunk(w http.ResponseWriter, r *http.Request, b Board) error {
	path := "chunk/" + r.PathValue("digest")
	if _, err := layout.ParseChunkPath(path); err != nil {
		return web.Errorf(http.StatusNotFound, web.CodeNotFound, "this is no name of a chunk")
	}
	return file(w, r, b, path, true)
}

// file hands out a file that will never change; whole says that it will not
// be replaced by a wider one either.
func file(w http.ResponseWriter, r *http.Request, b Board, path string, whole bool) error {
	content, err := b.File(r.Context(), path)
	if errors.Is(err, fs.ErrNotExist) {
		return web.Errorf(http.StatusNotFound, web.CodeNotFound, "the board has no such file yet")
	}
	if err != nil {
		return err
	}
	if whole {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	return web.ReplyBytes(w, http.StatusOK, web.TypeBytes, content)
}

// The heads that one can wait for.
const (
	headCosigned = "cosigned"
	headPending  = "pending"
)

// wait is the long poll on the authority's board.
func (a *API) wait(w http.ResponseWriter, r *http.Request) error {
	await := a.current().Board.Await
	switch r.URL.Query().Get("head") {
	case "", headCosigned:
	case headPending:
		await = a.current().Collector.AwaitPending
	default:
		return web.Errorf(http.StatusBadRequest, web.CodeBadParameter, "head must be cosigned or pending")
	}
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(a.life, cancel)()
	err := poll(ctx, w, r, await, a.cfg.Limits.Wait)
	if err != nil && a.draining.Load() {
		return &web.Problem{Status: http.StatusServiceUnavailable, Code: web.CodeDraining, Detail: "the server is shutting down", Retry: 1}
	}
	return err
}

// poll answers with a checkpoint as soon as it covers so many entries, or with
// 204 when the time of a poll is over.
func poll(ctx context.Context, w http.ResponseWriter, r *http.Request, await func(context.Context, uint64) ([]byte, error), limit time.Duration) error {
	text := r.URL.Query().Get("size")
	size, err := strconv.ParseUint(text, 10, 64)
	if err != nil || size > board.MaxSize || text != strconv.FormatUint(size, 10) {
		return web.Errorf(http.StatusBadRequest, web.CodeBadParameter, "size must be a number of entries")
	}
	within, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	raw, err := await(within, size)
	if err != nil && ctx.Err() == nil && within.Err() != nil {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	return note(w, raw, err)
}

// cosign takes the head on offer with the lines of one or more witnesses.
func (a *API) cosign(w http.ResponseWriter, r *http.Request) error {
	raw, err := web.Body(r)
	if err != nil {
		return err
	}
	// What is collected is kept even if the witness hangs up now.
	published, err := a.current().Collector.Add(context.WithoutCancel(r.Context()), raw)
	switch {
	case errors.Is(err, board.ErrCheckpoint), errors.Is(err, cosign.ErrCosignature):
		return web.Errorf(http.StatusUnprocessableEntity, "bad-cosignature", "%s", oneLine(err))
	case err != nil:
		return err
	}
	admission.Of(r.Context()).Vouched()
	if published {
		w.WriteHeader(http.StatusNoContent)
	} else {
		w.WriteHeader(http.StatusAccepted)
	}
	return nil
}

func oneLine(err error) string { return strings.ReplaceAll(err.Error(), "\n", " ") }
