package rules

import (
	"reflect"
	"slices"

	"go.dedis.ch/kyber/v3"

	"scrutineer/protocols/codec"
	"scrutineer/protocols/counting"
	"scrutineer/protocols/message"
	"scrutineer/protocols/ristretto"
	"scrutineer/reference-evoting/manifest"
	"scrutineer/reference-evoting/proof"
	"scrutineer/reference-evoting/tally"
	"scrutineer/reference-evoting/weakness"
)

// Compute makes the result from the shares on the board (S-36, S-37). Quorum
// must hold. It fails with tally.ErrNoLogarithm where a cell does not decrypt
// to possible totals.
func (s *State) Compute(logs *tally.Logarithms) (message.Result, error) {
	return s.compute(func(p kyber.Point, cell tally.Cell, _, _ int) (uint64, error) {
		return logs.Find(p.(*ristretto.Point), cell.Weight)
	})
}

// solve finds the total that an exponent stands for: cell and selection say
// which of the contest's it is.
type solve func(p kyber.Point, cell tally.Cell, place, selection int) (uint64, error)

func (s *State) compute(find solve) (message.Result, error) {
	out := message.Result{Root: s.seal.Root, Uncounted: s.Uncounted(), Version: 1}
	for i, contest := range s.election.Manifest.Contests {
		r := message.ContestResult{Contest: contest.ID, Totals: make([]uint64, len(manifest.Selections(contest)))}
		for place, cell := range s.sums.Cells(i) {
			published, err := s.cell(cell, place, find)
			if err != nil {
				return out, err
			}
			for j, t := range published.Totals {
				r.Totals[j] += t
			}
			r.Cells = append(r.Cells, published)
		}
		outcome, err := Outcome(contest, r.Totals)
		if err != nil {
			return out, err
		}
		r.Outcome = outcome
		out.Contests = append(out.Contests, r)
	}
	return out, nil
}

func (s *State) cell(cell tally.Cell, place int, find solve) (message.Cell, error) {
	units := s.sums.UnitIDs(cell)
	out := message.Cell{
		Ballots: cell.Ballots, Weight: cell.Weight, Unit: units[0], Units: units,
		Withheld: cell.Withheld, Totals: []uint64{},
	}
	contest := s.election.Manifest.Contests[cell.Contest]
	switch {
	case cell.Withheld:
		return out, nil
	case cell.Ballots == 0:
		out.Totals = make([]uint64, len(manifest.Selections(contest)))
		return out, nil
	}
	exponents, err := s.exponents(s.standing(cell))
	if err != nil {
		return out, err
	}
	for j, p := range exponents {
		total, err := find(p, cell, place, j)
		if err != nil {
			return out, err
		}
		out.Totals = append(out.Totals, total)
	}
	return out, nil
}

// Outcome applies the contest's counting method to its totals.
func Outcome(contest message.Contest, totals []uint64) (message.Outcome, error) {
	counted, err := counting.Plurality(totals[:len(contest.Options)], int(contest.Method.Seats))
	if err != nil {
		return message.Outcome{}, err
	}
	out := message.Outcome{Kind: contest.Method.Kind, Winners: []string{}, Tied: []string{}}
	for _, i := range counted.Winners {
		out.Winners = append(out.Winners, contest.Options[i].ID)
	}
	for _, i := range counted.Tied {
		out.Tied = append(out.Tied, contest.Options[i].ID)
	}
	return out, nil
}

// planResult makes V-38 to V-43. No logarithm is sought: the published totals
// are put in the exponent and compared.
func (s *State) planResult(e message.Entry, body codec.Raw) (effect, *Fault) {
	if fault := s.signed(e, body, message.RoleAuthority, s.print); fault != nil {
		return nil, fault
	}
	m, fault := decode[message.Result](s.weak, body)
	if fault != nil {
		return nil, fault
	}
	if m.Root != s.seal.Root || m.Version != 1 {
		return nil, broken("V-43", "is version %d for the root %s", m.Version, m.Root)
	}
	fault = s.follows(&m)
	if !s.weak.Widen(weakness.Vacuous, fault == nil, func() bool { return len(s.tallying.cells) == 0 }) {
		return nil, fault
	}
	return func() error {
		s.result = &m
		s.phase = message.PhasePublished
		return nil
	}, nil
}

// follows makes V-38 to V-42: the result is what the shares give.
func (s *State) follows(m *message.Result) *Fault {
	if !s.Quorum() {
		return broken("V-38", "comes before %d trustees have given their shares of each cell", s.election.Manifest.Threshold)
	}
	return s.published(m)
}

func (s *State) published(m *message.Result) *Fault {
	if len(m.Contests) != len(s.election.Manifest.Contests) {
		return broken("V-41", "has %d contests, the manifest %d", len(m.Contests), len(s.election.Manifest.Contests))
	}
	for i := range m.Contests {
		if fault := s.bounds(i, &m.Contests[i]); fault != nil {
			return fault
		}
	}
	var wrong *Fault
	want, err := s.compute(func(p kyber.Point, cell tally.Cell, place, selection int) (uint64, error) {
		total := m.Contests[cell.Contest].Cells[place].Totals[selection]
		if !p.Equal(ristretto.NewPoint().Mul(proof.Uint(total), nil)) && wrong == nil {
			wrong = broken("V-39", "the total %d of selection %d, contest %s, is not what the shares decrypt to", total, selection, m.Contests[cell.Contest].Contest)
		}
		return total, nil
	})
	switch {
	case wrong != nil:
		return wrong
	case err != nil:
		return broken("V-41", "%v", err)
	}
	for i, c := range want.Contests {
		if !slices.Equal(c.Totals, m.Contests[i].Totals) {
			return broken("V-41", "the totals of contest %s are not the sums over its cells", c.Contest)
		}
		if kind := m.Contests[i].Outcome.Kind; s.weak.Has(weakness.Vacuous) && kind != c.Outcome.Kind {
			want.Contests[i].Outcome = m.Contests[i].Outcome
		}
	}
	if !reflect.DeepEqual(want, *m) {
		return broken("V-42", "is not what totals and counting method give")
	}
	return nil
}

// bounds makes V-40 and the part of V-41 that keeps indices within range.
func (s *State) bounds(place int, r *message.ContestResult) *Fault {
	contest := s.election.Manifest.Contests[place]
	cells := s.sums.Cells(place)
	if r.Contest != contest.ID || len(r.Cells) != len(cells) {
		return broken("V-41", "contest %q with %d cells, want %q with %d", r.Contest, len(r.Cells), contest.ID, len(cells))
	}
	for i, c := range r.Cells {
		want := cells[i]
		units := s.sums.UnitIDs(want)
		if !slices.Equal(c.Units, units) || c.Unit != units[0] || c.Withheld != want.Withheld ||
			c.Ballots != want.Ballots || c.Weight != want.Weight {
			return broken("V-41", "cell %d of contest %s is not the one recomputed", i, contest.ID)
		}
		if !want.Withheld && len(c.Totals) != len(manifest.Selections(contest)) || want.Withheld && len(c.Totals) != 0 {
			return broken("V-41", "cell %d of contest %s has %d totals", i, contest.ID, len(c.Totals))
		}
		if fault := totalsFit(contest, c); fault != nil {
			return fault
		}
	}
	return nil
}

func totalsFit(contest message.Contest, c message.Cell) *Fault {
	if c.Withheld {
		return nil
	}
	var sum uint64
	for j, t := range c.Totals {
		if t > c.Weight {
			return broken("V-40", "the total %d in contest %s, unit %s is above the weight %d", t, contest.ID, c.Unit, c.Weight)
		}
		factor := uint64(1)
		if contest.Blank && j == len(c.Totals)-1 {
			factor = contest.Max
		}
		sum += factor * t
	}
	if sum > contest.Max*c.Weight || sum < contest.Min*c.Weight {
		return broken("V-40", "the totals of contest %s, unit %s add up to %d with weight %d", contest.ID, c.Unit, sum, c.Weight)
	}
	return nil
}
