package vocabulary

import (
	"errors"
	"testing"
)

func TestStandard(t *testing.T) {
	s := Standard()
	for _, name := range s.Names(Actions) {
		a, ok := s.Action(name)
		if !ok || a.Doc == "" {
			t.Errorf("%s has no description", name)
		}
		for _, p := range a.Params {
			if p.Doc == "" {
				t.Errorf("%s.%s has no description", name, p.Name)
			}
			if got, ok := a.Param(p.Name); !ok || got.Kind != p.Kind {
				t.Errorf("%s.%s is not found", name, p.Name)
			}
		}
	}
	for _, l := range []List{Oracles, Abilities, Weaknesses} {
		for _, term := range s.Terms(l) {
			if term.Doc == "" {
				t.Errorf("%s: %s has no description", l, term.Name)
			}
		}
	}
	if _, ok := s.Action("nothing"); ok {
		t.Error("an unknown action is there")
	}
}

func TestNewRejects(t *testing.T) {
	abilities := []Term{{"submit", "x"}}
	for name, a := range map[string]Action{
		"unknown ability":       {Name: "a", Needs: []string{"fly"}},
		"parameter twice":       {Name: "a", Params: []Param{{Name: "p", Kind: Bool}, {Name: "p", Kind: Bool}}},
		"no kind":               {Name: "a", Params: []Param{{Name: "p"}}},
		"word without words":    {Name: "a", Params: []Param{{Name: "p", Kind: Word}}},
		"words without a word":  {Name: "a", Params: []Param{{Name: "p", Kind: Int, Words: []string{"x"}}}},
		"bounds":                {Name: "a", Params: []Param{{Name: "p", Kind: Int, Min: 2, Max: 1}}},
		"option of nothing":     {Name: "a", Params: []Param{{Name: "p", Kind: Option, Within: "contest"}}},
		"reference to nothing":  {Name: "a", Params: []Param{{Name: "p", Kind: Ref}}},
		"required with default": {Name: "a", Params: []Param{{Name: "p", Kind: Bool, Required: true, Default: true}}},
	} {
		if _, err := New([]Action{a}, nil, abilities, nil); !errors.Is(err, ErrVocabulary) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := New([]Action{{Name: "a"}, {Name: "a"}}, nil, nil, nil); !errors.Is(err, ErrVocabulary) {
		t.Error("an action twice is accepted")
	}
}

func TestArgs(t *testing.T) {
	a := Args{"t": "x", "i": int64(3), "b": true, "l": []string{"p"}, "n": []int64{1}, "c": map[string][]string{"k": nil}}
	if a.Text("t") != "x" || a.Int("i") != 3 || !a.Bool("b") || a.List("l")[0] != "p" || a.Ints("n")[0] != 1 || a.Choices("c") == nil {
		t.Error("a getter is wrong")
	}
	if a.Has("none") || a.Text("none") != "" || a.Int("t") != 0 || a.Bool("none") || a.List("t") != nil || a.Ints("t") != nil || a.Choices("t") != nil {
		t.Error("an absent argument is not the zero value")
	}
	b := a.Clone()
	b["t"] = "y"
	if a.Text("t") != "x" {
		t.Error("a clone shares its map")
	}
}
