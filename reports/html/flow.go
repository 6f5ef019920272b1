package html

import (
	"fmt"
	"time"

	"scrutineer/reports/run"
)

// flow is the picture of casts over time, with a lane below for every node
// that suffered a fault.
type flow struct {
	Width, Height, Plot int
	Bars                []flowBar
	// Line are the points of the acknowledged ballots, added up.
	Line  string
	Ticks []tick
	Lanes []flowLane
	// Peak is the most casts a second, Acknowledged the sum.
	Peak         string
	Acknowledged int
	Faults       []faultRow
	Text         string
}

// flowBar is what ended in one bucket; heights are of the stacked parts.
type flowBar struct {
	X, W                    int
	OK, Refused, Unknown    int // y
	OKH, RefusedH, UnknownH int
	Text                    string
}

type flowLane struct {
	Node  string
	Y     int
	Spans []flowSpan
}

type flowSpan struct {
	X, W  int
	Class string
	Text  string
}

type faultRow struct {
	Node, Name, Where, From, To, Effect, Detail string
	Bad                                         bool
}

// Measures of the picture; the unit is about a pixel.
const (
	flowPlot  = 120
	flowLane1 = 18
	maxLanes  = 24
)

// newFlow draws f up to a moment, which is at least its end.
func newFlow(f run.Flow, upTo time.Duration) *flow {
	upTo = max(upTo, f.End(), time.Second)
	p := &flow{Width: timeWidth, Plot: flowPlot, Acknowledged: f.Acknowledged()}
	x := func(at time.Duration) int { return int(float64(at) / float64(upTo) * timeWidth) }
	p.bars(f, x)
	p.lanes(f, upTo, x)
	for at := int64(0); at <= upTo.Milliseconds(); at += tickStep(upTo.Milliseconds()) {
		p.Ticks = append(p.Ticks, tick{x(time.Duration(at) * time.Millisecond), fmt.Sprintf("%g s", float64(at)/1000)})
	}
	p.Height = flowPlot + len(p.Lanes)*flowLane1 + axisTall
	p.Text = fmt.Sprintf("%s acknowledged, at most %s a second; %s", plural(p.Acknowledged, "cast", "casts"), p.Peak,
		plural(len(f.Faults), "fault", "faults"))
	return p
}

// bars stacks the outcomes of each bucket.
func (p *flow) bars(f run.Flow, x func(time.Duration) int) {
	most := 1
	for _, b := range f.Buckets {
		most = max(most, b.OK+b.Refused+b.Unknown)
	}
	second := max(f.Width.Seconds(), 0.001)
	if len(f.Buckets) == 0 {
		p.Peak = "0"
		return
	}
	p.Peak = fmt.Sprintf("%.3g", float64(most)/second)
	tall := func(n int) int { return n * (flowPlot - 8) / most }
	sum, total := 0, max(p.Acknowledged, 1)
	for i, b := range f.Buckets {
		from := x(time.Duration(i) * f.Width)
		bar := flowBar{X: from, W: max(1, x(time.Duration(i+1)*f.Width)-from-1), OKH: tall(b.OK), RefusedH: tall(b.Refused), UnknownH: tall(b.Unknown)}
		bar.OK = flowPlot - bar.OKH
		bar.Refused = bar.OK - bar.RefusedH
		bar.Unknown = bar.Refused - bar.UnknownH
		bar.Text = fmt.Sprintf("from %.1f s: %d acknowledged, %d refused, %d unknown", (time.Duration(i) * f.Width).Seconds(), b.OK, b.Refused, b.Unknown)
		if b != (run.Bucket{}) {
			p.Bars = append(p.Bars, bar)
		}
		sum += b.OK
		p.Line += fmt.Sprintf("%d,%d ", x(time.Duration(i+1)*f.Width), flowPlot-sum*(flowPlot-8)/total)
	}
}

// lanes puts the faults of a node in one row.
func (p *flow) lanes(f run.Flow, upTo time.Duration, x func(time.Duration) int) {
	rows := map[string]int{}
	for i, node := range f.Nodes() {
		if i == maxLanes {
			break
		}
		rows[node] = i
		p.Lanes = append(p.Lanes, flowLane{Node: node, Y: flowPlot + 4 + i*flowLane1})
	}
	for _, fault := range f.Faults {
		row := newFaultRow(fault)
		p.Faults = append(p.Faults, row)
		i, ok := rows[fault.Node]
		if !ok {
			continue
		}
		to, class := fault.To, "seen"
		switch {
		case !fault.Ended:
			to, class = upTo, "going"
		case !fault.Seen:
			class = "unseen"
		}
		p.Lanes[i].Spans = append(p.Lanes[i].Spans, flowSpan{X: x(fault.From), W: max(3, x(to)-x(fault.From)), Class: class,
			Text: fmt.Sprintf("%s: %s, %s to %s, %s", fault.Node, fault.Name, row.From, row.To, row.Effect)})
	}
}

func newFaultRow(f run.Fault) faultRow {
	row := faultRow{Node: f.Node, Name: f.Name, Where: f.Where, Detail: f.Detail, From: fmt.Sprintf("%.1f s", f.From.Seconds()),
		To: fmt.Sprintf("%.1f s", f.To.Seconds()), Effect: "took effect"}
	switch {
	case !f.Ended:
		row.To, row.Effect = "now", "in force"
	case !f.Seen:
		row.Effect, row.Bad = "not seen to take effect", true
	}
	return row
}
