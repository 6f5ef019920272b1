package verify

import (
	"scrutineer/harness/verify/challenge"
	"scrutineer/harness/verify/point"
	"scrutineer/protocols/message"
)

// checkedChallenge is what the fold needs of a challenge.
type checkedChallenge struct {
	tracker [32]byte
	alphas  [][32]byte
}

// openingCheck is the state of checking one challenge.
type openingCheck struct {
	s     *Setup
	c     *message.Challenge
	place placer
	t     *tally
}

// A challenge is signed by nobody: the board is to blame for taking it.
func (o *openingCheck) fail(f *Finding) { o.t.add(o.place(f).blame(authority)) }

// checkChallenge makes V-17 and V-28 for one challenge.
func (s *Setup) checkChallenge(c *message.Challenge, place placer, t *tally) *checkedChallenge {
	o := &openingCheck{s: s, c: c, place: place, t: t}
	t.both(Decoding, 1)
	t.both(Openings, 1)
	out := &checkedChallenge{
		tracker: challenge.Tracker(c.Fingerprint, c.Style, challenge.OpenedCiphertexts(c), c.Commitment),
	}
	for i := range c.Contests {
		for j := range c.Contests[i].Selections {
			out.alphas = append(out.alphas, c.Contests[i].Selections[j].Alpha)
		}
	}
	if c.Fingerprint != s.fingerprint {
		o.fail(found(Openings, "challenge is for another election").
			sides("fingerprint of challenge = fingerprint", c.Fingerprint, s.fingerprint))
		return out
	}
	style, ok := s.index.styles[c.Style]
	if !ok {
		o.fail(found(Openings, "unknown style %q", c.Style))
		return out
	}
	contests := s.index.ballots[style]
	if len(c.Contests) != len(contests) {
		o.fail(found(Openings, "style %s has %d contests", c.Style, len(contests)).counts(len(contests), len(c.Contests)))
		return out
	}
	for i, at := range contests {
		o.contest(&c.Contests[i], &s.index.shapes[at])
	}
	return out
}

// contest checks shape, openings and limits of one contest.
func (o *openingCheck) contest(c *message.OpenedContest, want *shape) {
	id := want.contest.ID
	if c.Contest != id || len(c.Selections) != len(want.selections) {
		o.fail(found(Openings, "contest %q with %d selections where %s with %d belongs",
			c.Contest, len(c.Selections), id, len(want.selections)).contest(id))
		return
	}
	votes, plain := uint64(0), true
	for i := range c.Selections {
		s := &c.Selections[i]
		if s.Option != want.selections[i] {
			o.fail(found(Openings, "option %q where %s belongs", s.Option, want.selections[i]).
				contest(id).counts(want.selections[i], s.Option))
			return
		}
		if s.Plaintext > 1 {
			plain = false
			o.fail(found(Openings, "selection %s opens to %d", s.Option, s.Plaintext).contest(id).option(s.Option))
			continue
		}
		if i == len(want.contest.Options) {
			votes += want.contest.Max * s.Plaintext
		} else {
			votes += s.Plaintext
		}
		o.selection(id, s)
	}
	if plain && (votes < want.contest.Min || votes > want.contest.Max) {
		o.fail(found(Openings, "contest %s opens to %d votes, allowed are %d to %d", id, votes, want.contest.Min, want.contest.Max).
			contest(id))
	}
}

// selection checks α = rG and β = mG + rY by their encodings.
func (o *openingCheck) selection(contest string, s *message.OpenedSelection) {
	alpha, okA := point.Decode(s.Alpha)
	_, okB := point.Decode(s.Beta)
	r, okR := point.ParseScalar(s.Randomness)
	if !okA || alpha.IsIdentity() || !okB || !okR {
		o.fail(found(Decoding, "an element or scalar of selection %s is not allowed", s.Option).contest(contest).option(s.Option))
		return
	}
	got := o.s.evaluate.Evaluate(nil, []point.Linear{
		{U: r, P: 0}, {U: point.ScalarOf(s.Plaintext), V: r, P: 0}}, []point.Point{point.Identity()})
	if got[0] != s.Alpha {
		o.fail(found(Openings, "selection %s does not open", s.Option).contest(contest).option(s.Option).
			sides("α = rG", s.Alpha, got[0]))
	}
	if got[1] != s.Beta {
		o.fail(found(Openings, "selection %s does not open to %d", s.Option, s.Plaintext).contest(contest).option(s.Option).
			sides("β = mG + rY", s.Beta, got[1]))
	}
}
