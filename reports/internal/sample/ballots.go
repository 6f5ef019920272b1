package sample

import "scrutineer/reports/event"

// scenarios returns the eight scenarios in the order of the catalogue.
func scenarios() []scenario {
	all := []scenario{a03(), a08(), a14(), b05(), c11(), d03(), e01(), e08()}
	for i := range all {
		s := &all[i]
		for _, v := range s.variants {
			s.info.SubCases = append(s.info.SubCases, event.SubCase{
				ID: v.id, Title: v.title, Expect: v.expect, Planted: [][]string{v.planted}})
		}
	}
	return all
}

func param(nameValue ...string) []event.Param {
	var out []event.Param
	for i := 0; i < len(nameValue); i += 2 {
		out = append(out, event.Param{Name: nameValue[i], Value: nameValue[i+1]})
	}
	return out
}

func reqs(coe, vvsg, oev []string) []event.Requirement {
	var out []event.Requirement
	for standard, clauses := range [][]string{coe, vvsg, oev} {
		name := []string{"CoE CM/Rec(2017)5", "VVSG 2.0", "Swiss OEV (SR 161.116)"}[standard]
		for _, c := range clauses {
			out = append(out, event.Requirement{Standard: name, Clause: c})
		}
	}
	return out
}

func index(n int64) *int64 { return &n }

// failed is damage that the independent verifier establishes.
func failed(check, culprit, message, equation string, e event.Evidence) event.Finding {
	e.Equation, e.Left, e.Right = equation, digest(check, message, "left"), digest(check, message, "right")
	return event.Finding{Kind: event.Damage, Check: check, Role: "independent verifier", Culprit: culprit,
		Message: message, ThirdParty: true, Evidence: &e}
}

func castHonestly() []step {
	return []step{
		{action: "encrypt", detail: "choice and proofs computed by the honest client", params: param("contest", "mayor", "choice", "Brandt")},
		{action: "submit body", detail: "tracker shown before the decision"},
		{action: "cast", detail: "receipt with a promised index"},
	}
}

func a03() scenario {
	return scenario{
		info: event.ScenarioInfo{
			ID: "A03", Slug: "weakfs-ballot-forge", Title: "Weak Fiat–Shamir: a valid proof for an out-of-range vote",
			Stage: "voting/cast", Vector: "protocol", Actor: "voter", Properties: []string{"TAR", "COUNT", "AVAIL"},
			Severity: "critical", JudgedAt: "sealed", Expect: event.Prevented,
			Mechanism: "If the challenge hashes the commitments alone, a voter picks the commitments first and then solves a quadratic for a plaintext m that makes the proof come out. " +
				"m is a number of about 252 bits: the total can no longer be found, or it is shifted modulo the group order.",
			Defence: "The challenge of every proof contains the statement: ciphertext, election key, fingerprint, contest, option and caster.",
			References: []event.Reference{
				{Text: "Bernhard, Pereira, Warinschi: How not to prove yourself, ASIACRYPT 2012", URL: "https://eprint.iacr.org/2016/771"},
				{Text: "Belenios, fixed 2013 (commit 356992f4)"},
			},
			Requirements: reqs([]string{"15", "17"}, []string{"9.1.6-B", "13.3-B"}, []string{"Annex 2.13", "Annex 2.14"}),
		},
		variants: []variant{
			{id: "cancelling-pair", title: "two roots that add to one, honest sum proof", planted: []string{"weak.fs.commitmentsOnly"},
				expect: event.Prevented, actor: "voter-m", honest: castHonestly(),
				forge: []step{
					{action: "choose commitments", detail: "b₁ = −b₀, so that the two roots add to 1", params: param("contest", "mayor", "options", "5")},
					{action: "solve quadratic", detail: "c·X² + (b₀+b₁−c)·X − b₀ = 0, discriminant a square at try 3"},
					{action: "submit body", detail: "accepted, tracker returned"},
				},
				refusal: "proof-invalid", by: "ballot box", why: "the selection proof of option 2 does not verify",
				damage: failed("V-20", "voter-m", "selection proof of a counted ballot is false", "z₀·G = A₀ + c₀·α", event.Evidence{Entry: index(31), Contest: "mayor", Option: "Brandt"})},
			{id: "approval", title: "one out-of-range root in a contest without a sum proof", planted: []string{"weak.fs.commitmentsOnly"},
				expect: event.Prevented, actor: "voter-m", honest: castHonestly(),
				forge: []step{
					{action: "solve quadratic", detail: "root m of 252 bits", params: param("contest", "projects", "option", "Pool")},
					{action: "submit body", detail: "accepted, tracker returned"},
				},
				refusal: "proof-invalid", by: "ballot box", why: "the selection proof of option 1 does not verify",
				damage: failed("V-20", "voter-m", "selection proof of a counted ballot is false", "z₁·Y = B₁ + c₁·(β − G)", event.Evidence{Entry: index(28), Contest: "projects", Option: "Pool"})},
		},
	}
}

func a08() scenario {
	sub := func(id, title, detail, why string) variant {
		return variant{id: id, title: title, planted: []string{"weak.ballot.skipSumProof"}, expect: event.Prevented,
			actor: "voter-m", honest: castHonestly(),
			forge: []step{
				{action: "encrypt", detail: detail, params: param("contest", "council", "min", "1", "max", "3")},
				{action: "submit body", detail: "accepted, tracker returned"},
				{action: "cast", detail: "acknowledged"},
			},
			refusal: "sum-proof-invalid", by: "ballot box", why: why,
			damage: failed("V-21", "voter-m", "sum proof of a counted ballot is false", "Σcᵢ = C(sum; …)", event.Evidence{Entry: index(30), Contest: "council"}),
			tallies: []event.Tally{
				{Contest: "council", Option: "Adler", Truth: "12", Published: "13"},
				{Contest: "council", Option: "Brandt", Truth: "9", Published: "10"},
				{Contest: "council", Option: "blank", Truth: "4", Published: "4", OK: true},
			}}
	}
	return scenario{
		info: event.ScenarioInfo{
			ID: "A08", Slug: "overvote-missing-sum", Title: "Overvote: only individual ranges are proven",
			Stage: "voting/cast", Vector: "implementation", Actor: "voter", Properties: []string{"COUNT", "ELIG"},
			Severity: "high", JudgedAt: "result", Expect: event.Prevented,
			Mechanism:    "Each option is proven to be 0 or 1, but nothing says how many of them may be 1. A voter selects all of them, or too few, or a blank vote and a candidate.",
			Defence:      "Every contest carries a proof of its sum, with the blank option weighing as much as a full ballot.",
			References:   []event.Reference{{Text: "Folklore; Helios takes a question without maximum as approval and asks for no overall proof"}},
			Requirements: reqs([]string{"9", "14"}, []string{"1.1.6-D", "1.1.8-H"}, nil),
		},
		variants: []variant{
			sub("all-options", "every option selected", "five selections in a contest of three", "Σm = 5 is outside 1..3"),
			sub("blank-and-option", "blank vote and a candidate", "blank = 1 and Adler = 1", "Σm + 3·blank = 4 is outside 1..3"),
			sub("below-minimum", "nothing selected", "no selection where one is required", "Σm = 0 is outside 1..3"),
			sub("junk-sum-proof", "random bytes for the sum proof", "all scalars drawn at random", "the sum proof does not verify"),
		},
	}
}

func a14() scenario {
	sub := func(id, title string, set []string, artefact, code, by, why string) variant {
		return variant{id: id, title: title, planted: set, expect: event.Prevented, actor: "server", honest: castHonestly(),
			forge: []step{
				{action: "export from rehearsal", detail: artefact, params: param("election", "rehearsal")},
				{action: "replay in election", detail: "accepted", params: param("election", "main")},
			},
			refusal: code, by: by, why: why,
			damage: failed("V-18", "authority", artefact+" of another election stands on the board", "fingerprint = F", event.Evidence{Entry: index(22)})}
	}
	weak := []string{"weak.ctx.noElectionBinding", "weak.trustee.keyReuse"}
	return scenario{
		info: event.ScenarioInfo{
			ID: "A14", Slug: "cross-context-replay", Title: "A ballot or proof valid in another election or contest",
			Stage: "voting/cast", Vector: "protocol", Actor: "voter, server", Properties: []string{"ELIG", "PRIV", "TAR"},
			Severity: "high", JudgedAt: "accepted", Expect: event.Prevented,
			Mechanism: "Trustee keys or credentials are used again: rehearsal and election, first and second round. What was signed or proven in one context is offered in the other.",
			Defence:   "Every message names its context, every proof and signature covers it, and every role compares.",
			References: []event.Reference{
				{Text: "Belenios: ballots, shuffles and partial decryptions lacked the election fingerprint until August 2021 (b5eb863d, 4b1c21bf, da0a2592)"},
				{Text: "Swiss Post: electionEventId missing from a signed payload (YWH-PGM2323-171)"},
			},
			Requirements: reqs([]string{"9"}, []string{"9.1.6-B"}, []string{"Annex 2.6"}),
		},
		variants: []variant{
			sub("body-of-rehearsal", "ballot of the rehearsal", weak, "ballot body", "fingerprint-mismatch", "ballot box", "the body names another fingerprint"),
			sub("decision-of-rehearsal", "signed decision of the rehearsal", weak, "cast decision", "fingerprint-mismatch", "ballot box", "the decision names another fingerprint"),
			sub("other-contest", "answers of two contests of equal shape exchanged", []string{"weak.ctx.noContestBinding"}, "selection proofs", "proof-invalid", "ballot box", "the proofs name another contest"),
		},
	}
}
