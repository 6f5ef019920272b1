package main

import (
	"maps"

	"scrutineer/protocols/vectors"
)

// The kinds of bugs that let an invalid case pass.
const (
	lenientParsing   = "lenient parsing"
	secondEncoding   = "second encoding"
	missingCheck     = "missing check"
	missingBinding   = "missing binding"
	weakProof        = "weak proof"
	missingState     = "missing state"
	contextConfusion = "context confusion"
	wrongFormula     = "wrong formula"
	wrongBlame       = "wrong blame"
)

// flags has the notes of all flags.
func flags() map[string]vectors.Note {
	out := map[string]vectors.Note{}
	for _, part := range []map[string]vectors.Note{
		textFlags(), encodingFlags(), hashFlags(), proofFlags(), setupFlags(), ballotFlags(), boardFlags(), tallyFlags(),
	} {
		maps.Copy(out, part)
	}
	return out
}

func note(bug, description, effect string, links ...string) vectors.Note {
	return vectors.Note{BugType: bug, Description: description, Effect: effect, Links: append([]string{}, links...)}
}

const rfc8785 = "RFC 8785"

// textFlags are about JSON.
func textFlags() map[string]vectors.Note {
	return map[string]vectors.Note{
		"WhiteSpace": note(lenientParsing, "white space or a byte order mark around or within the text",
			"many texts for one message: whoever hashes bytes and whoever hashes values disagree about what was signed", rfc8785),
		"TrailingData": note(lenientParsing, "something after the end of the message",
			"two readers see two messages in the same bytes: the first document or the last", "CWE-436"),
		"DuplicateName": note(lenientParsing, "a member occurs twice",
			"a checker reads the first value and a counter the last: what was checked is not what counts", "RFC 8259 §4", "CWE-436"),
		"UnknownName": note(lenientParsing, "a name that the reader does not know, or knows in another case",
			"readers that ignore it or fold case see another message than the one that was signed", "CWE-436"),
		"MissingMember": note(lenientParsing, "a member is absent that must be there",
			"a default takes the place of what was never said, for example a bound of zero"),
		"OtherOmission": note(lenientParsing, "a member is there that must be absent when it is empty",
			"two texts for one message, and so two digests"),
		"Disorder": note(lenientParsing, "the right items in another order",
			"many texts for one message; duplicates are overlooked where order is what shows them", rfc8785),
		"WrongType": note(lenientParsing, "a value of another type",
			"null or an empty list stands where a proof belongs, and is taken for one"),
		"NumberRange": note(lenientParsing, "an integer beyond ±(2^53 − 1) or below the field's range",
			"readers with doubles round it, readers with 64 bits wrap it: two totals for one text", "RFC 7493 §2.2", "CWE-190"),
		"NumberForm": note(lenientParsing, "a number in another form than the shortest decimal integer",
			"many texts for one number; some readers make it a double, some refuse it later", rfc8785),
		"HexForm": note(lenientParsing, "bytes that are not lower-case hex of the right length",
			"the same element under two spellings is two elements to whoever compares texts: copies are not found"),
		"OtherEscape": note(lenientParsing, "a string with an escape where RFC 8785 has none, or another one",
			"the same name or value in two spellings passes a comparison of texts", rfc8785, "CWE-176"),
		"BrokenText": note(lenientParsing, "bytes or escapes that are no Unicode text",
			"readers replace what they cannot read, and two different ids become one", "CWE-176"),
		"NotJSON": note(lenientParsing, "no JSON",
			"a reader that mends it sees a message that others do not see"),
	}
}

// encodingFlags are about elements and scalars.
func encodingFlags() map[string]vectors.Note {
	return map[string]vectors.Note{
		"NonCanonicalElement": note(secondEncoding, "a field element that is not below p, or with its highest bit set",
			"one element under two encodings: a copied ciphertext looks new, a tracker has a twin", "RFC 9496 §4.3.1"),
		"NegativeElement": note(secondEncoding, "the negative field element, which decodes to the same or no element",
			"as NonCanonicalElement: −s for s", "RFC 9496 §4.3.1"),
		"NoElement": note(missingCheck, "32 bytes that encode no element",
			"arithmetic outside of the group: proofs hold about things that cannot be decrypted, or leak a secret modulo a small number", "RFC 9496 §4.3.1", "CVE-2018-5383"),
		"WrongLength": note(lenientParsing, "another number of bytes than 32",
			"bytes that nobody hashed, or memory that nobody wrote", "CWE-130"),
		"UnreducedScalar": note(secondEncoding, "a scalar plus l, or otherwise not below l",
			"a second proof or signature for the same statement, made by anybody: another tracker, another digest, a duplicate that is not found", "RFC 8032 §8.4"),
		"IdentityElement": note(missingCheck, "the identity where it must not stand",
			"as a key it lets anybody sign, as α it shows the vote, as R it gives the secret away, as a coefficient it lowers the threshold"),
		"MalleableSignature": note(secondEncoding, "an Ed25519 signature with l added to S",
			"a second signature of the same statement, made by anybody", "RFC 8032 §5.1.7", "CVE-2020-36843"),
	}
}

// hashFlags are about transcripts.
func hashFlags() map[string]vectors.Note {
	const joined = "Haines, Lewis, Pereira, Teague, How not to prove your election outcome, IEEE S&P 2020"
	return map[string]vectors.Note{
		"NoDomain": note(missingBinding, "a digest without the protocol's domain or the label",
			"a digest of one kind is taken for one of another kind"),
		"UntypedHash": note(missingBinding, "a digest that does not tell types apart",
			"a list of fields of other types has the same digest"),
		"JoinedHash": note(missingBinding, "a digest of fields without their lengths",
			"bytes move from one field to the next under the same digest: two elections, one fingerprint"),
		"NoCounts": note(missingBinding, "a digest that does not say how long lists are",
			"an item moves from one list to the next under the same digest"),
		"OtherWidth": note(wrongFormula, "a digest with other lengths or integers than eight bytes, big endian",
			"two implementations disagree; large values collide"),
		"ChallengeReduction": note(wrongFormula, "a challenge that is not the digest as a little-endian integer modulo l",
			"two implementations disagree; short challenges make some forgeries cheaper", joined),
	}
}

// proofFlags are about zero-knowledge proofs and signatures.
func proofFlags() map[string]vectors.Note {
	const weak = "Bernhard, Pereira, Warinschi, How not to prove yourself, ASIACRYPT 2012"
	return map[string]vectors.Note{
		"WrongProof": note(missingCheck, "a proof of which an equation does not hold",
			"any vote, any number of them, or any total"),
		"MissingProof": note(missingCheck, "a proof is absent, or a zero stands in its place",
			"what should have been proven is whatever the sender likes"),
		"BranchCount": note(missingCheck, "a disjunction with more, fewer or uneven branches",
			"a branch for a thousand votes, or none, which makes every equation hold", "attack A09 of the catalogue"),
		"SimulatedProof": note(weakProof, "all branches simulated: every equation holds, but the challenges are no hash",
			"a proof of anything, by anybody who never compares the challenge with the hash"),
		"WeakFiatShamir": note(weakProof, "a challenge that does not hash the whole statement, sometimes with the statement chosen after it",
			"proofs of false statements, or honest proofs about something else: ballots worth many votes, wrong totals", weak, "CVE-2022-29566"),
		"TransplantedProof": note(missingBinding, "a right proof of the same kind for another context",
			"somebody else's proof is reused: copied votes, replayed ceremonies, factors of another cell", "Cortier, Smyth, Attacking and fixing Helios, CSF 2011"),
		"OutOfRange": note(missingCheck, "a plaintext outside of 0 and 1",
			"one ballot adds or takes away any number of votes"),
		"WrongSum": note(missingCheck, "selections that add up to more or less than the contest allows",
			"votes for every option, or a blank vote that counts twice"),
		"MalleatedCiphertext": note(missingCheck, "somebody's ciphertext, changed, with the proof of what it was",
			"a copy or a shift of a vote that its maker does not know"),
		"WrongSignature": note(missingCheck, "a signature that does not hold for what it stands under",
			"anybody speaks for anybody", "CWE-347"),
		"ContextConfusion": note(contextConfusion, "a right message of another election, purpose or moment",
			"what was said elsewhere counts here: ballots of a rehearsal, signatures for another purpose", "Swiss Post bug bounty YWH-PGM2323", "CWE-294"),
	}
}

// setupFlags are about manifests and the ceremony.
func setupFlags() map[string]vectors.Note {
	return map[string]vectors.Note{
		"UnsoundManifest": note(missingCheck, "a definition by which no election can be held, or only a wrong one",
			"a contest that admits no vote, more votes than options, a channel that never opens"),
		"UnknownVariant": note(missingCheck, "a kind, version, policy, type or reason that the specification does not know",
			"downgrade: each reader does what it thinks best"),
		"MalformedId": note(missingCheck, "an id or origin that is malformed or not unique",
			"two things under one name, lines of notes and paths that somebody else has written"),
		"ReservedId": note(missingCheck, "an option under the name of the blank vote",
			"votes for it count as blank, or the reverse"),
		"WeakThreshold": note(missingCheck, "so few trustees or witnesses that two groups need not meet",
			"a minority decrypts ballots, or cosigns two boards"),
		"WeakKey": note(missingCheck, "a signing key of small order, in another encoding, or that is no point",
			"under a key of small order one signature holds for every message; two encodings of a key are two parties", "RFC 8032 §5.1.7", "Chalkias, Garillot, Nikolaenko, SSR 2020"),
		"SharedKey": note(missingCheck, "one key for two roles",
			"one party is counted twice; its signature for one role passes for the other's"),
		"WrongIndex": note(missingCheck, "an index that is not the sender's",
			"shares at zero are the secret itself; shares under another's index replace his", "attack E04 of the catalogue"),
		"BrokenCommitment": note(missingCheck, "a reveal that was not committed to",
			"the last trustee chooses its key after it has seen the others'", "Gennaro, Jarecki, Krawczyk, Rabin, EUROCRYPT 1999"),
		"RogueKey": note(missingCheck, "a constant term computed from the others', without a proof",
			"one trustee alone knows the secret of the election key", "attack E01 of the catalogue"),
		"CopiedKey": note(missingCheck, "another trustee's constant term",
			"one trustee doubles or cancels another's contribution"),
		"WrongDegree": note(missingCheck, "another number of coefficients than the threshold",
			"the election needs more trustees than it says, and cannot be decrypted", "attack E03 of the catalogue"),
		"MissingShare": note(missingCheck, "a dealing that leaves somebody out",
			"a trustee cannot take part and does not learn it in time"),
		"WrongShare": note(missingCheck, "a share that is not on the dealer's polynomial",
			"the tally fails, with nobody to blame"),
		"BrokenSeal": note(missingCheck, "a share that does not open",
			"as WrongShare"),
		"TransplantedShare": note(missingBinding, "a share sealed for another ceremony, dealer or recipient",
			"shares of a rehearsal, or of somebody else, are taken for one's own"),
		"FalseComplaint": note(wrongBlame, "a complaint about a right share",
			"an honest dealer is thrown out"),
		"WrongBlame": note(wrongBlame, "an abort that names somebody who is not to blame",
			"as FalseComplaint; the culprit takes part again"),
		"WrongKey": note(missingCheck, "an election key that is not the sum of the trustees'",
			"whoever has made it decrypts every ballot", "attack E06 of the catalogue"),
		"WrongFingerprint": note(missingCheck, "a fingerprint that does not follow from the setup",
			"voters and trustees take part in two different elections"),
		"DuplicateCredential": note(missingCheck, "a credential listed twice",
			"one voter votes twice, or two voters share a vote"),
		"WrongSummary": note(missingCheck, "an electorate that does not sum up its list",
			"credentials are added or taken away after the list was signed"),
	}
}

// ballotFlags are about ballots and their voters.
func ballotFlags() map[string]vectors.Note {
	const clash = "Küsters, Truderung, Vogt, Clash attacks on the verifiability of e-voting systems, IEEE S&P 2012"
	return map[string]vectors.Note{
		"BallotShape": note(missingCheck, "contests or options that are not the style's, in its order, each once",
			"votes in contests that the voter has no right to; votes for another option than shown"),
		"WrongTracker": note(missingCheck, "a tracker or digest of another ballot",
			"the voter decides on one ballot and another is cast", clash),
		"MalleableTracker": note(missingBinding, "a tracker that leaves out a part of the ballot",
			"two voters get one tracker, or a ballot changes under its tracker", clash),
		"WrongCaster": note(missingCheck, "a caster that is not just the credential that decides",
			"ballots without a voter, or with two"),
		"CopiedBallot": note(missingBinding, "a ballot made for another voter",
			"a voter's choice is copied, which shows it in a small electorate", "Cortier, Smyth, Attacking and fixing Helios, CSF 2011"),
		"ReusedCiphertext": note(missingState, "an α that is on the board already, or twice in the ballot",
			"copies and shifts of somebody's vote", "Cortier, Smyth, Attacking and fixing Helios, CSF 2011"),
		"ChallengedCiphertext": note(missingState, "an α that was cast and is challenged, or the reverse",
			"a vote is opened; a device cheats where it knows that it will not be audited", "attack B04 of the catalogue"),
		"Replay": note(missingState, "an entry of the board once more",
			"a vote counts twice, or an old vote again", "CWE-294"),
		"BrokenChain": note(missingState, "a predecessor that is not the standing ballot, or a second ballot where one is all",
			"two ballots of one voter count, or the older one", "attacks C11 and D05 of the catalogue"),
		"OutOfWindow": note(missingState, "before the opening, after the close, or at a wrong time",
			"ballots from whoever knows how the others voted", "attack D06 of the catalogue"),
		"UnlistedCredential": note(missingCheck, "a credential that is not on the list",
			"ballots of people who may not vote"),
		"ForeignStyle": note(missingCheck, "another ballot style than the credential's",
			"votes in contests that the voter has no right to"),
		"ForeignUnit": note(missingCheck, "another unit than the credential's",
			"votes count in another district; small cells are filled"),
		"ForeignWeight": note(missingCheck, "a weight that is not the credential's, or not the manifest's",
			"a vote counts as often as its sender likes", "attack G19 of the catalogue"),
		"FalseOpening": note(missingCheck, "openings that do not open the ciphertexts",
			"a device that cheats passes its audit", "attack B01 of the catalogue"),
		"ForeignReceipt": note(missingCheck, "a right receipt or refusal for something else",
			"a voter goes home with a promise that is worth nothing", "attack D03 of the catalogue"),
	}
}

// boardFlags are about entries, checkpoints and files.
func boardFlags() map[string]vectors.Note {
	return map[string]vectors.Note{
		"WrongRole": note(missingCheck, "an entry by somebody who may not post it",
			"a trustee closes the election, a registrar publishes a result"),
		"BodyPlace": note(lenientParsing, "a body in the wrong place, or chunks that do not make it up",
			"readers see different bodies under one signature"),
		"MissingChunk": note(missingCheck, "an entry whose body is not there",
			"nobody can check what was signed"),
		"OutOfOrder": note(missingState, "an entry out of its place",
			"commitments after reveals, a second seal, a result before the shares"),
		"TooFewCosignatures": note(missingCheck, "a head with fewer witnesses than the quorum",
			"the board shows two people two boards", "C2SP tlog-cosignature"),
		"RepeatedLine": note(missingCheck, "one key signs twice",
			"one witness makes a quorum; bytes that nobody compares"),
		"UnknownSigner": note(lenientParsing, "a line by a key that the manifest lacks",
			"bytes in a record that nobody signed; readers drop such lines silently", "C2SP signed-note"),
		"NoteForm": note(lenientParsing, "a note in another form than the one that an encoder writes",
			"two files for one head: a record that can be changed without anybody noticing"),
		"ExtensionLine": note(lenientParsing, "a signed note with a line more",
			"as NoteForm"),
		"StrayFile": note(missingCheck, "a file that has no place in a record",
			"something lies in the record that nobody has checked"),
		"MissingFile": note(missingCheck, "a file is missing",
			"a check is skipped for lack of data, and passes"),
		"BrokenTree": note(missingCheck, "tiles or entries that do not make up the root",
			"entries change after they were cosigned"),
		"SplitView": note(missingCheck, "a head of another tree",
			"voters looked at another board than the one that was counted", "attack D01 of the catalogue"),
		"WrongMoment": note(missingCheck, "a checkpoint that does not cover what it is there for",
			"opening, close or seal happened at another time than shown"),
		"MissingClose": note(missingState, "a channel that is not closed, or twice, or does not exist",
			"the set of ballots is not fixed when it is sealed", "attack D07 of the catalogue"),
		"WrongParticipation": note(missingCheck, "a list of voters that does not fit the ballots",
			"ballots are cast for people who abstained", "attack C07 of the catalogue"),
		"WrongSeal": note(missingCheck, "a seal of another board",
			"other ballots are counted than were sealed"),
	}
}

// tallyFlags are about everything after the seal.
func tallyFlags() map[string]vectors.Note {
	return map[string]vectors.Note{
		"WrongAggregate": note(missingCheck, "an aggregate that is not the sum of the counted ballots",
			"ballots are dropped, added or replaced before they are decrypted", "attack D07 of the catalogue"),
		"ChosenCiphertext": note(missingBinding, "a factor for another ciphertext than the cell's",
			"a voter's ballot is decrypted, or a total shifted under a right proof", "attacks E08 and E09 of the catalogue"),
		"ForeignShare": note(missingBinding, "a share or result for another cell, option or root",
			"totals of other options or other elections"),
		"WrongFactor": note(missingCheck, "a factor that is not x_jα",
			"a single trustee changes a total by as much as it likes", "attack E08 of the catalogue"),
		"TooFewTrustees": note(missingCheck, "fewer trustees than the threshold",
			"totals that nobody can recompute"),
		"WrongTotal": note(missingCheck, "a total that the factors do not give",
			"any result"),
		"ImpossibleTotal": note(missingCheck, "totals that so many ballots cannot have",
			"a ballot worth many votes, or a total that wrapped", "attack E13 of the catalogue"),
		"IncompleteResult": note(missingCheck, "a result in which something is missing, twice or does not add up",
			"a contest or a district is hidden", "attack G21 of the catalogue"),
		"WrongOutcome": note(missingCheck, "winners that do not follow from the totals",
			"somebody else takes the seat"),
		"SmallCell": note(missingCheck, "totals of fewer ballots than the manifest asks for",
			"the vote of a person is published", "attack D10 of the catalogue"),
		"VacuousTally": note(missingCheck, "a tally that leaves ballots out as if there were none, or counts where there are none",
			"every check of nothing passes", "attack E12 of the catalogue"),
	}
}
