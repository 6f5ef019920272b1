package action

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"

	"scrutineer/harness/dialect/scrutineer"
	"scrutineer/harness/liar"
	"scrutineer/protocols/message"
	"scrutineer/reports/event"
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

// voteUnderKey is E06 against some voters: to their clients alone the server
// names a key of its own, and it casts what they want under the right one.
func (s *Session) voteUnderKey(ctx context.Context, st Step) (Result, error) {
	r := Result{Actor: "server", Outcome: event.Unknown}
	e, err := s.in(st)
	if err != nil {
		return r, err
	}
	public, err := e.public(ctx)
	if err != nil {
		return r, err
	}
	i, a, err := e.insider(ctx)
	if err != nil {
		return r, err
	}
	key, err := scrutineer.NewServerKey(scrutineer.KeyOwn, public, s.stream(e, "server/key"))
	if err != nil {
		return r, err
	}
	reader := &reencryption{key: key, election: public, random: s.stream(e, "server/ballots"), found: map[string]scrutineer.Choices{}}
	var one sync.Mutex // the board is written by one at a time
	spy := &liar.Spy{Key: key.Key, Substituter: &liar.Substituter{Authority: a, Election: public, Forge: reader.forge,
		Write: func(ctx context.Context, p scrutineer.Parcel) (uint64, error) {
			one.Lock()
			defer one.Unlock()
			return e.write(ctx, p)
		}}}
	voters := st.Args.List("voters")
	ballots := make([]voting, len(voters))
	for k, voter := range voters {
		ballots[k] = voting{election: e, voter: voter}
	}
	done, err := s.behind(ctx, e, i, spy.Answer, func() (Result, error) { return s.together(ctx, st, voters, ballots) })
	done.Actor = r.Actor
	if err != nil {
		return done, err
	}
	return done, e.overheard(reader.found)
}

// reencryption reads ballots with a key of the server's own and makes the same
// again under the election's.
type reencryption struct {
	key      *scrutineer.ServerKey
	election *scrutineer.Election

	mu     sync.Mutex
	random io.Reader
	found  map[string]scrutineer.Choices // by tracker of what was made
}

func (r *reencryption) forge(b *message.Ballot) (*scrutineer.Prepared, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	choices, err := r.key.Read(b)
	if err != nil {
		return nil, err
	}
	line := scrutineer.Line{Key: b.Caster.Credential, Style: b.Style, Unit: b.Unit, Weight: b.Weight}
	p, err := r.election.Prepare(line, choices, r.random)
	if err != nil {
		return nil, err
	}
	r.found[p.Tracker.String()] = choices
	return p, nil
}

// overheard records what was read, voter by voter.
func (e *election) overheard(found map[string]scrutineer.Choices) error {
	e.mu.Lock()
	of := map[string]string{} // trackers by voter
	for tracker := range found {
		if voter := e.shown[tracker]; voter != "" {
			of[voter] = tracker
		}
	}
	e.mu.Unlock()
	for _, voter := range slices.Sorted(maps.Keys(of)) {
		pending := e.invoke(event.Operation{Actor: "adversary", Role: "authority", Op: OpRead, Adversary: true,
			Params: []event.Param{param("voter", voter)}})
		if err := e.told(pending, voter, of[voter], found[of[voter]]); err != nil {
			pending.Unknown(nil)
			return err
		}
	}
	return nil
}
