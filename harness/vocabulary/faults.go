package vocabulary

// faults are the accidents: what happens to a machine, and to nobody's benefit.
var faults = []Action{
	{Name: "crash", Phase: Anywhere, Adversarial: true, Needs: []string{"fault", "client", "close", "tally"},
		Doc: "The server loses its power at a point of its work and starts again from its disk; what was not durable is lost. What was under way is done again by whoever got no answer: the voter sends the same decision, the operator the close, the trustee the share. A request of the operator that seemed lost then arrives once more. Refused where nobody was answered before the point and all was carried through once in the end, or where the second request is.",
		Params: []Param{
			{Name: "point", Kind: Word, Required: true,
				Words: []string{
					"cast/append", "cast/appended", "cast/settled", "close-channel/append", "close-channel/appended",
					"aggregate/append", "aggregate/appended", "result/append", "result/appended",
				},
				Doc: "what the server is writing, and how far it has come. append: nothing is on the disk; appended: the board is durable, the box knows nothing; settled: the box is durable, nobody was answered. A seal is written with its aggregates, a result with the last share"},
			{Name: "torn", Kind: Bool, Default: false, Doc: "power goes in the middle of the write at this point: its tiles are on the disk, the size of the tree is not"},
			{Name: "silent", Kind: Bool, Default: false, Doc: "that a cast was carried through is not what is looked for here: it is no refusal"},
			{Name: "voter", Kind: Voter, Doc: "whose cast it is; for the points of a cast"},
			{Name: "trustees", Kind: Trustees, Doc: "who answers, the last of them during the crash; for the points of a result"},
			inElection(),
		}},
	{Name: "outage", Phase: Anywhere, Needs: []string{"outage", "identity"},
		Doc: "The identity service fails those who ask it, from now on, or is mended.",
		Params: []Param{
			{Name: "how", Kind: Word, Required: true, Words: []string{"refuse", "hang", "garbage", "errors", "mended"},
				Doc: "refuse: it takes no connection; hang: it takes them and answers when it is mended; garbage: it answers what is no answer; errors: it breaks one request in twenty; mended: it works"},
			inElection(),
		}},
}
