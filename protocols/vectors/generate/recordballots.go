package main

import (
	"slices"

	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
	"scrutineer/protocols/vectors/internal/election"
	"scrutineer/protocols/vectors/internal/prover"
)

// void adds a ballot that does not count, at the end of the voting.
func void(checks, flag, comment, voter string, d election.Draft) mutant {
	return mutant{checks, flag, comment, func(s *election.Script) {
		s.Voting = append(s.Voting, election.Action{
			Name: "void", Voter: voter, Void: true, Draft: d,
			Choices: map[string][]string{"council": {"ada"}, "motion": {"approve"}},
		})
	}}
}

// ballotMutants have a ballot that is wrong by itself (V-17 to V-21, V-23 to
// V-25). The authority counted without it, as it must; that it stands on the
// board is the fault.
func ballotMutants() []mutant {
	first := func(b *message.Ballot) *message.Selection { return &b.Contests[0].Selections[0] }
	ballot := func(checks, flag, comment string, change func(b *message.Ballot)) mutant {
		return void(checks, flag, comment, "voter-2", election.Draft{Ballot: change})
	}
	later := func(checks, flag, comment string, change func(c *message.Cast)) mutant {
		return void(checks, flag, comment, "voter-2", election.Draft{Cast: change})
	}
	caster := message.Caster{Credential: prover.Element(prover.Base(election.VoterSecret("voter-3")))}
	return []mutant{
		ballot("V-17", "NegativeElement", "ballot with α in its negative encoding", func(b *message.Ballot) { first(b).Alpha = prover.Negative(first(b).Alpha) }),
		ballot("V-17 V-20", "UnreducedScalar", "ballot with a response plus l", func(b *message.Ballot) {
			first(b).Proof.Responses[0] = prover.AddOrder(first(b).Proof.Responses[0])
		}),
		void("V-17", "IdentityElement", "ballot with α the identity", "voter-2", election.Draft{Zero: true}),
		ballot("V-18", "BallotShape", "ballot with a contest left out", func(b *message.Ballot) { b.Contests = b.Contests[:1] }),
		ballot("V-18", "BallotShape", "ballot with its contests in another order", func(b *message.Ballot) { slices.Reverse(b.Contests) }),
		ballot("V-18", "MissingProof", "ballot without a sum proof", func(b *message.Ballot) { b.Contests[0].Sum = nil }),
		ballot("V-18", "ContextConfusion", "ballot for another election", func(b *message.Ballot) { b.Fingerprint[0] ^= 1 }),
		void("V-19", "CopiedBallot", "ballot made for another voter", "voter-2", election.Draft{
			Statement: func(s *transcript.Statement) { s.Caster = transcript.Caster(caster) },
			Ballot:    func(b *message.Ballot) { b.Caster = caster },
		}),
		void("V-20 V-21", "OutOfRange", "ballot with 2 for an option", "voter-2", election.Draft{Plain: func(_, option string, m uint64) uint64 { return 2 * m }}),
		void("V-20 V-21", "TransplantedProof", "ballot with proofs for another election", "voter-2", election.Draft{
			Statement: func(s *transcript.Statement) { s.Fingerprint[0] ^= 1 },
		}),
		void("V-21", "WrongSum", "ballot with all options marked", "voter-2", election.Draft{Plain: func(string, string, uint64) uint64 { return 1 }}),
		later("V-23", "WrongTracker", "decision on another tracker", func(c *message.Cast) {
			c.Decision.Tracker[0] ^= 1
			c.Decision.Signature = election.SignDecision(c.Decision, election.VoterSecret("voter-2"))
		}),
		later("V-24", "WrongSignature", "decision with a signature that does not hold", func(c *message.Cast) { c.Decision.Signature.Response[0] ^= 1 }),
		later("V-24", "ContextConfusion", "decision for another election", func(c *message.Cast) {
			c.Decision.Fingerprint[0] ^= 1
			c.Decision.Signature = election.SignDecision(c.Decision, election.VoterSecret("voter-2"))
		}),
		ballot("V-25", "ForeignWeight", "ballot with another weight than its credential", func(b *message.Ballot) { b.Weight = 3 }),
		ballot("V-25", "ForeignUnit", "ballot with another unit than its credential", func(b *message.Ballot) { b.Unit = "south" }),
		void("V-25", "ForeignStyle", "ballot of another style than its credential", "voter-2", election.Draft{Style: "short"}),
		void("V-25", "UnlistedCredential", "ballot of a credential that is not listed", "voter-2", strangers()),
		falseOpening(),
	}
}

// strangers is a ballot that is right but for its voter.
func strangers() election.Draft {
	x := election.Seed.Scalar("stranger")
	caster := message.Caster{Credential: prover.Element(prover.Base(x))}
	return election.Draft{
		Statement: func(s *transcript.Statement) { s.Caster = transcript.Caster(caster) },
		Ballot:    func(b *message.Ballot) { b.Caster = caster },
		Decision: func(d *message.Decision) {
			d.Credential, d.Predecessor = caster.Credential, message.None
		},
		Cast: func(c *message.Cast) { c.Decision.Signature = election.SignDecision(c.Decision, x) },
	}
}

func falseOpening() mutant {
	return mutant{"V-28", "FalseOpening", "challenge that opens to something else", func(s *election.Script) {
		s.Voting = append(s.Voting, election.Action{
			Name: "false opening", Voter: "voter-2", Challenge: true, Choices: map[string][]string{"council": {"ada"}},
			Draft: election.Draft{Challenge: func(c *message.Challenge) {
				l := c.Contests[0].Selections
				l[0].Plaintext, l[1].Plaintext = 0, 1
			}},
		})
	}}
}

// chainMutants have ballots that are wrong on their board (V-22, V-26, V-29).
func chainMutants() []mutant {
	coins := func(of string) func(string, string) string { return func(string, string) string { return of } }
	predecessor := func(p func(s *election.Script) string, checks, comment, voter string) mutant {
		return mutant{checks, "BrokenChain", comment, func(s *election.Script) {
			named := p(s)
			void(checks, "", comment, voter, election.Draft{Decision: func(d *message.Decision) { d.Predecessor = named }}).change(s)
		}}
	}
	none := func(*election.Script) string { return message.None }
	return []mutant{
		void("V-22", "ReusedCiphertext", "ciphertexts of another voter's ballot, proven again", "voter-2", election.Draft{Coins: coins("cast 1")}),
		void("V-22", "ReusedCiphertext", "ciphertexts of the voter's own first ballot", "voter-2", election.Draft{Coins: coins("cast 2")}),
		{"V-22 V-20", "ReusedCiphertext", "ciphertexts of a ballot that did not count", func(s *election.Script) {
			void("", "", "", "voter-2", election.Draft{Ballot: func(b *message.Ballot) { b.Contests[0].Selections[0].Proof.Responses[0][0] ^= 1 }}).change(s)
			s.Voting = append(s.Voting, election.Action{
				Name: "void again", Voter: "voter-5", Void: true, Choices: map[string][]string{"council": {"ben"}}, Draft: election.Draft{Coins: coins("void")},
			})
		}},
		void("V-22", "ReusedCiphertext", "one α twice in a ballot", "voter-2", election.Draft{Same: true}),
		{"V-22 V-23 V-26", "Replay", "a cast entry twice", func(s *election.Script) {
			s.Deeds["close-channel/web"] = election.Deed{Before: func(e *election.Election) { e.Again("cast 2") }}
		}},
		predecessor(none, "V-26", "second ballot with predecessor none", "voter-2"),
		predecessor(func(*election.Script) string {
			e := election.Open(village())
			return e.Do(village().Voting[0]).Tracker.String()
		}, "V-26", "second child of a ballot that has one", "voter-1"),
		predecessor(func(*election.Script) string { return message.Digest{7}.String() }, "V-26", "predecessor that nobody cast", "voter-2"),
		void("V-29", "ChallengedCiphertext", "cast of a challenged ballot's ciphertexts", "voter-2", election.Draft{Coins: coins("challenge")}),
		{"V-29", "ChallengedCiphertext", "challenge of a cast ballot", func(s *election.Script) {
			s.Voting = append(s.Voting, election.Action{
				Name: "late challenge", Voter: "voter-2", Challenge: true, Choices: map[string][]string{"council": {"ben"}},
				Draft: election.Draft{Coins: coins("cast 2")},
			})
		}},
	}
}
