package action

import (
	"context"
	"fmt"

	"scrutineer/harness/dialect/scrutineer"
	"scrutineer/harness/history"
	"scrutineer/harness/liar"
	"scrutineer/protocols/message"
	"scrutineer/reports/event"
	"scrutineer/targets"
)

// splitView is D01: two boards, one for a voter and one for the rest. The liar
// stays to the end.
func (s *Session) splitView(ctx context.Context, st Step) (Result, error) {
	r := Result{Actor: "server", Outcome: event.Unknown}
	e, err := s.in(st)
	if err != nil {
		return r, err
	}
	i, a, err := e.insider(ctx)
	if err != nil {
		return r, err
	}
	voter := st.Args.Text("voter")
	two, err := e.splitter(ctx, st, voter, a)
	if err != nil {
		return r, err
	}
	e.liar.Lock()
	defer e.liar.Unlock()
	if err := i.Interpose(ctx, two.Answer); err != nil {
		return r, wrapTarget(err)
	}
	done, err := s.plain(ctx, st, e, st.Args.List("before"))
	if err != nil || done.Outcome != event.OK {
		return done, err
	}
	if err := e.readied(ctx, two); err != nil {
		return r, err
	}
	done, err = s.plain(ctx, st, e, []string{voter})
	done.Actor = r.Actor
	if err != nil || done.Outcome != event.OK {
		return done, err
	}
	if st.Args.Text("parted") == "for-good" {
		if found, err := e.look(ctx, voter); err != nil || found != "" {
			return Result{Actor: r.Actor, Outcome: event.Refused, Detail: found}, err
		}
	}
	return done, nil
}

// plain lets voters vote without anything odd.
func (s *Session) plain(ctx context.Context, st Step, e *election, voters []string) (Result, error) {
	ballots := make([]voting, len(voters))
	for k, voter := range voters {
		ballots[k] = voting{election: e, voter: voter}
	}
	return s.together(ctx, st, voters, ballots)
}

// splitter makes the liar that the step wants.
func (e *election) splitter(ctx context.Context, st Step, voter string, a scrutineer.Authority) (*liar.Splitter, error) {
	public, err := e.public(ctx)
	if err != nil {
		return nil, err
	}
	key, err := e.keyOf(ctx, voter)
	if err != nil {
		return nil, err
	}
	two := &liar.Splitter{Authority: a, Election: public, Voter: key, Standing: func(ctx context.Context) ([][]byte, error) {
		if err := e.settled(ctx); err != nil {
			return nil, err
		}
		all, err := e.board.all(ctx)
		var out [][]byte
		for _, p := range all {
			out = append(out, p.Entry)
		}
		return out, err
	}}
	switch st.Args.Text("head") {
	case "unsigned":
		two.Unsigned = true
	case "one-witness":
		two.Witness = "witness/" + public.Manifest.Witnesses[0].ID
	}
	if st.Args.Text("parted") == "at-close" {
		for _, c := range public.Manifest.Channels {
			p, err := a.Close(public, c.ID)
			if err != nil {
				return nil, err
			}
			two.After = append(two.After, p)
		}
	}
	return two, nil
}

// readied waits until those who are to be fooled have seen all of the common
// board and ask for more.
func (e *election) readied(ctx context.Context, two *liar.Splitter) error {
	if err := e.settled(ctx); err != nil {
		return err
	}
	status, err := e.info(ctx)
	if err != nil {
		return err
	}
	if err := two.Ready(ctx, status.Size); err != nil {
		return fmt.Errorf("%w: nobody reads the board through the server: %w", targets.ErrTarget, err)
	}
	return nil
}

// look has a voter make the owed check. What he finds is an alarm; a head that
// his client will not take is its refusal as well, and is returned.
func (e *election) look(ctx context.Context, voter string) (string, error) {
	p, err := e.player(ctx, voter)
	if err != nil {
		return "", err
	}
	pending := e.invoke(event.Operation{Actor: voter, Role: history.RoleVoter, Op: OpCheck})
	defer pending.Unknown(nil)
	found, err := p.check(ctx)
	if err != nil {
		return "", wrapTarget(err)
	}
	pending.OK(nil)
	e.session.alarms(by("voter/"+voter, found))
	for _, f := range found {
		if f.Check == headCheck && f.Culprit == string(message.RoleBoard) {
			e.session.refused(e.step, history.RoleVoter, f.Check, f.Detail)
			return f.Check + ": " + f.Detail, nil
		}
	}
	return "", nil
}

// headCheck is the check of heads.
const headCheck = "V-02"
