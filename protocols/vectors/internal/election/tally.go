package election

import (
	"slices"

	"go.dedis.ch/kyber/v3"

	"scrutineer/protocols/counting"
	"scrutineer/protocols/message"
	"scrutineer/protocols/record"
	"scrutineer/protocols/transcript"
	"scrutineer/protocols/vectors/internal/prover"
)

// close closes the channels, names those who voted and seals (S-30, S-31).
func (e *Election) close() {
	for _, c := range e.Manifest.Channels {
		e.post("close-channel/"+c.ID, e.authority(), message.TypeCloseChannel, e.Fingerprint, &message.CloseChannel{Channel: c.ID})
	}
	voted := message.Participation{Voters: []string{}}
	for id := range e.counted {
		voted.Voters = append(voted.Voters, id)
	}
	slices.Sort(voted.Voters)
	e.post("participation", e.registrar(), message.TypeParticipation, e.Fingerprint, &voted)
	e.postList()
	seal := message.Seal{Count: uint64(len(e.Entries)), Root: RootOf(e.Entries)}
	e.post("seal", e.authority(), message.TypeSeal, e.Fingerprint, &seal)
	e.sealed = seal.Root
}

// RootOf is the root of the tree over entries.
func RootOf(entries [][]byte) message.Digest {
	tree := record.NewTiler(func(string, []byte) error { return nil })
	for _, entry := range entries {
		if err := tree.Add(entry); err != nil {
			panic("election: tree: " + err.Error())
		}
	}
	return tree.Root()
}

// Sealed is the sealed root.
func (e *Election) Sealed() message.Digest { return e.sealed }

func (e *Election) tally() {
	for _, c := range e.Manifest.Contests {
		e.cells[c.ID] = e.partition(c)
		for _, cell := range e.cells[c.ID] {
			if cell.Decrypted() {
				a := e.Aggregate(c, cell)
				e.post("aggregate/"+c.ID+"/"+cell.Units[0], e.authority(), message.TypeAggregate, e.Fingerprint, &a)
			}
		}
	}
	for _, j := range e.Answers {
		for _, c := range e.Manifest.Contests {
			for _, cell := range e.cells[c.ID] {
				if cell.Decrypted() {
					e.share(e.Trustees[j-1], e.Aggregate(c, cell))
				}
			}
		}
	}
	result := e.result()
	e.post("result", e.authority(), message.TypeResult, e.Fingerprint, &result)
}

// Cells are those of a contest, once the election is tallied.
func (e *Election) Cells(contest string) []Cell { return e.cells[contest] }

// Aggregate is the weighted sum over a cell (S-34).
func (e *Election) Aggregate(c message.Contest, cell Cell) message.Aggregate {
	out := message.Aggregate{
		Ballots: uint64(len(cell.ballots)), Contest: c.ID, Unit: cell.Units[0], Units: cell.Units,
	}
	for i, option := range Selections(c) {
		sum := prover.NoPair()
		for _, p := range cell.ballots {
			sum = sum.Plus(p.Pairs[c.ID][i].Times(p.Voter.Credential.Weight))
		}
		out.Ciphertexts = append(out.Ciphertexts, message.Ciphertext{
			Alpha: prover.Element(sum.Alpha), Beta: prover.Element(sum.Beta), Option: option,
		})
	}
	for _, p := range cell.ballots {
		out.Weight += p.Voter.Credential.Weight
	}
	return out
}

// Secret is x_j, the sum of what all dealt to j (S-06).
func (e *Election) Secret(j uint64) kyber.Scalar {
	x := prover.Integer(0)
	for _, t := range e.Trustees {
		x = prover.Plus(x, t.At(j))
	}
	return x
}

func (e *Election) share(t *Trustee, a message.Aggregate) {
	body := Decrypt(e.Secret(t.Index), t.Index, e.Fingerprint, e.sealed, a)
	step := "decryption-share/" + a.Contest + "/" + a.Unit + "/" + t.ID
	e.post(step, t.author(), message.TypeDecryptionShare, e.Fingerprint, &body)
}

// Decrypt is trustee j's share of an aggregate (S-35).
func Decrypt(x kyber.Scalar, j uint64, fingerprint, root message.Digest, a message.Aggregate) message.DecryptionShare {
	out := message.DecryptionShare{Contest: a.Contest, Index: j, Root: root, Unit: a.Unit}
	for _, c := range a.Ciphertexts {
		out.Shares = append(out.Shares, Factor(x, Subject{
			Fingerprint: fingerprint, Root: root, Index: j, Contest: a.Contest, Unit: a.Unit,
		}, c))
	}
	return out
}

// Subject is what a decryption proof is about, but for the ciphertext.
type Subject struct {
	Fingerprint, Root message.Digest
	Index             uint64
	Contest, Unit     string
}

// Factor is d = xα with its proof.
func Factor(x kyber.Scalar, s Subject, c message.Ciphertext) message.Factor {
	alpha := Point(c.Alpha)
	d := prover.Element(prover.Mul(x, alpha))
	subject := transcript.Decryption{
		Fingerprint: s.Fingerprint, Root: s.Root, Index: s.Index, Contest: s.Contest, Unit: s.Unit, Option: c.Option,
		Key: prover.Element(prover.Base(x)), Alpha: c.Alpha, Beta: c.Beta, Factor: d,
	}
	return message.Factor{
		Alpha: c.Alpha, Beta: c.Beta, Factor: d, Option: c.Option,
		Proof: prover.Equal(Seed, "decryption", x, alpha, subject.Challenge),
	}
}

// result counts what everybody voted (S-37).
func (e *Election) result() message.Result {
	out := message.Result{Contests: []message.ContestResult{}, Root: e.sealed, Version: 1}
	for _, c := range e.Manifest.Contests {
		r := message.ContestResult{Contest: c.ID, Totals: make([]uint64, len(Selections(c)))}
		for _, cell := range e.cells[c.ID] {
			published := cell.publish(c)
			for i, t := range published.Totals {
				r.Totals[i] += t
			}
			r.Cells = append(r.Cells, published)
		}
		r.Outcome = outcome(c, r.Totals)
		out.Contests = append(out.Contests, r)
	}
	return out
}

func outcome(c message.Contest, totals []uint64) message.Outcome {
	counted, err := counting.Plurality(totals[:len(c.Options)], int(c.Method.Seats))
	if err != nil {
		panic("election: counting: " + err.Error())
	}
	out := message.Outcome{Kind: c.Method.Kind, Tied: []string{}, Winners: []string{}}
	for _, i := range counted.Winners {
		out.Winners = append(out.Winners, c.Options[i].ID)
	}
	for _, i := range counted.Tied {
		out.Tied = append(out.Tied, c.Options[i].ID)
	}
	return out
}

// Published are the totals of a cell.
func (e *Election) Published(contest, unit string) []uint64 {
	for _, c := range e.cells[contest] {
		if c.Units[0] == unit {
			return c.publish(e.Contest(contest)).Totals
		}
	}
	panic("election: no cell " + contest + " " + unit)
}
