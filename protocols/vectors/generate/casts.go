package main

import (
	"slices"

	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
	"scrutineer/protocols/vectors"
	"scrutineer/protocols/vectors/internal/election"
	"scrutineer/protocols/vectors/internal/prover"
)

// afternoon is the ward with two casts and a challenge on its board.
func afternoon() *election.Election {
	e := ward()
	e.Do(election.Action{Name: "morning 1", Voter: "voter-1", Choices: full()})
	e.Do(election.Action{Name: "morning 2", Voter: "voter-3", Choices: map[string][]string{"council": {"blank"}}})
	e.Do(election.Action{Name: "morning 3", Voter: "voter-2", Choices: full(), Challenge: true})
	return e
}

type castSuite = suite[vectors.Voting, vectors.CastInput]

func castVectors(b *book) {
	s := newSuite[vectors.Voting, vectors.CastInput](b, "casts",
		"May this ballot with its decision stand next on the board?",
		"The body of a cast entry that would come next on the board of the context (V-17 to V-27, V-29).")
	e := afternoon()
	s.group("the ward after two casts and a challenge", board(e))
	soundCasts(s, e)
	for _, d := range ballotFaults(e) {
		d.action.Name = "cast of " + d.comment
		s.invalid(d.check, d.comment, cast(e, d.action), d.flag)
	}
	casterFaults(s, e)
	decisionFaults(s, e)
	boardFaults(s, e)
	closed(s)
	s.finish()
}

func cast(e *election.Election, a election.Action) vectors.CastInput {
	return vectors.CastInput{Cast: e.Decide(e.Prepare(a))}
}

func soundCasts(s *castSuite, e *election.Election) {
	valid := func(comment, voter string, choices map[string][]string) {
		s.valid(comment, cast(e, election.Action{Name: "cast: " + comment, Voter: voter, Choices: choices}))
	}
	valid("three contests, first ballot", "voter-2", full())
	valid("second ballot, predecessor the first", "voter-1", full())
	valid("nothing marked where that is allowed", "voter-4", nil)
	valid("blank vote with weight three", "voter-5", map[string][]string{"council": {"blank"}})
	valid("one contest", "voter-4", map[string][]string{"motion": {"yes"}})
}

// casterFaults are about whose ballot it is (V-19).
func casterFaults(s *castSuite, e *election.Election) {
	short := map[string][]string{"motion": {"yes"}}
	act := func(name string, d election.Draft) vectors.CastInput {
		return cast(e, election.Action{Name: "cast: " + name, Voter: "voter-4", Choices: short, Draft: d})
	}
	other := message.Caster{Credential: e.Voter("voter-3").Credential.Key}
	s.invalid("V-19", "ballot made for another voter", act("caster", election.Draft{
		Statement: func(st *transcript.Statement) { st.Caster = transcript.Caster(other) },
		Ballot:    func(b *message.Ballot) { b.Caster = other },
	}), "CopiedBallot")
	device := message.Caster{Device: "device-1", Sequence: 1}
	s.invalid("V-19 V-20 V-21 V-23", "caster is a device", act("device", election.Draft{
		Statement: func(st *transcript.Statement) { st.Caster = transcript.Caster(device) },
		Ballot:    func(b *message.Ballot) { b.Caster = device },
	}), "WrongCaster")
	s.invalid("V-19", "caster is a credential and a device", act("both", election.Draft{
		Ballot: func(b *message.Ballot) { b.Caster.Device = "device-1" },
	}), "WrongCaster")
	s.invalid("V-19 V-20 V-21 V-23", "no caster", act("no caster", election.Draft{
		Ballot: func(b *message.Ballot) { b.Caster = message.Caster{} },
	}), "WrongCaster")
	first := e.Posted("morning 1")
	s.invalid("V-19 V-22 V-23", "the ballot of voter 1 once more, decided on by voter 2", cast(e, election.Action{
		Name: "cast: copy", Voter: "voter-2", Choices: full(), Draft: election.Draft{
			Ballot: func(b *message.Ballot) { *b = first.Ballot },
		},
	}), "CopiedBallot")
}

// decisionFaults are about the signed decision (V-17, V-23 to V-26).
func decisionFaults(s *castSuite, e *election.Election) {
	bad := func(checks, flag, comment, voter string, d election.Draft) {
		s.invalid(checks, comment, cast(e, election.Action{
			Name: "cast: " + comment, Voter: voter, Choices: map[string][]string{"motion": {"yes"}, "council": {"ben"}}, Draft: d,
		}), flag)
	}
	decision := func(checks, flag, comment string, change func(d *message.Decision)) {
		bad(checks, flag, comment, "voter-4", election.Draft{Decision: change})
	}
	later := func(checks, flag, comment string, change func(c *message.Cast)) {
		bad(checks, flag, comment, "voter-4", election.Draft{Cast: change})
	}
	decision("V-23", "WrongTracker", "tracker of no ballot", func(d *message.Decision) { d.Tracker[0] ^= 1 })
	decision("V-23", "WrongTracker", "tracker of another ballot of the voter", func(d *message.Decision) {
		d.Tracker = e.Prepare(election.Action{Name: "another", Voter: "voter-4"}).Tracker
	})
	decision("V-24", "ContextConfusion", "decision for another election", func(d *message.Decision) { d.Fingerprint[0] ^= 1 })
	later("V-24", "WrongSignature", "one bit of the signature", func(c *message.Cast) { c.Decision.Signature.Response[0] ^= 1 })
	later("V-24", "WrongSignature", "signed by another credential", func(c *message.Cast) {
		c.Decision.Signature = election.SignDecision(c.Decision, election.VoterSecret("voter-3"))
	})
	later("V-24", "WrongSignature", "predecessor changed after the signature", func(c *message.Cast) {
		c.Decision.Predecessor = c.Decision.Tracker.String()
	})
	later("V-24", "ContextConfusion", "signature for the purpose of ballots", func(c *message.Cast) {
		h := transcript.BodyDigest(election.Encode(c.Decision.Content()))
		c.Decision.Signature = prover.Sign(election.Seed, election.VoterSecret("voter-4"), transcript.PurposeBallotBody, e.Fingerprint, h)
	})
	later("V-17 V-24", "UnreducedScalar", "s plus l", func(c *message.Cast) {
		c.Decision.Signature.Response = prover.AddOrder(c.Decision.Signature.Response)
	})
	later("V-17 V-24", "NegativeElement", "negative encoding of R", func(c *message.Cast) {
		c.Decision.Signature.Commitment = prover.Negative(c.Decision.Signature.Commitment)
	})
	later("V-17 V-24", "IdentityElement", "R is the identity: the signature gives the secret away", func(c *message.Cast) {
		r := message.Element{}
		h := transcript.BodyDigest(election.Encode(c.Decision.Content()))
		x := election.VoterSecret("voter-4")
		challenge := prover.Challenge(transcript.CredentialSignature(c.Decision.Credential, r, transcript.PurposeDecision, e.Fingerprint, h))
		c.Decision.Signature = message.SchnorrSignature{Commitment: r, Response: prover.Scalar(prover.Times(challenge, x))}
	})
	later("V-46", "WrongSignature", "an authorisation in an election without an identity service", func(c *message.Cast) {
		c.Decision.Authorisation = &c.Decision.Signature
	})
	decision("V-26", "BrokenChain", "predecessor is a tracker that nobody cast", func(d *message.Decision) {
		d.Predecessor = d.Tracker.String()
	})
	decision("V-26", "BrokenChain", "empty predecessor", func(d *message.Decision) { d.Predecessor = "" })
	decision("V-26", "BrokenChain", "predecessor is another voter's ballot", func(d *message.Decision) {
		d.Predecessor = e.Posted("morning 1").Tracker.String()
	})
	bad("V-26", "BrokenChain", "predecessor none although a ballot stands", "voter-3", election.Draft{
		Decision: func(d *message.Decision) { d.Predecessor = message.None },
	})
	bad("V-26", "BrokenChain", "predecessor in upper case", "voter-3", election.Draft{
		Decision: func(d *message.Decision) { d.Predecessor = upper(d.Predecessor) },
	})
	stranger(s, e)
}

func upper(s string) string {
	b := []byte(s)
	for i := range b {
		if b[i] >= 'a' && b[i] <= 'f' {
			b[i] -= 'a' - 'A'
		}
	}
	return string(b)
}

// stranger casts with a credential that is not listed.
func stranger(s *castSuite, e *election.Election) {
	x := election.Seed.Scalar("stranger")
	key := prover.Element(prover.Base(x))
	a := election.Action{Name: "cast: stranger", Voter: "voter-4", Choices: map[string][]string{"motion": {"yes"}}, Draft: election.Draft{
		Statement: func(st *transcript.Statement) { st.Caster = transcript.Caster(message.Caster{Credential: key}) },
		Ballot:    func(b *message.Ballot) { b.Caster.Credential = key },
		Decision:  func(d *message.Decision) { d.Credential = key },
		Cast:      func(c *message.Cast) { c.Decision.Signature = election.SignDecision(c.Decision, x) },
	}}
	s.invalid("V-25", "credential that is not listed", cast(e, a), "UnlistedCredential")
	a.Name = "cast: nobody"
	a.Draft.Statement = func(st *transcript.Statement) { st.Caster = transcript.Caster(message.Caster{}) }
	a.Draft.Ballot = func(b *message.Ballot) { b.Caster = message.Caster{} }
	a.Draft.Decision = func(d *message.Decision) { d.Credential = message.Element{} }
	a.Draft.Cast = func(c *message.Cast) { c.Decision.Signature = election.SignDecision(c.Decision, prover.Integer(0)) }
	s.invalid("V-24 V-19 V-20 V-21 V-23 V-25", "credential that is the identity", cast(e, a), "IdentityElement")
}

// boardFaults are right by themselves and wrong on this board (V-22, V-29).
func boardFaults(s *castSuite, e *election.Election) {
	reuse := func(name string) func(contest, option string) string {
		return func(string, string) string { return name }
	}
	s.invalid("V-22", "ciphertexts of an earlier ballot, proven again", cast(e, election.Action{
		Name: "cast: weeding", Voter: "voter-2", Choices: full(), Draft: election.Draft{Coins: reuse("morning 1")},
	}), "ReusedCiphertext")
	s.invalid("V-22", "one α of an earlier ballot, with another plaintext", cast(e, election.Action{
		Name: "cast: one α", Voter: "voter-2", Choices: map[string][]string{"council": {"ben"}, "motion": {"yes"}}, Draft: election.Draft{
			Coins: func(contest, option string) string {
				if contest == "motion" && option == "no" {
					return "morning 1"
				}
				return "cast: one α"
			},
		},
	}), "ReusedCiphertext")
	s.invalid("V-22", "one α twice in the ballot", cast(e, election.Action{
		Name: "cast: twice", Voter: "voter-4", Choices: map[string][]string{"motion": {"yes"}}, Draft: election.Draft{Same: true},
	}), "ReusedCiphertext")
	s.invalid("V-29", "ciphertexts that have been challenged", cast(e, election.Action{
		Name: "cast: challenged", Voter: "voter-2", Choices: full(), Draft: election.Draft{Coins: reuse("morning 3")},
	}), "ChallengedCiphertext")
	copied := e.Decide(e.Posted("morning 1"))
	copied.Decision.Predecessor = message.None
	copied.Decision.Signature = election.SignDecision(copied.Decision, e.Voter("voter-1").Secret)
	s.invalid("V-22 V-23 V-26", "an entry of the board once more", vectors.CastInput{Cast: copied}, "Replay")
}

// closed is a board on which nobody may cast any more.
func closed(s *castSuite) {
	e := ward()
	e.Post(message.RoleAuthority, "", message.TypeCloseChannel, e.Fingerprint, &message.CloseChannel{Channel: "web"})
	s.group("the ward after its only channel has closed", board(e))
	a := election.Action{Name: "cast: late", Voter: "voter-4", Choices: map[string][]string{"motion": {"yes"}}}
	s.invalid("V-27 V-06", "a right ballot after the close", cast(e, a), "OutOfWindow")
	m := election.Ward()
	m.Revote = message.RevoteNone
	once := election.Open(election.Script{Manifest: m})
	once.Do(election.Action{Name: "once", Voter: "voter-4", Choices: map[string][]string{"motion": {"no"}}})
	s.group("a ward without revotes, after one cast", board(once))
	s.valid("first ballot of another voter", cast(once, election.Action{Name: "cast: other", Voter: "voter-3", Choices: map[string][]string{"council": {"blank"}}}))
	a.Name = "cast: again"
	s.invalid("V-26", "second ballot, predecessor the first, where nobody may vote twice", cast(once, a), "BrokenChain")
	a.Name, a.Draft = "cast: afresh", election.Draft{Decision: func(d *message.Decision) { d.Predecessor = message.None }}
	s.invalid("V-26", "second ballot, predecessor none, where nobody may vote twice", cast(once, a), "BrokenChain")
}

type challengeSuite = suite[vectors.Voting, vectors.ChallengeInput]

func challengeVectors(b *book) {
	s := newSuite[vectors.Voting, vectors.ChallengeInput](b, "challenges",
		"Do these openings open a ballot that might have been cast?",
		"The body of a challenge entry that would come next on the board of the context (V-17, V-22, V-28, V-29). That a ballot with this tracker waited is known to the box alone.")
	e := afternoon()
	s.group("the ward after two casts and a challenge", board(e))
	open := func(a election.Action, change func(c *message.Challenge)) vectors.ChallengeInput {
		a.Draft.Challenge = change
		return vectors.ChallengeInput{Challenge: e.Prepare(a).Open()}
	}
	s.valid("three contests", open(election.Action{Name: "challenge 1", Voter: "voter-2", Choices: full()}, nil))
	s.valid("blank vote", open(election.Action{Name: "challenge 2", Voter: "voter-1", Choices: map[string][]string{"council": {"blank"}}}, nil))
	short := election.Action{Name: "challenge 3", Voter: "voter-4", Choices: map[string][]string{"motion": {"yes"}}}
	s.valid("one contest", open(short, nil))
	s.valid("commitment to other proofs", open(short, func(c *message.Challenge) { c.Commitment[0] ^= 1 }))
	openingFaults(s, open, short)
	reused := func(name string) election.Action {
		return election.Action{Name: "challenge of " + name, Voter: "voter-2", Choices: full(),
			Draft: election.Draft{Coins: func(string, string) string { return name }}}
	}
	s.invalid("V-29", "ciphertexts that have been cast", open(reused("morning 1"), nil), "ChallengedCiphertext")
	s.invalid("V-22", "ciphertexts that have been challenged", open(reused("morning 3"), nil), "ReusedCiphertext")
	s.finish()
}

func openingFaults(s *challengeSuite, open func(election.Action, func(*message.Challenge)) vectors.ChallengeInput, short election.Action) {
	bad := func(checks, flag, comment string, change func(c *message.Challenge)) {
		s.invalid(checks, comment, open(short, change), flag)
	}
	first := func(c *message.Challenge) *message.OpenedSelection { return &c.Contests[0].Selections[0] }
	bad("V-28", "FalseOpening", "0 for an encrypted 1", func(c *message.Challenge) { first(c).Plaintext = 0 })
	bad("V-28", "FalseOpening", "1 for an encrypted 0", func(c *message.Challenge) { c.Contests[0].Selections[1].Plaintext = 1 })
	bad("V-28", "FalseOpening", "other randomness", func(c *message.Challenge) { first(c).Randomness[0] ^= 1 })
	bad("V-28", "FalseOpening", "openings of two options exchanged", func(c *message.Challenge) {
		l := c.Contests[0].Selections
		l[0].Plaintext, l[1].Plaintext = l[1].Plaintext, l[0].Plaintext
		l[0].Randomness, l[1].Randomness = l[1].Randomness, l[0].Randomness
	})
	bad("V-28", "FalseOpening", "labels of two options exchanged", func(c *message.Challenge) {
		l := c.Contests[0].Selections
		l[0].Option, l[1].Option = l[1].Option, l[0].Option
	})
	bad("V-17 V-28", "UnreducedScalar", "randomness plus l", func(c *message.Challenge) { first(c).Randomness = prover.AddOrder(first(c).Randomness) })
	bad("V-17 V-28", "NegativeElement", "negative encoding of α", func(c *message.Challenge) { first(c).Alpha = prover.Negative(first(c).Alpha) })
	bad("V-28", "ContextConfusion", "another election", func(c *message.Challenge) { c.Fingerprint[0] ^= 1 })
	bad("V-28", "BallotShape", "unknown style", func(c *message.Challenge) { c.Style = "long" })
	bad("V-28", "BallotShape", "style with other contests", func(c *message.Challenge) { c.Style = "full" })
	bad("V-28", "BallotShape", "no contest", func(c *message.Challenge) { c.Contests = []message.OpenedContest{} })
	bad("V-28", "BallotShape", "one option left out", func(c *message.Challenge) { c.Contests[0].Selections = c.Contests[0].Selections[:1] })
	bad("V-28", "BallotShape", "options in another order", func(c *message.Challenge) { slices.Reverse(c.Contests[0].Selections) })
	wrong := func(comment, flag string, d election.Draft, choices map[string][]string) {
		a := election.Action{Name: "challenge: " + comment, Voter: "voter-4", Choices: choices, Draft: d}
		s.invalid("V-28", comment, open(a, nil), flag)
	}
	wrong("both options of one", "WrongSum", election.Draft{}, map[string][]string{"motion": {"yes", "no"}})
	wrong("2 for an option", "OutOfRange", election.Draft{Plain: func(_, option string, m uint64) uint64 {
		if option == "yes" {
			return 2
		}
		return m
	}}, nil)
	over := election.Action{Name: "challenge: minimum", Voter: "voter-1", Choices: map[string][]string{}}
	s.invalid("V-28", "nothing marked although there is a minimum", open(over, nil), "WrongSum")
	over = election.Action{Name: "challenge: blank and option", Voter: "voter-1", Choices: map[string][]string{"council": {"ada", "blank"}}}
	s.invalid("V-28", "an option and blank", open(over, nil), "WrongSum")
	zero := short
	zero.Name = "challenge: zero"
	zero.Draft.Zero = true
	s.invalid("V-17 V-28", "α is the identity", open(zero, nil), "IdentityElement")
}
