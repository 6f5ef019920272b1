package event

import (
	"bytes"
	"cmp"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
)

// volatilePaths is the one place that says which fields may differ between
// two runs of one seed. Normalise drops exactly these; a path goes through
// lists. Two things come on top: steps and operations of one race lose their
// actor and what only the winner has (racePaths), and the values of the
// parameters named in volatileParams are dropped.
func volatilePaths() []string {
	return []string{
		// Every line.
		"seq", "time",
		// The machine and the moment.
		"run_started.started", "run_started.cpus", "run_started.parallel", "run_started.command_line",
		"run_started.go_version", "run_started.os", "run_started.arch", "run_started.config",
		// Durations, and free text that quotes times, ports or indices.
		"probe.start_ms", "probe.duration_ms", "probe.message",
		"problem.message", "problem.detail",
		"run_finished.duration_ms", "run_finished.reason",
		"matrix_cell.note",
		"verdict.start_ms", "verdict.duration_ms", "verdict.replay", "verdict.why",
		"verdict.steps.at_ms", "verdict.steps.detail", "verdict.loads", "verdict.evidence.sha256", "verdict.proofs.what",
		"operation.id", "operation.process", "operation.election", "operation.message", "operation.response",
		// Board indices and what depends on them or on signed times.
		"operation.ballot.index",
		"verdict.damage.message", "verdict.damage.evidence.entry", "verdict.damage.evidence.left",
		"verdict.damage.evidence.right", "verdict.damage.evidence.file",
		"verdict.alarms.message", "verdict.alarms.evidence.entry", "verdict.alarms.evidence.left",
		"verdict.alarms.evidence.right", "verdict.alarms.evidence.file",
		"probe.findings.message", "probe.findings.evidence.entry", "probe.findings.evidence.left",
		"probe.findings.evidence.right", "probe.findings.evidence.file",
		"finding.message", "finding.evidence.entry", "finding.evidence.left",
		"finding.evidence.right", "finding.evidence.file",
	}
}

// racePaths are dropped besides from steps and operations of a race.
func racePaths() []string { return []string{"actor", "params", "ballot"} }

// volatileParams are the names of parameters whose values are volatile
// wherever they stand.
func volatileParams() []string {
	return []string{"address", "arrivals", "at", "attack", "capacity", "duration", "held", "index", "missed", "p50", "p99", "pid", "port", "refused", "sent", "served", "time", "url"}
}

// Normalise returns the canonical lines of a stream with everything removed
// that may differ between two runs of one seed (times, ports, race winners,
// board indices), in an order that does not depend on chance: by scenario and
// actor, and within an actor in the order of its steps. Two runs are equal if
// and only if their normalised streams are.
func Normalise(events []Event) ([][]byte, error) {
	type keyed struct {
		key  string
		line []byte
	}
	lines := make([]keyed, 0, len(events))
	for _, e := range events {
		e, err := normal(e)
		if err != nil {
			return nil, err
		}
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

// Diff returns the normalised lines that only a and only b hold. Both are
// empty if and only if the runs are equal; where the lines are the same but
// somebody did them in another order, the first such pair is returned.
func Diff(a, b []Event) (onlyA, onlyB [][]byte, err error) {
	la, err := Normalise(a)
	if err != nil {
		return nil, nil, err
	}
	lb, err := Normalise(b)
	if err != nil {
		return nil, nil, err
	}
	onlyA, onlyB = missing(la, lb), missing(lb, la)
	if len(onlyA)+len(onlyB) > 0 {
		return onlyA, onlyB, nil
	}
	for i := range la {
		if !bytes.Equal(la[i], lb[i]) {
			return la[i : i+1], lb[i : i+1], nil
		}
	}
	return nil, nil, nil
}

// missing returns the lines of a that b lacks, counting repetitions.
func missing(a, b [][]byte) [][]byte {
	count := make(map[string]int, len(b))
	for _, l := range b {
		count[string(l)]++
	}
	var only [][]byte
	for _, l := range a {
		if count[string(l)]--; count[string(l)] < 0 {
			only = append(only, l)
		}
	}
	return only
}

// sortKey orders lines by kind, scenario and actor. Lines of one actor share
// a key, so a stable sort keeps their order; lines of a race and lines without
// an actor are ordered by their content.
func sortKey(e *Event, line []byte) string {
	key := func(parts ...string) string { return strings.Join(parts, "\x00") }
	set := func(planted []string) string { return strings.Join(planted, "+") }
	switch {
	case e.RunStarted != nil:
		return key("0")
	case e.Scenario != nil:
		return key("1", e.Scenario.ID)
	case e.ScenarioStarted != nil:
		s := e.ScenarioStarted
		return key("2", s.Scenario, s.SubCase, string(s.Run), set(s.Planted))
	case e.Verdict != nil:
		v := e.Verdict
		return key("3", v.Scenario, v.SubCase, string(v.Run), set(v.Planted))
	case e.MatrixCell != nil:
		c := e.MatrixCell
		return key("4", c.Scenario, c.SubCase, set(c.Planted))
	case e.Operation != nil && e.Operation.Race != "":
		return key("6", e.Operation.Race, string(line))
	case e.Operation != nil:
		return key("5", e.Operation.Actor)
	}
	return key("7", string(line))
}

// normal returns e without its volatile fields, its lists in fixed order.
func normal(e Event) (Event, error) {
	line, err := Encode(e)
	if err != nil {
		return Event{}, err
	}
	var tree map[string]any
	if err := json.Unmarshal(line, &tree); err != nil {
		return Event{}, err
	}
	for _, path := range volatilePaths() {
		drop(tree, strings.Split(path, "."))
	}
	dropRaces(tree)
	if line, err = json.Marshal(tree); err != nil {
		return Event{}, err
	}
	var out Event
	if err := json.Unmarshal(line, &out); err != nil {
		return Event{}, err
	}
	sortLists(&out)
	return out, nil
}

// drop deletes the member that path leads to, in every element of the lists
// on the way.
func drop(node any, path []string) {
	switch n := node.(type) {
	case []any:
		for _, e := range n {
			drop(e, path)
		}
	case map[string]any:
		if len(path) == 1 {
			delete(n, path[0])
			return
		}
		drop(n[path[0]], path[1:])
	}
}

// dropRaces deletes what tells racers apart, and volatile parameters.
func dropRaces(node any) {
	switch n := node.(type) {
	case []any:
		for _, e := range n {
			dropRaces(e)
		}
	case map[string]any:
		if race, ok := n["race"].(string); ok && race != "" {
			for _, name := range racePaths() {
				delete(n, name)
			}
		}
		if name, ok := n["name"].(string); ok && slices.Contains(volatileParams(), name) {
			delete(n, "value")
		}
		for _, child := range n {
			dropRaces(child)
		}
	}
}

// sortLists puts the lists whose order is chance into a fixed one: checks run
// side by side, and so do actors.
func sortLists(e *Event) {
	if p := e.Probe; p != nil {
		slices.SortStableFunc(p.Findings, compareFindings)
	}
	if v := e.Verdict; v != nil {
		slices.SortStableFunc(v.Damage, compareFindings)
		slices.SortStableFunc(v.Alarms, compareFindings)
		slices.SortStableFunc(v.Steps, compareSteps)
	}
}

func compareFindings(a, b Finding) int {
	return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Check, b.Check),
		cmp.Compare(a.Role, b.Role), cmp.Compare(a.Culprit, b.Culprit))
}

// compareSteps orders by actor only, except within a race, where nothing but
// the content is left.
func compareSteps(a, b Step) int {
	order := cmp.Or(cmp.Compare(a.Race, b.Race), cmp.Compare(a.Actor, b.Actor))
	if order != 0 || a.Race == "" {
		return order
	}
	return cmp.Or(cmp.Compare(a.Action, b.Action), cmp.Compare(a.Outcome, b.Outcome))
}
