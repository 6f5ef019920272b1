package main

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"scrutineer/harness/mutate"
	"scrutineer/harness/verify"
	"scrutineer/protocols/record"
	reference "scrutineer/reference-evoting/verify"
)

// share is how long the sample of the test may take.
const share = 20 * time.Second

func demoForTest(t *testing.T) *mutate.Source {
	t.Helper()
	source, err := demoSource(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	return source
}

// TestMutantsAreRejected judges as many mutants as fit into its time, each of
// another kind, and at least 150. `go run ./scripts/mutants -n 0` judges all.
func TestMutantsAreRejected(t *testing.T) {
	list := demoForTest(t).Sample(600)
	s := survey{judge: ours, workers: runtime.GOMAXPROCS(0)}
	end := time.Now().Add(share)
	for from := 0; from < len(list); from += 50 {
		if from >= 150 && time.Now().After(end) {
			break
		}
		if err := s.run(t.Context(), list[from:from+50]); err != nil {
			t.Fatal(err)
		}
	}
	for _, r := range s.survivors() {
		t.Errorf("seed 1: survives: %s", r.Name)
	}
	if len(s.results) < 100 {
		t.Errorf("%d mutants were judged", len(s.results))
	}
	t.Logf("%d mutants judged", len(s.results))
}

// TestHarmlessKinds: each kind that is said to be harmless is: one of its
// mutants is accepted, so that no kind stays in the list that is rejected.
func TestHarmlessKinds(t *testing.T) {
	source := demoForTest(t)
	found := map[string]*mutate.Mutant{}
	tried := map[string]int{}
	for m := range source.All() {
		for _, h := range harmlessKinds() {
			key := h.where + h.operators
			if found[key] != nil || tried[key] > 12 || !h.covers(m) {
				continue
			}
			files, err := m.Make()
			if err != nil {
				continue
			}
			tried[key]++
			checks, err := ours(t.Context(), files)
			if err != nil {
				t.Fatal(err)
			}
			if len(checks) == 0 {
				found[key] = m
			}
		}
	}
	for _, h := range harmlessKinds() {
		if found[h.where+h.operators] == nil {
			t.Errorf("no mutant of %q %q is accepted: %s", h.where, h.operators, h.reason)
		}
		if len(strings.Fields(h.reason)) < 4 || h.who == "" {
			t.Errorf("%q %q has no reason", h.where, h.operators)
		}
	}
}

// The page is written by a run that takes minutes; what does not depend on
// one is held here, and that it reports no survivors.
func TestPage(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "mutants.md"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(page), string(harmlessPage())) {
		t.Error("docs/mutants.md does not have the harmless kinds of this code; its first lines say how it is written")
	}
	if strings.Contains(string(page), "## Survivors") {
		t.Error("docs/mutants.md has survivors")
	}
}

// TestSurvivorsShow: a verifier that accepts everything has nothing but
// survivors and harmless mutants.
func TestSurvivorsShow(t *testing.T) {
	s := survey{judge: func(context.Context, record.Memory) ([]verify.Check, error) { return nil, nil }, workers: 1}
	if err := s.run(t.Context(), demoForTest(t).Sample(40)); err != nil {
		t.Fatal(err)
	}
	if n := len(s.survivors()); n < 20 {
		t.Errorf("%d survivors", n)
	}
	var out strings.Builder
	s.print(&out)
	if !strings.Contains(out.String(), "SURVIVES: ") || !strings.Contains(string(s.page()), "## Survivors") {
		t.Errorf("they are not shown:\n%s", out.String())
	}
}

// TestCommandJudges: another's verifier says no with status 1.
func TestCommandJudges(t *testing.T) {
	source := demoForTest(t)
	m := source.Sample(1)[0]
	files, err := m.Make()
	if err != nil {
		t.Skip("this seed's first mutant cannot be made")
	}
	for script, want := range map[string][]verify.Check{`test -f "$0/checkpoint" && exit 1`: {0}, "exit 0": nil} {
		got, err := command([]string{"sh", "-c", script})(t.Context(), files)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %v, %v", script, got, err)
		}
	}
	if _, err := command([]string{"sh", "-c", "exit 3"})(t.Context(), files); err == nil {
		t.Error("status 3 is no error")
	}
}

// TestTheReferenceAgrees: the system's own verifier, which shares nothing with
// ours, accepts and rejects the same mutants.
func TestTheReferenceAgrees(t *testing.T) {
	end := time.Now().Add(share / 2)
	for i, m := range demoForTest(t).Sample(400) {
		if i >= 40 && time.Now().After(end) {
			break
		}
		files, err := m.Make()
		if err != nil {
			continue
		}
		checks, err := ours(t.Context(), files)
		if err != nil {
			t.Fatal(err)
		}
		other, err := reference.Record(t.Context(), files, reference.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if other.Accepted() != (len(checks) == 0) {
			t.Errorf("%s: rejected by %v here, the reference found %v", m.Name, checks, other.Faults)
		}
	}
}
