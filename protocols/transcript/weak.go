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
