package run

import (
	"strings"

	"scrutineer/reports/event"
)

// Matrix is the kill matrix laid out: sub-cases against planted sets.
type Matrix struct {
	// Sets are the planted sets in the order in which they first appear.
	Sets [][]string
	Rows []MatrixRow
}

// MatrixRow is the row of one sub-case.
type MatrixRow struct {
	Scenario, SubCase string
	// Sound is the cell of the sound system, Cells those of the sets; nil
	// where nothing ran.
	Sound *event.MatrixCell
	Cells []*event.MatrixCell
}

// Bounds of the matrix that is laid out; cells beyond them are left out.
const (
	maxSets = 500
	maxRows = 5000
)

// NewMatrix lays cells out. Of two cells in one place the later one stays.
func NewMatrix(cells []event.MatrixCell) Matrix {
	var m Matrix
	sets, rows := map[string]int{}, map[string]int{}
	for i := range cells {
		if len(cells[i].Planted) == 0 {
			continue
		}
		key := strings.Join(cells[i].Planted, "\x00")
		if _, ok := sets[key]; !ok && len(m.Sets) < maxSets {
			sets[key] = len(m.Sets)
			m.Sets = append(m.Sets, cells[i].Planted)
		}
	}
	for i := range cells {
		c := &cells[i]
		key := c.Scenario + "\x00" + c.SubCase
		row, ok := rows[key]
		if !ok {
			if len(m.Rows) == maxRows {
				continue
			}
			row = len(m.Rows)
			rows[key] = row
			m.Rows = append(m.Rows, MatrixRow{Scenario: c.Scenario, SubCase: c.SubCase, Cells: make([]*event.MatrixCell, len(m.Sets))})
		}
		if len(c.Planted) == 0 {
			m.Rows[row].Sound = c
			continue
		}
		if set, ok := sets[strings.Join(c.Planted, "\x00")]; ok {
			m.Rows[row].Cells[set] = c
		}
	}
	return m
}
