package scenario

import (
	"fmt"
	"slices"

	"scrutineer/harness/history"
)

// election checks a filled election; at is where the file speaks of it.
func (c *checker) election(at string, e Election) {
	c.contests(at, e)
	if c.doc.Has(at+".styles") || c.doc.Has("election.styles") {
		c.styles(at, e) // the default style is sound if the contests are
	}
	c.units(at, e)
	c.number(at+".games", e.Games, 0, 4096)
	c.number(at+".deep", e.Deep, 0, 4096)
	c.groups(at, e)
	c.number(at+".trustees", e.Trustees, 1, 64)
	c.number(at+".witnesses", e.Witnesses, 1, 64)
	c.number(at+".cell", e.Cell, 1, 1000)
	if 2*e.Threshold <= e.Trustees || e.Threshold > e.Trustees {
		c.doc.Add(at+".threshold", fmt.Sprintf("threshold %d does not fit %d trustees", e.Threshold, e.Trustees),
			"take more than half of them")
	}
	if 2*e.Quorum <= e.Witnesses || e.Quorum > e.Witnesses {
		c.doc.Add(at+".quorum", fmt.Sprintf("quorum %d does not fit %d witnesses", e.Quorum, e.Witnesses),
			"take more than half of them")
	}
}

func (c *checker) contests(at string, e Election) {
	if len(e.Contests) == 0 || len(e.Contests) > 256 {
		c.doc.Add(at+".contests", fmt.Sprintf("%d contests; there must be 1 to 256", len(e.Contests)), "")
	}
	for i, k := range e.Contests {
		here := fmt.Sprintf("%s.contests[%d]", at, i)
		c.form(here+".id", k.ID, nameForm, "a contest's id is lower-case letters, digits and hyphens")
		if first, _ := e.contest(k.ID); i > 0 && slices.Contains(e.contestIDs()[:i], first.ID) {
			c.doc.Add(here+".id", fmt.Sprintf("contest %q is there twice", k.ID), "give it another id")
		}
		if len(k.Options) == 0 || len(k.Options) > 256 {
			c.doc.Add(here+".options", fmt.Sprintf("%d options; there must be 1 to 256", len(k.Options)), "")
		}
		for j, o := range k.Options {
			c.form(fmt.Sprintf("%s.options[%d]", here, j), o, nameForm, "an option's id is lower-case letters, digits and hyphens")
			if o == "blank" {
				c.doc.Add(fmt.Sprintf("%s.options[%d]", here, j), "no option may be called blank", "write blank: true in the contest")
			}
		}
		distinct(c, here+".options", k.Options)
		c.number(here+".max", k.Max, 1, len(k.Options))
		c.number(here+".min", k.Min, 0, k.Max)
		c.number(here+".seats", k.Seats, 1, len(k.Options))
	}
}

func (c *checker) styles(at string, e Election) {
	for i, s := range e.Styles {
		here := fmt.Sprintf("%s.styles[%d]", at, i)
		c.form(here+".id", s.ID, nameForm, "a ballot style's id is lower-case letters, digits and hyphens")
		if slices.Contains(e.styleIDs()[:i], s.ID) {
			c.doc.Add(here+".id", fmt.Sprintf("ballot style %q is there twice", s.ID), "give it another id")
		}
		if len(s.Contests) == 0 {
			c.doc.Add(here+".contests", "the list is empty", "")
		}
		distinct(c, here+".contests", s.Contests)
		for j, id := range s.Contests {
			c.member(fmt.Sprintf("%s.contests[%d]", here, j), "contest", id, e.contestIDs())
		}
	}
}

func (c *checker) units(at string, e Election) {
	for i, u := range e.Units {
		c.form(fmt.Sprintf("%s.units[%d]", at, i), u, nameForm, "a unit's id is lower-case letters, digits and hyphens")
	}
	distinct(c, at+".units", e.Units)
}

func (c *checker) groups(at string, e Election) {
	if len(e.Voters) == 0 {
		c.doc.Add(at+".voters", "the list is empty", "an election has at least one voter")
	}
	seen := map[string]bool{}
	total := 0
	for i, g := range e.Voters {
		here := fmt.Sprintf("%s.voters[%d]", at, i)
		c.form(here+".name", g.Name, nameForm, "a voter's name is lower-case letters, digits and hyphens")
		c.member(here+".style", "ballot style", g.Style, e.styleIDs())
		c.member(here+".unit", "unit", g.Unit, e.Units)
		c.number(here+".count", g.Count, 1, maxVoters)
		c.each(here, e, i)
		if g.Weight > maxWeight {
			c.doc.Add(here+".weight", fmt.Sprintf("weight %d is above %d", g.Weight, maxWeight), "")
		}
		if g.Count < 1 || g.Count > maxVoters {
			continue
		}
		total += g.Count
		names := g.Members()
		if g.Count > 1 {
			names = append(names, g.Name)
		}
		for _, name := range names {
			if seen[name] {
				c.doc.Add(here+".name", fmt.Sprintf("voter %q is there twice", name), "give the group another name")
				break
			}
			seen[name] = true
		}
		c.lawful(here+".choices", g.Choices, e)
	}
	if total > maxVoters {
		c.doc.Add(at+".voters", fmt.Sprintf("%d voters are more than %d", total, maxVoters), "")
	}
}

// each checks how a group is spread over units, and whom it votes against.
func (c *checker) each(here string, e Election, i int) {
	g := e.Voters[i]
	if g.Each > 0 && g.Count != g.Each*len(e.Units) {
		c.doc.Add(here+".each", "a group with each has neither count nor unit", "remove them")
	}
	if g.Against == "" {
		return
	}
	other := slices.IndexFunc(e.Voters[:i], func(o VoterGroup) bool { return o.Name == g.Against })
	if other < 0 {
		c.member(here+".against", "group before this one", g.Against, e.groupNames()[:i])
		return
	}
	if o := e.Voters[other]; o.Count != g.Count || o.Style != g.Style {
		c.doc.Add(here+".against", fmt.Sprintf("group %q has another number of voters or another ballot style", g.Against), "pair them one to one")
	}
	for _, k := range e.Contests {
		if len(k.Options) < 2 || k.Min != 1 || k.Max != 1 {
			c.doc.Add(here+".against", fmt.Sprintf("contest %q is no choice of one", k.ID), "give it two options or more, min: 1, max: 1")
		}
	}
}

// lawful checks choices against the contests; it reports whether they are
// fine.
func (c *checker) lawful(at string, choices map[string][]string, e Election) bool {
	fine := true
	for _, k := range e.Contests {
		want, ok := choices[k.ID]
		if !ok {
			continue
		}
		contest := history.Contest{ID: k.ID, Options: k.Options, Min: k.Min, Max: k.Max, Blank: k.Blank}
		if err := contest.Lawful(selection(want)); err != nil {
			c.doc.Add(at+"."+k.ID, err.Error(), "")
			fine = false
		}
	}
	for id := range choices {
		if _, ok := e.contest(id); !ok {
			c.member(at+"."+id, "contest", id, e.contestIDs())
			fine = false
		}
	}
	return fine
}

func (c *checker) number(at string, n, low, high int) {
	if n < low || n > high {
		c.doc.Add(at, fmt.Sprintf("%d is out of range, %d to %d is allowed", n, low, high), "")
	}
}
