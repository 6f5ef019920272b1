package main

import (
	"slices"
	"strings"

	"scrutineer/cmd/internal/exit"
	"scrutineer/harness/requirements"
	"scrutineer/reports/event"
)

// requirement is a clause with who touches it.
type requirement struct {
	Standard string `json:"standard"`
	event.Clause
	// Scenarios touch it; Missing are attacks of the catalogue that would and
	// have no scenario.
	Scenarios []string `json:"scenarios"`
	Missing   []string `json:"missing"`
}

// listRequirements lists the clauses; ids says which scenarios count.
func listRequirements(a *app, folder string, ids []string, asJSON bool) error {
	all, err := loadScenarios(folder)
	if err != nil {
		return exit.Wrap(exit.Usage, err)
	}
	only, err := chosen(all, ids)
	if err != nil {
		return exit.Wrap(exit.Usage, err)
	}
	standards, err := requirements.All()
	if err != nil {
		return exit.Wrap(exit.Bug, err)
	}
	touching, built := map[event.Requirement][]string{}, map[string]bool{}
	for _, s := range all {
		built[s.ID] = true
		if !only(s.ID, "") {
			continue
		}
		for _, r := range requirements.Of(s.Info()) {
			key := event.Requirement{Standard: r.Standard, Clause: r.Clause}
			touching[key] = append(touching[key], s.ID)
		}
	}
	list := []requirement{}
	for _, s := range standards {
		for _, c := range s.Clauses {
			r := requirement{Standard: s.Name, Clause: c, Missing: []string{},
				Scenarios: append([]string{}, touching[event.Requirement{Standard: s.Name, Clause: c.ID}]...)}
			for _, id := range c.Attacks {
				if !built[id] {
					r.Missing = append(r.Missing, id)
				}
			}
			list = append(list, r)
		}
	}
	if asJSON {
		return writeJSON(a.Stdout, list)
	}
	tellRequirements(a, standards, list)
	return nil
}

func tellRequirements(a *app, standards []event.Standard, list []requirement) {
	for _, s := range standards {
		a.UI.Printf("%s: %s", s.Name, s.Title)
		touched := 0
		for _, r := range list {
			if r.Standard != s.Name {
				continue
			}
			if len(r.Scenarios) > 0 {
				touched++
			}
			mark := ""
			if r.Basis == "recalled" {
				mark = "(K)"
			}
			a.UI.Printf("  %-11s %-3s  %-28s  %s", r.ID, mark, some(r.Scenarios, 6, "-"), r.Says)
			if len(r.Missing) > 0 {
				a.UI.Printf("  %-15s  no scenario yet: %s", "", some(r.Missing, 14, ""))
			}
		}
		a.UI.Printf("  %d of %d clauses touched", touched, len(s.Clauses))
		a.UI.Printf("")
	}
}

// some joins at most n words, and says nothing in place of none.
func some(words []string, n int, nothing string) string {
	switch {
	case len(words) == 0:
		return nothing
	case len(words) > n:
		words = append(slices.Clone(words[:n]), "…")
	}
	return strings.Join(words, " ")
}
