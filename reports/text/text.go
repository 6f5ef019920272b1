// Package text renders a run as a summary for a terminal: one line for each
// sub-case, then everything that is not as expected, with the command that
// repeats it. There is no colour unless it is asked for, and every line means
// the same without it.
package text

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"

	"scrutineer/reports/event"
	"scrutineer/reports/internal/plain"
	"scrutineer/reports/run"
)

// Options are the reader's wishes. The zero value is a good default.
type Options struct {
	// Colour adds ANSI colours.
	Colour bool
	// Width is the number of columns; 0 means 100, less than 80 means 80.
	Width int
}

// Column widths of the table.
const (
	verdictWidth = 14
	twinWidth    = 26
	indent       = 4
)

// Write renders r to w.
func Write(w io.Writer, r *run.Run, o Options) error {
	width := max(80, cmp.Or(o.Width, 100))
	p := &printer{w: bufio.NewWriter(w), run: plain.Deep(r), width: width, colour: o.Colour}
	p.head()
	p.probe(event.Before)
	p.table()
	p.probe(event.After)
	p.games()
	p.matrix()
	p.totals()
	p.unexpected()
	p.problems()
	p.result()
	return p.w.Flush()
}

// printer writes to a bufio.Writer, which keeps the first error for Flush.
type printer struct {
	w      *bufio.Writer
	run    *run.Run
	width  int
	colour bool
}

func (p *printer) line(format string, args ...any) {
	s := fmt.Sprintf(format, args...)
	_, _ = p.w.WriteString(strings.TrimRight(s, " ") + "\n")
}

func (p *printer) head() {
	s := p.run.Started
	if s == nil {
		p.line("run %s: its start is not on record", p.run.Name)
		return
	}
	p.line("Scrutineer %s%s against %s", s.Version, brackets(short(s.Commit)), join(" ", s.Target, s.TargetVersion))
	took := ""
	if f := p.run.Finished; f != nil {
		took = ", took " + seconds(f.DurationMS)
	}
	p.line("seed %s, %s%s, %d elections in flight", s.Seed, s.Started.UTC().Format(time.RFC3339), took, s.Parallel)
	if e := s.Engagement; e != nil {
		p.line("allowed by %s until %s: %s", e.AllowedBy, e.Until.UTC().Format(time.RFC3339), e.Scope)
	}
}

func (p *printer) probe(when event.When) {
	for _, pr := range p.run.Probes {
		if pr.When != when {
			continue
		}
		p.line("")
		p.line("%s honest election %s the attacks: %d ballots, %d of %d checks passed", p.mark(pr.OK),
			pr.When, pr.Ballots, pr.ChecksPassed, pr.Checks)
		if pr.Result != "" {
			p.line("  %s", pr.Result)
		}
		if pr.Message != "" {
			p.line("  %s", pr.Message)
		}
		p.findings("finding", pr.Findings)
	}
}

func (p *printer) table() {
	if len(p.run.Scenarios) == 0 {
		return
	}
	left := p.width - 2*verdictWidth - twinWidth
	p.line("")
	p.line("%s", pad("  SCENARIO", left)+pad("SOUND SYSTEM", verdictWidth)+pad("PLANTED", verdictWidth)+"HONEST TWIN")
	for _, s := range p.run.Scenarios {
		p.line("%s", pad("  "+join("  ", s.Info.ID, s.Info.Title), p.width))
		for _, c := range s.SubCases {
			p.subCase(c, left)
		}
	}
}

func (p *printer) subCase(c run.SubCase, left int) {
	ok := true
	cells := map[event.RunKind][]string{}
	for _, e := range c.Elections {
		v := e.Verdict
		word := string(v.Judgement)
		if v.Surprising() {
			ok = false
			word += "!"
		}
		cells[v.Run] = append(cells[v.Run], word)
	}
	mark := p.mark(ok)
	if len(c.Elections) == 0 {
		mark = "-"
	}
	name := cmp.Or(c.Info.ID, "(one case)")
	p.line("%s%s%s%s%s", mark, pad(strings.Repeat(" ", indent)+name, left-1),
		p.cell(cells[event.Attack], verdictWidth), p.cell(cells[event.Planted], verdictWidth), p.cell(cells[event.Twin], twinWidth))
}

// cell joins judgements; equal ones are counted. Colour goes outside of the
// padding, so that columns stay.
func (p *printer) cell(words []string, width int) string {
	text := "not run"
	if len(words) > 0 {
		text = ""
		for i := 0; i < len(words); {
			j := i
			for j < len(words) && words[j] == words[i] {
				j++
			}
			text = join(", ", text, words[i]+times(j-i))
			i = j
		}
	}
	padded := pad(text, width)
	if strings.Contains(text, "!") {
		return p.paint(red, padded)
	}
	return padded
}

func times(n int) string {
	if n < 2 {
		return ""
	}
	return fmt.Sprintf(" ×%d", n)
}

func (p *printer) totals() {
	if p.run.Finished == nil || len(p.run.Finished.Totals) == 0 {
		return
	}
	p.line("")
	names := map[event.RunKind]string{
		event.Attack: "attacks on the sound system", event.Planted: "attacks with weaknesses planted", event.Twin: "honest twins"}
	for _, kind := range []event.RunKind{event.Attack, event.Planted, event.Twin} {
		parts := ""
		for _, t := range p.run.Finished.Totals {
			if t.Run == kind {
				parts = join(", ", parts, fmt.Sprintf("%d %s", t.Count, t.Judgement))
			}
		}
		if parts != "" {
			p.line("  %s%s", pad(names[kind], 34), parts)
		}
	}
}

func (p *printer) unexpected() {
	first := true
	for _, s := range p.run.Scenarios {
		for _, c := range s.SubCases {
			for _, e := range c.Elections {
				if !e.Verdict.Surprising() {
					continue
				}
				if first {
					p.line("")
					p.line("NOT AS EXPECTED")
					first = false
				}
				p.detail(e.Verdict)
			}
		}
	}
}

func (p *printer) detail(v event.Verdict) {
	p.line("%s %s: %s, expected %s", p.mark(false), join(" ", v.Scenario, v.SubCase, string(v.Run), strings.Join(v.Planted, " + ")),
		v.Judgement, v.Expected)
	p.wrap(v.Summary)
	if v.Why != "" {
		p.wrap("why: " + v.Why)
	}
	p.findings("damage", v.Damage)
	p.findings("alarm", v.Alarms)
	if v.Dir != "" {
		p.line("    see    %s", v.Dir)
	}
	if v.Replay != "" {
		p.line("    replay %s", v.Replay)
	}
}

func (p *printer) findings(word string, fs []event.Finding) {
	for _, f := range fs {
		who := ""
		if f.Culprit != "" {
			who = ", blames " + f.Culprit
		}
		p.wrap(fmt.Sprintf("%s %s: %s%s", word, f.Check, f.Message, who))
	}
}

func (p *printer) problems() {
	for _, pr := range p.run.Problems {
		p.line("")
		p.line("%s problem (%s) %s: %s", p.mark(false), pr.Origin, join(" ", pr.Scenario, pr.SubCase, string(pr.Run)), pr.Message)
	}
	if len(p.run.Notes) == 0 {
		return
	}
	p.line("")
	for _, n := range p.run.Notes {
		p.line("note: %s", n)
	}
}

func (p *printer) result() {
	p.line("")
	f := p.run.Finished
	if f == nil {
		p.line("%s the run did not end; this is what it learnt", p.mark(false))
		return
	}
	text := fmt.Sprintf("%d of %d verdicts as expected", f.AsExpected, f.AsExpected+f.Unexpected)
	if f.Inapplicable > 0 {
		text += fmt.Sprintf(", %d not applicable", f.Inapplicable)
	}
	if f.Missing > 0 {
		text += fmt.Sprintf(", %d more without a verdict", f.Missing)
	}
	if f.Interrupted {
		text += ", interrupted"
	}
	p.line("%s %s, exit %d%s", p.mark(f.OK), text, f.ExitCode, colon(f.Reason))
}
