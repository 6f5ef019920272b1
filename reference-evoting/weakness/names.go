package weakness

// The weaknesses that the reference has.
const (
	NoRateLimit            Name = "weak.auth.noRateLimit"
	TellsUnknown           Name = "weak.auth.tellsUnknown"
	TrustClientVoterID     Name = "weak.auth.trustClientVoterId"
	AcceptNoncanonical     Name = "weak.ballot.acceptNoncanonical"
	BoxIDUnbound           Name = "weak.ballot.boxIdUnbound"
	NoVoterBinding         Name = "weak.ballot.noVoterBinding"
	SkipIndividualProofs   Name = "weak.ballot.skipIndividualProofs"
	SkipSumProof           Name = "weak.ballot.skipSumProof"
	Aliases                Name = "weak.bb.aliases"
	NoGossip               Name = "weak.bb.noGossip"
	NoParticipationList    Name = "weak.bb.noParticipationList"
	NoWeeding              Name = "weak.bb.noWeeding"
	UnsignedHead           Name = "weak.bb.unsignedHead"
	AsyncPersist           Name = "weak.cast.asyncPersist"
	CheckThenInsert        Name = "weak.cast.checkThenInsert"
	VerifyBeforeAuth       Name = "weak.cast.verifyBeforeAuth"
	WeightFromBallot       Name = "weak.cast.weightFromBallot"
	Castable               Name = "weak.challenge.castable"
	KeyUnpinned            Name = "weak.client.keyUnpinned"
	NoAudit                Name = "weak.client.noAudit"
	TrustServerReceipt     Name = "weak.client.trustServerReceipt"
	NonAtomic              Name = "weak.close.nonAtomic"
	NonIdempotent          Name = "weak.close.nonIdempotent"
	AtLeastOnce            Name = "weak.count.atLeastOnce"
	NoContestBinding       Name = "weak.ctx.noContestBinding"
	NoElectionBinding      Name = "weak.ctx.noElectionBinding"
	IgnoreTrailing         Name = "weak.decode.ignoreTrailing"
	NoProof                Name = "weak.decrypt.noProof"
	UnboundToCiphertext    Name = "weak.decrypt.proofUnboundToCiphertext"
	FailOpen               Name = "weak.dep.failOpen"
	IndexUnchecked         Name = "weak.dkg.indexUnchecked"
	NoCommitRound          Name = "weak.dkg.noCommitRound"
	ServerAsserted         Name = "weak.elig.serverAsserted"
	CommitmentsOnly        Name = "weak.fs.commitmentsOnly"
	DecryptCommitmentsOnly Name = "weak.fs.decryptCommitmentsOnly"
	OmitBranches           Name = "weak.fs.omit.branches"
	OmitElection           Name = "weak.fs.omit.election"
	OmitKey                Name = "weak.fs.omit.key"
	OmitSiblings           Name = "weak.fs.omit.siblings"
	OmitVoter              Name = "weak.fs.omit.voter"
	NoMembershipCheck      Name = "weak.group.noMembershipCheck"
	JoinWithPipe           Name = "weak.hash.joinWithPipe"
	NoTypeTags             Name = "weak.hash.noTypeTags"
	NoTimeouts             Name = "weak.http.noTimeouts"
	LenientJSON            Name = "weak.json.lenient"
	NoAdmission            Name = "weak.net.noAdmission"
	NoSequence             Name = "weak.notice.noSequence"
	NoticeUnsigned         Name = "weak.notice.unsigned"
	BranchFromProof        Name = "weak.or.branchFromProof"
	NoSumCheck             Name = "weak.or.noSumCheck"
	NoPromise              Name = "weak.receipt.noPromise"
	GuessableURL           Name = "weak.res.guessableUrl"
	NoCrossCheck           Name = "weak.res.noCrossCheck"
	SharedPassword         Name = "weak.res.sharedPassword"
	UnsignedSite           Name = "weak.res.unsignedSite"
	UnsignedUnit           Name = "weak.res.unsignedUnit"
	NoChain                Name = "weak.revote.noChain"
	NoNotification         Name = "weak.revote.noNotification"
	KeyAssembledByServer   Name = "weak.setup.keyAssembledByServer"
	NoPoK                  Name = "weak.setup.noPoK"
	AnyChain               Name = "weak.sig.anyChain"
	KeyFromMessage         Name = "weak.sig.keyFromMessage"
	NoRecompute            Name = "weak.tally.noRecompute"
	PartialAllowed         Name = "weak.tally.partialAllowed"
	TokenAlgFromHeader     Name = "weak.token.algFromHeader"
	TokenNoAud             Name = "weak.token.noAud"
	KeyReuse               Name = "weak.trustee.keyReuse"
	NOfN                   Name = "weak.trustees.nOfN"
	TrustRecordParams      Name = "weak.verifier.trustRecordParams"
	Vacuous                Name = "weak.verifier.vacuous"
)

// Doc tells what a weakness is.
type Doc struct {
	Name   Name
	Roles  string // who acts on it
	Widens string // what is accepted beyond the sound rule
	Where  string // where it occurred in real systems
}

// Docs lists all weaknesses in the order of their names.
func Docs() []Doc {
	return []Doc{
		{NoRateLimit, "identity",
			"any number of wrong codes, one after the other",
			"Belenios before 1.20, \"Limit the number of trials in OTPs\", and before 2.2 for passwords"},
		{TellsUnknown, "identity",
			"a login with an id that nobody has, answered otherwise than one with a wrong code",
			"Helios before its pull request 215 against the enumeration of trustees; most login forms"},
		{TrustClientVoterID, "identity",
			"a decision of another credential than the session's, and a request without a session whose header says whose it is",
			"Belenios before 1.11, a fault in its authentication; every service that takes the voter from the request"},
		{AcceptNoncanonical, "box, trustee, verify, voter",
			"a ballot in another encoding than the canonical one: scalars that are not reduced, members unknown or in another order",
			"Helios took c+q and s+q (Cortier, Smyth 2011); Belenios before \"Accept only ballots in canonical form\" (2020)"},
		{BoxIDUnbound, "box, trustee, verify, voter",
			"a ballot whose unit is not the one of its credential, counted where it says",
			"French legislative election of 2022 (Debant, Hirschi 2023)"},
		{NoVoterBinding, "box, trustee, verify, voter",
			"a ballot whose named caster is not the credential that casts it",
			"Helios and others before Cortier, Smyth 2011; clash attacks of Küsters, Truderung, Vogt 2012"},
		{SkipIndividualProofs, "box, trustee, verify, voter",
			"a ballot whose 0/1 proofs are missing or wrong",
			"ElectionGuard's Python code did not verify them by default while encrypting"},
		{SkipSumProof, "box, trustee, verify, voter",
			"a ballot whose sum proof is missing or wrong",
			"Helios treats an absent maximum as approval and then asks for no overall proof"},
		{Aliases, "voter",
			"an entry with my tracker that another credential cast",
			"Helios with voter aliases"},
		{NoGossip, "voter, trustee, verify",
			"a head that too few witnesses have cosigned",
			"boards without a gossip protocol (Hirschi, Schmid, Basin 2021)"},
		{NoParticipationList, "box, trustee, verify, voter",
			"a cast that the identity service has not authorised, and a seal without its list of last ballots or with one that differs",
			"systems whose registrar and server together vote for abstainers (Cortier and others 2014)"},
		{NoWeeding, "box, trustee, verify, voter",
			"a ciphertext or a tracker that is on the board already",
			"Helios before weeding; Belenios' command-line verifier before December 2022"},
		{UnsignedHead, "voter, trustee, verify",
			"a head without the board's signature",
			"boards that are a web page"},
		{AsyncPersist, "box",
			"a receipt given before the ballot is on the disk",
			"queues in memory behind a web server"},
		{CheckThenInsert, "box, trustee, verify",
			"a decision whose predecessor stood when it was checked but not when it was stored; every leaf of a chain counts",
			"check-then-act races in stores without a unique constraint"},
		{VerifyBeforeAuth, "box",
			"the proofs of a ballot looked at before it is known whose it is: whoever sends one costs as much as a voter",
			"servers that check first what is most interesting and last who asks"},
		{WeightFromBallot, "box, trustee, verify, voter",
			"a ballot of another style or weight than its credential has, counted with what it names",
			"Belenios before 1.17, \"Add weight check in vote processing\" (9b6052ba)"},
		{Castable, "box, trustee, verify, voter",
			"a cast of a ciphertext that was challenged, and a challenge of one that was cast",
			"the rule that ElectionGuard states: the two exclude each other"},
		{KeyUnpinned, "voter",
			"the election key that the server hands out, whatever the opened election says",
			"Swiss Post YWH-PGM2323-65"},
		{NoAudit, "voter",
			"an opened ballot that is not what the voter chose, or not the one whose tracker was shown: the audit finds any opening good",
			"Voatz (Specter, Koppel, Weitzner 2020) and every system without cast-or-challenge"},
		{TrustServerReceipt, "voter",
			"a tracker that the server sent, shown and signed instead of the client's own",
			"French legislative election of 2022 (Debant, Hirschi 2023)"},
		{NonAtomic, "box, trustee, verify",
			"casts after the close of the channel and before the seal",
			"closing that is a flag beside the data"},
		{NonIdempotent, "box, trustee, verify",
			"a channel closed, or a result published, that was already: the authority does it again after a crash",
			"Belenios 1.18, a deadlock between automatic opening and closing"},
		{AtLeastOnce, "box, trustee, verify",
			"a decision that stands already, counted again: the box appends it once more when it starts and finds it unanswered",
			"Volusia 2000 and other recoveries that replayed or lost a count"},
		{NoContestBinding, "box, trustee, verify, voter",
			"an answer or share that names another contest, checked under the name that it carries",
			"Swiss Post's context confusion reports YWH-PGM2323"},
		{NoElectionBinding, "box, trustee, verify, voter",
			"messages that name another election, checked under the fingerprint that they name",
			"Belenios before the fingerprint entered its proofs (2021)"},
		{IgnoreTrailing, "box, trustee, verify, voter",
			"bytes after the end of a document",
			"decoders that read one document from a stream"},
		{NoProof, "box, trustee, verify",
			"a decryption factor whose proof is wrong",
			"a verification stub in Helios"},
		{UnboundToCiphertext, "box, trustee, verify",
			"a factor proven for the ciphertext that the message names, whatever the aggregate is",
			"Belenios before partial decryptions were bound (2021)"},
		{FailOpen, "box, trustee, verify, voter",
			"a cast without an authorisation: the identity service was not to be reached",
			"revocation and eligibility look-ups that are skipped when they time out; New South Wales 2021, a service that broke on the day"},
		{IndexUnchecked, "trustee, box, verify, voter",
			"the index that a trustee's first message names, zero, taken or out of range, by which it goes from then on",
			"Trail of Bits on Shamir libraries, 2021; ElectionGuard's Python code, guardian ids in Lagrange coefficients"},
		{NoCommitRound, "trustee, box, verify",
			"coefficients that were not committed to before the others were revealed",
			"ceremonies of one round, Gennaro and others 1999"},
		{ServerAsserted, "box, trustee, verify",
			"a cast that the server vouches for with its own signature in place of the voter's",
			"systems whose server decides alone who voted (Helios without Belenios' credentials)"},
		{CommitmentsOnly, "box, trustee, verify, voter",
			"selection and sum proofs whose challenge hashes the commitments alone",
			"Helios before the fix of the flaw in Bernhard, Pereira, Warinschi, ASIACRYPT 2012; Belenios before 2013"},
		{DecryptCommitmentsOnly, "box, trustee, verify",
			"a decryption proof whose challenge hashes the commitments alone",
			"Helios (Bernhard, Pereira, Warinschi 2012); iVote 2019 (Haines, Lewis, Pereira, Teague 2020)"},
		{OmitBranches, "box, trustee, verify, voter",
			"proofs whose challenge leaves the branches out: their range and all commitments",
			"the class that Haines and others name in S&P 2020 as errors in disjunctive proofs"},
		{OmitElection, "box, trustee, verify, voter",
			"proofs whose challenge leaves the election's fingerprint out",
			"Belenios before 2021"},
		{OmitKey, "box, trustee, verify, voter",
			"proofs whose challenge leaves the election key out",
			"Belenios before 2020 (Cortier, Gaudry, Yang, E-Vote-ID 2020)"},
		{OmitSiblings, "box, trustee, verify, voter",
			"proofs whose challenge leaves the ballot's other ciphertexts out",
			"Belenios before its crypto version 1 (Cortier, Gaudry, Yang 2020)"},
		{OmitVoter, "box, trustee, verify, voter",
			"proofs whose challenge leaves the caster out",
			"Helios before 2012"},
		{NoMembershipCheck, "box, trustee, verify, voter",
			"ciphertexts and decryption factors outside the group of prime order, encoded as points of the curve below it",
			"Helios' stored ballots; Belenios before 3.3.0; Chang-Fong, Essex, ACSAC 2016"},
		{JoinWithPipe, "trustee, registrar, verify, voter",
			"an announced digest of the election's definition that joins its texts with a separator, so that two definitions have one digest",
			"ElectionGuard's Python hash_elems"},
		{NoTypeTags, "trustee, registrar, verify, voter",
			"an announced digest of the election's definition without types and lengths: a number and its text, an absent list and an empty one, and texts cut elsewhere have one digest",
			"ElectionGuard's Python hash_elems; Swiss Post YWH-PGM2323-69, -70, -71, -121"},
		{NoTimeouts, "box",
			"a connection that sends as slowly as it likes or not at all, and any number of them from one source, in the process that was started with it",
			"servers with the defaults of their libraries; Apache before mod_reqtimeout (Slowloris, 2009)"},
		{LenientJSON, "box, trustee, verify, voter",
			"JSON with members twice, in another case, escaped or unknown, the last one winning, with comments, NaN, a byte order mark or broken UTF-8",
			"Go's encoding/json and most parsers (Bishop Fox 2021)"},
		{NoAdmission, "box",
			"any number of requests from any source and credential, in one line for everybody that is as long as it gets",
			"sites of election authorities under flood, Ukraine 2014 and others"},
		{NoSequence, "voter",
			"a notice that the electoral body signed, wherever it stands on the chain of notices, and for whichever election",
			"official messages without a number, replayed in a later election"},
		{NoticeUnsigned, "voter",
			"a notice that nobody of the electoral body signed",
			"mail, text messages and posts in the name of election officials (ENISA 2019)"},
		{BranchFromProof, "box, trustee, verify, voter",
			"a disjunctive proof that names, behind its challenges, the values for which its branches stand",
			"errors in disjunctive proofs that Haines and others list (S&P 2020)"},
		{NoSumCheck, "box, trustee, verify, voter",
			"a disjunctive proof whose branch challenges do not add up to the hash",
			"errors in disjunctive proofs that Haines and others list (S&P 2020)"},
		{NoPromise, "voter",
			"an acknowledgement that promises no place on the board",
			"systems that answer a cast with a bare success"},
		{GuessableURL, "publisher",
			"a request for a result that is prepared and not out, by whoever guesses its name",
			"files of results that lay on web servers before their time (Golovnev 2019)"},
		{NoCrossCheck, "verify",
			"what a channel signed, unlike the record or the other channel as it may be",
			"results that were transmitted by several ways and compared by nobody (CCC on PC-Wahl, 2017)"},
		{SharedPassword, "publisher",
			"a unit result with the password that all places share",
			"PC-Wahl 10 (Tschirsich, Schröder, Neumann 2017)"},
		{UnsignedSite, "verify",
			"a page of results that bears no signature that holds",
			"the result that was put on the site of Ukraine's commission in 2014"},
		{UnsignedUnit, "publisher",
			"a unit result that the officers of its place have not signed",
			"PC-Wahl 10 (Tschirsich, Schröder, Neumann 2017)"},
		{NoChain, "box, trustee, verify, voter",
			"a cast whose predecessor is not the voter's standing ballot; the last on the board counts",
			"Helios and Belenios (Baloglu and others, CSF 2021)"},
		{NoNotification, "identity, voter",
			"a cast of which the voter gets no notice",
			"Estonian revoting (Pereira 2022); Ghost Click (Springall and others 2014)"},
		{KeyAssembledByServer, "trustee, box, verify, voter",
			"the election key that the opening names, whatever the trustees' commitments add up to",
			"Swiss Post YWH-PGM2323-65"},
		{NoPoK, "trustee, box, verify",
			"a coefficient without a valid proof of knowledge",
			"threshold schemes that sum unproven keys"},
		{AnyChain, "box, trustee, verify",
			"an entry of one role that another role of the manifest has signed",
			"Swiss Post YWH-PGM2323-59, -60, -61: any certificate under the root signed for any component"},
		{KeyFromMessage, "box, trustee, verify",
			"an entry that brings the key for its signature along, in the place of its signer's id",
			"Swiss Post YWH-PGM2323-64, a verifier that configures itself from what it is to verify"},
		{NoRecompute, "box, trustee, verify",
			"aggregates that are not the sums of the counted ballots, the last of a cell, whenever it comes",
			"Belenios' tool before 3.1 did not compare the encrypted tally"},
		{PartialAllowed, "box, trustee, verify, publisher",
			"an aggregate and its decryption while casts are taken",
			"tallying systems whose trustees answer for any ciphertext that they are handed"},
		{TokenAlgFromHeader, "identity",
			"a token that holds by the algorithm and the key that its own header names, or by none",
			"libraries for JSON web tokens before 2015 (RFC 8725 §2.1); Java's zero signatures, CVE-2022-21449"},
		{TokenNoAud, "identity",
			"a token whatever its claims say: of another election, ended, or not yet begun",
			"services that trust every token of one issuer (RFC 8725 §2.8)"},
		{KeyReuse, "trustee, box, verify, voter",
			"the ceremony of another election, replayed",
			"rehearsal keys kept for production"},
		{NOfN, "box, trustee, verify, publisher",
			"nothing: it waits for the shares of all trustees where enough of them would do",
			"the IACR election of 2025, whose third trustee had lost his key"},
		{TrustRecordParams, "verify",
			"a record checked against the keys and parameters that it brings along",
			"Haines and others 2020: verification of a record against itself"},
		{Vacuous, "verify",
			"a record from which what had to be checked is absent",
			"check_shuffle_proof without ballots in Belenios; Swiss Post YWH-PGM2323-64"},
	}
}
