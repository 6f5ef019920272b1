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
}
