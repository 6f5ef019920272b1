package client

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"strconv"
	"time"

	"scrutineer/protocols/record"
	"scrutineer/reference-evoting/board"
)

// missing turns a 404 into fs.ErrNotExist.
func missing(err error) error {
	var p *Problem
	if errors.As(err, &p) && p.Status == http.StatusNotFound {
		return fmt.Errorf("%w: %w", err, fs.ErrNotExist)
	}
	return err
}

// File implements tiles.Source.
func (c *Client) File(ctx context.Context, path string) ([]byte, error) {
	a, err := c.do(ctx, request{method: http.MethodGet, path: "/" + path, limit: maxFile})
	return a.body, missing(err)
}

// Await implements tiles.Awaiter: the newest cosigned checkpoint as soon as it
// covers at least size entries.
func (c *Client) Await(ctx context.Context, size uint64) ([]byte, error) {
	return c.await(ctx, "cosigned", size)
}

// AwaitPending returns the head to cosign as soon as it covers at least size
// entries.
func (c *Client) AwaitPending(ctx context.Context, size uint64) ([]byte, error) {
	return c.await(ctx, "pending", size)
}

func (c *Client) await(ctx context.Context, head string, size uint64) ([]byte, error) {
	path := "/v1/wait?head=" + head + "&size=" + strconv.FormatUint(size, 10)
	for {
		begin := time.Now()
		a, err := c.do(ctx, request{method: http.MethodGet, path: path, limit: record.MaxCheckpoint, timeout: c.poll})
		if err != nil {
			return nil, err
		}
		if a.status != http.StatusNoContent {
			return a.body, nil
		}
		// A server that says at once that nothing came is not asked at once.
		if err := pause(ctx, 100*time.Millisecond-time.Since(begin)); err != nil {
			return nil, err
		}
	}
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

// Moment is one of the checkpoints that the record keeps, or
// board.ErrNoCheckpoint.
func (c *Client) Moment(ctx context.Context, m record.Moment) ([]byte, error) {
	a, err := c.do(ctx, request{method: http.MethodGet, path: "/checkpoints/" + string(m), limit: record.MaxCheckpoint})
	if err = missing(err); errors.Is(err, fs.ErrNotExist) {
		return nil, board.ErrNoCheckpoint
	}
	return a.body, err
}

// Witnessed is the board as a witness meets it: it implements witness.Board.
type Witnessed struct{ *Client }

// Pending is the head to cosign.
func (w Witnessed) Pending(ctx context.Context) ([]byte, error) { return w.reader.Pending(ctx) }

// Consistency proves that one head extends another.
func (w Witnessed) Consistency(ctx context.Context, from, to uint64) ([]board.Hash, error) {
	return w.reader.Consistency(ctx, from, to)
}

// Cosign hands in a head with the witness's line.
func (w Witnessed) Cosign(ctx context.Context, note []byte) error {
	_, err := w.do(ctx, request{
		method: http.MethodPost, path: "/v1/cosignatures", body: note,
		mediaType: "text/plain; charset=utf-8", limit: maxAnswer,
	})
	return err
}
