package check

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"scrutineer/targets"
)

// Poll is Draft for targets that speak no dialect of ours.
func Poll() targets.Poll {
	p := targets.Poll{
		Title: "Conformance",
		Contests: []targets.PollContest{
			{ID: "council", Title: "Council", Options: []string{"ana", "bo", "cleo"}, Max: 2, Blank: true},
			{ID: "bridge", Title: "Bridge", Options: []string{"yes", "no"}, Max: 2},
		},
		Styles: []targets.PollStyle{{ID: "all", Contests: []string{"council", "bridge"}}, {ID: "some", Contests: []string{"council"}}},
		Units:  []string{"north", "south"}, Revote: "last-counts", Trustees: 3, Threshold: 2, MinimumCell: 1,
	}
	for i := range Electors {
		v := targets.PollVoter{ID: VoterID(i), Style: "all", Unit: "north", Weight: 1}
		if i >= 3 {
			v.Style, v.Unit, v.Weight = "some", "south", 3
		}
		p.Voters = append(p.Voters, v)
	}
	return p
}

// opaqueSteps are the checks of a target whose ballots only it can read.
func opaqueSteps() []step {
	box := []targets.Ability{targets.Open, targets.Opaque}
	with := func(more ...targets.Ability) []targets.Ability { return append(slices.Clone(box), more...) }
	return []step{
		{name: "says who it is, in words that we know", reads: true, run: says},
		{name: "sets up an election", needs: []targets.Ability{targets.Open}, run: opensPoll,
			means: "no scenario can be played"},
		{name: "refuses an election that nobody could hold", needs: []targets.Ability{targets.Open}, run: refusesPoll,
			means: "mistakes in a definition show late, perhaps when votes are lost"},
		{name: "makes ballots for lawful choices, two for one choice unlike", needs: box, run: encrypts,
			means: "equal ballots for equal choices tell the choice to who compares them"},
		{name: "has a client that makes no ballot for unlawful choices", needs: box, run: clientLooks,
			means: "voters spoil their ballots without being told; it says nothing about the box"},
		{name: "takes ballots, and lists them on its board", needs: with(targets.Board), run: takesSealed,
			means: "without a board, whether a ballot was kept can be told from the result alone, and scenarios that look at the board are left out"},
		{name: "takes a ballot that comes again as the one it is", needs: with(targets.Board), run: takesAgain,
			means: "a voter whose answer was lost, and who asks again, is counted twice or scared away"},
		{name: "refuses what is no ballot, and keeps nothing of it", needs: box, run: refusesBytes,
			means: "what it cannot read stands among the ballots, and may keep it from a result"},
		{name: "refuses a ballot without the voter's credential", needs: box, run: refusesStrangers,
			means: "anybody votes for anybody"},
		{name: "keeps what it acknowledged when it crashes", needs: with(targets.Board, targets.Fault), run: survives,
			means: "without fault, scenarios with power cuts are left out"},
		{name: "has no result while the box is open", needs: with(targets.Publish), run: notYet,
			means: "running totals tell those who vote late how to vote, and small ones tell votes"},
		{name: "closes, and takes nothing more", needs: with(targets.Close), run: closesSealed,
			means: "ballots come in when the totals may be known"},
		{name: "tallies, and publishes the true totals", needs: with(targets.Close, targets.Tally, targets.Publish), run: tallySealed,
			means: "without a result, a scenario can be judged by the board alone"},
		{name: "has a verifier that accepts its own election", needs: with(targets.Close, targets.Tally, targets.Verify), run: verifiesSealed,
			means: "without a verifier, damage that is shown stays undetected"},
		{name: "counts plaintext ballots", needs: []targets.Ability{targets.Count}, run: counts,
			means: "its count of ballots on paper or in the clear is not looked at"},
	}
}

// box is the open election as one that takes opaque ballots.
type box interface {
	targets.Encrypter
	targets.Caster
	targets.Credentials
}

func pollDefinition(id string, change func(*targets.Poll)) (targets.Definition, error) {
	p := Poll()
	change(&p)
	raw, err := json.Marshal(p)
	return targets.Definition{ID: id, Group: "check", Draft: raw, Seed: "check"}, err
}

func opensPoll(ctx context.Context, t *trial) error {
	d, err := pollDefinition("check", func(*targets.Poll) {})
	if err == nil {
		t.election, err = t.cfg.Target.Open(ctx, d)
	}
	if err != nil {
		t.election = nil
	}
	return err
}

func refusesPoll(ctx context.Context, t *trial) error {
	d, err := pollDefinition("check-unlawful", func(p *targets.Poll) { p.Threshold = 4 })
	if err != nil {
		return err
	}
	e, err := t.cfg.Target.Open(ctx, d)
	switch {
	case err == nil:
		return errors.Join(errors.New("it opens an election in which four of three trustees decrypt"), e.Close())
	case errors.Is(err, targets.ErrSetup):
		return nil
	}
	return fmt.Errorf("it does not say that the definition is wrong: %w", err)
}

// sealed makes an honest ballot.
func sealed(ctx context.Context, b box, voter int, choices map[string][]string) (targets.Sealed, error) {
	s, a, err := b.Encrypt(ctx, VoterID(voter), choices, false)
	if err == nil && a.Outcome != targets.OK {
		err = fmt.Errorf("its client makes no ballot for the lawful choices of %s: %.80q %.200q", VoterID(voter), a.Code, a.Detail)
	}
	return s, err
}

// brought casts a ballot as its voter.
func brought(ctx context.Context, b box, voter int, ballot []byte) (targets.Answer, error) {
	c, err := b.Credential(ctx, VoterID(voter))
	if err != nil {
		return targets.Answer{}, err
	}
	_, a, err := b.Cast(ctx, targets.Casting{Voter: VoterID(voter), Credential: string(c), Ballot: ballot})
	return a, err
}

func encrypts(ctx context.Context, t *trial) error {
	b, err := able[box](t)
	if err != nil {
		return err
	}
	one, err := sealed(ctx, b, 0, cast[0])
	if err != nil {
		return err
	}
	two, err := sealed(ctx, b, 0, cast[0])
	switch {
	case err != nil:
		return err
	case bytes.Equal(one.Ballot, two.Ballot):
		return errors.New("two ballots of one voter for one choice are equal byte for byte")
	case one.Tracker != "" && one.Tracker == two.Tracker:
		return errors.New("two ballots have one tracker")
	}
	return nil
}

func clientLooks(ctx context.Context, t *trial) error {
	b, err := able[box](t)
	if err != nil {
		return err
	}
	for why, choices := range map[string]map[string][]string{
		"three options where two are the most": {"council": {"ana", "bo", "cleo"}, "bridge": {}},
		"an option beside the blank vote":      {"council": {"ana", targets.BlankOption}, "bridge": {}},
		"an option that there is not":          {"council": {"dora"}, "bridge": {}},
	} {
		_, a, err := b.Encrypt(ctx, VoterID(0), choices, false)
		if err != nil {
			return err
		}
		if a.Outcome == targets.OK {
			return fmt.Errorf("its client makes a ballot with %s", why)
		}
	}
	return nil
}

// listed is how many ballots are on the board.
func (t *trial) listed(ctx context.Context) (int, error) {
	l, err := able[targets.Lister](t)
	if err != nil {
		return 0, err
	}
	all, err := l.Ballots(ctx)
	return len(all), err
}

func takesSealed(ctx context.Context, t *trial) error {
	b, err := able[box](t)
	if err != nil {
		return err
	}
	for i, voter := range slices.Sorted(maps.Keys(cast)) {
		s, err := sealed(ctx, b, voter, cast[voter])
		if err != nil {
			return err
		}
		if a, err := brought(ctx, b, voter, s.Ballot); err != nil || a.Outcome != targets.OK {
			return errors.Join(fmt.Errorf("%s cannot cast: %s %.80q %.200q", VoterID(voter), a.Outcome, a.Code, a.Detail), err)
		}
		if n, err := t.listed(ctx); err != nil || n != i+1 {
			return errors.Join(fmt.Errorf("after %d ballots there are %d on the board", i+1, n), err)
		}
	}
	return nil
}

func takesAgain(ctx context.Context, t *trial) error {
	b, err := able[box](t)
	if err != nil {
		return err
	}
	// Voter 0 votes once more for the same, which replaces the first ballot.
	s, err := sealed(ctx, b, 0, cast[0])
	if err != nil {
		return err
	}
	if a, err := brought(ctx, b, 0, s.Ballot); err != nil || a.Outcome != targets.OK {
		return errors.Join(fmt.Errorf("a second ballot, where the last one counts, is not taken: %s %.80q %.200q", a.Outcome, a.Code, a.Detail), err)
	}
	before, err := t.listed(ctx)
	if err != nil {
		return err
	}
	a, err := brought(ctx, b, 0, s.Ballot)
	if err != nil {
		return err
	}
	if after, err := t.listed(ctx); err != nil || after != before {
		return errors.Join(fmt.Errorf("the same ballot, sent again, is on the board once more (%d entries, then %d)", before, after), err)
	}
	if a.Outcome != targets.OK {
		return fmt.Errorf("the same ballot, sent again, is refused: %.80q %.200q; answer as the first time, so that a voter whose answer was lost learns that he has voted", a.Code, a.Detail)
	}
	return nil
}

// mangled are bytes that are no ballot, made from one that is.
func mangled(ballot []byte) map[string][]byte {
	flipped := slices.Clone(ballot)
	flipped[len(flipped)/2] ^= 1
	return map[string][]byte{
		"nothing":                       {},
		"half of a ballot":              ballot[:len(ballot)/2],
		"a ballot with a byte changed":  flipped,
		"a ballot with a byte after it": append(slices.Clone(ballot), '!'),
		"two ballots":                   append(slices.Clone(ballot), ballot...),
		"zeros":                         make([]byte, 64),
		"a hundred thousand brackets":   bytes.Repeat([]byte("["), 100_000),
		"half a mebibyte":               bytes.Repeat([]byte{0xff, 0x00}, 256<<10),
	}
}

func refusesBytes(ctx context.Context, t *trial) error {
	b, err := able[box](t)
	if err != nil {
		return err
	}
	s, err := sealed(ctx, b, 1, cast[1])
	if err != nil {
		return err
	}
	all := mangled(s.Ballot)
	for _, what := range slices.Sorted(maps.Keys(all)) {
		a, err := brought(ctx, b, 1, all[what])
		if err != nil {
			return fmt.Errorf("at %s: %w", what, err)
		}
		if a.Outcome == targets.OK {
			return fmt.Errorf("it takes %s as a ballot", what)
		}
	}
	return nil
}

func refusesStrangers(ctx context.Context, t *trial) error {
	b, err := able[box](t)
	if err != nil {
		return err
	}
	s, err := sealed(ctx, b, 2, map[string][]string{"council": {"bo"}, "bridge": {}})
	if err != nil {
		return err
	}
	other, err := b.Credential(ctx, VoterID(3))
	if err != nil {
		return err
	}
	for who, c := range map[string]targets.Casting{
		"without a credential":       {Voter: VoterID(2), Ballot: s.Ballot},
		"with another's credential":  {Voter: VoterID(2), Credential: string(other), Ballot: s.Ballot},
		"of one who is not a voter":  {Voter: "nobody", Credential: string(other), Ballot: s.Ballot},
		"for another, as that other": {Voter: VoterID(3), Credential: string(other), Ballot: s.Ballot},
	} {
		_, a, err := b.Cast(ctx, c)
		if err != nil {
			return err
		}
		if a.Outcome == targets.OK {
			return fmt.Errorf("it takes a ballot %s", who)
		}
	}
	return nil
}

func survives(ctx context.Context, t *trial) error {
	f, err := able[targets.Breakable](t)
	if err != nil {
		return err
	}
	before, err := t.listed(ctx)
	if err != nil {
		return err
	}
	if a, err := f.Break(ctx, targets.CrashFault); err != nil || a.Outcome != targets.OK {
		return errors.Join(fmt.Errorf("it cannot be crashed: %s %.80q %.200q", a.Outcome, a.Code, a.Detail), err)
	}
	after, err := t.listed(ctx)
	if err == nil && after != before {
		err = fmt.Errorf("%d ballots were on the board before the crash, and %d are after it", before, after)
	}
	return err
}

func notYet(ctx context.Context, t *trial) error {
	p, err := able[targets.Publisher](t)
	if err != nil {
		return err
	}
	if _, a, err := p.Result(ctx); err != nil || a.Outcome != targets.OK {
		return err
	}
	return errors.New("it gives a result before the close")
}

func closesSealed(ctx context.Context, t *trial) error {
	b, err := able[box](t)
	if err != nil {
		return err
	}
	c, err := able[targets.Closer](t)
	if err != nil {
		return err
	}
	s, err := sealed(ctx, b, 2, map[string][]string{"council": {"bo"}, "bridge": {}})
	if err != nil {
		return err
	}
	if a, err := c.CloseVoting(ctx); err != nil || a.Outcome != targets.OK {
		return errors.Join(fmt.Errorf("the voting does not close: %s %.80q %.200q", a.Outcome, a.Code, a.Detail), err)
	}
	if a, err := brought(ctx, b, 2, s.Ballot); err != nil || a.Outcome == targets.OK {
		return errors.Join(errors.New("it takes a ballot after the close"), err)
	}
	return nil
}

func tallySealed(ctx context.Context, t *trial) error {
	y, err := able[targets.Tallier](t)
	if err != nil {
		return err
	}
	p, err := able[targets.Publisher](t)
	if err != nil {
		return err
	}
	if a, err := y.Tally(ctx); err != nil || a.Outcome != targets.OK {
		return errors.Join(fmt.Errorf("it does not tally: %s %.80q %.200q", a.Outcome, a.Code, a.Detail), err)
	}
	cells, a, err := p.Result(ctx)
	if err != nil || a.Outcome != targets.OK {
		return errors.Join(fmt.Errorf("it gives no result: %s %.80q %.200q", a.Outcome, a.Code, a.Detail), err)
	}
	got := map[string]map[string]uint64{}
	for _, c := range cells {
		if got[c.Contest] == nil {
			got[c.Contest] = map[string]uint64{}
		}
		for o, n := range c.Totals {
			got[c.Contest][o] += n
		}
	}
	for contest, totals := range map[string]map[string]uint64{
		"council": {"ana": want["council"][0], "bo": want["council"][1], "cleo": want["council"][2], targets.BlankOption: want["council"][3]},
		"bridge":  {"yes": want["bridge"][0], "no": want["bridge"][1]},
	} {
		if !maps.Equal(got[contest], totals) {
			return fmt.Errorf("the totals of %s are %v, the votes add up to %v", contest, got[contest], totals)
		}
	}
	return nil
}

func verifiesSealed(ctx context.Context, t *trial) error {
	v, err := able[targets.SelfVerifier](t)
	if err != nil {
		return err
	}
	found, err := v.VerifyElection(ctx)
	if err == nil && len(found) > 0 {
		err = fmt.Errorf("it finds %d things wrong with an honest election: %.200v", len(found), found)
	}
	return err
}

func counts(ctx context.Context, t *trial) error {
	c, ok := t.cfg.Target.(targets.Counter)
	if !ok {
		return errors.New("the target claims to count and has no way to be asked")
	}
	got, err := c.CountBallots(ctx, targets.PollContest{ID: "chair", Title: "Chair", Options: []string{"ana", "bo", "cleo"}, Min: 1, Max: 2, Blank: true},
		[][]string{{"ana"}, {"ana", "bo"}, {targets.BlankOption}, {"ana", "bo", "cleo"}, {"bo", "bo"}, {}, {"dora"}})
	if err != nil {
		return err
	}
	if want := map[string]uint64{"ana": 2, "bo": 1, "cleo": 0, targets.BlankOption: 1}; !maps.Equal(got, want) {
		return fmt.Errorf("it counts %v, and the lawful ballots say %v", got, want)
	}
	return nil
}
