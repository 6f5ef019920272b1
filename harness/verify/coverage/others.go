package coverage

import v "scrutineer/harness/verify"

func electionGuard() []Row {
	return []Row{
		{"V1", "version and group are the standard ones; the hashes of parameters and manifest are recomputed", by(v.Manifest, v.Fingerprint), "the suite is named in the manifest, and the group has no parameters"},
		{"V2", "guardians' keys are in the subgroup and known to their guardians", by(v.Coefficients, v.Knowledge, v.Decoding), "membership is by encoding: ristretto255 has no other elements"},
		{"V3", "the joint keys are the products of the guardians'", by(v.ElectionKey), "there is one key: ballots carry no other data"},
		{"V4", "the extended base hash is recomputed", by(v.Fingerprint), "it covers all coefficients and the credentials too"},
		{"V5", "no ballot id twice, among cast and challenged", by(v.Tracker, v.Uniqueness, v.CastOrOpened), "ballots have no id; tracker and ciphertexts stand for it"},
		{"V6", "each selection is an encryption of an allowed value, bound to ballot, contest and option", by(v.Selections, v.Decoding), ""},
		{"V7", "each contest keeps its limit", by(v.Sums), "with a minimum, and blank votes"},
		{"V8", "confirmation codes are recomputed, device chains are closed", by(v.Tracker, v.Tree), "the tracker is the code; the log stands in place of a chain for each device"},
		{"V9", "the aggregate is the product over all cast ballots", by(v.Aggregates), "with weights, for each cell"},
		{"V10", "each total is what the aggregate decrypts to", by(v.ShareProofs, v.Totals, v.Bounds), "each trustee's share has its own proof"},
		{"V11", "the tally has the manifest's contests and options, no more and no fewer", by(v.ResultComplete), "also where there are no ballots"},
		{"V12", "contest data are decrypted rightly", nil, noWriteIns},
		{"V13", "a challenged ballot is recomputed from its nonces", by(v.Openings), ""},
		{"V14", "a challenged ballot says what it may say", by(v.Openings), ""},
		{"V15", "a pre-encrypted contest is the product of the chosen vectors", nil, noPacks},
		{"V16", "the codes of pre-encrypted ballots are recomputed", nil, noPacks},
		{"V17", "short codes are derived from the vectors", nil, noPacks},
		{"V18", "an uncast pre-encrypted ballot is recomputed from its nonces", nil, noPacks},
		{"V19", "an uncast pre-encrypted ballot has the labels of its style", nil, noPacks},
	}
}

func swissPost() []Row {
	return []Row{
		{"0.01", "by hand: same hashes, fingerprints and numbers as published elsewhere; every check ran", by(v.Pins, v.NothingVacuous), "fingerprint and board key are pinned; the counts are in the report"},
		{"1.01", "the setup is complete", by(v.Files, v.Order), ""},
		{"2.01", "the canton's configuration is signed", by(v.Signatures), "manifest, by the authority"},
		{"2.02", "the setup component's public keys are signed", by(v.Signatures), "credentials and electorate, by the registrar"},
		{"2.03", "each control component's public keys are signed", by(v.Signatures), "reveals and dealings, by the trustees"},
		{"2.04", "the setup component's tally data are signed", by(v.Signatures), "credentials and electorate again"},
		{"2.05", "the election event's context is signed", by(v.Signatures, v.Fingerprint), "n confirmations and the opening"},
		{"3.01", "one group everywhere", by(v.Manifest), "the suite has one"},
		{"3.02", "exactly one contribution of each node", by(v.Order, v.DKGCommitments), ""},
		{"3.03", "file names name the nodes that are in the files", by(v.Files), "file names say nothing but the place in the log"},
		{"3.04", "one election id everywhere", by(v.Signatures, v.Fingerprint), ""},
		{"3.05", "the ids of voter groups are those of the context", by(v.Credentials), "styles and units"},
		{"3.06", "path names name the voter groups that are in the files", by(v.Files), "as 3.03"},
		{"3.07", "no voting card twice, as many as eligible voters", by(v.Credentials), "how many are eligible is the registrar's word"},
		{"3.08", "both publishers give the same return-code keys", nil, noCodes},
		{"3.09", "both publishers give the same election keys", by(v.ElectionKey), "every trustee confirms the key"},
		{"3.10", "both publishers give the same key proofs", by(v.DKGCommitments, v.Knowledge), "proofs stand on the board once"},
		{"3.11", "the return-code key is the product of its shares", nil, noCodes},
		{"3.12", "the election key is the product of its shares", by(v.ElectionKey), ""},
		{"3.13", "options are encoded the same way in each group, as configured", by(v.Manifest, v.BallotShape), "an option is a ciphertext of its own, under its id"},
		{"3.14", "the number of voters is the sum over groups", by(v.Credentials), ""},
		{"4.01", "every value of the setup is in its domain", by(v.Entries, v.Decoding), ""},
		{"5.01", "the group's parameters come from the seed", by(v.Manifest), "the suite has none to choose"},
		{"5.02", "the small primes are the right ones", nil, "does not apply: options are not encoded as primes"},
		{"5.03", "voting options are distinct and their product does not overflow", by(v.Manifest, v.Credentials), "ids are unique; the sum of weights is bounded, so that totals can be found"},
		{"5.04", "every key has a Schnorr proof over the whole context", by(v.Knowledge), "bound to the setup and the trustee"},
		{"6.01", "the tally is complete", by(v.Files, v.Order, v.NothingVacuous), ""},
		{"7.01", "ballot boxes are signed by the control components", by(v.Heads), "the board signs and witnesses cosign the log that is the box"},
		{"7.02", "shuffles of control components are signed", nil, noMix},
		{"7.03", "the last shuffle is signed", nil, noMix},
		{"7.04", "the decrypted votes are signed", by(v.Signatures), "shares and result"},
		{"7.05", "the result file is signed", by(v.Signatures), ""},
		{"8.01", "one group in the tally", by(v.Manifest), "as 3.01"},
		{"8.02", "exactly one tally contribution of each node", by(v.ShareSubject), "one share a trustee and cell"},
		{"8.03", "file names name the nodes of the tally", by(v.Files), "as 3.03"},
		{"8.04", "one election id in the tally", by(v.Fingerprint, v.ShareSubject, v.ResultBound), "the sealed root besides"},
		{"8.05", "the ids of ballot boxes are those of the context", by(v.Aggregates, v.ShareSubject), "cells"},
		{"8.06", "path names name the ballot boxes that are in the files", by(v.Files), "as 3.03"},
		{"8.07", "whoever voted had a voting card", by(v.Eligibility), ""},
		{"8.08", "all components hold the same votes and proofs", nil, oneStore},
		{"8.09", "ciphertexts have as many elements as the ballot needs", by(v.BallotShape), ""},
		{"8.10", "plaintexts have as many elements as the ballot needs", by(v.ResultComplete), "totals take their place"},
		{"8.11", "as many votes are mixed as were confirmed", by(v.Aggregates, v.ResultComplete), "as many are summed as count"},
		{"9.01", "every value of the tally is in its domain", by(v.Entries, v.Decoding), ""},
		{"10.01", "ballots are proven and distinct, not more than voters; shuffles and decryptions hold", by(v.Selections, v.Sums, v.Uniqueness, v.Participation, v.ShareProofs), "no shuffles"},
		{"10.02", "last decryption, decoding of the votes and the result file are right", by(v.Totals, v.ResultComplete, v.Outcome), "no shuffle, no decoding"},
	}
}

func belenios() []Row {
	return []Row{
		{"1", "events are chained", by(v.Tree, v.Prefixes), "in a Merkle tree"},
		{"2", "the archive is made again from its hashes, byte for byte", by(v.Files, v.Tree, v.Entries), ""},
		{"3", "each trustee knows its key", by(v.Knowledge), ""},
		{"4", "a threshold ceremony: certificates, coefficients, keys of members", by(v.Signatures, v.Coefficients, v.Dealing), ""},
		{"5", "the election key is the product of its parts", by(v.ElectionKey), ""},
		{"6", "the list of credentials is well-formed and has none twice", by(v.Credentials), ""},
		{"7", "a ballot names the election", by(v.BallotShape, v.Decision), ""},
		{"8", "a ballot is written in the one canonical way", by(v.Entries), "every other message too"},
		{"9", "a ballot's credential is listed, and its weight is the list's", by(v.Eligibility), ""},
		{"10", "a ballot is signed by its credential", by(v.Decision, v.Tracker), "the decision is, over the tracker of the whole ballot"},
		{"11", "each choice is 0 or 1, sums keep their limits, blank votes are right", by(v.Selections, v.Sums), ""},
		{"12", "the last ballot of a credential counts", by(v.Chains, v.Aggregates), "by chain, not by time"},
		{"13", "no identical ballot twice", by(v.Uniqueness, v.Tracker), "not one ciphertext twice"},
		{"14", "the public list of trackers is that of the counted ballots", by(v.Tracker), "there is no second list: trackers stand on the board"},
		{"15", "the encrypted tally is recomputed and is the published one", by(v.Aggregates), ""},
		{"16", "shuffles are chained and proven", nil, noMix},
		{"17", "partial decryptions are proven under registered keys", by(v.ShareProofs), ""},
		{"18", "enough trustees; the result is what they decrypt", by(v.Quorum, v.Totals, v.Bounds), ""},
		{"19", "an archive kept from before is a prefix", by(v.Kept, v.Prefixes), "by its checkpoint"},
		{"20", "by hand: trustees find their own data, fingerprints agree", by(v.Pins, v.ElectionKey), "trustees sign what they found"},
		{"21", "by the voter: his tracker and weight are listed", by(v.Kept), "from his receipt; his own client checks the rest (S-21)"},
	}
}

func ivxv() []Row {
	return []Row{
		{"1", "each vote: signer on the roll, signature, certificate, registration", by(v.Decision, v.Eligibility), "credentials are listed; there are no certificates"},
		{"2", "what one service registered the other has", by(v.Authorisation, v.IdentityList), "where the election has the identity service, whose list is held against the board"},
		{"3", "the last vote by a qualified time counts", by(v.Chains), "by chain, not by time"},
		{"4", "ballots are converted to the tally's input rightly", by(v.Aggregates), ""},
		{"5", "the shuffle is proven, with two tools", nil, noMix},
		{"6", "decryption is proven", by(v.ShareProofs, v.Totals), ""},
		{"7", "keys agree, the result is signed and the same with and without proofs", by(v.ElectionKey, v.Signatures, v.Totals), "there is one result, with proofs"},
	}
}

func verificatum() []Row {
	return []Row{
		{"1", "version, kind of proof, session and width are as expected", by(v.Manifest, v.Entries, v.Fingerprint), ""},
		{"2", "generator standard, joint key follows from the coefficients", by(v.ElectionKey), "so do the keys of shares, which V-37 checks against"},
		{"3", "between threshold and all servers took part", by(v.Quorum), ""},
		{"4", "each shuffle is valid or passed over, enough are valid", nil, noMix},
		{"5", "enough decryption factors, their proof, the plaintexts recomputed", by(v.Quorum, v.ShareProofs, v.Totals), ""},
	}
}
