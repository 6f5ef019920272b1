package html

import (
	"fmt"
	"strings"

	"scrutineer/reports/run"
)

// standardCoverage is a standard with its clauses, tested or not.
type standardCoverage struct {
	Name, Title string
	// Sum says in words how many clauses are in which state.
	Sum string
	// Open shows the table from the beginning.
	Open    bool
	Clauses []clauseRow
}

type clauseRow struct {
	ID, Says string
	Recalled bool
	Status   run.Status
	Bad      bool
	Tests    []chip
	// Missing are attacks that were not in this run.
	Missing string
}

// maxMissing is how many attacks that did not run are named at a clause.
const maxMissing = 12

// newRequirements puts the clauses of each standard beside the scenarios that
// touched them. Clauses that nothing touched stay, because a gap is what a
// reader looks for.
func newRequirements(r *run.Run, scenarios []scenario) []standardCoverage {
	anchors := map[string]string{}
	for _, s := range scenarios {
		anchors[s.Info.ID] = s.Anchor
	}
	var out []standardCoverage
	for _, c := range r.Requirements() {
		s := standardCoverage{Name: c.Standard.Name, Title: c.Standard.Title, Open: c.Count[run.Failed] > 0}
		var sum []string
		for _, status := range []run.Status{run.Withstood, run.Failed, run.Undecided, run.Untested} {
			if n := c.Count[status]; n > 0 {
				sum = append(sum, fmt.Sprintf("%d %s", n, status))
			}
		}
		s.Sum = fmt.Sprintf("%s of %d", strings.Join(sum, ", "), len(c.Clauses))
		for _, cl := range c.Clauses {
			row := clauseRow{ID: cl.Clause.ID, Says: cl.Clause.Says, Recalled: cl.Clause.Basis == "recalled",
				Status: cl.Status, Bad: cl.Status == run.Failed, Missing: missingAttacks(cl.Missing)}
			for _, t := range cl.Tests {
				row.Tests = append(row.Tests, chip{ID: t.Scenario, Anchor: anchors[t.Scenario], Title: t.Title, Bad: t.Status == run.Failed})
			}
			s.Clauses = append(s.Clauses, row)
		}
		out = append(out, s)
	}
	return out
}

func missingAttacks(ids []string) string {
	if len(ids) > maxMissing {
		return fmt.Sprintf("%s and %d more", strings.Join(ids[:maxMissing], " "), len(ids)-maxMissing)
	}
	return strings.Join(ids, " ")
}
