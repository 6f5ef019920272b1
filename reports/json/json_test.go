package json_test

import (
	"bytes"
	stdjson "encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"github.com/go-json-experiment/json"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"scrutineer/reports/internal/sample"
	"scrutineer/reports/internal/schemagen"
	report "scrutineer/reports/json"
	"scrutineer/reports/run"
)

var update = flag.Bool("update", false, "write the schema and the golden files")

func load(t *testing.T, write func(dir string) error) *run.Run {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "2026-03-02T09-30-00Z-6f1d4c2a90b7e835")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := write(dir); err != nil {
		t.Fatal(err)
	}
	r, err := run.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func kind(k sample.Kind) func(string) error {
	return func(dir string) error { return sample.Write(dir, k) }
}

func render(t *testing.T, r *run.Run) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := report.Write(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs: run the test with -update and read the diff", name)
	}
}

func TestPublishedSchemaMatchesTheCode(t *testing.T) {
	src, err := schemagen.Parse(".", "../event")
	if err != nil {
		t.Fatal(err)
	}
	s, err := src.Object("json.Document")
	if err != nil {
		t.Fatal(err)
	}
	s["title"], s["$id"] = "Scrutineer report", "https://scrutineer.invalid/schema/report/1"
	s["properties"].(schemagen.Schema)["schema"] = schemagen.Schema{"const": report.SchemaVersion}
	text, err := stdjson.MarshalIndent(s, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "report.schema.json", append(text, '\n'))
}

func TestDocumentsSatisfyTheSchema(t *testing.T) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(report.Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("file:///report.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("file:///report.json")
	if err != nil {
		t.Fatal(err)
	}
	for name, write := range map[string]func(string) error{
		"good": kind(sample.Good), "troubled": kind(sample.Troubled), "hostile": hostile,
		"empty": func(dir string) error { return sample.WriteEvents(dir, nil) },
	} {
		v, err := jsonschema.UnmarshalJSON(bytes.NewReader(render(t, load(t, write))))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(v); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestGolden(t *testing.T) {
	if err := os.MkdirAll("testdata", 0o755); err != nil {
		t.Fatal(err)
	}
	golden(t, filepath.Join("testdata", "small.json"), render(t, load(t, kind(sample.Small))))
}

func hostile(dir string) error {
	p := sample.Payloads()
	return sample.Hostile(dir, sample.Good, func(n int) string { return p[n%len(p)] })
}

// What strangers wrote comes back unchanged, and nothing in the text acts on
// a terminal or ends a script element.
func TestHostileStringsStayText(t *testing.T) {
	r := load(t, hostile)
	text := render(t, r)
	for _, c := range string(text) {
		if unicode.IsControl(c) && c != '\n' || unicode.Is(unicode.Cf, c) || c == '<' {
			t.Fatalf("the document holds %U", c)
		}
	}
	var d report.Document
	if err := json.Unmarshal(text, &d, json.RejectUnknownMembers(true)); err != nil {
		t.Fatal(err)
	}
	if len(d.Scenarios) != len(r.Scenarios) || d.Started.Target != r.Started.Target {
		t.Fatal("the document lost something")
	}
	if !strings.Contains(string(text), `\u202e`) {
		t.Error("direction overrides are not escaped")
	}
}
