package oracle

import (
	"fmt"
	"math"
	"slices"

	"scrutineer/reports/event"
)

// Round is one round of a game in which voters audit their devices: so many
// voters, each of whose ballots is false with one probability and audited with
// another.
type Round struct {
	Game        string
	Voters      int
	Flip, Audit float64
	Audited     bool // an audit took place
	Noticed     bool // an audit raised an alarm
}

// promise is the probability that the round is noticed: 1 − (1 − f·a)^N, with f
// the rate of false ballots, a that of audits, N the number of voters.
func (r Round) promise() float64 {
	return 1 - math.Pow(1-r.Flip*r.Audit, float64(r.Voters))
}

// Measured are the figures of all games that were played.
func (e Evidence) Measured() []event.Measured {
	var out []event.Measured
	for _, g := range e.guessing() {
		if g.tries > 0 {
			m := measure(g.game, "right guesses of a voter's choice", g.hits, g.tries)
			m.Predicted, m.Prediction = millionths(g.chance()), "chance"
			out = append(out, m)
		}
	}
	for _, rs := range e.games() {
		hits, sum := 0, 0.0
		for _, r := range rs {
			sum += r.promise()
			if r.Noticed {
				hits++
			}
		}
		m := measure(rs[0].Game, fmt.Sprintf("rounds noticed (false ballots %s, audited %s, voters a round: %d)", rate(rs[0].Flip), rate(rs[0].Audit), rs[0].Voters), hits, len(rs))
		m.Predicted, m.Prediction = millionths(sum/float64(len(rs))), "1 − (1 − f·a)^N"
		out = append(out, m)
	}
	return out
}

// Short says of which game the rounds were noticed less often than promised,
// with 99 % confidence; empty where every promise was kept.
func (e Evidence) Short() string {
	for _, rs := range e.games() {
		hits, sum := 0, 0.0
		for _, r := range rs {
			sum += r.promise()
			if r.Noticed {
				hits++
			}
		}
		if n := len(rs); UpperBound(hits, n, confidence) < sum/float64(n) {
			return fmt.Sprintf("audits noticed %d of %d rounds of game %s, which is less often than they promise", hits, n, rs[0].Game)
		}
	}
	return ""
}

// games are the rounds, game by game in the order in which they began.
func (e Evidence) games() [][]Round {
	var out [][]Round
	for _, r := range e.Rounds {
		i := slices.IndexFunc(out, func(g []Round) bool { return g[0].Game == r.Game })
		if i < 0 {
			i, out = len(out), append(out, nil)
		}
		out[i] = append(out[i], r)
	}
	return out
}

// measure is a figure with its two-sided interval.
func measure(game, what string, hits, tries int) event.Measured {
	side := 1 - (1-confidence)/2
	return event.Measured{Game: game, What: what, Hits: int64(hits), Tries: int64(tries), Confidence: 100 * confidence,
		Low: millionths(LowerBound(hits, tries, side)), High: millionths(UpperBound(hits, tries, side))}
}

// UpperBound is the one-sided upper confidence bound of a rate of which k hits
// in n tries were seen: what is no hit has the lower bound.
func UpperBound(k, n int, confidence float64) float64 { return 1 - LowerBound(n-k, n, confidence) }

func millionths(rate float64) int64 { return int64(math.Round(rate * event.Millionth)) }

func rate(r float64) string { return fmt.Sprintf("%g %%", math.Round(r*1000)/10) }
