package client

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"scrutineer/protocols/message"
	"scrutineer/protocols/record"
	"scrutineer/reference-evoting/board"
)

// Export makes a record of the board as far as its newest published head.
// Entries and chunks are fetched as the export asks for them; nothing is
// believed or checked, which is the verifier's work.
func (c *Client) Export(ctx context.Context) (record.Export, error) {
	final, err := c.reader.Checkpoint(ctx)
	if err != nil {
		return record.Export{}, fmt.Errorf("export: %w", err)
	}
	head, err := board.PeekCheckpoint(final)
	if err != nil {
		return record.Export{}, fmt.Errorf("export: %w", err)
	}
	x := record.Export{Checkpoints: map[record.Moment][]byte{record.Final: final}}
	for _, m := range []record.Moment{record.Opened, record.Closed, record.Sealed} {
		raw, err := c.Moment(ctx, m)
		switch {
		case err == nil:
			x.Checkpoints[m] = raw
		case !errors.Is(err, board.ErrNoCheckpoint):
			return record.Export{}, fmt.Errorf("export: %w", err)
		}
	}
	named := map[message.Digest]bool{}
	x.Entries = c.entries(ctx, head.Size, named)
	x.Chunks = c.chunks(ctx, named)
	return x, nil
}

// errStopped ends a fetch that nobody wants any more.
var errStopped = errors.New("stopped")

// entries yields the board's entries and notes the chunks that they name.
func (c *Client) entries(ctx context.Context, size uint64, named map[message.Digest]bool) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		err := c.reader.Entries(ctx, 0, size, func(_ uint64, raw []byte) error {
			if e, err := message.DecodeEntry(raw); err == nil {
				for _, d := range e.Chunks {
					named[d] = true
				}
			}
			if !yield(raw, nil) {
				return errStopped
			}
			return nil
		})
		if err != nil && !errors.Is(err, errStopped) {
			yield(nil, err)
		}
	}
}

func (c *Client) chunks(ctx context.Context, named map[message.Digest]bool) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for d := range named {
			raw, err := c.reader.Chunk(ctx, board.Hash(d))
			if !yield(raw, err) || err != nil {
				return
			}
		}
	}
}
