package verify_test

import (
	"strings"

	"scrutineer/harness/verify"
	"scrutineer/harness/verify/point"
	"scrutineer/harness/verify/testelection"
	"scrutineer/protocols/message"
	"scrutineer/protocols/record"
)

// twoVotes is the small election whose contest takes up to two votes, so that a
// selection of 2 keeps its sum in range.
func twoVotes() testelection.Config {
	c := testelection.Small()
	c.Manifest.Contests[0] = testelection.Contest("mayor", 3, 0, 2, false)
	return c
}

// ballot casts a changed ballot of voter 5, which does not count.
func ballot(change func(e *testelection.Election, x *testelection.Encrypted)) func() record.Memory {
	return voting(func(e *testelection.Election) {
		x := e.EncryptBallot(5, [][]int{{1}})
		change(e, x)
		e.CastBallot(5, x)
	})
}

// decision casts with a changed decision of voter 5, which does not count.
func decision(change func(e *testelection.Election, c *message.Cast)) func() record.Memory {
	return voting(func(e *testelection.Election) {
		x := e.EncryptBallot(5, [][]int{{1}})
		c := &message.Cast{Ballot: x.Ballot, Decision: e.Decide(5, &x.Ballot, message.None)}
		change(e, c)
		e.PostCast(c)
	})
}

// plusL is a scalar in its second spelling, s + l.
func plusL(s *message.Scalar) {
	l := [32]byte{0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 31: 0x10}
	carry := 0
	for i := range s {
		sum := int(s[i]) + int(l[i]) + carry
		s[i], carry = byte(sum), sum>>8
	}
}

func ballotMutants() []mutant {
	const a = "authority"
	one := point.ScalarOf(1)
	m := []mutant{
		{"scalar in another spelling", only(verify.Decoding), ballot(func(_ *testelection.Election, x *testelection.Encrypted) {
			plusL(&x.Ballot.Contests[0].Selections[0].Proof.Responses[0])
		}), a},
		{"element in another spelling", only(verify.Decoding), ballot(func(e *testelection.Election, x *testelection.Encrypted) {
			x.Ballot.Contests[0].Selections[0].Beta[31] ^= 0x80
			e.Prove(x)
		}), a},
		{"no secrecy: alpha is the identity", only(verify.Decoding), ballot(func(e *testelection.Election, x *testelection.Encrypted) {
			x.Randomness[0][0] = point.Scalar{}
			s := &x.Ballot.Contests[0].Selections[0]
			s.Alpha, s.Beta = e.Ciphertext(0, point.Scalar{})
			e.Prove(x)
		}), a},
		{"commitment of the signature is the identity", only(verify.Decoding), decision(func(e *testelection.Election, c *message.Cast) {
			e.SignWith(5, &c.Decision, point.Scalar{})
		}), a},

		{"contest twice", only(verify.BallotShape), ballot(func(e *testelection.Election, x *testelection.Encrypted) {
			other := e.EncryptBallot(5, [][]int{{0}})
			x.Ballot.Contests = append(x.Ballot.Contests, other.Ballot.Contests[0])
			x.Plaintexts, x.Randomness = append(x.Plaintexts, other.Plaintexts[0]), append(x.Randomness, other.Randomness[0])
			e.Prove(x)
		}), a},
		{"contest missing", only(verify.BallotShape), ballot(func(_ *testelection.Election, x *testelection.Encrypted) {
			x.Ballot.Contests = []message.BallotContest{}
		}), a},
		{"options in another order", only(verify.BallotShape), ballot(func(e *testelection.Election, x *testelection.Encrypted) {
			s := x.Ballot.Contests[0].Selections
			s[0].Option, s[1].Option = s[1].Option, s[0].Option
			e.Prove(x)
		}), a},
		{"sum proof left out", only(verify.BallotShape), ballot(func(_ *testelection.Election, x *testelection.Encrypted) {
			x.Ballot.Contests[0].Sum = nil
		}), a},
		{"a branch more", only(verify.BallotShape), ballot(func(_ *testelection.Election, x *testelection.Encrypted) {
			p := &x.Ballot.Contests[0].Selections[0].Proof
			p.Challenges, p.Responses = append(p.Challenges, one.Bytes()), append(p.Responses, one.Bytes())
		}), a},
		{"ballot of another election", only(verify.BallotShape), ballot(func(e *testelection.Election, x *testelection.Encrypted) {
			x.Ballot.Fingerprint[0] ^= 1
			e.Prove(x)
		}), a},
		{"unknown style", only(verify.BallotShape, verify.Eligibility), ballot(func(e *testelection.Election, x *testelection.Encrypted) {
			x.Ballot.Style = "everything"
			e.Prove(x)
		}), a},

		{"another voter's ballot", only(verify.Caster), voting(func(e *testelection.Election) {
			e.CastBallot(5, e.EncryptBallot(7, [][]int{{1}}))
		}), a},
		{"a device beside the credential", only(verify.Caster), ballot(func(_ *testelection.Election, x *testelection.Encrypted) {
			x.Ballot.Caster.Device, x.Ballot.Caster.Sequence = "booth", 1
		}), a},

		{"a selection of two votes", only(verify.Selections), with(twoVotes(), testelection.Hooks{Plain: func(voter, _, selection int, m uint64) uint64 {
			if voter == 5 && selection == 1 {
				return 2
			}
			return m
		}}, func(e *testelection.Election) { e.CastBallot(5, e.EncryptBallot(5, [][]int{{}})) }), a},
		{"a thousand votes, counted", only(verify.Selections, verify.Sums, verify.Participation, verify.Aggregates, verify.Bounds, verify.ResultComplete),
			with(testelection.Small(), testelection.Hooks{Plain: func(voter, _, selection int, m uint64) uint64 {
				if voter == 5 && selection == 1 {
					return 5
				}
				return m
			}}, func(e *testelection.Election) { e.Cast(5, [][]int{{}}) }), a},
		{"proof of another selection", only(verify.Selections), ballot(func(_ *testelection.Election, x *testelection.Encrypted) {
			s := x.Ballot.Contests[0].Selections
			s[0].Proof, s[2].Proof = s[2].Proof, s[0].Proof
		}), a},
		{"proof made for another caster", only(verify.Selections, verify.Sums), ballot(func(e *testelection.Election, x *testelection.Encrypted) {
			mine := x.Ballot.Caster
			x.Ballot.Caster.Credential = e.EncryptBallot(7, [][]int{{0}}).Ballot.Caster.Credential
			e.Prove(x)
			x.Ballot.Caster = mine
		}), a},
		{"branches exchanged", only(verify.Selections), ballot(func(_ *testelection.Election, x *testelection.Encrypted) {
			p := &x.Ballot.Contests[0].Selections[0].Proof
			p.Challenges[0], p.Challenges[1] = p.Challenges[1], p.Challenges[0]
			p.Responses[0], p.Responses[1] = p.Responses[1], p.Responses[0]
		}), a},

		{"two votes where one is allowed", only(verify.Sums), voting(func(e *testelection.Election) {
			e.CastBallot(5, e.EncryptBallot(5, [][]int{{0, 1}}))
		}), a},
		{"no vote where one is needed", only(verify.Sums), voting(func(e *testelection.Election) {
			e.CastBallot(5, e.EncryptBallot(5, [][]int{{}}))
		}), a},
		{"a vote and a blank", only(verify.Sums), voting(func(e *testelection.Election) {
			e.CastBallot(5, e.EncryptBallot(5, [][]int{{0, testelection.Blank}}))
		}), a},
		{"sum proof of another range", only(verify.Sums), ballot(func(_ *testelection.Election, x *testelection.Encrypted) {
			x.Ballot.Contests[0].Sum.Challenges[0][0] ^= 1
		}), a},
	}
	return append(m, boardMutants()...)
}

// boardMutants are about a ballot's place among the others.
func boardMutants() []mutant {
	const a = "authority"
	return []mutant{
		{"ciphertext of another ballot", only(verify.Uniqueness), voting(func(e *testelection.Election) {
			x, y := e.EncryptBallot(5, [][]int{{1}}), e.EncryptBallot(7, [][]int{{1}})
			for i, s := range x.Ballot.Contests[0].Selections {
				y.Ballot.Contests[0].Selections[i].Alpha, y.Ballot.Contests[0].Selections[i].Beta = s.Alpha, s.Beta
			}
			y.Randomness = x.Randomness
			e.Prove(y)
			e.Stand(5, e.CastBallot(5, x))
			e.CastBallot(7, y)
		}), a},
		{"ciphertext twice in a ballot", only(verify.Uniqueness), ballot(func(e *testelection.Election, x *testelection.Encrypted) {
			s := x.Ballot.Contests[0].Selections
			x.Randomness[0][2] = x.Randomness[0][0]
			s[2].Alpha, s[2].Beta = s[0].Alpha, s[0].Beta
			e.Prove(x)
		}), a},

		{"tracker of nothing", only(verify.Tracker), decision(func(e *testelection.Election, c *message.Cast) {
			c.Decision.Tracker[0] ^= 1
			e.SignDecision(5, &c.Decision)
		}), a},
		{"ballot twice", only(verify.Uniqueness, verify.Tracker), voting(func(e *testelection.Election) {
			x := e.EncryptBallot(5, [][]int{{1}})
			e.Stand(5, e.CastBallot(5, x))
			e.CastBallot(5, x)
		}), a},

		{"signed by another credential", only(verify.Decision), decision(func(e *testelection.Election, c *message.Cast) {
			e.SignDecision(7, &c.Decision)
		}), a},
		{"decision for another election", only(verify.Decision), decision(func(e *testelection.Election, c *message.Cast) {
			c.Decision.Fingerprint[0] ^= 1
			e.SignDecision(5, &c.Decision)
		}), a},
		{"decision of another time", only(verify.Decision), decision(func(e *testelection.Election, c *message.Cast) {
			c.Decision.Signature.Response[0] ^= 1
		}), a},

		{"credential that is not listed", only(verify.Eligibility), voting(func(e *testelection.Election) {
			v := e.Stranger(testelection.Voter{Style: "all", Unit: "north", Weight: 1})
			e.CastBallot(v, e.EncryptBallot(v, [][]int{{1}}))
		}), a},
		{"another weight", only(verify.Eligibility), ballot(func(_ *testelection.Election, x *testelection.Encrypted) { x.Ballot.Weight = 1000 }), a},
		{"another unit", only(verify.Eligibility), ballot(func(_ *testelection.Election, x *testelection.Encrypted) { x.Ballot.Unit = "north" }), a},

		{"revote that ignores the standing ballot", only(verify.Chains), voting(func(e *testelection.Election) {
			x := e.EncryptBallot(0, [][]int{{1}})
			e.PostCast(&message.Cast{Ballot: x.Ballot, Decision: e.Decide(0, &x.Ballot, message.None)})
		}), a},
		{"first ballot with a predecessor", only(verify.Chains), decision(func(e *testelection.Election, c *message.Cast) {
			c.Decision.Predecessor = strings.Repeat("00", 32)
			e.SignDecision(5, &c.Decision)
		}), a},
		{"predecessor is no tracker", only(verify.Chains), decision(func(e *testelection.Election, c *message.Cast) {
			c.Decision.Predecessor = "None\u2028<b>"
			e.SignDecision(5, &c.Decision)
		}), a},
		{"revote where none is allowed", only(verify.Chains), func() record.Memory {
			c := testelection.Small()
			c.Manifest.Revote = message.RevoteNone
			return with(c, testelection.Hooks{}, func(e *testelection.Election) { e.CastBallot(0, e.EncryptBallot(0, [][]int{{1}})) })()
		}, a},

		{"cast after the close", only(verify.Window), func() record.Memory {
			return voted(func(e *testelection.Election) {
				e.Close()
				e.CastBallot(7, e.EncryptBallot(7, [][]int{{1}}))
				e.PostParticipation()
				tallied(e)
			})
		}, a},
		{"cast before the opening", only(verify.Window), func() record.Memory {
			return setupWith(func(e *testelection.Election) {
				e.PostManifest()
				e.PostCommits()
				e.PostReveals()
				e.PostDealings()
				e.PostCredentials()
				e.PostConfirmations()
				// The tables of Y exist from here on.
				e.CastBallot(7, e.EncryptBallot(7, [][]int{{1}}))
				e.PostOpening()
			})
		}, a},

		{"opening to another vote", only(verify.Openings), played(edit(0, func(_ *message.Entry, c *message.Challenge) {
			s := c.Contests[0].Selections
			s[0].Plaintext, s[1].Plaintext = s[1].Plaintext, s[0].Plaintext
		})), a},
		{"opening with other randomness", only(verify.Openings), played(edit(0, func(_ *message.Entry, c *message.Challenge) {
			c.Contests[0].Selections[0].Randomness[0] ^= 1
		})), a},
		{"opening of a contest left out", only(verify.Openings), played(edit(0, func(_ *message.Entry, c *message.Challenge) {
			c.Contests = []message.OpenedContest{}
		})), a},
		{"opening to too many votes", only(verify.Openings), voting(func(e *testelection.Election) {
			e.Challenge(e.EncryptBallot(5, [][]int{{0, 1, 2}}))
		}), a},
		{"opening to two", only(verify.Openings), with(testelection.Small(), testelection.Hooks{Plain: func(voter, _, selection int, m uint64) uint64 {
			return m * (1 + uint64(voter/5))
		}}, func(e *testelection.Election) { e.Challenge(e.EncryptBallot(5, [][]int{{0}})) }), a},

		{"challenged after it was cast", only(verify.CastOrOpened), voting(func(e *testelection.Election) {
			x := e.EncryptBallot(5, [][]int{{1}})
			e.Stand(5, e.CastBallot(5, x))
			e.Challenge(x)
		}), a},
		{"cast after it was challenged", only(verify.CastOrOpened), voting(func(e *testelection.Election) {
			x := e.EncryptBallot(5, [][]int{{1}})
			e.Challenge(x)
			e.CastBallot(5, x)
		}), a},
	}
}
