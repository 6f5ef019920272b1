package vocabulary

// keyAttacks are the actions of attacks on keys: of the election, of trustees,
// and what binds everybody to one of them.
var keyAttacks = []Action{
	{Name: "setup-index", Phase: Setup, Adversarial: true, Makes: Election, Needs: []string{"ceremony", "open", "dialect"},
		Doc: "Sets up an election in which the harness plays one trustee that announces another index than the manifest gives it, and keeps to the ceremony under that index. Refused if the ceremony does not go on; then there is no election.",
		Params: []Param{
			{Name: "trustee", Kind: Trustee, Required: true, Doc: "the trustee that the harness plays; not the first"},
			{Name: "names", Kind: Word, Required: true, Words: []string{"zero", "taken", "huge"},
				Doc: "zero: others deal it f_i(0), their part of the secret; taken: the first trustee's index; huge: 2^53−1, the largest that can be written"}}},
	{Name: "setup-server-key", Phase: Setup, Adversarial: true, Makes: Election, Needs: []string{"ceremony", "open", "insider", "dialect"},
		Doc: "Sets up an election whose server opens it with another key than that of the ceremony: it holds back the confirmation of a trustee that the harness plays, honestly, and puts it on the board together with an opening that it signs. Refused if a trustee of the target objects; then there is no election.",
		Params: []Param{
			{Name: "key", Kind: Word, Required: true, Words: []string{"own", "added", "subset"},
				Doc: "own: zG, so that the server alone reads ballots; added: the trustees' key and zG, so that there is no result without the server; subset: the trustees' key without the part of the first one, which nobody can decrypt"}}},
	{Name: "setup-two-documents", Phase: Setup, Adversarial: true, Makes: Election, Needs: []string{"ceremony", "open", "announce", "dialect"},
		Doc: "Sets up an election that is announced under one digest for two definitions, found by search: in the board's, which trustees and auditors read, two options of a contest have their names; in the one that voters are handed these names are exchanged, and a title has swallowed the rest. Voters mark what bears the name that they want. Refused if a role of the target does not accept the digest.",
		Params: []Param{
			{Name: "digest", Kind: Word, Required: true, Words: []string{"joined", "untagged"},
				Doc: "how the announced digest is computed: joined: over all texts with a separator between them; untagged: over all texts without types and lengths"},
			oneContest("whose first two options change names")}},
	{Name: "vote-under-key", Phase: Cast, Adversarial: true, Makes: Casts, Needs: []string{"client", "submit", "insider", "dialect"},
		Doc:    "Voters vote, and while they do a liar with the server's keys stands before the server. It tells their clients zG as the election's key, reads what they hand in, encrypts the same choice to the key of the ceremony, and answers with the tracker of that ballot; the decision that a client signs for it goes on the board with it. What was read is recorded. Refused if a client refuses.",
		Params: []Param{someVoters("who is deceived"), inElection()}},
	{Name: "forge-last-ballot", Phase: Cast, Adversarial: true, Makes: Body, Needs: []string{"dialect"},
		Doc: "Makes a lawful ballot, honestly proven, whose randomness a trustee has chosen: with the randomness of all other ballots of the contest known, it makes that of the aggregate R = (u − cδ/λ)/v for each option to be moved, with commitments vG, uG and their weak challenge c fixed beforehand. λ is the trustee's Lagrange coefficient among those who will answer.",
		Params: []Param{oneVoter("who is in league with the trustee"), oneContest("where votes will move"),
			{Name: "trustee", Kind: Trustee, Required: true, Doc: "the trustee that the harness plays"},
			{Name: "answer", Kind: Trustees, Required: true, Doc: "who will answer, as many as the threshold; the trustee is among them"},
			{Name: "known", Kind: Ref, Of: Casts, Required: true, Doc: "all other ballots that will count, by voters whom the harness plays"},
			{Name: "from", Kind: Option, Within: "contest", Required: true, Doc: "who loses"},
			{Name: "to", Kind: Option, Within: "contest", Required: true, Doc: "who gains"},
			{Name: "shift", Kind: Int, Min: 1, Max: 1000, Default: int64(1), Doc: "how many votes move"},
			inElection()}},
	{Name: "forge-weak-fs-share", Phase: Tally, Adversarial: true, Needs: []string{"dialect", "submit", "board"},
		Doc: "The harness plays a trustee that answers for all cells, honestly but for the first cell of one contest: there its factors are wrong, with proofs that are valid if the challenge hashes the commitments alone. Refused if the share is.",
		Params: []Param{
			{Name: "trustee", Kind: Trustee, Required: true, Doc: "the trustee that the harness plays"},
			oneContest("where to lie; in its first decrypted cell"),
			{Name: "ballot", Kind: Ref, Of: Body, Doc: "the last ballot that was made for it: the totals become what that planned. Without one the first option's total becomes a number of 252 bits"},
			{Name: "posted", Kind: Word, Default: "box", Words: []string{"box", "board"},
				Doc: "box: by the trustee, as shares are; board: the server is in league and puts the share on the board, and with it the result that it gives (needs insider)"},
			inElection()}},
}
