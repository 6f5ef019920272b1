package vocabulary

// logins are attacks on the identity service from outside: on its tokens, on
// what they are for, and on the codes.
var logins = []Action{
	{Name: "forge-token", Phase: Cast, Adversarial: true, Needs: []string{"dialect", "submit", "client", "identity"},
		Doc: "Somebody who has a voter's credential and not her code has a ballot authorised with a token that the identity service did not give out for it, and casts the ballot. Refused if the token is. History: the cast is the network's.",
		Params: []Param{oneVoter("whose credential it is; the harness plays the voter"),
			{Name: "instead", Kind: Choices, Required: true, Doc: "what is cast"},
			{Name: "token", Kind: Word, Default: "none",
				Words: []string{"none", "none-cased", "stripped", "hs256-raw", "hs256-hex", "hs256-pem", "jwk", "jku", "kid-path", "zero-signature", "claims-twice"},
				Doc:   "none: the header names no algorithm, and there is no signature; none-cased: written nOnE; stripped: neither algorithm nor third part; hs256: an HMAC keyed with the service's public key, raw, in hex or as a PEM file; jwk: signed with a key that the header brings along; jku: with one behind a URL in the header; kid-path: the key's id leads to an empty file; zero-signature: ES256 with r = s = 0; claims-twice: audience and subject stand there twice"},
			{Name: "from", Kind: Ref, Of: Election, Doc: "an election in which the voter has logged in: the token is the one that she got there"},
			inElection()}},
	{Name: "cast-as", Phase: Cast, Adversarial: true, Needs: []string{"dialect", "submit", "client", "identity"},
		Doc: "One voter, who also holds another's credential, has a ballot of that credential authorised, and casts it. Refused if it is not authorised, or not taken. History: the cast is the network's.",
		Params: []Param{oneVoter("whose credential it is; the harness plays the voter"),
			{Name: "as", Kind: Voter, Required: true, Doc: "who does it; the harness plays him, too"},
			{Name: "instead", Kind: Choices, Required: true, Doc: "what is cast"},
			{Name: "how", Kind: Word, Default: "session", Words: []string{"session", "header", "unauthorised"},
				Doc: "session: he logs in as himself and names the other's credential in the request; header: nobody logs in, and a header of the kind that proxies set names the other (needs headers); unauthorised: nobody is asked, the ballot goes to the box as it is"},
			inElection()}},
	{Name: "take-body", Phase: Cast, Adversarial: true, Needs: []string{"dialect", "submit", "client"},
		Doc: "A voter hands a ballot in and does not decide. Another one decides, in a session of his own, for casting it. Refused if he may not.",
		Params: []Param{oneVoter("who decides; the harness plays him"),
			{Name: "of", Kind: Voter, Required: true, Doc: "whose ballot waits; the harness plays the voter"}, inElection()}},
	{Name: "forge-weight-ballot", Phase: Cast, Adversarial: true, Makes: Body, Needs: []string{"dialect"},
		Doc: "Makes an honest ballot that names another weight than the voter's.",
		Params: []Param{oneVoter("the forger"),
			{Name: "weight", Kind: Int, Min: 1, Max: 1_000_000, Required: true, Doc: "what the ballot says; one of the election's weights"}, inElection()}},
}
