package event

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
	"time"
)

// Volatile lists the fields that may differ between two runs of one seed, by
// the kind of line they stand in. It is the one place that says so: Normalise
// empties exactly these, and a test holds the table against what Normalise
// does. Besides these, lines and steps of one race lose their actor, and stand
// sorted by what is left, since who wins a race is chance.
var volatile = map[string][]string{
	"event":        {"seq", "time"},
	"run_started":  {"started", "cpus", "command_line", "parallel", "config"},
	"probe":        {"duration_ms", "message"},
	"problem":      {"message", "detail"},
	"run_finished": {"duration_ms"},
	"verdict":      {"start_ms", "duration_ms", "evidence.sha256", "replay", "steps.at_ms", "steps.detail"},
	"operation":    {"id", "process", "message", "response", "election", "ballot.index"},
	"finding":      {"message", "evidence.entry", "evidence.left", "evidence.right", "evidence.file"},
}

// volatileParams are the names of parameters whose values are volatile
// wherever they stand.
var volatileParams = []string{"port", "url", "address", "index", "time", "at", "duration", "pid"}

// Normalise returns the canonical lines of a stream with everything removed
// that may differ between two runs of one seed, in an order that does not
// depend on chance: for each scenario, by actor, and within an actor in the
// order of its steps. Two runs are equal if and only if the results are.
func Normalise(events []Event) ([][]byte, error) {
	type keyed struct {
		key  string
		line []byte
	}
	lines := make([]keyed, 0, len(events))
	for _, e := range events {
		e = normal(e)
		line, err := Encode(e)
		if err != nil {
			return nil, err
		}
		lines = append(lines, keyed{sortKey(&e, line), line})
	}
	slices.SortStableFunc(lines, func(a, b keyed) int { return cmp.Compare(a.key, b.key) })
	out := make([][]byte, len(lines))
	for i, l := range lines {
		out[i] = l.line
	}
	return out, nil
}

// Diff returns the lines that only a and only b hold, after normalisation.
func Diff(a, b []Event) (onlyA, onlyB [][]byte, err error) {
	la, err := Normalise(a)
	if err != nil {
		return nil, nil, err
	}
	lb, err := Normalise(b)
	if err != nil {
		return nil, nil, err
	}
	count := make(map[string]int, len(la))
	for _, l := range la {
		count[string(l)]++
	}
	for _, l := range lb {
		if count[string(l)] > 0 {
			count[string(l)]--
			continue
		}
		onlyB = append(onlyB, l)
	}
	for _, l := range la {
		if count[string(l)] > 0 {
			count[string(l)]--
			onlyA = append(onlyA, l)
		}
	}
	if onlyA == nil && onlyB == nil {
		// The same lines, but perhaps one actor did them in another order.
		for i := range la {
			if !bytes.Equal(la[i], lb[i]) {
				return [][]byte{la[i]}, [][]byte{lb[i]}, nil
			}
		}
	}
	return onlyA, onlyB, nil
}

// sortKey orders lines by kind, scenario and actor. Lines of one actor share
// a key, so a stable sort keeps their order; lines of a race are ordered by
// their content.
func sortKey(e *Event, line []byte) string {
	const sep = "\x00"
	switch {
	case e.RunStarted != nil:
		return "0"
	case e.Scenario != nil:
		return "1" + sep + e.Scenario.ID
	case e.ScenarioStarted != nil:
		s := e.ScenarioStarted
		return strings.Join([]string{"2", s.Scenario, s.SubCase, string(s.Run), strings.Join(s.Planted, "+")}, sep)
	case e.Verdict != nil:
		v := e.Verdict
		return strings.Join([]string{"3", v.Scenario, v.SubCase, string(v.Run), strings.Join(v.Planted, "+")}, sep)
	case e.MatrixCell != nil:
		c := e.MatrixCell
		return strings.Join([]string{"4", c.Scenario, c.SubCase, strings.Join(c.Planted, "+")}, sep)
	case e.Operation != nil && e.Operation.Race != "":
		return strings.Join([]string{"6", e.Operation.Race, string(line)}, sep)
	case e.Operation != nil:
		return strings.Join([]string{"5", e.Operation.Actor}, sep)
	}
	return "7" + sep + string(line)
}

// normal returns a copy of e without its volatile fields.
func normal(e Event) Event {
	e.Seq, e.Time = 0, time.Time{}
	switch {
	case e.RunStarted != nil:
		r := *e.RunStarted
		r.Started, r.CPUs, r.CommandLine, r.Parallel, r.Config = time.Time{}, 0, "", 0, nil
		e.RunStarted = &r
	case e.Probe != nil:
		p := *e.Probe
		p.DurationMS, p.Message = 0, ""
		p.Findings = normalFindings(p.Findings)
		e.Probe = &p
	case e.Problem != nil:
		p := *e.Problem
		p.Message, p.Detail = "", ""
		e.Problem = &p
	case e.RunFinished != nil:
		f := *e.RunFinished
		f.DurationMS = 0
		e.RunFinished = &f
	case e.Verdict != nil:
		e.Verdict = normalVerdict(*e.Verdict)
	case e.Operation != nil:
		e.Operation = normalOperation(*e.Operation)
	case e.Finding != nil:
		f := normalFindings([]Finding{*e.Finding})
		e.Finding = &f[0]
	}
	return e
}

func normalVerdict(v Verdict) *Verdict {
	v.StartMS, v.DurationMS, v.Replay = 0, 0, ""
	v.Damage, v.Alarms = normalFindings(v.Damage), normalFindings(v.Alarms)
	v.Evidence = slices.Clone(v.Evidence)
	for i := range v.Evidence {
		v.Evidence[i].SHA256 = ""
	}
	v.Steps = slices.Clone(v.Steps)
	for i := range v.Steps {
		s := &v.Steps[i]
		s.AtMS, s.Detail, s.Params = 0, "", normalParams(s.Params)
		if s.Race != "" {
			s.Actor = ""
		}
	}
	slices.SortStableFunc(v.Steps, func(a, b Step) int {
		if c := cmp.Or(cmp.Compare(a.Race, b.Race), cmp.Compare(a.Actor, b.Actor)); c != 0 || a.Race == "" {
			return c
		}
		return cmp.Or(cmp.Compare(a.Action, b.Action), cmp.Compare(a.Outcome, b.Outcome),
			slices.CompareFunc(a.Params, b.Params, compareParams))
	})
	return &v
}

func normalOperation(o Operation) *Operation {
	o.ID, o.Process, o.Message, o.Response, o.Election = "", "", "", "", ""
	o.Params = normalParams(o.Params)
	if o.Ballot != nil {
		b := *o.Ballot
		b.Index = nil
		o.Ballot = &b
	}
	if o.Race != "" {
		// The winner is chance, so nothing may tell the racers apart.
		o.Actor, o.Params, o.Ballot = "", nil, nil
	}
	return &o
}

// normalFindings also sorts: checks run side by side.
func normalFindings(fs []Finding) []Finding {
	fs = slices.Clone(fs)
	for i := range fs {
		f := &fs[i]
		f.Message = ""
		if f.Evidence == nil {
			continue
		}
		e := *f.Evidence
		e.Entry, e.Left, e.Right, e.File = nil, "", "", ""
		f.Evidence = &e
	}
	slices.SortStableFunc(fs, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Check, b.Check),
			cmp.Compare(a.Role, b.Role), cmp.Compare(a.Culprit, b.Culprit))
	})
	return fs
}

func normalParams(ps []Param) []Param {
	ps = slices.Clone(ps)
	for i := range ps {
		if slices.Contains(volatileParams, ps[i].Name) {
			ps[i].Value = ""
		}
	}
	return ps
}

func compareParams(a, b Param) int {
	return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Value, b.Value))
}
