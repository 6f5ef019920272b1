package main

import (
	"slices"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
	"scrutineer/protocols/vectors"
	"scrutineer/protocols/vectors/internal/election"
	"scrutineer/protocols/vectors/internal/prover"
)

// setting is an election as a context.
func setting(e *election.Election) vectors.Election {
	out := vectors.Election{
		Ceremony: e.Ceremony, Credentials: e.CredentialList(), ElectionKey: e.EncodedKey(),
		Fingerprint: e.Fingerprint, Manifest: e.Manifest, SetupID: e.SetupID,
	}
	for _, t := range e.Trustees {
		out.Commitments = append(out.Commitments, t.Revealed.Commitments)
	}
	return out
}

// board is an election with its entries as a context.
func board(e *election.Election) vectors.Voting {
	out := vectors.Voting{Election: setting(e)}
	for _, raw := range e.Entries {
		out.Board = append(out.Board, decoded(raw))
	}
	return out
}

// decoded reads an entry that the generator wrote.
func decoded(raw []byte) message.Entry {
	entry, err := codec.Decode[message.Entry](raw, codec.Limits{})
	if err != nil {
		panic("generate: " + err.Error())
	}
	return entry
}

// full are choices in every contest.
func full() map[string][]string {
	return map[string][]string{"council": {"ada", "cyd"}, "motion": {"no"}, "panel": {"dana", "eli"}}
}

func trackerVectors(b *book) {
	s := newSuite[vectors.None, vectors.TrackerInput](b, "trackers",
		"Are these the digests and the tracker of this ballot?",
		"caster (S-11), ciphertexts hct (S-10), proofs hpr (S-14) and tracker (S-15) of a ballot. A case is valid if all four are right; that the ballot is valid is not asked.")
	e := ward()
	p := e.Prepare(election.Action{Name: "tracker", Voter: "voter-1", Choices: full()})
	short := e.Prepare(election.Action{Name: "tracker", Voter: "voter-4", Choices: full()})
	s.group("ballots of the ward", vectors.None{})
	s.valid("three contests, one without a sum proof", tracked(p.Ballot))
	s.valid("one contest", tracked(short.Ballot))
	trackerFaults(s, p.Ballot, short.Ballot)
	s.finish()
}

// trackerFaults are digests of a ballot with one contest that leave something
// out, or are another ballot's.
func trackerFaults(s *suite[vectors.None, vectors.TrackerInput], other, ballot message.Ballot) {
	wrong := func(flag, comment string, change func(in *vectors.TrackerInput)) {
		in := tracked(ballot)
		change(&in)
		s.invalid("V-23", comment, in, flag)
	}
	type input = *vectors.TrackerInput
	retrack := func(in input) {
		in.Tracker = transcript.TrackerOf(in.Ballot.Fingerprint, in.Ballot.Style, in.Ciphertexts, in.Proofs)
	}
	wrong("WrongTracker", "tracker of another ballot", func(in input) { in.Tracker = tracked(other).Tracker })
	wrong("WrongTracker", "one bit of the tracker", func(in input) { in.Tracker[0] ^= 1 })
	wrong("MalleableTracker", "tracker without the proofs", func(in input) {
		in.Tracker = transcript.New("tracker").Digest(in.Ballot.Fingerprint).String(in.Ballot.Style).Digest(in.Ciphertexts).Sum()
	})
	wrong("MalleableTracker", "tracker without the election", func(in input) {
		in.Tracker = transcript.New("tracker").String(in.Ballot.Style).Digest(in.Ciphertexts).Digest(in.Proofs).Sum()
	})
	wrong("MalleableTracker", "tracker without the style", func(in input) {
		in.Tracker = transcript.New("tracker").Digest(in.Ballot.Fingerprint).Digest(in.Ciphertexts).Digest(in.Proofs).Sum()
	})
	wrong("MalleableTracker", "proofs without the voter", func(in input) {
		in.Proofs = transcript.Proofs(message.Digest{}, in.Ballot.Contests)
		retrack(in)
	})
	wrong("MalleableTracker", "proofs without the sum proof", func(in input) {
		bare := in.Ballot.Contests[0]
		bare.Sum = nil
		in.Proofs = transcript.Proofs(in.Caster, []message.BallotContest{bare})
		retrack(in)
	})
	wrong("MalleableTracker", "proofs without the responses", func(in input) {
		c := in.Ballot.Contests[0]
		bare := c
		bare.Selections = nil
		for _, sel := range c.Selections {
			sel.Proof.Responses = nil
			bare.Selections = append(bare.Selections, sel)
		}
		in.Proofs = transcript.Proofs(in.Caster, []message.BallotContest{bare})
		retrack(in)
	})
	wrong("MalleableTracker", "ciphertexts without the options", func(in input) {
		c := in.Ballot.Contests[0]
		bare := c
		bare.Selections = nil
		for _, sel := range c.Selections {
			sel.Option = ""
			bare.Selections = append(bare.Selections, sel)
		}
		in.Ciphertexts = transcript.Ciphertexts(in.Ballot.Fingerprint, in.Ballot.Style, []message.BallotContest{bare})
		retrack(in)
	})
	wrong("MalleableTracker", "caster without its kind", func(in input) {
		in.Caster = transcript.New("caster").Point(in.Ballot.Caster.Credential).Sum()
		in.Proofs = transcript.Proofs(in.Caster, in.Ballot.Contests)
		retrack(in)
	})
}

func tracked(b message.Ballot) vectors.TrackerInput {
	in := vectors.TrackerInput{
		Ballot: b, Caster: transcript.Caster(b.Caster),
		Ciphertexts: transcript.Ciphertexts(b.Fingerprint, b.Style, b.Contests),
	}
	in.Proofs = transcript.Proofs(in.Caster, b.Contests)
	in.Tracker = transcript.TrackerOf(b.Fingerprint, b.Style, in.Ciphertexts, in.Proofs)
	return in
}

// draft is a ballot that departs from the protocol somewhere.
type draft struct {
	check, flag, comment string
	action               election.Action
}

// ballotFaults are what can be wrong with a ballot by itself, whoever looks
// at it: V-17 to V-21 and V-25. Steps after the fault are made again, so that
// trackers and signatures hold.
func ballotFaults(e *election.Election) []draft {
	var out []draft
	bad := func(check, flag, comment string, d election.Draft) {
		out = append(out, draft{check, flag, comment, election.Action{Voter: "voter-4", Choices: map[string][]string{"motion": {"yes"}}, Draft: d}})
	}
	ballot := func(check, flag, comment string, change func(b *message.Ballot)) {
		bad(check, flag, comment, election.Draft{Ballot: change})
	}
	statement := func(check, flag, comment string, change func(s *transcript.Statement)) {
		bad(check, flag, comment, election.Draft{Statement: change})
	}
	plain := func(check, flag, comment string, m func(contest, option string, m uint64) uint64) {
		bad(check, flag, comment, election.Draft{Plain: m})
	}
	first := func(b *message.Ballot) *message.Selection { return &b.Contests[0].Selections[0] }
	ballot("V-17", "NegativeElement", "α in its negative encoding", func(b *message.Ballot) { first(b).Alpha = prover.Negative(first(b).Alpha) })
	ballot("V-17", "NoElement", "β that is no element", func(b *message.Ballot) { first(b).Beta = notAnElement() })
	ballot("V-17 V-20", "UnreducedScalar", "response plus l in a selection proof", func(b *message.Ballot) {
		first(b).Proof.Responses[1] = prover.AddOrder(first(b).Proof.Responses[1])
	})
	ballot("V-17 V-21", "UnreducedScalar", "challenge plus l in a sum proof", func(b *message.Ballot) {
		b.Contests[0].Sum.Challenges[0] = prover.AddOrder(b.Contests[0].Sum.Challenges[0])
	})
	plain("V-20 V-21", "OutOfRange", "2 for an option", func(_, option string, m uint64) uint64 {
		if option == "yes" {
			return 2
		}
		return m
	})
	plain("V-21", "WrongSum", "both options of one", func(string, string, uint64) uint64 { return 1 })
	ballot("V-20", "WrongProof", "one bit of a selection proof", func(b *message.Ballot) { first(b).Proof.Responses[0][0] ^= 1 })
	ballot("V-21", "WrongProof", "one bit of a sum proof", func(b *message.Ballot) { b.Contests[0].Sum.Responses[0][0] ^= 1 })
	statement("V-20 V-21", "TransplantedProof", "proofs for another election", func(s *transcript.Statement) { s.Fingerprint[0] ^= 1 })
	statement("V-20 V-21", "TransplantedProof", "proofs for another voter", func(s *transcript.Statement) {
		s.Caster = transcript.Caster(message.Caster{Credential: e.Voter("voter-3").Credential.Key})
	})
	statement("V-20 V-21", "TransplantedProof", "proofs for another contest", func(s *transcript.Statement) { s.Contest = "panel" })
	statement("V-20 V-21", "TransplantedProof", "proofs for another style", func(s *transcript.Statement) { s.Style = "full" })
	statement("V-20 V-21", "TransplantedProof", "proofs for other ciphertexts", func(s *transcript.Statement) { s.Ciphertexts[0] ^= 1 })
	return slices.Concat(out, shapeFaults(), eligibilityFaults())
}

// shapeFaults are ballots that are not what their style asks for (V-18).
func shapeFaults() []draft {
	var out []draft
	ballot := func(checks, flag, comment string, change func(b *message.Ballot)) {
		out = append(out, draft{checks, flag, comment, election.Action{
			Voter: "voter-4", Choices: map[string][]string{"motion": {"yes"}}, Draft: election.Draft{Ballot: change},
		}})
	}
	ballot("V-18", "BallotShape", "no contest", func(b *message.Ballot) { b.Contests = []message.BallotContest{} })
	ballot("V-18", "BallotShape", "the contest twice", func(b *message.Ballot) { b.Contests = append(b.Contests, b.Contests[0]) })
	ballot("V-18", "BallotShape", "unknown contest", func(b *message.Ballot) { b.Contests[0].Contest = "mayor" })
	ballot("V-18", "BallotShape", "one option missing", func(b *message.Ballot) { b.Contests[0].Selections = b.Contests[0].Selections[:1] })
	ballot("V-18", "BallotShape", "one option twice", func(b *message.Ballot) {
		b.Contests[0].Selections = append(b.Contests[0].Selections, b.Contests[0].Selections[0])
	})
	ballot("V-18", "BallotShape", "options in another order", func(b *message.Ballot) {
		s := b.Contests[0].Selections
		s[0], s[1] = s[1], s[0]
	})
	ballot("V-18", "BallotShape", "labels of two options exchanged", func(b *message.Ballot) {
		s := b.Contests[0].Selections
		s[0].Option, s[1].Option = s[1].Option, s[0].Option
	})
	ballot("V-18", "BallotShape", "blank where there is none", func(b *message.Ballot) {
		more := b.Contests[0].Selections[1]
		more.Option = message.BlankOption
		b.Contests[0].Selections = append(b.Contests[0].Selections, more)
	})
	ballot("V-18", "MissingProof", "no sum proof", func(b *message.Ballot) { b.Contests[0].Sum = nil })
	ballot("V-18", "BranchCount", "sum proof without branches", func(b *message.Ballot) {
		b.Contests[0].Sum = &message.Branches{Challenges: []message.Scalar{}, Responses: []message.Scalar{}}
	})
	ballot("V-18", "BranchCount", "selection proof without branches", func(b *message.Ballot) {
		b.Contests[0].Selections[0].Proof = message.Branches{Challenges: []message.Scalar{}, Responses: []message.Scalar{}}
	})
	ballot("V-18", "ContextConfusion", "fingerprint of another election", func(b *message.Ballot) { b.Fingerprint[0] ^= 1 })
	ballot("V-18 V-25", "BallotShape", "unknown style", func(b *message.Ballot) { b.Style = "long" })
	return out
}

// eligibilityFaults are ballots that are right but for their voter (V-25).
func eligibilityFaults() []draft {
	var out []draft
	short := map[string][]string{"motion": {"yes"}}
	ballot := func(comment, flag, voter string, d election.Draft) {
		out = append(out, draft{"V-25", flag, comment, election.Action{Voter: voter, Choices: short, Draft: d}})
	}
	ballot("style of another credential", "ForeignStyle", "voter-1", election.Draft{Style: "short"})
	ballot("unit of another credential", "ForeignUnit", "voter-4", election.Draft{Ballot: func(b *message.Ballot) { b.Unit = "north" }})
	ballot("unknown unit", "ForeignUnit", "voter-4", election.Draft{Ballot: func(b *message.Ballot) { b.Unit = "west" }})
	ballot("weight of another credential", "ForeignWeight", "voter-4", election.Draft{Ballot: func(b *message.Ballot) { b.Weight = 3 }})
	ballot("weight zero", "ForeignWeight", "voter-4", election.Draft{Ballot: func(b *message.Ballot) { b.Weight = 0 }})
	return out
}

func submissionVectors(b *book) {
	s := newSuite[vectors.Voting, vectors.SubmissionInput](b, "submissions",
		"May the box keep this ballot until it is decided on?",
		"A ballot that a voter sends to the box with the credential's signature over it (S-16). The box keeps it if it passes V-17 to V-21, what V-25 asks of a ballot, and the signature.",
		"Nothing is on the board but the setup.")
	e := ward()
	s.group("the ward before the first cast", board(e))
	submit := func(a election.Action, change func(m *message.Submission)) vectors.SubmissionInput {
		m := e.Prepare(a).Submit()
		if change != nil {
			change(&m)
		}
		return vectors.SubmissionInput{Submission: m}
	}
	honest := election.Action{Name: "submission", Voter: "voter-1", Choices: full()}
	s.valid("three contests", submit(honest, nil))
	s.valid("one contest", submit(election.Action{Name: "submission 2", Voter: "voter-4"}, nil))
	s.valid("weight three", submit(election.Action{Name: "submission 3", Voter: "voter-5", Choices: map[string][]string{
		"council": {"blank"}, "motion": {"yes"},
	}}, nil))
	for i, d := range ballotFaults(e) {
		d.action.Name = "submission of " + d.comment
		if i%3 == 0 || d.check == "V-25" { // all of them are in casts
			s.invalid(d.check, d.comment, submit(d.action, nil), d.flag)
		}
	}
	short := election.Action{Name: "submission 4", Voter: "voter-4", Choices: map[string][]string{"motion": {"no"}}}
	bad := func(check, flag, comment string, change func(m *message.Submission)) {
		s.invalid(check, comment, submit(short, change), flag)
	}
	bad("S-16", "WrongSignature", "one bit of the signature", func(m *message.Submission) { m.Signature.Response[0] ^= 1 })
	bad("S-16", "WrongSignature", "ballot changed after it was signed", func(m *message.Submission) {
		m.Ballot = e.Prepare(election.Action{Name: "submission 5", Voter: "voter-4"}).Ballot
	})
	bad("S-16", "WrongSignature", "signature of another credential", func(m *message.Submission) {
		h := transcript.BodyDigest(election.Encode(m.Ballot))
		m.Signature = prover.Sign(election.Seed, election.VoterSecret("voter-3"), transcript.PurposeBallotBody, e.Fingerprint, h)
	})
	bad("S-16", "ContextConfusion", "signature for the purpose of decisions", func(m *message.Submission) {
		h := transcript.BodyDigest(election.Encode(m.Ballot))
		m.Signature = prover.Sign(election.Seed, election.VoterSecret("voter-4"), transcript.PurposeDecision, e.Fingerprint, h)
	})
	bad("S-16", "WrongSignature", "signature over the tracker", func(m *message.Submission) {
		m.Signature = prover.Sign(election.Seed, election.VoterSecret("voter-4"), transcript.PurposeBallotBody, e.Fingerprint, transcript.Tracker(&m.Ballot))
	})
	s.finish()
}
