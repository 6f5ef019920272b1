package sample

import (
	"fmt"

	"scrutineer/reports/event"
)

func b05() scenario {
	return scenario{
		info: event.ScenarioInfo{
			ID: "B05", Slug: "clash-same-receipt", Title: "Clash: several voters get the same ballot and receipt",
			Stage: "voting/cast", Vector: "protocol", Actor: "device, server", Properties: []string{"RAC", "TAR"},
			Severity: "critical", JudgedAt: "result", Expect: event.Detected,
			Mechanism: "Two voters with the same intention get the same encrypted ballot. Both find their tracker on the board; the server fills the free place with a ballot of its own.",
			Defence:   "Proofs are bound to the caster, and a voter checks both the head of the own chain and that the proofs verify with the own credential.",
			References: []event.Reference{
				{Text: "Küsters, Truderung, Vogt: Clash attacks on the verifiability of e-voting systems, IEEE S&P 2012", URL: "https://eprint.iacr.org/2012/116"},
			},
			Requirements: reqs([]string{"15", "17"}, []string{"9.1.5-F"}, []string{"Annex 2.5"}),
		},
		variants: []variant{{
			id: "shared-body", title: "one body for two voters, a ballot of the server in the free place", expect: event.Detected,
			planted: []string{"weak.ballot.noVoterBinding", "weak.bb.aliases"}, actor: "server", honest: castHonestly(),
			forge: []step{
				{action: "serve same body", detail: "voter-u and voter-w intend Adler and get one body, caster voter-u", params: param("voters", "voter-u, voter-w")},
				{action: "promise", detail: "voter-w gets {W, tracker of U, index}"},
				{action: "cast for voter-w", detail: "a ballot for Brandt under the credential of voter-w", params: param("choice", "Brandt")},
			},
			by: "promise of voter-w", why: "it names another tracker than the entry at its index",
			damage: failed("V-23", "authority", "the tracker promised to voter-w is not the one at the promised index", "tracker(entry i) = promised", event.Evidence{Entry: index(26)}),
			alarm: event.Finding{Kind: event.Alarm, Check: "voter: head of my chain", Role: "voter", Culprit: "authority", ThirdParty: true,
				Message: "receipt signed by the board contradicts the entry at its index", Evidence: &event.Evidence{Entry: index(26), Expected: "tracker of U", Seen: "tracker of the server's ballot"}},
			proof: []event.Proof{{Who: "voter-w", ToWhom: "anyone with the board's public key", Check: "V-23",
				What: "the authority promised one ballot at index 26 and put another there (signed receipt against cosigned entry)"}},
			tallies: []event.Tally{
				{Contest: "mayor", Option: "Adler", Truth: "8", Published: "7"},
				{Contest: "mayor", Option: "Brandt", Truth: "5", Published: "6"},
			},
		}},
	}
}

func c11() scenario {
	race := func(n int) []step {
		out := []step{{action: "prepare", detail: fmt.Sprintf("%d bodies, one predecessor", n)}}
		for range n {
			out = append(out, step{action: "cast", detail: "acknowledged", race: "barrier"})
		}
		return append(out, step{action: "count children", detail: "more than one stands"})
	}
	sub := func(id, title string, n int) variant {
		return variant{id: id, title: title, planted: []string{"weak.cast.checkThenInsert"}, expect: event.Prevented,
			actor: "voter-m", forge: race(n), honest: append([]step{{action: "cast", detail: "timed out, tried again with the same bytes"}}, castHonestly()...),
			refusal: "not-standing", by: "ballot box", why: "one child stands, the others were refused with the standing head",
			damage: failed("V-26", "authority", "two children of one predecessor are counted", "predecessor = standing head", event.Evidence{Entry: index(24), Expected: "1", Seen: "2"})}
	}
	return scenario{
		info: event.ScenarioInfo{
			ID: "C11", Slug: "race-double-vote", Title: "Two ballots from one voter by concurrency",
			Stage: "voting/cast", Vector: "implementation", Actor: "voter", Properties: []string{"ELIG"},
			Severity: "high", JudgedAt: "sealed", Expect: event.Prevented,
			Mechanism:  "Many casts of one voter arrive at the same moment. A box that first looks and then writes lets more than one of them in.",
			Defence:    "The standing head is compared and replaced in one transaction.",
			References: []event.Reference{{Text: "Belenios storage, RaceCondition exception (6848d351)"}, {Text: "OWASP ASVS 5.0.0, 15.4.2 and 2.3.4", URL: "https://github.com/OWASP/ASVS"}},
			Requirements: append(reqs([]string{"9"}, []string{"2.5-B"}, nil),
				event.Requirement{Standard: "OWASP ASVS 5.0.0", Clause: "15.4.2"}),
		},
		variants: []variant{
			sub("two-children", "two casts at once", 2),
			sub("many-children", "sixteen casts at once", 16),
			sub("same-bytes", "one cast four times: one receipt", 4),
		},
	}
}

func d03() scenario {
	return scenario{
		info: event.ScenarioInfo{
			ID: "D03", Slug: "ballot-drop-after-receipt", Title: "Receipt issued, ballot not counted",
			Stage: "voting/cast", Vector: "insider", Actor: "server", Properties: []string{"RAC"},
			Severity: "critical", JudgedAt: "result", Expect: event.Detected,
			Mechanism: "The server acknowledges a ballot and gives its place to the next one. It picks voters who have never checked before.",
			Defence:   "The receipt is a signed promise of an index, so that the voter does not merely notice but can prove it.",
			References: []event.Reference{
				{Text: "Heiberg, Martens, Vinkel, Willemson: Improving the verifiability of the Estonian Internet Voting scheme, 2016"},
			},
			Requirements: reqs([]string{"15", "17"}, []string{"9.1.6-F"}, []string{"Annex 2.5"}),
		},
		variants: []variant{{
			id: "index-reused", title: "the promised index goes to the next ballot", expect: event.Detected,
			planted: []string{"weak.receipt.noPromise"}, actor: "server",
			honest: append([]step{{action: "cast", detail: "acknowledged late, after the client had given up"}}, castHonestly()...),
			forge: []step{
				{action: "acknowledge", detail: "voter-03 gets a receipt for index 18"},
				{action: "drop", detail: "the ballot never reaches the board"},
				{action: "append next", detail: "the ballot of voter-04 takes index 18"},
			},
			by: "receipt of voter-03", why: "another decision stands at the promised index",
			damage: failed("oracle: acknowledged ballots count", "authority", "an acknowledged ballot is not in the counted set", "H(decision) = leaf i", event.Evidence{Entry: index(18), Expected: "13", Seen: "12"}),
			alarm: event.Finding{Kind: event.Alarm, Check: "voter: entry at the promised index", Role: "voter", Culprit: "authority", ThirdParty: true,
				Message: "promise {H(decision), 18} contradicts entry 18", Evidence: &event.Evidence{Entry: index(18), File: "scenarios/D03/index-reused/attack/findings.json"}},
			proof: []event.Proof{{Who: "voter-03", ToWhom: "anyone with the board's public key",
				What: "the authority broke a signed promise: receipt against the cosigned entry at its index"}},
			tallies: []event.Tally{
				{Contest: "mayor", Option: "Adler", Truth: "8", Published: "7"},
				{Contest: "mayor", Option: "Brandt", Truth: "5", Published: "5", OK: true},
			},
		}},
	}
}

func e01() scenario {
	return scenario{
		info: event.ScenarioInfo{
			ID: "E01", Slug: "rogue-key-trustee", Title: "The last trustee cancels the others",
			Stage: "voting/setup", Vector: "protocol", Actor: "trustee", Properties: []string{"PRIV"},
			Severity: "critical", JudgedAt: "accepted", Expect: event.Prevented,
			Mechanism:    "The trustee who speaks last publishes a key that divides the others out of the product. The election key is then known to that trustee alone.",
			Defence:      "All trustees commit by hash before anybody reveals, and each proves knowledge of every coefficient.",
			References:   []event.Reference{{Text: "Folklore of joint key generation; Helios asks for a proof of knowledge, with a weak challenge"}},
			Requirements: reqs([]string{"46"}, []string{"13.3-E"}, []string{"Annex 2.7"}),
		},
		variants: []variant{{
			id: "cancelling-key", title: "constant term divides the others out", expect: event.Prevented,
			planted: []string{"weak.setup.noPoK", "weak.dkg.noCommitRound"}, actor: "trustee-3",
			honest: []step{{action: "commit", detail: "hash of the commitments"}, {action: "reveal", detail: "coefficients with proofs of knowledge"}},
			forge: []step{
				{action: "wait for reveals", detail: "A₁,₀ and A₂,₀ are known"},
				{action: "cancel", detail: "A₃,₀ = s·G − A₁,₀ − A₂,₀; the other coefficients by interpolation in the exponent"},
				{action: "reveal", detail: "accepted; the election key is s·G"},
			},
			refusal: "dkg-not-committed", by: "other trustees", why: "no hash for this reveal stands in a cosigned checkpoint",
			damage: failed("V-12", "trustee-3", "no proof of knowledge for the constant term", "z·G = R + c·A", event.Evidence{Entry: index(7)}),
		}},
	}
}

func e08() scenario {
	sub := func(id, title, set, detail, why string) variant {
		return variant{id: id, title: title, planted: []string{set}, expect: event.Prevented, actor: "trustee-2",
			honest: []step{{action: "decrypt", detail: "shares with proofs"}, {action: "post shares", detail: "accepted"}},
			forge: []step{
				{action: "decrypt", detail: detail, params: param("δ", "+4", "λ", "2")},
				{action: "post shares", detail: "accepted, totals shifted by δ"},
			},
			refusal: "share-refused", by: "authority and the other trustees", why: why,
			damage: failed("V-37", "trustee-2", "decryption proof of a share is false", "z·α = B + c·d", event.Evidence{Entry: index(41), Contest: "mayor", Option: "Adler"}),
			tallies: []event.Tally{
				{Contest: "mayor", Option: "Adler", Truth: "8", Published: "12"},
				{Contest: "mayor", Option: "Brandt", Truth: "9", Published: "5"},
			}}
	}
	return scenario{
		info: event.ScenarioInfo{
			ID: "E08", Slug: "wrong-partial-decryption", Title: "False partial decryption, or a proof for something else",
			Stage: "results/tally", Vector: "insider", Actor: "trustee", Properties: []string{"TAR", "COUNT"},
			Severity: "critical", JudgedAt: "result", Expect: event.Prevented,
			Mechanism: "A trustee multiplies the decryption factor by g^δ and shifts a total, with a proof that is missing, invalid, or right for another ciphertext.",
			Defence:   "Every share carries a proof bound to fingerprint, sealed root, trustee, contest, unit, option and ciphertext, and everybody verifies it.",
			References: []event.Reference{
				{Text: "Helios: verify_decryption_factor is an empty stub (the real check is elsewhere)"},
				{Text: "Belenios, fixed (8ad67aa5)"},
			},
			Requirements: reqs([]string{"17"}, []string{"9.1.6-K"}, []string{"Annex 2.6"}),
		},
		variants: []variant{
			sub("shifted-factor", "shifted factor with a random proof", "weak.decrypt.noProof", "d + δ·λ⁻¹·G and a random proof", "the proof of the share does not verify, trustee-2 is named"),
			sub("junk-proof", "right factor, random proof", "weak.decrypt.noProof", "factor untouched, proof drawn at random", "the proof of the share does not verify, trustee-2 is named"),
			sub("transplanted-proof", "valid proof for another ciphertext", "weak.decrypt.proofUnboundToCiphertext", "α′ = α + k·G, proof valid for α′", "the message names another ciphertext than the aggregate"),
		},
	}
}
