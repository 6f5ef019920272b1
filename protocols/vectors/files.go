package vectors

import _ "embed"

// The files, each embedded by itself: tools that rewrite packages for fuzzing
// know no patterns.

//go:embed codec.json
var codecFile []byte

//go:embed elements.json
var elementsFile []byte

//go:embed scalars.json
var scalarsFile []byte

//go:embed transcripts.json
var transcriptsFile []byte

//go:embed manifests.json
var manifestsFile []byte

//go:embed knowledge.json
var knowledgeFile []byte

//go:embed reveals.json
var revealsFile []byte

//go:embed dealings.json
var dealingsFile []byte

//go:embed shares.json
var sharesFile []byte

//go:embed complaints.json
var complaintsFile []byte

//go:embed electorates.json
var electoratesFile []byte

//go:embed signatures.json
var signaturesFile []byte

//go:embed selections.json
var selectionsFile []byte

//go:embed sums.json
var sumsFile []byte

//go:embed trackers.json
var trackersFile []byte

//go:embed submissions.json
var submissionsFile []byte

//go:embed casts.json
var castsFile []byte

//go:embed challenges.json
var challengesFile []byte

//go:embed receipts.json
var receiptsFile []byte

//go:embed refusals.json
var refusalsFile []byte

//go:embed entries.json
var entriesFile []byte

//go:embed checkpoints.json
var checkpointsFile []byte

//go:embed decryptions.json
var decryptionsFile []byte

//go:embed totals.json
var totalsFile []byte

//go:embed records.json
var recordsFile []byte

// Codec asks whether a text is the canonical form of a message.
func Codec() (*File[CodecContext, CodecInput], error) {
	return load[CodecContext, CodecInput]("codec", codecFile)
}

// Elements asks whether bytes encode an element.
func Elements() (*File[None, Encoding], error) { return load[None, Encoding]("elements", elementsFile) }

// Scalars asks whether bytes encode a scalar.
func Scalars() (*File[None, Encoding], error) { return load[None, Encoding]("scalars", scalarsFile) }

// Transcripts asks for digests and challenges.
func Transcripts() (*File[TranscriptContext, TranscriptInput], error) {
	return load[TranscriptContext, TranscriptInput]("transcripts", transcriptsFile)
}

// Manifests asks whether a manifest is sound.
func Manifests() (*File[None, ManifestInput], error) {
	return load[None, ManifestInput]("manifests", manifestsFile)
}

// Knowledge asks about proofs of knowledge of a coefficient.
func Knowledge() (*File[KnowledgeContext, KnowledgeInput], error) {
	return load[KnowledgeContext, KnowledgeInput]("knowledge", knowledgeFile)
}

// Reveals asks about the first two messages of a trustee.
func Reveals() (*File[CeremonyContext, RevealInput], error) {
	return load[CeremonyContext, RevealInput]("reveals", revealsFile)
}

// Dealings asks about the third, as far as everybody can see.
func Dealings() (*File[DealingContext, DealingInput], error) {
	return load[DealingContext, DealingInput]("dealings", dealingsFile)
}

// Shares asks about one share, as its recipient sees it.
func Shares() (*File[ShareContext, ShareInput], error) {
	return load[ShareContext, ShareInput]("shares", sharesFile)
}

// Complaints asks who is to blame.
func Complaints() (*File[ComplaintContext, ComplaintInput], error) {
	return load[ComplaintContext, ComplaintInput]("complaints", complaintsFile)
}

// Electorates asks about lists of credentials.
func Electorates() (*File[ElectorateContext, ElectorateInput], error) {
	return load[ElectorateContext, ElectorateInput]("electorates", electoratesFile)
}

// Signatures asks about signatures of credentials.
func Signatures() (*File[None, SignatureInput], error) {
	return load[None, SignatureInput]("signatures", signaturesFile)
}

// Selections asks about proofs that a ciphertext holds 0 or 1.
func Selections() (*File[SelectionContext, SelectionInput], error) {
	return load[SelectionContext, SelectionInput]("selections", selectionsFile)
}

// Sums asks about proofs of a contest's sum.
func Sums() (*File[SumContext, SumInput], error) {
	return load[SumContext, SumInput]("sums", sumsFile)
}

// Trackers asks for the digests of a ballot.
func Trackers() (*File[None, TrackerInput], error) {
	return load[None, TrackerInput]("trackers", trackersFile)
}

// Submissions asks about ballots on their way to the box.
func Submissions() (*File[Voting, SubmissionInput], error) {
	return load[Voting, SubmissionInput]("submissions", submissionsFile)
}

// Casts asks about ballots with their decisions, on a board.
func Casts() (*File[Voting, CastInput], error) { return load[Voting, CastInput]("casts", castsFile) }

// Challenges asks about openings, on a board.
func Challenges() (*File[Voting, ChallengeInput], error) {
	return load[Voting, ChallengeInput]("challenges", challengesFile)
}

// Receipts asks about the board's promises.
func Receipts() (*File[ReceiptContext, ReceiptInput], error) {
	return load[ReceiptContext, ReceiptInput]("receipts", receiptsFile)
}

// Refusals asks about the board's refusals.
func Refusals() (*File[ReceiptContext, RefusalInput], error) {
	return load[ReceiptContext, RefusalInput]("refusals", refusalsFile)
}

// Entries asks about form and signature of entries.
func Entries() (*File[EntryContext, EntryInput], error) {
	return load[EntryContext, EntryInput]("entries", entriesFile)
}

// Checkpoints asks about cosigned heads.
func Checkpoints() (*File[CheckpointContext, CheckpointInput], error) {
	return load[CheckpointContext, CheckpointInput]("checkpoints", checkpointsFile)
}

// Decryptions asks about trustees' shares of a cell.
func Decryptions() (*File[ShareSubject, DecryptionInput], error) {
	return load[ShareSubject, DecryptionInput]("decryptions", decryptionsFile)
}

// Totals asks what factors add up to.
func Totals() (*File[TotalsContext, TotalsInput], error) {
	return load[TotalsContext, TotalsInput]("totals", totalsFile)
}

// Records asks about whole records.
func Records() (*File[RecordContext, RecordInput], error) {
	return load[RecordContext, RecordInput]("records", recordsFile)
}
