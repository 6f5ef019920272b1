package action

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"scrutineer/harness/flood"
	"scrutineer/harness/history"
	"scrutineer/reports/event"
	"scrutineer/targets"
)

// Names of operations of floods.
const (
	// OpArrive is an honest voter who came to vote on a schedule, ok if he was
	// served in time: "flood" is the step, "most" says whether the adversary did
	// his most then.
	OpArrive = "arrive"
	// OpLoad is one stage of a flood, with its figures as parameters.
	OpLoad = "load"
)

// Where ballots and decisions go in the dialect's interface.
const (
	pathBallots = "/v1/ballots"
	pathCasts   = "/v1/casts"
)

// Measures of a flood.
const (
	patience  = 10 * time.Second // of an honest voter
	again     = 3                // how often he tries again
	tryFor    = 3 * time.Second  // one try
	warm      = 24               // voters with whom the capacity is measured
	shared    = 100              // voters behind one address
	attackers = 8                // addresses of the adversary
	flying    = 120              // requests of each under way
	largest   = 2000             // requests a second, whatever the capacity
	slowest   = 4.0              // honest voters a second, where half the capacity allows it
)

// codeTurnedAway is how a server refuses a flood.
const codeTurnedAway = "admission"

// floods carries out what the file of this name in the vocabulary lists.
func (s *Session) floods() map[string]handler {
	return map[string]handler{"flood": s.flood, "rush": s.rush}
}

// stage is a part of a flood: the adversary asks at so many times the capacity.
type floodStage struct {
	times    float64
	from, to time.Duration
}

// stagesTo rises to most.
func stagesTo(most float64) []floodStage {
	return []floodStage{
		{0, 0, time.Second},
		{most / 4, time.Second, 2 * time.Second},
		{most / 2, 2 * time.Second, 4 * time.Second},
		{most, 4 * time.Second, 8 * time.Second},
	}
}

// hostile are the adversary's stages: he goes on at his most until the last
// honest voter has been served or has given up, since one who is served when all
// is over was not served.
func (d *deluge) hostile() []floodStage {
	last := d.stages[len(d.stages)-1]
	return append(slices.Clone(d.stages), floodStage{last.times, last.to, last.to + patience})
}

// deluge is a flood while it lasts.
type deluge struct {
	election *election
	step     string
	address  string
	callers  []*caller
	capacity float64 // voters a second
	stages   []floodStage
	turned   atomic.Int64 // requests that the server's limits turned away
	asked    atomic.Int64 // requests of the adversary
	unsigned bool         // they have no signature of their own, which is looked at first
	odd      bool         // every fourth voter sends his decision again
}

func (s *Session) rush(ctx context.Context, st Step) (Result, error) {
	d, r, err := s.deluge(ctx, st)
	if err != nil {
		return r, err
	}
	d.odd, d.stages = true, stagesTo(0)
	read := func(ctx context.Context, c *flood.Client, _ int) (flood.Answer, error) {
		return c.Ask(ctx, "/checkpoint", nil)
	}
	return r, d.run(ctx, d.asking(read, func(floodStage) float64 { return 5 * attackers }))
}

// flood is I01, I02 and I03.
func (s *Session) flood(ctx context.Context, st Step) (Result, error) {
	d, r, err := s.deluge(ctx, st)
	if err != nil {
		return r, err
	}
	r.Actor = "adversary"
	times := st.Args.Int("times")
	d.stages = stagesTo(float64(times))
	var attack func(context.Context) []flooded
	switch kind := st.Args.Text("kind"); kind {
	case "slow-header", "unread":
		attack = d.holding(kind, int(100*times))
	default:
		d.unsigned = kind == "unsigned"
		bodies, err := d.bodies(ctx, kind, st.Args.Text("adversary"))
		if err != nil {
			return r, err
		}
		attack = d.asking(bodies, func(g floodStage) float64 { return min(g.times*d.capacity, largest) })
	}
	if err := d.run(ctx, attack); err != nil {
		return r, err
	}
	// A few that broke off by themselves are no refusal.
	if turned := d.turned.Load(); turned > 0 && turned*20 > d.asked.Load() {
		s.refused(d.election.step, "authority", codeTurnedAway, "the server's limits turned the adversary's requests away")
		r.Outcome = event.Refused
	}
	return r, nil
}

// deluge makes everybody ready and measures the capacity.
func (s *Session) deluge(ctx context.Context, st Step) (*deluge, Result, error) {
	r := Result{Actor: "voters", Outcome: event.OK}
	e, err := s.in(st)
	if err != nil {
		return nil, r, err
	}
	network, err := ability[targets.Networked](e, targets.Network)
	if err != nil {
		return nil, r, err
	}
	d := &deluge{election: e, step: st.Name, address: network.Address()}
	if d.address == "" {
		return nil, r, fmt.Errorf("%w: the election was not set up to be reached over a network", ErrPlan)
	}
	if err := flood.Allowed(d.address, nil, false); err != nil {
		return nil, r, fmt.Errorf("%w: %w", ErrPlan, err)
	}
	voters := st.Args.List("voters")
	if len(voters) <= warm {
		return nil, r, fmt.Errorf("%w: a flood needs more than %d voters", ErrPlan, warm)
	}
	for i, voter := range voters {
		c, err := e.caller(ctx, voter, i)
		if err != nil {
			return nil, r, err
		}
		d.callers = append(d.callers, c)
	}
	return d, r, d.warm(ctx)
}

// caller is an honest voter with his ballot and his decision in hand.
type caller struct {
	voter   *harnessVoter
	truth   *event.Ballot
	sent    *sent
	source  flood.Source
	tracker string
}

func (e *election) caller(ctx context.Context, voter string, place int) (*caller, error) {
	p, err := e.own(ctx, voter)
	if err != nil {
		return nil, err
	}
	v, want, err := e.want(voter, nil)
	if err != nil {
		return nil, err
	}
	prepared, err := p.prepare(ctx, choices(want))
	if err != nil {
		return nil, err
	}
	x := &sent{prepared: prepared}
	if x.submission, err = p.Submission(prepared); err != nil {
		return nil, err
	}
	if x.ticket, x.decision, err = p.Cast(prepared, p.Head()); err != nil {
		return nil, err
	}
	c := &caller{voter: p, sent: x, truth: e.truth(v, want), tracker: prepared.Tracker.String(), source: flood.NewLoopback(100)}
	if place >= shared {
		c.source = flood.NewLoopback(byte(101 + place%100))
	}
	c.truth.Tracker, c.truth.Predecessor, c.truth.Credential = c.tracker, p.Head(), p.Credential.Key.String()
	e.show(voter, c.tracker)
	return c, nil
}

// warm measures how many voters a second are served, four at a time.
func (d *deluge) warm(ctx context.Context) error {
	first := d.callers[:warm]
	d.callers = d.callers[warm:]
	began := time.Now()
	outcomes := make([]flood.Outcome, len(first))
	var wg sync.WaitGroup
	next := make(chan int)
	for range 4 {
		wg.Go(func() {
			for i := range next {
				outcomes[i] = d.vote(ctx, first[i], false)
			}
		})
	}
	for i := range first {
		next <- i
	}
	close(next)
	wg.Wait()
	if slices.ContainsFunc(outcomes, func(o flood.Outcome) bool { return o != flood.Served }) {
		return fmt.Errorf("%w: voters are not served before the flood", targets.ErrTarget)
	}
	d.capacity = float64(len(first)) / time.Since(began).Seconds()
	return ctx.Err()
}

// vote is one honest voter's way, with his retries.
func (d *deluge) vote(ctx context.Context, c *caller, twice bool) flood.Outcome {
	client := flood.NewClient(c.source, d.address, 1)
	defer client.Close()
	truth := *c.truth
	pending := d.election.invoke(event.Operation{Actor: c.voter.ID, Role: history.RoleVoter, Op: history.OpCast, Ballot: &truth})
	defer pending.Unknown(nil)
	accepted := false
	for range 1 + again {
		wait, done := d.try(ctx, client, c, &accepted, pending)
		if done {
			if twice {
				d.try(ctx, client, c, &accepted, pending) // he asks again and gets the same receipt
			}
			return flood.Served
		}
		select {
		case <-time.After(max(wait, 200*time.Millisecond)):
		case <-ctx.Done():
			return flood.Failed
		}
	}
	return flood.Failed
}

// try hands the ballot in, unless that was done, and then the decision.
func (d *deluge) try(ctx context.Context, client *flood.Client, c *caller, accepted *bool, pending *history.Pending) (wait time.Duration, done bool) {
	ctx, cancel := context.WithTimeout(ctx, tryFor)
	defer cancel()
	if !*accepted {
		a, err := client.Ask(ctx, pathBallots, c.sent.submission)
		if err != nil || a.Status != 200 {
			return a.After, false
		}
		*accepted = true
	}
	a, err := client.Ask(ctx, pathCasts, c.sent.decision)
	if err != nil || a.Status != 200 && a.Status != 409 {
		return a.After, false
	}
	got := c.voter.settle(c.sent, targets.Answer{Outcome: targets.OK, Body: a.Body})
	end(pending, got, promised(&ballot{sent: c.sent}))
	return 0, got.Outcome == targets.OK
}

// flooded is a stream of the adversary with its arrivals.
type flooded struct {
	stream flood.Stream
	list   []flood.Arrival
}

// run lets honest voters arrive while somebody else asks, and records what came
// of it.
func (d *deluge) run(ctx context.Context, attack func(context.Context) []flooded) error {
	over := d.stages[len(d.stages)-1].to
	// A fifth of the capacity; on a slow machine so many that something can be
	// said of them.
	rate := min(max(d.capacity/5, min(slowest, d.capacity/2)), float64(len(d.callers))/over.Seconds())
	random := rand.New(rand.NewChaCha8(d.election.session.cfg.Seed.Child(d.step)))
	due := flood.Poisson(random, rate, 0, over)
	due = due[:min(len(due), len(d.callers))]
	honest := flood.Stream{Due: due, Patience: patience, Do: func(ctx context.Context, i int) flood.Outcome {
		return d.vote(ctx, d.callers[i], d.odd && i%4 == 0)
	}}
	during, stop := context.WithCancel(ctx)
	defer stop()
	hostile := make(chan []flooded, 1)
	go func() { hostile <- attack(during) }()
	began := time.Now()
	list := flood.Run(ctx, honest)[0]
	pause(ctx, time.Until(began.Add(over))) // the adversary keeps his schedule, too
	stop()
	return d.told(honest, list, <-hostile)
}

// told records each arrival and each stage. A generator that did not keep its
// schedule has shown nothing.
func (d *deluge) told(honest flood.Stream, list []flood.Arrival, hostile []flooded) error {
	most := d.stages[len(d.stages)-1]
	for i, a := range list {
		p := d.election.invoke(event.Operation{Actor: d.callers[i].voter.ID, Role: history.RoleVoter, Op: OpArrive, Params: []event.Param{
			param("flood", d.step), param("most", strconv.FormatBool(a.Due >= most.from))}})
		if a.Outcome == flood.Served {
			p.OK(nil)
		} else {
			p.Unknown(nil)
		}
	}
	var missed error
	for _, g := range d.stages {
		t := honest.Count(list, g.from, g.to)
		var all flood.Tally
		for _, h := range hostile {
			n := h.stream.Count(h.list, g.from, g.to)
			all.Arrivals, all.Refused, all.Held, all.Missed = all.Arrivals+n.Arrivals, all.Refused+n.Refused, all.Held+n.Held, all.Missed+n.Missed
		}
		d.election.invoke(event.Operation{Actor: "plan", Op: OpLoad, Params: []event.Param{
			param("flood", d.step), param("capacity", number(int64(1000*d.capacity))),
			param("attack", number(int64(1000*float64(all.Arrivals)/(g.to-g.from).Seconds()))),
			param("arrivals", number(t.Arrivals)), param("served", number(t.Served)),
			param("p50", number(t.P50.Milliseconds())), param("p99", number(t.P99.Milliseconds())),
			param("sent", number(all.Arrivals)), param("refused", number(all.Refused)), param("held", number(all.Held)),
			param("missed", number(t.Missed+all.Missed)),
		}}).OK(nil)
		if (!t.Kept() || !all.Kept()) && missed == nil {
			missed = fmt.Errorf("%w: the load generator missed more than a tenth of its own schedule", ErrPlan)
		}
	}
	return missed
}

// asking sends requests from the adversary's addresses.
func (d *deluge) asking(ask func(ctx context.Context, c *flood.Client, i int) (flood.Answer, error), rate func(floodStage) float64) func(context.Context) []flooded {
	return func(ctx context.Context) []flooded {
		streams := make([]flood.Stream, attackers)
		for k := range streams {
			client := flood.NewClient(flood.NewLoopback(byte(2+k)), d.address, flying)
			defer client.Close()
			var due []time.Duration
			for _, g := range d.hostile() {
				due = append(due, flood.Even(rate(g)/attackers, g.from, g.to)...)
			}
			streams[k] = flood.Stream{Due: due, Patience: time.Minute, Late: 2 * time.Second, Flying: flying, Do: func(ctx context.Context, i int) flood.Outcome {
				a, err := ask(ctx, client, i*attackers+k)
				d.asked.Add(1)
				switch {
				case err != nil && ctx.Err() == nil: // hung up on
					d.turned.Add(1)
					return flood.Refused
				case err != nil:
					return flood.Failed
				case a.Status == 429 || a.Status == 503 || a.Status == 401 && d.unsigned:
					d.turned.Add(1)
					return flood.Refused
				}
				return flood.Served
			}}
		}
		var out []flooded
		for k, list := range flood.Run(ctx, streams...) {
			out = append(out, flooded{streams[k], list})
		}
		return out
	}
}

// errNoBodies is a ballot that has nothing to be made wrong.
var errNoBodies = errors.New("the ballot has no proof to make wrong")
