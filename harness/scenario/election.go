package scenario

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"scrutineer/harness/history"
)

// Limits of an election in a scenario.
const (
	maxVoters = 20000
	maxWeight = 1_000_000
)

// Election is what the election of a scenario looks like. Zero values are
// filled in by defaults.
type Election struct {
	Title    string    `yaml:"title"`
	Contests []Contest `yaml:"contests" need:"yes"`
	Styles   []Style   `yaml:"styles"`
	Units    []string  `yaml:"units"`
	// Games is how many rounds of a game of chance are played, each in a unit
	// of its own: round-1, round-2 and so on take the place of Units. Deep is
	// how many they are in a run of full depth, where that is more.
	Games  int          `yaml:"games" min:"1"`
	Deep   int          `yaml:"deep" min:"1"`
	Voters []VoterGroup `yaml:"voters" need:"yes"`
	// Trustees and Threshold, Witnesses and Quorum are numbers of them.
	Trustees  int `yaml:"trustees" min:"1"`
	Threshold int `yaml:"threshold" min:"1"`
	Witnesses int `yaml:"witnesses" min:"1"`
	Quorum    int `yaml:"quorum" min:"1"`
	// Cell is the smallest number of ballots behind a published total.
	Cell     int      `yaml:"cell" min:"1"`
	Revote   Revote   `yaml:"revote"`
	Identity Identity `yaml:"identity"`
	// Publishing says whether results are published on channels beside the
	// board, and when they are out.
	Publishing Publishing `yaml:"publishing"`
}

// Contest is one question. Max is 1 where it is not given.
type Contest struct {
	ID      string   `yaml:"id" need:"yes"`
	Title   string   `yaml:"title"`
	Options []string `yaml:"options" need:"yes"`
	Min     int      `yaml:"min"`
	Max     int      `yaml:"max" min:"1"`
	Blank   bool     `yaml:"blank"`
	Seats   int      `yaml:"seats" min:"1"`
}

// Style is a ballot style: which contests are on it.
type Style struct {
	ID       string   `yaml:"id" need:"yes"`
	Contests []string `yaml:"contests" need:"yes"`
}

// VoterGroup is one voter, or several alike. A single voter has the group's
// name, the others that name with "-1", "-2" and so on.
type VoterGroup struct {
	Name  string `yaml:"name" need:"yes"`
	Count int    `yaml:"count" min:"1"`
	// Each is how many of the group there are in every unit, in place of Count
	// and Unit.
	Each   int    `yaml:"each" min:"1"`
	Style  string `yaml:"style"`
	Unit   string `yaml:"unit"`
	Weight uint64 `yaml:"weight" min:"1"`
	// Choices is what all of them want: options by contest; [blank] is a blank
	// vote, [] selects nothing. A contest that is not named is decided by
	// Pattern.
	Choices map[string][]string `yaml:"choices"`
	Pattern Pattern             `yaml:"pattern"`
	// Against is a group before this one: its n-th voter decides, and the n-th
	// of this group wants the other one of the first two options. Together the
	// two of them add nothing to the result, whoever of them wants what.
	Against string `yaml:"against"`
}

// Overlay is an election's settings in a sub-case: those given replace the
// scenario's.
type Overlay struct {
	Title     string       `yaml:"title"`
	Contests  []Contest    `yaml:"contests"`
	Styles    []Style      `yaml:"styles"`
	Units     []string     `yaml:"units"`
	Games     int          `yaml:"games" min:"1"`
	Deep      int          `yaml:"deep" min:"1"`
	Voters    []VoterGroup `yaml:"voters"`
	Trustees  int          `yaml:"trustees" min:"1"`
	Threshold int          `yaml:"threshold" min:"1"`
	Witnesses int          `yaml:"witnesses" min:"1"`
	Quorum    int          `yaml:"quorum" min:"1"`
	Cell      int          `yaml:"cell" min:"1"`
	Revote    Revote       `yaml:"revote"`
	Identity  Identity     `yaml:"identity"`

	Publishing Publishing `yaml:"publishing"`
}

// with returns e with the settings that o gives. The slices are shared.
func (e Election) with(o *Overlay) Election {
	if o == nil {
		return e
	}
	replace(&e.Title, o.Title)
	replace(&e.Trustees, o.Trustees)
	replace(&e.Threshold, o.Threshold)
	replace(&e.Witnesses, o.Witnesses)
	replace(&e.Quorum, o.Quorum)
	replace(&e.Cell, o.Cell)
	replace(&e.Revote, o.Revote)
	replace(&e.Identity, o.Identity)
	replace(&e.Publishing, o.Publishing)
	replace(&e.Games, o.Games)
	replace(&e.Deep, o.Deep)
	replaceList(&e.Contests, o.Contests)
	replaceList(&e.Styles, o.Styles)
	replaceList(&e.Units, o.Units)
	replaceList(&e.Voters, o.Voters)
	return e
}

// deepened is the election of a run of full depth.
func (e Election) deepened() Election {
	e.Games = max(e.Games, e.Deep)
	return e
}

func replace[T comparable](to *T, by T) {
	var zero T
	if by != zero {
		*to = by
	}
}

func replaceList[T any](to *[]T, by []T) {
	if len(by) > 0 {
		*to = by
	}
}

// filled returns e with defaults in place of zero values; no slice is shared.
func (e Election) filled() Election {
	fill(&e.Title, "Test election")
	fill(&e.Trustees, 3)
	fill(&e.Threshold, e.Trustees/2+1)
	fill(&e.Witnesses, 3)
	fill(&e.Quorum, e.Witnesses/2+1)
	fill(&e.Cell, 1)
	fill(&e.Revote, "last-counts")
	fill(&e.Identity, "none")
	fill(&e.Publishing, "none")
	e.Contests = append([]Contest(nil), e.Contests...)
	for i := range e.Contests {
		c := &e.Contests[i]
		fill(&c.Title, c.ID)
		fill(&c.Max, 1)
		fill(&c.Seats, 1)
	}
	if e.Games > 0 {
		e.Units = make([]string, e.Games)
		for i := range e.Units {
			e.Units[i] = fmt.Sprintf("round-%d", i+1)
		}
	}
	if len(e.Units) == 0 {
		e.Units = []string{"all"}
	}
	if len(e.Styles) == 0 {
		all := Style{ID: "all"}
		for _, c := range e.Contests {
			all.Contests = append(all.Contests, c.ID)
		}
		e.Styles = []Style{all}
	}
	e.Voters = append([]VoterGroup(nil), e.Voters...)
	for i := range e.Voters {
		g := &e.Voters[i]
		if g.Each > 0 && g.Count == 0 && g.Unit == "" {
			g.Count = g.Each * len(e.Units)
		}
		fill(&g.Count, 1)
		fill(&g.Weight, 1)
		fill(&g.Style, e.Styles[0].ID)
		fill(&g.Unit, e.Units[0])
		fill(&g.Pattern, "seed")
	}
	return e
}

func fill[T comparable](to *T, by T) {
	var zero T
	if *to == zero {
		*to = by
	}
}

// Members returns the names of a group's voters.
func (g VoterGroup) Members() []string {
	if g.Count == 1 {
		return []string{g.Name}
	}
	out := make([]string, g.Count)
	for i := range out {
		out[i] = fmt.Sprintf("%s-%d", g.Name, i+1)
	}
	return out
}

// Electorate returns the voters with what each of them wants. What the
// scenario leaves open is drawn from r, so equal sources give equal voters.
func (e Election) Electorate(r *rand.Rand) *history.Electorate {
	out := &history.Electorate{Styles: map[string][]string{}, Units: e.Units, Revote: e.Revote == "last-counts"}
	for _, c := range e.Contests {
		out.Contests = append(out.Contests, history.Contest{ID: c.ID, Options: c.Options, Min: c.Min, Max: c.Max, Blank: c.Blank})
	}
	for _, s := range e.Styles {
		out.Styles[s.ID] = s.Contests
	}
	for _, g := range e.Voters {
		for i, name := range g.Members() {
			v := history.Voter{Name: name, Style: g.Style, Unit: e.unitOf(g, i), Weight: g.Weight, Intent: history.Vote{}}
			for _, id := range out.Styles[g.Style] {
				c, _ := out.Contest(id)
				switch want, ok := g.Choices[id]; {
				case ok:
					v.Intent[id] = selection(want)
				case g.Against != "":
					v.Intent[id] = e.opposite(out, g, i, c)
				case g.Pattern == "spread":
					v.Intent[id] = spread(c, i)
				default:
					v.Intent[id] = draw(c, r)
				}
			}
			out.Voters = append(out.Voters, v)
		}
	}
	return out
}

// unitOf is where the i-th voter of a group votes.
func (e Election) unitOf(g VoterGroup, i int) string {
	if g.Each > 0 {
		return e.Units[i/g.Each%len(e.Units)]
	}
	return g.Unit
}

// opposite is the one of a contest's first two options that the i-th voter of
// the group before has not taken. The checker sees to there being one.
func (e Election) opposite(so *history.Electorate, g VoterGroup, i int, c history.Contest) history.Selection {
	for _, other := range e.Voters {
		if other.Name != g.Against {
			continue
		}
		if v, ok := so.Voter(other.Members()[i]); ok && slices.Equal(v.Intent[c.ID].Options, c.Options[:1]) {
			return history.Selection{Options: c.Options[1:2]}
		}
	}
	return history.Selection{Options: c.Options[:1]}
}

// selection reads a list of options as the scenario file writes it.
func selection(options []string) history.Selection {
	if len(options) == 1 && options[0] == "blank" {
		return history.Selection{Blank: true}
	}
	return history.Selection{Options: options}
}

// spread gives the i-th voter the i-th options in turn, as few as lawful but
// at least one.
func spread(c history.Contest, i int) history.Selection {
	var s history.Selection
	for k := range max(c.Min, 1) {
		s.Options = append(s.Options, c.Options[(i+k)%len(c.Options)])
	}
	return s
}

// draw returns a lawful vote: blank one time in eight where that is allowed,
// otherwise a uniform number of options and a uniform set of that size, in the
// contest's order.
func draw(c history.Contest, r *rand.Rand) history.Selection {
	if c.Blank && r.IntN(8) == 0 {
		return history.Selection{Blank: true}
	}
	n := c.Min + r.IntN(c.Max-c.Min+1)
	var s history.Selection
	for i, o := range c.Options {
		if r.IntN(len(c.Options)-i) < n-len(s.Options) {
			s.Options = append(s.Options, o)
		}
	}
	return s
}
