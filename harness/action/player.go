package action

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"scrutineer/harness/dialect/scrutineer"
	"scrutineer/harness/history"
	"scrutineer/protocols/message"
	"scrutineer/reports/event"
	"scrutineer/targets"
)

// player is a voter's client: the target's or the harness's.
type player interface {
	encrypt(ctx context.Context, choices scrutineer.Choices) (*ballot, error)
	cast(ctx context.Context, b *ballot) (targets.Answer, error)
	challenge(ctx context.Context, b *ballot) (targets.Answer, error)
	check(ctx context.Context) ([]targets.Finding, error)
	readNotices(ctx context.Context) ([]targets.Finding, error)
}

// ballot is a ballot that the box has, and that waits for a decision.
type ballot struct {
	handle, tracker string
	predecessor     string // where the harness knows it
	sent            *sent  // where the harness plays the voter
}

// sent is all that somebody knows who saw a ballot pass.
type sent struct {
	submission, decision []byte
	prepared             *scrutineer.Prepared
	ticket               *scrutineer.Ticket
	index                uint64 // promised, where it was acknowledged
}

// errBox is wrapped by encrypt where the box did not take the ballot, or the
// voter's client not what the box answered; it carries the answer.
type errBox struct {
	role   string // who refuses
	answer targets.Answer
}

func (e errBox) Error() string {
	return fmt.Sprintf("the %s does not take the ballot: %s %s", e.role, e.answer.Code, e.answer.Detail)
}

// player returns the voter's client; it is the same each time.
func (e *election) player(ctx context.Context, voter string) (player, error) {
	e.mu.Lock()
	p := e.players[voter]
	e.mu.Unlock()
	if p != nil {
		return p, nil
	}
	var err error
	if e.session.cfg.Plan.Harness("voter", voter) {
		p, err = e.harnessVoter(ctx, voter)
	} else {
		p, err = e.targetVoter(ctx, voter)
	}
	if err != nil {
		return nil, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.players[voter] == nil {
		e.players[voter] = p
	}
	return e.players[voter], nil
}

// own returns a voter whom the harness plays.
func (e *election) own(ctx context.Context, voter string) (*harnessVoter, error) {
	p, err := e.player(ctx, voter)
	if err != nil {
		return nil, err
	}
	v, ok := p.(*harnessVoter)
	if !ok {
		return nil, fmt.Errorf("%w: the harness does not play voter %s", ErrPlan, voter)
	}
	return v, nil
}

// stream is the randomness of somebody in one election.
func (s *Session) stream(e *election, actor string) io.Reader {
	return s.cfg.Seed.Child(e.step).Stream(actor)
}

// show notes whose tracker it is.
func (e *election) show(voter, tracker string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.shown[tracker] = voter
}

// targetVoter is a voter with the target's own client.
type targetVoter struct {
	client  targets.Voter
	session *Session
	// shown is under which option's id the voter is shown what he wants, by
	// contest, where that is another.
	shown map[string]map[string]string
}

func (e *election) targetVoter(ctx context.Context, voter string) (player, error) {
	voters, err := ability[targets.Voters](e, targets.Client)
	if err != nil {
		return nil, err
	}
	c, err := voters.Voter(ctx, voter)
	if err != nil {
		return nil, wrapTarget(err)
	}
	return &targetVoter{client: c, session: e.session, shown: e.shows}, nil
}

// wrapTarget marks an error as the target's unless it says that the target
// lacks an ability.
func wrapTarget(err error) error {
	if err == nil || errors.Is(err, targets.ErrUnable) || errors.Is(err, targets.ErrTarget) {
		return err
	}
	return fmt.Errorf("%w: %w", targets.ErrTarget, err)
}

func (v *targetVoter) encrypt(ctx context.Context, choices scrutineer.Choices) (*ballot, error) {
	var objection *targets.Objection
	handle, tracker, err := v.client.Encrypt(ctx, v.marks(choices))
	switch {
	case err != nil && ctx.Err() != nil, errors.Is(err, targets.ErrUnable):
		return nil, err
	case errors.As(err, &objection):
		return nil, errBox{history.RoleVoter, targets.Answer{Outcome: targets.Refused, Code: objection.Check, Detail: objection.Detail}}
	case err != nil:
		return nil, errBox{"authority", targets.Answer{Outcome: targets.Refused, Detail: err.Error()}}
	}
	return &ballot{handle: handle, tracker: tracker}, nil
}

// marks are the options whose names on the voter's screen are what he wants.
func (v *targetVoter) marks(choices scrutineer.Choices) scrutineer.Choices {
	if v.shown == nil {
		return choices
	}
	out := scrutineer.Choices{}
	for contest, options := range choices {
		out[contest] = make([]string, len(options))
		for i, o := range options {
			out[contest][i] = o
			if other, ok := v.shown[contest][o]; ok {
				out[contest][i] = other
			}
		}
	}
	return out
}

func (v *targetVoter) cast(ctx context.Context, b *ballot) (targets.Answer, error) {
	a, err := v.client.Cast(ctx, b.handle)
	return answered(ctx, a, err)
}

func (v *targetVoter) challenge(ctx context.Context, b *ballot) (targets.Answer, error) {
	a, err := v.client.Challenge(ctx, b.handle)
	return answered(ctx, a, err)
}

func (v *targetVoter) check(ctx context.Context) ([]targets.Finding, error) {
	return v.client.Check(ctx)
}

// want is what a voter wants: as the election says, or as the step does.
func (e *election) want(voter string, instead map[string][]string) (history.Voter, history.Vote, error) {
	v, ok := e.session.cfg.Plan.Electorate.Voter(voter)
	if !ok {
		return v, nil, fmt.Errorf("%w: no voter %s", ErrPlan, voter)
	}
	if instead == nil {
		return v, v.Intent, nil
	}
	vote := history.Vote{}
	for contest, options := range instead {
		vote[contest] = selection(options)
	}
	for contest, s := range v.Intent {
		if _, ok := vote[contest]; !ok {
			vote[contest] = s
		}
	}
	return v, vote, nil
}

func selection(options []string) history.Selection {
	if slices.Equal(options, []string{message.BlankOption}) {
		return history.Selection{Blank: true}
	}
	return history.Selection{Options: options}
}

// choices turns a vote into what clients take.
func choices(v history.Vote) scrutineer.Choices {
	out := scrutineer.Choices{}
	for contest, s := range v {
		out[contest] = slices.Clone(s.Options)
		if s.Blank {
			out[contest] = []string{message.BlankOption}
		}
		if out[contest] == nil {
			out[contest] = []string{}
		}
	}
	return out
}

// truth is the ground truth of a ballot; a nil vote is no lawful one.
func (e *election) truth(v history.Voter, vote history.Vote) *event.Ballot {
	b := &event.Ballot{Style: v.Style, Unit: v.Unit, Weight: int64(v.Weight)}
	if vote != nil {
		b.Choices = e.session.cfg.Plan.Electorate.Choices(v.Style, vote)
	}
	return b
}
