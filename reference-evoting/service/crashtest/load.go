package crashtest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"scrutineer/protocols/message"
	"scrutineer/reference-evoting/registrar"
	"scrutineer/reference-evoting/service/client"
	"scrutineer/reference-evoting/voter"
)

// voterOf casts again and again. One whose answer was lost asks again until he
// knows, or never again: then nobody but the board knows.
type voterOf struct {
	election *election
	client   *voter.Client
	random   *rand.Rand
	id       string

	acknowledged []cast
	lost         *cast // the one that was not asked for again
	refused      []string
}

// cast is a decision with what its voter wanted.
type cast struct {
	prepared *voter.Prepared
	choice   int
	decision []byte
	receipt  []byte
}

func newVoter(e *election, i int, c registrar.Credential) *voterOf {
	return &voterOf{
		election: e, id: c.Voter.ID,
		client: voter.New(e.voting, voter.Credential{Key: c.Key, Secret: c.Secret, Style: "all", Unit: "town", Weight: 1},
			e.seed.Stream("voter", c.Voter.ID, "")),
		random: rand.New(rand.NewPCG(e.cfg.Seed, uint64(i))),
	}
}

// giveUp: of the decisions whose answer is lost one in so many is never asked
// for again.
const giveUp = 16

// again is how long a voter waits before he tries a server that is away.
const again = 15 * time.Millisecond

// errGaveUp: the voter does not want to know any more.
var errGaveUp = errors.New("gave up")

// castOne brings one ballot in, whatever happens to the server meanwhile. It
// returns when the voter has a receipt and when he gives up, as he does with a
// refusal: none is due to him.
func (v *voterOf) castOne(ctx context.Context) error {
	c, err := v.fill()
	if err != nil {
		return err
	}
	return v.finish(ctx, c, v.random.IntN(giveUp) != 0)
}

// fill makes a ballot that nobody has seen yet.
func (v *voterOf) fill() (c cast, err error) {
	c.choice = v.random.IntN(len(options))
	c.prepared, err = v.client.Encrypt(voter.Choices{"council": {options[c.choice]}})
	return c, err
}

// finish brings a ballot in, however far it has come.
func (v *voterOf) finish(ctx context.Context, c cast, patient bool) error {
	var err error
	if c.decision == nil {
		err = v.submit(ctx, c)
	}
	if err != nil {
		return err
	}
	if c.decision, err = v.client.Cast(c.prepared); err != nil {
		return err
	}
	for {
		raw, err := v.election.client.Cast(ctx, c.decision)
		if err == nil {
			err = v.client.Answer(c.prepared, raw)
		}
		var p *client.Problem
		switch {
		case err == nil && c.prepared.Receipt() != nil:
			c.receipt = raw
			v.acknowledged = append(v.acknowledged, c)
			return nil
		case err == nil:
			v.refused = append(v.refused, fmt.Sprintf("%s: refused: %s", v.id, c.prepared.Refusal().Reason))
			return errGaveUp
		case errors.As(err, &p) && p.Status < http.StatusInternalServerError:
			return fmt.Errorf("%s: cast: %w", v.id, err)
		case !patient || pause(ctx, again) != nil:
			v.lost = &c
			return errGaveUp
		}
	}
}

// submit hands the body in until the box has it.
func (v *voterOf) submit(ctx context.Context, c cast) error {
	for {
		_, err := v.election.client.Submit(ctx, c.prepared.Submission)
		var p *client.Problem
		if err == nil {
			return nil
		}
		if errors.As(err, &p) && p.Status < http.StatusInternalServerError {
			return fmt.Errorf("%s: submit: %w", v.id, err)
		}
		if err := pause(ctx, again); err != nil {
			return errGaveUp
		}
	}
}

// load lets some voters at a time cast until it is stopped. It ends when every
// voter knows what he wants to know.
func (e *election) load(ctx context.Context, stop <-chan struct{}) error {
	free := make(chan *voterOf, len(e.voters))
	for _, v := range e.voters {
		free <- v
	}
	var wg sync.WaitGroup
	errs := make([]error, e.cfg.Casters)
	for i := range e.cfg.Casters {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				case v := <-free:
					switch err := v.castOne(ctx); {
					case err == nil:
						free <- v
					case !errors.Is(err, errGaveUp):
						errs[i] = err
						return
					}
				case <-ctx.Done():
					return
				}
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// phaseName is what an authority in a phase does.
func phaseName(p message.Phase) string {
	switch p {
	case message.PhaseVoting:
		return doingCast
	case message.PhaseClosed, message.PhaseParticipated:
		return doingClose
	case message.PhasePublished:
		return doingPublish
	}
	return doingTally
}
