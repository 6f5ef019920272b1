package html

import (
	"fmt"
	"strings"

	"scrutineer/reports/event"
)

// load is the picture of a flood: goodput and p99 of honest voters against the
// rate of the adversary, stage by stage.
type load struct {
	Width, Height   int
	Top, Base, Left int
	Right           int
	// Goodput and Slow are polylines: per cent of the honest voters served, and
	// the time within which 99 in 100 of them were.
	Goodput, Slow string
	Dots          []loadDot
	Ticks         []tick
	// Limit is where half of the voters are, below which they are not served.
	Limit int
	// Slowest is what the top of the picture stands for, in words.
	Slowest string
	Stages  []event.Load
}

type loadDot struct {
	X, Y int
	Slow bool
	Text string
}

// Measures of the picture.
const (
	loadWide, loadTall = 420, 190
	loadLeft, loadRoom = 42, 340
	loadTop, loadBase  = 16, 150
	maxStages          = 64
)

// newLoad draws the stages of a verdict; nil where there is nothing to draw.
func newLoad(stages []event.Load) *load {
	if len(stages) == 0 || len(stages) > maxStages {
		return nil
	}
	l := &load{Width: loadWide, Height: loadTall, Top: loadTop, Base: loadBase, Left: loadLeft, Right: loadLeft + loadRoom, Stages: stages}
	most, slow := int64(1), int64(1)
	for _, s := range stages {
		most, slow = max(most, s.Attack), max(slow, s.P99MS)
	}
	y := func(part float64) int { return loadBase - int(min(max(part, 0), 1)*(loadBase-loadTop)) }
	l.Limit = y(0.5)
	l.Slowest = fmt.Sprintf("%.2g s", float64(slow)/1000)
	var good, late []string
	for i, s := range stages {
		// Stages of one rate stand beside each other in the order of time.
		x := loadLeft + loadRoom*i/max(len(stages)-1, 1)
		if s.Arrivals == 0 {
			continue
		}
		g, p := y(float64(s.Served)/float64(s.Arrivals)), y(float64(s.P99MS)/float64(slow))
		good, late = append(good, fmt.Sprintf("%d,%d", x, g)), append(late, fmt.Sprintf("%d,%d", x, p))
		at := fmt.Sprintf("%.0f requests a second", float64(s.Attack)/1000)
		l.Dots = append(l.Dots,
			loadDot{x, g, false, fmt.Sprintf("%s: %d of %d honest voters served", at, s.Served, s.Arrivals)},
			loadDot{x, p, true, fmt.Sprintf("%s: 99 in 100 within %d ms", at, s.P99MS)})
		l.Ticks = append(l.Ticks, tick{x, fmt.Sprintf("%.0f/s", float64(s.Attack)/1000)})
	}
	l.Goodput, l.Slow = strings.Join(good, " "), strings.Join(late, " ")
	return l
}
