package schema_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"scrutineer/reports/event"
	"scrutineer/reports/event/schema"
	"scrutineer/reports/internal/schemagen"
)

var update = flag.Bool("update", false, "write the schemas")

// common are the members that every line has.
var common = []string{"schema", "seq", "time"}

func generate(t *testing.T, title string, fields ...string) []byte {
	t.Helper()
	src, err := schemagen.Parse("..")
	if err != nil {
		t.Fatal(err)
	}
	s, err := src.Object("event.Event")
	if err != nil {
		t.Fatal(err)
	}
	all, kept := s["properties"].(schemagen.Schema), schemagen.Schema{}
	for _, name := range append(fields, common...) {
		if all[name] == nil {
			t.Fatalf("Event has no member %s", name)
		}
		kept[name] = all[name]
	}
	kept["schema"] = schemagen.Schema{"const": event.Schema}
	s["properties"], s["title"] = kept, title
	s["$id"] = "https://scrutineer.invalid/schema/" + title + "/1"
	s["minProperties"], s["maxProperties"] = len(common)+1, len(common)+1
	prune(s)
	out, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return append(out, '\n')
}

// prune removes the definitions that nothing refers to.
func prune(s schemagen.Schema) {
	defs := s["$defs"].(schemagen.Schema)
	used := map[string]bool{}
	var walk func(any)
	walk = func(n any) {
		m, ok := n.(schemagen.Schema)
		if !ok {
			return
		}
		for k, v := range m {
			if ref, ok := v.(string); ok && k == "$ref" {
				if name := ref[len("#/$defs/"):]; !used[name] {
					used[name] = true
					walk(defs[name])
				}
			}
			walk(v)
		}
	}
	walk(s["properties"])
	for name := range defs {
		if !used[name] {
			delete(defs, name)
		}
	}
}

func TestPublishedSchemasMatchTheCode(t *testing.T) {
	cases := []struct {
		file      string
		want      []byte
		published []byte
	}{
		{"events.schema.json", generate(t, "events.jsonl", "run_started", "scenario", "scenario_started",
			"verdict", "matrix_cell", "probe", "problem", "run_finished"), schema.Events()},
		{"history.schema.json", generate(t, "history.jsonl", "operation", "finding"), schema.History()},
	}
	for _, c := range cases {
		if *update {
			if err := os.WriteFile(c.file, c.want, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if !bytes.Equal(c.want, c.published) {
			t.Errorf("%s is stale: run the test with -update", c.file)
		}
	}
}

func compile(t *testing.T, text []byte) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("file:///schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("file:///schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func validate(t *testing.T, s *jsonschema.Schema, line []byte) error {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(line))
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(v)
}

func TestLinesSatisfyTheSchema(t *testing.T) {
	summary, history := compile(t, schema.Events()), compile(t, schema.History())
	index := int64(3)
	lines := []struct {
		stream event.Stream
		schema *jsonschema.Schema
		e      event.Event
	}{
		{event.Summary, summary, event.Event{RunStarted: &event.RunStarted{Config: []event.Setting{{Name: "seed", Value: "7"}}}}},
		{event.Summary, summary, event.Event{Probe: &event.Probe{When: event.Before, Tallies: []event.Tally{{Contest: "c"}}}}},
		{event.Summary, summary, event.Event{Verdict: &event.Verdict{Scenario: "A03", Run: event.Attack,
			Judgement: event.Prevented, Expected: event.Prevented,
			Damage: []event.Finding{{Kind: event.Damage, Evidence: &event.Evidence{Entry: &index}}},
			Steps:  []event.Step{{Outcome: event.Refused}}}}},
		{event.Summary, summary, event.Event{RunFinished: &event.RunFinished{}}},
		{event.History, history, event.Event{Operation: &event.Operation{Type: event.Invoke, Ballot: &event.Ballot{Index: &index}}}},
		{event.History, history, event.Event{Finding: &event.Finding{Kind: event.Alarm}}},
	}
	for _, l := range lines {
		var buf bytes.Buffer
		if err := event.NewWriter(&buf, l.stream, time.Now).Write(l.e); err != nil {
			t.Fatal(err)
		}
		if err := validate(t, l.schema, buf.Bytes()); err != nil {
			t.Errorf("%s: %v", buf.Bytes(), err)
		}
	}
}

func TestSchemaRejects(t *testing.T) {
	s := compile(t, schema.Events())
	for name, line := range map[string]string{
		"no field":      `{"schema":2,"seq":1,"time":"2026-03-02T09:00:00Z"}`,
		"two fields":    `{"schema":2,"seq":1,"time":"2026-03-02T09:00:00Z","problem":{"message":"","origin":"own"},"scenario_started":{"scenario":"A03","run":"attack"}}`,
		"unknown field": `{"schema":2,"seq":1,"time":"2026-03-02T09:00:00Z","x":{}}`,
		"wrong version": `{"schema":9,"seq":1,"time":"2026-03-02T09:00:00Z","problem":{"message":"","origin":"own"}}`,
		"wrong value":   `{"schema":2,"seq":1,"time":"2026-03-02T09:00:00Z","problem":{"message":"","origin":"them"}}`,
		"other stream":  `{"schema":2,"seq":1,"time":"2026-03-02T09:00:00Z","finding":{"kind":"alarm","check":"","message":""}}`,
	} {
		if validate(t, s, []byte(line)) == nil {
			t.Errorf("%s accepted", name)
		}
	}
}
