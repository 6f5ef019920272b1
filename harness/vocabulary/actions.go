package vocabulary

// What every action records in the history, so that ground truth can be told
// from it:
//   - A cast is one operation "cast" of the voter (role voter, actor the
//     voter's name), whoever's client sends it, with the choices that the voter
//     wants in it from the invocation on, and tracker, predecessor and, where
//     a receipt promised one, index when they are known. Sending a decision
//     again is an operation of its own with the same tracker.
//   - A forged body has no choices: nobody can say what it is a vote for.
//   - What is cast in a voter's name without him (an old decision replayed, the
//     other ballot of a clash) has the role and actor that cast it: network,
//     server.
//   - Decisions of a race carry its step's name as Race.
//   - Closing is an operation "seal", publishing one "publish".

// Parameters that several actions share.
func inElection() Param {
	return Param{Name: "in", Kind: Ref, Of: Election,
		Doc: "the election; the one set up last where it is absent"}
}

func oneVoter(doc string) Param { return Param{Name: "voter", Kind: Voter, Required: true, Doc: doc} }

func someVoters(doc string) Param {
	return Param{Name: "voters", Kind: Voters, Required: true, Doc: doc}
}

func choices(doc string) Param { return Param{Name: "choices", Kind: Choices, Doc: doc} }

func oneContest(doc string) Param {
	return Param{Name: "contest", Kind: Contest, Required: true, Doc: doc}
}

// honest are the actions of an ordinary election.
var honest = []Action{
	{Name: "setup", Phase: Setup, Makes: Election, Needs: []string{"ceremony", "open"},
		Doc: "Sets up an election as the scenario describes it, up to and including its opening. Every role is played by the target, or honestly by the harness where the scenario's roles say so.",
		Params: []Param{{Name: "announced", Kind: Bool, Default: false,
			Doc: "the definition was announced under its digest, with which every role of the target compares what it is given (needs announce)"},
			{Name: "cpu", Kind: Int, Min: 0, Max: 16000, Doc: "as it stands in the field, reached over a network, with so many thousandths of a processor for its work on requests (needs network); 0: as elections of a laboratory stand"}}},
	{Name: "vote", Phase: Cast, Makes: Casts, Needs: []string{"client", "submit"},
		Doc: "Each voter encrypts, reads the tracker, casts and keeps the receipt, all voters at once. Voters whom the target plays use the target's client. What voters want stands in the election unless choices says otherwise.",
		Params: []Param{
			someVoters("who votes"),
			choices("what they want instead of what the election says"),
			{Name: "oddities", Kind: Words, Words: []string{"retry", "revote", "late-ack", "challenge"},
				Doc: "lawful oddities, dealt in turn to the voters: sends the same decision again; casts a second ballot for the same choice where the policy allows; loses the acknowledgement and asks again; challenges a ballot and casts another"},
			inElection(),
		}},
	{Name: "check", Phase: Anywhere, Needs: []string{"client", "board"},
		Doc:    "Each voter makes the check owed at cast, with the target's client where it has one: receipt, entry at the promised index in a cosigned checkpoint, proofs, head of the chain. It waits for a checkpoint that covers the index. A failed check is an alarm by the voter; its evidence is the receipt beside the entry.",
		Params: []Param{someVoters("who checks; each has cast"), inElection()}},
	{Name: "follow", Phase: Anywhere, Needs: []string{"trustee", "board"},
		Doc:    "The trustees read the board up to its newest cosigned head and check everything on it. A fault is an alarm by the trustee.",
		Params: []Param{{Name: "trustees", Kind: Trustees, Required: true, Doc: "who follows"}, inElection()}},
	{Name: "close", Phase: Close, Needs: []string{"close"},
		Doc:    "Closes every channel, publishes participation and seals.",
		Params: []Param{inElection()}},
	{Name: "decrypt", Phase: Tally, Needs: []string{"tally"},
		Doc: "The trustees require the sealed checkpoint, recompute the aggregates and post their shares.",
		Params: []Param{{Name: "trustees", Kind: Trustees, Required: true, Doc: "who answers"},
			{Name: "needed", Kind: Bool, Default: false, Doc: "who sees that the result stands does not answer any more"}, inElection()}},
	{Name: "publish", Phase: Publish, Needs: []string{"publish"},
		Doc:    "The authority computes the totals, counts, signs and publishes the result. Where it cannot, the outcome is unknown and there is no result.",
		Params: []Param{inElection()}},
	{Name: "verify", Phase: Publish, Needs: []string{"verify"},
		Doc:    "The target's own verifier runs over the published record. What it rejects is an alarm by the auditor.",
		Params: []Param{inElection()}},
	{Name: "make-ballot", Phase: Cast, Makes: Body, Needs: []string{"dialect"},
		Doc: "The harness encrypts an honest ballot for the voter and keeps it, or several for one choice.",
		Params: []Param{oneVoter("whose ballot"), choices("what to vote instead of what the election says"),
			{Name: "count", Kind: Int, Min: 1, Max: 64, Default: int64(1), Doc: "how many; cast-body casts each in place of the one before"}, inElection()}},
	{Name: "cast-body", Phase: Cast, Makes: Casts, Needs: []string{"dialect", "submit"},
		Doc: "The harness submits the body with the voter's signature and, if it is accepted, the decision after the voter's standing ballot. Of several bodies each is cast in place of the one before, so that the last one counts. The step is refused if all of them are.",
		Params: []Param{oneVoter("who casts"),
			{Name: "body", Kind: Ref, Of: Body, Required: true, Doc: "what to cast"}, inElection()}},
	{Name: "repeat-decision", Phase: Cast, Makes: Casts, Needs: []string{"dialect", "submit"},
		Doc: "The voter makes one honest ballot and sends its decision many times at once, all released together. Every answer must be the same receipt.",
		Params: append([]Param{oneVoter("who is impatient"),
			{Name: "count", Kind: Int, Min: 2, Max: 64, Required: true, Doc: "how often it is sent"}}, raceParams()...)},
}

func raceParams() []Param {
	return []Param{
		{Name: "abandon", Kind: Int, Min: 0, Max: 63, Default: int64(0),
			Doc: "how many of the requests are cut off after sending; their outcome is unknown"},
		inElection(),
	}
}

// adversarial are the attacks' own actions.
var adversarial = []Action{
	{Name: "forge-weak-fs-ballot", Phase: Cast, Adversarial: true, Makes: Body, Needs: []string{"dialect"},
		Doc: "Makes a ballot whose 0/1 proofs are valid if the challenge hashes the commitments alone. With A_i = a_iG, B_i = a_iY + b_iG and c = H(A_0,B_0,A_1,B_1), a plaintext m is a root of c·m² + (b_0+b_1−c)·m − b_0 = 0; retried until it has roots.",
		Params: []Param{oneVoter("the forger"), oneContest("where to forge"),
			{Name: "shape", Kind: Word, Required: true, Words: []string{"pair", "reuse", "approval"},
				Doc: "pair: b_1 = −b_0, both roots, which add to 1, go to the first two options, the rest is 0, the sum proof is honest; reuse: one root in the first option and its commitments again as the sum proof, for contests with min 0 and max 1; approval: one root in the first option of a contest that has no sum proof"},
			inElection()}},
	{Name: "forge-sum-ballot", Phase: Cast, Adversarial: true, Makes: Body, Needs: []string{"dialect"},
		Doc: "Makes a ballot with an unlawful number of marks. Every 0/1 proof is honest, the ballot's other contests are as the voter wants them.",
		Params: []Param{oneVoter("the forger"), oneContest("where to forge"),
			{Name: "marks", Kind: Word, Required: true, Words: []string{"all", "blank-and-one", "none"},
				Doc: "all: every option 1, blank 0; blank-and-one: blank and the first option; none: every option and blank 0"},
			{Name: "sum", Kind: Word, Default: "junk", Words: []string{"junk", "omitted", "wider"},
				Doc: "the sum proof. junk: the right number of branches, random scalars; omitted: no sum proof; wider: an honest proof with branches min..number of options"},
			inElection()}},
	{Name: "swap-answers", Phase: Cast, Adversarial: true, Makes: Body, Needs: []string{"dialect"},
		Doc: "Makes a ballot in which the answers of two contests of equal shape stand at each other's place. Each answer still names the contest for which its proofs are made; tracker and signatures are those of the ballot as it stands.",
		Params: []Param{oneVoter("the forger"),
			{Name: "first", Kind: Contest, Required: true, Doc: "one contest"},
			{Name: "second", Kind: Contest, Required: true, Doc: "the other"}, inElection()}},
	{Name: "forge-style-ballot", Phase: Cast, Adversarial: true, Makes: Body, Needs: []string{"dialect"},
		Doc: "Makes a ballot of a style that is not the voter's: header and proofs name that style, caster, unit and weight are the voter's own. It votes for the first option in every contest.",
		Params: []Param{oneVoter("the forger"),
			{Name: "style", Kind: Style, Required: true, Doc: "the style to vote in"}, inElection()}},
	{Name: "setup-replayed", Phase: Setup, Adversarial: true, Makes: Election, Needs: []string{"ceremony", "open", "insider"},
		Doc:    "Sets up a second election of the same roles and credentials in which the server posts the key ceremony of the first instead of a new one. Refused if a trustee will not confirm; the server then goes through an honest ceremony, so that there is an election in any case.",
		Params: []Param{{Name: "from", Kind: Ref, Of: Election, Required: true, Doc: "the election whose ceremony is played again"}}},
	{Name: "replay-ballots", Phase: Cast, Adversarial: true, Makes: Casts, Needs: []string{"dialect", "submit"},
		Doc: "Sends ballots of another election as they are. Refused if every one of them is.",
		Params: []Param{
			{Name: "casts", Kind: Ref, Of: Casts, Required: true, Doc: "what was cast in the other election, by voters whom the harness plays"},
			{Name: "decision", Kind: Word, Required: true, Words: []string{"old", "fresh"},
				Doc: "old: submission and decision byte for byte, by somebody who saw them pass, while the voter does nothing (recorded as the network's); fresh: the voter signs the old body and a new decision (recorded as the voter's)"},
			inElection()}},
	{Name: "replay-shares", Phase: Tally, Adversarial: true, Needs: []string{"dialect", "submit", "board"},
		Doc: "Posts the decryption shares that a trustee gave in another election, byte for byte, for every cell whose ciphertexts are equal in both. Refused if every one of them is, or if there is no such cell and a share of the other election is refused.",
		Params: []Param{
			{Name: "from", Kind: Ref, Of: Election, Required: true, Doc: "the election in which the trustee answered"},
			{Name: "trustee", Kind: Trustee, Required: true, Doc: "who answered there and has not answered here"},
			inElection()}},
	{Name: "clash", Phase: Cast, Adversarial: true, Makes: Casts, Needs: []string{"dialect", "submit", "client", "insider"},
		Doc: "The voter's device and the server pass off an earlier ballot as the voter's own. The device shows the other voter's tracker and signs a decision for it that stays unsent; the server signs a receipt for that decision with the index of the other voter's entry; with the voter's credential the device casts another ballot instead. The voter keeps decision and receipt for the check. History: the voter's cast of the shown tracker is acknowledged, the other cast is the server's.",
		Params: []Param{oneVoter("who is deceived; wants what the other voter wanted"),
			{Name: "copy", Kind: Ref, Of: Casts, Required: true, Doc: "the cast of the one other voter"},
			{Name: "instead", Kind: Choices, Required: true, Doc: "what the device casts"}, inElection()}},
	{Name: "race-decisions", Phase: Cast, Adversarial: true, Makes: Casts, Needs: []string{"dialect", "submit"},
		Doc: "The voter submits several ballots for different choices and sends their decisions, all after the same predecessor (the voter's standing ballot), released together from a barrier when every connection has sent all but its last byte. Refused if at most one is acknowledged.",
		Params: append([]Param{oneVoter("who votes more than once"),
			{Name: "count", Kind: Int, Min: 2, Max: 64, Required: true, Doc: "how many ballots"}}, raceParams()...)},
	{Name: "drop-after-receipt", Phase: Cast, Adversarial: true, Makes: Casts, Needs: []string{"client", "submit", "insider"},
		Doc:    "A liar with the board's key stands between the voters' clients and the server. It hands submissions on, but keeps each decision to itself and answers with an unsigned acknowledgement; a client that does not take it and asks again gets a signed receipt for the next free index. The ballot is never appended. Everything else passes through.",
		Params: []Param{someVoters("whose ballots disappear"), inElection()}},
	{Name: "setup-rogue-key", Phase: Setup, Adversarial: true, Makes: Election, Needs: []string{"ceremony", "open", "dialect"},
		Doc:    "Sets up an election in which the harness plays one trustee that waits for the others' reveals and then reveals commitments it never committed to: the constant term is sG minus the sum of the others', so that the election key is sG; its shares are random and the other coefficients follow by interpolation in the exponent (threshold = number of trustees); the proof of knowledge of the constant term is junk. Refused if the ceremony is aborted; then there is no election.",
		Params: []Param{{Name: "trustee", Kind: Trustee, Required: true, Doc: "the trustee that the harness plays"}}},
	{Name: "read-ballots", Phase: Cast, Adversarial: true, Needs: []string{"dialect", "board"},
		Doc:    "Decrypts the voters' ballots on the board with the key that the adversary alone knows, and records what it read.",
		Params: []Param{someVoters("whose ballots are read"), inElection()}},
	{Name: "forge-share", Phase: Tally, Adversarial: true, Needs: []string{"dialect", "submit", "board"},
		Doc: "The harness plays a trustee that answers for all cells, honestly but for one cell of one contest. Refused if the share is.",
		Params: []Param{
			{Name: "trustee", Kind: Trustee, Required: true, Doc: "the trustee that the harness plays"},
			oneContest("where to lie; in its first decrypted cell"),
			{Name: "fault", Kind: Word, Required: true,
				Words: []string{"junk-proof", "empty-proof", "same-proof", "other-ciphertext", "other-contest", "other-trustee", "swapped-options", "outside-group"},
				Doc:   "junk-proof: factors shifted, random proofs; empty-proof: factors shifted, proofs of zeros; same-proof: factors shifted, the honest proof of the first option for all; other-ciphertext: factors shifted and honestly proven for α + kG, which the factor names, k = −δ/(λ·x); other-contest: factors and proofs of another contest; other-trustee: factors and proofs that another trustee posted; swapped-options: the factors of two options, each naming its own option and ciphertext, at each other's place; outside-group: the first option's factor with a component of order 8, encoded on the curve, and a proof whose challenge is even; the trustees who answer must be such that the forger's Lagrange coefficient is odd, as 2 and 3 of three"},
			{Name: "from", Kind: Option, Within: "contest", Doc: "who loses; for shifted factors, and one of the two swapped"},
			{Name: "to", Kind: Option, Within: "contest", Doc: "who gains, or the other one swapped"},
			{Name: "shift", Kind: Int, Min: 1, Max: 1000, Default: int64(1), Doc: "how many votes move"},
			{Name: "source", Kind: Contest, Doc: "the other contest, of equal shape, for other-contest"},
			inElection()}},
}

// judge is the mark where an attack run ends; no action is carried out.
var judge = Action{Name: "judge", Phase: Anywhere,
	Doc: "Here the attack run of a sub-case judged at this stage ends. The honest twin goes on.",
	Params: []Param{{Name: "at", Kind: Word, Required: true, Words: []string{"accepted", "sealed", "result"},
		Doc: "the stage"}}}

// Judge is the name of the action that marks where attack runs end.
const Judge = "judge"

// Standard returns the vocabulary of the tool's own scenarios.
func Standard() *Set {
	actions := append([]Action{}, honest...)
	actions = append(actions, identityHonest...)
	actions = append(actions, resultsHonest...)
	actions = append(actions, adversarial...)
	actions = append(actions, records...)
	actions = append(actions, toctou...)
	actions = append(actions, mangled...)
	actions = append(actions, keyAttacks...)
	actions = append(actions, ballotBox...)
	actions = append(actions, copying...)
	actions = append(actions, forgers...)
	actions = append(actions, identityAttacks...)
	actions = append(actions, logins...)
	actions = append(actions, resultsAttacks...)
	actions = append(actions, faults...)
	actions = append(actions, floods...)
	s, err := New(withForms(append(actions, judge)), oracles, abilities, weaknesses)
	if err != nil {
		panic(err) // a mistake in this package; a test builds the set
	}
	return s
}
