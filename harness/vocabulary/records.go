package vocabulary

// records are the actions that forge a finished record.
var records = []Action{
	{Name: "publish-forged", Phase: Publish, Adversarial: true, Needs: []string{"verify", "board", "insider", "dialect"},
		Doc: "The server, with the keys of authority and board and nobody else's, publishes forged records in the place of the true one, and the target's own verifier looks at each. The first that it accepts is the record that is judged. Refused if it rejects all.",
		Params: []Param{
			{Name: "forgeries", Kind: Words, Required: true,
				Words: []string{"no-ballots", "no-shares", "unknown-entries", "first-page", "no-files", "unknown-method", "own-keys", "two-results", "bundle-tail", "head-tail"},
				Doc:   "no-ballots: the board without ballots, aggregates and shares, sealed anew, with a false result; no-shares: the board without decryption shares, with a false result; unknown-entries: the same, and the shares under a type that nobody knows; first-page: challenges of the server's own fill the first 256 places, ballots and a false result come after them; no-files: without hash tiles and without the heads of opening, close and seal; unknown-method: true totals, and another winner by a counting method that nobody knows; own-keys: the whole election held once more with keys and voters of the server's own; two-results: the result entry has its contests twice, the last time as they were decrypted; bundle-tail: an entry more behind the last of the bundle; head-tail: another head behind each head"},
			{Name: "contest", Kind: Contest, Doc: "where the result is false, unless it stays as it is"},
			{Name: "winner", Kind: Option, Within: "contest", Doc: "who gets every vote there"},
			inElection()}},
}
