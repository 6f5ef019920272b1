package main

import (
	"strings"

	"scrutineer/harness/mutate"
)

// harmless is a kind of mutant that a verifier of the record accepts, and why
// that is right: what it changes is bound by nothing on the board, and says
// nothing about the result.
type harmless struct {
	where     string // as in Mutant.Where; * at the end stands for anything
	operators string // with | between them; * is any
	powers    []mutate.Power
	reason    string
	who       string // who notices all the same
}

// harmlessKinds are all that there are.
func harmlessKinds() []harmless {
	server := []mutate.Power{mutate.Rebuilt, mutate.Colluding}
	all := []mutate.Power{mutate.Colluding}
	heads := []mutate.Power{mutate.Plain, mutate.Rebuilt}
	const swaps = "swap with next|swap with one of its type"
	return []harmless{
		{"dkg-commit entry", swaps, all, "within a round of the ceremony the trustees come in any order (V-06)", "nobody needs to"},
		{"dkg-reveal entry", swaps, all, "as the hashes: any order within the round", "nobody needs to"},
		{"dkg-shares entry", swaps, all, "as the hashes: any order within the round", "nobody needs to"},
		{"confirm entry", swaps, all, "as the hashes: any order among the confirmations", "nobody needs to"},
		{"decryption-share entry", swaps, server, "shares come in any order; the lowest indices are used (S-36)", "nobody needs to"},
		{"dkg-shares body.shares[].ciphertext", "flip|zero|transplant", all, "what is encrypted to one trustee only that trustee can open", "the trustee, who complains in public (S-05)"},
		{"dkg-shares body.shares[].ephemeral", "flip|transplant", all, "it belongs to the ciphertext for one trustee", "the trustee, who complains in public (S-05)"},
		{"dkg-shares body.shares[]", "transplant", all, "it is encrypted to one trustee, and for the place it is in", "the trustee, who complains in public (S-05)"},
		{"dkg-shares body.shares", "transplant", all, "each of them is encrypted to one trustee", "the trustees, who complain in public (S-05)"},
		{"dkg-shares body", "transplant", all, "another dealing of the same dealer: none of it can be read but by those it is for", "the trustees, who complain in public (S-05)"},
		{"electorate body.roll", "flip|zero|transplant", all, "a salted commitment of the registrar to its own roll, which it alone can open", "whoever has the registrar open it"},
		{"participation body.voters[]", "append|transplant", all, "the ids of voters are the registrar's; on the board are credentials", "the voter who finds that he is or is not listed"},
		{"cast entry", swaps, all, "the order of two voters' ballots is nowhere counted", "the voters: their receipts name the index (V-45)"},
		{"challenge entry", "remove|" + swaps, all, "a challenge is signed by nobody and counts for nothing", "the voter: his receipt names the index (V-45)"},
		{"challenge body.commitment", "flip|zero|transplant", all, "the digest of the proofs of a ballot that is not cast enters the tracker of the challenge only", "the voter who challenged: he knows his tracker"},
		{"head *", "last lines swapped", heads, "cosignatures come in any order after the board's signature (V-02)", "nobody needs to"},
		{"head checkpoint", "times a year later", heads, "no rule says by when the result must be out", "whoever waits for it"},
		{"head checkpoints/*", "replace by checkpoints/closed|replace by checkpoints/sealed|replace by checkpoint|root of one entry less", heads,
			"another head of the same board that covers as much: which was the first is not in the record", "whoever kept the one between (V-45)"},
	}
}

// whyHarmless is the reason for a mutant that was accepted; empty where there
// is none.
func whyHarmless(m *mutate.Mutant) string {
	for _, h := range harmlessKinds() {
		if h.covers(m) {
			return h.reason
		}
	}
	return ""
}

func (h *harmless) covers(m *mutate.Mutant) bool {
	prefix, open := strings.CutSuffix(h.where, "*")
	if open && !strings.HasPrefix(m.Where, prefix) || !open && m.Where != h.where {
		return false
	}
	fits := h.operators == "*"
	for _, op := range strings.Split(h.operators, "|") {
		fits = fits || op == m.Operator
	}
	power := false
	for _, p := range h.powers {
		power = power || p == m.Power
	}
	return fits && power
}
