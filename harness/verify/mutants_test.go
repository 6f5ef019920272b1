package verify_test

import (
	"slices"
	"testing"

	"scrutineer/harness/verify"
	"scrutineer/harness/verify/testelection"
	"scrutineer/protocols/message"
	"scrutineer/protocols/record"
)

// mutant is a record that a dishonest party made, and the checks that must
// reject it: exactly those, so that what each check alone holds up is known.
type mutant struct {
	name   string
	checks []verify.Check // the one it is about first
	make   func() record.Memory
	// blame is whom the first finding of the first check must name first;
	// empty is nobody.
	blame string
}

func only(c ...verify.Check) []verify.Check { return c }

// allMutants are the mutants of every check.
func allMutants() []mutant {
	return slices.Concat(fileMutants(), setupMutants(), ballotMutants(), tallyMutants(), identityMutants(), placeMutants())
}

func TestMutants(t *testing.T) {
	if testing.Short() {
		t.Skip("the vectors hold many of these records, made already")
	}
	for _, m := range allMutants() {
		t.Run(m.checks[0].String()+"/"+m.name, func(t *testing.T) {
			t.Parallel()
			rec := m.make()
			r := check(t, rec, verify.Options{})
			agrees(t, rec, r)
			if r.Passed {
				t.Fatal("passed")
			}
			want := slices.Sorted(slices.Values(m.checks))
			if got := r.Failed(); !slices.Equal(got, want) {
				t.Errorf("rejected by %v, want %v", got, want)
			}
			checkFindings(t, r, m)
		})
	}
}

// checkFindings looks at the evidence.
func checkFindings(t *testing.T, r *verify.Report, m mutant) {
	t.Helper()
	first := true
	for _, f := range r.Findings {
		if f.Message == "" || f.Check.Title() == "" {
			t.Errorf("empty finding %+v", f)
		}
		if f.ThirdParty && len(f.Blame) == 0 {
			t.Errorf("third party convinced of nobody's fault: %+v", f)
		}
		if f.Check != m.checks[0] || !first {
			continue
		}
		first = false
		blame := ""
		if len(f.Blame) > 0 {
			blame = f.Blame[0]
		}
		if blame != m.blame {
			t.Errorf("%s blames %q, want %q: %s", f.Check, blame, m.blame, f.Message)
		}
	}
	if first {
		t.Errorf("no finding of %s", m.checks[0])
	}
}

// TestEveryCheckHasAMutant: each check rejects a record that no other check
// rejects; one that could not would be a defect. V-09 and V-45, which compare
// with what the user has, are shown to by TestPins and TestKept.
func TestEveryCheckHasAMutant(t *testing.T) {
	alone := map[verify.Check]bool{verify.Pins: true, verify.Kept: true}
	for _, m := range allMutants() {
		if len(m.checks) == 1 {
			alone[m.checks[0]] = true
		}
	}
	for _, c := range verify.Checks() {
		if !alone[c] {
			t.Errorf("no mutant that %s alone rejects", c)
		}
	}
}

// edit is a hook that changes the nth body of type T, from 0; a negative n
// changes all.
func edit[T any](n int, change func(e *message.Entry, body *T)) testelection.Hooks {
	seen := -1
	return testelection.Hooks{Edit: func(e *message.Entry, body any) {
		if b, ok := body.(*T); ok {
			if seen++; n < 0 || seen == n {
				change(e, b)
			}
		}
	}}
}

// played is the small election under hooks.
func played(h testelection.Hooks) func() record.Memory {
	return func() record.Memory { return small(h).Record() }
}

// configured is the small election of another configuration.
func configured(change func(*testelection.Config)) func() record.Memory {
	return func() record.Memory {
		c := testelection.Small()
		change(&c)
		e := testelection.New(c)
		e.Setup()
		for v := range min(6, len(c.Voters)) {
			e.Cast(v, [][]int{{v % 3}})
		}
		e.Finish()
		return e.Record()
	}
}

// voting plays the small election with something else between opening and
// close.
func voting(during func(e *testelection.Election)) func() record.Memory {
	return with(testelection.Small(), testelection.Hooks{}, during)
}

func with(c testelection.Config, h testelection.Hooks, during func(e *testelection.Election)) func() record.Memory {
	return func() record.Memory {
		e := testelection.New(c)
		e.Hooks = h
		e.Setup()
		for v := range 4 {
			e.Cast(v, [][]int{{v % 3}})
		}
		during(e)
		e.Finish()
		return e.Record()
	}
}
