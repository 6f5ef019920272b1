// Package nearest finds the known name that a wrong one was probably meant to
// be, for the last half of error messages: "unknown key titel, did you mean
// title?". It knows nothing of what the names stand for.
package nearest

import "strings"

// Name returns the candidate with the smallest edit distance from name, or ""
// where none is near enough to be worth a suggestion. Case counts as nothing;
// of two equally near candidates the first one wins, so the answer depends on
// the order of the candidates alone.
func Name(name string, candidates []string) string {
	best, bestDistance := "", len(name)/3+2
	for _, c := range candidates {
		if d := distance(strings.ToLower(name), strings.ToLower(c), bestDistance); d < bestDistance {
			best, bestDistance = c, d
		}
	}
	return best
}

// maxLength bounds the work on hostile names: longer ones resemble nothing.
const maxLength = 100

// distance is the optimal string alignment distance of a and b: the number of
// insertions, deletions, substitutions and swaps of neighbours that turn one
// into the other. Where it is limit or more, some number ≥ limit is returned.
func distance(a, b string, limit int) int {
	if len(a) > maxLength || len(b) > maxLength || len(a)-len(b) >= limit || len(b)-len(a) >= limit {
		return limit
	}
	before := make([]int, len(b)+1)
	last := make([]int, len(b)+1)
	row := make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
