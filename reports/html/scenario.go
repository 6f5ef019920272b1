package html

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"

	"scrutineer/reports/event"
	"scrutineer/reports/run"
)

// scenario is the section of one scenario.
type scenario struct {
	Anchor     string
	Info       event.ScenarioInfo
	References []reference
	// Standards groups the requirements touched.
	Standards []standard
	Cases     []subCase
	// Unexpected counts verdicts that are not as expected.
	Unexpected int
}

// reference is a publication; Link is empty or an http(s) address.
type reference struct {
	Text string
	Link string
}

type standard struct {
	Name    string
	Clauses []string
}

// subCase is one variant, its elections side by side.
type subCase struct {
	Anchor  string
	Info    event.SubCase
	Columns []column
	// Replays are the commands that repeat it, each once.
	Replays []string
	// Open is true where something is not as expected.
	Open bool
}

// column holds the elections of one kind of run.
type column struct {
	Run       event.RunKind
	Elections []election
	// Badges count the judgements of the elections.
	Badges []part
}

// Short heads the badges of a column.
func (c column) Short() string {
	switch c.Run {
	case event.Attack:
		return "sound system"
	case event.Planted:
		return "planted"
	}
	return "honest twin"
}

// election is one card.
type election struct {
	run.Election
	Steps []stepGroup
	// Load is the picture of a flood; nil where there was none.
	Load *load
	// Fold hides the steps behind a line: the second twin repeats the first.
	Fold bool
	// Flow is there where faults were injected.
	Flow *flow
}

// stepGroup is one step, or many of one race that stand together.
type stepGroup struct {
	event.Step
	// Racers are the steps of a race; nil for a single step.
	Racers               []event.Step
	OK, Refused, Unknown int
}

func newScenarios(in []run.Scenario) []scenario {
	out := make([]scenario, 0, len(in))
	for i, s := range in {
		v := scenario{Anchor: anchor(s.Info.ID, i), Info: s.Info, Standards: group(s.Info.Requirements)}
		for _, r := range s.Info.References {
			v.References = append(v.References, reference{r.Text, link(r.URL)})
		}
		for j, c := range s.SubCases {
			sub := newSubCase(c, fmt.Sprintf("%s-%d", v.Anchor, j+1))
			for _, e := range c.Elections {
				if e.Verdict.Surprising() {
					v.Unexpected++
					sub.Open = true
				}
			}
			v.Cases = append(v.Cases, sub)
		}
		out = append(out, v)
	}
	return out
}

func newSubCase(c run.SubCase, anchor string) subCase {
	sub := subCase{Anchor: anchor, Info: c.Info}
	for _, kind := range []event.RunKind{event.Attack, event.Planted, event.Twin} {
		col := column{Run: kind}
		for _, e := range c.Elections {
			if e.Verdict.Run != kind {
				continue
			}
			steps := groupSteps(e.Verdict.Steps)
			fold := kind == event.Twin && len(col.Elections) > 0 && len(steps) > 0 && !e.Verdict.Surprising()
			col.Elections = append(col.Elections, election{e, steps, newLoad(e.Verdict.Loads), fold, faulty(e.History)})
			col.Badges = addPart(col.Badges, e.Verdict)
			if r := e.Verdict.Replay; r != "" && !slices.Contains(sub.Replays, r) {
				sub.Replays = append(sub.Replays, r)
			}
		}
		sub.Columns = append(sub.Columns, col)
	}
	return sub
}

// faulty draws the flow of an election in which faults were injected.
func faulty(h *run.History) *flow {
	if h == nil || len(h.Flow.Faults) == 0 {
		return nil
	}
	return newFlow(h.Flow, h.Duration)
}

// plainID are ids that may serve as anchors.
var plainID = regexp.MustCompile(`^[A-Z][0-9]{1,3}$`)

// anchor is the scenario's id where it looks like one of the catalogue's, and
// otherwise its place.
func anchor(id string, i int) string {
	if plainID.MatchString(id) {
		return id
	}
	return fmt.Sprintf("scenario-%d", i+1)
}

// link returns address where it is an absolute http(s) URL.
func link(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return ""
	}
	return u.String()
}

func group(rs []event.Requirement) []standard {
	var out []standard
	for _, r := range rs {
		i := slices.IndexFunc(out, func(s standard) bool { return s.Name == r.Standard })
		if i < 0 {
			i = len(out)
			out = append(out, standard{Name: r.Standard})
		}
		out[i].Clauses = append(out[i].Clauses, r.Clause)
	}
	return out
}

// groupSteps folds neighbouring steps of one race into one.
func groupSteps(steps []event.Step) []stepGroup {
	var out []stepGroup
	for _, s := range steps {
		if n := len(out); s.Race == "" || n == 0 || out[n-1].Race != s.Race || out[n-1].Action != s.Action {
			out = append(out, stepGroup{Step: s})
			if s.Race == "" {
				continue
			}
		}
		g := &out[len(out)-1]
		g.Racers = append(g.Racers, s)
		switch s.Outcome {
		case event.OK:
			g.OK++
		case event.Refused:
			g.Refused++
		default:
			g.Unknown++
		}
	}
	return out
}
