package vocabulary

// floods are loads by a schedule. A capacity is measured first: how many voters
// a second the server serves when they come one after the other. Honest voters
// then arrive at a fifth of it whatever becomes of those before them, a hundred
// of them behind one address, and try again three times within 10 s. The
// adversary has eight addresses of his own (four for connections) and rises in
// stages; what honest voters get while he does his most is what is judged.
var floods = []Action{
	{Name: "rush", Phase: Cast, Makes: Casts, Needs: []string{"network", "dialect", "submit"},
		Doc:    "The voters arrive on a schedule and vote, and beside them others look at the board from eight addresses, five times a second each. Every fourth voter sends his decision again.",
		Params: []Param{someVoters("who votes; the harness plays them, and none has cast"), inElection()}},
	{Name: "flood", Phase: Cast, Adversarial: true, Makes: Casts, Needs: []string{"network", "dialect", "submit"},
		Doc: "The voters arrive on a schedule and vote, while the adversary asks more than the server can serve. Refused where the server turned his requests away by its limits. History: each arrival, and each stage with its figures.",
		Params: []Param{someVoters("who votes; the harness plays them, and none has cast"),
			{Name: "kind", Kind: Word, Required: true, Words: []string{"mixed", "unsigned", "signed", "slow-header", "unread"},
				Doc: "mixed: pages, the board's proofs, and large ballots for which nobody vouches; unsigned: distinct bodies of a ballot all of whose proofs hold but the last, with a signature of another body; signed: the same with the signature that belongs to each; slow-header: connections that send a header byte by byte; unread: connections whose answers nobody reads"},
			{Name: "adversary", Kind: Voter, Required: true, Doc: "whose credential the adversary has; the harness plays him, and he has not cast"},
			{Name: "times", Kind: Int, Min: 1, Max: 100, Default: int64(4), Doc: "the adversary's most: so many times the capacity; of connections, so many hundreds"},
			inElection()}},
}
