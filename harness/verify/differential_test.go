package verify_test

import (
	"context"
	"testing"

	"scrutineer/harness/verify"
	"scrutineer/protocols/record"
	reference "scrutineer/reference-evoting/verify"
)

// agrees holds this verifier and the reference's own against each other: two
// implementations of one page accept and reject the same records. Honest
// records, the mutants of every check and hostile records all go through it.
func agrees(t testing.TB, rec record.Memory, r *verify.Report) {
	t.Helper()
	other, err := reference.Record(context.Background(), rec, reference.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if other.Accepted() != r.Passed {
		t.Errorf("passed is %t here, the reference found %v", r.Passed, other.Faults)
	}
}
