// Package diff tells what changed between two runs: verdicts that are other
// ones, elections that one of them lacks, and honest elections that went
// wrong. It compares what the runs concluded; package run compares what
// happened in them.
package diff

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"scrutineer/reports/event"
	"scrutineer/reports/internal/plain"
	"scrutineer/reports/run"
)

// Change is a difference between two runs, told from the first to the second.
type Change struct {
	Scenario string        `json:"scenario"`
	SubCase  string        `json:"sub_case,omitempty"`
	Run      event.RunKind `json:"run,omitempty"`
	Planted  []string      `json:"planted,omitempty"`
	// Was and Now are judgements, of a probe "fine" or "not fine"; empty where
	// there is none.
	Was string `json:"was,omitempty"`
	Now string `json:"now,omitempty"`
	// Worse says that what was as expected no longer is, Better the opposite.
	Worse  bool `json:"worse,omitzero"`
	Better bool `json:"better,omitzero"`
}

// String is the change in one line.
func (c Change) String() string {
	name := c.Scenario
	if c.SubCase != "" {
		name += "/" + c.SubCase
	}
	if c.Run != "" {
		name += " " + string(c.Run)
	}
	if len(c.Planted) > 0 {
		name += " with " + strings.Join(c.Planted, " + ")
	}
	word := "changed"
	switch {
	case c.Worse:
		word = "worse"
	case c.Better:
		word = "better"
	}
	return fmt.Sprintf("%-7s  %s: %s → %s", word, name, cmp.Or(c.Was, "did not run"), cmp.Or(c.Now, "did not run"))
}

type outcome struct {
	judgement string
	expected  bool
}

// Verdicts returns what is different in b, sorted by scenario, sub-case and
// run. The twins of a sub-case are told apart by what was planted.
func Verdicts(a, b *run.Run) []Change {
	was, now := outcomes(a), outcomes(b)
	var out []Change
	for key, o := range was {
		if n := now[key]; n != o {
			out = append(out, newChange(key, o, n))
		}
	}
	for key, n := range now {
		if _, ok := was[key]; !ok {
			out = append(out, newChange(key, outcome{}, n))
		}
	}
	slices.SortFunc(out, func(x, y Change) int {
		return cmp.Or(cmp.Compare(x.Scenario, y.Scenario), cmp.Compare(x.SubCase, y.SubCase),
			cmp.Compare(x.Run, y.Run), slices.Compare(x.Planted, y.Planted))
	})
	return out
}

type key struct{ scenario, subCase, run, planted string }

const separator = "\x00"

func outcomes(r *run.Run) map[key]outcome {
	out := map[key]outcome{}
	for _, s := range r.Scenarios {
		for _, c := range s.SubCases {
			for _, e := range c.Elections {
				v := e.Verdict
				out[key{v.Scenario, v.SubCase, string(v.Run), strings.Join(v.Planted, separator)}] = outcome{string(v.Judgement), v.AsExpected}
			}
		}
	}
	for _, p := range r.Probes {
		o := outcome{"fine", true}
		if !p.OK {
			o = outcome{"not fine", false}
		}
		out[key{scenario: "honest election " + string(p.When)}] = o
	}
	return out
}

func newChange(k key, was, now outcome) Change {
	c := Change{Scenario: k.scenario, SubCase: k.subCase, Run: event.RunKind(k.run), Was: was.judgement, Now: now.judgement}
	if k.planted != "" {
		c.Planted = strings.Split(k.planted, separator)
	}
	c.Worse = !now.expected && (was.expected || was.judgement == "")
	c.Better = now.expected && !was.expected && was.judgement != ""
	return c
}

// Write tells the changes, one a line; text of a target cannot act on a
// terminal.
func Write(w io.Writer, changes []Change) error {
	for _, c := range plain.Deep(changes) {
		if _, err := fmt.Fprintln(w, c); err != nil {
			return err
		}
	}
	return nil
}
