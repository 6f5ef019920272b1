// Package verify is the independent verifier of election records: it makes
// the checks V-01..V-45 of protocols/SPEC.md §6 over a record and reports,
// for each, how many objects it had to see, how many it saw, and what is
// wrong, with evidence that anybody can check again without secrets.
//
// It is written from SPEC.md. Of protocols it uses the message types, the
// parser and the record's layout; arithmetic, challenges, canonical form,
// tree and checkpoints are its own, in the packages below it. It never
// imports the system that it judges.
//
// A record is read once, entry by entry, by a fold in flat memory: a few
// dozen bytes for each credential and a slot for each ciphertext. Ballots
// are checked by several workers, each singly; the fold takes their results
// in the board's order, so that a report depends on the record alone.
//
// Verify judges a whole record. Setup and its methods judge one ballot or one
// challenge, for those who watch an election while it runs.
package verify
