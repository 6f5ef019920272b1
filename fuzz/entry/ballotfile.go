package entry

import (
	"bytes"

	"scrutineer/protocols/ballots/blt"
)

// BallotFile reads data as a preferential ballot file. What is accepted
// counts no more first preferences than it has ballots.
func BallotFile(data []byte) int {
	e, err := blt.Read(bytes.NewReader(data))
	if err != nil {
		return 0
	}
	all, counted := 0, 0
	for _, b := range e.Ballots {
		all += b.Count
	}
	totals, none := e.First()
	for _, n := range totals {
		counted += n
	}
	if counted+none != all {
		panic("first preferences and ballots without one are not all ballots")
	}
	return 1
}
