package html

import (
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
					Judgement: v.Judgement, Diagonal: v.Run == event.Planted, OK: !v.Surprising()})
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
				if old, ok := out[key]; v.Run != event.Twin || ok && (old.Bad || !v.Surprising()) {
					continue
				}
				sq := square{Judgement: v.Judgement, Bad: v.Surprising(), Text: "honest twin " + string(v.Judgement)}
				if sq.Bad {
					sq.Text += ", not as expected"
				}
				out[key] = sq
			}
		}
	}
	return out
}
