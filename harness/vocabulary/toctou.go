package vocabulary

// toctou are the actions by which the set that is tallied departs from the one
// that was frozen.
var toctou = []Action{
	{Name: "close-swapped", Phase: Close, Adversarial: true, Needs: []string{"close", "insider", "dialect", "board"},
		Doc: "Closes, and the server seals by itself and posts aggregates in which one voter's ballot is replaced by another, before its own software can post the true ones.",
		Params: []Param{oneVoter("whose ballot is replaced; has cast, and the harness plays the voter"),
			{Name: "instead", Kind: Choices, Required: true, Doc: "what the other ballot holds"}, inElection()}},
	{Name: "close-then-cast", Phase: Close, Adversarial: true, Needs: []string{"close", "insider", "dialect", "board"},
		Doc:    "The server closes every channel and puts a ballot after that on the board, before participation and seal.",
		Params: []Param{oneVoter("whose ballot; the harness plays the voter, who has not cast"), inElection()}},
	{Name: "swap-aggregates", Phase: Tally, Adversarial: true, Needs: []string{"insider", "dialect", "board"},
		Doc: "The server posts a second set of aggregates beside the true ones. In one contest's first cell β is another and α the same, so that shares given for either set fit together.",
		Params: []Param{oneContest("where to swap"),
			{Name: "from", Kind: Option, Within: "contest", Required: true, Doc: "who loses"},
			{Name: "to", Kind: Option, Within: "contest", Required: true, Doc: "who gains"},
			{Name: "shift", Kind: Int, Min: 1, Max: 1000, Default: int64(1), Doc: "how many votes move"},
			inElection()}},
}
