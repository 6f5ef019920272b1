package api

import (
	"context"
	"net/http"
	"slices"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/admission"
	"scrutineer/reference-evoting/authority"
	"scrutineer/reference-evoting/board"
	"scrutineer/reference-evoting/rules"
	"scrutineer/reference-evoting/service/web"
)

// Bounds of bodies in bytes. That of a ballot is in Limits.
const (
	maxDecision = 4 << 10
	maxEntry    = message.MaxEntry
	maxLong     = message.MaxBody + message.MaxEntry + 64
)

// submit takes a ballot body (S-16).
func (a *API) submit(w http.ResponseWriter, r *http.Request) error {
	raw, err := web.Body(r)
	if err != nil {
		return err
	}
	e := a.current()
	ctx, done := e.within(r.Context())
	defer done()
	accepted, err := e.Authority.Submit(ctx, raw)
	if err != nil {
		return err
	}
	return web.Reply(w, http.StatusOK, accepted)
}

// cast takes a decision (S-17).
func (a *API) cast(w http.ResponseWriter, r *http.Request) error {
	return a.decide(w, r, (*authority.Authority).Cast)
}

// challenge takes openings (S-18).
func (a *API) challenge(w http.ResponseWriter, r *http.Request) error {
	return a.decide(w, r, (*authority.Authority).Challenge)
}

// decide answers 200 with a receipt or 409 with a signed refusal. Both are
// final, both are application/json: an error that is not, is not signed.
func (a *API) decide(w http.ResponseWriter, r *http.Request, to func(*authority.Authority, context.Context, []byte) (authority.Answer, error)) error {
	raw, err := web.Body(r)
	if err != nil {
		return err
	}
	e := a.current()
	ctx, done := e.within(r.Context())
	defer done()
	answer, err := to(e.Authority, ctx, raw)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if !answer.Accepted {
		status = http.StatusConflict
		a.gate.metrics.anomaly(anomalyRefused)
	}
	return web.ReplyBytes(w, status, web.TypeJSON, answer.Bytes)
}

// entry takes the entry of a role.
func (a *API) entry(w http.ResponseWriter, r *http.Request) error {
	raw, err := web.Body(r)
	if err != nil {
		return err
	}
	e := a.current()
	ctx, done := e.within(r.Context())
	defer done()
	appended, err := e.Authority.Append(ctx, raw)
	if err != nil {
		return err
	}
	admission.Of(ctx).Vouched()
	return web.Reply(w, http.StatusOK, appended)
}

// longEntry takes the entry of a role with its body. The signature is checked
// before anything is stored, so that strangers cannot fill the disk.
func (a *API) longEntry(w http.ResponseWriter, r *http.Request) error {
	long, err := web.JSON[message.LongEntry](r, codec.Limits{Size: maxLong, Items: maxLong})
	if err != nil {
		return err
	}
	e := a.current()
	ctx, done := e.within(r.Context())
	defer done()
	header := long.Entry
	if err := fits(header, long.Body); err != nil {
		return err
	}
	if fault := rules.Signed(nil, e.Manifest, header, long.Body); fault != nil {
		return web.Errorf(http.StatusUnprocessableEntity, fault.Check, "%s", fault.Detail)
	}
	admission.Of(ctx).Vouched()
	for chunk := range slices.Chunk(long.Body, message.ChunkSize) {
		if _, err := e.Authority.PutChunk(ctx, header, chunk); err != nil {
			return err
		}
	}
	raw, err := codec.Encode(header)
	if err != nil {
		return web.Malformed(err)
	}
	appended, err := e.Authority.Append(ctx, raw)
	if err != nil {
		return err
	}
	admission.Of(ctx).Vouched()
	return web.Reply(w, http.StatusOK, appended)
}

// fits holds a header to the body beside it.
func fits(header message.Entry, body codec.Raw) error {
	if len(header.Body) > 0 || len(body) <= message.MaxInline || header.Size != uint64(len(body)) {
		return web.Errorf(http.StatusUnprocessableEntity, "V-05", "the body must be above %d bytes and as long as the entry says", message.MaxInline)
	}
	i := 0
	for chunk := range slices.Chunk(body, message.ChunkSize) {
		if i >= len(header.Chunks) || header.Chunks[i] != message.Digest(board.ChunkDigest(chunk)) {
			return web.Errorf(http.StatusUnprocessableEntity, "V-05", "chunk %d of the body is not the one that the entry names", i)
		}
		i++
	}
	if i != len(header.Chunks) {
		return web.Errorf(http.StatusUnprocessableEntity, "V-05", "the entry names %d chunks, the body has %d", len(header.Chunks), i)
	}
	return nil
}

// chain tells the standing ballot of a credential.
func (a *API) chain(w http.ResponseWriter, r *http.Request) error {
	credential, err := digest(r, "credential")
	if err != nil {
		return err
	}
	chain, err := a.current().Authority.Chain(r.Context(), credential)
	if err != nil {
		return err
	}
	return web.Reply(w, http.StatusOK, chain)
}

// find tells the index of the entry with a tracker.
func (a *API) find(w http.ResponseWriter, r *http.Request) error {
	tracker, err := digest(r, "tracker")
	if err != nil {
		return err
	}
	index, err := a.current().Authority.Find(r.Context(), tracker)
	if err != nil {
		return err
	}
	return web.Reply(w, http.StatusOK, message.Appended{Index: index})
}

// digest reads 32 bytes of lower-case hex from the path.
func digest(r *http.Request, name string) (codec.Hex32, error) {
	d, err := codec.ParseHex32(r.PathValue(name))
	if err != nil {
		return d, web.Errorf(http.StatusBadRequest, web.CodeBadParameter, "the %s must be 64 lower-case hex digits", name)
	}
	return d, nil
}
