package vectors_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"scrutineer/protocols/vectors"
)

// names are the files of vectors in this folder.
func names(t *testing.T) []string {
	t.Helper()
	found, err := filepath.Glob("*.json")
	if err != nil || len(found) == 0 {
		t.Fatalf("no files of vectors: %v", err)
	}
	return found
}

// outline is a file without contexts and inputs.
type outline struct {
	Kind, Schema, Specification string
	Header                      []string
	NumberOfTests               int
	Notes                       map[string]vectors.Note
	TestGroups                  []struct {
		Comment string
		Tests   []struct {
			TcID           int
			Comment, Check string
			Also, Flags    []string
			Result         vectors.Result
		}
	}
}

func read(t *testing.T, name string) (outline, []byte) {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var o outline
	if err := json.Unmarshal(text, &o); err != nil {
		t.Fatal(err)
	}
	return o, text
}

func TestFilesSatisfyTheirSchemas(t *testing.T) {
	for _, name := range names(t) {
		t.Run(name, func(t *testing.T) {
			o, text := read(t, name)
			if want := "schema/" + name; o.Schema != want || o.Kind+".json" != name {
				t.Fatalf("is of kind %q and names the schema %q", o.Kind, o.Schema)
			}
			s, err := jsonschema.NewCompiler().Compile(o.Schema)
			if err != nil {
				t.Fatal(err)
			}
			value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Validate(value); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestFilesAreOutlinedAsTheREADMESays(t *testing.T) {
	flag := regexp.MustCompile(`^[A-Z][A-Za-z]+$`)
	for _, name := range names(t) {
		t.Run(name, func(t *testing.T) {
			o, _ := read(t, name)
			if o.Specification != vectors.Specification || len(o.Header) == 0 {
				t.Errorf("specification %q, header of %d lines", o.Specification, len(o.Header))
			}
			ids, comments, used := map[int]bool{}, map[string]bool{}, map[string]bool{}
			for _, g := range o.TestGroups {
				if g.Comment == "" || len(g.Tests) == 0 {
					t.Errorf("group %q has %d cases", g.Comment, len(g.Tests))
				}
				for _, c := range g.Tests {
					if ids[c.TcID] || comments[c.Comment] || c.Comment == "" {
						t.Errorf("tcId %d, %q: number or comment occurs twice", c.TcID, c.Comment)
					}
					ids[c.TcID], comments[c.Comment] = true, true
					for _, f := range c.Flags {
						used[f] = true
						if !flag.MatchString(f) {
							t.Errorf("tcId %d: flag %q", c.TcID, f)
						}
					}
					if slices.Contains(c.Also, c.Check) {
						t.Errorf("tcId %d: check %s named twice", c.TcID, c.Check)
					}
				}
			}
			if len(ids) != o.NumberOfTests {
				t.Errorf("%d cases, says %d", len(ids), o.NumberOfTests)
			}
			lintNotes(t, o.Notes, used)
		})
	}
}

// lintNotes holds that the notes are those of the flags that occur, and say
// what they must.
func lintNotes(t *testing.T, notes map[string]vectors.Note, used map[string]bool) {
	for f := range used {
		if _, ok := notes[f]; !ok {
			t.Errorf("flag %s has no note", f)
		}
	}
	for f, n := range notes {
		if !used[f] {
			t.Errorf("no case has the flag %s", f)
		}
		if n.BugType == "" || n.Description == "" || n.Effect == "" {
			t.Errorf("note of %s is incomplete: %+v", f, n)
		}
	}
}

// A check that SPEC.md does not have cannot fail.
func TestChecksAreThoseOfTheSpecification(t *testing.T) {
	spec, err := os.ReadFile(filepath.Join("..", "SPEC.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names(t) {
		o, _ := read(t, name)
		for _, g := range o.TestGroups {
			for _, c := range g.Tests {
				for _, check := range append(c.Also, c.Check) {
					if check != "" && !bytes.Contains(spec, []byte("**"+check)) {
						t.Errorf("%s, tcId %d: SPEC.md has no %s", name, c.TcID, check)
					}
				}
			}
		}
	}
}

// Every check that a record can fail by itself has a record that fails it.
func TestRecordsCoverTheChecks(t *testing.T) {
	o, _ := read(t, "records.json")
	failed := map[string]bool{}
	for _, g := range o.TestGroups {
		for _, c := range g.Tests {
			failed[c.Check] = true
		}
	}
	spec, err := os.ReadFile(filepath.Join("..", "SPEC.md"))
	if err != nil {
		t.Fatal(err)
	}
	without := map[string]string{
		"V-09": "needs a pin",
		"V-45": "needs what a user kept",
	}
	for _, placed := range []string{"V-48", "V-49", "V-50", "V-51", "V-52", "V-53"} {
		without[placed] = "needs a polling place, which no vector has; the verifiers' mutants have it"
	}
	for _, match := range regexp.MustCompile(`\| \*\*(V-[0-9]{2})\*\*`).FindAllSubmatch(spec, -1) {
		check := string(match[1])
		if _, excused := without[check]; failed[check] == excused {
			t.Errorf("%s: a record fails it: %t; excuse: %q", check, failed[check], without[check])
		}
	}
}

func TestFilesAreSmall(t *testing.T) {
	total := 0
	for _, pattern := range []string{"*.json", "schema/*.json"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range found {
			info, err := os.Stat(name)
			if err != nil {
				t.Fatal(err)
			}
			total += int(info.Size())
		}
	}
	if total > 3_500_000 {
		t.Errorf("vectors take %d bytes", total)
	}
}
