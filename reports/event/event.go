// Package event holds the line types of a run: events.jsonl is the summary
// stream of a whole run, history.jsonl the operations of one election, and
// both are streams of [Event], one canonical JSON object a line.
//
// An Event has a schema version, a sequence number, a time and exactly one
// other field. Formats (text, JSON, HTML and whatever comes later) are
// handlers of this stream and read nothing else, so a report can be made
// again from a finished run's files alone.
//
// The runner writes with [Writer], the loader of reports reads with [Reader],
// and [Normalise] removes what may differ between two runs of one seed.
// The package judges nothing: it carries what oracles and verifiers found.
package event

import (
	"errors"
	"fmt"
	"time"
)

// Schema is the version of the line format that this package writes. Version 2
// added the measured figures of games of chance to verdicts.
const Schema = 2

// oldest is the oldest version that this package reads.
const oldest = 1

// A Stream says which file lines belong to, because each file admits only
// some of the fields of [Event].
type Stream int

// The two streams of a run. The zero Stream is invalid.
const (
	_ Stream = iota
	// Summary is events.jsonl, one for each run.
	Summary
	// History is history.jsonl, one for each election.
	History
)

// String returns the usual file name of the stream.
func (s Stream) String() string {
	switch s {
	case Summary:
		return "events.jsonl"
	case History:
		return "history.jsonl"
	}
	return fmt.Sprintf("stream(%d)", int(s))
}

// Event is one line of a stream. Besides Schema, Seq and Time exactly one
// field is set.
type Event struct {
	// Schema is the version of the format; see the constant of that name.
	Schema int `json:"schema"`
	// Seq numbers the lines of one file from 1 without gaps.
	Seq int64 `json:"seq"`
	// Time is when the event happened, in UTC.
	Time time.Time `json:"time"`

	// RunStarted is the first line of events.jsonl.
	RunStarted *RunStarted `json:"run_started,omitzero"`
	// Requirements are the clauses that the run is measured against.
	Requirements *Requirements `json:"requirements,omitzero"`
	// Scenario describes a scenario of the run; it precedes its verdicts.
	Scenario *ScenarioInfo `json:"scenario,omitzero"`
	// ScenarioStarted says that one election of a scenario began.
	ScenarioStarted *ScenarioStarted `json:"scenario_started,omitzero"`
	// Verdict is the judgement on one election of a scenario.
	Verdict *Verdict `json:"verdict,omitzero"`
	// MatrixCell is one cell of the kill matrix.
	MatrixCell *MatrixCell `json:"matrix_cell,omitzero"`
	// Probe is an honest election before or after the attacks.
	Probe *Probe `json:"probe,omitzero"`
	// Problem is an error of the tool, the target or the environment.
	Problem *Problem `json:"problem,omitzero"`
	// RunFinished is the last line of events.jsonl, also of an interrupted run.
	RunFinished *RunFinished `json:"run_finished,omitzero"`

	// Operation is a line of history.jsonl: something invoked or completed.
	Operation *Operation `json:"operation,omitzero"`
	// Finding is a line of history.jsonl: something a check saw as it went.
	Finding *Finding `json:"finding,omitzero"`
}

// Errors that callers tell apart with errors.Is.
var (
	// ErrFields means that not exactly one field of an event is set.
	ErrFields = errors.New("not exactly one field set")
	// ErrStream means that the field does not belong into this file.
	ErrStream = errors.New("field does not belong into this file")
	// ErrValue means that a field holds a value outside its list.
	ErrValue = errors.New("value not allowed")
	// ErrVersion means that the line has another schema version.
	ErrVersion = errors.New("unsupported schema version")
)

// field is a field of Event besides the common ones: its JSON name, whether
// it is set, the stream that admits it and its own check.
type field struct {
	name   string
	set    bool
	stream Stream
	check  func() error
}

func (e *Event) fields() []field {
	return []field{
		{"run_started", e.RunStarted != nil, Summary, nil},
		{"requirements", e.Requirements != nil, Summary, nil},
		{"scenario", e.Scenario != nil, Summary, e.Scenario.check},
		{"scenario_started", e.ScenarioStarted != nil, Summary, e.ScenarioStarted.check},
		{"verdict", e.Verdict != nil, Summary, e.Verdict.check},
		{"matrix_cell", e.MatrixCell != nil, Summary, e.MatrixCell.check},
		{"probe", e.Probe != nil, Summary, e.Probe.check},
		{"problem", e.Problem != nil, Summary, e.Problem.check},
		{"run_finished", e.RunFinished != nil, Summary, nil},
		{"operation", e.Operation != nil, History, e.Operation.check},
		{"finding", e.Finding != nil, History, e.Finding.check},
	}
}

// Kind returns the JSON name of the one field that is set, or "" where not
// exactly one is.
func (e *Event) Kind() string {
	kind := ""
	for _, f := range e.fields() {
		if f.set && kind != "" {
			return ""
		}
		if f.set {
			kind = f.name
		}
	}
	return kind
}

// Validate reports whether e may stand in a file of stream s.
func (e *Event) Validate(s Stream) error {
	if e.Schema < oldest || e.Schema > Schema {
		return fmt.Errorf("%w %d, this build reads %d to %d", ErrVersion, e.Schema, oldest, Schema)
	}
	kind := e.Kind()
	if kind == "" {
		return ErrFields
	}
	for _, f := range e.fields() {
		if !f.set {
			continue
		}
		if f.stream != s {
			return fmt.Errorf("%w: %s in %s", ErrStream, kind, s)
		}
		if f.check == nil {
			return nil
		}
		if err := f.check(); err != nil {
			return fmt.Errorf("%s: %w", kind, err)
		}
	}
	return nil
}

// oneOf returns an error that names the field where v is not in allowed.
func oneOf[T ~string](name string, v T, allowed []T) error {
	for _, a := range allowed {
		if v == a {
			return nil
		}
	}
	return fmt.Errorf("%w: %s %q", ErrValue, name, string(v))
}
