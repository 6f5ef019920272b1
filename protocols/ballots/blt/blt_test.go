package blt_test

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"scrutineer/internal/need"
	"scrutineer/protocols/ballots/blt"
)

const small = `3 2
-3
# a comment
4 1 2 0
3 2 0
2 1=2 3 0
1 0
0
"Ana"
"Bo"
"Cleo"
"A ward"
`

func TestRead(t *testing.T) {
	e, err := blt.Read(strings.NewReader(small))
	if err != nil {
		t.Fatal(err)
	}
	totals, none := e.First()
	if e.Title != "A ward" || e.Seats != 2 || len(e.Withdrawn) != 1 || totals[0] != 4 || totals[1] != 3 || none != 3 {
		t.Errorf("%+v, first %v, none %d", e, totals, none)
	}
}

func TestFaults(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		line int
	}{
		"empty":              {"", 0},
		"header":             {"3\n", 1},
		"no candidates":      {"0 1\n", 1},
		"too many":           {"99999999 1\n", 1},
		"seats":              {"2 3\n", 1},
		"no end of ballot":   {"2 1\n1 1\n0\na\nb\nc\n", 2},
		"unknown candidate":  {"2 1\n1 3 0\n0\na\nb\nc\n", 2},
		"twice":              {"2 1\n1 1 1 0\n0\na\nb\nc\n", 2},
		"negative count":     {"2 1\n-1\n1 1 0\n-1\n0\na\nb\nc\n", 4},
		"count not a number": {"2 1\nx 1 0\n0\na\nb\nc\n", 2},
		"names missing":      {"2 1\n0\na\n", 3},
		"long line":          {"2 1\n" + strings.Repeat("1 ", 70000) + "\n", 2},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := blt.Read(strings.NewReader(c.text))
			var f *blt.Error
			if !errors.As(err, &f) || f.Line != c.line {
				t.Errorf("%v, want a fault in line %d", err, c.line)
			}
		})
	}
}

// TestScottishWards reads every published ward and compares first
// preferences and valid ballots with the declared ones.
func TestScottishWards(t *testing.T) {
	folder := need.Data(t, "scottish")
	var wards []struct {
		BLT    string               `json:"blt"`
		Valid  string               `json:"valid"`
		Stages []map[string]float64 `json:"stages"`
	}
	raw, err := os.ReadFile(filepath.Join(folder, "official.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &wards); err != nil {
		t.Fatal(err)
	}
	agree := 0
	for _, w := range wards {
		f, err := os.Open(filepath.Join(folder, w.BLT))
		if err != nil {
			t.Fatal(err)
		}
		e, err := blt.Read(f)
		f.Close()
		if err != nil {
			t.Errorf("%s: %v", w.BLT, err)
			continue
		}
		totals, _ := e.First()
		same := true
		for i, n := range totals {
			same = same && math.Round(w.Stages[0][strconv.Itoa(i)]) == float64(n)
		}
		if same {
			agree++
		} else {
			t.Logf("%s: first preferences %v, declared %v", w.BLT, totals, w.Stages[0])
		}
	}
	t.Logf("%d of %d wards agree", agree, len(wards))
	if agree != len(wards) {
		t.Errorf("only %d of %d wards agree with their declaration", agree, len(wards))
	}
}
