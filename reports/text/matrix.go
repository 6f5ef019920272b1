package text

import (
	"fmt"
	"strings"

	"scrutineer/reports/event"
	"scrutineer/reports/run"
)

// symbol is a judgement in two columns.
func symbol(j event.Judgement) string {
	switch j {
	case event.Prevented:
		return "·"
	case event.Detected:
		return "d"
	case event.Undetected:
		return "U"
	case event.Inapplicable:
		return "-"
	case event.Inconclusive:
		return "?"
	}
	return "x"
}

// matrix prints the kill matrix as a picture of letters: a column for the
// sound system and one for each planted set, whose names follow.
func (p *printer) matrix() {
	if len(p.run.Matrix) == 0 {
		return
	}
	m := run.NewMatrix(p.run.Matrix)
	p.line("")
	p.line("  KILL MATRIX  · prevented  d detected  U undetected  ? inconclusive  - inapplicable")
	p.line("               [ ] the set that the attack needs, ! not as it must be")
	head := pad("", 34) + " sound"
	for i := range m.Sets {
		head += fmt.Sprintf("%4d", i+1)
	}
	p.line("%s", head)
	for _, row := range m.Rows {
		out := pad("  "+join("  ", row.Scenario, row.SubCase), 34) + "  " + p.square(row.Sound)
		for _, c := range row.Cells {
			out += p.square(c)
		}
		p.line("%s", out)
	}
	p.line("")
	for i, set := range m.Sets {
		p.line("  %4d  %s", i+1, strings.Join(set, " + "))
	}
}

// square is a cell in four columns.
func (p *printer) square(c *event.MatrixCell) string {
	if c == nil {
		return "    "
	}
	s := " " + symbol(c.Judgement) + " "
	if c.Diagonal {
		s = "[" + symbol(c.Judgement) + "]"
	}
	if !c.OK {
		return p.paint(red, s+"!")
	}
	return s + " "
}
