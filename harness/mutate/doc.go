// Package mutate makes mutants of an election record: copies in which one
// thing is changed, removed, doubled, reordered or transplanted: a field of a
// message, an entry, a file, a line of a checkpoint. Each is made for three
// kinds of dishonest people:
//
//   - plain: who holds a copy changes it, and nothing else fits any more;
//   - rebuilt: the server, which holds the authority's and the board's keys,
//     changes it and makes hashes, chunks, tree, seal and its own signatures
//     fit again; the witnesses cosign, having seen no other history;
//   - colluding: registrar and trustees sign what they would have signed too,
//     and the trustees decrypt again under the new sealed root.
//
// The fields are those of the types of protocols/message, walked entry by
// entry: a mutant knows what it changes, and a new message type is mutated
// without a word here. The package knows no rule of the protocol beyond how
// messages hang together, and no verifier: what a mutant is worth, whoever
// judges records says. The same record, keys and seed give the same mutants
// under the same names.
//
// What follows from a changed setup (setupID and fingerprint in every later
// message and proof) is not carried on; there the change stands alone.
package mutate
