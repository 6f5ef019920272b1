package coverage

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	v "scrutineer/harness/verify"
)

// numbered are PREFIX 1..n.
func numbered(prefix string, n int) (out []string) {
	for i := range n {
		out = append(out, fmt.Sprintf("%s%d", prefix, i+1))
	}
	return out
}

// published are the numbers of each list, in order.
func published() map[string][]string {
	var sp []string
	for _, run := range []struct{ chapter, from, to int }{
		{0, 1, 1}, {1, 1, 1}, {2, 1, 5}, {3, 1, 14}, {4, 1, 1}, {5, 1, 4}, {6, 1, 1}, {7, 1, 5}, {8, 1, 11}, {9, 1, 1}, {10, 1, 2},
	} {
		for i := run.from; i <= run.to; i++ {
			sp = append(sp, fmt.Sprintf("%d.%02d", run.chapter, i))
		}
	}
	return map[string][]string{"EG": numbered("V", 19), "SP": sp, "BEL": numbered("", 21), "IVXV": numbered("", 7),
		"VMN": numbered("", 5), "U": numbered("", 55)}
}

func TestEveryPublishedCheckHasARow(t *testing.T) {
	lists := published()
	for _, s := range Sources() {
		var got []string
		for _, r := range s.Rows {
			got = append(got, r.ID)
		}
		if !slices.Equal(got, lists[s.Prefix]) {
			t.Errorf("%s has the rows %v, want %v", s.Prefix, got, lists[s.Prefix])
		}
		delete(lists, s.Prefix)
	}
	if len(lists) > 0 {
		t.Errorf("no rows for %v", lists)
	}
}

func TestEveryRowHasACheckOrAReason(t *testing.T) {
	for _, s := range Sources() {
		for _, r := range s.Rows {
			if r.What == "" || len(r.By) == 0 && len(strings.Fields(r.Note)) < 5 {
				t.Errorf("%s-%s has neither a check nor a reason: %+v", s.Prefix, r.ID, r)
			}
			for _, c := range r.By {
				if _, ok := v.Explain(c); !ok {
					t.Errorf("%s-%s names %s, which is no check", s.Prefix, r.ID, c)
				}
			}
		}
	}
}

// TestWhatNobodyElseChecks: what no published list has is in ours, but for
// packs, which the protocol has not.
func TestWhatNobodyElseChecks(t *testing.T) {
	alone := []string{"6", "19", "20", "23", "28", "30", "32", "35", "37", "38", "41", "44", "50", "51", "53", "55"}
	var got []string
	for _, r := range union() {
		if !strings.Contains(r.Note, nobody) {
			continue
		}
		got = append(got, r.ID)
		if len(r.By) == 0 && !strings.HasPrefix(r.Note, noPacks) {
			t.Errorf("U-%s is nobody's, and not ours either", r.ID)
		}
	}
	if !slices.Equal(got, alone) {
		t.Errorf("marked are %v, want %v", got, alone)
	}
}

// TestEveryCheckIsInTheSpecification ties the three lists together: SPEC.md,
// the code, and this table.
func TestEveryCheckIsInTheSpecification(t *testing.T) {
	spec, err := os.ReadFile(filepath.Join("..", "..", "..", "protocols", "SPEC.md"))
	if err != nil {
		t.Fatal(err)
	}
	var listed []string
	for _, m := range regexp.MustCompile(`(?m)^\| \*\*(V-[0-9]{2})\*\* ([^|]+) \|`).FindAllSubmatch(spec, -1) {
		c, ok := v.ParseCheck(string(m[1]))
		if !ok || c.Title() != string(m[2]) {
			t.Errorf("SPEC.md has %s %s, the verifier %q", m[1], m[2], c.Title())
		}
		listed = append(listed, string(m[1]))
	}
	var made []string
	used := map[v.Check]bool{}
	for _, s := range Sources() {
		for _, r := range s.Rows {
			for _, c := range r.By {
				used[c] = true
			}
		}
	}
	for _, c := range v.Checks() {
		made = append(made, c.String())
		if !used[c] {
			t.Errorf("%s %s covers nothing that anybody asks for", c, c.Title())
		}
	}
	if !slices.Equal(listed, made) {
		t.Errorf("SPEC.md lists %v, the verifier makes %v", listed, made)
	}
}
