package sarif_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	oracle "github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"

	"scrutineer/reports/event"
	"scrutineer/reports/internal/sample"
	"scrutineer/reports/run"
	"scrutineer/reports/sarif"
)

var update = flag.Bool("update", false, "write the golden files again")

// render renders the run that write writes, and holds it to the schema of the
// standard, which comes with another implementation.
func render(t *testing.T, write func(dir string) error) []byte {
	t.Helper()
	dir := t.TempDir()
	if err := write(dir); err != nil {
		t.Fatal(err)
	}
	r, err := run.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	r.Name, r.Notes = "run", nil
	var b bytes.Buffer
	if err := sarif.Write(&b, r); err != nil {
		t.Fatal(err)
	}
	if _, err := oracle.FromBytes(b.Bytes()); err != nil {
		t.Error(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if err := standard(t).Validate(doc); err != nil {
		t.Error(err)
	}
	return b.Bytes()
}

// standard is the schema of SARIF 2.1.0 as another implementation has it, in a
// constant that it keeps to itself.
func standard(t *testing.T) *jsonschema.Schema {
	t.Helper()
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/owenrumney/go-sarif/v3").Output()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(strings.TrimSpace(string(dir)), "pkg", "report", "v210", "sarif", "schema.go")
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	literal := file.Scope.Lookup("schema").Decl.(*ast.ValueSpec).Values[0].(*ast.BasicLit)
	text, err := strconv.Unquote(literal.Value)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(sarif.Schema, doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile(sarif.Schema)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func TestGolden(t *testing.T) {
	for name, kind := range map[string]sample.Kind{"small": sample.Small, "troubled": sample.Troubled} {
		got := render(t, func(dir string) error { return sample.Write(dir, kind) })
		path := filepath.Join("testdata", name+".sarif")
		if *update {
			if err := os.WriteFile(path, got, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s differs: run the test with -update and read the diff", path)
		}
	}
}

func TestHostile(t *testing.T) {
	payloads := sample.Payloads()
	got := render(t, func(dir string) error {
		return sample.Hostile(dir, sample.Good, func(n int) string { return payloads[n%len(payloads)] })
	})
	if strings.ContainsAny(string(got), "\x1b\x00\u202e") || bytes.Contains(got, []byte("<script")) {
		t.Error("hostile text got through")
	}
}

// The schema that holds our documents rejects others.
func TestSchemaRejects(t *testing.T) {
	for _, text := range []string{`{"version": "2.1.0"}`, `{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "x"}}, "results": [{"message": {"text": "x"}, "kind": "maybe"}]}]}`} {
		doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if standard(t).Validate(doc) == nil {
			t.Errorf("accepts %s", text)
		}
	}
}

func TestKinds(t *testing.T) {
	verdict := func(sub string, kind event.RunKind, j, expected event.Judgement, w *event.Waiver) event.Event {
		return event.Event{Verdict: &event.Verdict{Scenario: "A03", SubCase: sub, Run: kind, Judgement: j, Expected: expected,
			AsExpected: j == expected, Waiver: w, Dir: "scenarios/A03/" + sub + "/attack"}}
	}
	got := render(t, func(dir string) error {
		info := event.ScenarioInfo{ID: "A03", Title: "Forgery", Severity: "critical"}
		for _, sub := range []string{"passes", "fails", "waived", "open", "unable", "harness", "blind"} {
			info.SubCases = append(info.SubCases, event.SubCase{ID: sub})
			if err := os.MkdirAll(filepath.Join(dir, "scenarios", "A03", sub, "attack"), 0o755); err != nil {
				return err
			}
		}
		return sample.WriteEvents(dir, []event.Event{
			{RunStarted: &event.RunStarted{Seed: "1"}},
			{Scenario: &info},
			verdict("passes", event.Attack, event.Prevented, event.Prevented, nil),
			verdict("fails", event.Attack, event.Undetected, event.Prevented, nil),
			verdict("waived", event.Attack, event.Undetected, event.Undetected, &event.Waiver{Reason: "known", Expires: "2027-01-31"}),
			verdict("open", event.Attack, event.Inconclusive, event.Prevented, nil),
			verdict("unable", event.Attack, event.Inapplicable, event.Prevented, nil),
			verdict("harness", event.Planted, event.Undetected, event.Undetected, nil),
			verdict("blind", event.Planted, event.Prevented, event.Undetected, nil),
		})
	})
	var doc struct {
		Runs []struct {
			Results []struct {
				Kind, Level  string
				Suppressions []struct{ Justification string }
				Properties   struct{ SubCase string }
				Locations    []struct {
					PhysicalLocation struct{ ArtifactLocation struct{ URI string } }
				}
			}
		}
	}
	if err := json.Unmarshal(got, &doc); err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, r := range doc.Runs[0].Results {
		line := r.Properties.SubCase + " " + r.Kind + " " + r.Level
		for _, s := range r.Suppressions {
			line += " (" + s.Justification + ")"
		}
		lines = append(lines, line)
		if uri := r.Locations[0].PhysicalLocation.ArtifactLocation.URI; uri != "scenarios/A03/"+r.Properties.SubCase+"/attack/history.jsonl" {
			t.Errorf("%s is at %s", r.Properties.SubCase, uri)
		}
	}
	want := "passes pass none\nfails fail error\nwaived fail error (known (until 2027-01-31))\nopen open none\nunable notApplicable none\nblind fail error"
	if strings.Join(lines, "\n") != want {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(lines, "\n"), want)
	}
}
