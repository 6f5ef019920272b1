package vocabulary

// identityHonest are the honest actions of elections with an identity service.
var identityHonest = []Action{
	{Name: "read-notices", Phase: Anywhere, Needs: []string{"client", "identity"},
		Doc:    "Each voter reads the notices that the identity service sent him, with the target's client where it has one, and makes the check that he owes on each: it tells of a ballot that he cast. A notice of any other ballot is an alarm by the voter, which convinces only him.",
		Params: []Param{someVoters("who reads"), inElection()}},
}

// identityAttacks are attacks that such a service is there for.
var identityAttacks = []Action{
	{Name: "cast-behind", Phase: Cast, Adversarial: true, Needs: []string{"dialect", "submit", "client", "identity"},
		Doc: "The voter's device casts one more ballot after his standing one, with his credential, and shows nothing of it. History: the cast is the device's.",
		Params: []Param{oneVoter("whose device it is; he has cast"),
			{Name: "instead", Kind: Choices, Required: true, Doc: "what the device casts"},
			{Name: "session", Kind: Word, Words: []string{"same", "second"}, Default: "same",
				Doc: "same: in the session that the voter opened; second: in one that he opens again, because the device feigns a failure"},
			inElection()}},
	{Name: "stuff", Phase: Cast, Adversarial: true, Needs: []string{"dialect", "board", "client", "identity", "insider"},
		Doc: "Registrar and server together write ballots onto the board: the registrar gives the voters' credentials away, the server appends casts that they sign, each after the voter's standing ballot. The identity service takes no part. History: the casts are the server's.",
		Params: []Param{someVoters("in whose names"),
			{Name: "instead", Kind: Choices, Required: true, Doc: "what is cast"}, inElection()}},
}
