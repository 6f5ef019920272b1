// Package json renders a run as one JSON document, for programs that want the
// whole run at once instead of the stream of events. The document's schema is
// published beside it and generated from the types below by this package's
// test (go test ./reports/json -update).
package json

import (
	_ "embed"
	"io"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"scrutineer/reports/event"
	"scrutineer/reports/internal/plain"
	"scrutineer/reports/run"
)

// SchemaVersion is the version of the document.
const SchemaVersion = 1

//go:embed report.schema.json
var schema []byte

// Schema returns the JSON schema (2020-12) of the document.
func Schema() []byte { return append([]byte(nil), schema...) }

// Document is a whole run.
type Document struct {
	Schema int `json:"schema"`
	// Run is the name of the run folder.
	Run string `json:"run"`
	// Started is left out where the stream lacks it, Finished where the run
	// was killed.
	Started   *event.RunStarted  `json:"started,omitzero"`
	Finished  *event.RunFinished `json:"finished,omitzero"`
	Scenarios []Scenario         `json:"scenarios"`
	Matrix    []event.MatrixCell `json:"matrix,omitempty"`
	Probes    []event.Probe      `json:"probes,omitempty"`
	Problems  []event.Problem    `json:"problems,omitempty"`
	// Notes say what is wrong with the run folder itself.
	Notes []string `json:"notes,omitempty"`
}

// Scenario is a scenario with its sub-cases.
type Scenario struct {
	Info  event.ScenarioInfo `json:"info"`
	Cases []Case             `json:"sub_cases"`
}

// Case is one sub-case with the verdicts on its elections.
type Case struct {
	ID        string     `json:"id"`
	Elections []Election `json:"elections"`
}

// Election is one election: its verdict and the sum of its history.
type Election struct {
	Verdict event.Verdict `json:"verdict"`
	History *History      `json:"history,omitzero"`
}

// History sums up history.jsonl of an election.
type History struct {
	// Path is relative to the run folder, with slashes.
	Path       string    `json:"path"`
	Operations int       `json:"operations"`
	Findings   int       `json:"findings"`
	DurationMS int64     `json:"duration_ms"`
	Counts     []OpCount `json:"counts,omitempty"`
}

// OpCount counts operations of one role and kind by outcome.
type OpCount struct {
	Role    string `json:"role,omitempty"`
	Op      string `json:"op"`
	OK      int    `json:"ok"`
	Refused int    `json:"refused"`
	Unknown int    `json:"unknown"`
	// Adversary is true where at least one was the adversary's.
	Adversary bool `json:"adversary,omitzero"`
}

// Write writes the document of r to w, indented, with a final newline.
// Characters that a terminal would act on are escaped.
func Write(w io.Writer, r *run.Run) error {
	b, err := json.Marshal(document(r), json.Deterministic(true),
		jsontext.WithIndent("  "), jsontext.AllowInvalidUTF8(true), jsontext.EscapeForHTML(true))
	if err != nil {
		return err
	}
	_, err = w.Write(append(plain.JSON(b), '\n'))
	return err
}

func document(r *run.Run) Document {
	d := Document{
		Schema: SchemaVersion, Run: r.Name, Started: r.Started, Finished: r.Finished, Matrix: r.Matrix,
		Probes: r.Probes, Problems: r.Problems, Notes: r.Notes, Scenarios: make([]Scenario, 0, len(r.Scenarios)),
	}
	for _, s := range r.Scenarios {
		out := Scenario{Info: s.Info, Cases: make([]Case, 0, len(s.SubCases))}
		for _, c := range s.SubCases {
			sub := Case{ID: c.Info.ID, Elections: make([]Election, 0, len(c.Elections))}
			for _, e := range c.Elections {
				sub.Elections = append(sub.Elections, Election{Verdict: e.Verdict, History: history(e.History)})
			}
			out.Cases = append(out.Cases, sub)
		}
		d.Scenarios = append(d.Scenarios, out)
	}
	return d
}

func history(h *run.History) *History {
	if h == nil {
		return nil
	}
	out := &History{Path: h.Path, Operations: h.Operations, Findings: h.Findings, DurationMS: h.Duration.Milliseconds()}
	for _, c := range h.Ops {
		out.Counts = append(out.Counts, OpCount(c))
	}
	return out
}
