// Package markdown renders a run as a comment on a pull request: the result in
// one line, what is not as expected with the command that repeats it, and a
// table of everything else, folded.
//
// Text from a target is escaped so that it can neither format, link, mention
// anybody nor leave its line; and the whole is cut below MaxSize, which is what
// the usual hosts take.
package markdown

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"

	"scrutineer/reports/event"
	"scrutineer/reports/internal/plain"
	"scrutineer/reports/run"
)

// MaxSize is the largest document that is written, in bytes. GitHub takes
// comments of 65,536 characters.
const MaxSize = 60 << 10

// maxText is the longest text of a target that is shown, in bytes.
const maxText = 400

// Write renders r to w.
func Write(w io.Writer, r *run.Run) error {
	p := &page{run: plain.Deep(r)}
	p.head()
	p.unexpected()
	p.problems()
	p.waived()
	p.table()
	p.foot()
	_, err := io.WriteString(w, p.b.String())
	return err
}

type page struct {
	run *run.Run
	b   strings.Builder
	cut bool
}

// add writes a block, or says once that there was no room for it. What is
// needed at the end is kept free.
func (p *page) add(block string) bool {
	const reserve = 2 << 10
	if p.cut || p.b.Len()+len(block) > MaxSize-reserve {
		if !p.cut {
			p.b.WriteString("\n*There is more than fits here; the HTML report has all of it.*\n")
		}
		p.cut = true
		return false
	}
	p.b.WriteString(block)
	return true
}

func (p *page) head() {
	title, mark := "the run did not end", "❌"
	if f := p.run.Finished; f != nil {
		title = fmt.Sprintf("%d of %d verdicts as expected", f.AsExpected, f.AsExpected+f.Unexpected)
		if f.Inapplicable > 0 {
			title += fmt.Sprintf(", %d not applicable", f.Inapplicable)
		}
		if f.OK {
			mark = "✅"
		}
	}
	p.add(fmt.Sprintf("## %s Scrutineer: %s\n\n", mark, title))
	if f := p.run.Finished; f != nil && f.Reason != "" {
		p.add(escape(f.Reason) + "\n\n")
	}
	var facts []string
	if s := p.run.Started; s != nil {
		facts = append(facts, "target "+code(strings.TrimSpace(s.Target+" "+s.TargetVersion)), "seed "+code(s.Seed))
		if e := s.Engagement; e != nil {
			facts = append(facts, fmt.Sprintf("allowed by %s until %s: %s", code(e.AllowedBy), e.Until.UTC().Format(time.RFC3339), code(e.Scope)))
		}
	}
	if f := p.run.Finished; f != nil {
		facts = append(facts, fmt.Sprintf("exit %d", f.ExitCode), "took "+(time.Duration(f.DurationMS)*time.Millisecond).Round(100*time.Millisecond).String())
	}
	for _, pr := range p.run.Probes {
		state := "fine"
		if !pr.OK {
			state = "**not fine**"
		}
		facts = append(facts, fmt.Sprintf("honest election %s: %s", pr.When, state))
	}
	p.add(strings.Join(facts, " · ") + "\n")
}

// each goes through all verdicts in the order of the report.
func (p *page) each(do func(event.ScenarioInfo, event.Verdict)) {
	for _, s := range p.run.Scenarios {
		for _, c := range s.SubCases {
			for _, e := range c.Elections {
				do(s.Info, e.Verdict)
			}
		}
	}
}

func (p *page) unexpected() {
	first := true
	p.each(func(s event.ScenarioInfo, v event.Verdict) {
		if !v.Surprising() {
			return
		}
		if first {
			p.add("\n### Not as expected\n\n")
			first = false
		}
		p.add(item(s, v))
	})
	if f := p.run.Finished; f != nil {
		for _, c := range f.Changes {
			p.add("- " + escape(c) + "\n")
		}
	}
}

// item is one verdict that is not as expected.
func item(s event.ScenarioInfo, v event.Verdict) string {
	var b strings.Builder
	fmt.Fprintf(&b, "- **%s** %s (%s): **%s**, expected %s", escape(join("/", v.Scenario, v.SubCase)), kind(v), escape(cmp.Or(s.Severity, "no severity")),
		v.Judgement, v.Expected)
	fmt.Fprintf(&b, "  \n  %s\n", escape(strings.TrimSpace(v.Summary+" "+v.Why)))
	for _, f := range append(append([]event.Finding{}, v.Damage...), v.Alarms...) {
		fmt.Fprintf(&b, "  - %s %s: %s\n", f.Kind, code(f.Check), escape(f.Message))
	}
	if v.Replay != "" {
		fmt.Fprintf(&b, "  - repeat it: %s\n", code(v.Replay))
	}
	return b.String()
}

func (p *page) problems() {
	if len(p.run.Problems)+len(p.run.Notes) == 0 {
		return
	}
	p.add("\n### Problems\n\n")
	for _, pr := range p.run.Problems {
		p.add(fmt.Sprintf("- %s %s: %s\n", pr.Origin, escape(join(" ", pr.Scenario, pr.SubCase, string(pr.Run))), escape(pr.Message)))
	}
	for _, n := range p.run.Notes {
		p.add("- " + escape(n) + "\n")
	}
}

func (p *page) waived() {
	first := true
	p.each(func(_ event.ScenarioInfo, v event.Verdict) {
		if v.Waiver == nil {
			return
		}
		if first {
			p.add("\n### Waived\n\n")
			first = false
		}
		p.add(fmt.Sprintf("- %s %s: %s, until %s: %s\n", escape(join("/", v.Scenario, v.SubCase)), kind(v), v.Judgement,
			escape(v.Waiver.Expires), escape(v.Waiver.Reason)))
	})
}

func (p *page) table() {
	if len(p.run.Scenarios) == 0 {
		return
	}
	var b strings.Builder
	b.WriteString("\n<details><summary>All verdicts</summary>\n\n| scenario | sub-case | sound system | planted | honest twin |\n|-|-|-|-|-|\n")
	for _, s := range p.run.Scenarios {
		for _, c := range s.SubCases {
			cells := map[event.RunKind][]string{}
			for _, e := range c.Elections {
				word := string(e.Verdict.Judgement)
				if e.Verdict.Surprising() {
					word = "**" + word + "**"
				}
				if list := cells[e.Verdict.Run]; len(list) == 0 || list[len(list)-1] != word {
					cells[e.Verdict.Run] = append(cells[e.Verdict.Run], word)
				}
			}
			fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", escape(join(" ", s.Info.ID, s.Info.Title)), escape(c.Info.ID),
				strings.Join(cells[event.Attack], ", "), strings.Join(cells[event.Planted], ", "), strings.Join(cells[event.Twin], ", "))
		}
	}
	b.WriteString("\n</details>\n")
	p.add(b.String())
}

func (p *page) foot() {
	if s := p.run.Started; s != nil {
		fmt.Fprintf(&p.b, "\n<sub>%s</sub>\n", escape(join(" ", "Scrutineer", s.Version, s.CommandLine)))
	}
}

func kind(v event.Verdict) string {
	if len(v.Planted) > 0 {
		return string(v.Run) + " with " + code(strings.Join(v.Planted, " + "))
	}
	return string(v.Run)
}

// code is a code span that nothing in s can end (CommonMark 0.31, 6.1).
func code(s string) string {
	s = clip(s)
	fence := "`"
	for strings.Contains(s, fence) {
		fence += "`"
	}
	pad := ""
	if strings.HasPrefix(s, "`") || strings.HasSuffix(s, "`") || s == "" {
		pad = " "
	}
	return fence + pad + strings.ReplaceAll(s, "|", "¦") + pad + fence
}

// escape makes s text: every character with a meaning in Markdown or HTML gets
// a backslash or becomes an entity, and mentions and addresses are broken by a
// mark that nobody sees, because hosts link them wherever they stand.
func escape(s string) string {
	const unseen = "\u200b"
	var b strings.Builder
	last := ' '
	for i, r := range strings.TrimSpace(clip(s)) {
		switch {
		case r == '<':
			b.WriteString("&lt;")
		case r == '>':
			b.WriteString("&gt;")
		case r == '&':
			b.WriteString("&amp;")
		case r == '@', r == '#':
			b.WriteString(`\` + string(r) + unseen)
		case r == '/' && last == ':', r == '.' && last == 'w':
			b.WriteString(unseen + string(r))
		case strings.ContainsRune("\\`*_[]!|~$", r), i == 0 && strings.ContainsRune("-+=", r), r == '.' && '0' <= last && last <= '9', r == ')' && '0' <= last && last <= '9':
			b.WriteString(`\` + string(r))
		default:
			b.WriteRune(r)
		}
		last = r
	}
	return b.String()
}

// clip shortens a text of a target.
func clip(s string) string { return event.Clip(s, maxText) }

func join(sep string, parts ...string) string {
	var out []string
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	return strings.Join(out, sep)
}
