package wire

import (
	"context"
	"errors"
	"fmt"

	"scrutineer/protocols/message"
	"scrutineer/protocols/record"
	"scrutineer/targets"
)

// Record implements targets.BoardReader: the record at the size of the newest
// published head, finished or not. What is wrong with it stays in it, for
// verifiers to find.
func (e *Public) Record(ctx context.Context) (map[string][]byte, error) {
	raw, err := e.Head(ctx)
	if err != nil {
		return nil, err
	}
	size, err := headSize(raw)
	if err != nil {
		return nil, err
	}
	b := budget{left: e.limits.Bytes}
	entries, err := e.entries(ctx, 0, size, size, &b)
	if err != nil {
		return nil, err
	}
	x := record.Export{Entries: record.Slice(entries), Checkpoints: map[record.Moment][]byte{record.Final: raw}}
	named := contents(entries)
	if x.Chunks, err = e.chunks(ctx, named.chunks, &b); err != nil {
		return nil, err
	}
	for moment, covered := range named.moments {
		if !covered {
			continue
		}
		if err := e.moment(ctx, x, moment, size); err != nil {
			return nil, err
		}
	}
	m, _, err := x.Memory()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", targets.ErrTarget, err)
	}
	return m, nil
}

// named is what entries refer to.
type named struct {
	chunks  []message.Digest
	moments map[record.Moment]bool
}

// contents looks for the chunks and the moments in entries. One that cannot be
// read names nothing.
func contents(entries [][]byte) named {
	out := named{moments: map[record.Moment]bool{}}
	seen := map[message.Digest]bool{}
	for _, raw := range entries {
		e, err := message.DecodeEntry(raw)
		if err != nil {
			continue
		}
		for _, d := range e.Chunks {
			if !seen[d] {
				seen[d] = true
				out.chunks = append(out.chunks, d)
			}
		}
		switch e.Type {
		case message.TypeOpen:
			out.moments[record.Opened] = true
		case message.TypeCloseChannel:
			out.moments[record.Closed] = true
		case message.TypeSeal:
			out.moments[record.Sealed] = true
		}
	}
	return out
}

// chunks reads chunks one at a time. One that the board does not have is left
// out: that is a fault of the record.
func (e *Public) chunks(ctx context.Context, digests []message.Digest, b *budget) (func(func([]byte, error) bool), error) {
	var out [][]byte
	for _, d := range digests {
		c, err := e.file(ctx, record.Path{Kind: record.KindChunk, Digest: d})
		if errors.Is(err, errMissing) {
			continue
		}
		if err == nil {
			err = b.spend(len(c))
		}
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return record.Slice(out), nil
}

// moment adds a kept checkpoint to the export. One that is beyond the record
// came into being while it was read and belongs to the next.
func (e *Public) moment(ctx context.Context, x record.Export, m record.Moment, size uint64) error {
	raw, err := e.file(ctx, record.Path{Kind: record.KindCheckpoint, Moment: m})
	if errors.Is(err, errMissing) {
		return nil
	}
	if err != nil {
		return err
	}
	if n, err := headSize(raw); err == nil && n > size {
		return nil
	}
	x.Checkpoints[m] = raw
	return nil
}
