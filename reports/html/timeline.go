package html

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"scrutineer/reports/event"
	"scrutineer/reports/run"
)

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
				if v.SameAs != "" {
					continue // its bar is the other sub-case's
				}
				add(barRow{Start: v.StartMS, Duration: v.DurationMS, Name: strings.TrimSpace(v.Scenario + " " + v.SubCase),
					Run: v.Run, Planted: v.Planted, Judgement: string(v.Judgement), Bad: v.Surprising()})
			}
		}
	}
	slices.SortStableFunc(rows, func(a, b barRow) int { return cmp.Compare(a.Start, b.Start) })
	return rows
}
