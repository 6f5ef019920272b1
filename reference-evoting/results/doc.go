// Package results is what becomes of a tally in public: two publishers that
// each compute the result from the shares on the board and sign what they show
// (S-71), the rule by which nothing is out before its time (S-72), watchers and
// the auditor who holds what they saw against the record (S-73, S-74), paper
// counts of units (S-75), and the notices of the electoral body (S-76).
//
// The board arbitrates: what a channel shows is right if it is what the record
// gives, and for no other reason. Pages and files are made here as bytes; who
// serves them is in service/publish, who writes them to a folder in
// service/roles.
package results
