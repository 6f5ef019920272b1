package vocabulary

// copying are the actions of attacks that send what another voter made, and of
// those that tell from the result what he made.
var copying = []Action{
	{Name: "copy-ballots", Phase: Cast, Adversarial: true, Makes: Casts, Needs: []string{"dialect", "submit", "board"},
		Doc: "Each of the voters casts the standing ballot of a victim as his own: the body byte for byte as the victim made it, and a decision for its tracker signed with the copier's credential. Every voter copies the victim of his own unit. Refused if every copy is.",
		Params: []Param{
			someVoters("who copies; in league with each other"),
			{Name: "of", Kind: Voters, Required: true, Doc: "whose ballots are copied, at most one in a unit; each has cast"},
			{Name: "seen", Kind: Word, Default: "board", Words: []string{"board", "wire"},
				Doc: "where the ballot was seen. board: as anybody reads it, so that the copier signs the submission himself; wire: on its way to the box, so that the victim's own submission is sent again (the harness plays the victim)"},
			inElection()}},
	{Name: "guess-from-totals", Phase: Publish, Needs: []string{"board"},
		Doc:    "In every unit with one of the voters somebody guesses, from the published totals of the unit's cell alone, which of the contest's first two options the voter chose: the one with more votes, and on a tie either by the toss of a coin. Who copied a ballot expects his copies to decide; where nobody did, the guess is worth nothing. Recorded as readings of a game in which chance hits one time in two.",
		Params: []Param{someVoters("whose votes are guessed"), oneContest("where, with a choice of two that the seed drew"), inElection()}},
}
