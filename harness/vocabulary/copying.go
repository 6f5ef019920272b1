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
			{Name: "spelling", Kind: Words, Words: spellings,
				Doc: "casts the ballot in other spellings of the same content instead, each in place of the one before; the copier signs them himself"},
			inElection()}},
	{Name: "guess-from-totals", Phase: Publish, Needs: []string{"board"},
		Doc:    "In every unit with one of the voters somebody guesses, from the published totals of the unit's cell alone, which of the contest's first two options the voter chose: the one with more votes, and on a tie either by the toss of a coin. Who copied a ballot expects his copies to decide; where nobody did, the guess is worth nothing. Recorded as readings of a game in which chance hits one time in two.",
		Params: []Param{someVoters("whose votes are guessed"), oneContest("where, with a choice of two that the seed drew"), inElection()}},
	{Name: "forge-spelling", Phase: Cast, Adversarial: true, Makes: Body, Needs: []string{"dialect"},
		Doc: "Makes honest ballots of the voter and spells each of them in another way: the content is the same, the bytes and the tracker are not.",
		Params: []Param{oneVoter("whose ballots"),
			{Name: "spelling", Kind: Words, Words: spellings, Required: true, Doc: "the spellings, each of a ballot of its own"}, inElection()}},
	{Name: "vote-audited", Phase: Cast, Makes: Casts, Needs: []string{"client", "dialect", "submit"},
		Doc:    "Each voter encrypts with a device that the harness plays, and reads the tracker. By chance he challenges the ballot instead of casting it; then the target's own client, as another device, checks the opening against what he chose and was shown. What it finds is an alarm by the voter, who casts with a device that he trusts. Otherwise the device encrypts once more and he casts. The units of the voters are rounds of a game: 1 − (1 − f·a)^N of them are noticed.",
		Params: append(auditParams(), inElection())},
	{Name: "flip-votes", Phase: Cast, Adversarial: true, Makes: Casts, Needs: []string{"client", "dialect", "submit"},
		Doc: "As vote-audited, but the devices are corrupted: by chance a device encrypts another option than its voter chose, shows him the tracker of that, and opens it truthfully if it is challenged. It learns only after encrypting whether it is.",
		Params: append(auditParams(), oneContest("where the devices lie"),
			Param{Name: "to", Kind: Option, Within: "contest", Required: true, Doc: "the option that they encrypt"},
			Param{Name: "flip", Kind: Int, Min: 1, Max: 1000, Required: true, Doc: "the chance that a device lies, in thousandths"},
			inElection())},
}

// spellings are other forms of one ballot. Numbers and elements: a multiple of
// the group's order l added to scalars of the proofs; p − s for the field
// element s that encodes an element, or the bit set that is none of it. Members:
// ones that mean nothing where they stand. Order: contests, or options with
// their proofs, in another one.
var spellings = []string{
	"challenge-0", "challenge-1", "response-0", "response-1", "sum-challenge", "sum-response", "all-scalars", "many-l",
	"alpha-negative", "beta-negative", "alpha-high-bit", "beta-high-bit",
	"extra-device", "extra-sequence", "extra-sum", "contest-order", "option-order",
}

func auditParams() []Param {
	return []Param{someVoters("who votes; played by the harness"),
		{Name: "audit", Kind: Int, Min: 0, Max: 1000, Required: true, Doc: "the chance that a ballot is challenged, in thousandths"}}
}
