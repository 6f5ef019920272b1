package core

import (
	"bytes"
	"context"
	"fmt"

	"scrutineer/reference-evoting/authority"
	"scrutineer/targets"
)

var _ targets.Importer = (*election)(nil)

// settling marks a context in which settle is under way: a liar that is asked
// by a role may read the board and import.
type settling struct{}

// start runs the authority.
func (e *election) start(ctx context.Context) {
	run, stop := context.WithCancel(context.WithoutCancel(ctx))
	a, done := e.authority, make(chan struct{})
	e.stop, e.done = stop, done
	go func() {
		defer close(done)
		_ = a.Run(run) // its error is in authority.Err
	}()
}

// post brings a role's entry to the authority, past the liar where there is
// one. The caller holds mu.
func (e *election) post(ctx context.Context, raw []byte) error {
	if e.liar == nil {
		_, err := e.authority.Append(ctx, raw)
		return err
	}
	r, err := e.liar(context.WithValue(ctx, settling{}, true), targets.Request{Method: "POST", Path: paths["entry"], Body: raw}, e.serve)
	if err == nil && r.Status >= 300 {
		err = &authority.Problem{Status: r.Status, Code: "refused", Detail: "the answer to an entry"}
	}
	return err
}

// Import implements targets.Importer for a board that only grows. Nobody may
// ask the authority meanwhile.
func (e *election) Import(ctx context.Context, entries, chunks [][]byte) (uint64, error) {
	size := e.log.Size()
	if uint64(len(entries)) < size {
		return 0, fmt.Errorf("%w: a board that has become shorter", targets.ErrUnable)
	}
	err := e.log.Entries(ctx, 0, size, func(i uint64, raw []byte) error {
		if !bytes.Equal(raw, entries[i]) {
			return fmt.Errorf("%w: another board", targets.ErrUnable)
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	for _, c := range chunks {
		if _, err := e.log.PutChunk(ctx, c); err != nil {
			return 0, err
		}
	}
	e.stop()
	<-e.done
	if _, err := e.log.Append(ctx, entries[size:]...); err != nil {
		return 0, err
	}
	e.config.Store = authority.NewMemoryStore()
	if e.authority, err = authority.New(ctx, e.config); err != nil {
		return 0, err
	}
	e.start(ctx)
	// What it owes is posted before it refuses this.
	_, _ = e.authority.CloseChannel(ctx, "")
	return uint64(len(entries)), nil
}
