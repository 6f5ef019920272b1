package event

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// A path in the table that no line has would be a field that was renamed.
func TestVolatilePathsExist(t *testing.T) {
	for _, path := range volatilePaths() {
		typ := reflect.TypeFor[Event]()
		for _, name := range strings.Split(path, ".") {
			for typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice {
				typ = typ.Elem()
			}
			next := member(typ, name)
			if next == nil {
				t.Fatalf("%s: %s has no member %s", path, typ, name)
			}
			typ = next
		}
	}
}

func member(typ reflect.Type, name string) reflect.Type {
	for i := range typ.NumField() {
		if tag, _, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ","); tag == name {
			return typ.Field(i).Type
		}
	}
	return nil
}

// history is one run of two honest voters and a race of three casts. The
// second run has the same seed but other times, ids, indices, interleaving and
// winner.
func history(second bool) []Event {
	index, id, at := int64(17), "op-1", epoch
	if second {
		index, id, at = 23, "op-9", epoch.Add(time.Hour)
	}
	op := func(o Operation) Event {
		o.ID, o.Message, o.Process = id, "at "+at.String(), id
		return Event{Schema: Schema, Seq: index, Time: at, Operation: &o}
	}
	a := []Event{
		op(Operation{Actor: "voter-1", Op: "cast", Type: Invoke, Params: []Param{{"port", id}, {"choice", "A"}}}),
		op(Operation{Actor: "voter-1", Op: "cast", Type: OpOK, Ballot: &Ballot{Tracker: "t1", Index: &index}}),
	}
	b := []Event{op(Operation{Actor: "voter-2", Op: "cast", Type: Invoke})}
	race := []Event{
		op(Operation{Actor: "child-1", Op: "cast", Type: OpRefused, Race: "r", Code: "standing"}),
		op(Operation{Actor: "child-2", Op: "cast", Type: OpOK, Race: "r", Ballot: &Ballot{Tracker: "t2"}}),
		op(Operation{Actor: "child-3", Op: "cast", Type: OpRefused, Race: "r", Code: "standing"}),
	}
	if !second {
		return slices.Concat(a, b, race)
	}
	race[1].Operation.Type, race[1].Operation.Ballot, race[1].Operation.Code = OpRefused, nil, "standing"
	race[2].Operation.Type, race[2].Operation.Ballot, race[2].Operation.Code = OpOK, &Ballot{Tracker: "t3"}, ""
	return slices.Concat(race, b, a)
}

func TestEqualSeedsAreEqual(t *testing.T) {
	onlyA, onlyB, err := Diff(history(false), history(true))
	if err != nil || len(onlyA)+len(onlyB) > 0 {
		t.Fatalf("%v\n%s\n%s", err, onlyA, onlyB)
	}
}

func TestDifferencesShow(t *testing.T) {
	cases := map[string]func([]Event) []Event{
		"other choice":   func(h []Event) []Event { h[0].Operation.Params[1].Value = "B"; return h },
		"other tracker":  func(h []Event) []Event { h[1].Operation.Ballot.Tracker = "u"; return h },
		"two winners":    func(h []Event) []Event { h[3].Operation.Type = OpOK; return h },
		"missing line":   func(h []Event) []Event { return h[1:] },
		"extra line":     func(h []Event) []Event { return append(h, h[0]) },
		"order of actor": func(h []Event) []Event { h[0], h[1] = h[1], h[0]; return h },
		"other code":     func(h []Event) []Event { h[3].Operation.Code = "late"; return h },
	}
	for name, change := range cases {
		t.Run(name, func(t *testing.T) {
			onlyA, onlyB, err := Diff(history(true), change(history(false)))
			if err != nil || len(onlyA)+len(onlyB) == 0 {
				t.Fatalf("not seen (%v)", err)
			}
		})
	}
}

// Normalise must not write into the events of its caller.
func TestNormaliseLeavesItsInput(t *testing.T) {
	in, want := history(false), history(false)
	if _, err := Normalise(in); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(in, want) {
		t.Fatal("input changed")
	}
}

func TestVerdictStepsOfOneActorKeepTheirOrder(t *testing.T) {
	verdict := func(steps ...Step) []Event {
		return []Event{{Schema: Schema, Verdict: &Verdict{Scenario: "C11", Run: Attack, Judgement: Prevented, Expected: Prevented, Steps: steps}}}
	}
	one := Step{Actor: "m", Action: "b-second", AtMS: 1}
	two := Step{Actor: "m", Action: "a-first", AtMS: 2}
	other := Step{Actor: "v", Action: "c", AtMS: 3}
	if a, b, err := Diff(verdict(one, two, other), verdict(other, one, two)); err != nil || len(a)+len(b) > 0 {
		t.Fatalf("actors may interleave: %s %s %v", a, b, err)
	}
	if a, b, err := Diff(verdict(one, two), verdict(two, one)); err != nil || len(a)+len(b) == 0 {
		t.Fatalf("one actor may not: %v", err)
	}
}
