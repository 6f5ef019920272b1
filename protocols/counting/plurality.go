// Package counting has the rules by which totals become an outcome, as pure
// functions. Both the reference and the independent verifier use them: here
// the independence comes from properties and from declared results, not from
// a second implementation.
package counting

import (
	"errors"
	"slices"
)

// ErrInput is returned for input that no election can have.
var ErrInput = errors.New("counting: not a count")

// Outcome names who is elected. Tied lists those between whom the norm leaves
// the last seats to a lot; none of them is among the winners.
type Outcome struct {
	Winners []int
	Tied    []int
}

// Plurality elects the seats candidates with most votes. votes[i] is the
// total of candidate i; winners come in descending order of votes, equals and
// the tied in ascending order of index. seats is 1..len(votes).
func Plurality(votes []uint64, seats int) (Outcome, error) {
	if seats < 1 || seats > len(votes) {
		return Outcome{}, ErrInput
	}
	order := make([]int, len(votes))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case votes[a] > votes[b]:
			return -1
		case votes[a] < votes[b]:
			return 1
		}
		return 0
	})
	var out Outcome
	last := votes[order[seats-1]]
	contested := seats < len(votes) && votes[order[seats]] == last
	for _, i := range order {
		switch {
		case votes[i] > last, votes[i] == last && !contested:
			out.Winners = append(out.Winners, i)
		case votes[i] == last:
			out.Tied = append(out.Tied, i)
		}
	}
	return out, nil
}
