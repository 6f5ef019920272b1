package counting_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"scrutineer/protocols/counting"
)

func TestPlurality(t *testing.T) {
	for _, c := range []struct {
		name  string
		votes []uint64
		seats int
		want  counting.Outcome
	}{
		{"clear", []uint64{3, 9, 5}, 1, counting.Outcome{Winners: []int{1}}},
		{"two seats", []uint64{3, 9, 5}, 2, counting.Outcome{Winners: []int{1, 2}}},
		{"tie inside the winners", []uint64{4, 4, 1}, 2, counting.Outcome{Winners: []int{0, 1}}},
		{"tie across the boundary", []uint64{9, 4, 4}, 2, counting.Outcome{Winners: []int{0}, Tied: []int{1, 2}}},
		{"nobody voted", []uint64{0, 0}, 1, counting.Outcome{Tied: []int{0, 1}}},
		{"all elected", []uint64{0, 2}, 2, counting.Outcome{Winners: []int{1, 0}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := counting.Plurality(c.votes, c.seats)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestPluralityRefuses(t *testing.T) {
	for _, seats := range []int{-1, 0, 3} {
		if _, err := counting.Plurality([]uint64{1, 2}, seats); err == nil {
			t.Errorf("%d seats of 2 candidates were counted", seats)
		}
	}
}

func TestPluralityProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		votes := rapid.SliceOfN(rapid.Uint64Range(0, 5), 1, 12).Draw(t, "votes")
		seats := rapid.IntRange(1, len(votes)).Draw(t, "seats")
		out, err := counting.Plurality(votes, seats)
		if err != nil {
			t.Fatal(err)
		}
		if len(out.Tied) == 0 && len(out.Winners) != seats {
			t.Fatalf("%d winners for %d seats without a tie", len(out.Winners), seats)
		}
		if len(out.Tied) > 0 && (len(out.Winners) >= seats || len(out.Winners)+len(out.Tied) <= seats) {
			t.Fatalf("%d winners and %d tied for %d seats", len(out.Winners), len(out.Tied), seats)
		}
		elected := map[int]bool{}
		for _, i := range out.Winners {
			elected[i] = true
		}
		for _, w := range out.Winners {
			for i, v := range votes {
				if v > votes[w] && !elected[i] {
					t.Fatalf("%d with %d votes wins, %d with %d does not", w, votes[w], i, v)
				}
			}
		}
	})
}
