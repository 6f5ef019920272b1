package testelection

import (
	"crypto/sha256"
	"slices"

	"scrutineer/harness/verify/challenge"
	"scrutineer/harness/verify/point"
	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
)

// Blank is the choice of the blank selection.
const Blank = -1

// Encrypted is a ballot with the secrets that made it.
type Encrypted struct {
	Voter      int
	Ballot     message.Ballot
	Plaintexts [][]uint64
	Randomness [][]point.Scalar
}

type castBallot struct {
	voter  *voter
	ballot *message.Ballot
	index  uint64 // of its entry, where it was cast online
}

// contest is a contest of the manifest.
func (e *Election) contest(id string) *message.Contest {
	for i := range e.Manifest.Contests {
		if e.Manifest.Contests[i].ID == id {
			return &e.Manifest.Contests[i]
		}
	}
	return nil
}

func (e *Election) style(id string) []string {
	for _, s := range e.Manifest.Styles {
		if s.ID == id {
			return s.Contests
		}
	}
	return nil
}

// selectionsOf are the ids of the selections of a contest.
func selectionsOf(c *message.Contest) []string {
	var out []string
	for _, o := range c.Options {
		out = append(out, o.ID)
	}
	if c.Blank {
		out = append(out, message.BlankOption)
	}
	return out
}

func hasSum(c *message.Contest) bool {
	return c.Blank || c.Min != 0 || c.Max != uint64(len(c.Options))
}

// EncryptBallot makes a voter's ballot (S-10..S-13): for each contest of the style
// the chosen options, or Blank.
func (e *Election) EncryptBallot(voter int, choices [][]int) *Encrypted {
	v := e.voters[voter]
	out := &Encrypted{Voter: voter, Ballot: message.Ballot{Caster: message.Caster{Credential: v.key},
		Fingerprint: e.Fingerprint, Style: v.Style, Unit: v.Unit, Weight: v.Weight}}
	for i, id := range e.style(v.Style) {
		c := e.contest(id)
		part := message.BallotContest{Contest: id}
		var plain []uint64
		var secrets []point.Scalar
		for j, option := range selectionsOf(c) {
			m := uint64(0)
			if slices.Contains(choices[i], j) || option == message.BlankOption && slices.Contains(choices[i], Blank) {
				m = 1
			}
			if e.Plain != nil {
				m = e.Plain(voter, i, j, m)
			}
			r := e.random.scalar()
			alpha, beta := e.ciphertext(m, &r)
			part.Selections = append(part.Selections, message.Selection{Option: option, Alpha: alpha, Beta: beta})
			plain, secrets = append(plain, m), append(secrets, r)
		}
		out.Ballot.Contests = append(out.Ballot.Contests, part)
		out.Plaintexts, out.Randomness = append(out.Plaintexts, plain), append(out.Randomness, secrets)
	}
	e.Prove(out)
	if e.Ballot != nil {
		e.Ballot(voter, &out.Ballot)
	}
	return out
}

func (e *Election) ciphertext(m uint64, r *point.Scalar) (alpha, beta [32]byte) {
	a, b := e.g.Mul(r), e.y.Mul(r)
	s := point.ScalarOf(m)
	mg := e.g.Mul(&s)
	b.Add(&b, &mg)
	return a.Encode(), b.Encode()
}

// Prove makes all proofs of a ballot anew, for its present context.
func (e *Election) Prove(x *Encrypted) {
	b := &x.Ballot
	statement := challenge.Statement{Fingerprint: b.Fingerprint, Key: e.ElectionKey, Style: b.Style,
		Caster: casterOf(b), HCT: challenge.Ciphertexts(b.Fingerprint, b.Style, b.Contests)}
	for i := range b.Contests {
		part := &b.Contests[i]
		c := e.contest(part.Contest)
		statement.Contest = part.Contest
		var sum point.Scalar
		votes := uint64(0)
		for j := range part.Selections {
			s := &part.Selections[j]
			r, m := x.Randomness[i][j], x.Plaintexts[i][j]
			s.Proof = e.disjunction(statement.Selection(s.Option, s.Alpha, s.Beta), r, m, 0, 2)
			if j == len(c.Options) {
				most := point.ScalarOf(c.Max)
				r, m = r.Mul(&most), m*c.Max
			}
			sum, votes = sum.Add(&r), votes+m
		}
		if hasSum(c) {
			a, bb := e.ciphertext(votes, &sum)
			proof := e.disjunction(statement.Sum(c.Min, c.Max, a, bb), sum, votes, c.Min, int(c.Max-c.Min+1))
			part.Sum = &proof
		}
	}
}

// disjunction proves that (rG, mG + rY) encrypts one of low … low+n-1. The
// prover knows r, so a false branch j has a = (z - cr)G and
// b = (z - cr)Y - c(m - j)G. For an m outside of the range it proves the last
// branch falsely.
func (e *Election) disjunction(text challenge.Text, r point.Scalar, m, low uint64, n int) message.Branches {
	truth := int(m - low)
	if m < low || truth >= n {
		truth = n - 1
	}
	cs, zs := make([]point.Scalar, n), make([]point.Scalar, n)
	var nonce, sum point.Scalar
	for j := range n {
		var u, w point.Scalar // a = uG, b = uY + wG
		if j == truth {
			nonce = e.random.scalar()
			u = nonce
		} else {
			cs[j], zs[j] = e.random.scalar(), e.random.scalar()
			sum = sum.Add(&cs[j])
			cr := cs[j].Mul(&r)
			u = zs[j].Sub(&cr)
			pm, pj := point.ScalarOf(m), point.ScalarOf(low+uint64(j))
			diff := pj.Sub(&pm)
			w = cs[j].Mul(&diff)
		}
		a, b, wg := e.g.Mul(&u), e.y.Mul(&u), e.g.Mul(&w)
		b.Add(&b, &wg)
		text = text.Pt(a.Encode()).Pt(b.Encode())
	}
	c := text.Scalar()
	cs[truth] = c.Sub(&sum)
	cr := cs[truth].Mul(&r)
	zs[truth] = nonce.Add(&cr)
	var out message.Branches
	for j := range n {
		out.Challenges = append(out.Challenges, cs[j].Bytes())
		out.Responses = append(out.Responses, zs[j].Bytes())
	}
	return out
}

// casterOf is the digest of a ballot's caster (S-11).
func casterOf(b *message.Ballot) [32]byte {
	if b.Caster.Credential == (message.Element{}) {
		return challenge.Device(b.Caster.Device, b.Caster.Sequence)
	}
	return challenge.Caster(b.Caster.Credential)
}

// TrackerOf is the tracker of a ballot.
func TrackerOf(b *message.Ballot) (hpr, tracker [32]byte) {
	hpr = challenge.Proofs(casterOf(b), b.Contests)
	hct := challenge.Ciphertexts(b.Fingerprint, b.Style, b.Contests)
	return hpr, challenge.Tracker(b.Fingerprint, b.Style, hct, hpr)
}

// Decide signs the decision to cast a ballot (S-17).
func (e *Election) Decide(voter int, b *message.Ballot, predecessor string) message.Decision {
	v := e.voters[voter]
	_, tracker := TrackerOf(b)
	d := message.Decision{Credential: v.key, Fingerprint: e.Fingerprint, Predecessor: predecessor, Tracker: tracker}
	e.SignDecision(voter, &d)
	e.Authorise(&d)
	return d
}

// SignDecision signs a decision as it is, with a voter's secret.
func (e *Election) SignDecision(voter int, d *message.Decision) {
	e.SignWith(voter, d, e.random.scalar())
}

// SignWith is SignDecision with a nonce of the caller's.
func (e *Election) SignWith(voter int, d *message.Decision, nonce point.Scalar) {
	r := e.g.Mul(&nonce)
	d.Signature.Commitment = r.Encode()
	c := challenge.Credential(d.Credential, d.Signature.Commitment, challenge.PurposeDecision, d.Fingerprint,
		sha256.Sum256(must(codec.Encode(d.Content())))).Scalar()
	cx := c.Mul(&e.voters[voter].secret)
	s := nonce.Add(&cx)
	d.Signature.Response = s.Bytes()
}

// Cast encrypts, decides and casts, and lets the ballot stand.
func (e *Election) Cast(voter int, choices [][]int) *message.Cast {
	c := e.CastBallot(voter, e.EncryptBallot(voter, choices))
	e.Stand(voter, c)
	return c
}

// CastBallot decides for and casts a ballot, whoever made it. It does not
// count until [Election.Stand].
func (e *Election) CastBallot(voter int, x *Encrypted) *message.Cast {
	c := &message.Cast{Ballot: x.Ballot, Decision: e.Decide(voter, &x.Ballot, e.voters[voter].head)}
	e.PostCast(c)
	return c
}

// PostCast posts a cast as it is.
func (e *Election) PostCast(c *message.Cast) {
	e.Append(message.TypeCast, "", "", e.Fingerprint, c)
}

// Stranger adds a voter who is not on the list.
func (e *Election) Stranger(v Voter) int {
	x := &voter{Voter: v, id: "stranger", secret: e.random.scalar(), head: message.None}
	k := e.g.Mul(&x.secret)
	x.key = k.Encode()
	e.voters = append(e.voters, x)
	return len(e.voters) - 1
}

// Forget leaves a voter's standing ballot out of participation and tally.
func (e *Election) Forget(voter int) {
	v := e.voters[voter]
	e.counted = slices.DeleteFunc(e.counted, func(b *castBallot) bool { return b == v.last })
}

// Ciphertext encrypts m with randomness r.
func (e *Election) Ciphertext(m uint64, r point.Scalar) (alpha, beta [32]byte) {
	return e.ciphertext(m, &r)
}

// Stand lets a cast count for its voter.
func (e *Election) Stand(voter int, c *message.Cast) {
	v := e.voters[voter]
	v.head = c.Decision.Tracker.String()
	if v.last != nil {
		e.counted = slices.DeleteFunc(e.counted, func(b *castBallot) bool { return b == v.last })
	}
	v.last = &castBallot{v, &c.Ballot, e.Size() - 1}
	e.counted = append(e.counted, v.last)
}

// Standing is the tracker of a voter's standing ballot, or none.
func (e *Election) Standing(voter int) string { return e.voters[voter].head }

// Challenge opens a ballot (S-18).
func (e *Election) Challenge(x *Encrypted) *message.Challenge {
	c := e.opening(x)
	e.Append(message.TypeChallenge, "", "", e.Fingerprint, c)
	return c
}

func (e *Election) opening(x *Encrypted) *message.Challenge {
	hpr, _ := TrackerOf(&x.Ballot)
	c := &message.Challenge{Commitment: hpr, Fingerprint: x.Ballot.Fingerprint, Style: x.Ballot.Style}
	for i, part := range x.Ballot.Contests {
		o := message.OpenedContest{Contest: part.Contest}
		for j, s := range part.Selections {
			o.Selections = append(o.Selections, message.OpenedSelection{Option: s.Option, Alpha: s.Alpha, Beta: s.Beta,
				Plaintext: x.Plaintexts[i][j], Randomness: x.Randomness[i][j].Bytes()})
		}
		c.Contests = append(c.Contests, o)
	}
	return c
}
