package history

import (
	"fmt"
	"slices"
)

// Contest is what ground truth needs to know of a contest: which votes in it
// are lawful.
type Contest struct {
	ID      string
	Options []string
	// Min and Max bound the number of options of a vote that is not blank.
	Min, Max int
	// Blank says whether a blank vote is allowed.
	Blank bool
}

// Selection is a vote in one contest: some options, or blank, or neither.
type Selection struct {
	Options []string
	Blank   bool
}

// Vote is a vote in every contest of a ballot, by contest.
type Vote map[string]Selection

// Voter is a simulated voter.
type Voter struct {
	Name, Style, Unit string
	Weight            uint64
	// Intent is what the voter wants unless an operation says otherwise.
	Intent Vote
}

// Electorate is who may vote on what. The harness made it up, so it knows.
type Electorate struct {
	Contests []Contest
	// Styles maps a ballot style to its contests.
	Styles map[string][]string
	Units  []string
	Voters []Voter
	// Revote says that a voter's last ballot counts; otherwise the first.
	Revote bool
}

// Contest returns the contest of that id.
func (e *Electorate) Contest(id string) (Contest, bool) {
	for _, c := range e.Contests {
		if c.ID == id {
			return c, true
		}
	}
	return Contest{}, false
}

// Intended is the weight that the voters of a unit want to give to an option.
func (e *Electorate) Intended(unit, contest, option string) uint64 {
	var sum uint64
	for _, v := range e.Voters {
		if v.Unit == unit && slices.Contains(v.Intent[contest].Options, option) {
			sum += v.Weight
		}
	}
	return sum
}

// Voter returns the voter of that name.
func (e *Electorate) Voter(name string) (Voter, bool) {
	for _, v := range e.Voters {
		if v.Name == name {
			return v, true
		}
	}
	return Voter{}, false
}

// Lawful reports why v is not a lawful ballot of the style, or nil.
func (e *Electorate) Lawful(style string, v Vote) error {
	contests, ok := e.Styles[style]
	if !ok {
		return fmt.Errorf("unknown style %q", style)
	}
	for id := range v {
		if !slices.Contains(contests, id) {
			return fmt.Errorf("contest %q is not on a ballot of style %q", id, style)
		}
	}
	for _, id := range contests {
		c, _ := e.Contest(id)
		if err := c.Lawful(v[id]); err != nil {
			return err
		}
	}
	return nil
}

// Lawful reports why s is not a lawful vote in the contest, or nil.
func (c Contest) Lawful(s Selection) error {
	for i, o := range s.Options {
		switch {
		case !slices.Contains(c.Options, o):
			return fmt.Errorf("contest %q has no option %q", c.ID, o)
		case slices.Contains(s.Options[:i], o):
			return fmt.Errorf("option %q of contest %q is there twice", o, c.ID)
		}
	}
	n := len(s.Options)
	switch {
	case s.Blank && !c.Blank:
		return fmt.Errorf("contest %q allows no blank vote", c.ID)
	case s.Blank && n > 0:
		return fmt.Errorf("a blank vote in contest %q selects options", c.ID)
	case !s.Blank && n < c.Min:
		return fmt.Errorf("a vote in contest %q selects %d options, at least %d are needed", c.ID, n, c.Min)
	case n > c.Max:
		return fmt.Errorf("a vote in contest %q selects %d options, at most %d are allowed", c.ID, n, c.Max)
	}
	return nil
}
