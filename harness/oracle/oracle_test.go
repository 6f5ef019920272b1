package oracle

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"scrutineer/harness/history"
	"scrutineer/reports/event"
)

// honest is a small election in which everything is as it should be: three
// voters, one of whom voted twice, and one who did not vote.
func honest() Evidence {
	e := &history.Electorate{
		Contests: []history.Contest{{ID: "c", Options: []string{"a", "b"}, Min: 0, Max: 1, Blank: true}},
		Styles:   map[string][]string{"s": {"c"}},
		Units:    []string{"u"},
		Revote:   true,
	}
	for _, name := range []string{"v1", "v2", "v3", "idle"} {
		e.Voters = append(e.Voters, history.Voter{Name: name, Style: "s", Unit: "u", Weight: 1})
	}
	ballots := uint64(3)
	return Evidence{
		Electorate: e,
		History: history.History{Ops: []history.Op{
			cast("v1", "t1", "none", "a", 4, event.OpOK),
			cast("v2", "t2", "none", "b", 5, event.OpOK),
			cast("v3", "t3", "none", "a", 6, event.OpUnknown),
			cast("v2", "t4", "t2", "a", 7, event.OpOK),
			cast("v3", "t9", "none", "b", 0, event.OpRefused),
			{Operation: event.Operation{Actor: "authority", Op: history.OpPublish, Type: event.OpOK}},
		}},
		Board: &history.Board{Size: 12, Sealed: true, Entries: []history.Entry{
			{Index: 4, Voter: "v1", Tracker: "t1", Predecessor: "none"},
			{Index: 5, Voter: "v2", Tracker: "t2", Predecessor: "none"},
			{Index: 6, Voter: "v3", Tracker: "t3", Predecessor: "none"},
			{Index: 7, Voter: "v2", Tracker: "t4", Predecessor: "t2"},
		}},
		Totals: &history.Totals{Cells: []history.Cell{{Contest: "c", Units: []string{"u"}, Options: map[string]uint64{"a": 3, "b": 0}, Ballots: &ballots}}},
	}
}

func cast(voter, tracker, predecessor, option string, index int64, outcome event.OpType) history.Op {
	return history.Op{Completed: true, Operation: event.Operation{Actor: voter, Role: history.RoleVoter, Op: history.OpCast, Type: outcome,
		Ballot: &event.Ballot{Tracker: tracker, Predecessor: predecessor, Index: &index,
			Choices: []event.Choice{{Contest: "c", Options: []string{option}}}}}}
}

// Every oracle is silent on the honest election: the negative controls.
func TestHonestElection(t *testing.T) {
	for _, o := range Standard() {
		if r := o.Judge(honest()); len(r.Damage) > 0 || r.Undecided != "" {
			t.Errorf("%s: %+v", o.ID, r)
		}
		if r := o.Judge(Evidence{Electorate: honest().Electorate}); len(r.Damage) > 0 || r.Undecided != "" {
			t.Errorf("%s on an empty run: %+v", o.ID, r)
		}
	}
}

// Each oracle fires on what it is for: the positive controls. With each goes
// an oddity that is none of its business.
func TestDamage(t *testing.T) {
	ballots := func(e *Evidence, n uint64) { e.Totals.Cells[0].Ballots = &n }
	for _, c := range []struct {
		oracle, name string
		change       func(*Evidence)
		want         string
	}{
		{"O.tally", "a vote moved", func(e *Evidence) { e.Totals.Cells[0].Options = map[string]uint64{"a": 2, "b": 1} }, "a has 2, the voters' ballots allow 3"},
		{"O.tally", "a ballot dropped", func(e *Evidence) { e.Totals.Cells[0].Options["a"] = 2; ballots(e, 2) }, "a has 2"},
		{"O.tally", "one ballot too many", func(e *Evidence) { ballots(e, 4) }, "numbers of ballots"},
		{"O.tally", "nothing published is no wrong total", func(e *Evidence) { e.Totals = nil }, ""},
		{"O.live", "no result", func(e *Evidence) { e.Totals = nil }, "a result was due"},
		{"O.live", "no result was tried", func(e *Evidence) { e.Totals = nil; e.History.Ops = e.History.Ops[:5] }, ""},
		{"O.accept", "a rejection", func(e *Evidence) { e.Rejections = []event.Finding{{Check: "V-20", Message: "proof"}} }, "proof"},
		{"INV1", "more marks than ballots hold", func(e *Evidence) { e.Totals.Cells[0].Options["b"] = 1 }, "4 marks, the ballots hold at most 3"},
		{"INV1", "blank counts as all marks", func(e *Evidence) { e.Totals.Cells[0].Blank = 1 }, "4 marks"},
		{"INV1", "fewer marks than ballots must hold", func(e *Evidence) { e.Electorate.Contests[0].Min = 1; e.Totals.Cells[0].Options["a"] = 2 }, "at least 3"},
		{"INV1", "bound by all voters where ballots are not published", func(e *Evidence) { e.Totals.Cells[0].Ballots = nil; e.Totals.Cells[0].Options["b"] = 2 }, "at most 4"},
		{"INV1", "within that bound", func(e *Evidence) { e.Totals.Cells[0].Ballots = nil; e.Totals.Cells[0].Options["b"] = 1 }, ""},
		{"INV2", "an option beyond all ballots", func(e *Evidence) { e.Totals.Cells[0].Options["a"] = 4 }, "a has 4, all ballots weigh 3"},
		{"INV2", "blank beyond all ballots", func(e *Evidence) { e.Totals.Cells[0].Blank = 9 }, "blank has 9"},
		{"INV2", "withheld cells have no totals", func(e *Evidence) { e.Totals.Cells[0].Blank = 9; e.Totals.Cells[0].Withheld = true }, ""},
		{"INV3", "more ballots than voters who cast", func(e *Evidence) { ballots(e, 4) }, "4 ballots of 3 voters who cast"},
		{"INV3", "two acknowledged after one predecessor", func(e *Evidence) {
			e.History.Ops = append(e.History.Ops, cast("v1", "t8", "none", "b", 8, event.OpOK))
		}, "v1 was acknowledged 2 ballots"},
		{"INV3", "two on the board after one predecessor", func(e *Evidence) {
			e.Board.Entries = append(e.Board.Entries, history.Entry{Index: 8, Voter: "v1", Tracker: "t8", Predecessor: "none"})
		}, "v1 has two ballots on the board"},
		{"INV3", "a voter whom nobody can name", func(e *Evidence) {
			e.Board.Entries = append(e.Board.Entries, history.Entry{Index: 8, Tracker: "t8", Predecessor: "none"}, history.Entry{Index: 9, Tracker: "t7", Predecessor: "none"})
		}, ""},
		{"INV14", "another entry at the promised index", func(e *Evidence) { e.Board.Entries[0].Tracker = "t7" }, "the receipt of v1 promises"},
		{"INV14", "nothing at the promised index", func(e *Evidence) { e.Board.Entries = e.Board.Entries[1:] }, "the receipt of v1 promises"},
		{"INV14", "an index that the board has not reached", func(e *Evidence) { e.Board.Size = 4; e.Board.Entries = nil }, ""},
		{"INV14", "somebody else's entry", func(e *Evidence) { e.Board.Entries[0].Voter = "v3" }, "the receipt of v1 promises"},
		{"INV15", "acknowledged and not there", func(e *Evidence) { e.Board.Entries = e.Board.Entries[1:] }, "the ballot of v1 was acknowledged"},
		{"INV15", "not there yet", func(e *Evidence) { e.Board.Entries = e.Board.Entries[1:]; e.Board.Sealed = false }, ""},
		{"INV15", "a ballot of somebody who stayed at home", func(e *Evidence) {
			e.Board.Sealed = false
			e.Board.Entries = append(e.Board.Entries, history.Entry{Index: 8, Voter: "idle", Tracker: "t8"})
		}, "a ballot of idle is on the board that the voter did not cast"},
		{"INV15", "a refused ballot", func(e *Evidence) {
			e.Board.Entries = append(e.Board.Entries, history.Entry{Index: 8, Voter: "v3", Tracker: "t9"})
		}, "a ballot of v3 is on the board"},
		{"INV15", "a ballot of nobody", func(e *Evidence) {
			e.Board.Entries = append(e.Board.Entries, history.Entry{Index: 8, Tracker: "t8"})
		}, "a ballot of an unknown voter"},
		{"INV15", "a ballot that got lost before its tracker was known", func(e *Evidence) {
			lost := cast("v1", "", "none", "a", 0, event.OpUnknown)
			e.History.Ops = append(e.History.Ops, lost)
			e.Board.Entries = append(e.Board.Entries, history.Entry{Index: 8, Voter: "v1", Tracker: "t8"})
		}, ""},
		{"INV15", "and no second one", func(e *Evidence) {
			lost := cast("v1", "", "none", "a", 0, event.OpUnknown)
			e.History.Ops = append(e.History.Ops, lost)
			e.Board.Entries = append(e.Board.Entries, history.Entry{Index: 8, Voter: "v1", Tracker: "t8"}, history.Entry{Index: 9, Voter: "v1", Tracker: "t7"})
		}, "a ballot of v1 is on the board"},
		{"INV15", "what others cast in her name", func(e *Evidence) {
			o := cast("v1", "t8", "none", "a", 8, event.OpOK)
			o.Role = "network"
			e.History.Ops = append(e.History.Ops, o)
			e.Board.Entries = append(e.Board.Entries, history.Entry{Index: 8, Voter: "v1", Tracker: "t8"})
		}, "a ballot of v1 is on the board"},
	} {
		t.Run(c.oracle+" "+c.name, func(t *testing.T) {
			e := honest()
			c.change(&e)
			r, err := Judge(Standard(), []string{c.oracle}, e)
			if err != nil {
				t.Fatal(err)
			}
			if (len(r.Damage) == 0) != (c.want == "") {
				t.Fatalf("damage %+v, want %q", r.Damage, c.want)
			}
			for _, d := range r.Damage {
				if d.Kind != event.Damage || d.Role == "" || d.Check == "" {
					t.Errorf("incomplete finding %+v", d)
				}
			}
			if c.want != "" && !strings.Contains(r.Damage[0].Message, c.want) {
				t.Errorf("%q, want %q", r.Damage[0].Message, c.want)
			}
		})
	}
}

func TestUndecidedTally(t *testing.T) {
	e := honest()
	e.Board = nil
	e.Electorate.Voters, e.History.Ops = nil, nil
	// Many voters of unlike weight, all of unknown outcome: a subset sum.
	for i := range 60 {
		name := fmt.Sprint("n", i)
		e.Electorate.Voters = append(e.Electorate.Voters, history.Voter{Name: name, Style: "s", Unit: "u", Weight: uint64(100003 + 2*i*i*i)})
		e.History.Ops = append(e.History.Ops, cast(name, name, "none", "a", 0, event.OpUnknown))
	}
	n := uint64(30)
	e.Totals.Cells[0].Options, e.Totals.Cells[0].Ballots = map[string]uint64{"a": 30*100003 + 1, "b": 0}, &n
	if r := Tally(e); r.Undecided == "" {
		t.Errorf("%+v", r)
	}
	if r, err := Judge(Standard(), []string{"O.live", "O.tally"}, e); err != nil || !strings.HasPrefix(r.Undecided, "O.tally: ") {
		t.Error(r, err)
	}
}

func TestSecrecy(t *testing.T) {
	e := honest()
	e.History.Ops = nil
	options := []string{"a", "b"}
	for i := range 40 {
		name := fmt.Sprint("n", i)
		e.History.Ops = append(e.History.Ops, cast(name, name, "none", options[i%2], 0, event.OpOK))
	}
	read := func(hits int) Evidence {
		e.Readings = nil
		for i := range 40 {
			guess := options[i%2]
			if i >= hits {
				guess = options[(i+1)%2]
			}
			e.Readings = append(e.Readings, Reading{Voter: fmt.Sprint("n", i), Contest: "c", Guess: history.Selection{Options: []string{guess}}})
		}
		return e
	}
	for _, c := range []struct {
		hits int
		hit  bool
	}{{0, false}, {20, false}, {28, false}, {40, true}, {36, true}} {
		if r := Secrecy(read(c.hits)); (len(r.Damage) > 0) != c.hit || r.Undecided != "" {
			t.Errorf("%d of 40 hits: %+v", c.hits, r)
		}
	}
	e = read(40)
	e.Readings = e.Readings[:19]
	if r := Secrecy(e); r.Undecided == "" || len(r.Damage) > 0 {
		t.Errorf("19 readings: %+v", r)
	}
	for i := range e.Readings {
		e.Readings[i].Voter = "nobody"
	}
	if r := Secrecy(e); r.Undecided == "" {
		t.Error("readings of nobody count")
	}
	// Whoever names the most frequent vote has read nothing.
	for i := range e.History.Ops {
		e.History.Ops[i].Ballot.Choices = []event.Choice{{Contest: "c", Blank: true}}
	}
	e.Readings = nil
	for i := range 40 {
		e.Readings = append(e.Readings, Reading{Voter: fmt.Sprint("n", i), Contest: "c", Guess: history.Selection{Blank: true}})
	}
	if r := Secrecy(e); len(r.Damage) > 0 {
		t.Errorf("all votes are equal: %+v", r)
	}
}

// The bound agrees with the tables: for n hits in n tries it is the n-th root
// of 1 − confidence, and it covers the rate as often as it says.
func TestLowerBound(t *testing.T) {
	for _, n := range []int{1, 20, 200} {
		if got, want := LowerBound(n, n, 0.99), math.Pow(0.01, 1/float64(n)); math.Abs(got-want) > 1e-9 {
			t.Errorf("%d of %d: %g, want %g", n, n, got, want)
		}
	}
	if LowerBound(0, 10, 0.99) != 0 {
		t.Error("no hit bounds nothing")
	}
	for k := 1; k < 30; k++ {
		p := LowerBound(k, 30, 0.95)
		if math.Abs(tail(k, 30, p)-0.05) > 1e-9 || p >= float64(k)/30 || p <= LowerBound(k-1, 30, 0.95) {
			t.Errorf("%d of 30: %g", k, p)
		}
	}
	if tail(0, 5, 0) != 0 || math.Abs(tail(0, 5, 0.3)-1) > 1e-12 || math.Abs(tail(5, 5, 1)-1) > 1e-12 {
		t.Error("the tail is wrong at its ends")
	}
}

func TestJudge(t *testing.T) {
	if _, err := Judge(Standard(), []string{"O.none"}, honest()); err == nil {
		t.Error("an unknown oracle is asked")
	}
	e := honest()
	e.Totals.Cells[0].Options["b"] = 1
	r, err := Judge(Standard(), []string{"O.tally", "INV1"}, e)
	if err != nil || len(r.Damage) != 2 {
		t.Errorf("%+v %v", r, err)
	}
	var ids []string
	for _, o := range Standard() {
		ids = append(ids, o.ID)
	}
	if !slices.IsSorted(ids) {
		t.Error("the oracles are not in order")
	}
}
