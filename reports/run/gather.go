package run

import (
	"slices"

	"scrutineer/reports/event"
)

// A Gatherer makes a Run of a summary stream while it is written, without the
// files of the elections. The zero value is not ready; see NewGatherer.
type Gatherer struct{ loader *loader }

// NewGatherer returns a gatherer of the run in the folder of that name.
func NewGatherer(name string) *Gatherer {
	return &Gatherer{&loader{run: &Run{Name: name}, index: map[string]int{}}}
}

// Add takes the next line.
func (g *Gatherer) Add(e event.Event) { g.loader.add(e) }

// Run returns what was gathered so far, arranged as in a report. The caller
// may keep it: later lines do not change it.
func (g *Gatherer) Run() *Run {
	r := *g.loader.run
	r.Probes, r.Problems, r.Matrix, r.Notes = slices.Clone(r.Probes), slices.Clone(r.Problems), slices.Clone(r.Matrix), slices.Clone(r.Notes)
	r.Scenarios = slices.Clone(r.Scenarios)
	for i := range r.Scenarios {
		s := &r.Scenarios[i]
		s.SubCases = slices.Clone(s.SubCases)
		for j := range s.SubCases {
			s.SubCases[j].Elections = slices.Clone(s.SubCases[j].Elections)
		}
	}
	sortScenarios(&r)
	for i := range r.Scenarios {
		arrange(&r.Scenarios[i])
	}
	return &r
}
