package run

import (
	"slices"

	"scrutineer/reports/event"
)

// Status is what a run says of a clause, or of a scenario that touches it.
type Status string

// The states, from the best to the worst.
const (
	// Withstood: every attack on the sound system came out as it should.
	Withstood Status = "withstood"
	// Untested: no attack that touches it ran.
	Untested Status = "not tested"
	// Undecided: an attack could not be judged, or the target lacks an ability.
	Undecided Status = "undecided"
	// Failed: an attack went further than it should.
	Failed Status = "finding"
)

// Coverage is a standard with what the run says of each clause.
type Coverage struct {
	Standard event.Standard
	Clauses  []ClauseCoverage
	// Count counts the clauses by status.
	Count map[Status]int
}

// ClauseCoverage is one clause.
type ClauseCoverage struct {
	Clause event.Clause
	Status Status
	// Tests are the scenarios of the run that touch it.
	Tests []ClauseTest
	// Missing are attacks of the catalogue that touch it and were not in the
	// run.
	Missing []string
}

// ClauseTest is a scenario that touches a clause.
type ClauseTest struct {
	Scenario, Title string
	Status          Status
}

// Requirements measures the run against the clauses that its stream lists; nil
// where it lists none. Only attacks on the sound system count: the planted ones
// and the twins test the harness.
func (r *Run) Requirements() []Coverage {
	if r.Listed == nil {
		return nil
	}
	var out []Coverage
	for _, s := range r.Listed.Standards {
		c := Coverage{Standard: s, Count: map[Status]int{}}
		for _, clause := range s.Clauses {
			one := r.clause(s.Name, clause)
			c.Count[one.Status]++
			c.Clauses = append(c.Clauses, one)
		}
		out = append(out, c)
	}
	return out
}

func (r *Run) clause(standard string, c event.Clause) ClauseCoverage {
	out := ClauseCoverage{Clause: c, Status: Untested}
	ran := map[string]bool{}
	for i := range r.Scenarios {
		s := &r.Scenarios[i]
		touches := slices.ContainsFunc(s.Info.Requirements, func(q event.Requirement) bool {
			return q.Standard == standard && q.Clause == c.ID
		})
		status := s.status()
		if status != Untested {
			ran[s.Info.ID] = true
		}
		if touches && status != Untested {
			out.Tests = append(out.Tests, ClauseTest{s.Info.ID, s.Info.Title, status})
			out.Status = worse(out.Status, status)
		}
	}
	for _, a := range c.Attacks {
		if !ran[a] {
			out.Missing = append(out.Missing, a)
		}
	}
	return out
}

// status is what the attacks of a scenario on the sound system came to.
func (s *Scenario) status() Status {
	out := Untested
	for _, c := range s.SubCases {
		for _, e := range c.Elections {
			if v := e.Verdict; v.Run == event.Attack {
				out = worse(out, statusOf(v))
			}
		}
	}
	return out
}

func statusOf(v event.Verdict) Status {
	switch v.Judgement {
	case event.Inapplicable, event.Inconclusive:
		return Undecided
	case event.Undetected:
		return Failed
	}
	if !v.AsExpected && v.Judgement != event.Prevented {
		return Failed
	}
	return Withstood
}

// worse is the worse of two states; whatever ran overrides what did not.
func worse(a, b Status) Status {
	order := []Status{Untested, Withstood, Undecided, Failed}
	if slices.Index(order, b) > slices.Index(order, a) {
		return b
	}
	return a
}
