// Package junit renders a run as JUnit XML, for the test pages of CI systems:
// a suite for each scenario, a test for each election. An attack that went
// further than it should, or a false alarm, is a failure; what could not be
// judged is an error; what the target has no ability for is skipped, and so is
// a verdict that is put up with under a waiver.
//
// The format has no standard. What is written is what Jenkins, GitLab and the
// GitHub actions read in common: testsuites, testsuite, properties, testcase,
// failure, error, skipped, system-out.
package junit

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"

	"scrutineer/reports/event"
	"scrutineer/reports/internal/plain"
	"scrutineer/reports/run"
)

type suites struct {
	XMLName xml.Name `xml:"testsuites"`
	Name    string   `xml:"name,attr"`
	counts
	Time   string  `xml:"time,attr"`
	Suites []suite `xml:"testsuite"`
}

type counts struct {
	Tests    int `xml:"tests,attr"`
	Failures int `xml:"failures,attr"`
	Errors   int `xml:"errors,attr"`
	Skipped  int `xml:"skipped,attr"`
}

type suite struct {
	Name string `xml:"name,attr"`
	counts
	Time       string     `xml:"time,attr"`
	Timestamp  string     `xml:"timestamp,attr,omitempty"`
	Properties []property `xml:"properties>property,omitempty"`
	Cases      []testcase `xml:"testcase"`

	elapsed int64 // ms
}

type property struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type testcase struct {
	Class   string  `xml:"classname,attr"`
	Name    string  `xml:"name,attr"`
	Time    string  `xml:"time,attr"`
	Failure *result `xml:"failure"`
	Error   *result `xml:"error"`
	Skipped *result `xml:"skipped"`
	Out     string  `xml:"system-out,omitempty"`
}

type result struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",chardata"`
}

// Write renders r to w. Characters that XML cannot hold appear as a number.
func Write(w io.Writer, r *run.Run) error {
	r = plain.Deep(r)
	out := suites{Name: "scrutineer"}
	timestamp := ""
	if r.Started != nil {
		timestamp = r.Started.Started.UTC().Format("2006-01-02T15:04:05")
	}
	add := func(s suite) {
		s.Timestamp, s.Time = timestamp, seconds(s.elapsed)
		for _, c := range s.Cases {
			s.count(c)
		}
		out.add(s.counts)
		out.Suites = append(out.Suites, s)
	}
	add(general(r))
	for _, s := range r.Scenarios {
		add(newSuite(s))
	}
	if r.Finished != nil {
		out.Time = seconds(r.Finished.DurationMS)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(out); err != nil {
		return fmt.Errorf("writing JUnit XML: %w", err)
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func (c *counts) count(t testcase) {
	c.Tests++
	switch {
	case t.Failure != nil:
		c.Failures++
	case t.Error != nil:
		c.Errors++
	case t.Skipped != nil:
		c.Skipped++
	}
}

func (c *counts) add(o counts) {
	c.Tests += o.Tests
	c.Failures += o.Failures
	c.Errors += o.Errors
	c.Skipped += o.Skipped
}

// general is the suite of what belongs to no scenario: the honest elections,
// problems, and whether the run came to its end.
func general(r *run.Run) suite {
	s := suite{Name: "run"}
	if f := r.Started; f != nil {
		s.Properties = []property{{"seed", f.Seed}, {"target", f.Target}, {"version", f.Version}, {"command", f.CommandLine}}
	}
	for _, p := range r.Probes {
		c := testcase{Class: "run", Name: "honest election " + string(p.When) + " the attacks", Time: seconds(p.DurationMS)}
		if !p.OK {
			c.Failure = &result{Message: p.Message, Type: "probe", Text: findings(p.Findings)}
		}
		s.elapsed += p.DurationMS
		s.Cases = append(s.Cases, c)
	}
	for i, p := range r.Problems {
		name := strings.Join(strings.Fields(fmt.Sprintf("problem %d %s %s %s", i+1, p.Scenario, p.SubCase, p.Run)), " ")
		s.Cases = append(s.Cases, testcase{Class: "run", Name: name, Time: seconds(0),
			Error: &result{Message: p.Message, Type: string(p.Origin), Text: p.Detail}})
	}
	end := testcase{Class: "run", Name: "comes to its end", Time: seconds(0)}
	switch f := r.Finished; {
	case f == nil:
		end.Error = &result{Message: "the run did not end", Type: "interrupted"}
	case f.Interrupted:
		end.Error = &result{Message: f.Reason, Type: "interrupted"}
	case f.Missing > 0:
		end.Error = &result{Message: fmt.Sprintf("%d verdicts are missing", f.Missing), Type: "missing"}
	case len(f.Changes) > 0:
		end.Failure = &result{Message: f.Reason, Type: "expectations", Text: strings.Join(f.Changes, "\n")}
	}
	s.Cases = append(s.Cases, end)
	return s
}

func newSuite(s run.Scenario) suite {
	out := suite{Name: strings.TrimSpace(s.Info.ID + " " + s.Info.Title)}
	for _, p := range []property{{"severity", s.Info.Severity}, {"stage", s.Info.Stage}} {
		if p.Value != "" {
			out.Properties = append(out.Properties, p)
		}
	}
	for _, q := range s.Info.Requirements {
		out.Properties = append(out.Properties, property{"requirement", q.Standard + " " + q.Clause})
	}
	for _, c := range s.SubCases {
		for _, e := range c.Elections {
			if e.Verdict.SameAs == "" {
				out.elapsed += e.Verdict.DurationMS
			}
			out.Cases = append(out.Cases, newCase(e.Verdict))
		}
	}
	return out
}

func newCase(v event.Verdict) testcase {
	name := strings.TrimSpace(v.SubCase + " " + string(v.Run))
	if len(v.Planted) > 0 {
		name += " with " + strings.Join(v.Planted, " + ")
	}
	c := testcase{Class: v.Scenario, Name: name, Time: seconds(v.DurationMS), Out: v.Summary}
	said := &result{Message: fmt.Sprintf("%s, expected %s", v.Judgement, v.Expected), Type: string(v.Judgement), Text: detail(v)}
	switch {
	case v.Judgement == event.Inapplicable:
		said.Message = v.Why
		c.Skipped = said
	case v.AsExpected && v.Waiver != nil:
		said.Message = fmt.Sprintf("%s, waived until %s: %s", v.Judgement, v.Waiver.Expires, v.Waiver.Reason)
		c.Skipped = said
	case v.AsExpected:
	case v.Judgement == event.Inconclusive:
		c.Error = said
	default:
		c.Failure = said
	}
	return c
}

func detail(v event.Verdict) string {
	lines := []string{v.Summary}
	if v.Why != "" {
		lines = append(lines, "why: "+v.Why)
	}
	if text := findings(v.Damage) + findings(v.Alarms); text != "" {
		lines = append(lines, strings.TrimSuffix(text, "\n"))
	}
	if v.Dir != "" {
		lines = append(lines, "see "+v.Dir)
	}
	if v.Replay != "" {
		lines = append(lines, "replay: "+v.Replay)
	}
	return strings.Join(lines, "\n")
}

func findings(list []event.Finding) string {
	var b strings.Builder
	for _, f := range list {
		fmt.Fprintf(&b, "%s %s: %s\n", f.Kind, f.Check, f.Message)
	}
	return b.String()
}

func seconds(ms int64) string {
	return fmt.Sprintf("%.3f", (time.Duration(ms) * time.Millisecond).Seconds())
}
