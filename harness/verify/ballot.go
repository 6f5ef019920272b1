package verify

import (
	"crypto/sha256"
	"fmt"

	"scrutineer/harness/verify/canonical"
	"scrutineer/harness/verify/challenge"
	"scrutineer/harness/verify/point"
	"scrutineer/protocols/message"
)

// placer adds to a finding where the entry lies.
type placer func(*Finding) *Finding

// checkedCast is what the fold needs of a cast once its own checks are made.
type checkedCast struct {
	valid       bool // V-17..V-21, V-23..V-25 and V-46 hold
	credential  int  // in the electorate; -1 where it is not listed
	style       int
	tracker     [32]byte
	predecessor string
	alphas      [][32]byte
	contests    []weighted // by contest of the style; empty unless valid
}

// weighted holds weight·α and weight·β of each selection of one contest.
type weighted struct{ alpha, beta []point.Point }

// selection is a decoded selection.
type selection struct {
	alpha, beta          point.Point
	challenges, response []point.Scalar
}

// ballotCheck is the state of checking one cast.
type ballotCheck struct {
	s     *Setup
	c     *message.Cast
	place placer
	t     *tally
	bad   bool
	blame []string

	casting [32]byte // digest of the caster (S-11)
	style   int
	decoded [][]selection // by contest, selection
	sums    []sumProof    // by contest
}

// sumProof is a decoded sum proof and the ciphertext that it is about.
type sumProof struct {
	challenges, responses []point.Scalar
	a, b                  point.Point
}

func (b *ballotCheck) fail(f *Finding) {
	b.bad = true
	b.t.add(b.place(f).blame(b.blame...))
}

// checkCast makes V-17..V-21, V-23..V-25 and V-46.
func (s *Setup) checkCast(c *message.Cast, place placer, t *tally) *checkedCast {
	b := &ballotCheck{s: s, c: c, place: place, t: t, style: -1,
		casting: challenge.Caster(c.Ballot.Caster.Credential),
		blame:   []string{authority, voter(c.Decision.Credential)}}
	out := &checkedCast{credential: -1, tracker: c.Decision.Tracker, predecessor: c.Decision.Predecessor}
	out.alphas = alphasOf(&c.Ballot)
	for _, v := range []Check{Decoding, BallotShape, Caster, Tracker, Decision} {
		t.both(v, 1)
	}
	b.eligible(out)
	b.expectProofs(out)
	shaped := b.shape()
	b.caster()
	decoded := b.decode(shaped)
	b.tracker()
	b.decision()
	b.authorised()
	if shaped && decoded {
		b.proofs()
		out.style = b.style
	}
	out.valid = !b.bad
	if out.valid {
		out.contests = b.weigh()
	}
	return out
}

// eligible makes V-25 where the credentials are known.
func (b *ballotCheck) eligible(out *checkedCast) {
	if b.s.electorate == nil {
		return
	}
	b.t.both(Eligibility, 1)
	at, listed := b.s.electorate.find(b.c.Decision.Credential)
	if !listed {
		b.fail(found(Eligibility, "credential is not listed").sides("credential ∈ list", b.c.Decision.Credential, [32]byte{}))
		return
	}
	out.credential = at
	line := b.s.electorate.line(at, b.s.index)
	ballot := &b.c.Ballot
	if line.Style != ballot.Style || line.Unit != ballot.Unit || line.Weight != ballot.Weight {
		b.fail(found(Eligibility, "ballot and list disagree on style, unit or weight").
			counts(fmt.Sprintf("%s, %s, %d", line.Style, line.Unit, line.Weight),
				fmt.Sprintf("%s, %s, %d", clip(ballot.Style), clip(ballot.Unit), ballot.Weight)))
	}
}

// expectProofs counts the proofs that the ballot must have: by the style that
// the registrar signed, and by its own where there is none.
func (b *ballotCheck) expectProofs(out *checkedCast) {
	style, known := b.s.index.styles[b.c.Ballot.Style]
	if out.credential >= 0 {
		style, known = b.s.electorate.styleOf(out.credential), true
	}
	if known {
		selections, sums := b.s.index.selectionsOf(style)
		b.t.expect(Selections, selections)
		b.t.expect(Sums, sums)
	}
}

// shape makes V-18.
func (b *ballotCheck) shape() bool {
	ballot := &b.c.Ballot
	if ballot.Fingerprint != b.s.fingerprint {
		b.fail(found(BallotShape, "ballot is for another election").
			sides("fingerprint of ballot = fingerprint", ballot.Fingerprint, b.s.fingerprint))
		return false
	}
	style, ok := b.s.index.styles[ballot.Style]
	if !ok {
		b.fail(found(BallotShape, "unknown style %q", ballot.Style))
		return false
	}
	b.style = style
	contests := b.s.index.ballots[style]
	if len(ballot.Contests) != len(contests) {
		b.fail(found(BallotShape, "style %s has %d contests", ballot.Style, len(contests)).
			counts(len(contests), len(ballot.Contests)))
		return false
	}
	whole := true
	for i, at := range contests {
		whole = b.contestShape(&ballot.Contests[i], &b.s.index.shapes[at]) && whole
	}
	return whole
}

func (b *ballotCheck) contestShape(c *message.BallotContest, want *shape) bool {
	id := want.contest.ID
	if c.Contest != id {
		b.fail(found(BallotShape, "contest %q where %s belongs", c.Contest, id).contest(id).counts(id, c.Contest))
		return false
	}
	if len(c.Selections) != len(want.selections) {
		b.fail(found(BallotShape, "contest %s has %d selections", id, len(c.Selections)).contest(id).
			counts(len(want.selections), len(c.Selections)))
		return false
	}
	for i := range c.Selections {
		s := &c.Selections[i]
		if s.Option != want.selections[i] {
			b.fail(found(BallotShape, "option %q where %s belongs", s.Option, want.selections[i]).
				contest(id).counts(want.selections[i], s.Option))
			return false
		}
		if len(s.Proof.Challenges) != 2 || len(s.Proof.Responses) != 2 {
			b.fail(found(BallotShape, "selection proof has %d and %d parts", len(s.Proof.Challenges), len(s.Proof.Responses)).
				contest(id).option(s.Option).counts(2, len(s.Proof.Challenges)))
			return false
		}
	}
	parts := 0
	if c.Sum != nil {
		parts = len(c.Sum.Challenges)
	}
	if (c.Sum != nil) != (want.branches > 0) || parts != want.branches || c.Sum != nil && len(c.Sum.Responses) != parts {
		b.fail(found(BallotShape, "contest %s: sum proof with %d branches", id, parts).contest(id).
			counts(want.branches, parts))
		return false
	}
	return true
}

// caster makes V-19.
func (b *ballotCheck) caster() {
	caster := &b.c.Ballot.Caster
	switch {
	case caster.Credential != b.c.Decision.Credential:
		b.fail(found(Caster, "ballot was made by another credential than casts it").
			sides("caster of ballot = credential of decision", caster.Credential, b.c.Decision.Credential))
	case caster.Device != "" || caster.Sequence != 0:
		b.fail(found(Caster, "ballot names a device beside its credential"))
	}
}

// decode makes V-17 and keeps the decoded values of a well-shaped ballot.
func (b *ballotCheck) decode(keep bool) bool {
	good := true
	bad := func(contest, option, what string, value [32]byte) {
		good = false
		b.fail(found(Decoding, "%s is not allowed", what).contest(contest).option(option).
			sides("canonical, and not the identity where that is excluded", value, [32]byte{}))
	}
	scalars := func(contest, option string, in []message.Scalar) []point.Scalar {
		out := make([]point.Scalar, len(in))
		for i, x := range in {
			var ok bool
			if out[i], ok = point.ParseScalar(x); !ok {
				bad(contest, option, "scalar", x)
			}
		}
		return out
	}
	for i := range b.c.Ballot.Contests {
		c := &b.c.Ballot.Contests[i]
		list := make([]selection, len(c.Selections))
		for j := range c.Selections {
			s := &c.Selections[j]
			var okA, okB bool
			list[j].alpha, okA = point.Decode(s.Alpha)
			list[j].beta, okB = point.Decode(s.Beta)
			if !okA || list[j].alpha.IsIdentity() {
				bad(c.Contest, s.Option, "alpha", s.Alpha)
			}
			if !okB {
				bad(c.Contest, s.Option, "beta", s.Beta)
			}
			list[j].challenges = scalars(c.Contest, s.Option, s.Proof.Challenges)
			list[j].response = scalars(c.Contest, s.Option, s.Proof.Responses)
		}
		var sum sumProof
		if c.Sum != nil {
			sum.challenges = scalars(c.Contest, "", c.Sum.Challenges)
			sum.responses = scalars(c.Contest, "", c.Sum.Responses)
		}
		if keep {
			b.decoded = append(b.decoded, list)
			b.sums = append(b.sums, sum)
		}
	}
	return good
}

// tracker makes V-23 for this ballot alone.
func (b *ballotCheck) tracker() {
	ballot := &b.c.Ballot
	hct := challenge.Ciphertexts(ballot.Fingerprint, ballot.Style, ballot.Contests)
	hpr := challenge.Proofs(b.casting, ballot.Contests)
	want := challenge.Tracker(ballot.Fingerprint, ballot.Style, hct, hpr)
	if want != b.c.Decision.Tracker {
		b.fail(found(Tracker, "the decision's tracker is not this ballot's").
			sides("tracker of decision = D(\"tracker\"; …)", b.c.Decision.Tracker, want))
	}
}

// decision makes V-24.
func (b *ballotCheck) decision() {
	d := &b.c.Decision
	if d.Fingerprint != b.s.fingerprint {
		b.fail(found(Decision, "decision is for another election").
			sides("fingerprint of decision = fingerprint", d.Fingerprint, b.s.fingerprint))
		return
	}
	k, okK := point.Decode(d.Credential)
	r, okR := point.Decode(d.Signature.Commitment)
	s, okS := point.ParseScalar(d.Signature.Response)
	if !okR || r.IsIdentity() || !okS {
		b.fail(found(Decoding, "signature of the decision is not canonical, or its commitment is the identity"))
		return
	}
	if !okK || k.IsIdentity() {
		b.fail(found(Decision, "credential is no element other than the identity"))
		return
	}
	hb := sha256.Sum256(decisionContent(d))
	c := challenge.Credential(d.Credential, d.Signature.Commitment, challenge.PurposeDecision, d.Fingerprint, hb).Scalar()
	got := b.s.evaluate.Evaluate(nil, []point.Linear{{U: s, C: c}}, []point.Point{k})
	if got[0] != d.Signature.Commitment {
		b.fail(found(Decision, "the credential's signature does not verify").
			sides("R = sG - cK", d.Signature.Commitment, got[0]))
	}
}

// decisionContent is the canonical form of the decision without signature.
func decisionContent(d *message.Decision) []byte {
	out := append([]byte(nil), `{"credential":"`...)
	out = append(out, d.Credential.String()...)
	out = append(out, `","fingerprint":"`...)
	out = append(out, d.Fingerprint.String()...)
	out = append(out, `","predecessor":`...)
	out = canonical.AppendString(out, d.Predecessor)
	out = append(out, `,"tracker":"`...)
	out = append(out, d.Tracker.String()...)
	return append(out, `"}`...)
}

// weigh multiplies the ciphertexts by the ballot's weight.
func (b *ballotCheck) weigh() []weighted {
	out := make([]weighted, len(b.decoded))
	for i, list := range b.decoded {
		w := weighted{make([]point.Point, len(list)), make([]point.Point, len(list))}
		for j := range list {
			w.alpha[j] = times(b.c.Ballot.Weight, &list[j].alpha)
			w.beta[j] = times(b.c.Ballot.Weight, &list[j].beta)
		}
		out[i] = w
	}
	return out
}

func times(n uint64, p *point.Point) point.Point {
	if n == 1 {
		return *p
	}
	return point.MulUint(n, p)
}
