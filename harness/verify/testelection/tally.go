package testelection

import (
	"slices"

	"scrutineer/harness/verify/challenge"
	"scrutineer/harness/verify/point"
	"scrutineer/protocols/message"
	"scrutineer/protocols/record"
)

// Finish plays everything from the close to the result.
func (e *Election) Finish() {
	e.Close()
	e.PostPlace()
	e.PostParticipation()
	e.PostIdentityList()
	e.PostSeal()
	e.PostAggregates()
	e.PostShares()
	e.PostResult()
}

// Close closes all channels.
func (e *Election) Close() {
	e.Now = max(e.Now, Closes)
	for _, c := range e.Manifest.Channels {
		e.Append(message.TypeCloseChannel, message.RoleAuthority, "", e.Fingerprint, &message.CloseChannel{Channel: c.ID})
	}
	e.Checkpoint(record.Closed)
}

// PostParticipation posts who voted.
func (e *Election) PostParticipation() {
	p := &message.Participation{Voters: []string{}}
	for _, b := range e.counted {
		p.Voters = append(p.Voters, b.voter.id)
	}
	slices.Sort(p.Voters)
	p.Voters = slices.Compact(p.Voters) // under NoVoids a voter counts twice
	e.Append(message.TypeParticipation, message.RoleRegistrar, "", e.Fingerprint, p)
}

// PostSeal seals the board.
func (e *Election) PostSeal() {
	s := &message.Seal{Count: e.Size(), Root: e.tree.Root()}
	e.Append(message.TypeSeal, message.RoleAuthority, "", e.Fingerprint, s)
	e.sealed = s.Root
	e.Checkpoint(record.Sealed)
}

// Cell is a union of units of one contest (S-33).
type Cell struct {
	Contest  *message.Contest
	Units    []string
	Withheld bool
	ballots  []*message.Ballot
}

// has returns the contest's part of a ballot, or nil.
func part(b *message.Ballot, contest string) *message.BallotContest {
	for i := range b.Contests {
		if b.Contests[i].Contest == contest {
			return &b.Contests[i]
		}
	}
	return nil
}

// enough reports whether each weight present among the ballots has k of them.
func (e *Election) enough(ballots []*message.Ballot) bool {
	count := map[uint64]uint64{}
	for _, b := range ballots {
		count[b.Weight]++
	}
	for _, n := range count {
		if n < e.Manifest.MinimumCell {
			return false
		}
	}
	return len(count) > 0
}

// Cells partitions the counted ballots.
func (e *Election) Cells() (out []*Cell) {
	for i := range e.Manifest.Contests {
		contest := &e.Manifest.Contests[i]
		var cells []*Cell
		open := false // the last cell still waits
		for _, u := range e.Manifest.Units {
			var ballots []*message.Ballot
			for _, b := range e.counted {
				if b.ballot.Unit == u.ID && part(b.ballot, contest.ID) != nil {
					ballots = append(ballots, b.ballot)
				}
			}
			if !open {
				cells = append(cells, &Cell{Contest: contest})
			}
			last := cells[len(cells)-1]
			last.Units, last.ballots = append(last.Units, u.ID), append(last.ballots, ballots...)
			open = len(last.ballots) > 0 && !e.enough(last.ballots)
		}
		if open {
			cells = e.settle(cells)
		}
		out = append(out, cells...)
	}
	return out
}

func (e *Election) settle(cells []*Cell) []*Cell {
	waiting, before := cells[len(cells)-1], cells[:len(cells)-1]
	for i := len(before) - 1; i >= 0; i-- {
		c := before[i]
		if len(c.ballots) == 0 {
			continue
		}
		if union := slices.Concat(c.ballots, waiting.ballots); e.enough(union) {
			c.ballots, c.Units = union, append(c.Units, waiting.Units...)
			return before
		}
		break
	}
	waiting.Withheld = true
	return cells
}

func (c *Cell) weight() (sum uint64) {
	for _, b := range c.ballots {
		sum += b.Weight
	}
	return sum
}

// PostAggregates posts the sums of all cells that are decrypted (S-34).
func (e *Election) PostAggregates() {
	for _, c := range e.Cells() {
		if c.Withheld || len(c.ballots) == 0 {
			continue
		}
		a := &message.Aggregate{Ballots: uint64(len(c.ballots)), Contest: c.Contest.ID, Unit: c.Units[0], Units: c.Units, Weight: c.weight()}
		for k, option := range selectionsOf(c.Contest) {
			alpha, beta := point.Identity(), point.Identity()
			for _, b := range c.ballots {
				s := part(b, c.Contest.ID).Selections[k]
				add(&alpha, s.Alpha, b.Weight)
				add(&beta, s.Beta, b.Weight)
			}
			a.Ciphertexts = append(a.Ciphertexts, message.Ciphertext{Option: option, Alpha: alpha.Encode(), Beta: beta.Encode()})
		}
		e.aggregates = append(e.aggregates, a)
		e.Append(message.TypeAggregate, message.RoleAuthority, "", e.Fingerprint, a)
	}
}

func add(sum *point.Point, encoded [32]byte, weight uint64) {
	if p, ok := point.Decode(encoded); ok {
		p = point.MulUint(weight, &p)
		sum.Add(sum, &p)
	}
}

// PostShares posts the shares of the first t trustees for all aggregates.
func (e *Election) PostShares() {
	for i := range int(e.Manifest.Threshold) {
		e.PostSharesOf(i)
	}
}

// PostSharesOf posts the shares of one trustee (S-35).
func (e *Election) PostSharesOf(i int) {
	t := e.trustees[i]
	for _, a := range e.aggregates {
		s := &message.DecryptionShare{Contest: a.Contest, Index: t.line.Index, Root: e.sealed, Unit: a.Unit}
		for _, c := range a.Ciphertexts {
			alpha, _ := point.Decode(c.Alpha)
			d := point.Mul(&t.share, &alpha)
			s.Shares = append(s.Shares, message.Factor{Alpha: c.Alpha, Beta: c.Beta, Option: c.Option, Factor: d.Encode()})
		}
		if e.Share != nil {
			e.Share(s)
		}
		e.ProveShare(i, s)
		e.shares = append(e.shares, s)
		e.Append(message.TypeDecryptionShare, message.RoleTrustee, t.line.ID, e.Fingerprint, s)
	}
}

// ProveShare makes the proofs of a share as it stands.
func (e *Election) ProveShare(i int, s *message.DecryptionShare) {
	t := e.trustees[i]
	x := e.g.Mul(&t.share)
	for k := range s.Shares {
		f := &s.Shares[k]
		alpha, _ := point.Decode(f.Alpha)
		v := e.random.scalar()
		a, b := e.g.Mul(&v), point.Mul(&v, &alpha)
		c := challenge.Decryption(e.Fingerprint, s, f, x.Encode()).Pt(a.Encode()).Pt(b.Encode()).Scalar()
		f.Proof = compact(c, v, t.share)
	}
}

// totals decrypts an aggregate with the trustees' secrets, up to its weight.
func (e *Election) totals(a *message.Aggregate) []uint64 {
	n := int(e.Manifest.Threshold)
	var secret point.Scalar // Σ λ_j·x_j of the first t
	for j := range n {
		lambda := point.ScalarOf(1)
		for m := range n {
			if m != j {
				xm, xj := point.ScalarOf(uint64(m+1)), point.ScalarOf(uint64(j+1))
				d := xm.Sub(&xj)
				d = d.Invert()
				lambda = lambda.Mul(&xm)
				lambda = lambda.Mul(&d)
			}
		}
		part := lambda.Mul(&e.trustees[j].share)
		secret = secret.Add(&part)
	}
	g := point.Generator()
	var out []uint64
	for _, c := range a.Ciphertexts {
		alpha, _ := point.Decode(c.Alpha)
		beta, _ := point.Decode(c.Beta)
		d := point.Mul(&secret, &alpha)
		beta.Sub(&beta, &d)
		t, p := uint64(0), point.Identity()
		for !p.Equal(&beta) && t <= a.Weight+8 {
			t++
			p.Add(&p, &g)
		}
		out = append(out, t)
	}
	return out
}

// Result is the result of the aggregates on the board (S-37).
func (e *Election) Result() *message.Result {
	r := &message.Result{Root: e.sealed, Uncounted: e.Uncounted, Version: 1}
	cells := e.Cells()
	for i := range e.Manifest.Contests {
		c := &e.Manifest.Contests[i]
		out := message.ContestResult{Contest: c.ID, Cells: []message.Cell{}, Totals: make([]uint64, len(selectionsOf(c)))}
		for _, cell := range cells {
			if cell.Contest != c {
				continue
			}
			line := message.Cell{Ballots: uint64(len(cell.ballots)), Unit: cell.Units[0], Units: cell.Units,
				Weight: cell.weight(), Withheld: cell.Withheld, Totals: []uint64{}}
			if !cell.Withheld {
				line.Totals = make([]uint64, len(out.Totals))
			}
			for _, a := range e.aggregates {
				if a.Contest == c.ID && a.Unit == cell.Units[0] {
					line.Totals = e.totals(a)
				}
			}
			for k, t := range line.Totals {
				out.Totals[k] += t
			}
			out.Cells = append(out.Cells, line)
		}
		out.Outcome = Plurality(c, out.Totals)
		r.Contests = append(r.Contests, out)
	}
	return r
}

// Plurality counts: option by option, how many have more, how many as many.
func Plurality(c *message.Contest, totals []uint64) message.Outcome {
	out := message.Outcome{Kind: message.MethodPlurality, Tied: []string{}, Winners: []string{}}
	place := map[int]int{}
	for i := range c.Options {
		more, same, earlier := 0, 0, 0
		for j := range c.Options {
			switch {
			case totals[j] > totals[i]:
				more++
			case totals[j] == totals[i] && j < i:
				earlier++
				fallthrough
			case totals[j] == totals[i]:
				same++
			}
		}
		seats := int(c.Method.Seats)
		switch {
		case more+same <= seats:
			place[more+earlier] = i
		case more < seats:
			out.Tied = append(out.Tied, c.Options[i].ID)
		}
	}
	for k := range c.Options {
		if i, ok := place[k]; ok {
			out.Winners = append(out.Winners, c.Options[i].ID)
		}
	}
	return out
}

// PostResult posts the result and takes the final checkpoint.
func (e *Election) PostResult() {
	e.Append(message.TypeResult, message.RoleAuthority, "", e.Fingerprint, e.Result())
	e.Checkpoint(record.Final)
}
