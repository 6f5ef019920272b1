package history

import "slices"

// crowd are free voters who are alike.
type crowd struct {
	voter Voter
	count int64
	// present is how many of them have a ballot, while it is being tried.
	present int64
}

// freeFit says whether lawful ballots of the free voters, or none, add up to
// the rest.
func (s *search) freeFit() bool {
	var crowds []*crowd
	for _, v := range s.free {
		i := slices.IndexFunc(crowds, func(c *crowd) bool {
			return c.voter.Style == v.Style && c.voter.Unit == v.Unit && c.voter.Weight == v.Weight
		})
		if i < 0 {
			crowds = append(crowds, &crowd{voter: v, count: 1})
			continue
		}
		crowds[i].count++
	}
	return s.attend(crowds, 0)
}

// attend tries how many voters of crowds i.. have a ballot.
func (s *search) attend(crowds []*crowd, i int) bool {
	s.nodes--
	if s.nodes <= 0 {
		return false
	}
	if i == len(crowds) {
		return s.cellsFit(crowds)
	}
	for n := int64(0); n <= crowds[i].count; n++ {
		crowds[i].present = n
		if s.attend(crowds, i+1) {
			return true
		}
	}
	return false
}

// cellsFit looks at each cell by itself: once it is known who has a ballot,
// the contests do not depend on each other.
func (s *search) cellsFit(crowds []*crowd) bool {
	for i, cell := range s.g.cells {
		if cell.Withheld {
			continue
		}
		contest, _ := s.g.e.Contest(cell.Contest)
		var classes []class
		var ballots int64
		for _, c := range crowds {
			if c.present == 0 || !slices.Contains(cell.Units, c.voter.Unit) || !slices.Contains(s.g.e.Styles[c.voter.Style], cell.Contest) {
				continue
			}
			ballots += c.present
			k := slices.IndexFunc(classes, func(x class) bool { return x.weight == int64(c.voter.Weight) })
			if k < 0 {
				classes = append(classes, class{int64(c.voter.Weight), c.present})
				continue
			}
			classes[k].count += c.present
		}
		n := len(contest.Options)
		rest := s.g.rest[s.g.first[i] : s.g.first[i]+n+1]
		if cell.Ballots != nil && s.g.rest[s.g.first[i]+n+1] != ballots {
			return false
		}
		if !s.classesFit(contest, classes, slices.Clone(rest)) {
			return false
		}
	}
	return true
}

// class are present voters of one weight.
type class struct{ weight, count int64 }

// classesFit says whether lawful votes of the classes add up to rest, the
// weights of the options and then of blank.
func (s *search) classesFit(c Contest, classes []class, rest []int64) bool {
	s.nodes--
	if s.nodes <= 0 {
		return false
	}
	switch len(classes) {
	case 0:
		return !slices.ContainsFunc(rest, func(n int64) bool { return n != 0 })
	case 1:
		return fits(c, classes[0], rest)
	}
	return s.share(c, classes, rest, make([]int64, len(rest)), 0)
}

// share tries the totals of the first class figure by figure from k on, and
// leaves the rest to the other classes.
func (s *search) share(c Contest, classes []class, rest, part []int64, k int) bool {
	s.nodes--
	if s.nodes <= 0 {
		return false
	}
	if k == len(rest) {
		left := slices.Clone(rest)
		for j := range left {
			left[j] -= part[j]
		}
		return fits(c, classes[0], part) && s.classesFit(c, classes[1:], left)
	}
	for n := int64(0); n <= classes[0].count && n*classes[0].weight <= rest[k]; n++ {
		part[k] = n * classes[0].weight
		if s.share(c, classes, rest, part, k+1) {
			return true
		}
	}
	part[k] = 0
	return false
}

// fits says whether exactly that many voters of one weight can have these
// totals with lawful votes. Of p voters b are blank; the others v = p − b can
// be given the marks in turn, so that their numbers of marks differ by one at
// most: that is lawful if no option has more than v marks and all marks
// together are between v·min and v·max (Gale and Ryser for balanced rows).
func fits(c Contest, k class, totals []int64) bool {
	var marks int64
	for _, n := range totals {
		if n < 0 || n%k.weight != 0 {
			return false
		}
	}
	blanks := totals[len(totals)-1] / k.weight
	if blanks > k.count || blanks > 0 && !c.Blank {
		return false
	}
	voters := k.count - blanks
	for _, n := range totals[:len(totals)-1] {
		if n/k.weight > voters {
			return false
		}
		marks += n / k.weight
	}
	return voters*int64(c.Min) <= marks && marks <= voters*int64(c.Max)
}
