package rules

import (
	"go.dedis.ch/kyber/v3"

	"scrutineer/protocols/message"
	"scrutineer/protocols/transcript"
	"scrutineer/reference-evoting/proof"
	"scrutineer/reference-evoting/weakness"
)

// statement is what the proofs of a ballot share.
type statement struct {
	transcript.Statement
	ballot *message.Ballot
}

// without is the statement for challenges with fields left out.
func (s statement) without(o transcript.Omission) transcript.Statement {
	s.Ciphertexts = o.Ciphertexts(s.Fingerprint, s.Style, s.ballot.Contests)
	return s.Statement
}

// claim is that (α, β) holds one of min..max.
type claim struct {
	alpha, beta kyber.Point
	min, max    uint64
	proof       message.Branches
	// sound starts the challenge for n branches; partial starts one with
	// fields left out.
	sound   func(n int) *transcript.Transcript
	partial func(transcript.Omission) *transcript.Transcript
}

// values are what the branches stand for: min..max (S-12, S-13), or under
// branchFromProof what the proof says.
func (v *Voting) values(c claim) ([]kyber.Scalar, message.Branches, error) {
	n := int(c.max - c.min + 1)
	whole := len(c.proof.Challenges) == n && len(c.proof.Responses) == n
	if v.Weak.Has(weakness.BranchFromProof) && !whole && names(c.proof) {
		return named(c.proof)
	}
	out := make([]kyber.Scalar, n)
	for i := range out {
		out[i] = proof.Uint(c.min + uint64(i))
	}
	return out, c.proof, nil
}

// names reports that a proof says what its branches stand for: n responses,
// and after the n challenges as many values.
func names(p message.Branches) bool {
	return len(p.Responses) > 0 && len(p.Challenges) == 2*len(p.Responses)
}

func named(p message.Branches) ([]kyber.Scalar, message.Branches, error) {
	n := len(p.Responses)
	values := make([]kyber.Scalar, n)
	for i, s := range p.Challenges[n:] {
		var err error
		if values[i], err = proof.Scalar(s); err != nil {
			return nil, p, err
		}
	}
	return values, message.Branches{Challenges: p.Challenges[:n], Responses: p.Responses}, nil
}

// holds makes the equation of V-20 and V-21: the challenges add up to the hash
// of statement and commitments. The error is about the proof's form.
func (v *Voting) holds(c claim) (bool, error) {
	values, p, err := v.values(c)
	if err != nil {
		return false, err
	}
	opened, err := v.Key.OpenBranches(c.alpha, c.beta, values, p)
	if err != nil {
		return false, err
	}
	t := c.sound(len(values))
	for _, b := range opened.Branches {
		t.Branch(b.A, b.B)
	}
	holds := v.Weak.Widen(weakness.CommitmentsOnly, opened.Is(t.Sum()), func() bool {
		weak := transcript.WeakCommitments(len(opened.Branches))
		for _, b := range opened.Branches {
			weak.Branch(b.A, b.B)
		}
		return opened.Is(weak.Sum())
	})
	holds = holds || v.holdsPartly(opened, c)
	return v.Weak.Widen(weakness.NoSumCheck, holds, func() bool { return true }), nil
}

// holdsPartly is the weak rule of weak.fs.omit.*: the challenge leaves out some
// of the fields whose weakness is planted.
func (v *Voting) holdsPartly(opened *proof.Opened, c claim) bool {
	planted := omissions(v.Weak)
	if planted == 0 {
		return false
	}
	var commitments [][32]byte
	for _, b := range opened.Branches {
		commitments = append(commitments, b.A, b.B)
	}
	for o := transcript.Omission(1); o <= planted; o++ {
		if planted.Has(o) && opened.Is(o.Branches(c.partial(o), commitments...).Sum()) {
			return true
		}
	}
	return false
}

// omissions are the fields that challenges may leave out.
func omissions(weak weakness.View) transcript.Omission {
	var out transcript.Omission
	for _, w := range []struct {
		name  weakness.Name
		field transcript.Omission
	}{
		{weakness.OmitBranches, transcript.OmitBranches},
		{weakness.OmitElection, transcript.OmitElection},
		{weakness.OmitKey, transcript.OmitKey},
		{weakness.OmitSiblings, transcript.OmitSiblings},
		{weakness.OmitVoter, transcript.OmitVoter},
	} {
		if weak.Has(w.name) {
			out |= w.field
		}
	}
	return out
}
