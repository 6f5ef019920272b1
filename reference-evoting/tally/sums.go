// Package tally turns the counted set into totals: weighted sums of
// ciphertexts kept while voting goes on, cells that are large enough to
// publish (S-33), aggregates (S-34), and decryption shares combined to totals
// (S-36). It decides nothing about which ballots count.
package tally

import (
	"fmt"

	"scrutineer/protocols/message"
	"scrutineer/protocols/ristretto"
	"scrutineer/reference-evoting/manifest"
	"scrutineer/reference-evoting/proof"
	"scrutineer/reference-evoting/weakness"
)

// Pair is a decoded ciphertext.
type Pair struct{ Alpha, Beta *ristretto.Point }

func zero() Pair {
	return Pair{ristretto.NewPoint().Null().(*ristretto.Point), ristretto.NewPoint().Null().(*ristretto.Point)}
}

func (p Pair) add(q Pair) {
	p.Alpha.Add(p.Alpha, q.Alpha)
	p.Beta.Add(p.Beta, q.Beta)
}

func (p Pair) sub(q Pair) {
	p.Alpha.Sub(p.Alpha, q.Alpha)
	p.Beta.Sub(p.Beta, q.Beta)
}

// Vote is what one counted ballot adds to the sums.
type Vote struct {
	Unit    int
	Weight  uint64
	Answers []Answer
}

// Answer is a ballot's decoded ciphertexts for one contest, by its place in
// the manifest.
type Answer struct {
	Contest int
	Pairs   []Pair
}

// bucket is the running sum of one contest in one unit.
type bucket struct {
	sums    []Pair
	ballots map[uint64]uint64 // by weight
}

// Sums holds the running sums of one election. Its size depends on contests
// and units, not on ballots.
type Sums struct {
	// Weak is consulted where sums are encoded; the zero View is sound.
	Weak     weakness.View
	election *manifest.Election
	contests []int              // selections of each contest
	buckets  map[[2]int]*bucket // contest, unit
}

// NewSums starts at zero.
func NewSums(e *manifest.Election) *Sums {
	s := &Sums{election: e, buckets: map[[2]int]*bucket{}}
	for _, c := range e.Manifest.Contests {
		s.contests = append(s.contests, len(manifest.Selections(c)))
	}
	return s
}

// Add counts a vote.
func (s *Sums) Add(v Vote) error { return s.change(v, false) }

// Remove takes a vote out that a later one replaces.
func (s *Sums) Remove(v Vote) error { return s.change(v, true) }

func (s *Sums) change(v Vote, remove bool) error {
	for _, answer := range v.Answers {
		if len(answer.Pairs) != s.contests[answer.Contest] {
			return fmt.Errorf("tally: %d selections in contest %d, want %d", len(answer.Pairs), answer.Contest, s.contests[answer.Contest])
		}
		b := s.bucket(answer.Contest, v.Unit)
		for j, pair := range answer.Pairs {
			if pair = scale(pair, v.Weight); remove {
				b.sums[j].sub(pair)
			} else {
				b.sums[j].add(pair)
			}
		}
		b.count(v.Weight, remove)
	}
	return nil
}

func (b *bucket) count(weight uint64, remove bool) {
	if !remove {
		b.ballots[weight]++
		return
	}
	b.ballots[weight]--
	if b.ballots[weight] == 0 {
		delete(b.ballots, weight)
	}
}

// scale is weight·p. Ballots and their weights are public.
func scale(p Pair, weight uint64) Pair {
	if weight == 1 {
		return p
	}
	factor := proof.Uint(weight)
	return Pair{
		ristretto.NewPoint().Mul(factor, p.Alpha).(*ristretto.Point),
		ristretto.NewPoint().Mul(factor, p.Beta).(*ristretto.Point),
	}
}

func (s *Sums) bucket(contest, unit int) *bucket {
	key := [2]int{contest, unit}
	b := s.buckets[key]
	if b == nil {
		b = &bucket{ballots: map[uint64]uint64{}}
		for range s.contests[contest] {
			b.sums = append(b.sums, zero())
		}
		s.buckets[key] = b
	}
	return b
}

// Cell is a union of units whose ballots of one contest are decrypted
// together, or withheld.
type Cell struct {
	Contest  int
	Units    []int
	Ballots  uint64
	Weight   uint64
	Withheld bool
	Counts   map[uint64]uint64 // ballots by weight
	Sums     []Pair            // nil without ballots
}

// Cells partitions a contest's units by S-33, in the manifest's order.
func (s *Sums) Cells(contest int) []Cell {
	var cells []*group
	var waiting *group
	for unit := range s.election.Manifest.Units {
		g := s.single(contest, unit)
		if waiting != nil {
			waiting.join(g)
			g, waiting = waiting, nil
		}
		if g.ballots() > 0 && !g.suffices(s.election.Manifest.MinimumCell) {
			waiting = g
			continue
		}
		cells = append(cells, g)
	}
	if waiting != nil {
		cells = s.settle(cells, waiting)
	}
	out := make([]Cell, len(cells))
	for i, g := range cells {
		out[i] = s.cell(contest, g)
	}
	return out
}

// settle lets what still waits at the end join the last cell with ballots, if
// the union suffices; else it stays, withheld.
func (s *Sums) settle(cells []*group, waiting *group) []*group {
	for i := len(cells) - 1; i >= 0; i-- {
		if cells[i].ballots() == 0 {
			continue
		}
		union := &group{units: append([]int(nil), cells[i].units...), weights: map[uint64]uint64{}}
		union.merge(cells[i].weights)
		union.join(waiting)
		if union.suffices(s.election.Manifest.MinimumCell) {
			cells[i] = union
			return cells
		}
		break
	}
	waiting.withheld = true
	return append(cells, waiting)
}

type group struct {
	units    []int
	weights  map[uint64]uint64 // ballots by weight
	withheld bool
}

func (s *Sums) single(contest, unit int) *group {
	g := &group{units: []int{unit}, weights: map[uint64]uint64{}}
	if b := s.buckets[[2]int{contest, unit}]; b != nil {
		g.merge(b.ballots)
	}
	return g
}

func (g *group) merge(weights map[uint64]uint64) {
	for w, n := range weights {
		g.weights[w] += n
	}
}

func (g *group) join(other *group) {
	g.units = append(g.units, other.units...)
	g.merge(other.weights)
}

func (g *group) ballots() uint64 {
	var n uint64
	for _, k := range g.weights {
		n += k
	}
	return n
}

func (g *group) suffices(minimum uint64) bool {
	for _, n := range g.weights {
		if n < minimum {
			return false
		}
	}
	return true
}

func (s *Sums) cell(contest int, g *group) Cell {
	c := Cell{Contest: contest, Units: g.units, Ballots: g.ballots(), Withheld: g.withheld, Counts: g.weights}
	for w, n := range g.weights {
		c.Weight += w * n
	}
	if c.Ballots == 0 {
		return c
	}
	for range s.contests[contest] {
		c.Sums = append(c.Sums, zero())
	}
	for _, unit := range g.units {
		b := s.buckets[[2]int{contest, unit}]
		if b == nil {
			continue
		}
		for j := range c.Sums {
			c.Sums[j].add(b.sums[j])
		}
	}
	return c
}

// Aggregate is the entry of a cell that is decrypted (S-34).
func (s *Sums) Aggregate(c Cell) message.Aggregate {
	contest := s.election.Manifest.Contests[c.Contest]
	out := message.Aggregate{
		Ballots: c.Ballots, Weight: c.Weight, Contest: contest.ID,
		Unit: s.election.Manifest.Units[c.Units[0]].ID, Units: s.UnitIDs(c),
	}
	for j, option := range manifest.Selections(contest) {
		out.Ciphertexts = append(out.Ciphertexts, message.Ciphertext{
			Alpha: proof.ElementOf(s.Weak, c.Sums[j].Alpha), Beta: proof.ElementOf(s.Weak, c.Sums[j].Beta), Option: option,
		})
	}
	return out
}

// UnitIDs names a cell's units.
func (s *Sums) UnitIDs(c Cell) []string {
	out := make([]string, len(c.Units))
	for i, u := range c.Units {
		out[i] = s.election.Manifest.Units[u].ID
	}
	return out
}

// Decrypted reports that a cell has an aggregate and is decrypted.
func (c Cell) Decrypted() bool { return c.Ballots > 0 && !c.Withheld }

// Aggregates lists what must follow the seal, in order (V-35).
func (s *Sums) Aggregates() []message.Aggregate {
	var out []message.Aggregate
	for contest := range s.election.Manifest.Contests {
		for _, c := range s.Cells(contest) {
			if c.Decrypted() {
				out = append(out, s.Aggregate(c))
			}
		}
	}
	return out
}
