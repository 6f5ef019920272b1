package main

import (
	"slices"

	"scrutineer/protocols/message"
	"scrutineer/protocols/vectors/internal/election"
	"scrutineer/protocols/vectors/internal/prover"
)

// tallyMutants are about aggregates and shares (V-35 to V-38).
func tallyMutants() []mutant {
	const aggregate, share = "aggregate/council/north", "decryption-share/council/north/trustee-1"
	plusOne := func(e message.Element) message.Element {
		return prover.Element(prover.Add(election.Point(e), prover.Base(prover.Integer(1))))
	}
	return []mutant{
		body("V-35 V-36 V-38", "WrongAggregate", "aggregate with a vote more", aggregate, func(m *message.Aggregate) {
			m.Ciphertexts[0].Beta = plusOne(m.Ciphertexts[0].Beta)
		}),
		body("V-35", "WrongAggregate", "aggregate with another number of ballots", aggregate, func(m *message.Aggregate) { m.Ballots++ }),
		body("V-35", "WrongAggregate", "aggregate with another weight", aggregate, func(m *message.Aggregate) { m.Weight++ }),
		body("V-35", "WrongAggregate", "aggregate with a unit left out", aggregate, func(m *message.Aggregate) { m.Units = m.Units[:2] }),
		deed("V-35 V-06 V-36 V-38", "WrongAggregate", "an aggregate missing", aggregate, election.Deed{Skip: true}),
		deed("V-35 V-06", "WrongAggregate", "an aggregate twice", aggregate, election.Deed{After: func(e *election.Election) { e.Again(aggregate) }}),
		deed("V-35 V-36 V-06", "ChosenCiphertext", "an aggregate of one voter's ballot", "aggregate/motion/south", election.Deed{After: func(e *election.Election) {
			ballot := e.Posted("cast 2").Ballot.Contests[1].Selections[0]
			e.Post(message.RoleAuthority, "", message.TypeAggregate, e.Fingerprint, &message.Aggregate{
				Ballots: 1, Contest: "motion", Unit: "north", Units: []string{"north"}, Weight: 1,
				Ciphertexts: []message.Ciphertext{{Alpha: ballot.Alpha, Beta: ballot.Beta, Option: "approve"}},
			})
		}}),
		body("V-36 V-37 V-38", "WrongIndex", "share under another index", share, func(m *message.DecryptionShare) { m.Index = 2 }),
		body("V-36 V-37 V-38", "ForeignShare", "share for another root", share, func(m *message.DecryptionShare) { m.Root[0] ^= 1 }),
		body("V-36 V-37 V-38", "ForeignShare", "share of a cell that there is not", share, func(m *message.DecryptionShare) { m.Unit = "east" }),
		body("V-36 V-37 V-38", "ChosenCiphertext", "share for another ciphertext", share, func(m *message.DecryptionShare) {
			m.Shares[0].Alpha = plusOne(m.Shares[0].Alpha)
		}),
		deed("V-36", "Replay", "a share twice", share, election.Deed{After: func(e *election.Election) { e.Again(share) }}),
		body("V-37 V-38", "WrongFactor", "share with a factor that takes a vote away", share, func(m *message.DecryptionShare) {
			m.Shares[0].Factor = plusOne(m.Shares[0].Factor)
		}),
		body("V-37 V-38", "MissingProof", "share with a proof of zeros", share, func(m *message.DecryptionShare) { m.Shares[0].Proof = message.Compact{} }),
		body("V-17 V-37 V-38", "UnreducedScalar", "share with a response plus l", share, func(m *message.DecryptionShare) {
			m.Shares[0].Proof.Response = prover.AddOrder(m.Shares[0].Proof.Response)
		}),
		{"V-38", "TooFewTrustees", "shares of one trustee", func(s *election.Script) { s.Answers = []uint64{1} }},
		deed("V-38", "TooFewTrustees", "one share of a cell", share, election.Deed{Skip: true}),
	}
}

// resultMutants are about V-39 to V-43.
func resultMutants() []mutant {
	result := func(checks, flag, comment string, change func(r *message.Result)) mutant {
		return body(checks, flag, comment, "result", change)
	}
	// both totals of a contest and those of its cell say the same
	council := func(change func(totals []uint64)) func(r *message.Result) {
		return func(r *message.Result) {
			change(r.Contests[0].Totals)
			change(r.Contests[0].Cells[0].Totals)
		}
	}
	return []mutant{
		result("V-39 V-42", "WrongTotal", "a vote moved from one option to another", council(func(t []uint64) { t[0], t[1] = t[0]+1, t[1]-1 })),
		result("V-39 V-40", "WrongTotal", "a vote less", council(func(t []uint64) { t[0]-- })),
		result("V-40 V-39 V-42", "ImpossibleTotal", "more votes than the weight of all ballots", council(func(t []uint64) { t[0] += 1000 })),
		result("V-41", "IncompleteResult", "contest totals that are not the sums", func(r *message.Result) {
			r.Contests[0].Totals = slices.Clone(r.Contests[0].Totals)
			r.Contests[0].Totals[2]++
		}),
		result("V-41", "IncompleteResult", "a contest missing", func(r *message.Result) { r.Contests = r.Contests[:1] }),
		result("V-41", "IncompleteResult", "contests in another order", func(r *message.Result) { slices.Reverse(r.Contests) }),
		result("V-41 V-39", "IncompleteResult", "a cell missing", func(r *message.Result) { r.Contests[1].Cells = r.Contests[1].Cells[:1] }),
		result("V-41", "IncompleteResult", "a cell twice", func(r *message.Result) {
			r.Contests[1].Cells = append(r.Contests[1].Cells, r.Contests[1].Cells[0])
		}),
		result("V-41", "IncompleteResult", "a cell with another number of ballots", func(r *message.Result) { r.Contests[0].Cells[0].Ballots++ }),
		result("V-41", "IncompleteResult", "a cell with a total missing", func(r *message.Result) {
			r.Contests[0].Cells[0].Totals = r.Contests[0].Cells[0].Totals[:2]
		}),
		result("V-41", "IncompleteResult", "a cell withheld that need not be", func(r *message.Result) {
			r.Contests[0].Cells[0].Withheld, r.Contests[0].Cells[0].Totals = true, []uint64{}
			r.Contests[0].Totals = []uint64{0, 0, 0}
			r.Contests[0].Outcome.Winners, r.Contests[0].Outcome.Tied = []string{}, []string{"ada", "ben"}
		}),
		result("V-42", "WrongOutcome", "another winner", func(r *message.Result) { r.Contests[0].Outcome.Winners = []string{"ada"} }),
		result("V-42", "WrongOutcome", "no winner", func(r *message.Result) { r.Contests[0].Outcome.Winners = []string{} }),
		result("V-42", "WrongOutcome", "a tie that there is not", func(r *message.Result) {
			r.Contests[0].Outcome.Winners, r.Contests[0].Outcome.Tied = []string{}, []string{"ada", "ben"}
		}),
		result("V-42", "UnknownVariant", "unknown kind of outcome", func(r *message.Result) { r.Contests[0].Outcome.Kind = "lot" }),
		result("V-43", "ForeignShare", "result for another root", func(r *message.Result) { r.Root[0] ^= 1 }),
		result("V-43", "UnknownVariant", "result of version 2", func(r *message.Result) { r.Version = 2 }),
		vacuous(),
	}
}

// vacuous tallies nothing, although there are ballots, and is otherwise
// complete.
func vacuous() mutant {
	return mutant{"V-35 V-06 V-36 V-38 V-40 V-41 V-42", "VacuousTally", "the tally of an election in which nobody voted", func(s *election.Script) {
		for _, cell := range []string{"council/north", "motion/north", "motion/south"} {
			s.Deeds["aggregate/"+cell] = election.Deed{Skip: true}
			for _, t := range []string{"trustee-1", "trustee-3"} {
				s.Deeds["decryption-share/"+cell+"/"+t] = election.Deed{Skip: true}
			}
		}
		s.Deeds["result"] = election.Deed{Body: func(body any) {
			r := body.(*message.Result)
			for i := range r.Contests {
				clear(r.Contests[i].Totals)
				r.Contests[i].Outcome.Winners, r.Contests[i].Outcome.Tied = []string{}, []string{}
				for j := range r.Contests[i].Cells {
					c := &r.Contests[i].Cells[j]
					c.Ballots, c.Weight = 0, 0
					clear(c.Totals)
				}
			}
		}}
	}}
}

// withheldMutants publish what must not be published.
func withheldMutants() []mutant {
	return []mutant{
		{"V-35 V-36 V-40 V-41", "SmallCell", "the only ballot of a unit decrypted", func(s *election.Script) { s.MinimumCell = 1 }},
		body("V-41", "SmallCell", "totals of a withheld cell", "result", func(r *message.Result) {
			r.Contests[1].Cells[1].Totals = []uint64{1}
		}),
		body("V-41 V-40", "SmallCell", "a withheld cell as one that is not", "result", func(r *message.Result) {
			c := &r.Contests[1].Cells[1]
			c.Withheld, c.Totals, r.Contests[1].Totals = false, []uint64{1}, []uint64{1}
			r.Contests[1].Outcome.Winners = []string{"approve"}
		}),
		body("V-41", "IncompleteResult", "the withheld cell left out", "result", func(r *message.Result) {
			r.Contests[1].Cells = r.Contests[1].Cells[:1]
		}),
		body("V-40 V-39 V-41", "VacuousTally", "votes in a unit without ballots", "result", func(r *message.Result) {
			r.Contests[1].Cells[0].Totals, r.Contests[1].Totals = []uint64{5}, []uint64{5}
			r.Contests[1].Outcome.Winners = []string{"approve"}
		}),
	}
}
