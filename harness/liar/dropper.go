package liar

import (
	"context"
	"fmt"
	"sync"

	"scrutineer/harness/dialect/scrutineer"
	"scrutineer/targets"
)

// Dropper is a server that acknowledges decisions and keeps them to itself
// (D03): first with a bare acknowledgement, and if it is asked again with a
// signed receipt for the next free index. It holds the keys of authority and
// board. It is safe for concurrent use.
type Dropper struct {
	Authority scrutineer.Authority
	Election  *scrutineer.Election
	// Next tells the next free index.
	Next func(ctx context.Context) (uint64, error)

	mu    sync.Mutex
	asked map[string]bool
}

// Answer is a targets.Liar.
func (d *Dropper) Answer(ctx context.Context, r targets.Request, next targets.Next) (targets.Response, error) {
	m, ok := decision(r)
	if !ok {
		return next(ctx, r)
	}
	how := scrutineer.AckBare
	if d.again(m.Tracker.String()) {
		how = scrutineer.AckPromise
	}
	index, err := d.Next(ctx)
	if err != nil {
		return targets.Response{}, err
	}
	raw, err := d.Authority.Drop(how, d.Election, m, index)
	if err != nil {
		return targets.Response{}, fmt.Errorf("forging a receipt: %w", err)
	}
	return targets.Response{Status: 200, ContentType: "application/json", Body: raw}, nil
}

// again reports that the decision for this tracker was answered before.
func (d *Dropper) again(tracker string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.asked == nil {
		d.asked = map[string]bool{}
	}
	was := d.asked[tracker]
	d.asked[tracker] = true
	return was
}
