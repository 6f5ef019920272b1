package wire

import (
	"errors"

	"scrutineer/targets"
)

// Public is an election behind its public interface.
type Public struct {
	limits  Limits
	reads   *client // what is read of the board
	clients *client // what is handed in; liars stand before this one
	liars   *Interposer
	shelf   shelf
}

var (
	_ targets.Election    = (*Public)(nil)
	_ targets.Submitter   = (*Public)(nil)
	_ targets.Racer       = (*Public)(nil)
	_ targets.BoardReader = (*Public)(nil)
)

// NewPublic connects to nobody yet. The interposer may be nil.
func NewPublic(p Port, limits Limits, liars *Interposer) (*Public, error) {
	limits = limits.withDefaults()
	if liars == nil {
		liars = &Interposer{}
	}
	reads, err := newClient(p, limits, nil)
	if err != nil {
		return nil, err
	}
	clients, err := newClient(p, limits, liars.Between)
	return &Public{limits: limits, reads: reads, clients: clients, liars: liars}, errors.Join(err)
}

// Close implements targets.Election. It lets go of connections; the server is
// somebody else's.
func (e *Public) Close() error {
	e.reads.close()
	e.clients.close()
	return nil
}
