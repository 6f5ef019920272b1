package main

import (
	"slices"

	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
	"scrutineer/protocols/vectors"
	"scrutineer/protocols/vectors/internal/election"
	"scrutineer/protocols/vectors/internal/prover"
)

type sumSuite = suite[vectors.SumContext, vectors.SumInput]

// answer is a contest of a ballot with what its maker knows.
type answer struct {
	statement  transcript.Statement
	contest    message.Contest
	sum        prover.Range
	selections []message.Ciphertext
}

func newAnswer(e *election.Election, contest, name string, choices ...string) answer {
	p := e.Prepare(election.Action{Name: name, Voter: "voter-1", Choices: map[string][]string{contest: choices}})
	a := answer{statement: p.Statement, contest: e.Contest(contest)}
	a.statement.Contest = contest
	a.sum = p.Sum(e.Key, a.contest)
	for _, c := range p.Ballot.Contests {
		if c.Contest != contest {
			continue
		}
		for _, s := range c.Selections {
			a.selections = append(a.selections, message.Ciphertext{Alpha: s.Alpha, Beta: s.Beta, Option: s.Option})
		}
	}
	return a
}

func (a answer) context() vectors.SumContext {
	return vectors.SumContext{
		Blank: a.contest.Blank, Max: a.contest.Max, Min: a.contest.Min, Selections: a.selections,
		Statement: statement(a.statement),
	}
}

// prove makes the sum proof with a transcript of the caller's.
func (a answer) prove(start func(sumA, sumB [32]byte) *transcript.Transcript) vectors.SumInput {
	r := a.sum
	sumA, sumB := prover.Element(r.Pair.Alpha), prover.Element(r.Pair.Beta)
	r.Start = func() *transcript.Transcript { return start(sumA, sumB) }
	return vectors.SumInput{Sum: r.Prove(election.Seed, "sum")}
}

func (a answer) honest() vectors.SumInput {
	return a.prove(func(sumA, sumB [32]byte) *transcript.Transcript {
		return a.statement.Sum(a.contest.Min, a.contest.Max, sumA, sumB)
	})
}

func sumVectors(b *book) {
	s := newSuite[vectors.SumContext, vectors.SumInput](b, "sums",
		"Do these ciphertexts add up to what the contest allows?",
		"The proof of S-13 about Σ over the options (+ max times the blank one), in the statement of the context.",
		"The selection proofs are not asked for.")
	e := ward()
	for _, c := range []struct {
		comment string
		choices []string
	}{
		{"one option marked", []string{"ben"}},
		{"two options marked", []string{"ada", "cyd"}},
		{"a blank vote", []string{"blank"}},
	} {
		a := newAnswer(e, "council", c.comment, c.choices...)
		s.group("between one and two of three, or blank: "+c.comment, a.context())
		s.valid(c.comment, a.honest())
	}
	sumFaults(s, newAnswer(e, "council", "a blank vote", "blank"))
	none := newAnswer(e, "motion", "nothing marked")
	s.group("at most one of two: nothing marked", none.context())
	s.valid("nothing marked", none.honest())
	sumStatements(s, none)
	wrongSums(s, e)
	s.finish()
}

// sumFaults are about the group that stands last.
func sumFaults(s *sumSuite, a answer) {
	bad := func(check, flag, comment string, change func(in *vectors.SumInput)) {
		in := a.honest()
		change(&in)
		s.invalid(check, comment, in, flag)
	}
	type input = *vectors.SumInput
	bad("V-21", "WrongProof", "one bit of a response", func(in input) { in.Sum.Responses[1][0] ^= 1 })
	bad("V-21", "WrongProof", "branches swapped", func(in input) {
		slices.Reverse(in.Sum.Challenges)
		slices.Reverse(in.Sum.Responses)
	})
	bad("V-18", "BranchCount", "one branch less", func(in input) {
		in.Sum.Challenges, in.Sum.Responses = in.Sum.Challenges[1:], in.Sum.Responses[1:]
	})
	bad("V-18", "BranchCount", "no branches", func(in input) {
		in.Sum = message.Branches{Challenges: []message.Scalar{}, Responses: []message.Scalar{}}
	})
	bad("V-18", "BranchCount", "one response too many", func(in input) { in.Sum.Responses = append(in.Sum.Responses, in.Sum.Responses[0]) })
	bad("V-17 V-21", "UnreducedScalar", "response plus l", func(in input) { in.Sum.Responses[0] = prover.AddOrder(in.Sum.Responses[0]) })
	bad("V-17 V-21", "UnreducedScalar", "challenge plus l", func(in input) { in.Sum.Challenges[0] = prover.AddOrder(in.Sum.Challenges[0]) })
	bad("V-21", "SimulatedProof", "zeros", func(in input) {
		in.Sum = message.Branches{Challenges: make([]message.Scalar, 2), Responses: make([]message.Scalar, 2)}
	})
	once := a
	once.sum.Pair = prover.NoPair()
	for _, c := range a.selections {
		once.sum.Pair = once.sum.Pair.Plus(prover.Pair{Alpha: election.Point(c.Alpha), Beta: election.Point(c.Beta)})
	}
	s.invalid("V-21", "the blank vote counted once instead of max times", once.honest(), "WrongSum")
	wide := a
	wide.contest.Min, wide.sum.Low = 0, 0
	s.invalid("V-18", "a branch for zero too", wide.honest(), "BranchCount")
}

func sumStatements(s *sumSuite, a answer) {
	for _, o := range strange() {
		other := a
		o.change(&other.statement)
		s.invalid("V-21", "proof for "+o.comment, other.honest(), "TransplantedProof")
	}
	st := a.statement
	weak := func(comment string, start func(sumA, sumB [32]byte) *transcript.Transcript) {
		s.invalid("V-21", comment, a.prove(start), "WeakFiatShamir")
	}
	weak("challenge of the commitments alone", func(_, _ [32]byte) *transcript.Transcript { return transcript.WeakCommitments(2) })
	weak("challenge without the sums", func(_, _ [32]byte) *transcript.Transcript {
		return transcript.New("sum-proof").Digest(st.Fingerprint).Point(st.ElectionKey).String(st.Style).String(st.Contest).
			Uint(0).Uint(1).Digest(st.Caster).Digest(st.Ciphertexts).List(2)
	})
	weak("challenge without the bounds", func(sumA, sumB [32]byte) *transcript.Transcript {
		return transcript.New("sum-proof").Digest(st.Fingerprint).Point(st.ElectionKey).String(st.Style).String(st.Contest).
			Digest(st.Caster).Digest(st.Ciphertexts).Point(sumA).Point(sumB).List(2)
	})
	weak("challenge of a selection proof", func(sumA, sumB [32]byte) *transcript.Transcript {
		return st.Selection("yes", sumA, sumB)
	})
}

// wrongSums are about ciphertexts that add up to something else.
func wrongSums(s *sumSuite, e *election.Election) {
	for _, c := range []struct {
		contest, comment string
		choices          []string
	}{
		{"council", "three options marked", []string{"ada", "ben", "cyd"}},
		{"council", "nothing marked although there is a minimum", nil},
		{"council", "an option marked and blank", []string{"ada", "blank"}},
		{"motion", "both options marked", []string{"yes", "no"}},
	} {
		a := newAnswer(e, c.contest, c.comment, c.choices...)
		s.group("contest "+c.contest+": "+c.comment, a.context())
		s.invalid("V-21", c.comment, a.honest(), "WrongSum")
		own := a
		own.sum.Low, own.sum.High = a.sum.Plain, a.sum.Plain+uint64(len(a.honest().Sum.Challenges))-1
		s.invalid("V-21", c.comment+", proven for other bounds", own.honest(), "WrongSum")
	}
}
