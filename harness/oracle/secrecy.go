package oracle

import (
	"fmt"
	"math"
	"slices"

	"scrutineer/harness/history"
	"scrutineer/reports/event"
)

// Constants of the privacy game, O.ind of the catalogue.
const (
	// confidence is that of the one-sided bound.
	confidence = 0.99
	// margin is by how much the adversary must beat guessing.
	margin = 0.1
	// enough is the least number of readings; with fewer the game decides
	// nothing.
	enough = 20
)

// Secrecy is O.ind: the adversary's readings hit the voters' votes so often
// that, with 99 % confidence, the rate is more than 0.1 above chance. In a game
// chance is one half, for a seed drew one of two votes; elsewhere it is the
// rate of whoever always names the most frequent vote. Readings of voters who
// did not vote, or whose vote the harness does not know, do not count.
func Secrecy(e Evidence) Report {
	var out Report
	for _, g := range e.guessing() {
		switch {
		case g.tries < enough:
			out.Undecided = "too few readings to tell from guessing"
		case LowerBound(g.hits, g.tries, confidence) > g.chance()+margin:
			out.Damage = append(out.Damage, damage("O.ind", "the adversary read %d of %d votes; guessing hits %s", g.hits, g.tries, g.expected()))
		}
	}
	return out
}

// guessing is how often the guesses of one game were right.
type guessing struct {
	game        string
	hits, tries int
	frequency   map[string]map[string]int // by contest, of a vote
}

// guessing counts the readings, game by game in the order in which they began.
func (e Evidence) guessing() []*guessing {
	votes := e.votes()
	var out []*guessing
	for _, r := range e.Readings {
		i := slices.IndexFunc(out, func(g *guessing) bool { return g.game == r.Game })
		if i < 0 {
			i = len(out)
			out = append(out, &guessing{game: r.Game, frequency: map[string]map[string]int{}})
		}
		if vote, ok := votes[r.Voter]; ok {
			out[i].add(r, vote)
		}
	}
	return out
}

func (g *guessing) add(r Reading, vote history.Vote) {
	g.tries++
	if g.frequency[r.Contest] == nil {
		g.frequency[r.Contest] = map[string]int{}
	}
	g.frequency[r.Contest][describe(vote[r.Contest])]++
	if describe(vote[r.Contest]) == describe(r.Guess) {
		g.hits++
	}
}

// chance is the rate at which guesses hit that rest on no ballot.
func (g *guessing) chance() float64 {
	if g.game != "" {
		return 0.5
	}
	return float64(g.mostFrequent()) / float64(g.tries)
}

// expected is how many hits chance gives, as a report says it.
func (g *guessing) expected() string {
	if g.game != "" {
		return "one in two"
	}
	return fmt.Sprint(g.mostFrequent())
}

func (g *guessing) mostFrequent() int {
	sum := 0
	for _, votes := range g.frequency {
		best := 0
		for _, count := range votes {
			best = max(best, count)
		}
		sum += best
	}
	return sum
}

// votes returns the vote in the last acknowledged ballot of every voter who
// has one.
func (e Evidence) votes() map[string]history.Vote {
	out := map[string]history.Vote{}
	for _, o := range e.History.Casts() {
		if o.Type == event.OpOK && o.Ballot != nil && len(o.Ballot.Choices) > 0 {
			out[o.Actor] = history.VoteOf(o.Ballot.Choices)
		}
	}
	return out
}

// describe is a selection as text, to be compared.
func describe(s history.Selection) string {
	if s.Blank {
		return history.BlankOption
	}
	return fmt.Sprint(slices.Sorted(slices.Values(s.Options)))
}

// LowerBound is the one-sided lower confidence bound of a rate of which k hits
// in n tries were seen (Clopper and Pearson 1934): the p at which k or more
// hits have probability 1 − confidence.
func LowerBound(k, n int, confidence float64) float64 {
	if k <= 0 {
		return 0
	}
	low, high := 0.0, 1.0
	for range 60 {
		p := (low + high) / 2
		if tail(k, n, p) < 1-confidence {
			low = p
		} else {
			high = p
		}
	}
	return low
}

// tail is the probability of k or more hits in n tries of probability p.
func tail(k, n int, p float64) float64 {
	if p <= 0 {
		return 0
	}
	sum := 0.0
	for i := k; i <= n; i++ {
		a, _ := math.Lgamma(float64(n + 1))
		b, _ := math.Lgamma(float64(i + 1))
		c, _ := math.Lgamma(float64(n - i + 1))
		rest := 0.0
		if n > i {
			rest = float64(n-i) * math.Log1p(-p)
		}
		sum += math.Exp(a - b - c + float64(i)*math.Log(p) + rest)
	}
	return sum
}
