// Package entry makes and opens the entries of the board: header, signature,
// and a body that is inline or, when it is long, in chunks beside it
// (SPEC.md §3).
package entry

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"slices"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
	"scrutineer/reference-evoting/board"
	"scrutineer/reference-evoting/reading"
	"scrutineer/reference-evoting/weakness"
)

// Chunks finds the chunk of a digest.
type Chunks interface {
	Chunk(ctx context.Context, digest board.Hash) ([]byte, error)
}

// Packed is an entry ready for the board, and the chunks that must be stored
// before it.
type Packed struct {
	Type   message.Type
	Raw    []byte
	Chunks [][]byte
}

// Pack encodes body and signs the entry, where key is not nil.
func Pack(e message.Entry, body any, key ed25519.PrivateKey) (Packed, error) {
	canonical, err := codec.Encode(body)
	if err != nil {
		return Packed{}, fmt.Errorf("%s: %w", e.Type, err)
	}
	if len(canonical) > message.MaxBody {
		return Packed{}, fmt.Errorf("%s: body of %d bytes is above %d", e.Type, len(canonical), message.MaxBody)
	}
	e.Version = message.Version
	if key != nil {
		digest := transcript.EntrySignature(e, transcript.BodyDigest(canonical))
		e.Signature = message.Signature(ed25519.Sign(key, digest[:]))
	}
	out := Packed{Type: e.Type}
	if len(canonical) <= message.MaxInline {
		e.Body = codec.Raw(canonical)
	} else {
		e.Size = uint64(len(canonical))
		out.Chunks = slices.Collect(slices.Chunk(canonical, message.ChunkSize))
		for _, c := range out.Chunks {
			e.Chunks = append(e.Chunks, message.Digest(board.ChunkDigest(c)))
		}
	}
	out.Raw, err = codec.Encode(e)
	return out, err
}

// ErrForm is wrapped by Open for an entry that is not well-formed.
var ErrForm = errors.New("malformed entry")

// Open decodes an entry and finds its body, inline or in chunks (V-05).
func Open(ctx context.Context, weak weakness.View, raw []byte, chunks Chunks) (message.Entry, codec.Raw, error) {
	if len(raw) > message.MaxEntry {
		return message.Entry{}, nil, fmt.Errorf("%w: %d bytes", ErrForm, len(raw))
	}
	e, err := reading.Entry(weak, raw)
	if err != nil {
		return e, nil, fmt.Errorf("%w: %w", ErrForm, err)
	}
	if e.Version != message.Version {
		return e, nil, fmt.Errorf("%w: version %d", ErrForm, e.Version)
	}
	inline := len(e.Body) > 0
	switch {
	case inline && (len(e.Chunks) > 0 || e.Size > 0 || len(e.Body) > message.MaxInline):
		return e, nil, fmt.Errorf("%w: body inline although it is long or in chunks", ErrForm)
	case inline:
		return e, e.Body, nil
	case e.Size <= message.MaxInline || e.Size > message.MaxBody || uint64(len(e.Chunks)) != (e.Size+message.ChunkSize-1)/message.ChunkSize:
		return e, nil, fmt.Errorf("%w: %d chunks for %d bytes", ErrForm, len(e.Chunks), e.Size)
	}
	body, err := gather(ctx, e, chunks)
	return e, body, err
}

func gather(ctx context.Context, e message.Entry, chunks Chunks) (codec.Raw, error) {
	body := make([]byte, 0, e.Size)
	for i, digest := range e.Chunks {
		c, err := chunks.Chunk(ctx, board.Hash(digest))
		if err != nil {
			return nil, fmt.Errorf("chunk %d: %w", i, err)
		}
		want := min(int(e.Size)-i*message.ChunkSize, message.ChunkSize)
		if len(c) != want || message.Digest(board.ChunkDigest(c)) != digest {
			return nil, fmt.Errorf("%w: chunk %d is not what is named", ErrForm, i)
		}
		body = append(body, c...)
	}
	return body, nil
}
