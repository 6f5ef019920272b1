package scenario

import (
	"encoding/json"
	"errors"
	"flag"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"scrutineer/harness/strictyaml"
	"scrutineer/harness/vocabulary"
	"scrutineer/reports/event"
)

var update = flag.Bool("update", false, "write golden files")

func good(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile("testdata/good.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func parse(t *testing.T, text string) *Scenario {
	t.Helper()
	s, err := Parse("f.yaml", []byte(text), vocabulary.Standard())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// The plans of the example, as a reader would want to see them.
func TestPlansGolden(t *testing.T) {
	s := parse(t, good(t))
	var b strings.Builder
	for _, c := range s.Cases {
		for _, run := range []event.RunKind{event.Attack, event.Twin} {
			p, err := s.Plan(c.ID, run)
			if err != nil {
				t.Fatal(err)
			}
			out, err := json.MarshalIndent(p, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			b.Write(append(out, '\n'))
		}
	}
	const golden = "testdata/plans.golden"
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Error(diff)
	}
}

func TestPlan(t *testing.T) {
	s := parse(t, good(t))
	attack, _ := s.Plan("one", event.Attack)
	planted, _ := s.Plan("one", event.Planted)
	if attack != planted {
		t.Error("the planted run has another plan than the attack")
	}
	if attack.JudgedElection() != "election" || (&Plan{}).JudgedElection() != "" {
		t.Error("the judged election is not the one set up")
	}
	if _, err := s.Plan("three", event.Attack); err == nil {
		t.Error("a sub-case that is not there has a plan")
	}
	if c, ok := s.Case("two"); !ok || len(c.Planted) != 2 {
		t.Error("Case does not find a sub-case")
	}
	if _, ok := s.Case("three"); ok {
		t.Error("Case finds what is not there")
	}
	for _, c := range []struct {
		role, name string
		want       Player
	}{
		{"voter", "mallory", Harness}, {"voter", "crowd-2", Harness}, {"voter", "nobody", Target},
		{"trustee", "2", Harness}, {"trustee", "1", Target}, {"authority", "", Target},
	} {
		if got := attack.Player(c.role, c.name); got != c.want {
			t.Errorf("%s %s is played by the %s", c.role, c.name, got)
		}
	}
	b, err := json.Marshal(attack)
	if err != nil || strings.Contains(string(b), "weak.") {
		t.Errorf("a plan names weaknesses: %v", err)
	}
}

func TestElectorate(t *testing.T) {
	s := parse(t, good(t))
	p, _ := s.Plan("one", event.Attack)
	draw := func(seed uint64) any { return p.Election.Electorate(rand.New(rand.NewPCG(seed, 0))) }
	if diff := cmp.Diff(draw(1), draw(1)); diff != "" {
		t.Error("one seed gives two electorates", diff)
	}
	different := false
	for seed := range uint64(200) {
		e := p.Election.Electorate(rand.New(rand.NewPCG(seed, 0)))
		different = different || cmp.Diff(draw(1), any(e)) != ""
		if len(e.Voters) != 4 || e.Voters[1].Name != "crowd-1" || !e.Voters[0].Intent["motion"].Blank {
			t.Fatalf("wrong voters: %+v", e.Voters)
		}
		for _, v := range e.Voters {
			if err := e.Lawful(v.Style, v.Intent); err != nil {
				t.Fatal(err)
			}
		}
	}
	if !different {
		t.Error("the seed does not matter")
	}
}

func TestSpread(t *testing.T) {
	text := strings.Replace(good(t), "{name: crowd, count: 3}", "{name: crowd, count: 3, pattern: spread, choices: {motion: [\"no\"]}}", 1)
	p, _ := parse(t, text).Plan("one", event.Attack)
	e := p.Election.Electorate(rand.New(rand.NewPCG(1, 2)))
	for i, want := range []string{"ana", "bo", "ana"} {
		v := e.Voters[i+1]
		if v.Intent["seat"].Options[0] != want || v.Intent["motion"].Options[0] != "no" {
			t.Errorf("%s votes %v", v.Name, v.Intent)
		}
	}
}

func TestInfo(t *testing.T) {
	info := parse(t, good(t)).Info()
	if info.ID != "Z99" || info.Actor != "voter+server" || info.Expect != event.Prevented ||
		len(info.SubCases) != 2 || len(info.SubCases[1].Planted[0]) != 2 || info.References[0].URL == "" ||
		info.Requirements[0].Clause != "15" || info.Properties[0] != "TAR" {
		t.Errorf("%+v", info)
	}
}

func TestGoodFileFitsSchema(t *testing.T) {
	if err := compiled(t).Validate(asJSON(t, []byte(good(t)))); err != nil {
		t.Error(err)
	}
}

func TestLoad(t *testing.T) {
	text := good(t)
	words := vocabulary.Standard()
	other := strings.Replace(text, "id: Z99", "id: A01", 1)
	files := fstest.MapFS{
		"z.yaml":       {Data: []byte(text)},
		"a.yml":        {Data: []byte(other)},
		"README.md":    {Data: []byte("not a scenario")},
		"sub/bad.yaml": {Data: []byte("bad")},
	}
	all, err := Load(files, words)
	if err != nil || len(all) != 2 || all[0].ID != "A01" {
		t.Fatalf("%v %v", all, err)
	}
	files["again.json"] = &fstest.MapFile{Data: []byte(text)}
	if _, err := Load(files, words); !errors.Is(err, ErrTwice) {
		t.Errorf("one id in two files: %v", err)
	}
	files["again.json"] = &fstest.MapFile{Data: []byte(`{"id": 7}`)}
	var f *strictyaml.Fault
	if _, err := Load(files, words); !errors.As(err, &f) || f.File != "again.json" {
		t.Errorf("a faulty file: %v", err)
	}
	if _, err := Join(all, all); !errors.Is(err, ErrTwice) {
		t.Errorf("joined twice: %v", err)
	}
}

func TestLoadFile(t *testing.T) {
	words := vocabulary.Standard()
	if s, err := LoadFile("testdata/good.yaml", words); err != nil || s.ID != "Z99" {
		t.Fatal(err)
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "huge.yaml")
	if err := os.WriteFile(path, []byte("id: Z99 #"+strings.Repeat("x", 2*strictyaml.MaxSize)), 0o644); err != nil {
		t.Fatal(err)
	}
	var f *strictyaml.Fault
	if _, err := LoadFile(path, words); !errors.As(err, &f) || !strings.Contains(f.Message, "limit") {
		t.Errorf("a file above the limit: %v", err)
	}
	if _, err := LoadFolder(dir, words); !errors.As(err, &f) || f.File != path {
		t.Errorf("a folder with a faulty file: %v", err)
	}
	if _, err := LoadFile(filepath.Join(dir, "none.yaml"), words); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
	if _, err := LoadFolder(filepath.Join(dir, "none"), words); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no folder: %v", err)
	}
}
