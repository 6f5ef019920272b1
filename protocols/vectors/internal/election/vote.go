package election

import (
	"slices"

	"go.dedis.ch/kyber/v3"

	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
	"scrutineer/protocols/vectors/internal/prover"
)

// Action is one ballot: cast, or challenged. Its step is its name.
type Action struct {
	Name      string
	Voter     string
	Choices   map[string][]string // marked options by contest, "blank" among them
	Challenge bool
	Void      bool // it stands on the board and does not count
	Draft     Draft
}

// Draft is where a ballot departs from the protocol. Nil members depart
// nowhere.
type Draft struct {
	Style     string                                        // instead of the credential's
	Coins     func(contest, option string) string           // label of the randomness, to use another's
	Same      bool                                          // the same randomness for all options of a contest
	Zero      bool                                          // no randomness for the first option
	Plain     func(contest, option string, m uint64) uint64 // what is encrypted
	Statement func(s *transcript.Statement)                 // what the proofs are about
	Ballot    func(b *message.Ballot)                       // before the tracker
	Decision  func(d *message.Decision)                     // before its signature
	Cast      func(c *message.Cast)                         // before it is posted
	Challenge func(c *message.Challenge)                    // before it is posted
}

// Prepared is a ballot with all that its client knows.
type Prepared struct {
	Action    Action
	Voter     *Voter
	Ballot    message.Ballot
	Tracker   message.Digest
	Pairs     map[string][]prover.Pair // by contest
	Plain     map[string][]uint64
	Coins     map[string][]kyber.Scalar
	Statement transcript.Statement
}

// Prepare encrypts and proves (S-10 to S-15).
func (e *Election) Prepare(a Action) *Prepared {
	v := e.Voter(a.Voter)
	p := &Prepared{
		Action: a, Voter: v,
		Pairs: map[string][]prover.Pair{}, Plain: map[string][]uint64{}, Coins: map[string][]kyber.Scalar{},
	}
	style := v.Credential.Style
	if a.Draft.Style != "" {
		style = a.Draft.Style
	}
	p.Ballot = message.Ballot{
		Caster: message.Caster{Credential: v.Credential.Key}, Contests: []message.BallotContest{},
		Fingerprint: e.Fingerprint, Style: style, Unit: v.Credential.Unit, Weight: v.Credential.Weight,
	}
	for _, id := range e.Style(style).Contests {
		p.encrypt(e, e.Contest(id))
	}
	p.Statement = transcript.Statement{
		Fingerprint: e.Fingerprint, ElectionKey: e.EncodedKey(), Style: style,
		Caster:      transcript.Caster(p.Ballot.Caster),
		Ciphertexts: transcript.Ciphertexts(e.Fingerprint, style, p.Ballot.Contests),
	}
	if a.Draft.Statement != nil {
		a.Draft.Statement(&p.Statement)
	}
	for i := range p.Ballot.Contests {
		p.prove(e, &p.Ballot.Contests[i])
	}
	if a.Draft.Ballot != nil {
		a.Draft.Ballot(&p.Ballot)
	}
	p.Tracker = transcript.Tracker(&p.Ballot)
	return p
}

func (p *Prepared) encrypt(e *Election, c message.Contest) {
	answer := message.BallotContest{Contest: c.ID}
	for _, option := range Selections(c) {
		var m uint64
		if slices.Contains(p.Action.Choices[c.ID], option) {
			m = 1
		}
		if p.Action.Draft.Plain != nil {
			m = p.Action.Draft.Plain(c.ID, option, m)
		}
		label := p.Action.Name
		if p.Action.Draft.Coins != nil {
			label = p.Action.Draft.Coins(c.ID, option)
		}
		coin := option
		if p.Action.Draft.Same {
			coin = "all"
		}
		r := Seed.Scalar("coins", []byte(label), []byte(c.ID), []byte(coin))
		if p.Action.Draft.Zero && len(p.Ballot.Contests) == 0 && option == c.Options[0].ID {
			r = prover.Integer(0)
		}
		pair := prover.Encrypt(e.Key, prover.Integer(m), r)
		answer.Selections = append(answer.Selections, message.Selection{
			Alpha: prover.Element(pair.Alpha), Beta: prover.Element(pair.Beta), Option: option,
		})
		p.Pairs[c.ID] = append(p.Pairs[c.ID], pair)
		p.Plain[c.ID] = append(p.Plain[c.ID], m)
		p.Coins[c.ID] = append(p.Coins[c.ID], r)
	}
	p.Ballot.Contests = append(p.Ballot.Contests, answer)
}

func (p *Prepared) prove(e *Election, answer *message.BallotContest) {
	s := p.Statement
	if s.Contest == "" {
		s.Contest = answer.Contest
	}
	for i := range answer.Selections {
		sel := &answer.Selections[i]
		sel.Proof = prover.Range{
			Y: e.Key, Pair: p.Pairs[answer.Contest][i], Plain: p.Plain[answer.Contest][i], R: p.Coins[answer.Contest][i],
			Low: 0, High: 1,
			Start: func() *transcript.Transcript { return s.Selection(sel.Option, sel.Alpha, sel.Beta) },
		}.Prove(Seed, p.Action.Name)
	}
	c := e.Contest(answer.Contest)
	if !NeedsSum(c) {
		return
	}
	sum := p.Sum(e.Key, c)
	sum.Start = func() *transcript.Transcript {
		return s.Sum(c.Min, c.Max, prover.Element(sum.Pair.Alpha), prover.Element(sum.Pair.Beta))
	}
	proof := sum.Prove(Seed, p.Action.Name)
	answer.Sum = &proof
}

// Sum is the sum of a contest with what its client knows of it (S-13); the
// transcript is for the caller to start.
func (p *Prepared) Sum(key kyber.Point, c message.Contest) prover.Range {
	sum := prover.Range{Y: key, Pair: prover.NoPair(), R: prover.Integer(0), Low: c.Min, High: c.Max}
	for i, pair := range p.Pairs[c.ID] {
		times := uint64(1)
		if i == len(c.Options) {
			times = c.Max
		}
		sum.Pair = sum.Pair.Plus(pair.Times(times))
		sum.Plain += times * p.Plain[c.ID][i]
		sum.R = prover.Plus(sum.R, prover.Times(prover.Integer(times), p.Coins[c.ID][i]))
	}
	return sum
}

// Decide casts a prepared ballot after the one that stands (S-17).
func (e *Election) Decide(p *Prepared) message.Cast {
	head, ok := e.heads[p.Voter.ID]
	if !ok {
		head = message.None
	}
	d := message.Decision{
		Credential: p.Voter.Credential.Key, Fingerprint: e.Fingerprint, Predecessor: head, Tracker: p.Tracker,
	}
	if p.Action.Draft.Decision != nil {
		p.Action.Draft.Decision(&d)
	}
	d.Signature = SignDecision(d, p.Voter.Secret)
	if e.Manifest.Identity != (message.Key{}) {
		d.Authorisation = Authorise(d)
	}
	cast := message.Cast{Ballot: p.Ballot, Decision: d}
	if p.Action.Draft.Cast != nil {
		p.Action.Draft.Cast(&cast)
	}
	return cast
}

// SignDecision signs the content of a decision with any credential.
func SignDecision(d message.Decision, secret kyber.Scalar) message.SchnorrSignature {
	h := transcript.BodyDigest(Encode(d.Content()))
	return prover.Sign(Seed, secret, transcript.PurposeDecision, d.Fingerprint, h)
}

// Submit is the message that brings a prepared ballot to the box (S-16).
func (p *Prepared) Submit() message.Submission {
	h := transcript.BodyDigest(Encode(p.Ballot))
	return message.Submission{
		Ballot:    p.Ballot,
		Signature: prover.Sign(Seed, p.Voter.Secret, transcript.PurposeBallotBody, p.Ballot.Fingerprint, h),
	}
}

// Open opens a prepared ballot instead of casting it (S-18).
func (p *Prepared) Open() message.Challenge {
	c := message.Challenge{
		Commitment:  transcript.Proofs(transcript.Caster(p.Ballot.Caster), p.Ballot.Contests),
		Contests:    []message.OpenedContest{},
		Fingerprint: p.Ballot.Fingerprint, Style: p.Ballot.Style,
	}
	for _, answer := range p.Ballot.Contests {
		opened := message.OpenedContest{Contest: answer.Contest}
		for i, s := range answer.Selections {
			opened.Selections = append(opened.Selections, message.OpenedSelection{
				Alpha: s.Alpha, Beta: s.Beta, Option: s.Option,
				Plaintext:  p.Plain[answer.Contest][i],
				Randomness: prover.Scalar(p.Coins[answer.Contest][i]),
			})
		}
		c.Contests = append(c.Contests, opened)
	}
	if p.Action.Draft.Challenge != nil {
		p.Action.Draft.Challenge(&c)
	}
	return c
}

// Do carries out an action on the board.
func (e *Election) Do(a Action) *Prepared {
	p := e.Prepare(a)
	e.posted[a.Name] = p
	if a.Challenge {
		c := p.Open()
		e.post(a.Name, author{}, message.TypeChallenge, e.Fingerprint, &c)
		return p
	}
	cast := e.Decide(p)
	e.post(a.Name, author{}, message.TypeCast, e.Fingerprint, &cast)
	if !a.Void {
		e.heads[a.Voter] = p.Tracker.String()
		e.counted[a.Voter] = p
	}
	return p
}

// Posted is the ballot of an earlier action.
func (e *Election) Posted(name string) *Prepared { return e.posted[name] }
