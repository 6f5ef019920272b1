package vocabulary

// forgers are the actions that make ballots with false mathematics.
var forgers = []Action{
	{Name: "forge-exponents-ballot", Phase: Cast, Adversarial: true, Makes: Body, Needs: []string{"dialect"},
		Doc: "Makes ballots in which one option holds 1 and a number more, another option that number less than 0, and all others 0: together they hold 1, and the sum proof is honest. One ballot for each form of the 0/1 proofs of the two options that lie.",
		Params: []Param{oneVoter("the forger"), oneContest("where to forge; three options or more, and a sum of 1 allowed"),
			{Name: "to", Kind: Option, Within: "contest", Required: true, Doc: "who gains"},
			{Name: "from", Kind: Option, Within: "contest", Required: true, Doc: "who loses"},
			{Name: "shift", Kind: Int, Min: 1, Max: 1000, Required: true, Doc: "how many votes move"},
			{Name: "proofs", Kind: Words, Required: true, Words: []string{"junk", "absent", "truncated", "copied", "reordered"},
				Doc: "junk: the right shape, random scalars; absent: empty lists; truncated: one branch; copied: the honest proof of an option with 0; reordered: the honest proofs of the options with 0, which have got the worthless ones"},
			inElection()}},
	{Name: "forge-branches-ballot", Phase: Cast, Adversarial: true, Makes: Body, Needs: []string{"dialect"},
		Doc: "Makes ballots with a faulty disjunction, one for each fault, on the voter's first contest, which has no sum proof, or for faults of the sum on the first contest that has one.",
		Params: []Param{oneVoter("the forger"),
			{Name: "faults", Kind: Words, Required: true, Words: []string{
				"free", "zeros", "opposite", "first-only", "off-by-one", "exchanged", "foreign", "free-sum",
				"named-thousand", "named-third", "named-next", "named-alone", "named-zeros", "named-ones", "named-swapped", "named-negative", "named-sum"},
				Doc: "the first option holds 1000 with challenges and responses free, all zero, or those of another option; −10 with challenges that cancel; 1 with the challenge of its branch at 0, one too high, or the branches exchanged; every option marked with a free sum proof. Named: the proof says what its branches stand for, {0,1000}, {0,1,1000}, {0,1,2}, {1000}, {0,0}, {1,1,0}, {1,0}, {−10,1}; for the sum {0,1,2,3}"},
			inElection()}},
}
