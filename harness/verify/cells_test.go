package verify

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestCells is text in, text out: ballots of each unit, weights separated by
// a plus; cells as their units, with ? where withheld.
func TestCells(t *testing.T) {
	for _, c := range []struct {
		name  string
		k     uint64
		units string
		want  string
	}{
		{"each unit enough", 3, "3 4 5", "0 1 2"},
		{"no ballots at all", 3, "0 0", "0 1"},
		{"small one waits for the next", 3, "1 5", "0,1"},
		{"several wait", 3, "1 1 1 4", "0,1,2 3"},
		{"empty unit joins those that wait", 3, "1 0 2 0", "0,1,2 3"},
		{"last joins the last cell with ballots", 3, "5 0 2", "0,2 1"},
		{"nobody to join", 3, "0 2", "0 1?"},
		{"nobody suffices", 3, "1 1", "0,1?"},
		{"a rare weight waits", 3, "5+1 4+2", "0,1"},
		{"a rare weight makes the last cell insufficient", 3, "5+0 4+1", "0 1?"},
		{"a rare weight joins its like", 3, "5+3 4+1", "0,1"},
		{"k of one", 1, "1 0 2", "0 1 2"},
	} {
		var units []turnout
		for field := range strings.FieldsSeq(c.units) {
			var u turnout
			for n := range strings.SplitSeq(field, "+") {
				var v uint64
				if _, err := fmt.Sscan(n, &v); err != nil {
					t.Fatal(err)
				}
				u.byWeight = append(u.byWeight, v)
			}
			units = append(units, u)
		}
		if got := describeCells(cellsOf(0, units, c.k)); got != c.want {
			t.Errorf("%s: %q becomes %q, want %q", c.name, c.units, got, c.want)
		}
	}
}

func describeCells(cells []*cell) string {
	var out []string
	for _, c := range cells {
		s := strings.Trim(strings.ReplaceAll(fmt.Sprint(c.units), " ", ","), "[]")
		if c.withheld {
			s += "?"
		}
		out = append(out, s)
	}
	return strings.Join(out, " ")
}

// TestCellsProperty: every unit is in exactly one cell, and no cell that is
// decrypted is small.
func TestCellsProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.Uint64Range(1, 5).Draw(t, "k")
		weights := rapid.IntRange(1, 3).Draw(t, "weights")
		units := make([]turnout, rapid.IntRange(1, 8).Draw(t, "units"))
		for i := range units {
			for range weights {
				units[i].byWeight = append(units[i].byWeight, rapid.Uint64Range(0, 6).Draw(t, "ballots"))
			}
		}
		seen := map[int]int{}
		before, withheld := -1, 0
		for _, c := range cellsOf(0, units, k) {
			if c.units[0] <= before {
				t.Fatalf("cells are not in order: %v after %d", c.units, before)
			}
			before = c.units[0]
			for i, u := range c.units {
				seen[u]++
				if i > 0 && u <= c.units[i-1] {
					t.Fatalf("units %v are not in order", c.units)
				}
			}
			for _, n := range c.byWeight {
				if n > 0 && n < k && !c.withheld {
					t.Fatalf("cell %v has %d ballots of a weight", c.units, n)
				}
			}
			if c.withheld {
				withheld++
			}
		}
		if len(seen) != len(units) || withheld > 1 {
			t.Fatalf("units %v, %d withheld", seen, withheld)
		}
		for u, n := range seen {
			if n != 1 {
				t.Fatalf("unit %d is in %d cells", u, n)
			}
		}
	})
}
