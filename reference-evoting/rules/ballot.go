package rules

import (
	"fmt"
	"slices"

	"go.dedis.ch/kyber/v3"

	"scrutineer/protocols/message"
	"scrutineer/protocols/ristretto"
	"scrutineer/protocols/transcript"
	"scrutineer/reference-evoting/manifest"
	"scrutineer/reference-evoting/proof"
	"scrutineer/reference-evoting/recall"
	"scrutineer/reference-evoting/tally"
	"scrutineer/reference-evoting/weakness"
)

// Voting is what the checks of ballots need once an election is open. It is
// read-only, so ballots can be checked at the same time.
type Voting struct {
	Election    *manifest.Election
	Fingerprint message.Digest
	Key         *proof.ElectionKey
	Weak        weakness.View
	Memory      *recall.Memory
}

// Ballot makes the checks V-17, V-18, V-20, V-21 of a ballot by itself, that
// is, all that need neither the board nor the credential list, and returns
// its decoded ciphertexts.
//
// Under the transplanting weaknesses the proofs are checked for the election,
// contests and caster that the ballot names.
func (v *Voting) Ballot(b *message.Ballot) ([]tally.Answer, *Fault) {
	caster := canonical(v.Weak, v.Election, b).Caster
	if caster.Device != "" || caster.Sequence != 0 || caster.Credential == (message.Element{}) {
		return nil, broken("V-19", "the caster is not a credential")
	}
	return v.proven(b)
}

// OfDevice makes the checks of a device's ballot by itself, cast or opened, and
// gives its tracker.
func (v *Voting) OfDevice(id string, m *message.DeviceBallot) (message.Digest, *Fault) {
	switch {
	case (m.Ballot == nil) == (m.Challenge == nil):
		return message.Digest{}, broken("V-51", "is not cast or challenged")
	case m.Challenge != nil:
		return v.Challenge(m.Challenge)
	case m.Ballot.Caster != (message.Caster{Device: id, Sequence: m.Sequence}):
		return message.Digest{}, broken("V-19", "the caster is not device %s with number %d", id, m.Sequence)
	}
	_, fault := v.proven(m.Ballot)
	return transcript.Tracker(m.Ballot), fault
}

// proven is Ballot without the caster, which may be a device.
func (v *Voting) proven(b *message.Ballot) ([]tally.Answer, *Fault) {
	bound := b.Fingerprint == v.Fingerprint
	if !v.Weak.Widen(weakness.NoElectionBinding, bound, func() bool { return true }) {
		return nil, broken("V-18", "the ballot is for the election %s", b.Fingerprint)
	}
	style, _, ok := v.Election.Style(b.Style)
	if !ok {
		return nil, broken("V-18", "style %q is unknown", b.Style)
	}
	b = canonical(v.Weak, v.Election, b)
	if fault := v.contests(style, b.Contests); fault != nil {
		return nil, fault
	}
	statement := statement{ballot: b, Statement: transcript.Statement{
		Fingerprint: b.Fingerprint, ElectionKey: v.Key.Encoded, Style: b.Style,
		Caster:      transcript.Caster(b.Caster),
		Ciphertexts: transcript.Ciphertexts(b.Fingerprint, b.Style, v.hashed(b)),
	}}
	out := make([]tally.Answer, len(b.Contests))
	for i := range b.Contests {
		contest, place, _ := v.Election.Contest(b.Contests[i].Contest)
		pairs, fault := v.contest(contest, &b.Contests[i], statement)
		if fault != nil {
			return nil, fault
		}
		out[i] = tally.Answer{Contest: place, Pairs: pairs}
	}
	return out, nil
}

// contests holds that a ballot has its style's contests in order, each in its
// shape (V-18).
func (v *Voting) contests(style message.Style, list []message.BallotContest) *Fault {
	named := make([]string, len(list))
	for i, c := range list {
		named[i] = c.Contest
	}
	if !v.Weak.Widen(weakness.NoContestBinding, slices.Equal(named, style.Contests), func() bool { return v.distinct(named) }) {
		return broken("V-18", "contests %q, style %s has %q", named, style.ID, style.Contests)
	}
	for i := range list {
		contest, _, _ := v.Election.Contest(list[i].Contest)
		if fault := v.shape(contest, &list[i]); fault != nil {
			return fault
		}
	}
	return nil
}

// distinct is the weak rule of noContestBinding: any contests, each once.
func (v *Voting) distinct(named []string) bool {
	seen := map[string]bool{}
	for _, id := range named {
		if _, _, known := v.Election.Contest(id); !known || seen[id] {
			return false
		}
		seen[id] = true
	}
	return len(named) > 0
}

// shape holds that a contest has its options in order, that each proof has
// its branches, and that there is a sum proof exactly where S-13 wants one
// (V-18).
func (v *Voting) shape(contest message.Contest, c *message.BallotContest) *Fault {
	options := manifest.Selections(contest)
	if len(c.Selections) != len(options) {
		return broken("V-18", "%d selections in contest %s, want %d", len(c.Selections), contest.ID, len(options))
	}
	for i, s := range c.Selections {
		placed := s.Option == options[i]
		if !v.Weak.Widen(weakness.NoContestBinding, placed, func() bool { return everyOnce(c.Selections, options) }) {
			return broken("V-18", "option %q in contest %s, want %q", s.Option, contest.ID, options[i])
		}
		if !v.shaped(s.Proof, 2, weakness.SkipIndividualProofs) {
			return broken("V-18", "the proof of option %s in contest %s has not two branches", s.Option, contest.ID)
		}
	}
	if !v.hasSum(contest, c, weakness.SkipSumProof) {
		return broken("V-18", "contest %s has no sum proof as it should", contest.ID)
	}
	return nil
}

// everyOnce is the weak rule of noContestBinding for options: each of them once,
// in any place. It counts where it stands.
func everyOnce(list []message.Selection, options []string) bool {
	named := make([]string, len(list))
	for i, s := range list {
		named[i] = s.Option
	}
	return slices.Equal(slices.Sorted(slices.Values(named)), slices.Sorted(slices.Values(options)))
}

// shaped holds that a proof has a challenge and a response for each of n
// branches; skip is the weakness that does not look.
func (v *Voting) shaped(p message.Branches, n int, skip weakness.Name) bool {
	whole := len(p.Challenges) == n && len(p.Responses) == n
	whole = v.Weak.Widen(weakness.BranchFromProof, whole, func() bool { return names(p) })
	return v.Weak.Widen(skip, whole, func() bool { return true })
}

func (v *Voting) hasSum(contest message.Contest, c *message.BallotContest, skip weakness.Name) bool {
	switch {
	case !manifest.NeedsSum(contest) || c.Sum == nil:
		none := !manifest.NeedsSum(contest) && c.Sum == nil
		return v.Weak.Widen(skip, none, func() bool { return true })
	default:
		return v.shaped(*c.Sum, int(contest.Max-contest.Min+1), skip)
	}
}

// contest makes V-17, V-20 and V-21 of one contest whose shape is right.
func (v *Voting) contest(contest message.Contest, c *message.BallotContest, statement statement) ([]tally.Pair, *Fault) {
	statement.Contest = contest.ID
	pairs := make([]tally.Pair, len(c.Selections))
	for i := range c.Selections {
		s := &c.Selections[i]
		pair, fault := v.selection(s, statement)
		if fault != nil {
			fault.Detail += fmt.Sprintf(" (contest %s, option %s)", contest.ID, s.Option)
			return nil, fault
		}
		pairs[i] = pair
	}
	if !manifest.NeedsSum(contest) {
		return pairs, nil
	}
	sound := broken("V-21", "contest %s has no sum proof", contest.ID)
	if c.Sum != nil {
		sound = v.sum(contest, c, pairs, statement)
	}
	if !v.Weak.Widen(weakness.SkipSumProof, sound == nil, func() bool { return true }) {
		return nil, sound
	}
	return pairs, nil
}

func (v *Voting) selection(s *message.Selection, statement statement) (tally.Pair, *Fault) {
	pair, err := decodePair(v.Weak, s.Alpha, s.Beta)
	if err != nil {
		return pair, broken("V-17", "%v", err)
	}
	if s.Alpha == (message.Element{}) {
		return pair, broken("V-17", "α is the identity")
	}
	sound := v.ranged(s, pair, statement)
	if !v.Weak.Widen(weakness.SkipIndividualProofs, sound == nil, func() bool { return true }) {
		return pair, sound
	}
	return pair, nil
}

// ranged makes V-20.
func (v *Voting) ranged(s *message.Selection, pair tally.Pair, statement statement) *Fault {
	holds, err := v.holds(claim{
		alpha: pair.Alpha, beta: pair.Beta, min: 0, max: 1, proof: s.Proof,
		sound: func(n int) *transcript.Transcript { return statement.NamedSelection(s.Option, s.Alpha, s.Beta, n) },
		partial: func(o transcript.Omission) *transcript.Transcript {
			return o.Selection(statement.without(o), s.Option, s.Alpha, s.Beta)
		},
	})
	if err != nil {
		return broken("V-17", "%v", err)
	}
	if !holds {
		return broken("V-20", "the proof that a selection is 0 or 1 does not hold")
	}
	return nil
}

// sum makes V-21.
func (v *Voting) sum(contest message.Contest, c *message.BallotContest, pairs []tally.Pair, statement statement) *Fault {
	a, b := sumOf(contest, pairs)
	holds, err := v.holds(claim{
		alpha: a, beta: b, min: contest.Min, max: contest.Max, proof: *c.Sum,
		sound: func(n int) *transcript.Transcript {
			return statement.NamedSum(contest.Min, contest.Max, a.Bytes(), b.Bytes(), n)
		},
		partial: func(o transcript.Omission) *transcript.Transcript {
			return o.Sum(statement.without(o), contest.Min, contest.Max, a.Bytes(), b.Bytes())
		},
	})
	if err != nil {
		return broken("V-17", "sum of contest %s: %v", contest.ID, err)
	}
	if !holds {
		return broken("V-21", "the proof of the sum of contest %s does not hold", contest.ID)
	}
	return nil
}

func decodePair(weak weakness.View, alpha, beta message.Element) (tally.Pair, error) {
	a, err := proof.PointOf(weak, alpha)
	if err != nil {
		return tally.Pair{}, err
	}
	b, err := proof.PointOf(weak, beta)
	return tally.Pair{Alpha: a, Beta: b}, err
}

// sumOf is Σ over the options, with max times the blank selection (S-13).
func sumOf(contest message.Contest, pairs []tally.Pair) (a, b *ristretto.Point) {
	a = ristretto.NewPoint().Null().(*ristretto.Point)
	b = ristretto.NewPoint().Null().(*ristretto.Point)
	for _, p := range pairs[:len(contest.Options)] {
		a.Add(a, p.Alpha)
		b.Add(b, p.Beta)
	}
	if contest.Blank {
		blank := pairs[len(contest.Options)]
		var max kyber.Scalar = proof.Uint(contest.Max)
		a.Add(a, ristretto.NewPoint().Mul(max, blank.Alpha))
		b.Add(b, ristretto.NewPoint().Mul(max, blank.Beta))
	}
	return a, b
}

// Challenge makes V-28 and returns the tracker of what was opened.
func (v *Voting) Challenge(c *message.Challenge) (message.Digest, *Fault) {
	if c.Fingerprint != v.Fingerprint {
		return message.Digest{}, broken("V-28", "the challenge is for the election %s", c.Fingerprint)
	}
	style, _, ok := v.Election.Style(c.Style)
	if !ok || len(c.Contests) != len(style.Contests) {
		return message.Digest{}, broken("V-28", "style %q with %d contests", c.Style, len(c.Contests))
	}
	for i, opened := range c.Contests {
		contest, _, _ := v.Election.Contest(style.Contests[i])
		if fault := v.opened(contest, opened); fault != nil {
			return message.Digest{}, fault
		}
	}
	return transcript.TrackerOf(c.Fingerprint, c.Style, transcript.OpenedCiphertexts(c), c.Commitment), nil
}

func (v *Voting) opened(contest message.Contest, o message.OpenedContest) *Fault {
	options := manifest.Selections(contest)
	if o.Contest != contest.ID || len(o.Selections) != len(options) {
		return broken("V-28", "contest %q with %d selections, want %q with %d", o.Contest, len(o.Selections), contest.ID, len(options))
	}
	var sum uint64
	for i, s := range o.Selections {
		if s.Option != options[i] || s.Plaintext > 1 {
			return broken("V-28", "option %q opens to %d in contest %s", s.Option, s.Plaintext, contest.ID)
		}
		r, err := proof.Scalar(s.Randomness)
		if err != nil {
			return broken("V-17", "randomness of option %s: %v", s.Option, err)
		}
		if s.Alpha == (message.Element{}) {
			return broken("V-17", "α of option %s is the identity", s.Option)
		}
		alpha, beta := v.Key.Encrypt(s.Plaintext, r)
		if alpha.Bytes() != s.Alpha || beta.Bytes() != s.Beta {
			return broken("V-28", "option %s of contest %s does not open to what is shown", s.Option, contest.ID)
		}
		weight := uint64(1)
		if contest.Blank && i == len(options)-1 {
			weight = contest.Max
		}
		sum += weight * s.Plaintext
	}
	if sum < contest.Min || sum > contest.Max {
		return broken("V-28", "contest %s opens to a sum of %d", contest.ID, sum)
	}
	return nil
}
