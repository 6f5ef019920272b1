package authority

import (
	"context"
	"errors"
	"fmt"

	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/board"
	"scrutineer/reference-evoting/reading"
	"scrutineer/reference-evoting/weakness"
)

// Append takes the entry of a role. The authority's own entries come from
// nobody else, and voters' come through Cast and Challenge.
func (a *Authority) Append(ctx context.Context, raw []byte) (message.Appended, error) {
	e, err := reading.Entry(a.cfg.Weak.For(weakness.Box), raw)
	if err != nil {
		return message.Appended{}, malformed(err)
	}
	if !posts(e.Role) {
		return message.Appended{}, problem(403, "not-a-role", "entries of %q are not taken here", e.Role)
	}
	if err := a.chunked(ctx, e); err != nil {
		return message.Appended{}, err
	}
	o, err := a.submit(ctx, func(context.Context) (*proposal, error) { return &proposal{raw: raw}, nil })
	return message.Appended{Index: o.index}, err
}

// posts reports that a role brings entries of its own to the board.
func posts(r message.Role) bool {
	return r == message.RoleTrustee || r == message.RoleRegistrar || r == message.RoleIdentity ||
		r == message.RoleCountCentre || r == message.RoleDevice
}

// chunked refuses an entry that names a chunk which is not stored: beyond this
// point it would look as if the board had lost one.
func (a *Authority) chunked(ctx context.Context, e message.Entry) error {
	for _, d := range e.Chunks {
		switch _, err := a.cfg.Log.Chunk(ctx, board.Hash(d)); {
		case errors.Is(err, board.ErrNoChunk):
			return problem(422, "V-05", "the board does not have chunk %s", d)
		case err != nil:
			return fmt.Errorf("look for chunk: %w", err)
		}
	}
	return nil
}

// PutChunk stores a chunk of an entry that will follow. It is signed for by
// the body that it is part of: whoever may post a long entry sends its header
// with it, so that strangers cannot fill the disk.
func (a *Authority) PutChunk(ctx context.Context, header message.Entry, chunk []byte) (message.Digest, error) {
	digest := message.Digest(board.ChunkDigest(chunk))
	named := false
	for _, d := range header.Chunks {
		named = named || d == digest
	}
	switch {
	case len(chunk) > message.ChunkSize || !named:
		return digest, problem(400, "unnamed-chunk", "the entry does not name this chunk")
	case !posts(header.Role):
		return digest, problem(403, "not-a-role", "chunks of %q are not taken here", header.Role)
	}
	_, err := a.cfg.Log.PutChunk(ctx, chunk)
	return digest, a.told(err)
}

// CloseChannel ends casting on a channel (S-30). Before its time it may close
// only in a test election.
func (a *Authority) CloseChannel(ctx context.Context, channel string) (message.Appended, error) {
	for _, c := range a.cfg.Manifest.Channels {
		if c.ID == channel && !a.cfg.Manifest.Test && uint64(a.cfg.Clock().Unix()) < c.Closes {
			return message.Appended{}, problem(409, "too-early", "channel %s closes at %d", channel, c.Closes)
		}
	}
	return a.command(ctx, message.TypeCloseChannel, message.CloseChannel{Channel: channel})
}

// Abort ends the ceremony for a trustee that is silent or at fault (S-05).
func (a *Authority) Abort(ctx context.Context, culprit, reason string) (message.Appended, error) {
	return a.command(ctx, message.TypeAbort, message.Abort{Culprit: culprit, Reason: reason})
}

func (a *Authority) command(ctx context.Context, t message.Type, body any) (message.Appended, error) {
	o, err := a.submit(ctx, func(ctx context.Context) (*proposal, error) {
		raw, err := a.own(ctx, t, a.state.Context(), body)
		return &proposal{raw: raw}, err
	})
	return message.Appended{Index: o.index}, err
}
