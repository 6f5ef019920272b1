package wire

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/record"
	"scrutineer/targets"
)

// file reads a file of the record's layout from the server. A file that is
// not there gives errMissing.
func (e *Public) file(ctx context.Context, p record.Path) ([]byte, error) {
	path := "/" + p.String()
	a, err := e.reads.do(ctx, request{path: path, limit: int64(p.Limit())})
	switch {
	case err != nil:
		return nil, err
	case a.status == http.StatusNotFound:
		return nil, fmt.Errorf("%w: %s: %w", targets.ErrTarget, path, errMissing)
	case a.status != http.StatusOK || a.media == typeProblem:
		return nil, a.unexpected(path)
	}
	return a.body, nil
}

// errMissing is a file that the server does not have.
var errMissing = errors.New("there is no such file")

// Head implements targets.BoardReader.
func (e *Public) Head(ctx context.Context) ([]byte, error) {
	return e.file(ctx, record.Path{Kind: record.KindCheckpoint})
}

// Await implements targets.BoardReader.
func (e *Public) Await(ctx context.Context, size uint64) ([]byte, error) {
	raw, _, err := e.await(ctx, size)
	return raw, err
}

// await polls for a head of at least size entries, and returns its size too.
func (e *Public) await(ctx context.Context, size uint64) ([]byte, uint64, error) {
	life, cancel := context.WithTimeout(ctx, e.limits.Await)
	defer cancel()
	for {
		began := time.Now()
		raw, have, err := e.poll(life, size)
		switch {
		case err == nil && raw != nil:
			return raw, have, nil
		case err == nil: // the time of a poll is over
			// A server that says so at once is not asked at once.
			err = pause(life, 100*time.Millisecond-time.Since(began))
		}
		switch {
		case err == nil:
		case ctx.Err() != nil:
			return nil, 0, fmt.Errorf("wait for a head of %d entries: %w", size, ctx.Err())
		case life.Err() != nil:
			return nil, 0, fmt.Errorf("%w: no head of %d entries within %s", targets.ErrTarget, size, e.limits.Await)
		default:
			return nil, 0, err
		}
	}
}

// poll asks once; without a head and without an error it may be asked again.
func (e *Public) poll(ctx context.Context, size uint64) ([]byte, uint64, error) {
	path := "/v1/wait?head=cosigned&size=" + strconv.FormatUint(size, 10)
	a, err := e.reads.do(ctx, request{path: path, limit: record.MaxCheckpoint, timeout: e.limits.Poll})
	switch {
	case err != nil:
		return nil, 0, err
	case a.status == http.StatusNoContent:
		return nil, 0, nil
	case a.status != http.StatusOK || a.media == typeProblem:
		return nil, 0, a.unexpected(path)
	}
	have, err := headSize(a.body)
	if err == nil && have < size {
		err = fmt.Errorf("%w: waited for a head of %d entries, got one of %d", targets.ErrTarget, size, have)
	}
	return a.body, have, err
}

func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// headSize reads the size in a checkpoint, its second line. It believes it.
func headSize(raw []byte) (uint64, error) {
	lines := bytes.SplitN(raw, []byte("\n"), 3)
	if len(lines) == 3 {
		n, err := strconv.ParseUint(string(lines[1]), 10, 64)
		if err == nil && n <= record.MaxSize {
			return n, nil
		}
	}
	return 0, fmt.Errorf("%w: no checkpoint", targets.ErrTarget)
}

// Entries implements targets.BoardReader. Entries that are not under a
// published head yet are waited for.
func (e *Public) Entries(ctx context.Context, from, to uint64) ([][]byte, error) {
	if from > to {
		return nil, fmt.Errorf("entries %d to %d: the range runs backwards", from, to)
	}
	size, err := e.covers(ctx, to)
	if err != nil {
		return nil, err
	}
	b := budget{left: e.limits.Bytes}
	return e.entries(ctx, from, to, size, &b)
}

// covers waits for a published head of to entries, if there are so many, and
// returns its size.
func (e *Public) covers(ctx context.Context, to uint64) (uint64, error) {
	if raw, err := e.Head(ctx); err == nil {
		if size, err := headSize(raw); err != nil || size >= to {
			return size, err
		}
	} else if !errors.Is(err, errMissing) {
		return 0, err
	}
	st, err := e.status(ctx)
	if err != nil {
		return 0, err
	}
	if st.Size < to {
		return 0, fmt.Errorf("%w: %d entries are asked for, the board has %d", targets.ErrUnable, to, st.Size)
	}
	_, size, err := e.await(ctx, to)
	return size, err
}

// budget bounds the bytes of one call.
type budget struct{ left int64 }

func (b *budget) spend(n int) error {
	if b.left -= int64(n); b.left < 0 {
		return fmt.Errorf("%w: more than the bound of one call", targets.ErrTarget)
	}
	return nil
}

// entries reads the range out of the bundles of a board of size entries.
func (e *Public) entries(ctx context.Context, from, to, size uint64, b *budget) ([][]byte, error) {
	var out [][]byte
	for at := from; at < to; {
		index := at / record.TileWidth
		bundle, err := e.bundle(ctx, index, int(min(record.TileWidth, size-index*record.TileWidth)))
		if err != nil {
			return nil, err
		}
		end := min(to-index*record.TileWidth, record.TileWidth)
		for _, entry := range bundle[at%record.TileWidth : end] {
			if err := b.spend(len(entry)); err != nil {
				return nil, err
			}
			out = append(out, entry)
		}
		at = index*record.TileWidth + end
	}
	return out, nil
}

// bundle reads at least width entries of a bundle. A board may drop a partial
// bundle once the full one is there.
func (e *Public) bundle(ctx context.Context, index uint64, width int) ([][]byte, error) {
	p := record.Path{Kind: record.KindEntries, Index: index, Width: width}
	raw, err := e.file(ctx, p)
	if errors.Is(err, errMissing) && width < record.TileWidth {
		p.Width = record.TileWidth
		raw, err = e.file(ctx, p)
	}
	if err != nil {
		return nil, err
	}
	out, err := record.DecodeBundle(raw, p.Width)
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", targets.ErrTarget, p, err)
	}
	return out, nil
}

// Chunk implements targets.BoardReader.
func (e *Public) Chunk(ctx context.Context, digest string) ([]byte, error) {
	d, err := codec.ParseHex32(digest)
	if err != nil {
		return nil, err
	}
	return e.file(ctx, record.Path{Kind: record.KindChunk, Digest: d})
}

// status asks where the election stands.
func (e *Public) status(ctx context.Context) (message.Status, error) {
	return ask[message.Status](ctx, e.reads, request{path: "/v1/status"}, nil)
}

// Info implements targets.Election.
func (e *Public) Info(ctx context.Context) ([]byte, error) {
	st, err := e.status(ctx)
	if err != nil {
		return nil, err
	}
	return codec.Encode(st)
}

// reached reports that an election is in a phase or in one that comes after
// it in an election that succeeds.
func reached(now, wanted message.Phase) bool {
	order := [...]message.Phase{
		message.PhaseEmpty, message.PhaseCommit, message.PhaseReveal, message.PhaseDeal, message.PhaseCredentials,
		message.PhaseConfirm, message.PhaseReady, message.PhaseVoting, message.PhaseClosed, message.PhaseParticipated,
		message.PhaseSealed, message.PhaseDecrypting, message.PhasePublished,
	}
	return slices.Index(order[:], now) >= slices.Index(order[:], wanted)
}
