// Package sarif renders a run as SARIF 2.1.0 (OASIS, 27 March 2020), for code
// scanning pages: a rule for each scenario, a result for each attack on the
// sound system and for each honest twin, and notifications for what kept the
// tool from judging. The attacks with a weakness planted test the harness and
// not the system; they are results only where they came out wrong.
//
// A result has a fingerprint made of scenario, sub-case and run, so that a
// finding keeps its history from run to run. Its place is the history of its
// election below the run's folder (base RUN); a voting system has no line of
// source that could be named.
package sarif

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"scrutineer/reports/event"
	"scrutineer/reports/internal/plain"
	"scrutineer/reports/run"
)

// Schema is where the schema of the format lies.
const Schema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

const base = "RUN"

// Write renders r to w.
func Write(w io.Writer, r *run.Run) error {
	r = plain.Deep(r)
	doc := document{Schema: Schema, Version: "2.1.0", Runs: []sarifRun{newRun(r)}}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(doc)
}

func newRun(r *run.Run) sarifRun {
	out := sarifRun{
		Tool:        tool{driver{Name: "Scrutineer", Rules: []rule{}}},
		Invocations: []invocation{newInvocation(r)},
		Results:     []result{},
		BaseIDs:     map[string]artifactLocation{base: {Description: &message{"the folder of the run"}}},
		Columns:     "unicodeCodePoints",
	}
	if s := r.Started; s != nil {
		out.Tool.Driver.Version = s.Version
		out.Properties = map[string]string{"seed": s.Seed, "target": strings.TrimSpace(s.Target + " " + s.TargetVersion)}
	}
	for i, s := range r.Scenarios {
		out.Tool.Driver.Rules = append(out.Tool.Driver.Rules, newRule(s.Info))
		for _, c := range s.SubCases {
			for _, e := range c.Elections {
				if v := e.Verdict; v.Run != event.Planted || !v.AsExpected {
					out.Results = append(out.Results, newResult(i, s.Info, v))
				}
			}
		}
	}
	return out
}

func newRule(s event.ScenarioInfo) rule {
	out := rule{
		ID: s.ID, Name: name(cmp.Or(s.Slug, s.ID)),
		Short: message{cmp.Or(s.Title, s.ID)}, Full: message{cmp.Or(text(s.Mechanism), s.Title, s.ID)},
		Help:    message{cmp.Or(text(s.Defence), "No defence is described.")},
		Default: configuration{level(s.Severity)},
		Properties: ruleProperties{
			Severity: score(s.Severity), Precision: "very-high",
			Tags: []string{"security", "e-voting"},
		},
	}
	for _, tag := range []string{s.Stage, s.Vector} {
		if tag != "" {
			out.Properties.Tags = append(out.Properties.Tags, tag)
		}
	}
	for _, q := range s.Requirements {
		out.Properties.Tags = append(out.Properties.Tags, q.Standard+" "+q.Clause)
	}
	for _, f := range s.References {
		if u, err := url.Parse(f.URL); err == nil && u.Scheme == "https" && u.Host != "" {
			out.HelpURI = u.String()
			break
		}
	}
	return out
}

func newResult(i int, s event.ScenarioInfo, v event.Verdict) result {
	kind, lvl := grade(s, v)
	out := result{
		RuleID: v.Scenario, RuleIndex: i, Kind: kind, Level: lvl,
		Message: message{sentence(v)},
		Locations: []location{{Physical: &physical{artifactLocation{
			URI: uri(v.Dir), Base: base}}}},
		Fingerprints: map[string]string{"scrutineer/v1": strings.Join(append([]string{v.Scenario, v.SubCase, string(v.Run)}, v.Planted...), "/")},
		Properties: resultProperties{SubCase: v.SubCase, Run: string(v.Run), Planted: v.Planted,
			Judgement: string(v.Judgement), Expected: string(v.Expected), Checks: v.Checks, Replay: v.Replay},
	}
	if v.Waiver != nil {
		out.Suppressions = []suppression{{Kind: "external", Status: "accepted",
			Justification: fmt.Sprintf("%s (until %s)", v.Waiver.Reason, v.Waiver.Expires)}}
	}
	return out
}

// grade is the result's kind and, of a failure, its level (SARIF 3.27.9,
// 3.27.10).
func grade(s event.ScenarioInfo, v event.Verdict) (kind, lvl string) {
	switch {
	case v.Judgement == event.Inapplicable:
		return "notApplicable", "none"
	case v.Judgement == event.Inconclusive:
		return "open", "none"
	case v.Waiver != nil, !v.AsExpected:
		return "fail", level(s.Severity)
	}
	return "pass", "none"
}

func sentence(v event.Verdict) string {
	what := map[event.RunKind]string{event.Attack: "Attack", event.Planted: "Attack with its weakness planted", event.Twin: "Honest twin"}[v.Run]
	out := fmt.Sprintf("%s %s/%s: %s, expected %s. %s", what, v.Scenario, v.SubCase, v.Judgement, v.Expected, v.Summary)
	if v.Why != "" {
		out += " " + strings.TrimSuffix(v.Why, ".") + "."
	}
	for _, f := range append(append([]event.Finding{}, v.Damage...), v.Alarms...) {
		out += fmt.Sprintf("\n%s %s: %s", f.Kind, f.Check, f.Message)
	}
	return strings.TrimSpace(out)
}

func newInvocation(r *run.Run) invocation {
	out := invocation{Notifications: []notification{}}
	if s := r.Started; s != nil {
		out.Command, out.Start = s.CommandLine, s.Started.UTC().Format(time.RFC3339)
	}
	if f := r.Finished; f != nil {
		out.Successful = f.ExitCode <= 2
		out.ExitCode, out.ExitDescription = &f.ExitCode, f.Reason
		if r.Started != nil {
			out.End = r.Started.Started.Add(time.Duration(f.DurationMS) * time.Millisecond).UTC().Format(time.RFC3339)
		}
	}
	say := func(level, text string) {
		out.Notifications = append(out.Notifications, notification{level, message{text}})
	}
	for _, p := range r.Problems {
		say("error", strings.Join(strings.Fields(fmt.Sprintf("%s problem %s %s %s: %s", p.Origin, p.Scenario, p.SubCase, p.Run, p.Message)), " "))
	}
	for _, p := range r.Probes {
		if !p.OK {
			say("error", fmt.Sprintf("the honest election %s the attacks is not fine: %s", p.When, cmp.Or(p.Message, "see its findings")))
		}
	}
	if r.Finished == nil {
		say("error", "the run did not end")
	}
	for _, n := range r.Notes {
		say("warning", n)
	}
	return out
}

func level(severity string) string {
	switch severity {
	case "critical", "high":
		return "error"
	case "medium":
		return "warning"
	}
	return "note"
}

// score is the severity as the number that code scanning pages sort by.
func score(severity string) string {
	return map[string]string{"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "3.0", "info": "0.1"}[severity]
}

// name is a slug in the Pascal case that a rule's name should have.
func name(slug string) string {
	var b strings.Builder
	for _, part := range strings.FieldsFunc(slug, func(r rune) bool { return r == '-' || r == '_' || r == ' ' }) {
		first, size := utf8.DecodeRuneInString(part)
		b.WriteString(string(unicode.ToUpper(first)) + part[size:])
	}
	return b.String()
}

// text joins the lines of a paragraph.
func text(s string) string { return strings.Join(strings.Fields(s), " ") }

// uri is a path below the run's folder as a relative reference.
func uri(dir string) string {
	if dir == "" {
		return run.EventsFile
	}
	return (&url.URL{Path: dir + "/" + run.HistoryFile}).String()
}
