package html

import (
	"slices"
	"strings"
)

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
