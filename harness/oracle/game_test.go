package oracle

import (
	"fmt"
	"math"
	"testing"

	"scrutineer/harness/history"
	"scrutineer/reports/event"
)

// bits is an election in which a seed drew one of two votes for each voter,
// and somebody guessed so many of them right.
func bits(n, hits int) Evidence {
	e := honest()
	e.History.Ops = nil
	for i := range n {
		name := fmt.Sprint("n", i)
		vote, other := "a", "b"
		if i%4 == 0 { // whoever always names the most frequent vote hits three in four
			vote, other = other, vote
		}
		e.History.Ops = append(e.History.Ops, cast(name, name, "none", vote, 0, event.OpOK))
		if i >= hits {
			vote = other
		}
		e.Readings = append(e.Readings, Reading{Game: "g", Voter: name, Contest: "c", Guess: history.Selection{Options: []string{vote}}})
	}
	return e
}

// In a game chance is one half, however the votes fell.
func TestGuessingGame(t *testing.T) {
	for _, c := range []struct {
		n, hits   int
		hit, open bool
	}{{20, 20, true, false}, {20, 18, true, false}, {20, 17, false, false}, {20, 10, false, false}, {19, 19, false, true},
		{200, 137, true, false}, {200, 136, false, false}} {
		r := Secrecy(bits(c.n, c.hits))
		if (len(r.Damage) > 0) != c.hit || (r.Undecided != "") != c.open {
			t.Errorf("%d of %d: %+v", c.hits, c.n, r)
		}
	}
	m := bits(20, 20).Measured()
	if len(m) != 1 || m[0].Hits != 20 || m[0].Tries != 20 || m[0].Predicted != 500_000 || m[0].Fits() || m[0].Low != 767_270 || m[0].High != 1_000_000 {
		t.Errorf("%+v", m)
	}
	if m := honest().Measured(); len(m) != 0 {
		t.Errorf("nothing was played: %+v", m)
	}
}

// A round with false ballots is noticed as often as audits promise, or short
// of it.
func TestAuditedRounds(t *testing.T) {
	play := func(n, noticed int) Evidence {
		e := honest()
		for i := range n {
			e.Rounds = append(e.Rounds, Round{Game: "g", Voters: 5, Flip: 0.1, Audit: 0.8, Noticed: i < noticed})
		}
		return e
	}
	want := 1 - math.Pow(1-0.1*0.8, 5) // 0.3409
	for noticed, short := range map[int]bool{0: true, 1: true, 2: false, 7: false, 20: false} {
		e := play(20, noticed)
		if (e.Short() != "") != short {
			t.Errorf("%d of 20 noticed: %q", noticed, e.Short())
		}
		m := e.Measured()
		if len(m) != 1 || m[0].Hits != int64(noticed) || m[0].Tries != 20 || math.Abs(float64(m[0].Predicted)/event.Millionth-want) > 1e-6 {
			t.Errorf("%+v", m)
		}
	}
	// A promise of nothing is kept.
	e := honest()
	e.Rounds = []Round{{Game: "g", Voters: 5, Audit: 1}, {Game: "g", Voters: 5, Audit: 1}}
	if e.Short() != "" || e.Measured()[0].Predicted != 0 || !e.Measured()[0].Fits() {
		t.Errorf("%+v", e.Measured())
	}
}

// The two-sided interval covers as often as it says, at every rate.
func TestIntervalCovers(t *testing.T) {
	const n = 20
	for _, p := range []float64{0.01, 0.1, 0.341, 0.5, 0.9, 0.999} {
		covered := 0.0
		for k := range n + 1 {
			m := measure("", "", k, n)
			if float64(m.Low) <= p*event.Millionth && p*event.Millionth <= float64(m.High) {
				covered += tail(k, n, p) - tail(k+1, n, p)
			}
		}
		if covered < confidence {
			t.Errorf("rate %g is covered with %g", p, covered)
		}
	}
}
