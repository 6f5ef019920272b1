package action

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"

	"scrutineer/harness/history"
	"scrutineer/reports/event"
	"scrutineer/targets"
)

// What is here plays elections whose ballots only the target can read. The
// target's own client makes every ballot; the harness carries the bytes, and
// may carry them elsewhere, later, again, or not as they were.

// opaqueActions carry out the words of vocabulary's opaque forms.
func (s *Session) opaqueActions() map[string]handler {
	return map[string]handler{
		"setup":              s.opaqueSetup,
		"setup-replayed":     s.opaqueSetup,
		"vote":               s.opaqueVote,
		"check":              s.opaqueCheck,
		"close":              s.opaqueClose,
		"decrypt":            s.opaqueTally,
		"publish":            s.opaquePublish,
		"verify":             s.opaqueVerify,
		"make-ballot":        s.opaqueMake,
		"cast-body":          s.opaqueCastBody,
		"repeat-decision":    s.opaqueRepeat,
		"race-decisions":     s.opaqueRace,
		"forge-sum-ballot":   s.opaqueForgeSum,
		"copy-ballots":       s.opaqueCopy,
		"cast-as":            s.opaqueCastAs,
		"replay-ballots":     s.opaqueReplay,
		"reorder-ballots":    s.opaqueReorder,
		"close-then-cast":    s.opaqueCloseThenCast,
		"drop-after-receipt": s.opaqueDrop,
		"crash":              s.opaqueCrash,
		"guess-from-totals":  s.opaqueGuess,
	}
}

// poll is an election with opaque ballots.
type poll struct {
	session *Session
	step    string
	target  targets.Election

	mu     sync.Mutex
	all    []*carried
	heads  map[string]string     // by voter: the tracker of his last acknowledged ballot
	last   map[string][]*carried // by voter: what was acknowledged or sent, in order
	closed bool
	tried  bool // to tally
	cells  []targets.Counted
}

// carried is a ballot that the harness carries.
type carried struct {
	voter, credential    string
	ballot               []byte
	tracker, predecessor string
	vote                 history.Vote // nil where nobody can say what it is for
	forgery              string       // what is wrong with it; empty for an honest one
}

// opaqueSetup is an honest election up to its opening.
func (s *Session) opaqueSetup(ctx context.Context, st Step) (Result, error) {
	r := Result{Actor: "authority", Outcome: event.Unknown}
	raw, err := json.Marshal(s.pollOf())
	if err != nil {
		return r, err
	}
	name := s.cfg.Plan.Name
	def := targets.Definition{ID: name + "/" + st.Name, Group: name, Draft: raw, Seed: fmt.Sprintf("%x", s.cfg.Seed.Child("target"))}
	p := s.cfg.History.Invoke(event.Operation{Election: st.Name, Actor: "authority", Role: "authority", Op: OpSetup, Adversary: st.Adversarial})
	defer p.Unknown(nil)
	e, err := s.cfg.Target.Open(ctx, def)
	var refusal *targets.Refusal
	switch {
	case errors.As(err, &refusal):
		s.refused(st.Name, refusal.Role, refusal.Check, refusal.Detail)
		p.Refused(func(o *event.Operation) { o.Code, o.Message = refusal.Check, refusal.Error() })
		r.Outcome, r.Detail = event.Refused, refusal.Error()
		return r, nil
	case err != nil:
		return r, err
	}
	s.mu.Lock()
	s.polls = append(s.polls, &poll{session: s, step: st.Name, target: e, heads: map[string]string{}, last: map[string][]*carried{}})
	s.mu.Unlock()
	p.OK(nil)
	r.Outcome = event.OK
	return r, nil
}

// pollOf is the plan's election in the words of a target without a dialect.
func (s *Session) pollOf() targets.Poll {
	d, el := s.cfg.Plan.Description.Filled(), s.cfg.Plan.Electorate
	p := targets.Poll{Title: d.Title, Units: el.Units, Revote: "none", Trustees: int(d.Trustees), Threshold: int(d.Threshold), MinimumCell: int(d.MinimumCell)}
	if el.Revote {
		p.Revote = "last-counts"
	}
	for i, c := range el.Contests {
		p.Contests = append(p.Contests, targets.PollContest{ID: c.ID, Title: cmp.Or(d.Contests[i].Title, c.ID), Options: c.Options, Min: c.Min, Max: c.Max, Blank: c.Blank})
	}
	for _, x := range d.Styles {
		p.Styles = append(p.Styles, targets.PollStyle{ID: x.ID, Contests: x.Contests})
	}
	for _, v := range el.Voters {
		p.Voters = append(p.Voters, targets.PollVoter{ID: v.Name, Style: v.Style, Unit: v.Unit, Weight: v.Weight})
	}
	return p
}

// poll finds the election that a step is about.
func (s *Session) poll(st Step) (*poll, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name := st.Args.Text("in")
	for _, e := range slices.Backward(s.polls) {
		if name == "" || e.step == name {
			return e, nil
		}
	}
	return nil, fmt.Errorf("%w: no election %q", ErrPlan, name)
}

// opaqueAbility asserts an ability of the election.
func opaqueAbility[T any](e *poll, name targets.Ability) (T, error) {
	a, ok := e.target.(T)
	if !ok {
		return a, &Unable{name}
	}
	return a, nil
}

func (e *poll) invoke(o event.Operation) *history.Pending {
	o.Election = e.step
	return e.session.cfg.History.Invoke(o)
}

// refuse records a refusal by a role.
func (e *poll) refuse(role string, a targets.Answer) {
	e.session.refused(e.step, role, a.Code, a.Detail)
}

// want is what a voter wants; see election.want.
func (e *poll) want(voter string, instead map[string][]string) (history.Voter, history.Vote, error) {
	return (&election{session: e.session}).want(voter, instead)
}

// truth is the ground truth of a ballot.
func (e *poll) truth(c *carried) *event.Ballot {
	v, _ := e.session.cfg.Plan.Electorate.Voter(c.voter)
	b := (&election{session: e.session}).truth(v, c.vote)
	b.Tracker, b.Predecessor = c.tracker, c.predecessor
	return b
}

// encrypt has the voter's client make a ballot. Where the client refuses there
// is none, and the answer says why.
func (e *poll) encrypt(ctx context.Context, voter string, marks map[string][]string, vote history.Vote, unchecked bool) (*carried, targets.Answer, error) {
	client, err := opaqueAbility[targets.Encrypter](e, targets.Opaque)
	if err != nil {
		return nil, targets.Answer{}, err
	}
	sealed, a, err := client.Encrypt(ctx, voter, marks, unchecked)
	if a, err = answered(ctx, a, err); err != nil || a.Outcome != targets.OK {
		return nil, a, err
	}
	credential, err := e.credential(ctx, voter)
	if err != nil {
		return nil, a, err
	}
	c := &carried{voter: voter, credential: credential, ballot: sealed.Ballot, vote: vote, tracker: cmp.Or(sealed.Tracker, nameOf(sealed.Ballot))}
	e.mu.Lock()
	defer e.mu.Unlock()
	c.predecessor = cmp.Or(e.heads[voter], history.None)
	e.all = append(e.all, c)
	return c, a, nil
}

// nameOf finds a ballot by its bytes, where a system has no trackers.
func nameOf(ballot []byte) string {
	sum := sha256.Sum256(ballot)
	return "sha256:" + hex.EncodeToString(sum[:])
}

func (e *poll) credential(ctx context.Context, voter string) (string, error) {
	x, ok := e.target.(targets.Credentials)
	if !ok {
		return "", nil
	}
	raw, err := x.Credential(ctx, voter)
	return string(raw), wrapTarget(err)
}

// sendAs says in whose name a ballot is brought to the box.
type sendAs struct {
	actor, role string
	adversary   bool
	race        string
	lost        bool // nobody waits for the answer
}

// asVoter is the voter's own way.
func asVoter(c *carried) sendAs {
	return sendAs{actor: c.voter, role: history.RoleVoter, adversary: c.forgery != ""}
}

// send brings a ballot to the box and records it.
func (e *poll) send(ctx context.Context, c *carried, as sendAs) (targets.Answer, error) {
	box, err := opaqueAbility[targets.Caster](e, targets.Opaque)
	if err != nil {
		return targets.Answer{}, err
	}
	o := event.Operation{Actor: as.actor, Role: as.role, Op: history.OpCast, Adversary: as.adversary, Race: as.race, Ballot: e.truth(c)}
	if c.forgery != "" {
		o.Params = []event.Param{param(ParamForgery, c.forgery)}
	}
	pending := e.invoke(o)
	defer pending.Unknown(nil)
	receipt, a, err := box.Cast(ctx, targets.Casting{Voter: c.voter, Credential: c.credential, Ballot: c.ballot})
	if a, err = answered(ctx, a, err); err != nil {
		return a, err
	}
	if as.lost {
		a = targets.Answer{Outcome: targets.Unknown, Detail: "nobody waited for the answer"}
	}
	end(pending, a, nil)
	if a.Outcome == targets.OK && as.role == history.RoleVoter {
		e.acknowledged(c, receipt)
	}
	if a.Outcome == targets.Refused {
		e.refuse("authority", a)
	}
	return a, nil
}

// ParamForgery is the parameter of a cast that no honest voter makes: what is
// wrong with its ballot.
const ParamForgery = "forgery"

// acknowledged notes a voter's ballot, and his alarm where he is told of
// another one.
func (e *poll) acknowledged(c *carried, r targets.Receipt) {
	e.mu.Lock()
	e.heads[c.voter] = c.tracker
	e.last[c.voter] = append(e.last[c.voter], c)
	e.mu.Unlock()
	if r.Tracker != "" && r.Tracker != c.tracker && c.forgery == "" && c.tracker != nameOf(c.ballot) {
		e.session.alarm(targets.Finding{Role: "voter/" + c.voter, Check: "tracker",
			Detail: "the box answers for another tracker than the voter was shown"})
	}
}

// standing is the voter's ballot that was acknowledged last.
func (e *poll) standing(voter string) *carried {
	e.mu.Lock()
	defer e.mu.Unlock()
	if l := e.last[voter]; len(l) > 0 {
		return l[len(l)-1]
	}
	return nil
}

// board reads the public board, each ballot by the name that the harness has
// for it; nil where there is none.
func (e *poll) board(ctx context.Context) (*history.Board, error) {
	l, ok := e.target.(targets.Lister)
	if !ok {
		return nil, nil
	}
	list, err := l.Ballots(ctx)
	if errors.Is(err, targets.ErrUnable) {
		return nil, nil
	}
	if err != nil {
		return nil, wrapTarget(err)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	out := &history.Board{Size: int64(len(list)), Sealed: e.closed}
	revote := e.session.cfg.Plan.Electorate.Revote
	for i, x := range list {
		n := history.Entry{Index: int64(i), Voter: x.Voter, Tracker: x.Tracker, Predecessor: history.None}
		if revote { // the board does not say which ballot follows which
			n.Predecessor = fmt.Sprintf("#%d", i)
		}
		if len(x.Ballot) > 0 {
			n.Tracker = cmp.Or(e.named(x.Ballot), n.Tracker, nameOf(x.Ballot))
		}
		out.Entries = append(out.Entries, n)
	}
	return out, nil
}

// named is the tracker of a ballot that the harness carried; the caller holds
// mu.
func (e *poll) named(ballot []byte) string {
	for _, c := range e.all {
		if string(c.ballot) == string(ballot) {
			return c.tracker
		}
	}
	return ""
}

// stands counts a voter's entries with a tracker; those of nobody are his too.
func stands(b *history.Board, voter, tracker string) int {
	n := 0
	for _, x := range b.Entries {
		if x.Tracker == tracker && (x.Voter == "" || x.Voter == voter) {
			n++
		}
	}
	return n
}

// Published is what the last election that was set up shows to everybody;
// false where the session has none with opaque ballots.
func (s *Session) Published(ctx context.Context) (history.Published, bool, error) {
	var out history.Published
	s.mu.Lock()
	if len(s.polls) == 0 {
		s.mu.Unlock()
		return out, false, nil
	}
	e := s.polls[len(s.polls)-1]
	s.mu.Unlock()
	out.Election = e.step
	var err error
	out.Board, err = e.board(ctx)
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.cells != nil {
		out.Totals = totalsOf(e.cells)
	}
	return out, true, err
}

// totalsOf puts a published result into the words of ground truth.
func totalsOf(cells []targets.Counted) *history.Totals {
	out := &history.Totals{}
	for _, c := range cells {
		x := history.Cell{Contest: c.Contest, Units: c.Units, Options: map[string]uint64{}, Ballots: c.Ballots, Withheld: c.Withheld}
		for o, n := range c.Totals {
			if o == targets.BlankOption {
				x.Blank = n
				continue
			}
			x.Options[o] = n
		}
		out.Cells = append(out.Cells, x)
	}
	return out
}
