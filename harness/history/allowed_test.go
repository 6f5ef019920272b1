package history

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"scrutineer/reports/event"
)

// town is a small electorate: one contest, two voters in each of two units.
func town() *Electorate {
	return &Electorate{
		Contests: []Contest{{ID: "c", Options: []string{"a", "b"}, Max: 1, Blank: true}},
		Styles:   map[string][]string{"s": {"c"}},
		Units:    []string{"u", "w"},
		Voters: []Voter{{Name: "v1", Style: "s", Unit: "u", Weight: 1}, {Name: "v2", Style: "s", Unit: "u", Weight: 1},
			{Name: "v3", Style: "s", Unit: "w", Weight: 3}},
		Revote: true,
	}
}

// casts builds a history from words "voter tracker predecessor options outcome";
// options "-" is a vote for nothing, "?" one that is not lawful.
func casts(lines ...string) History {
	var h History
	for i, l := range lines {
		f := strings.Fields(l)
		b := &event.Ballot{Tracker: strings.Trim(f[1], "."), Predecessor: strings.Trim(f[2], ".")}
		switch f[3] {
		case "?":
		case "-":
			b.Choices = []event.Choice{{Contest: "c"}}
		case "blank":
			b.Choices = []event.Choice{{Contest: "c", Blank: true}}
		default:
			b.Choices = []event.Choice{{Contest: "c", Options: strings.Split(f[3], "+")}}
		}
		h.Ops = append(h.Ops, Op{Order: i, Operation: event.Operation{Actor: f[0], Role: RoleVoter, Op: OpCast, Type: event.OpType(f[4]), Ballot: b}})
	}
	return h
}

// board builds a board from words "voter tracker".
func board(lines ...string) *Board {
	b := &Board{Sealed: true}
	for i, l := range lines {
		f := strings.Fields(l)
		b.Entries = append(b.Entries, Entry{Index: int64(i), Voter: strings.Trim(f[0], "."), Tracker: f[1]})
	}
	return b
}

// whole is a total of contest c over both units, with the number of ballots.
func whole(a, b, blank, ballots uint64) Totals {
	return Totals{Cells: []Cell{{Contest: "c", Units: []string{"u", "w"}, Options: map[string]uint64{"a": a, "b": b}, Blank: blank, Ballots: &ballots}}}
}

func TestAllowed(t *testing.T) {
	for _, c := range []struct {
		name  string
		h     History
		board *Board
		// in and out are totals "a b blank ballots" that are allowed or not.
		in, out []Totals
		exact   bool
	}{
		{"nobody votes", casts(), nil, []Totals{whole(0, 0, 0, 0)}, []Totals{whole(1, 0, 0, 1)}, true},
		{"acknowledged counts", casts("v1 t1 none a ok"), nil, []Totals{whole(1, 0, 0, 1)}, []Totals{whole(0, 0, 0, 0), whole(0, 1, 0, 1)}, true},
		{"weight counts", casts("v3 t1 none b ok"), nil, []Totals{whole(0, 3, 0, 1)}, []Totals{whole(0, 1, 0, 1)}, true},
		{"nothing selected is a ballot", casts("v1 t1 none - ok"), nil, []Totals{whole(0, 0, 0, 1)}, []Totals{whole(0, 0, 0, 0)}, true},
		{"blank", casts("v1 t1 none blank ok"), nil, []Totals{whole(0, 0, 1, 1)}, []Totals{whole(0, 0, 0, 1)}, true},
		{"refused does not", casts("v1 t1 none a refused"), nil, []Totals{whole(0, 0, 0, 0)}, []Totals{whole(1, 0, 0, 1)}, true},
		{"unknown may", casts("v1 t1 none a unknown"), nil, []Totals{whole(0, 0, 0, 0), whole(1, 0, 0, 1)}, []Totals{whole(1, 0, 0, 0), whole(0, 1, 0, 1)}, false},
		{"unknown on the board counts", casts("v1 t1 none a unknown"), board("v1 t1"), []Totals{whole(1, 0, 0, 1)}, []Totals{whole(0, 0, 0, 0)}, true},
		{"unknown off the board does not", casts("v1 t1 none a unknown"), board(), []Totals{whole(0, 0, 0, 0)}, []Totals{whole(1, 0, 0, 1)}, true},
		{"acknowledged counts wherever it is", casts("v1 t1 none a ok"), board(), []Totals{whole(1, 0, 0, 1)}, []Totals{whole(0, 0, 0, 0)}, true},
		{"another's entry does not count for mine", casts("v1 t1 none a unknown"), board("v2 t1"), []Totals{whole(0, 0, 0, 0)}, []Totals{whole(1, 0, 0, 1)}, true},
		{"unknown without a tracker, something of hers on the board", casts("v1 . none a unknown"), board("v1 t9"), []Totals{whole(1, 0, 0, 1)}, []Totals{whole(0, 0, 0, 0)}, true},
		{"unknown without a tracker, somebody's on the board", casts("v1 . none a unknown"), board(". t9"), []Totals{whole(0, 0, 0, 0), whole(1, 0, 0, 1)}, []Totals{whole(2, 0, 0, 2)}, false},
		{"retry of one decision is one ballot", casts("v1 t1 none a unknown", "v1 t1 none a ok"), nil, []Totals{whole(1, 0, 0, 1)}, []Totals{whole(2, 0, 0, 2), whole(0, 0, 0, 0)}, true},
		{"refused after all", casts("v1 t1 none a unknown", "v1 t1 none a refused"), nil, []Totals{whole(0, 0, 0, 0)}, []Totals{whole(1, 0, 0, 1)}, true},
		{"acknowledged is stronger than refused", casts("v1 t1 none a ok", "v1 t1 none a refused"), nil, []Totals{whole(1, 0, 0, 1)}, []Totals{whole(0, 0, 0, 0)}, true},
		{"last acknowledged of a chain", casts("v1 t1 none a ok", "v1 t2 t1 b ok"), nil, []Totals{whole(0, 1, 0, 1)}, []Totals{whole(1, 0, 0, 1), whole(1, 1, 0, 2)}, true},
		{"predecessor from the order", casts("v1 t1 . a ok", "v1 t2 . b ok"), nil, []Totals{whole(0, 1, 0, 1)}, []Totals{whole(1, 0, 0, 1)}, true},
		{"revote unknown", casts("v1 t1 none a ok", "v1 t2 t1 b unknown"), nil, []Totals{whole(1, 0, 0, 1), whole(0, 1, 0, 1)}, []Totals{whole(0, 0, 0, 0), whole(1, 1, 0, 2)}, false},
		{"acknowledged after unknown proves it", casts("v1 t1 none a unknown", "v1 t2 t1 b ok"), board(), []Totals{whole(0, 1, 0, 1)}, []Totals{whole(0, 0, 0, 0)}, true},
		{"of two children the first on the board", casts("v1 t1 none a ok", "v1 t2 none b ok"), board("v1 t2", "v1 t1"), []Totals{whole(0, 1, 0, 1)}, []Totals{whole(1, 0, 0, 1), whole(1, 1, 0, 2)}, true},
		{"of two children either", casts("v1 t1 none a ok", "v1 t2 none b ok"), nil, []Totals{whole(0, 1, 0, 1), whole(1, 0, 0, 1)}, []Totals{whole(1, 1, 0, 2)}, false},
		{"unknown children, one on the board", casts("v1 t1 none a unknown", "v1 t2 none b unknown"), board("v1 t2"), []Totals{whole(0, 1, 0, 1)}, []Totals{whole(1, 0, 0, 1)}, true},
		{"unlawful may be anything lawful or nothing", casts("v1 t1 none ? ok"), nil, []Totals{whole(0, 0, 0, 0), whole(1, 0, 0, 1), whole(0, 1, 0, 1), whole(0, 0, 1, 1), whole(0, 0, 0, 1)}, []Totals{whole(1, 1, 0, 1), whole(1, 0, 1, 1), whole(2, 0, 0, 1), whole(1, 0, 0, 0)}, false},
		{"unlawful and refused is nothing", casts("v1 t1 none ? refused"), nil, []Totals{whole(0, 0, 0, 0)}, []Totals{whole(1, 0, 0, 1)}, true},
		{"overvote is unlawful", casts("v3 t1 none a+b ok"), nil, []Totals{whole(3, 0, 0, 1), whole(0, 0, 0, 0)}, []Totals{whole(3, 3, 0, 1), whole(1, 0, 0, 1)}, false},
		{"two unlawful of different weight", casts("v1 t1 none ? ok", "v3 t3 none ? ok"), nil, []Totals{whole(3, 1, 0, 2), whole(4, 0, 0, 2), whole(0, 3, 1, 2)}, []Totals{whole(2, 1, 0, 2), whole(4, 1, 0, 2)}, false},
		{"what others cast in her name is not hers", History{Ops: []Op{{Operation: event.Operation{Actor: "v1", Role: "network", Op: OpCast, Type: event.OpOK}}}}, nil, []Totals{whole(0, 0, 0, 0)}, []Totals{whole(1, 0, 0, 1)}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := Allow(town(), c.h, c.board)
			for _, x := range c.in {
				if m, why := a.Contains(x); m != Inside {
					t.Errorf("%v is not allowed: %s", x.Cells[0], why)
				}
			}
			for _, x := range c.out {
				if m, why := a.Contains(x); m != Outside || why == "" {
					t.Errorf("%v: %d %q", x.Cells[0], m, why)
				}
			}
			if a.Exact() != c.exact {
				t.Errorf("exact is %t, %d undecided", a.Exact(), a.Undecided())
			}
		})
	}
}

func TestNoRevote(t *testing.T) {
	e := town()
	e.Revote = false
	a := Allow(e, casts("v1 t1 none a ok", "v1 t2 t1 b ok", "v2 t3 none b unknown", "v2 t4 none a ok"), nil)
	if m, why := a.Contains(whole(2, 0, 0, 2)); m != Inside {
		t.Error(why)
	}
	if m, _ := a.Contains(whole(1, 1, 0, 2)); m != Outside {
		t.Error("the second ballot counts")
	}
}

func TestConflicts(t *testing.T) {
	a := Allow(town(), casts("v1 t1 none a ok", "v1 t2 none b ok", "v2 t3 none a ok"), nil)
	if len(a.Conflicts) != 1 || !strings.Contains(a.Conflicts[0], "v1 was acknowledged 2 ballots") {
		t.Error(a.Conflicts)
	}
	if a := Allow(town(), casts("v1 t1 none a ok", "v1 t2 t1 b ok"), nil); a.Conflicts != nil {
		t.Error(a.Conflicts)
	}
}

func TestMalformedTotals(t *testing.T) {
	a := Allow(town(), casts("v1 t1 none a ok"), nil)
	cell := func(contest, units string, options ...string) Cell {
		c := Cell{Contest: contest, Units: strings.Fields(units), Options: map[string]uint64{}}
		for _, o := range options {
			c.Options[o] = 0
		}
		return c
	}
	for _, c := range []struct {
		cells []Cell
		want  string
	}{
		{nil, "no total covers"},
		{[]Cell{cell("c", "w", "a", "b")}, "no total covers"},
		{[]Cell{cell("x", "u w", "a", "b")}, `contest "x"`},
		{[]Cell{cell("c", "u q", "a", "b")}, `unit "q"`},
		{[]Cell{cell("c", "u u", "a", "b")}, "in two totals"},
		{[]Cell{cell("c", "u w", "a", "b"), cell("c", "u", "a", "b")}, "in two totals"},
		{[]Cell{cell("c", "u w", "a")}, `option "b" has no total`},
		{[]Cell{cell("c", "u w", "a", "b", "z")}, "options that it has not"},
		{[]Cell{cell("c", "u w", "a", "b")}, "c: a has 0, the voters' ballots allow 1"},
	} {
		if m, why := a.Contains(Totals{Cells: c.cells}); m != Outside || !strings.Contains(why, c.want) {
			t.Errorf("%v: %s, want %s", c.cells, why, c.want)
		}
	}
	huge := whole(1<<63, 0, 0, 1)
	if m, _ := a.Contains(huge); m != Outside {
		t.Error("an absurd total is allowed")
	}
}

func TestWithheld(t *testing.T) {
	a := Allow(town(), casts("v1 t1 none a ok", "v3 t3 none b ok"), nil)
	x := Totals{Cells: []Cell{
		{Contest: "c", Units: []string{"u"}, Withheld: true},
		{Contest: "c", Units: []string{"w"}, Options: map[string]uint64{"a": 0, "b": 3}},
	}}
	if m, why := a.Contains(x); m != Inside {
		t.Error(why)
	}
	x.Cells[1].Options["b"] = 4
	if m, _ := a.Contains(x); m != Outside {
		t.Error("wrong total beside a withheld cell")
	}
}

func TestTallies(t *testing.T) {
	a := Allow(town(), casts("v1 t1 none a ok", "v2 t2 none a unknown", "v3 t3 none b ok"), nil)
	x := whole(2, 3, 0, 3)
	got := a.Tallies(&x)
	want := []event.Tally{
		{Contest: "c", Option: "a", Truth: "1..2", Published: "2", OK: true},
		{Contest: "c", Option: "b", Truth: "3", Published: "3", OK: true},
		{Contest: "c", Option: "blank", Truth: "0", Published: "0", OK: true},
	}
	if !slices.Equal(got, want) {
		t.Errorf("%+v", got)
	}
	if got := a.Tallies(nil); len(got) != 3 || got[0].Published != "" || got[0].OK {
		t.Errorf("%+v", got)
	}
	x.Cells[0].Units = []string{"u"}
	if got := a.Tallies(&x); got[0].Unit != "u" || got[1].OK {
		t.Errorf("%+v", got)
	}
}

// With very many undecided voters the answer still comes, and is not wrong.
func TestManyUndecided(t *testing.T) {
	e := town()
	e.Voters = nil
	var lines []string
	for i := range 3000 {
		name := fmt.Sprintf("n%d", i)
		e.Voters = append(e.Voters, Voter{Name: name, Style: "s", Unit: "u", Weight: 1})
		lines = append(lines, fmt.Sprintf("%s t%d none %s unknown", name, i, []string{"a", "b"}[i%2]))
	}
	a := Allow(e, casts(lines...), nil)
	if m, why := a.Contains(whole(700, 1500, 0, 2200)); m != Inside {
		t.Error(m, why)
	}
	if m, _ := a.Contains(whole(700, 1501, 0, 2201)); m != Outside {
		t.Error("more than there are")
	}
	if m, _ := a.Contains(whole(700, 1500, 0, 2201)); m == Inside {
		t.Error("more ballots than marks, though every ballot has one")
	}
}

// scene is a random small election with everything that brute force needs.
type scene struct {
	e *Electorate
	h History
	// ways are, for each voter, all ballots that may count; nil is none.
	ways [][]Vote
}

func genScene(t *rapid.T) scene {
	e := &Electorate{
		Contests: []Contest{
			{ID: "c", Options: []string{"a", "b"}, Min: rapid.IntRange(0, 1).Draw(t, "min"), Max: rapid.IntRange(1, 2).Draw(t, "max"), Blank: rapid.Bool().Draw(t, "blank")},
			{ID: "d", Options: []string{"x", "y"}, Max: 1},
		},
		Styles: map[string][]string{"s": {"c"}, "z": {"c", "d"}},
		Units:  []string{"u", "w"},
		Revote: true,
	}
	s := scene{e: e}
	var h History
	for i := range rapid.IntRange(1, 5).Draw(t, "voters") {
		v := Voter{Name: fmt.Sprint("v", i), Style: rapid.SampledFrom([]string{"s", "z"}).Draw(t, "style"),
			Unit: rapid.SampledFrom(e.Units).Draw(t, "unit"), Weight: rapid.SampledFrom([]uint64{1, 1, 2, 5}).Draw(t, "weight")}
		e.Voters = append(e.Voters, v)
		lawful := e.every(v.Style)
		vote := rapid.SampledFrom(lawful).Draw(t, "vote")
		o := event.Operation{Actor: v.Name, Role: RoleVoter, Op: OpCast, Type: event.OpOK,
			Ballot: &event.Ballot{Tracker: v.Name, Predecessor: None, Choices: e.Choices(v.Style, vote)}}
		var ways []Vote
		switch kind := rapid.SampledFrom([]string{"ok", "unknown", "refused", "free", "unknown revote", "idle"}).Draw(t, "kind"); kind {
		case "ok":
			ways = []Vote{vote}
		case "unknown":
			o.Type, ways = event.OpUnknown, []Vote{nil, vote}
		case "refused":
			o.Type, ways = event.OpRefused, []Vote{nil}
		case "free":
			o.Ballot.Choices, ways = nil, append([]Vote{nil}, lawful...)
		case "unknown revote":
			again := rapid.SampledFrom(lawful).Draw(t, "again")
			h.Ops = append(h.Ops, Op{Operation: o, Order: len(h.Ops)})
			o.Type, ways = event.OpUnknown, []Vote{vote, again}
			o.Ballot = &event.Ballot{Tracker: v.Name + "-2", Predecessor: v.Name, Choices: e.Choices(v.Style, again)}
		case "idle":
			ways = []Vote{nil}
			o.Op = "look"
		}
		h.Ops = append(h.Ops, Op{Operation: o, Order: len(h.Ops)})
		s.ways = append(s.ways, ways)
	}
	s.h = h
	return s
}

// every lists all lawful ballots of a style.
func (e *Electorate) every(style string) []Vote {
	out := []Vote{{}}
	for _, id := range e.Styles[style] {
		c, _ := e.Contest(id)
		var next []Vote
		for _, sel := range []Selection{{}, {Blank: true}, {Options: c.Options[:1]}, {Options: c.Options[1:]}, {Options: c.Options}} {
			if c.Lawful(sel) != nil {
				continue
			}
			for _, v := range out {
				n := Vote{id: sel}
				for k, x := range v {
					n[k] = x
				}
				next = append(next, n)
			}
		}
		out = next
	}
	return out
}

// count publishes totals of given ballots: one cell a unit, or one for both.
func (s scene) count(votes []Vote, merged, ballots bool) Totals {
	var t Totals
	units := [][]string{{"u"}, {"w"}}
	if merged {
		units = [][]string{{"u", "w"}}
	}
	for _, c := range s.e.Contests {
		for _, us := range units {
			cell := Cell{Contest: c.ID, Units: us, Options: map[string]uint64{}}
			n := uint64(0)
			for _, o := range c.Options {
				cell.Options[o] = 0
			}
			for i, v := range s.e.Voters {
				if votes[i] == nil || !slices.Contains(us, v.Unit) || !slices.Contains(s.e.Styles[v.Style], c.ID) {
					continue
				}
				n++
				for _, o := range votes[i][c.ID].Options {
					cell.Options[o] += v.Weight
				}
				if votes[i][c.ID].Blank {
					cell.Blank += v.Weight
				}
			}
			if ballots {
				cell.Ballots = &n
			}
			t.Cells = append(t.Cells, cell)
		}
	}
	return t
}

func (t Totals) text() string {
	var b strings.Builder
	for _, c := range t.Cells {
		fmt.Fprint(&b, c.Contest, c.Units, c.Options, c.Blank)
		if c.Ballots != nil {
			fmt.Fprint(&b, " ", *c.Ballots)
		}
	}
	return b.String()
}

// Contains agrees with brute force over all ballots that may count, on results
// that are allowed and on ones near to them.
func TestContainsAgainstBruteForce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := genScene(t)
		merged, ballots := rapid.Bool().Draw(t, "merged"), rapid.Bool().Draw(t, "ballots")
		all := map[string]bool{}
		var some Totals
		pick := make([]int, len(s.ways))
		for i := range pick {
			pick[i] = rapid.IntRange(0, len(s.ways[i])-1).Draw(t, "pick")
		}
		votes := make([]Vote, len(s.ways))
		var each func(int)
		each = func(i int) {
			if i == len(s.ways) {
				all[s.count(votes, merged, ballots).text()] = true
				return
			}
			for _, w := range s.ways[i] {
				votes[i] = w
				each(i + 1)
			}
		}
		each(0)
		for i := range pick {
			votes[i] = s.ways[i][pick[i]]
		}
		some = s.count(votes, merged, ballots)
		a := Allow(s.e, s.h, nil)
		if m, why := a.Contains(some); m != Inside {
			t.Fatalf("allowed, but %s", why)
		}
		if a.Exact() != (len(all) == 1) && a.Exact() {
			t.Fatalf("exact, but %d results are allowed", len(all))
		}
		for range 3 {
			c := &some.Cells[rapid.IntRange(0, len(some.Cells)-1).Draw(t, "cell")]
			change := rapid.SampledFrom([]uint64{1, 2, ^uint64(0)}).Draw(t, "change")
			o := rapid.SampledFrom([]string{"first", "second", "blank"}).Draw(t, "figure")
			contest, _ := s.e.Contest(c.Contest)
			switch {
			case o == "blank" && c.Blank+change < 1<<60:
				c.Blank += change
			case o == "first" && c.Options[contest.Options[0]]+change < 1<<60:
				c.Options[contest.Options[0]] += change
			case o == "second" && c.Options[contest.Options[1]]+change < 1<<60:
				c.Options[contest.Options[1]] += change
			}
			m, why := a.Contains(some)
			if want := all[some.text()]; (m == Inside) != want || m == Undecidable {
				t.Fatalf("%s: allowed %t, Contains says %d %s", some.text(), want, m, why)
			}
			for _, x := range a.Tallies(&some) {
				if !x.OK && m == Inside {
					t.Fatal("inside, but outside a range")
				}
			}
		}
	})
}
