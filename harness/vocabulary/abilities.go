package vocabulary

// abilities are what a target may be able to do, as scenarios ask for it.
var abilities = []Term{
	{"ceremony", "sets up an election: manifest, credentials, key ceremony"},
	{"open", "opens an election that is set up"},
	{"submit", "takes the bytes of a message at its public interface"},
	{"board", "lets anyone read the board with heads and proofs"},
	{"close", "closes channels and seals"},
	{"tally", "lets trustees answer and computes totals"},
	{"publish", "signs and publishes a result"},
	{"client", "brings a voter's client of its own"},
	{"trustee", "brings trustees of its own"},
	{"witness", "brings witnesses of its own"},
	{"verify", "brings a verifier of its own"},
	{"count", "counts plaintext ballots"},
	{"fault", "can be crashed, slowed down and cut off"},
	{"inspect", "names its process and executable"},
	{"insider", "for test elections: hands out the keys of a corrupted server and lets its board be written"},
	{"dialect", "speaks a protocol that the harness speaks, too"},
}

// oracles establish damage; catalogue ids where the catalogue has one.
var oracles = []Term{
	{"O.accept", "the target accepted a ballot, a share, a result or anything else that the independent verifier rejects"},
	{"O.setup", "the target opened an election whose manifest, ceremony or list of voters the independent verifier rejects"},
	{"O.tally", "the published totals are none that the voters' acknowledged ballots allow"},
	{"O.live", "a result was due and there is none"},
	{"O.ind", "the adversary told voters' choices better than by guessing"},
	{"INV1", "options and blanks add up to what the ballots can hold"},
	{"INV2", "no option has more than every ballot's weight"},
	{"INV3", "no more ballots than voters who cast, none who cast twice"},
	{"INV14", "every receipt's entry stands at the promised index"},
	{"INV15", "every receipt is on the board at the seal, and nothing else that nobody cast"},
}

// weaknesses are the switches that the scenarios of the tool plant.
var weaknesses = []Term{
	{"weak.fs.commitmentsOnly", "ballot proofs whose challenge hashes the commitments alone are accepted, too"},
	{"weak.ballot.skipSumProof", "the sum proof of a contest is not checked, nor that it is there"},
	{"weak.ballot.noVoterBinding", "the caster that the ballot names is believed"},
	{"weak.bb.aliases", "a voter's check looks for the tracker anywhere on the board instead of at the head of the voter's chain"},
	{"weak.bb.noWeeding", "a ciphertext or a tracker may occur twice on the board"},
	{"weak.ctx.noElectionBinding", "the election that a message names is believed"},
	{"weak.ctx.noContestBinding", "the contest and the style that a ballot names are believed"},
	{"weak.trustee.keyReuse", "trustees take the messages of another ceremony for their own"},
	{"weak.cast.checkThenInsert", "whether a decision's predecessor stands is looked up before, and apart from, appending it; every leaf of a chain counts"},
	{"weak.receipt.noPromise", "the client takes an unsigned acknowledgement for a receipt"},
	{"weak.setup.noPoK", "proofs of knowledge of the ceremony are not checked"},
	{"weak.dkg.noCommitRound", "a trustee may reveal what it never committed to"},
	{"weak.decrypt.noProof", "the proof of a decryption factor is not checked"},
	{"weak.decrypt.proofUnboundToCiphertext", "the ciphertext that a decryption factor names is believed"},
}
