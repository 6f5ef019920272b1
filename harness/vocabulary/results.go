package vocabulary

func oneChannel() Param {
	return Param{Name: "channel", Kind: Word, Words: []string{"official", "backup"}, Default: "official", Doc: "which channel"}
}

// resultsHonest are the honest actions after the tally, and the electoral
// body's.
var resultsHonest = []Action{
	{Name: "read-results", Phase: Publish, Needs: []string{"results"},
		Doc:    "Readers look at both channels, at the page and at the signed file, until each shows a result or patience ends. History: what they read.",
		Params: []Param{inElection()}},
	{Name: "watch-results", Phase: Publish, Needs: []string{"results", "verify"},
		Doc:    "The watchers of all witnesses look at both channels and sign what they see; the target's auditor holds it against the record. A channel that shows something else is an alarm by the auditor, whose evidence are the captures.",
		Params: []Param{inElection()}},
	{Name: "inform", Phase: Anywhere, Needs: []string{"notices", "client"},
		Doc: "The electoral body posts notices, and they reach the voters' clients. Each client shows all of them, in order.",
		Params: []Param{someVoters("who gets them"),
			{Name: "count", Kind: Int, Min: 1, Max: 16, Default: int64(1), Doc: "how many notices"},
			{Name: "order", Kind: Word, Words: []string{"in-turn", "reversed"}, Default: "in-turn", Doc: "in which order they arrive"},
			inElection()}},
}

// resultsAttacks are attacks on results and on the electoral body's word.
var resultsAttacks = []Action{
	{Name: "fake-site", Phase: Publish, Adversarial: true, Needs: []string{"results"},
		Doc: "Somebody who has the web tier, and no key, answers in a channel's place from now on.",
		Params: []Param{oneChannel(),
			{Name: "how", Kind: Word, Required: true, Words: []string{"page", "json", "stale", "other-host"},
				Doc: "page: other totals in the table of the page; json: other totals in the signed file; stale: page and file from before the count, with zeros; other-host: another host under the same name, which signs with a key of its own"},
			oneContest("where totals are false"),
			{Name: "winner", Kind: Option, Within: "contest", Required: true, Doc: "who gets every vote"}, inElection()}},
	{Name: "deviate-channel", Phase: Publish, Adversarial: true, Needs: []string{"results", "insider"},
		Doc: "A channel's own publisher, with its key, shows something else from now on.",
		Params: []Param{oneChannel(),
			{Name: "how", Kind: Word, Required: true, Words: []string{"other-totals", "some-units", "delay"},
				Doc: "other-totals: a result in which one option has every vote; some-units: the last cell of the contest is left out; delay: nothing, as if results were not out"},
			oneContest("where the result is false"),
			{Name: "winner", Kind: Option, Within: "contest", Required: true, Doc: "who gets every vote"}, inElection()}},
	{Name: "read-early", Phase: Cast, Adversarial: true, Needs: []string{"dialect", "board"},
		Doc: "Somebody wants totals before the seal. Refused if he gets none.",
		Params: []Param{
			{Name: "how", Kind: Word, Required: true, Words: []string{"shares", "guess"},
				Doc: "shares: the server writes the sums of what was cast so far onto the board and has the trustees asked for their decryption (needs insider and trustee); guess: an outsider asks both channels for names under which results lie before their time, and holds status and bytes of each answer against those for a name that will never be (needs results)"},
			{Name: "trustees", Kind: Trustees, Doc: "who are asked; for shares"}, inElection()}},
	{Name: "withhold-share", Phase: Tally, Adversarial: true, Needs: []string{"tally", "trustee"},
		Doc: "Some trustees answer, others do not. Refused if there is a result all the same, or if there can be none and the target says whose shares it waits for.",
		Params: []Param{{Name: "trustees", Kind: Trustees, Required: true, Doc: "who does not answer as he should"},
			{Name: "answer", Kind: Trustees, Required: true, Doc: "who does"},
			{Name: "how", Kind: Word, Required: true, Words: []string{"silent", "late", "garbage"},
				Doc: "silent: no answer; late: an answer when the result stands; garbage: for one contest factors with worthless proofs, for the others honest ones, from trustees whom the harness plays (needs dialect)"},
			{Name: "contest", Kind: Contest, Doc: "the contest of the garbage"}, inElection()}},
	{Name: "spoof-notice", Phase: Anywhere, Adversarial: true, Needs: []string{"dialect", "notices", "client"},
		Doc: "An outsider brings the voters' clients a notice in the name of the electoral body. Refused if a client does not show it.",
		Params: []Param{someVoters("whose clients get it"),
			{Name: "how", Kind: Word, Required: true, Words: []string{"forged", "other-election", "old", "gap"},
				Doc: "forged: it continues the chain, and the signatures under the officers' names are by other keys; other-election: genuine, of the same body in another election; old: the first notice of this election, once more; gap: the second of two new notices, while the first is held back"},
			{Name: "from", Kind: Ref, Of: Election, Doc: "the other election"}, inElection()}},
}
