package transcript

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
