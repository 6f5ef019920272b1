package html

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"scrutineer/reports/event"
	"scrutineer/reports/run"
)

// anchors finds the section of a scenario by its id.
type anchors map[string]string

func newAnchors(scenarios []scenario) anchors {
	a := anchors{}
	for _, s := range scenarios {
		a[s.Info.ID] = s.Anchor
	}
	return a
}

// grid is the kill matrix with a column for the sound system, one for the
// honest twins and one for each planted set.
type grid struct {
	Sets   [][]string
	Groups []gridGroup
	// Full is true where the run crossed every sub-case with every set.
	Full bool
}

// gridGroup are the rows of one scenario.
type gridGroup struct {
	Scenario, Anchor string
	Rows             []gridRow
}

type gridRow struct {
	SubCase string
	Cells   []square
}

// square is one cell. The zero square means that nothing ran.
type square struct {
	Judgement event.Judgement
	Diagonal  bool
	Bad       bool
	// Text says everything that the picture says.
	Text string
}

// newGrid lays out the cells of the matrix, or those that the verdicts of an
// ordinary run give: the sound system and the diagonal.
func newGrid(r *run.Run, a anchors) grid {
	cells := r.Matrix
	if len(cells) == 0 {
		cells = diagonal(r)
	}
	m := run.NewMatrix(cells)
	g := grid{Sets: m.Sets, Full: len(r.Matrix) > 0}
	twins := twinSquares(r)
	for _, row := range m.Rows {
		out := gridRow{SubCase: row.SubCase, Cells: []square{newSquare(row.Sound), twins[[2]string{row.Scenario, row.SubCase}]}}
		for _, c := range row.Cells {
			out.Cells = append(out.Cells, newSquare(c))
		}
		if n := len(g.Groups); n == 0 || g.Groups[n-1].Scenario != row.Scenario {
			g.Groups = append(g.Groups, gridGroup{Scenario: row.Scenario, Anchor: a[row.Scenario]})
		}
		last := &g.Groups[len(g.Groups)-1]
		last.Rows = append(last.Rows, out)
	}
	return g
}

func newSquare(c *event.MatrixCell) square {
	if c == nil {
		return square{}
	}
	s := square{Judgement: c.Judgement, Diagonal: c.Diagonal, Bad: !c.OK, Text: string(c.Judgement)}
	if c.Diagonal {
		s.Text += ", with the weakness that this attack needs"
	}
	if !c.OK {
		s.Text += ", not as it must be"
	}
	if c.Note != "" {
		s.Text += ": " + c.Note
	}
	return s
}

// diagonal returns the cells that verdicts give.
func diagonal(r *run.Run) []event.MatrixCell {
	var out []event.MatrixCell
	for _, s := range r.Scenarios {
		for _, c := range s.SubCases {
			for _, e := range c.Elections {
				v := e.Verdict
				if v.Run == event.Twin {
					continue
				}
				out = append(out, event.MatrixCell{Scenario: v.Scenario, SubCase: v.SubCase, Planted: v.Planted,
					Judgement: v.Judgement, Diagonal: v.Run == event.Planted, OK: v.AsExpected})
			}
		}
	}
	return out
}

// twinSquares shows for each sub-case its twin, one that is not as expected
// first.
func twinSquares(r *run.Run) map[[2]string]square {
	out := map[[2]string]square{}
	for _, s := range r.Scenarios {
		for _, c := range s.SubCases {
			for _, e := range c.Elections {
				v := e.Verdict
				key := [2]string{v.Scenario, v.SubCase}
				if old, ok := out[key]; v.Run != event.Twin || ok && (old.Bad || v.AsExpected) {
					continue
				}
				sq := square{Judgement: v.Judgement, Bad: !v.AsExpected, Text: "honest twin " + string(v.Judgement)}
				if sq.Bad {
					sq.Text += ", not as expected"
				}
				out[key] = sq
			}
		}
	}
	return out
}

// coverage is the picture of ENISA's lifecycle against the vectors.
type coverage struct {
	Stages  []stageGroup
	Columns []string
	Rows    []coverageRow
}

// stageGroup is a phase of the lifecycle with the number of its columns.
type stageGroup struct {
	Name  string
	Width int
}

type coverageRow struct {
	Vector string
	Cells  [][]chip
	// Covered is true where at least one scenario stands in the row.
	Covered bool
}

// chip is a scenario in the picture.
type chip struct {
	ID, Anchor, Title string
	Bad               bool
}

const otherPlace = "other"

// newCoverage places each scenario. Phases and vectors that nothing covers
// stay visible, because a gap is what a reader looks for.
func newCoverage(scenarios []scenario) coverage {
	stages := []string{"register", "campaign", "voting/setup", "voting/cast", "voting/close", "results/tally", "results/publish"}
	vectors := []string{"spear-phishing", "data-theft", "disinformation", "malware", "ddos", "insider", "protocol", "implementation", "supply-chain"}
	place := func(known []string, s string) int { return slices.Index(known, s) }
	for _, s := range scenarios {
		if place(stages, s.Info.Stage) < 0 && !slices.Contains(stages, otherPlace) {
			stages = append(stages, otherPlace)
		}
		if place(vectors, s.Info.Vector) < 0 && !slices.Contains(vectors, otherPlace) {
			vectors = append(vectors, otherPlace)
		}
	}
	c := coverage{}
	for _, v := range vectors {
		c.Rows = append(c.Rows, coverageRow{Vector: v, Cells: make([][]chip, len(stages))})
	}
	for _, s := range stages {
		phase, sub, _ := strings.Cut(s, "/")
		if n := len(c.Stages); n == 0 || c.Stages[n-1].Name != phase {
			c.Stages = append(c.Stages, stageGroup{Name: phase})
		}
		c.Stages[len(c.Stages)-1].Width++
		c.Columns = append(c.Columns, sub)
	}
	for _, s := range scenarios {
		row, col := place(vectors, s.Info.Vector), place(stages, s.Info.Stage)
		if row < 0 {
			row = len(vectors) - 1
		}
		if col < 0 {
			col = len(stages) - 1
		}
		c.Rows[row].Covered = true
		c.Rows[row].Cells[col] = append(c.Rows[row].Cells[col],
			chip{ID: s.Info.ID, Anchor: s.Anchor, Title: s.Info.Title, Bad: s.Unexpected > 0})
	}
	return c
}

// timeline shows which election ran when.
type timeline struct {
	Width, Height int
	Bars          []bar
	Ticks         []tick
	// Table holds the same in words.
	Table []barRow
	Lanes int
}

// bar is a rectangle of the picture; the unit is about a pixel.
type bar struct {
	X, Y, W, H int
	Class      string
	Text       string
	Bad        bool
}

type tick struct {
	X    int
	Text string
}

type barRow struct {
	Start, Duration int64
	Name            string
	Run             event.RunKind
	Planted         []string
	Judgement       string
	Bad             bool
}

// Measures of the timeline's picture.
const (
	timeWidth = 1000
	laneStep  = 12
	laneTall  = 9
	axisTall  = 26
	maxBars   = 3000
)

func newTimeline(r *run.Run) timeline {
	rows := timeRows(r)
	if len(rows) == 0 {
		return timeline{}
	}
	end := int64(1)
	for _, row := range rows {
		end = max(end, row.Start+row.Duration)
	}
	if r.Finished != nil && r.Finished.DurationMS < 4*end {
		end = max(end, r.Finished.DurationMS)
	}
	scale := func(ms int64) int { return int(float64(ms) / float64(end) * timeWidth) }
	t := timeline{Width: timeWidth, Table: rows}
	var lanes []int64
	for _, row := range rows {
		lane := slices.IndexFunc(lanes, func(free int64) bool { return free <= row.Start })
		if lane < 0 {
			lane = len(lanes)
			lanes = append(lanes, 0)
		}
		lanes[lane] = row.Start + row.Duration
		class := cmp.Or(string(row.Run), "probe")
		text := fmt.Sprintf("%s: %s, %.1f s to %.1f s", row.Name, row.Judgement,
			float64(row.Start)/1000, float64(row.Start+row.Duration)/1000)
		t.Bars = append(t.Bars, bar{X: scale(row.Start), Y: lane * laneStep, W: max(3, scale(row.Duration)-1), H: laneTall,
			Class: class, Text: text, Bad: row.Bad})
	}
	t.Lanes = len(lanes)
	t.Height = len(lanes)*laneStep + axisTall
	for at := int64(0); at <= end; at += tickStep(end) {
		t.Ticks = append(t.Ticks, tick{scale(at), fmt.Sprintf("%g s", float64(at)/1000)})
	}
	return t
}

// tickStep is a round number of milliseconds that gives four to ten ticks.
func tickStep(end int64) int64 {
	step := int64(1)
	for {
		for _, m := range []int64{1, 2, 5} {
			if end/(step*m) <= 10 {
				return step * m
			}
		}
		step *= 10
	}
}

// timeRows returns the elections by start, probes included.
func timeRows(r *run.Run) []barRow {
	var rows []barRow
	add := func(row barRow) {
		// Times that a broken or hostile run names must not break the picture.
		if row.Start >= 0 && row.Duration >= 0 && row.Start < 1<<40 && row.Duration < 1<<40 && len(rows) < maxBars {
			rows = append(rows, row)
		}
	}
	for _, p := range r.Probes {
		judgement := "clean"
		if !p.OK {
			judgement = "not fine"
		}
		add(barRow{Start: p.StartMS, Duration: p.DurationMS, Name: "honest election " + string(p.When), Judgement: judgement, Bad: !p.OK})
	}
	for _, s := range r.Scenarios {
		for _, c := range s.SubCases {
			for _, e := range c.Elections {
				v := e.Verdict
				add(barRow{Start: v.StartMS, Duration: v.DurationMS, Name: strings.TrimSpace(v.Scenario + " " + v.SubCase),
					Run: v.Run, Planted: v.Planted, Judgement: string(v.Judgement), Bad: !v.AsExpected})
			}
		}
	}
	slices.SortStableFunc(rows, func(a, b barRow) int { return cmp.Compare(a.Start, b.Start) })
	return rows
}
