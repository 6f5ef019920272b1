package action

import (
	"context"
	"fmt"

	"scrutineer/harness/dialect/scrutineer"
	"scrutineer/harness/history"
	"scrutineer/protocols/message"
	"scrutineer/reports/event"
)

// reader holds a key alone, and decrypts ballots with it.
type reader interface {
	Read(*message.Ballot) (scrutineer.Choices, error)
}

// readBallots decrypts ballots with a key that one party alone holds.
func (s *Session) readBallots(ctx context.Context, st Step) (Result, error) {
	r := Result{Actor: "adversary", Outcome: event.OK}
	e, err := s.in(st)
	if err != nil {
		return r, err
	}
	if e.rogue == nil {
		return r, fmt.Errorf("%w: nobody holds the key alone", ErrPlan)
	}
	if err := e.settled(ctx); err != nil {
		return r, err
	}
	found := map[string]map[string]message.Ballot{} // by voter and tracker
	err = e.board.see(ctx, 0, func(v *scrutineer.View) error {
		e.mu.Lock()
		defer e.mu.Unlock()
		for i := range v.Ballots {
			tracker := v.Ballots[i].Body.Decision.Tracker.String()
			voter := e.shown[tracker]
			if found[voter] == nil {
				found[voter] = map[string]message.Ballot{}
			}
			found[voter][tracker] = v.Ballots[i].Body.Ballot
		}
		return nil
	})
	if err != nil {
		return r, err
	}
	for _, voter := range st.Args.List("voters") {
		for tracker, b := range found[voter] {
			if err := e.read(ctx, voter, tracker, &b); err != nil {
				return r, err
			}
		}
	}
	return r, nil
}

// read decrypts one ballot and records what it says.
func (e *election) read(ctx context.Context, voter, tracker string, b *message.Ballot) error {
	pending := e.invoke(event.Operation{Actor: "adversary", Role: "trustee", Op: OpRead, Adversary: true,
		Params: []event.Param{param("voter", voter)}})
	defer pending.Unknown(nil)
	var found scrutineer.Choices
	err := e.session.compute(ctx, func() (err error) {
		found, err = e.rogue.Read(b)
		return err
	})
	if err != nil {
		pending.Refused(func(o *event.Operation) { o.Message = err.Error() })
		return nil // it cannot read, which is an outcome
	}
	return e.told(pending, voter, tracker, found)
}

// told records what an adversary read in a voter's ballot.
func (e *election) told(pending *history.Pending, voter, tracker string, found scrutineer.Choices) error {
	person, _, err := e.want(voter, nil)
	if err != nil {
		return err
	}
	vote := history.Vote{}
	for contest, options := range found {
		vote[contest] = selection(options)
	}
	pending.OK(func(o *event.Operation) {
		o.Ballot = e.truth(person, vote)
		o.Ballot.Tracker = tracker
	})
	return nil
}
