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
	{"identity", "brings an identity service for elections that have one"},
	{"place", "brings polling places of its own, with devices, poll books and a count centre"},
	{"insider", "for test elections: hands out the keys of a corrupted server and lets its board be written"},
	{"outage", "has an identity service that can fail those who ask it"},
	{"headers", "takes messages over HTTP, with the headers that a proxy in front would set"},
	{"front", "lets the corrupted server stand before what its clients read, and not only before what they send"},
	{"announce", "lets an election be announced under a digest, and voters be handed another document"},
	{"network", "is reached over a network from addresses that are told apart, with the limits that it has in the field"},
	{"dialect", "speaks a protocol that the harness speaks, too"},
	{"opaque", "makes honest ballots as bytes that only it can read, and takes such bytes"},
}

// oracles establish damage; catalogue ids where the catalogue has one.
var oracles = []Term{
	{"O.accept", "the target accepted a ballot, a share, a result or anything else that the independent verifier rejects"},
	{"O.setup", "the target opened an election whose manifest, ceremony or list of voters the independent verifier rejects"},
	{"O.tally", "the published totals are none that the voters' acknowledged ballots allow"},
	{"O.serve", "honest voters were not served while the server was under attack"},
	{"O.live", "a result was due and there is none"},
	{"O.ind", "the adversary told voters' choices better than by guessing"},
	{"O.tell", "the adversary told ids of voters from ids that nobody has"},
	{"INV1", "options and blanks add up to what the ballots can hold"},
	{"INV2", "no option has more than every ballot's weight"},
	{"INV3", "no more ballots than voters who cast, none who cast twice"},
	{"INV14", "every receipt's entry stands at the promised index"},
	{"INV15", "every receipt is on the board at the seal, and nothing else that nobody cast"},
}
