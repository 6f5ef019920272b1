package vocabulary

// ballotBox are the attacks between a voter's client and the box: on the
// choice between casting and opening, on the order of ballots, on which
// ballot it was, and on which board it stands.
var ballotBox = []Action{
	{Name: "cast-and-challenge", Phase: Cast, Adversarial: true, Needs: []string{"dialect", "submit"},
		Doc: "The voter hands a ballot in and wants both: to cast it and to have it opened. Refused unless both are granted.",
		Params: []Param{oneVoter("who wants a receipt to show"),
			{Name: "order", Kind: Word, Required: true, Words: []string{"challenge-first", "cast-first", "at-once"},
				Doc: "what is asked for first; at-once: both decisions are released together"},
			{Name: "proofs", Kind: Word, Default: "same", Words: []string{"same", "fresh"},
				Doc: "same: one body, handed in again before a cast that comes second; fresh: two bodies of the same ciphertexts, each with proofs and a tracker of its own, both handed in before the first decision; the one that is not cast is opened"},
			inElection()}},
	{Name: "cast-opened", Phase: Cast, Adversarial: true, Needs: []string{"dialect", "submit", "board", "insider"},
		Doc:    "The voter challenges a ballot, honestly, and casts none. The server puts this ballot on the board as cast in the voter's name; where the voter's signature should be stands its own over the decision.",
		Params: []Param{oneVoter("who challenges and leaves"), inElection()}},
	{Name: "substitute-ballot", Phase: Cast, Adversarial: true, Makes: Casts, Needs: []string{"client", "submit", "board", "dialect", "insider"},
		Doc: "The voters vote as they want, with the target's client. The server keeps each body to itself. Where it casts other choices instead, it makes a ballot of its own with the voter as caster and names that one's tracker in its answer to the body. Whatever decision the client then signs goes on the board with the other ballot, and is answered by a receipt for its place. Refused if a client will not go on.",
		Params: []Param{someVoters("whose ballots are exchanged"),
			{Name: "instead", Kind: Choices, Doc: "what the server casts; without it and with unit, the voter's own ballot"},
			{Name: "unit", Kind: Unit, Doc: "the unit that the ballot names on the board, in place of the voter's; its tracker is the same"},
			inElection()}},
	{Name: "reorder-ballots", Phase: Cast, Adversarial: true, Makes: Casts, Needs: []string{"client", "submit", "board", "insider"},
		Doc: "A voter casts a ballot for other choices, then one for what he wants, and makes the check that he owes; and then the first comes once more. Refused if it is.",
		Params: []Param{oneVoter("who votes twice"),
			{Name: "first", Kind: Choices, Required: true, Doc: "what the first ballot is for"},
			{Name: "how", Kind: Word, Required: true, Words: []string{"held", "overtaken", "replayed", "server"},
				Doc: "held: the network keeps the first decision back, so that the voter gets no answer, and delivers it in the end; overtaken: the same, delivered right behind the second decision, whose answer waits; replayed: both decisions arrive in order and are answered, and the network sends body and decision of the first again; server: held back as well, and it is the server that puts the first on the board, whatever its rules say"},
			inElection()}},
}
