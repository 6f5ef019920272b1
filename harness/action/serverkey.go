package action

import (
	"context"
	"errors"
	"fmt"

	"scrutineer/harness/dialect/scrutineer"
	"scrutineer/protocols/message"
	"scrutineer/targets"
)

var keyWays = map[string]scrutineer.SubstituteKey{
	"own": scrutineer.KeyOwn, "added": scrutineer.KeyAdded, "subset": scrutineer.KeySubset,
}

// errHeld: the last confirmation is in the server's hand.
var errHeld = errors.New("the server holds the last confirmation back")

// setupServerKey is E06: the server opens with a key of its own.
func (s *Session) setupServerKey(ctx context.Context, st Step) (Result, error) {
	def, err := s.define(st.Name)
	if err != nil {
		return Result{}, err
	}
	if def.Await == "" {
		return Result{}, fmt.Errorf("%w: the harness must play a trustee, whose confirmation the server holds back", ErrPlan)
	}
	r, err := s.begin(ctx, st, def, func(ctx context.Context, e *election) (*targets.Refusal, error) {
		return s.openWith(ctx, e, keyWays[st.Args.Text("key")])
	})
	r.Actor = "server"
	return r, err
}

// openWith goes through the ceremony up to the last confirmation, and then
// writes it on the board with an opening that names another key.
func (s *Session) openWith(ctx context.Context, e *election, way scrutineer.SubstituteKey) (*targets.Refusal, error) {
	s.seatTrustees(e)
	var held []scrutineer.Parcel
	var public *scrutineer.Election
	refusal, err := e.ceremony(ctx, func(v *scrutineer.View) ([]scrutineer.Parcel, error) {
		owed, err := e.owed(v)
		if err != nil {
			return nil, err
		}
		var posts []scrutineer.Parcel
		for _, p := range owed {
			entry, err := message.DecodeEntry(p.Entry)
			if err != nil {
				return nil, err
			}
			if entry.Type == message.TypeConfirm {
				held = append(held, p)
			} else {
				posts = append(posts, p)
			}
		}
		if len(held) > 0 && confirmations(v)+len(held) == len(v.Confirms) {
			public = v.Election
			return nil, errHeld
		}
		return posts, nil
	})
	if !errors.Is(err, errHeld) {
		return refusal, err
	}
	_, a, err := e.insider(ctx)
	if err != nil {
		return nil, err
	}
	key, err := scrutineer.NewServerKey(way, public, s.stream(e, "server/key"))
	if err != nil {
		return nil, err
	}
	open, err := key.Open(a, public)
	if err != nil {
		return nil, err
	}
	if err := e.writeBoard(ctx, append(held, open)); err != nil {
		return nil, err
	}
	refusal, err = e.objections(ctx)
	if refusal == nil && err == nil {
		e.rogue = key
	}
	return refusal, err
}

// confirmations counts those on the board.
func confirmations(v *scrutineer.View) int {
	n := 0
	for _, c := range v.Confirms {
		if c != nil {
			n++
		}
	}
	return n
}
