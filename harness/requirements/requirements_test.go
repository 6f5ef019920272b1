package requirements_test

import (
	"slices"
	"testing"

	"scrutineer/harness/requirements"
	"scrutineer/harness/scenarios"
	"scrutineer/harness/vocabulary"
	"scrutineer/reports/event"
)

// Every clause that a scenario of ours names is known, the basis is the same in
// both places, and the catalogue says that the attack touches it.
func TestScenariosAreKnown(t *testing.T) {
	standards, err := requirements.All()
	if err != nil {
		t.Fatal(err)
	}
	known := map[[2]string]event.Clause{}
	for _, s := range standards {
		for _, c := range s.Clauses {
			known[[2]string{s.Name, c.ID}] = c
		}
	}
	all, err := scenarios.All(vocabulary.Standard())
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		info := s.Info()
		if len(info.Requirements) == 0 {
			t.Errorf("%s names no requirement", s.ID)
		}
		for _, r := range requirements.Of(info) {
			c, ok := known[[2]string{r.Standard, r.Clause}]
			switch {
			case !ok:
				t.Errorf("%s names %s %s, which requirements.yaml lacks", s.ID, r.Standard, r.Clause)
			case (r.Basis == "recalled") != (c.Basis == "recalled"):
				t.Errorf("%s says %q of %s %s, requirements.yaml %q", s.ID, r.Basis, r.Standard, r.Clause, c.Basis)
			case !slices.Contains(c.Attacks, s.ID):
				t.Errorf("requirements.yaml does not list %s at %s %s", s.ID, r.Standard, r.Clause)
			}
		}
	}
}

func TestSizes(t *testing.T) {
	standards, err := requirements.All()
	if err != nil {
		t.Fatal(err)
	}
	sizes := map[string]int{}
	attacks := map[string]bool{}
	for _, s := range standards {
		sizes[s.Name] = len(s.Clauses)
		for _, c := range s.Clauses {
			for _, a := range c.Attacks {
				attacks[a] = true
			}
		}
	}
	if sizes["CoE CM/Rec(2017)5"] != 49 || sizes[requirements.Lifecycle] != 4 || len(attacks) != 144 {
		t.Errorf("%v, %d attacks of 144", sizes, len(attacks))
	}
}
