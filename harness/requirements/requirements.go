// Package requirements knows the clauses of the standards that election systems
// are held to, and which attacks of the catalogue touch each, whether there is
// a scenario for them yet or not. It is what a report measures a run against:
// a clause that no scenario touched was not tested, and must be seen to be so.
package requirements

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"scrutineer/harness/strictyaml"
	"scrutineer/reports/event"
)

// Lifecycle is the standard whose clauses are the stages of an election; every
// scenario has one.
const Lifecycle = "ENISA 2019"

//go:embed requirements.yaml
var data []byte

type file struct {
	Version   int        `yaml:"version" need:"yes"`
	Standards []standard `yaml:"standards" need:"yes"`
}

type standard struct {
	Name    string   `yaml:"name" need:"yes"`
	Title   string   `yaml:"title" need:"yes"`
	Clauses []clause `yaml:"clauses" need:"yes"`
}

type clause struct {
	ID      string   `yaml:"id" need:"yes"`
	Says    string   `yaml:"says"`
	Basis   basis    `yaml:"basis"`
	Attacks []string `yaml:"attacks"`
}

type basis string

func (basis) Words() []string { return []string{"seen", "recalled"} }

// All returns the standards with their clauses, in the order of the file.
func All() ([]event.Standard, error) {
	var f file
	doc, err := strictyaml.Decode("requirements.yaml", data, &f)
	if err != nil {
		return nil, err
	}
	var out []event.Standard
	for i, s := range f.Standards {
		named := event.Standard{Name: s.Name, Title: s.Title}
		seen := map[string]bool{}
		for j, c := range s.Clauses {
			if seen[c.ID] {
				doc.Add(fmt.Sprintf("standards[%d].clauses[%d].id", i, j), c.ID+" is there twice", "remove one")
			}
			seen[c.ID] = true
			named.Clauses = append(named.Clauses, event.Clause{ID: c.ID, Says: c.Says, Basis: string(c.Basis), Attacks: c.Attacks})
		}
		out = append(out, named)
	}
	return out, doc.First()
}

// Of lists the clauses that a scenario touches: those that it names, and its
// stage.
func Of(s event.ScenarioInfo) []event.Requirement {
	stage, _, _ := strings.Cut(s.Stage, "/")
	return append(slices.Clone(s.Requirements), event.Requirement{Standard: Lifecycle, Clause: stage})
}
