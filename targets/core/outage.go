package core

import (
	"context"
	"errors"
	"sync"

	"scrutineer/targets"
)

// outage is how the identity service fails those who ask it.
type outage struct {
	mu     sync.Mutex
	how    targets.Failure
	mended chan struct{} // closed by the next Fail
	asks   int
}

// nth is the request in so many that breaks.
const nth = 20

var errAway = errors.New("the identity service is not there")

// Fail implements targets.Dependent.
func (e *election) Fail(_ context.Context, how targets.Failure) error {
	if e.identity == nil {
		return targets.ErrUnable
	}
	o := &e.outage
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.mended != nil {
		close(o.mended)
	}
	o.how, o.mended = how, make(chan struct{})
	return nil
}

// asked says whether a request fails, and how.
func (o *outage) asked(ctx context.Context) (answer targets.Response, err error, failing bool) {
	o.mu.Lock()
	how, mended := o.how, o.mended
	o.asks++
	broken := o.asks%nth == 0
	o.mu.Unlock()
	switch how {
	case targets.Refuses:
		return answer, errAway, true
	case targets.Hangs:
		select {
		case <-mended:
		case <-ctx.Done():
			return answer, ctx.Err(), true
		}
	case targets.Garbage:
		return targets.Response{Status: 200, ContentType: "application/json", Body: []byte("\x00{\"token\":")}, nil, true
	case targets.Errors:
		return answer, errAway, broken
	}
	return answer, nil, false
}
