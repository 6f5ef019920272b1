// Package load makes the traffic that harness/linear looks at: voters with
// several devices each, who cast, cast again, challenge and repeat themselves
// all at once while somebody closes the box. It plays them with the dialect's
// honest client and records what it was answered.
package load

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"

	"scrutineer/harness/dialect/scrutineer"
	"scrutineer/harness/history"
	"scrutineer/harness/linear"
	"scrutineer/protocols/codec"
	"scrutineer/protocols/manage"
	"scrutineer/protocols/message"
	"scrutineer/protocols/ristretto"
	"scrutineer/reports/event"
	"scrutineer/targets"
)

// Election is what the traffic needs of a target's election.
type Election interface {
	targets.Submitter
	targets.BoardReader
	targets.Closer
	targets.Credentials
}

// Config says how much traffic there is.
type Config struct {
	Voters []string
	// Operations is how many decisions are sent before the close; those that
	// run into it come on top.
	Operations int
	Seed       scrutineer.Seed
	ID         string // of the election, in the history
	History    *history.Recorder
}

// Run makes the traffic and closes the box in the middle of the last of it. It
// returns when everybody has been answered.
func Run(ctx context.Context, e Election, cfg Config) error {
	public, err := read(ctx, e)
	if err != nil {
		return err
	}
	l := &load{cfg: cfg, election: e, stop: make(chan struct{})}
	var wg sync.WaitGroup
	errs := make([]error, len(cfg.Voters)+1)
	for i, name := range cfg.Voters {
		v, err := l.voter(ctx, public, name)
		if err != nil {
			return err
		}
		random := rand.New(rand.NewChaCha8(cfg.Seed.Child("moves").Child(name)))
		wg.Go(func() { errs[i] = l.vote(ctx, v, random) })
	}
	select {
	case <-l.stop: // somebody has sent the last decision: the others are at it
	case <-ctx.Done():
	}
	errs[len(cfg.Voters)] = l.close(ctx)
	wg.Wait()
	return errors.Join(errs...)
}

type load struct {
	cfg      Config
	election Election
	sent     atomic.Int64
	once     sync.Once
	stop     chan struct{}
	closed   atomic.Bool
}

// count counts a decision and calls for the close after the last.
func (l *load) count() {
	if l.sent.Add(1) >= int64(l.cfg.Operations) {
		l.once.Do(func() { close(l.stop) })
	}
}

// read learns the election from its board.
func read(ctx context.Context, e Election) (*scrutineer.Election, error) {
	v := scrutineer.View{Trusting: true}
	for size := uint64(1); v.Election == nil; size++ {
		if _, err := e.Await(ctx, size); err != nil {
			return nil, fmt.Errorf("waiting for the opening: %w", err)
		}
		list, err := e.Entries(ctx, v.Size(), size)
		if err != nil {
			return nil, err
		}
		for _, raw := range list {
			_ = v.Add(raw, func(d message.Digest) ([]byte, error) { return e.Chunk(ctx, d.String()) })
		}
	}
	return v.Election, nil
}

// voter is a voter with the credential that the registrar gave.
func (l *load) voter(ctx context.Context, public *scrutineer.Election, name string) (*scrutineer.Voter, error) {
	raw, err := l.election.Credential(ctx, name)
	if err != nil {
		return nil, err
	}
	c, err := codec.Decode[manage.Credential](raw, codec.Limits{Size: 4096})
	if err != nil {
		return nil, fmt.Errorf("credential of %s: %w", name, err)
	}
	secret := new(ristretto.Scalar)
	if err := secret.UnmarshalBinary(c.Secret[:]); err != nil {
		return nil, fmt.Errorf("credential of %s: %w", name, err)
	}
	return &scrutineer.Voter{
		ID: name, Credential: scrutineer.NewCredential(secret), Election: public,
		Line:   scrutineer.Line{Key: c.Key, Style: c.Style, Unit: c.Unit, Weight: c.Weight},
		Random: l.cfg.Seed.Child("voters").Stream(name),
	}, nil
}

// move is one decision that some device of a voter sends.
type move struct {
	kind        linear.Kind
	tracker     string
	predecessor string
	bytes       []byte
}

// vote goes on until the box is closed: in each round the voter's devices send
// decisions on two ballots after one predecessor, some of them again, one that
// is out of date, and now and then a challenge.
func (l *load) vote(ctx context.Context, v *scrutineer.Voter, random *rand.Rand) error {
	head, old := message.None, message.None
	var left *scrutineer.Prepared // decided on by nobody yet
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		default:
		}
		if l.closed.Load() {
			return nil
		}
		ballots, err := l.ballots(ctx, v, left, random)
		if err != nil || len(ballots) < 2 {
			return err // the box takes no ballots any more
		}
		moves, err := movesOf(v, ballots, head, old, random)
		if err != nil {
			return err
		}
		taken := l.send(ctx, v, moves)
		old, left = head, nil
		for _, p := range ballots {
			switch t := p.Tracker.String(); taken[t] {
			case linear.Cast:
				head = t
			case "":
				left = p
			}
		}
	}
}

// ballots are the one that was left and new ones, handed in; fewer than two
// where the box has closed meanwhile.
func (l *load) ballots(ctx context.Context, v *scrutineer.Voter, left *scrutineer.Prepared, random *rand.Rand) ([]*scrutineer.Prepared, error) {
	var out []*scrutineer.Prepared
	if left != nil {
		out = append(out, left)
	}
	contest := v.Election.Manifest.Contests[0]
	for len(out) < 2 {
		p, err := v.Prepare(scrutineer.Choices{contest.ID: {contest.Options[random.IntN(len(contest.Options))].ID}})
		if err != nil {
			return nil, err
		}
		raw, err := v.Submission(p)
		if err != nil {
			return nil, err
		}
		a, err := l.election.Submit(ctx, "ballot", raw)
		if err != nil {
			return nil, err
		}
		if a.Outcome != targets.OK {
			if a.Code == string(message.ReasonClosed) {
				return nil, nil
			}
			return nil, fmt.Errorf("%s: the box does not take a ballot: %s %s", v.ID, a.Code, a.Detail)
		}
		out = append(out, p)
	}
	return out, nil
}

func movesOf(v *scrutineer.Voter, ballots []*scrutineer.Prepared, head, old string, random *rand.Rand) ([]move, error) {
	var out []move
	cast := func(p *scrutineer.Prepared, after string, times int) error {
		_, raw, err := v.Cast(p, after)
		for range times {
			out = append(out, move{linear.Cast, p.Tracker.String(), after, raw})
		}
		return err
	}
	if err := errors.Join(cast(ballots[0], head, 1+random.IntN(10)), cast(ballots[1], head, 1+random.IntN(10))); err != nil {
		return nil, err
	}
	if old != head {
		if err := cast(ballots[random.IntN(2)], old, 1); err != nil {
			return nil, err
		}
	}
	if random.IntN(4) == 0 {
		p := ballots[random.IntN(2)]
		_, raw, err := v.Challenge(p)
		if err != nil {
			return nil, err
		}
		out = append(out, move{linear.Challenge, p.Tracker.String(), "", raw})
	}
	v.History = nil // who stands is told from the answers
	random.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out, nil
}

// send sends all moves at once and says what became of each tracker.
func (l *load) send(ctx context.Context, v *scrutineer.Voter, moves []move) map[string]linear.Kind {
	taken := map[string]linear.Kind{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for _, m := range moves {
		wg.Go(func() {
			if l.decide(ctx, v, m) {
				mu.Lock()
				defer mu.Unlock()
				taken[m.tracker] = m.kind
			}
		})
	}
	wg.Wait()
	return taken
}

// decide sends a decision and records what came of it.
func (l *load) decide(ctx context.Context, v *scrutineer.Voter, m move) (accepted bool) {
	ballot := &event.Ballot{Credential: v.Credential.Key.String(), Tracker: m.tracker, Predecessor: m.predecessor}
	pending := l.cfg.History.Invoke(event.Operation{Election: l.cfg.ID, Actor: v.ID, Role: history.RoleVoter, Op: string(m.kind), Ballot: ballot})
	defer pending.Unknown(nil)
	l.count()
	a, err := l.election.Submit(ctx, string(m.kind), m.bytes)
	if err != nil {
		return false
	}
	if r, err := codec.Decode[message.Receipt](a.Body, codec.Limits{Size: 4096}); err == nil && r.Index < 1<<53 {
		pending.OK(func(o *event.Operation) {
			index := int64(r.Index)
			o.Ballot.Index = &index
		})
		return true
	}
	if r, err := codec.Decode[message.Refusal](a.Body, codec.Limits{Size: 4096}); err == nil {
		pending.Refused(func(o *event.Operation) { o.Code = string(r.Reason) })
	}
	return false
}

// close closes the box.
func (l *load) close(ctx context.Context) error {
	defer l.closed.Store(true)
	pending := l.cfg.History.Invoke(event.Operation{Election: l.cfg.ID, Actor: "authority", Op: history.OpSeal})
	defer pending.Unknown(nil)
	a, err := l.election.CloseVoting(ctx)
	if err == nil && a.Outcome == targets.OK {
		pending.OK(nil)
	}
	return err
}
