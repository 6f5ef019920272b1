package main

// survivors explains the mutants that nothing kills, by side and check: why no
// record or message can tell the system with the check from the one without.
var survivors = map[string]string{
	"reference V-33": "the reference makes no check of that number: its fold has a phase after the seal, in which V-06 refuses everything that V-33 forbids",
	"reference V-45": "what a user kept is compared by the independent verifier alone; a voter's client makes the check of S-21 instead",
}
