package history

import (
	"cmp"
	"fmt"
	"slices"
)

// Membership is the answer to whether a result is allowed.
type Membership int

// The answers. Undecidable means that the search was given up; the ranges
// alone do not exclude the result.
const (
	_ Membership = iota
	Inside
	Outside
	Undecidable
)

// maxNodes bounds the search of Contains.
const maxNodes = 1 << 20

// Contains says whether the history allows the published totals, and if not,
// why. It is exact: the contributions of undecided voters must add up to the
// totals in all contests at once.
func (a *Allowed) Contains(t Totals) (Membership, string) {
	g, err := a.grid(t)
	if err != nil {
		return Outside, err.Error()
	}
	for _, c := range a.sure {
		if !g.covers(c.voter, c.vote) {
			return Outside, fmt.Sprintf("no total covers the ballots of unit %q, style %q", c.voter.Unit, c.voter.Style)
		}
		g.add(g.rest, c.voter, c.vote, -1)
	}
	s := &search{g: g, free: a.free, nodes: maxNodes}
	if !s.prepare(a.undecided) {
		return Outside, "no total covers any of the ballots that a voter may have"
	}
	if why := a.outOfRange(t); why != "" {
		return Outside, why
	}
	switch found := s.groupsFit(0); {
	case found:
		return Inside, ""
	case s.nodes <= 0:
		return Undecidable, fmt.Sprintf("%d voters are undecided; the search was given up", a.Undecided())
	case a.Exact():
		return Outside, "the numbers of ballots do not add up"
	}
	return Outside, "each total is possible, but not all of them together"
}

// outOfRange names the first total that no allowed result has.
func (a *Allowed) outOfRange(t Totals) string {
	for _, x := range a.Tallies(&t) {
		if x.OK {
			continue
		}
		where := "contest " + x.Contest
		if x.Unit != "" {
			where += ", unit " + x.Unit
		}
		return fmt.Sprintf("%s: %s has %s, the voters' ballots allow %s", where, x.Option, x.Published, x.Truth)
	}
	return ""
}

// grid numbers the published figures: for each cell its options, blank, and
// the number of ballots.
type grid struct {
	e     *Electorate
	cells []Cell
	// first is the number of a cell's first figure.
	first []int
	// at maps a contest and a unit to a cell, withheld ones included.
	at map[[2]string]int
	// rest is what the figures still need.
	rest []int64
}

func (a *Allowed) grid(t Totals) (*grid, error) {
	g := &grid{e: a.e, cells: t.Cells, at: map[[2]string]int{}}
	for i, c := range t.Cells {
		contest, ok := a.e.Contest(c.Contest)
		if !ok {
			return nil, fmt.Errorf("there is a total of contest %q, which there is not", c.Contest)
		}
		for _, u := range c.Units {
			if !slices.Contains(a.e.Units, u) {
				return nil, fmt.Errorf("contest %s: there is a total of unit %q, which there is not", c.Contest, u)
			}
			if _, twice := g.at[[2]string{c.Contest, u}]; twice {
				return nil, fmt.Errorf("contest %s: unit %q is in two totals", c.Contest, u)
			}
			g.at[[2]string{c.Contest, u}] = i
		}
		g.first = append(g.first, len(g.rest))
		if c.Withheld {
			continue
		}
		for _, o := range contest.Options {
			n, ok := c.Options[o]
			if !ok {
				return nil, fmt.Errorf("contest %s: option %q has no total", c.Contest, o)
			}
			g.rest = append(g.rest, clamp(n))
		}
		if len(c.Options) != len(contest.Options) {
			return nil, fmt.Errorf("contest %s: there are totals of options that it has not", c.Contest)
		}
		g.rest = append(g.rest, clamp(c.Blank))
		if c.Ballots != nil {
			g.rest = append(g.rest, clamp(*c.Ballots))
		}
	}
	return g, nil
}

// clamp keeps a hostile figure from overflowing; no honest one is that large.
func clamp(n uint64) int64 { return int64(min(n, 1<<60)) }

// covers says whether every contest of the voter's ballot has a cell.
func (g *grid) covers(v Voter, vote Vote) bool {
	if vote == nil {
		return true
	}
	for _, id := range g.e.Styles[v.Style] {
		if _, ok := g.at[[2]string{id, v.Unit}]; !ok {
			return false
		}
	}
	return true
}

// add adds a ballot to a vector of figures, sign times. A nil vote is none.
func (g *grid) add(to []int64, v Voter, vote Vote, sign int64) {
	if vote == nil {
		return
	}
	for _, id := range g.e.Styles[v.Style] {
		i, ok := g.at[[2]string{id, v.Unit}]
		if !ok || g.cells[i].Withheld {
			continue
		}
		c, _ := g.e.Contest(id)
		at := g.first[i]
		for k, o := range c.Options {
			if slices.Contains(vote[id].Options, o) {
				to[at+k] += sign * int64(v.Weight)
			}
		}
		if vote[id].Blank {
			to[at+len(c.Options)] += sign * int64(v.Weight)
		}
		if g.cells[i].Ballots != nil {
			to[at+len(c.Options)+1] += sign
		}
	}
}

// group are undecided voters with the same alternatives.
type group struct {
	count int64
	// ways are the contributions of the alternatives, less what all of them
	// have in common.
	ways [][]int64
}

// search looks for contributions that add up to the rest of a grid.
type search struct {
	g      *grid
	free   []Voter
	groups []group
	// most[i] is the largest contribution of groups i.. and of the free voters.
	most  [][]int64
	nodes int
}

// prepare turns the undecided voters into groups. It reports false where one
// of them has no alternative that the totals cover.
func (s *search) prepare(voters []undecided) bool {
	index := map[string]int{}
	for _, u := range voters {
		var ways [][]int64
		for _, vote := range u.votes {
			if s.g.covers(u.voter, vote) {
				way := make([]int64, len(s.g.rest))
				s.g.add(way, u.voter, vote, 1)
				ways = append(ways, way)
			}
		}
		if len(ways) == 0 {
			return false
		}
		s.common(ways)
		slices.SortFunc(ways, slices.Compare[[]int64])
		key := fmt.Sprint(ways)
		if i, ok := index[key]; ok {
			s.groups[i].count++
			continue
		}
		index[key] = len(s.groups)
		s.groups = append(s.groups, group{1, ways})
	}
	// Those with the most to give first, so that dead ends show early.
	slices.SortStableFunc(s.groups, func(a, b group) int { return cmp.Compare(b.weight(), a.weight()) })
	s.bounds()
	return true
}

// common takes what all ways have in common off the rest.
func (s *search) common(ways [][]int64) {
	for k := range s.g.rest {
		low := ways[0][k]
		for _, w := range ways {
			low = min(low, w[k])
		}
		s.g.rest[k] -= low
		for _, w := range ways {
			w[k] -= low
		}
	}
}

func (g group) weight() int64 {
	var most int64
	for _, w := range g.ways {
		most = max(most, slices.Max(append([]int64{0}, w...)))
	}
	return most
}

func (s *search) bounds() {
	s.most = make([][]int64, len(s.groups)+1)
	last := make([]int64, len(s.g.rest))
	for _, v := range s.free {
		all := Vote{}
		for _, id := range s.g.e.Styles[v.Style] {
			c, _ := s.g.e.Contest(id)
			all[id] = Selection{Options: c.Options, Blank: c.Blank}
		}
		s.g.add(last, v, all, 1)
	}
	s.most[len(s.groups)] = last
	for i := len(s.groups) - 1; i >= 0; i-- {
		g := s.groups[i]
		s.most[i] = slices.Clone(s.most[i+1])
		for k := range s.most[i] {
			var high int64
			for _, w := range g.ways {
				high = max(high, w[k])
			}
			s.most[i][k] += g.count * high
		}
	}
}

// groupsFit tries to give groups i.. and the free voters contributions that
// add up to the rest.
func (s *search) groupsFit(i int) bool {
	s.nodes--
	if s.nodes <= 0 || !s.within(i) {
		return false
	}
	if i == len(s.groups) {
		return s.freeFit()
	}
	return s.split(i, 0, s.groups[i].count)
}

// within says whether the rest lies between 0 and what can still come.
func (s *search) within(i int) bool {
	for k, n := range s.g.rest {
		if n < 0 || n > s.most[i][k] {
			return false
		}
	}
	return true
}

// split deals the voters left of group i to its ways from way on.
func (s *search) split(i, way int, left int64) bool {
	g := s.groups[i]
	if way == len(g.ways)-1 {
		s.take(g.ways[way], left)
		ok := s.groupsFit(i + 1)
		s.take(g.ways[way], -left)
		return ok
	}
	for n := int64(0); n <= left && s.nodes > 0; n++ {
		s.take(g.ways[way], n)
		ok := s.split(i, way+1, left-n)
		s.take(g.ways[way], -n)
		if ok {
			return true
		}
	}
	return false
}

func (s *search) take(way []int64, times int64) {
	for k, n := range way {
		s.g.rest[k] -= times * n
	}
}
