package transcript

import "scrutineer/protocols/message"

// The formulas of this file belong to planted weaknesses. No sound role
// computes them; they are here so that the reference, which accepts them when
// a weakness is switched on, and the forger, who aims at them, cannot drift
// apart.

// WeakCommitments starts the second challenge of `weak.fs.commitmentsOnly`,
//
//	C("weak-fs"; list(branches: pt a_j, pt b_j))
//
// for n branches; the caller adds each with Branch. It stands for the weak
// Fiat–Shamir transformation: the hash covers the commitments and nothing of
// the statement, neither for selection nor for sum proofs (Bernhard, Pereira,
// Warinschi, "How not to prove yourself", ASIACRYPT 2012).
func WeakCommitments(n int) *Transcript { return New("weak-fs").List(n) }

// WeakDecryption is D of the second challenge of `weak.fs.decryptCommitmentsOnly`,
//
//	C("weak-fs-decryption"; pt a, pt b).
//
// It stands for a proof of decryption whose hash covers the commitments and
// nothing of the statement (Bernhard, Pereira, Warinschi 2012; Haines, Lewis,
// Pereira, Teague, "How not to prove your election outcome", IEEE S&P 2020).
func WeakDecryption(a, b [32]byte) [32]byte {
	return New("weak-fs-decryption").Point(a).Point(b).Sum()
}

// Omission is a set of fields that the second challenges of `weak.fs.omit.*`
// leave out. With F the statement of S-12 or S-13 and a field in brackets
// there unless it is omitted,
//
//	C("weak-omit"; uint omission, str "selection-proof", [dig fingerprint], [pt Y],
//	  str style, str contest, str option, [dig caster], [dig hct′], pt α, pt β,
//	  [list(branches: pt a_j, pt b_j)])
//	C("weak-omit"; uint omission, str "sum-proof", [dig fingerprint], [pt Y],
//	  str style, str contest, [uint min, uint max], [dig caster], [dig hct′], pt A, pt B,
//	  [list(branches: pt a_j, pt b_j)])
//
// where hct′ is hct of S-10 without the fingerprint if the election is omitted.
// What is left out can be chosen after the challenge (Cortier, Gaudry, Yang,
// "How to fake zero-knowledge proofs, again", E-Vote-ID 2020).
type Omission uint64

// The fields of weak.fs.omit.*.
const (
	OmitBranches Omission = 1 << iota // the range and all commitments
	OmitElection                      // the fingerprint, in hct, too
	OmitKey                           // the election key
	OmitSiblings                      // hct: the other ciphertexts of the ballot
	OmitVoter                         // the caster
)

// Has reports that all fields of f are left out.
func (o Omission) Has(f Omission) bool { return o&f == f }

// Ciphertexts is hct′, for Statement.Ciphertexts.
func (o Omission) Ciphertexts(fingerprint [32]byte, style string, contests []message.BallotContest) [32]byte {
	if !o.Has(OmitElection) {
		return Ciphertexts(fingerprint, style, contests)
	}
	return addCiphertexts(New("ciphertexts"), style, contests).Sum()
}

// Selection starts the challenge of a selection proof; Branches ends it.
func (o Omission) Selection(s Statement, option string, alpha, beta [32]byte) *Transcript {
	t := o.context("selection-proof", s).String(option)
	return o.statement(t, s, alpha, beta)
}

// Sum starts the challenge of a sum proof; Branches ends it.
func (o Omission) Sum(s Statement, min, max uint64, a, b [32]byte) *Transcript {
	t := o.context("sum-proof", s)
	if !o.Has(OmitBranches) {
		t.Uint(min).Uint(max)
	}
	return o.statement(t, s, a, b)
}

func (o Omission) context(kind string, s Statement) *Transcript {
	t := New("weak-omit").Uint(uint64(o)).String(kind)
	if !o.Has(OmitElection) {
		t.Digest(s.Fingerprint)
	}
	if !o.Has(OmitKey) {
		t.Point(s.ElectionKey)
	}
	return t.String(s.Style).String(s.Contest)
}

func (o Omission) statement(t *Transcript, s Statement, alpha, beta [32]byte) *Transcript {
	if !o.Has(OmitVoter) {
		t.Digest(s.Caster)
	}
	if !o.Has(OmitSiblings) {
		t.Digest(s.Ciphertexts)
	}
	return t.Point(alpha).Point(beta)
}

// Branches adds the commitments, a and b of each branch, unless they are
// omitted.
func (o Omission) Branches(t *Transcript, commitments ...[32]byte) *Transcript {
	if o.Has(OmitBranches) {
		return t
	}
	t.List(len(commitments) / 2)
	for _, c := range commitments {
		t.Point(c)
	}
	return t
}

// NamedSelection starts the challenge of S-12 for n branches, of which there
// should be two: `weak.or.branchFromProof` takes as many as the proof has. The
// values for which they stand are not hashed, as they are not in S-12.
func (s Statement) NamedSelection(option string, alpha, beta [32]byte, n int) *Transcript {
	return s.selection(option, alpha, beta).List(n)
}

// NamedSum is S-13 likewise.
func (s Statement) NamedSum(min, max uint64, a, b [32]byte, n int) *Transcript {
	return s.sum(min, max, a, b).List(n)
}
