package web

import (
	"crypto/sha256"
	"strconv"
)

// PuzzleBits is how many bits of a puzzle's hash are zero: 65,536 hashes on
// average, some 10 ms of whoever asks.
const PuzzleBits = 16

// The headers of a puzzle: the server's question, the client's answer.
const (
	HeaderPuzzle = "Puzzle"
	HeaderAnswer = "Puzzle-Answer"
)

// PuzzleSolved reports that SHA-256(question ":" answer) begins with
// PuzzleBits zeros.
func PuzzleSolved(question, answer string) bool {
	h := sha256.Sum256([]byte(question + ":" + answer))
	return h[0] == 0 && h[1] == 0
}

// SolvePuzzle finds an answer.
func SolvePuzzle(question string) string {
	for i := uint64(0); ; i++ {
		if answer := strconv.FormatUint(i, 10); PuzzleSolved(question, answer) {
			return answer
		}
	}
}
